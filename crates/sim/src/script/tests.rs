//! Scripts that are read, and scripts that are not.

use std::error::Error as _;
use std::time::Duration;

use super::{directory_faults, tenant_faults};
use crate::directory::{self, Effect, Operation};
use crate::tenant;

#[test]
fn tenant_faults_are_read_in_order_with_every_key() {
    let faults = tenant_faults(
        r#"
        [[fault]]
        path = "/v1.0"
        status = 500

        [[fault]]
        method = "get"
        path = "/v1.0/users"
        status = 429
        headers = { Retry-After = "1" }
        body = "slow down"
        after = 3
        times = 2
        cut = true
        "#,
    );
    let first = tenant::Fault { method: None, ..tenant::Fault::new("", "/v1.0", 500) };
    let second = tenant::Fault::new("GET", "/v1.0/users", 429)
        .header("Retry-After", "1")
        .body("slow down")
        .after(3)
        .times(2)
        .cut();
    assert_eq!(faults.unwrap(), [first, second]);
    assert_eq!(tenant_faults("# nothing\n").unwrap(), []);
}

#[test]
fn directory_faults_are_read_with_every_key_and_effect() {
    let script = r#"
        [[fault]]
        operation = "modify-dn"
        dn_contains = "ou=b2bguest"
        times = 4
        effect = "drop-after"

        [[fault]]
        effect = { answer = { code = 51, message = "busy" } }

        [[fault]]
        effect = { delay_ms = 1500 }

        [[fault]]
        effect.raw = "30 84fF"
    "#;
    let any = |effect| directory::Fault {
        operation: None,
        ..directory::Fault::once(Operation::Bind, effect)
    };
    let expected = [
        directory::Fault {
            operation: Some(Operation::ModifyDn),
            dn_contains: Some("ou=b2bguest".to_owned()),
            times: 4,
            effect: Effect::DropAfter,
        },
        any(Effect::Answer { code: 51, message: "busy".to_owned() }),
        any(Effect::Delay(Duration::from_millis(1500))),
        any(Effect::Raw(vec![0x30, 0x84, 0xff])),
    ];
    assert_eq!(directory_faults(script).unwrap(), expected);
}

#[test]
fn every_word_for_an_effect_and_an_operation_is_known() {
    for (word, effect) in [
        ("drop-before", Effect::DropBefore),
        ("close-all", Effect::CloseAll),
        ("notice", Effect::Notice),
        ("extended-answer", Effect::ExtendedAnswer),
        ("reject-cookie", Effect::RejectCookie),
        ("new-invocation", Effect::NewInvocation),
    ] {
        let faults = directory_faults(&format!("[[fault]]\neffect = {word:?}\n")).unwrap();
        assert_eq!(faults[0].effect, effect);
    }
    for (word, operation) in [
        ("bind", Operation::Bind),
        ("search", Operation::Search),
        ("dirsync", Operation::DirSync),
        ("add", Operation::Add),
        ("modify", Operation::Modify),
        ("delete", Operation::Delete),
        ("compare", Operation::Compare),
        ("extended", Operation::Extended),
    ] {
        let script = format!("[[fault]]\noperation = {word:?}\neffect = \"drop-before\"\n");
        assert_eq!(directory_faults(&script).unwrap()[0].operation, Some(operation));
    }
}

#[test]
fn errors_of_tenant_scripts_name_entry_and_key() {
    let check = |script: &str, expected: &str| {
        assert_eq!(tenant_faults(script).unwrap_err().to_string(), expected);
    };
    let good = "[[fault]]\npath = \"/\"\nstatus = 500\n";
    check("[fault]\npath = \"/\"\n", "a script has only [[fault]] entries, not \"fault\"");
    check("speed = 1\n", "a script has only [[fault]] entries, not \"speed\"");
    check("[[fault]]\nstatus = 500\n", "fault 1 has no path");
    check(&format!("{good}[[fault]]\npath = \"/\"\n"), "fault 2 has no status");
    check(
        &format!("{good}retry = 1\n"),
        "fault 1 has a key \"retry\"; there are method, path, status, headers, body, after, times, \
         cut",
    );
    check(
        "[[fault]]\npath = \"/\"\nstatus = 700\n",
        "fault 1: status must be a whole number from 200 to 599",
    );
    check(
        &format!("{good}method = \"GTE\"\n"),
        "fault 1: method must be one of GET, POST, PATCH, PUT, DELETE",
    );
    check(&format!("{good}body = 1\n"), "fault 1: body must be a text");
    check(&format!("{good}cut = 1\n"), "fault 1: cut must be true or false");
    check(&format!("{good}headers = {{ A = 1 }}\n"), "fault 1: headers must be a table of texts");
    check(
        &format!("{good}headers = {{ \"no name\" = \"1\" }}\n"),
        "fault 1: headers must be names and values that HTTP allows",
    );
    check(
        &format!("{good}times = 0\n"),
        "fault 1: times must be a whole number from 1 to 4294967295",
    );
    check(
        "[[fault]]\npath = \"users\"\nstatus = 500\n",
        "fault 1: path must be the beginning of a path, such as \"/v1.0/users\"",
    );
}

#[test]
fn errors_of_directory_scripts_name_entry_and_key() {
    let check = |effect: &str, expected: &str| {
        let script = format!("[[fault]]\n{effect}\n");
        assert_eq!(directory_faults(&script).unwrap_err().to_string(), expected);
    };
    let effects = "fault 1: effect must be one of drop-before, drop-after, close-all, notice, \
                   extended-answer, reject-cookie, new-invocation, or a table with one of answer, \
                   delay_ms, raw";
    check("times = 1", "fault 1 has no effect");
    check("effect = \"explode\"", effects);
    check("effect = 3", effects);
    check("effect = {}", effects);
    check("effect = { delay_ms = 1, raw = \"30\" }", effects);
    check(
        "effect = { delay_ms = 1, message = \"x\" }",
        "fault 1 has a key \"effect.message\"; there are delay_ms",
    );
    check(
        "effect = { answer = 51 }",
        "fault 1: effect.answer must be a table with code and message",
    );
    check("effect = { answer = { message = \"x\" } }", "fault 1 has no effect.answer.code");
    check(
        "effect = { answer = { code = 4000000 } }",
        "fault 1: effect.answer.code must be an LDAP result code",
    );
    check("effect = { raw = \"303\" }", "fault 1: effect.raw must be octets in hexadecimal");
    check("effect = { raw = \"3g\" }", "fault 1: effect.raw must be octets in hexadecimal");
    check(
        "operation = \"rename\"\neffect = \"notice\"",
        "fault 1: operation must be one of bind, search, dirsync, add, modify, modify-dn, delete, \
         compare, extended",
    );
    check(
        "dn = \"x\"\neffect = \"notice\"",
        "fault 1 has a key \"dn\"; there are operation, dn_contains, times, effect",
    );
}

#[test]
fn what_is_not_toml_is_refused_with_its_line() {
    let error = directory_faults("[[fault]]\neffect = \n").unwrap_err();
    assert_eq!(error.to_string(), "the script is not a TOML document");
    assert!(error.source().unwrap().to_string().contains("line 2"));
}
