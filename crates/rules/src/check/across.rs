//! Rules against each other: names, and flows that feed each other.

use std::collections::BTreeMap;

use expr::{Node, NodeKind};
use model::Name;

use super::rule::CheckedRule;
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::{Direction, MergeType, Rule};

/// Checks all rules of a deployment.
pub(super) fn check(rules: &[CheckedRule<'_, '_>], found: &mut Vec<Diagnostic>) {
    check_names(rules, found);
    check_merges(rules, found);
    check_circles(rules, found);
}

/// Flows to one attribute have to agree on how their values come together.
fn check_merges(rules: &[CheckedRule<'_, '_>], found: &mut Vec<Diagnostic>) {
    let mut first: BTreeMap<_, (MergeType, &Name)> = BTreeMap::new();
    for CheckedRule { document, rule, asts } in rules {
        for (flow, (index, _)) in rule.flows.iter().zip(asts) {
            // The contributors to a metaverse attribute are of whatever connector.
            let place = match rule.direction {
                Direction::Inbound => None,
                Direction::Outbound => Some((&rule.connector, &rule.object)),
            };
            let (merge, other) = *first
                .entry((place, &rule.metaverse, &flow.to))
                .or_insert((flow.merge, &rule.name));
            if merge == flow.merge {
                continue;
            }
            let Some(written) = document.flows.get(*index) else { continue };
            let place = written.merge.as_ref().map_or(&written.to.span, |merge| &merge.span);
            let message = format!(
                "this flow to `{}` is of merge type \"{}\", that of rule `{other}` of \"{}\"",
                flow.to,
                flow.merge.word(),
                merge.word()
            );
            let error = document.file.error(code::MERGE, place.clone(), message);
            let help = "give all flows to one attribute the same `merge`; without it, it is \
                        \"update\"";
            found.push(error.with_help(help.to_owned()));
        }
    }
}

fn check_names(rules: &[CheckedRule<'_, '_>], found: &mut Vec<Diagnostic>) {
    let mut seen: BTreeMap<&Name, &str> = BTreeMap::new();
    for CheckedRule { document, .. } in rules {
        let name = &document.name;
        match seen.get(&name.value) {
            Some(first) => {
                let message = format!("a second rule `{}`", name.value);
                let file = document.file;
                let error = file.error(code::DUPLICATE_RULE, name.span.clone(), message);
                found.push(error.with_help(format!("the first is {first}")));
            }
            None => {
                seen.insert(&name.value, document.file.path);
            }
        }
    }
}

/// An attribute that flows out to an attribute and back from there changes at every
/// synchronization, unless one round settles it.
fn check_circles(rules: &[CheckedRule<'_, '_>], found: &mut Vec<Diagnostic>) {
    let of = |direction| rules.iter().filter(move |c| c.rule.direction == direction);
    for inbound in of(Direction::Inbound) {
        for outbound in of(Direction::Outbound) {
            if meets(&inbound.rule, &outbound.rule) {
                check_pair(inbound, outbound, found);
            }
        }
    }
}

fn meets(inbound: &Rule, outbound: &Rule) -> bool {
    inbound.connector == outbound.connector
        && inbound.object == outbound.object
        && inbound.metaverse == outbound.metaverse
}

fn check_pair(
    inbound: &CheckedRule<'_, '_>,
    outbound: &CheckedRule<'_, '_>,
    found: &mut Vec<Diagnostic>,
) {
    for (flow_in, (index_in, ast_in)) in inbound.rule.flows.iter().zip(&inbound.asts) {
        for (flow_out, (index_out, ast_out)) in outbound.rule.flows.iter().zip(&outbound.asts) {
            let feed_each_other = !flow_out.initial
                && flow_in.from.attributes().contains(&flow_out.to)
                && flow_out.from.attributes().contains(&flow_in.to);
            if !feed_each_other {
                continue;
            }
            let unsettled = if !settles(ast_out.root(), &flow_in.to) {
                (outbound, index_out, inbound)
            } else if !settles(ast_in.root(), &flow_out.to) {
                (inbound, index_in, outbound)
            } else {
                continue;
            };
            let (checked, index, other) = unsettled;
            let document = checked.document;
            let Some(flow) = document.flows.get(*index) else { continue };
            let message = format!(
                "circular flow: `{}` and `{}` feed each other and never come to rest",
                flow_in.to, flow_out.to
            );
            let place = flow.from.span.clone();
            let error = document.file.error(code::CIRCULAR, place, message);
            let help = format!(
                "rule `{}` flows the value back; remove one of the two flows or make the \
                 outbound one `initial = true`",
                other.rule.name
            );
            found.push(error.with_label("changes what it is given").with_help(help));
        }
    }
}

/// Functions that leave their own results alone, as long as the other arguments are constant.
const SETTLING: [&str; 13] = [
    "UpperCase",
    "UCase",
    "LCase",
    "PCase",
    "LowerCase",
    "ProperCase",
    "Trim",
    "LTrim",
    "RTrim",
    "Left",
    "BitOr",
    "BitAnd",
    "AccountName",
];

/// Functions that only ask whether there is a value.
const PRESENCE: [&str; 4] = ["IsPresent", "IsNull", "IsNullOrEmpty", "IsEmpty"];

/// True if the expression, applied to its own result in place of `name`, gives that result again.
fn settles(node: &Node, name: &str) -> bool {
    if !mentions(node, name) {
        return true;
    }
    match &node.kind {
        NodeKind::Word(_) | NodeKind::Attribute(_) => true,
        NodeKind::Call { name: function, arguments, .. } if function == "IIF" => {
            let Some((condition, branches)) = arguments.split_first() else { return true };
            let is_presence = matches!(&condition.kind,
                NodeKind::Call { name, .. } if PRESENCE.contains(&name.as_str()));
            (is_presence || !mentions(condition, name))
                && branches.iter().all(|branch| settles(branch, name))
        }
        NodeKind::Call { name: function, arguments, .. } => {
            SETTLING.contains(&function.as_str())
                && arguments.iter().all(|argument| {
                    let is_constant =
                        matches!(argument.kind, NodeKind::Text(_) | NodeKind::Integer(_));
                    is_constant || is_attribute(argument, name)
                })
        }
        _ => false,
    }
}

fn mentions(node: &Node, name: &str) -> bool {
    is_attribute(node, name) || node.parts().into_iter().any(|part| mentions(part, name))
}

fn is_attribute(node: &Node, name: &str) -> bool {
    matches!(&node.kind, NodeKind::Word(word) | NodeKind::Attribute(word) if word == name)
}
