//! The error matrix: one row per case, in both dialects.

use ldap3_proto::proto::LdapResult;

use super::bench::{Bench, GUESTS, unknown};
use crate::directory::options::Dialect::{self, Samba, Windows};

/// A code and the beginning of the message.
type Expected = (i64, &'static str);

fn check(result: &LdapResult, expected: Expected, case: &str) {
    let (code, start) = expected;
    assert_eq!(result.code.clone() as i64, code, "{case}: {}", result.message);
    assert!(result.message.starts_with(start), "{case}: {}", result.message);
}

/// Adds `CN=<cn>` to the guests' unit with each dialect's expected outcome.
fn check_add(cn: &str, text: &str, windows: Expected, samba: Expected) {
    for (dialect, expected) in [(Windows, windows), (Samba, samba)] {
        let mut bench = Bench::new(dialect);
        bench.guest("taken");
        let result = bench.add(&format!("CN={cn},{GUESTS}"), text);
        check(&result, expected, &format!("{dialect:?}: {cn}: {text}"));
    }
}

const OK: Expected = (0, "");

#[test]
fn names_of_new_accounts_follow_the_rules() {
    let user = "objectClass: user; sAMAccountName: ";
    check_add("taken", user, (68, "00002071: UpdErr"), (68, "Entry CN=taken,"));
    let taken = format!("{user}TAKEN");
    check_add("a", &taken, (68, "00000524: UpdErr"), (68, "00002071: samldb"));
    let upn = format!("{user}a; userPrincipalName: Taken@contoso.com");
    check_add("a", &upn, (19, "000021C8: AtrErr"), (19, "0000202F: samldb"));
    let long = format!("{user}a23456789012345678901");
    check_add("a", &long, (80, "00000523: SysErr"), OK);
    for name in ["a/b", "a@b+c", "a.", "a\tb"] {
        let text = format!("{user}{name}");
        check_add("a", &text, (80, "00000523: SysErr"), (19, "0000202F: samldb"));
    }
    check_add("a", &format!("{user}a@b"), OK, OK);
    check_add(&"x".repeat(65), "objectClass: user", (19, "00002082: AtrErr"), OK);
    check_add("a\\0Ab", "objectClass: user", (34, "0000208F: NameErr"), (34, "00002032"));
    check_add("", "objectClass: user", (34, "0000208F: NameErr"), (34, "00002032"));
    check_add("a\\, b\\+c", "objectClass: user", OK, OK);
}

#[test]
fn passwords_follow_the_policy() {
    let user = "objectClass: user; sAMAccountName: adele; ";
    let refused = (53, "0000052D: SvcErr");
    let add = |text: &str, windows, samba| check_add("a", &format!("{user}{text}"), windows, samba);
    add("userAccountControl: 512", refused, OK);
    add("userAccountControl: 262656", refused, OK);
    add("userAccountControl: 546", OK, OK);
    let weak = (19, "0000052D: Constraint violation");
    add("userAccountControl: 512; password: Ab1-", refused, weak);
    add("userAccountControl: 512; password: lowercaseonly1", refused, weak);
    add("userAccountControl: 512; password: My-adele-99", refused, OK);
    add("userAccountControl: 262656; password: Long-Enough-7", OK, OK);
    let plain = "userAccountControl: 512; unicodePwd: Long-Enough-7";
    add(plain, (53, "0000001F: SvcErr"), (53, "00002035"));
    for flags in ["0", "4096", "268435968"] {
        let text = format!("userAccountControl: {flags}; password: Long-Enough-7");
        add(&text, (53, "00000057: SvcErr"), OK);
    }
}

#[test]
fn new_objects_fit_the_schema_and_the_tree() {
    check_add("a", "objectClass: unheardOf", (65, "0000207D"), (16, "0000200A"));
    check_add("a", "displayName: A", (65, "0000207D"), (65, "00002014"));
    check_add("a", "objectClass: user; groupType: 2", (65, "0000207D"), (65, "00002014"));
    check_add("a", "objectClass: user; noSuch: x", (16, "00000057: LdapErr"), (16, "0000200A"));
    check_add("a", "objectClass: user; memberOf: CN=x", (53, "0000209A"), (53, "00002035"));
    check_add("a", "objectClass: user; uSNChanged: 1", (19, "00002085"), (19, "0000202F"));
    check_add("a", "objectClass: organizationalUnit", (64, "00002033"), (64, "00002099"));
    check_add("a,OU=Gone", "objectClass: user", (32, "0000208D: NameErr"), (32, "00002030"));
    check_add("a,CN=taken", "objectClass: user", (64, "00002099"), (64, "00002099"));
    check_add("a+CN=b", "objectClass: user", (34, "0000208F"), (34, "00002032"));
}

/// Changes the guest `taken`.
fn check_modify(text: &str, windows: Expected, samba: Expected) {
    for (dialect, expected) in [(Windows, windows), (Samba, samba)] {
        let mut bench = Bench::new(dialect);
        bench.guest("other");
        let dn = bench.guest("taken");
        bench.modify(&dn, "replace title: Guest");
        check(&bench.modify(&dn, text), expected, &format!("{dialect:?}: {text}"));
    }
}

#[test]
fn changes_follow_the_rules() {
    check_modify("replace title: Visitor", OK, OK);
    check_modify("add title: Visitor", (20, "00002083: AtrErr"), (20, "0000200D"));
    check_modify("delete title: Visitor", (16, "00002085: AtrErr"), (16, "attribute 'title'"));
    check_modify("delete department", (16, "00002085: AtrErr"), (16, "attribute 'dep"));
    check_modify("replace title:", (21, "00000057: LdapErr"), (21, "Element title"));
    let long = format!("replace title: {}", "x".repeat(129));
    check_modify(&long, (19, "00002082: AtrErr"), (21, "0000200B"));
    check_modify("replace accountExpires: soon", (21, "0000200B"), (21, "0000200B"));
    check_modify("replace cn: other", (67, "00002016: UpdErr"), (67, "Modify of RDN"));
    check_modify("replace memberOf: CN=x", (53, "0000209A"), (53, "00002035"));
    check_modify("replace objectGUID: x", (19, "00002085"), (19, "0000202F"));
    let missing = "replace manager: CN=gone,DC=contoso,DC=com";
    check_modify(missing, (19, "000020B5"), (19, "000020B5"));
    check_modify("replace manager: garbage", (21, "00000057"), (34, "could not parse"));
    check_modify("replace sAMAccountName: other", (68, "00000524"), (68, "00002071"));
    check_modify("delete sAMAccountName", (65, "0000207C"), (65, "00002014"));
    check_modify(
        "replace userPrincipalName: other@contoso.com",
        (19, "000021C8"),
        (19, "0000202F"),
    );
    check_modify("replace password: short", (53, "0000052D"), (19, "0000052D"));
    let wrong_old = "delete password: Wrong-0ne-9; add password: Right-0ne-9";
    check_modify(wrong_old, (19, "00000056: AtrErr"), (19, "00000056"));
    let right_old = "delete password: Zx-9-unrelated; add password: Right-0ne-9";
    check_modify(right_old, OK, OK);
    // Samba takes the new value whatever the old one was.
    let swap = "delete userAccountControl: 1; add userAccountControl: 262658";
    check_modify(swap, (16, "00002085"), OK);
}

#[test]
fn a_refused_request_changes_nothing() {
    let mut bench = Bench::new(Windows);
    let dn = bench.guest("ada");
    let usn = bench.core.state.highest_usn();
    let result = bench.modify(&dn, "replace title: Visitor; replace department: x; add noSuch: y");
    check(&result, (16, ""), "unknown attribute");
    assert_eq!(bench.core.state.highest_usn(), usn);
    assert_eq!(bench.value(&dn, "title"), None);
}

#[test]
fn moves_and_deletes_follow_the_rules() {
    let cases: [(&str, Option<&str>, Expected, Expected); 5] = [
        ("CN=other", None, (68, "00002071: UpdErr"), (68, "Entry CN=other,")),
        ("CN=taken", Some("OU=Gone,DC=contoso,DC=com"), (32, "0000208D"), (80, "00002095")),
        ("OU=taken", None, (64, "00002033"), (64, "00002099")),
        ("CN=Taken", None, OK, OK),
        ("CN=moved", Some("OU=Services,DC=contoso,DC=com"), OK, OK),
    ];
    for (rdn, superior, windows, samba) in cases {
        for (dialect, expected) in [(Windows, windows), (Samba, samba)] {
            let mut bench = Bench::new(dialect);
            bench.guest("other");
            let dn = bench.guest("taken");
            check(&bench.rename(&dn, rdn, superior), expected, rdn);
        }
    }
    let mut bench = Bench::new(Windows);
    bench.guest("child");
    check(&bench.rename(GUESTS, "OU=B2BGuest", Some(GUESTS)), (53, "00002089"), "below itself");
    check(&bench.delete(GUESTS), (66, "00002015: UpdErr"), "children");
    check(&bench.delete("CN=Administrator,CN=Users,DC=contoso,DC=com"), (53, "0000055B"), "admin");
    check(&bench.delete(&format!("CN=gone,{GUESTS}")), (32, "0000208D"), "missing");
    check(&bench.delete_tree(GUESTS), OK, "tree");
    check(&bench.delete(GUESTS), (32, "0000208D"), "gone");
}

fn members(dialect: Dialect) -> (Bench, String, String) {
    let mut bench = Bench::new(dialect);
    let member = bench.guest("ada");
    let group = format!("CN=Guests,{GUESTS}");
    let text = format!("objectClass: group; sAMAccountName: guests; member: {member}");
    check(&bench.add(&group, &text), OK, "group");
    (bench, group, member)
}

#[test]
fn members_come_and_go() {
    for dialect in [Windows, Samba] {
        let (mut bench, group, member) = members(dialect);
        assert_eq!(bench.value(&member, "memberOf"), Some(group.clone()));
        let again = bench.modify(&group, &format!("add member: {member}"));
        check(&again, (68, if dialect == Windows { "00000562" } else { "Attribute" }), "again");
        let permissive = unknown("1.2.840.113556.1.4.1413");
        let lenient = bench.modify_with(&group, &format!("add member: {member}"), &[permissive]);
        assert_eq!(lenient.code as i64, if dialect == Windows { 0 } else { 68 });
        let gone = bench.modify(&group, &format!("add member: CN=gone,{GUESTS}"));
        check(&gone, (32, "00000525"), "no such member");
        check(&bench.modify(&group, &format!("delete member: {member}")), OK, "remove");
        let absent = bench.modify(&group, &format!("delete member: {member}"));
        check(&absent, (53, if dialect == Windows { "00000561" } else { "Attribute" }), "absent");
        assert_eq!(bench.value(&member, "memberOf"), None);
    }
}

#[test]
fn a_deleted_member_leaves_its_groups() {
    let (mut bench, group, member) = members(Windows);
    check(&bench.delete(&member), OK, "delete");
    assert_eq!(bench.value(&group, "member"), None);
}

#[test]
fn binds_say_why_they_fail() {
    let mut bench = Bench::new(Windows);
    let dn = format!("CN=ada,{GUESTS}");
    let text = "objectClass: user; sAMAccountName: ada; userPrincipalName: ada@treyresearch.net; \
                userAccountControl: 512; password: Long-Enough-7";
    check(&bench.add(&dn, text), OK, "add");
    for name in [dn.as_str(), "CONTOSO\\ada", "ada@treyresearch.net", "ada@contoso.com"] {
        check(&bench.bind(name, "Long-Enough-7"), OK, name);
    }
    let data = |code: &str| format!("AcceptSecurityContext error, data {code}, v1db1");
    let refused = |bench: &mut Bench, name: &str, password: &str, code: &str| {
        let result = bench.bind(name, password);
        check(&result, (49, "80090308: LdapErr: DSID-0C0903A9, comment: "), name);
        assert!(result.message.contains(&data(code)), "{}", result.message);
    };
    refused(&mut bench, &dn, "wrong", "52e");
    refused(&mut bench, &dn, "", "52e");
    refused(&mut bench, "CN=nobody,DC=contoso,DC=com", "Long-Enough-7", "52e");
    for (change, code) in [
        ("replace userAccountControl: 514", "533"),
        ("replace userAccountControl: 512; replace accountExpires: 132000000000000000", "701"),
        ("replace accountExpires: 0; replace pwdLastSet: 0", "773"),
        ("replace pwdLastSet: -1; replace userAccountControl: 262656", "52e"),
    ] {
        let service = bench.core.names.service_account_dn.clone();
        check(&bench.bind(&service, super::bench::SERVICE_PASSWORD), OK, "service");
        check(&bench.modify(&dn, change), OK, change);
        refused(&mut bench, &dn, "Long-Enough-7", code);
    }
}

#[test]
fn only_privileged_accounts_write() {
    let mut bench = Bench::new(Windows);
    let dn = bench.guest("ada");
    check(&bench.bind("CONTOSO\\reader", "Reader-5ervice!"), OK, "reader");
    let refused = (50, "00002098: SecErr");
    check(&bench.modify(&dn, "replace title: x"), refused, "modify");
    check(&bench.delete(&dn), refused, "delete");
    check(&bench.rename(&dn, "CN=eve", None), refused, "rename");
    check(&bench.add(&format!("CN=eve,{GUESTS}"), "objectClass: user"), refused, "add");
    check(&bench.bind("", ""), OK, "anonymous");
    check(&bench.modify(&dn, "replace title: x"), (1, "000004DC: LdapErr"), "anonymous");
}

#[test]
fn critical_controls_that_are_not_understood_refuse_every_operation() {
    let mut bench = Bench::new(Windows);
    let dn = bench.guest("ada");
    let control = [unknown("1.3.6.1.1.12")];
    check(&bench.modify_with(&dn, "replace title: x", &control), (12, "00002040"), "modify");
    let (entries, last) = bench.search(GUESTS, "(cn=ada)", &[], &control);
    check(super::bench::done(&last), (12, "00002040"), "search");
    assert!(entries.is_empty());
}

#[test]
fn new_accounts_get_their_defaults() {
    let mut bench = Bench::new(Windows);
    let dn = format!("CN=ada,{GUESTS}");
    check(&bench.add(&dn, "objectClass: user"), OK, "add");
    for (name, value) in [
        ("userAccountControl", "546"),
        ("sAMAccountType", "805306368"),
        ("primaryGroupID", "513"),
        ("pwdLastSet", "0"),
        ("accountExpires", "9223372036854775807"),
        ("whenCreated", "20261124120000.0Z"),
        ("name", "ada"),
        ("cn", "ada"),
        ("objectCategory", "CN=Person,CN=Schema,CN=Configuration,DC=contoso,DC=com"),
    ] {
        assert_eq!(bench.value(&dn, name).as_deref(), Some(value), "{name}");
    }
    let generated = bench.value(&dn, "sAMAccountName").unwrap();
    assert_eq!((generated.len(), generated.starts_with("$")), (20, true));
    assert!(bench.value(&dn, "unicodePwd").is_none());
}

#[test]
fn a_guest_can_be_made_in_two_steps() {
    let mut bench = Bench::new(Windows);
    let dn = format!("CN=ada,{GUESTS}");
    let step = "objectClass: user; sAMAccountName: ada; userAccountControl: 546";
    check(&bench.add(&dn, step), OK, "without a password");
    let enable = "replace userAccountControl: 262656";
    check(&bench.modify(&dn, enable), (53, "0000052D"), "still no password");
    check(&bench.modify(&dn, "replace password: Zx-9-unrelated"), OK, "password");
    check(&bench.modify(&dn, enable), OK, "enabled");
    // A smart card takes the place of the password, also after it is no longer required.
    check(&bench.modify(&dn, "replace userAccountControl: 512"), OK, "no smart card");
    assert!(bench.bind(&dn, "Zx-9-unrelated").message.contains("data 52e"));
}

#[test]
fn the_password_policy_can_be_read() {
    let mut bench = Bench::new(Windows);
    bench.core.set_min_password_length(12);
    assert_eq!(bench.value(super::bench::DOMAIN, "minPwdLength").as_deref(), Some("12"));
    let dn = bench.guest("ada");
    check(&bench.modify(&dn, "replace password: Eleven-11.."), (53, "0000052D"), "11 characters");
}
