//! Precedence: which of several rules counts, and whether that is clear.

use std::collections::{BTreeMap, BTreeSet};

use model::Name;

use super::rule::CheckedRule;
use super::space::advice_of;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::document::{AttributeDocument, MetaverseDocument, PrecedenceDocument, TypeDocument};
use crate::similar::list;
use crate::source::rule_file;
use crate::{AttributePrecedence, Direction, Metaverse, Rule};

/// Checks that rules of one rank do not compete.
pub(super) fn check(
    rules: &[CheckedRule<'_, '_>],
    metaverse: &Metaverse,
    found: &mut Vec<Diagnostic>,
) {
    for (index, later) in rules.iter().enumerate() {
        for earlier in rules.iter().take(index) {
            let same_rank = earlier.rule.precedence == later.rule.precedence;
            if !same_rank || earlier.rule.name == later.rule.name {
                continue;
            }
            if is_one_list(&earlier.rule, &later.rule) {
                found.push(refuse(earlier, later));
            } else {
                found.extend(unclear(earlier, later, metaverse));
            }
        }
    }
}

/// True for rules that are ranked among each other: they apply to the same objects.
fn is_one_list(a: &Rule, b: &Rule) -> bool {
    a.direction == b.direction
        && a.connector == b.connector
        && a.object == b.object
        && a.metaverse == b.metaverse
}

fn refuse(earlier: &CheckedRule<'_, '_>, later: &CheckedRule<'_, '_>) -> Diagnostic {
    let other = &earlier.rule.name;
    let message = format!("rule `{other}` has the same precedence");
    let place = later.document.precedence.span.clone();
    let error = later.document.file.error(code::SAME_PRECEDENCE, place, message);
    let help = format!(
        "rules of one connector, direction and pair of types need different ones; \
                        the other is in {}",
        earlier.document.file.path
    );
    error.with_help(help)
}

/// Rules of several connectors have precedences of their own. Where they feed the same attribute,
/// something has to say which of them counts.
fn unclear(
    earlier: &CheckedRule<'_, '_>,
    later: &CheckedRule<'_, '_>,
    metaverse: &Metaverse,
) -> Option<Diagnostic> {
    let (a, b) = (&earlier.rule, &later.rule);
    let is_inbound = a.direction == Direction::Inbound && b.direction == Direction::Inbound;
    if !is_inbound || a.metaverse != b.metaverse {
        return None;
    }
    let precedence = metaverse.types.get(&a.metaverse).map(|found| &found.precedence);
    let is_open = |name: &Name| match precedence.and_then(|precedence| precedence.get(name)) {
        None => true,
        Some(AttributePrecedence::Equal) => false,
        Some(AttributePrecedence::Ranked(listed)) => {
            let names = [&a.name, &a.connector, &b.name, &b.connector];
            !names.iter().any(|name| listed.contains(name))
        }
    };
    let targets = |rule: &Rule| rule.flows.iter().map(|f| f.to.clone()).collect::<BTreeSet<_>>();
    let common = targets(a).intersection(&targets(b)).cloned().collect::<BTreeSet<Name>>();
    let common: Vec<&str> = common.iter().filter(|n| is_open(n)).map(Name::as_str).collect();
    if common.is_empty() {
        return None;
    }
    let common = list(&common);
    let message = format!("rule `{}` has the same precedence and feeds {common}", a.name);
    let place = later.document.precedence.span.clone();
    let warning = later.document.file.warning(code::EQUAL_PRECEDENCE, place, message);
    let help = "give one of them another precedence, or the attribute a `precedence` in \
                metaverse.toml; until then the rule whose name comes first wins";
    Some(warning.with_help(help.to_owned()))
}

/// What the precedences of attributes can name.
pub(super) struct Known<'a> {
    /// The connectors there are.
    pub(super) connectors: &'a BTreeSet<Name>,
    /// The rules that could be read.
    pub(super) rules: &'a [CheckedRule<'a, 'a>],
    /// The rules that are built in.
    pub(super) builtin: &'a [Rule],
    /// There are no others.
    pub(super) rules_are_read: bool,
}

/// Checks what the precedences of attributes name.
pub(super) fn check_lists(
    document: &MetaverseDocument<'_>,
    known: &Known<'_>,
    found: &mut Vec<Diagnostic>,
) {
    let rules = || known.rules.iter().map(|checked| &checked.rule).chain(known.builtin);
    for declared in &document.types {
        let feeding = rules().filter(|rule| {
            rule.direction == Direction::Inbound && rule.metaverse == declared.name.value
        });
        let mut feeders: BTreeMap<&Name, BTreeSet<&Name>> = BTreeMap::new();
        for rule in feeding {
            for flow in &rule.flows {
                feeders.entry(&flow.to).or_default().extend([&rule.name, &rule.connector]);
            }
        }
        for attribute in &declared.attributes {
            check_merged(document, declared, attribute, rules(), found);
            let Some(PrecedenceDocument::Ranked(listed)) = &attribute.precedence else { continue };
            for name in listed {
                let file = document.file;
                let is_rule = rules().any(|rule| rule.name == name.value);
                if !is_rule && !known.connectors.contains(&name.value) {
                    if !known.rules_are_read {
                        continue;
                    }
                    let all: Vec<&str> = known
                        .connectors
                        .iter()
                        .map(Name::as_str)
                        .chain(rules().map(|rule| rule.name.as_str()))
                        .collect();
                    let message = format!("there is no rule or connector `{}`", name.value);
                    let error = file.error(code::PRECEDENCE, name.span.clone(), message);
                    let add = format!("describe it in {}", rule_file(&name.value));
                    found.push(error.with_help(advice_of(&name.value, &all, add)));
                    continue;
                }
                let feeds = feeders.get(&attribute.name.value);
                if known.rules_are_read && !feeds.is_some_and(|f| f.contains(&name.value)) {
                    let target = &attribute.name.value;
                    let message = format!("`{}` contributes nothing to `{target}`", name.value);
                    let warning = file.warning(code::NO_CONTRIBUTOR, name.span.clone(), message);
                    let help = format!("no inbound rule of it has a flow to `{target}`");
                    found.push(warning.with_help(help));
                }
            }
        }
    }
}

/// Equals have nothing to merge by rank.
fn check_merged<'r>(
    document: &MetaverseDocument<'_>,
    declared: &TypeDocument,
    attribute: &AttributeDocument,
    mut rules: impl Iterator<Item = &'r Rule>,
    found: &mut Vec<Diagnostic>,
) {
    if !matches!(attribute.precedence, Some(PrecedenceDocument::Equal)) {
        return;
    }
    let name = &attribute.name;
    let merging = rules.find(|rule| {
        rule.direction == Direction::Inbound
            && rule.metaverse == declared.name.value
            && rule.flows.iter().any(|flow| flow.to == name.value && flow.merge.merges())
    });
    if let Some(rule) = merging {
        let message = format!(
            "`{}` has equal precedence, and rule `{}` merges its values",
            name.value, rule.name
        );
        let error = document.file.error(code::MERGE, name.span.clone(), message);
        let help = "remove `precedence`, or `merge` from all flows to the attribute";
        found.push(error.with_help(help.to_owned()));
    }
}
