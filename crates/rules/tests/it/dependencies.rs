//! Rules that apply only to some objects: by policy, or because they depend on others.

use insta::assert_snapshot;

use crate::fixture::{codes, findings};

/// An outbound rule with a line of its own.
fn beside(name: &str, precedence: u32, line: &str) -> String {
    format!(
        "name = \"{name}\"\ndirection = \"outbound\"\nconnector = \"ad\"\nobject = \"user\"\n\
         metaverse = \"person\"\nprecedence = {precedence}\n{line}\n"
    )
}

#[test]
fn a_rule_depends_on_an_outbound_rule_for_the_same_objects() {
    let on = |name: &str, other: &str| beside(name, 7, &format!("depends_on = \"{other}\""));
    let check = |text: &str| codes(&[("rules/second.toml", "", text)]);
    assert_eq!(check(&on("SECOND", "OUT")), [""; 0]);
    assert_eq!(check(&on("SECOND", "OTU")), ["CFG-0501"]);
    assert_eq!(check(&on("SECOND", "IN")), ["CFG-0520"]);
    assert_eq!(check(&on("SECOND", "SECOND")), ["CFG-0520"]);
    let inbound = ("rules/in.toml", "precedence = 1", "precedence = 1\ndepends_on = \"OUT\"");
    assert_eq!(codes(&[inbound]), ["CFG-0509"]);
}

#[test]
fn dependencies_are_no_circle() {
    let second = beside("SECOND", 7, "depends_on = \"THIRD\"");
    let third = beside("THIRD", 8, "depends_on = \"SECOND\"");
    let fourth = beside("FOURTH", 9, "depends_on = \"THIRD\"");
    assert_snapshot!(findings(&[
        ("rules/second.toml", "", &second),
        ("rules/third.toml", "", &third),
        ("rules/fourth.toml", "", &fourth),
    ]));
}

#[test]
fn a_policy_reaches_only_what_can_have_expected_rule_entries() {
    let policy = "applies = \"policy\"";
    let rule = ("rules/out.toml", "precedence = 1", "precedence = 1\napplies = \"policy\"");
    assert_snapshot!(findings(&[rule]));
    let scope = "scope = [{ attribute = \"mail\", operator = \"present\" }]";
    let both = beside("SECOND", 7, &format!("{policy}\n{scope}"));
    assert_eq!(codes(&[("rules/second.toml", "", &both)]), ["CFG-0521", "CFG-0109"]);
    let inbound = ("rules/in.toml", "precedence = 1", "precedence = 1\napplies = \"policy\"");
    assert_eq!(codes(&[inbound]), ["CFG-0509"]);
}

#[test]
fn existence_tests_stand_beside_flows_and_want_somebody_who_keeps_what_they_find() {
    let flow = |more: &str| {
        let flow = "[[flow]]\nto = \"mail\"\nfrom = \"mail\"\n";
        format!("{flow}{flow}existence_test = true\n{more}")
    };
    let check = |more: &str| {
        let flows = flow(more);
        codes(&[("rules/out.toml", "[[flow]]\nto = \"mail\"\nfrom = \"mail\"\n", &flows)])
    };
    assert_eq!(check(""), ["CFG-0622"]);
    assert_eq!(check("initial = true\n"), ["CFG-0622", "CFG-0109"]);
    let inbound = ("rules/in.toml", "to = \"mail\"", "existence_test = true\nto = \"mail\"");
    assert_eq!(codes(&[inbound]), ["CFG-0509"]);
}
