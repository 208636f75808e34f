//! Names that lead nowhere: connectors, types, attributes, profiles, sequences.

use insta::assert_snapshot;
use rules::{Deprovisioning, Direction};

use crate::fixture::{codes, deployment, findings};

#[test]
fn sequences_name_connectors_and_profiles_there_are() {
    assert_snapshot!(findings(&[
        (
            "proxeny.toml",
            "\"graph/full-import\", \"graph/delta-sync\"",
            "\"grph/full-import\", \"graph/export\", \"graph/full-snyc\", \"graph\"",
        ),
        ("proxeny.toml", "sequence = \"all\"", "sequence = \"every\""),
    ]));
    assert_eq!(codes(&[("proxeny.toml", "all = [", "none = []\nall = [")]), ["CFG-0106"]);
}

#[test]
fn a_connector_without_delta_import_has_no_such_profile() {
    let hr = ("connectors/hr.toml", "", "type = \"csv\"\n[objects.person]\n");
    assert_snapshot!(findings(&[hr, ("proxeny.toml", "ad/export", "hr/delta-import")]));
}

#[test]
fn connector_types_and_deletion_rules_name_what_there_is() {
    assert_snapshot!(findings(&[
        ("connectors/graph.toml", "type = \"graph\"", "type = \"grahp\""),
        ("metaverse.toml", "connectors = [\"graph\"]", "connectors = [\"graph\", \"hr\"]"),
        ("metaverse.toml", "", "[types.group]\ndeletion = { rule = \"any\" }\n"),
    ]));
}

#[test]
fn what_refers_to_a_broken_document_is_not_blamed() {
    let broken = [
        ("connectors/ad.toml", "type = ", "type : "),
        ("metaverse.toml", "[types.person]", "[types.person"),
    ];
    assert_eq!(codes(&broken), ["CFG-0101", "CFG-0101"]);
    let refused = ("connectors/graph.toml", "tenant = \"contoso.onmicrosoft.com\"\n", "");
    assert_eq!(codes(&[refused]), ["CFG-0302"]);
}

#[test]
fn filters_fit_the_selected_attributes() {
    let all = "all = [{ attribute = \"userType\", operator = \"equal\", value = \"Member\" }]";
    assert_snapshot!(findings(&[(
        "connectors/graph.toml",
        all,
        "all = [\n\
         { attribute = \"usertype\", operator = \"equal\", value = \"Member\" },\n\
         { attribute = \"city\", operator = \"equal\", value = \"Berne\" },\n\
         { attribute = \"accountEnabled\", operator = \"contains\", value = \"x\" },\n\
         { attribute = \"accountEnabled\", operator = \"equal\", value = \"perhaps\" },\n\
         { attribute = \"mail\", operator = \"present\", value = \"x\" },\n\
         { attribute = \"mail\", operator = \"not-equal\", value = \"\" },\n\
         { attribute = \"mail\", operator = \"equal\" },\n\
         { attribute = \"mail\", operator = \"equal\", value = [1] },\n\
         ]",
    )]));
}

#[test]
fn condition_values_take_the_type_of_their_attribute() {
    let condition = "scope = [\
        { attribute = \"enabled\", operator = \"equal\", value = \"True\" },\
        { attribute = \"object-id\", operator = \"present\" }]\nprecedence = 1";
    let file = deployment(&[("rules/out.toml", "precedence = 1", condition)]);
    assert!(file.rules["OUT"].contains("object-id"));
    let filter = deployment(&[]).connectors["graph"].filters["user"].clone();
    assert_eq!(filter[0].all[0].values, ["Member".into()]);
}

#[test]
fn only_services_map_and_only_to_types_there_are() {
    let portal = "type = \"service\"\n[objects.Person]\nmaps_to = \"persn\"\n\
                  [objects.SynchronizationRule]\nmaps_to = \"synchronizationRule\"\n";
    assert_snapshot!(findings(&[
        ("connectors/portal.toml", "", portal),
        ("connectors/second.toml", "", portal),
        ("connectors/ad.toml", "[objects.user]", "[objects.user]\nmaps_to = \"person\""),
        ("metaverse.toml", "", "[types.synchronizationRule]\n"),
        ("metaverse.toml", "uid         =", "csObjectID = { type = \"binary\" }\nuid ="),
    ]));
}

#[test]
fn a_service_brings_rules_types_and_indexes_along() {
    let portal = "type = \"service\"\n\
                  [objects.Person]\nattributes = [\"DisplayName\", \"Email\", \"Domain\"]\n\
                  maps_to = \"person\"\n\
                  [objects.SynchronizationRule]\nmaps_to = \"synchronizationRule\"\n";
    let with_join = "relationship = [{ metaverse = \"uid\", object = \"employeeNumber\" }, \
                     { metaverse = \"object-id\", object = \"sAMAccountName\" }]";
    let deployment = deployment(&[
        ("connectors/portal.toml", "", portal),
        ("rules/out.toml", "precedence = 1", &format!("precedence = 1\n{with_join}")),
    ]);
    assert_eq!(deployment.rules_connector().map(|n| n.as_str()), Some("portal"));
    let rules = deployment.builtin_rules();
    let out = rules.iter().find(|rule| rule.name == "portal: Person out").unwrap();
    assert_eq!(out.direction, Direction::Outbound);
    let targets: Vec<&str> = out.flows.iter().map(|flow| flow.to.as_str()).collect();
    // `Domain` is selected, but this metaverse has no attribute for it.
    assert_eq!(targets, ["dn", "MVObjectID", "DisplayName", "Email"]);
    let person = &deployment.metaverse.types["person"];
    assert!(person.attributes.contains_key("csObjectID"));
    assert!(deployment.metaverse.types.contains_key("synchronizationRule"));
    let indexed: Vec<&str> = deployment.indexed().metaverse.iter().map(|n| n.as_str()).collect();
    assert_eq!(indexed, ["accountName", "csObjectID", "uid"]);
    let ad: Vec<&str> =
        deployment.indexed().connector_space["ad"].iter().map(|n| n.as_str()).collect();
    assert_eq!(ad, ["employeeNumber", "sAMAccountName"]);
    assert!(!deployment.indexed().connector_space.contains_key("graph"));
    assert_eq!(deployment.connectors["portal"].deprovisioning, Deprovisioning::default());
}
