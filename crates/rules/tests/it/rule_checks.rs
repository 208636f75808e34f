//! Rules that name what there is and still do not do what was meant.

use insta::assert_snapshot;

use crate::fixture::{codes, findings};

const MAIL_OUT: &str = "[[flow]]\nto = \"mail\"\nfrom = \"mail\"\n";

/// The flow to `mail` of the outbound rule replaced by `flows`.
fn outbound(flows: &str) -> String {
    findings(&[("rules/out.toml", MAIL_OUT, flows)])
}

fn outbound_codes(flows: &str) -> Vec<&'static str> {
    codes(&[("rules/out.toml", MAIL_OUT, flows)])
}

fn flow(to: &str, from: &str) -> String {
    format!("[[flow]]\nto = \"{to}\"\nfrom = '{from}'\n")
}

fn initial(to: &str, from: &str) -> String {
    format!("{}initial = true\n", flow(to, from))
}

#[test]
fn rules_name_connectors_and_types_there_are() {
    assert_snapshot!(findings(&[
        ("rules/in.toml", "connector = \"graph\"", "connector = \"garph\""),
        ("rules/out.toml", "object = \"user\"", "object = \"contact\""),
        ("rules/out.toml", "metaverse = \"person\"", "metaverse = \"persons\""),
    ]));
}

#[test]
fn attributes_are_those_of_the_schema_everywhere_in_a_rule() {
    assert_snapshot!(findings(&[
        ("rules/in.toml", "to = \"mail\"", "to = \"mial\""),
        ("rules/in.toml", "from = \"mail\"", "from = 'IIF(IsPresent(emial),upn,\"x\")'"),
        ("rules/in.toml", "metaverse = \"uid\"", "metaverse = \"uuid\""),
        ("rules/in.toml", "object = \"id\" }", "object = \"key\" }"),
        (
            "rules/out.toml",
            "precedence = 1",
            "precedence = 1\nscope = [{ attribute = \"kind\", operator = \"present\" }]"
        ),
        ("rules/out.toml", "to = \"mail\"", "to = \"title\""),
    ]));
}

#[test]
fn expression_errors_point_into_the_text_as_written() {
    assert_snapshot!(outbound(
        "[[flow]]\nto = \"mail\"\nfrom = \"\\\"CN=\\\"+Lef(mail,1)+acountName\"\n\
         [[flow]]\nto = \"displayName\"\nfrom = '''\nIIF(IsPresent(mail),\n  mail displayName)'''\n\
         [[flow]]\nto = \"sAMAccountName\"\nfrom = '$prefix+Left'\n"
    ));
}

#[test]
fn what_the_system_maintains_is_not_written() {
    assert_snapshot!(outbound(&flow("objectSid", "objectSid")));
    let object_id = ("rules/in.toml", "to = \"mail\"", "to = \"object-id\"");
    assert_eq!(codes(&[object_id]), ["CFG-0503"]);
}

#[test]
fn two_flows_to_one_attribute_are_one_too_many() {
    assert_snapshot!(outbound(&format!("{MAIL_OUT}{}", flow("mail", "LowerCase(mail)"))));
    assert_eq!(outbound_codes(&format!("{MAIL_OUT}{}", initial("mail", "mail"))), [""; 0]);
}

#[test]
fn rule_names_are_unique_and_equal_ranks_are_reported() {
    let second = "name = \"OUT\"\ndirection = \"outbound\"\nconnector = \"ad\"\nobject = \"user\"\n\
                  metaverse = \"person\"\nprecedence = 1\n\
                  [[flow]]\nto = \"mail\"\nfrom = \"LowerCase(mail)\"\n";
    assert_snapshot!(findings(&[("rules/out2.toml", "", second)]));
    let other_rank = second.replace("precedence = 1", "precedence = 2").replace("OUT", "OUT 2");
    assert_eq!(codes(&[("rules/out2.toml", "", &other_rank)]), [""; 0]);
}

#[test]
fn a_rule_that_creates_in_a_tree_names_the_object() {
    let dn = "[[flow]]\nto = \"dn\"\nfrom = 'EscapeDNComponent(\"CN=\"+uid)+\
              \",OU=Guests,DC=contoso,DC=com\"'\ninitial = true\n";
    assert_snapshot!(findings(&[("rules/out.toml", dn, "")]));
    let creates = ("rules/out.toml", "create_in_connected_system = true\n", "");
    assert_eq!(codes(&[("rules/out.toml", dn, ""), creates]), [""; 0]);
}

#[test]
fn values_that_never_fit_their_target_are_refused() {
    assert_snapshot!(outbound(
        &[
            flow("userAccountControl", "mail"),
            flow("displayName", "objectSid"),
            flow("sAMAccountName", "IIF(enabled,objectSid,accountName)"),
            flow("employeeNumber", "Left(objectSid,3)+Left(mail,\"two\")"),
            flow("mail", "mails"),
        ]
        .concat()
    ));
    assert_snapshot!(outbound(
        &[flow("userAccountControl", "\"many\""), flow("mail", "ConvertSidToString(mail)")]
            .concat()
    ));
}

#[test]
fn values_that_convert_are_accepted() {
    let flows = [
        flow("userAccountControl", "IIF(enabled,512,\"514\")"),
        flow("mail", "262656"),
        flow("displayName", "enabled"),
        flow("employeeNumber", "BitOr(1,2)"),
        flow("manager", "\"CN=x,DC=contoso,DC=com\""),
        flow("otherMailbox", "mails"),
        flow("sAMAccountName", "IIF(IsPresent(mails),accountName,Null())"),
    ];
    assert_eq!(outbound(&flows.concat()), "");
    let back = [(
        "rules/in.toml",
        "to = \"mail\"\nfrom = \"mail\"",
        "to = \"enabled\"\nfrom = 'IIF(Eq(userType,\"Guest\"),\"TRUE\",\"FALSE\")'",
    )];
    assert_eq!(codes(&back), [""; 0]);
}

#[test]
fn flows_that_feed_each_other_have_to_come_to_rest() {
    let inbound = |from: &str| {
        format!(
            "name = \"IN AD\"\ndirection = \"inbound\"\nconnector = \"ad\"\nobject = \"user\"\n\
             metaverse = \"person\"\nprecedence = 1\n{}",
            flow("accountName", from)
        )
    };
    let pair = |from_in: &str, from_out: &str| {
        findings(&[
            ("rules/in-ad.toml", "", &inbound(from_in)),
            ("rules/out.toml", MAIL_OUT, &flow("sAMAccountName", from_out)),
        ])
    };
    assert_snapshot!(pair("sAMAccountName", "\"x-\"+accountName"));
    assert_snapshot!(pair("ReplaceString(sAMAccountName,\"a\",\"aa\")", "accountName"));
    for (from_in, from_out) in [
        ("sAMAccountName", "accountName"),
        ("sAMAccountName", "LowerCase(accountName)"),
        ("Left(sAMAccountName,20)", "accountName"),
        ("sAMAccountName", "IIF(IsPresent(accountName),accountName,uid)"),
        ("sAMAccountName", "\"x-\"+uid"),
        ("sAMAccountName", "IIF(enabled,Trim(accountName),accountName)"),
    ] {
        assert_eq!(pair(from_in, from_out), "", "{from_in} {from_out}");
    }
    let once = findings(&[
        ("rules/in-ad.toml", "", &inbound("sAMAccountName")),
        ("rules/out.toml", MAIL_OUT, &initial("sAMAccountName", "\"x-\"+accountName")),
    ]);
    assert_eq!(once, "");
}

#[test]
fn persistent_flows_do_not_draw_at_random() {
    assert_snapshot!(outbound(&flow("employeeNumber", "RandomNum(1,9)")));
    assert_eq!(outbound_codes(&initial("employeeNumber", "RandomNum(1,9)")), [""; 0]);
    let inbound = ("rules/in.toml", "from = \"mail\"", "from = \"Guid()\"");
    assert_eq!(codes(&[inbound]), ["CFG-0602"]);
}

#[test]
fn initial_passwords_come_from_enough_randomness() {
    assert_snapshot!(outbound(&initial("unicodePwd", "RandomNum(0,999)+mail")));
    for guessable in
        ["RandomPassword(12)", "\"Summer2026!\"", "IIF(enabled,RandomPassword(32),uid)"]
    {
        assert_eq!(outbound_codes(&initial("unicodePwd", guessable)), ["CFG-0603"], "{guessable}");
    }
    for good in ["RandomPassword(32)", "\"Aa1!\"+RandomPassword(16)"] {
        assert_eq!(outbound_codes(&initial("unicodePwd", good)), [""; 0], "{good}");
    }
}

#[test]
fn secrets_are_set_once_and_go_nowhere_else() {
    assert_snapshot!(outbound(
        &[flow("unicodePwd", "RandomPassword(32)"), flow("employeeNumber", "RandomPassword(32)")]
            .concat()
    ));
    let inbound = "name = \"IN AD\"\ndirection = \"inbound\"\nconnector = \"ad\"\nobject = \"user\"\n\
                   metaverse = \"person\"\nprecedence = 1\n\
                   scope = [{ attribute = \"unicodePwd\", operator = \"present\" }]\n\
                   relationship = [{ metaverse = \"uid\", object = \"unicodePwd\" }]\n\
                   [[flow]]\nto = \"accountName\"\nfrom = \"Left(unicodePwd,2)\"\n";
    assert_snapshot!(findings(&[("rules/in-ad.toml", "", inbound)]));
}

#[test]
fn names_are_put_together_with_escaping() {
    let dn = "EscapeDNComponent(\"CN=\"+uid)+\",OU=Guests,DC=contoso,DC=com\"";
    let with = |new: &str| findings(&[("rules/out.toml", dn, new)]);
    assert_snapshot!(with("\"CN=\"+Left(uid,3)+IIF(enabled,mail,\"x\")+\",DC=contoso,DC=com\""));
    for safe in [
        "\"CN=\"+object-id+\",DC=contoso,DC=com\"",
        "\"CN=\"+RandomNum(1,9)+\",DC=contoso,DC=com\"",
        "IIF(enabled,accountName,EscapeDNComponent(\"CN=\"+uid)+\",DC=contoso,DC=com\")",
    ] {
        assert_eq!(with(safe), "", "{safe}");
    }
}

#[test]
fn joined_attributes_can_be_equal() {
    let with = |pair: &str| {
        let relationship = format!("precedence = 1\nrelationship = [{pair}]");
        findings(&[("rules/out.toml", "precedence = 1", &relationship)])
    };
    assert_snapshot!(with("{ metaverse = \"uid\", object = \"userAccountControl\" }"));
    assert_eq!(with("{ metaverse = \"object-id\", object = \"employeeNumber\" }"), "");
    assert_eq!(with("{ metaverse = \"uid\", object = \"dn\" }"), "");
}
