//! Rules that come out of the metaverse.

use rules::{Schemas, WhenOutOfScope, check, compile_rule, compile_rules};

use crate::fixture::{deployment, sources};
use crate::stub::DESCRIPTORS;

fn schemas() -> Schemas {
    let checked = check(&sources(), &DESCRIPTORS);
    checked.deployment.unwrap().schemas(&checked.validated)
}

#[test]
fn a_deployments_rules_compile_to_what_they_say() {
    let deployment = deployment(&[(
        "rules/out.toml",
        "precedence = 1",
        "precedence = 7\ndisconnect_when_out_of_scope = true",
    )]);
    let texts = deployment.rules.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    let rules = compile_rules(texts, &schemas()).unwrap();
    let names: Vec<&str> = rules.iter().map(|rule| rule.name.as_str()).collect();
    assert_eq!(names, ["IN", "OUT"]);
    let out = &rules[1];
    assert_eq!((out.precedence, out.creates), (7, true));
    assert_eq!(out.when_out_of_scope, WhenOutOfScope::Disconnect);
    assert!(out.flows[0].initial);
    assert!(out.flows[0].source.starts_with("EscapeDNComponent"));
    assert_eq!(out.flows[1].from.as_direct_attribute().map(|n| n.as_str()), Some("mail"));
    assert_eq!(rules[0].relationship[0].object, "id");
}

#[test]
fn errors_name_the_rule_and_warnings_do_not_stop_it() {
    let text = &deployment(&[]).rules["OUT"];
    let weak = text.replace("EscapeDNComponent(\"CN=\"+uid)", "\"CN=\"+uid");
    assert!(compile_rule("OUT", &weak, &schemas()).is_ok());
    let wrong = weak.replace("from = \"mail\"", "from = \"mial\"");
    let errors = compile_rule("OUT", &wrong, &schemas()).unwrap_err();
    assert_eq!(errors.len(), 1);
    assert_eq!((errors[0].file.as_str(), errors[0].code), ("OUT", "EXP-0202"));
    let twice = [("a", text.as_str()), ("b", text.as_str())];
    let errors = compile_rules(twice, &schemas()).unwrap_err();
    assert_eq!(errors.iter().map(|e| e.code).collect::<Vec<_>>(), ["CFG-0504"]);
    assert!(compile_rule("OUT", "", &schemas()).is_err());
}
