//! Rules that name what there is and still do not do what was meant.

use insta::assert_snapshot;

use crate::fixture::{codes, deployment, each, findings};

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
fn rule_names_and_ranks_are_unique() {
    let second = "name = \"OUT\"\ndirection = \"outbound\"\nconnector = \"ad\"\nobject = \"user\"\n\
                  metaverse = \"person\"\nprecedence = 1\n\
                  [[flow]]\nto = \"mail\"\nfrom = \"LowerCase(mail)\"\n";
    assert_snapshot!(findings(&[("rules/out2.toml", "", second)]));
    let same_rank = second.replace("\"OUT\"", "\"OUT 2\"");
    assert_snapshot!(findings(&[("rules/out2.toml", "", &same_rank)]));
    let other_rank = second.replace("precedence = 1", "precedence = 2").replace("OUT", "OUT 2");
    assert_eq!(codes(&[("rules/out2.toml", "", &other_rank)]), [""; 0]);
}

const MAIL: &str = "mail        = { type = \"string\" }";
const IN_AD: (&str, &str, &str) = (
    "rules/in-ad.toml",
    "",
    "name = \"IN AD\"\ndirection = \"inbound\"\nconnector = \"ad\"\nobject = \"user\"\n\
     metaverse = \"person\"\nprecedence = 1\n\
     [[flow]]\nto = \"mail\"\nfrom = \"mail\"\n",
);

#[test]
fn rules_of_two_connectors_may_share_a_rank_where_the_attribute_says_who_counts() {
    assert_snapshot!(findings(&[IN_AD]));
    for precedence in ["\"equal\"", "[\"ad\"]", "[\"IN\", \"IN AD\"]"] {
        let mail = format!("mail = {{ type = \"string\", precedence = {precedence} }}");
        assert_eq!(codes(&[IN_AD, ("metaverse.toml", MAIL, &mail)]), [""; 0], "{precedence}");
    }
}

#[test]
fn an_attribute_ranks_rules_and_connectors_there_are() {
    let precedence = |text: &str| format!("mail = {{ type = \"string\", precedence = {text} }}");
    let edits: Vec<(&str, String)> = [
        "\"manual\"",
        "\"equals\"",
        "1",
        "[\"graph\", \"gaph\"]",
        "[\"IN\", \"OUT\"]",
        "[\"IN\", \"IN\"]",
    ]
    .map(|text| (MAIL, precedence(text)))
    .into();
    let edits: Vec<(&str, &str)> = edits.iter().map(|(old, new)| (*old, new.as_str())).collect();
    assert_snapshot!(each("metaverse.toml", &[], &edits));
}

#[test]
fn flows_to_one_attribute_agree_on_how_values_come_together() {
    let mails = "to = \"mails\"\nfrom = \"otherMails\"\nmerge = \"merge\"";
    let of_graph = ("rules/in.toml", "to = \"mail\"\nfrom = \"mail\"", mails);
    let of_ad = |merge: &str| {
        let flow = format!("to = \"mails\"\nfrom = \"otherMailbox\"\n{merge}");
        IN_AD.2.replace("to = \"mail\"\nfrom = \"mail\"", &flow).replace("= 1", "= 2")
    };
    let ad = of_ad("merge = \"merge\"");
    assert_eq!(codes(&[of_graph, ("rules/in-ad.toml", "", &ad)]), [""; 0]);
    let ad = of_ad("");
    assert_snapshot!(findings(&[of_graph, ("rules/in-ad.toml", "", &ad)]));
    let single = ("rules/in.toml", "to = \"mail\"", "merge = \"merge\"\nto = \"mail\"");
    assert_snapshot!(findings(&[single]));
    let multi = "mails       = { type = \"string\", multi = true";
    let equal = ("metaverse.toml", multi, &*format!("{multi}, precedence = \"equal\""));
    assert_snapshot!(findings(&[of_graph, equal]));
}

#[test]
fn a_link_type_says_alone_what_a_rule_creates_and_lets_go() {
    let both = ("rules/in.toml", "precedence = 1", "precedence = 1\nlink = \"join\"");
    let out = ("rules/out.toml", "precedence = 1", "precedence = 1\nlink = \"provision\"");
    let leaves =
        ("rules/out.toml", "precedence = 1", "precedence = 1\nwhen_out_of_scope = \"leave\"");
    assert_snapshot!(findings(&[both, leaves, out]));
    let creates = ("rules/out.toml", "create_in_connected_system = true\n", "");
    assert_eq!(codes(&[out, creates]), [""; 0]);
    let no_flow = ("rules/in.toml", "create_in_metaverse = true", "link = \"join-no-flow\"");
    assert_snapshot!(findings(&[no_flow]));
}

#[test]
fn objects_are_disabled_by_flows_of_rules_that_say_so() {
    let flow =
        |flags: &str| format!("{MAIL_OUT}[[flow]]\nto = \"mail\"\nfrom = '\"left\"'\n{flags}");
    let word =
        ("rules/out.toml", "precedence = 1", "precedence = 1\nwhen_out_of_scope = \"disable\"");
    assert_snapshot!(findings(&[word]));
    assert_snapshot!(outbound(&flow("disables = true\n")));
    let disables = flow("disables = true\n");
    assert_eq!(codes(&[word, ("rules/out.toml", MAIL_OUT, &disables)]), [""; 0]);
    let inbound = ("rules/in.toml", "from = \"mail\"", "from = \"mail\"\ndisables = true");
    assert_eq!(codes(&[inbound]), ["CFG-0509"]);
}

#[test]
fn scopes_are_conditions_or_groups_of_them() {
    let scope = |text: &str| format!("precedence = 1\nscope = [{text}]");
    let mail = "{ attribute = \"mail\", operator = \"present\" }";
    let edits: Vec<(&str, String)> = [
        format!("{{ all = [{mail}] }}, {mail}"),
        "{ all = [] }".to_owned(),
        "{ attribute = \"mail\", operator = \"in\" }".to_owned(),
        "{ attribute = \"mail\", operator = \"equal\", value = [\"a\"] }".to_owned(),
        "{ attribute = \"mail\", operator = \"ISIN\", value = \"a;;b\" }".to_owned(),
        "{ attribute = \"accountEnabled\", operator = \"EQUAL\", value = true, \
         case_sensitive = true }"
            .to_owned(),
        "{ attribute = \"accountEnabled\", operator = \"ISIN\", value = [true, 3] }".to_owned(),
        "{ attribute = \"mail\", operator = \"ISNUL\" }".to_owned(),
    ]
    .map(|text| ("precedence = 1", scope(&text)))
    .into();
    let edits: Vec<(&str, &str)> = edits.iter().map(|(old, new)| (*old, new.as_str())).collect();
    assert_snapshot!(each("rules/in.toml", &[], &edits));
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
        assert!(!pair(from_in, from_out).contains("CFG-0506"), "{from_in} {from_out}");
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
        assert_eq!(outbound_codes(&initial("unicodePwd", guessable)), ["EXP-0504"], "{guessable}");
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
fn references_are_names_themselves_and_need_no_escaping() {
    let with = |from: &str| {
        codes(&[
            ("metaverse.toml", "uid         =", "parent = { type = \"reference\" }\nuid         ="),
            (
                "rules/out.toml",
                "EscapeDNComponent(\"CN=\"+uid)+\",OU=Guests,DC=contoso,DC=com\"",
                from,
            ),
        ])
    };
    assert_eq!(with("EscapeDNComponent(\"CN=\"+uid)+\",\"+parent"), [""; 0]);
    assert_eq!(with("EscapeDNComponent(\"CN=\"+uid)+\",\"+mail"), ["EXP-0505"]);
}

#[test]
fn names_keep_what_tells_objects_apart() {
    assert_snapshot!(outbound(&initial("sAMAccountName", "LowerCase(Left(displayName,20))")));
    for safe in [
        "Left(displayName,11)+\"-\"+Left(uid,8)",
        "UniqueName(Left(displayName,20),99)",
        "AccountName(displayName)",
    ] {
        assert_eq!(outbound_codes(&initial("sAMAccountName", safe)), [""; 0], "{safe}");
    }
    assert_eq!(outbound_codes(&flow("displayName", "Left(displayName,64)")), [""; 0]);
    let dn = ("rules/out.toml", "\"CN=\"+uid", "\"CN=\"+Left(uid,64)");
    assert_eq!(codes(&[dn]), ["EXP-0503"]);
    let inbound = (
        "rules/in.toml",
        "to = \"mail\"\nfrom = \"mail\"",
        "to = \"accountName\"\nfrom = 'Left(id,20)'",
    );
    assert_eq!(codes(&[inbound]), ["EXP-0503"]);
}

#[test]
fn conditions_depend_on_the_object() {
    assert_snapshot!(outbound(
        &[
            flow("displayName", "IIF(Eq(\"Guest\",\"Member\"),mail,displayName)"),
            flow("mail", "IIF(Eq(enabled,\"Guest\"),mail,Null())"),
        ]
        .concat()
    ));
    let last = flow("mail", "Switch([enabled],[mail],True,[displayName])");
    assert_eq!(entra_findings(&[last]), "");
    let mixed =
        flow("displayName", "IIF([enabled] && [mail] = \"x\" || [uid] = \"y\",[mail],[uid])");
    assert!(entra_findings(&[mixed]).starts_with("warning[EXP-0502]"));
}

#[test]
fn imported_values_have_the_types_of_the_connector_space() {
    // A number in the metaverse, a text in the directory.
    let with = |to: &str, from: &str| {
        let flow = format!("[[flow]]\nto = \"{to}\"\ndialect = \"entra\"\nfrom = '{from}'\n");
        codes(&[
            (
                "metaverse.toml",
                "uid         =",
                "employeeNumber = { type = \"integer\" }\nuid         =",
            ),
            ("rules/out.toml", MAIL_OUT, &flow),
        ])
    };
    assert_eq!(with("mail", "LCase(ImportedValue(\"employeeNumber\"))"), [""; 0]);
    assert_eq!(with("userAccountControl", "ImportedValue(\"employeeNumber\") + 1"), ["EXP-0301"]);
    assert_eq!(with("userAccountControl", "[employeeNumber] + 1"), [""; 0]);
}

#[test]
fn what_is_not_known_fits() {
    let flows =
        [flow("userAccountControl", "Left(mail,\"2\")"), flow("mail", "BitOr(uid,enabled)")];
    let edits = [
        ("metaverse.toml", "[types.person]", "[types.person"),
        ("rules/out.toml", MAIL_OUT, &*flows.concat()),
    ];
    assert_eq!(codes(&edits), ["CFG-0101"]);
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

/// The outbound rule in the Entra dialect, with these flows.
fn entra(flows: &[String]) -> Vec<(&'static str, &'static str, String)> {
    let flows: Vec<String> =
        flows.iter().map(|f| f.replace("[[flow]]\n", "[[flow]]\ndialect = \"entra\"\n")).collect();
    vec![("rules/out.toml", MAIL_OUT, flows.concat())]
}

fn entra_findings(flows: &[String]) -> String {
    let edits = entra(flows);
    let edits: Vec<_> = edits.iter().map(|(file, old, new)| (*file, *old, new.as_str())).collect();
    findings(&edits)
}

#[test]
fn entra_expressions_name_what_there_is() {
    assert_snapshot!(entra_findings(&[
        flow("mail", "[mial] & [Display Name] & displayName"),
        flow("displayName", "LowerCase([mail])"),
        flow("sAMAccountName", "%Connector.Nam% & %Domain.FQDN%"),
        flow("employeeNumber", "ImportedValue(\"accountName\") & CStr(ValueCount(\"males\"))"),
    ]));
    let known = [
        flow("mail", "%Connector.Name% & %Connector.ID% & ImportedValue(\"employeeNumber\")"),
        flow("userAccountControl", "%ADS_UF_ACCOUNTDISABLE%"),
        flow("employeeNumber", "CStr(ValueCount(\"mails\"))"),
    ];
    assert_eq!(entra_findings(&known), "");
}

#[test]
fn entra_values_that_never_fit_are_refused() {
    assert_snapshot!(entra_findings(&[
        flow("userAccountControl", "[mail]"),
        flow("displayName", "IIF([enabled],[objectSid],IgnoreThisFlow)"),
        flow("sAMAccountName", "Left([objectSid],3) & Left([mail],\"3\") & LCase([enabled])"),
        flow("mail", "[mails]"),
        flow("employeeNumber", "CStr(Count([mail]))"),
    ]));
    let fitting = [
        flow("otherMailbox", "LCase([mails])"),
        flow("userAccountControl", "IIF([enabled],512,514)"),
        flow("mail", "IIF(IsNullOrEmpty([mail]),AuthoritativeNull,[mail])"),
        flow("employeeNumber", "IIF([mail] = \"x\",NULL,\"1\") & [displayName]"),
    ];
    assert_eq!(entra_findings(&fitting), "");
}

#[test]
fn entra_names_passwords_and_choices_have_their_hazards() {
    let escaped = "EscapeDNComponent(\"CN=\"+uid)+\",OU=Guests,DC=contoso,DC=com\"";
    let dn = |component: &str| {
        let from = format!("{component} & \",OU=Guests,DC=contoso,DC=com\"");
        let entra = format!("{from}'\ndialect = \"entra\"");
        findings(&[("rules/out.toml", &format!("{escaped}'"), &entra)])
    };
    assert_snapshot!(dn("\"CN=\" & [uid]"));
    assert_eq!(dn("EscapeDNComponent(\"CN=\" & [uid])"), "");
    let weak = initial("unicodePwd", "\"P\" & RandomPassword(8)");
    let strong = initial("unicodePwd", "\"P\" & RandomPassword(32)");
    assert_snapshot!(entra_findings(&[weak]));
    assert_eq!(entra_findings(&[strong]), "");
    let unique = "SelectUniqueValue([accountName],[mail])";
    let extended = |flow: String| outbound_codes(&format!("{flow}dialect = \"entra-extended\"\n"));
    assert_eq!(extended(flow("sAMAccountName", unique)), ["CFG-0606"]);
    assert_eq!(extended(initial("sAMAccountName", unique)), [""; 0]);
}

#[test]
fn names_that_flows_ask_for_are_indexed() {
    let flow = "[[flow]]\nto = \"sAMAccountName\"\ndialect = \"entra-extended\"\n\
                from = 'SelectUniqueValue([accountName],[mail])'\ninitial = true\n";
    let indexed = deployment(&[("rules/out.toml", MAIL_OUT, flow)]).indexed;
    assert!(indexed.connector_space["ad"].contains("sAMAccountName"));
    let flow = "to = \"mail\"\ndialect = \"entra-extended\"\n\
                from = 'SelectUniqueValue([mail],[id])'";
    let indexed = deployment(&[("rules/in.toml", "to = \"mail\"\nfrom = \"mail\"", flow)]).indexed;
    assert!(indexed.metaverse.contains("mail"));
}

#[test]
fn dialects_are_those_there_are_and_say_themselves_what_nulls_do() {
    assert_snapshot!(findings(&[
        ("rules/in.toml", "precedence = 1", "precedence = 1\ndialect = \"enta\""),
        (
            "rules/out.toml",
            MAIL_OUT,
            "[[flow]]\nto = \"mail\"\nfrom = '[mail]'\ndialect = \"entra\"\nallow_null = false\n"
        ),
    ]));
    let flows = "[[flow]]\nto = \"mail\"\nfrom = '[mail]'\nallow_null = true\n\
                 [[flow]]\nto = \"displayName\"\nfrom = \"displayName\"\ndialect = \"mim\"\n";
    let dn = "EscapeDNComponent(\"CN=\"+uid)+";
    let rule = |entra: &str| {
        codes(&[
            ("rules/out.toml", MAIL_OUT, flows),
            ("rules/out.toml", dn, "EscapeDNComponent(\"CN=\" & [uid]) & "),
            ("rules/out.toml", "precedence = 1", entra),
        ])
    };
    assert_eq!(rule("precedence = 1\ndialect = \"entra\""), [""; 0]);
    assert_eq!(rule("precedence = 1"), ["EXP-0101", "EXP-0101"]);
}

#[test]
fn parameters_have_a_name_of_their_own_and_one_value() {
    assert_snapshot!(findings(&[(
        "connectors/ad.toml",
        "[objects.user]",
        "[rule_parameters]\n\"a%b\" = 1\nConnector.ID = \"7\"\nempty = \"\"\nlist = [\"a\"]\n\
         \"Domain.FQDN\" = \"contoso.com\"\nDomain.FQDN = \"contoso.com\"\n\n[objects.user]"
    )]));
    let parameters = "[rule_parameters]\nDomain.FQDN = \"contoso.com\"\nflags = \"0x200\"\n\
                      on = true\n\n[objects.user]";
    let edits = |from: &str, to: &str| {
        let flow = format!("[[flow]]\nto = \"{to}\"\ndialect = \"entra\"\nfrom = '{from}'\n");
        codes(&[
            ("connectors/ad.toml", "[objects.user]", parameters),
            ("rules/out.toml", MAIL_OUT, &flow),
        ])
    };
    assert_eq!(edits("[mail] & %Domain.FQDN%", "mail"), [""; 0]);
    assert_eq!(edits("%flags%", "userAccountControl"), [""; 0]);
    assert_eq!(edits("%on%", "userAccountControl"), ["EXP-0301"]);
}

#[test]
fn entra_flows_that_feed_each_other_have_to_come_to_rest() {
    let back = |from: &str| {
        let inbound = "name = \"BACK\"\ndirection = \"inbound\"\nconnector = \"ad\"\n\
                       object = \"user\"\nmetaverse = \"person\"\nprecedence = 2\n\
                       dialect = \"entra\"\n[[flow]]\nto = \"mail\"\nfrom = '[mail]'\n";
        let flow = format!("[[flow]]\nto = \"mail\"\ndialect = \"entra\"\nfrom = '{from}'\n");
        codes(&[("rules/back.toml", "", inbound), ("rules/out.toml", MAIL_OUT, &flow)])
    };
    assert_eq!(back("LCase([mail])"), [""; 0]);
    assert_eq!(back("[mail] & \"x\""), ["CFG-0506"]);
}

/// The configuration with references on both sides.
const REFERRING: [(&str, &str, &str); 2] = [
    (
        "metaverse.toml",
        "[types.person.attributes]\n",
        "[types.person.attributes]\nmanager = { type = \"reference\" }\n",
    ),
    (
        "rules/ad-in.toml",
        "",
        "name = \"AD-IN\"\ndirection = \"inbound\"\nconnector = \"ad\"\nobject = \"user\"\n\
         metaverse = \"person\"\nprecedence = 2\n[[flow]]\nto = \"manager\"\nfrom = \"manager\"\n",
    ),
];

#[test]
fn references_flow_as_they_are() {
    let out = |flows: &str| {
        let edits = [&REFERRING[..], &[("rules/out.toml", MAIL_OUT, flows)]].concat();
        codes(&edits)
    };
    assert_eq!(codes(&REFERRING), [""; 0]);
    assert_eq!(out(&flow("displayName", "manager")), [""; 0]);
    assert_eq!(out(&flow("manager", "\"CN=Boss,DC=contoso,DC=com\"")), [""; 0]);
    assert_eq!(out(&flow("manager", "Null()")), [""; 0]);
    let nothing = "[[flow]]\nto = \"manager\"\ndialect = \"entra\"\nfrom = \"AuthoritativeNull\"\n";
    assert_eq!(out(nothing), [""; 0]);
    assert_eq!(out(&flow("manager", "IIF(IsPresent(mail),manager,manager)")), ["CFG-0511"]);
    let pair = "precedence = 2\nrelationship = [{ metaverse = \"manager\", object = \"manager\" }]";
    let joined = [&REFERRING[..], &[("rules/ad-in.toml", "precedence = 2", pair)]].concat();
    assert_eq!(codes(&joined), ["CFG-0511"]);
    let manager = "to = \"manager\"\nfrom = \"manager\"";
    assert_snapshot!(each(
        "rules/ad-in.toml",
        &REFERRING,
        &[
            (manager, "to = \"manager\"\nfrom = \"mail\""),
            (manager, "to = \"manager\"\nfrom = '\"CN=Boss,DC=contoso,DC=com\"'"),
            (manager, "to = \"manager\"\nfrom = 'IIF(IsPresent(mail),manager,Null())'"),
            (manager, "to = \"manager\"\ndialect = \"entra\"\nfrom = 'CRef([mail])'"),
        ],
    ));
}

#[test]
fn who_refers_to_an_object_can_be_looked_up() {
    let indexed = deployment(&REFERRING).indexed;
    assert!(indexed.metaverse.contains("manager"));
    assert!(indexed.connector_space["ad"].contains("manager"));
    assert!(!deployment(&[]).indexed.metaverse.contains("manager"));
}
