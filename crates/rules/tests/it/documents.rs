//! Faults of single documents: syntax, keys, types, words.

use insta::assert_snapshot;

use crate::fixture::{codes, deployment, edited, findings, rendered, sources};

#[test]
fn a_configuration_without_fault_has_no_findings() {
    assert_eq!(rendered(&sources()), "");
}

#[test]
fn documents_that_are_no_toml_are_shown_where_they_break() {
    assert_snapshot!(findings(&[
        ("rules/out.toml", "precedence = 1", "precedence = = 1"),
        ("metaverse.toml", "{ type = \"boolean\" }", "{ type = \"boolean\""),
        ("connectors/ad.toml", "servers = [", "servers = \"x\"\nservers = ["),
    ]));
}

#[test]
fn documents_have_their_places() {
    let mut sources = edited(&[
        ("rules/old/in.toml", "", "name = 'x'"),
        ("people.toml", "", ""),
        ("gatway.toml", "", ""),
        ("notes.txt", "", "not ours"),
    ]);
    sources.files.retain(|file| !["proxeny.toml", "metaverse.toml"].contains(&file.path.as_str()));
    assert_snapshot!(rendered(&sources));
}

#[test]
fn unknown_keys_are_refused_with_the_key_that_was_meant() {
    assert_snapshot!(findings(&[
        ("proxeny.toml", "[store]\nurl", "[store]\nurll"),
        ("metaverse.toml", "indexed = true", "index = true"),
        ("connectors/ad.toml", "[connectivity]", "[conectivity]"),
        ("connectors/graph.toml", "[access]\nexport", "[access]\nwrite"),
        ("rules/out.toml", "precedence = 1", "precedence = 1\npriority = 2"),
        ("rules/out.toml", "initial = true", "initial_only = true"),
    ]));
}

#[test]
fn wrong_types_and_missing_keys_are_named() {
    assert_snapshot!(findings(&[
        ("proxeny.toml", "every = \"5 min\"\n", ""),
        ("metaverse.toml", "indexed = true", "indexed = \"yes\""),
        ("connectors/ad.toml", "type = \"active-directory\"", "type = 5"),
        ("connectors/graph.toml", "all = [", "any = ["),
        ("connectors/graph.toml", "export = false", "export = 0.5"),
        ("rules/in.toml", "metaverse = \"person\"\n", ""),
        ("rules/in.toml", "name = \"IN\"", "name = \" \""),
        ("rules/out.toml", "precedence = 1", "precedence = 0"),
        ("connectors/ad.toml", "", "[limits]\ndeletes = { count = -1, percent = 101 }\n"),
        ("rules/out.toml", "to = \"mail\"\nfrom = \"mail\"", "to = \"mail\"\nfrom = 5"),
    ]));
}

#[test]
fn words_are_those_of_the_list() {
    assert_snapshot!(findings(&[
        ("metaverse.toml", "rule = \"any\"", "rule = \"one\""),
        ("metaverse.toml", "type = \"boolean\"", "type = \"bool\""),
        ("connectors/ad.toml", "", "[deprovisioning]\naction = \"disable\"\n"),
        ("connectors/graph.toml", "operator = \"equal\"", "operator = \"equals\""),
        ("rules/in.toml", "direction = \"inbound\"", "direction = \"in\""),
        ("rules/out.toml", "precedence = 1", "precedence = 1\nwhen_out_of_scope = \"remove\""),
    ]));
}

#[test]
fn another_version_is_refused_and_nothing_else_said_of_the_document() {
    assert_snapshot!(findings(&[
        ("proxeny.toml", "version = 1", "version = 2"),
        ("proxeny.toml", "[store]", "[database]"),
    ]));
    assert_snapshot!(findings(&[("proxeny.toml", "version = 1\n", "")]));
}

#[test]
fn stores_listeners_and_pauses_are_checked() {
    assert_snapshot!(findings(&[
        ("proxeny.toml", "sqlite:test.db", "postgres://db.contoso.com/proxeny"),
        ("proxeny.toml", "5 min", "5 minutes"),
        ("proxeny.toml", "", "[api]\nlisten = \"everywhere\"\n"),
    ]));
    assert_eq!(codes(&[("proxeny.toml", "sqlite:test.db", "sqlite:")]), ["CFG-0201"]);
    assert_eq!(codes(&[("proxeny.toml", "sqlite:test.db", "test.db")]), ["CFG-0201"]);
}

#[test]
fn what_is_not_said_has_a_default() {
    let plain = deployment(&[("proxeny.toml", "[store]\nurl = \"sqlite:test.db\"\n", "")]);
    assert_eq!(plain.store_url, "sqlite:proxeny.db");
    assert_eq!(plain.api, None);
    assert_eq!(plain.gateway, None);
    assert!(plain.connectors["ad"].config.export_allowed);
    assert_eq!(plain.connectors["ad"].limits, rules::Limits::default());
    assert_eq!(plain.connectors["ad"].deprovisioning, rules::Deprovisioning::MakeDisconnector);
    let said = deployment(&[
        ("proxeny.toml", "", "[api]\nlisten = \"127.0.0.1:8080\"\n"),
        (
            "connectors/ad.toml",
            "",
            "[limits]\ndeletes = { count = 100, percent = 5 }\n[deprovisioning]\naction = \"delete\"\n",
        ),
    ]);
    assert_eq!(said.api.map(|api| api.listen), "127.0.0.1:8080".parse().ok());
    assert_eq!(said.schedules[0].every_seconds, 300);
    assert_eq!(said.connectors["ad"].limits.all[&rules::ChangeKind::Delete].percent, Some(5));
    assert_eq!(said.connectors["ad"].deprovisioning, rules::Deprovisioning::Delete);
    assert!(!said.connectors["graph"].config.export_allowed);
}

#[test]
fn secrets_are_references_with_one_source() {
    let secret = "client_secret = { env = \"GRAPH_SECRET\" }";
    assert_snapshot!(findings(&[
        ("connectors/graph.toml", secret, "client_secret = \"hunter2\"",)
    ]));
    assert_snapshot!(findings(&[(
        "connectors/graph.toml",
        secret,
        "client_secret = { env = \"A\", file = \"b\" }",
    )]));
    assert_snapshot!(findings(&[(
        "connectors/graph.toml",
        secret,
        "client_secret = { credential = \"\" }",
    )]));
}

#[test]
fn settings_are_judged_by_the_connector_type_at_their_places() {
    assert_snapshot!(findings(&[
        ("connectors/graph.toml", "tenant = \"contoso.onmicrosoft.com\"\n", ""),
        ("connectors/graph.toml", "client_id = ", "client = "),
        ("connectors/ad.toml", "servers = [\"ldaps://dc1.contoso.com\"]", "servers = 5"),
        ("connectors/ad.toml", "\"mail\", \"manager\"", "\"mial\", \"manager\""),
        ("connectors/ad.toml", "", "[objects.printer]\n"),
    ]));
}

#[test]
fn keys_that_exclude_each_other_or_belong_to_the_other_direction_are_refused() {
    assert_snapshot!(findings(&[
        ("metaverse.toml", "connectors = [\"graph\"]", "excluding = [\"graph\"]"),
        (
            "rules/out.toml",
            "create_in_connected_system = true",
            "create_in_metaverse = true\ndisconnect_when_out_of_scope = true\n\
             when_out_of_scope = \"leave\"",
        ),
        ("rules/in.toml", "create_in_metaverse = true", "disconnect_when_out_of_scope = false"),
        ("rules/in.toml", "from = \"mail\"", "from = \"mail\"\ninitial = true\nallow_null = true"),
    ]));
}
