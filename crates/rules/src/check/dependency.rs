//! Rules that depend on others.
//!
//! Only whole configurations are checked: of the rules that travel through the metaverse one can
//! arrive before the one it depends on, and waits there.

use std::collections::{BTreeMap, BTreeSet};

use model::Name;

use super::rule::CheckedRule;
use super::space::advice_of;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::node::Spanned;
use crate::similar::list;
use crate::{Direction, Rule};

/// Checks what rules depend on. `are_all` says that there are no others, with errors.
pub(super) fn check(rules: &[CheckedRule<'_, '_>], are_all: bool, found: &mut Vec<Diagnostic>) {
    let by_name: BTreeMap<&Name, &Rule> = rules.iter().map(|c| (&c.rule.name, &c.rule)).collect();
    for CheckedRule { document, rule, .. } in rules {
        let Some(dependency) = &document.depends_on else { continue };
        let (file, place) = (document.file, dependency.span.clone());
        match by_name.get(&dependency.value) {
            Some(other) => found.extend(refuse(rule, other, &by_name).map(|(message, help)| {
                file.error(code::DEPENDENCY, place, message).with_help(help)
            })),
            None if !are_all => {}
            None => found.push(missing(dependency, &by_name, |message| {
                file.error(code::UNKNOWN_NAME, place, message)
            })),
        }
    }
}

fn missing(
    dependency: &Spanned<Name>,
    known: &BTreeMap<&Name, &Rule>,
    error: impl FnOnce(String) -> Diagnostic,
) -> Diagnostic {
    let outbound = known.values().filter(|rule| rule.direction == Direction::Outbound);
    let names: Vec<&str> = outbound.map(|rule| rule.name.as_str()).collect();
    let add = "add the rule, or remove `depends_on`".to_owned();
    let message = format!("there is no rule `{}`", dependency.value);
    error(message).with_help(advice_of(&dependency.value, &names, add))
}

/// What is wrong with a dependency on a rule there is, and what to do about it.
fn refuse(rule: &Rule, other: &Rule, by_name: &BTreeMap<&Name, &Rule>) -> Option<(String, String)> {
    if other.direction == Direction::Inbound {
        let message = format!("rule `{}` is inbound: nothing can depend on it", other.name);
        return Some((message, "name an outbound rule".to_owned()));
    }
    if other.metaverse != rule.metaverse {
        let message = format!(
            "rule `{}` is for metaverse objects of type `{}`: it is never applied to a `{}`",
            other.name, other.metaverse, rule.metaverse
        );
        return Some((message, "name a rule for the same type".to_owned()));
    }
    let circle = circle(rule, by_name)?;
    let message = match circle.as_slice() {
        [_] => "the rule depends on itself".to_owned(),
        several => format!("the rules {} depend on each other", list(several)),
    };
    Some((message, "remove `depends_on` from one that can be applied first".to_owned()))
}

/// The rules of the circle of dependencies that a rule is part of.
fn circle<'a>(rule: &'a Rule, by_name: &BTreeMap<&Name, &'a Rule>) -> Option<Vec<&'a str>> {
    let mut passed = BTreeSet::from([rule.name.as_str()]);
    let mut at = rule;
    loop {
        let name = at.depends_on.as_ref()?;
        if *name == rule.name {
            return Some(passed.into_iter().collect());
        }
        at = by_name.get(name)?;
        // A circle that this rule only leads into is told at its own rules.
        if !passed.insert(at.name.as_str()) {
            return None;
        }
    }
}
