//! Rules that depend on others.

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
