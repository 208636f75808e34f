//! Flows that work and yet are dangerous: initial passwords that can be guessed, names that are put
//! together without escaping.

use expr::{Node, NodeKind, Purity, Returns};
use model::ValueType;

use super::expression::{Source, arguments, attributes, branches, function, is_attribute};
use super::space::{OBJECT_ID, Space};
use crate::code;
use crate::diagnostic::Diagnostic;

/// Characters that an initial password should have at least: about 100 bits.
const PASSWORD_CHARACTERS_MIN: i64 = 16;

/// Warns of a password that does not come from enough randomness.
pub(super) fn check_password(source: Source<'_>, root: &Node, found: &mut Vec<Diagnostic>) {
    if random_characters(root) >= PASSWORD_CHARACTERS_MIN {
        return;
    }
    let place = source.written.span.clone();
    let message = "this initial password can be guessed";
    let help = "use `RandomPassword(32)`: nobody ever needs to know it".to_owned();
    found.push(source.file.warning(code::GUESSABLE, place, message).with_help(help));
}

/// How many characters of the result come from the secret source, at least.
fn random_characters(node: &Node) -> i64 {
    match &node.kind {
        NodeKind::Join(operands) => operands.iter().map(random_characters).max().unwrap_or(0),
        NodeKind::Call { .. } => match function(node) {
            Some(called) if called.purity == Purity::RandomSecret => {
                match arguments(node).first().map(|length| &length.kind) {
                    Some(NodeKind::Integer(length)) => *length,
                    _ => 0,
                }
            }
            Some(called) if matches!(called.returns, Returns::Arguments(_)) => {
                branches(node).into_iter().map(random_characters).min().unwrap_or(0)
            }
            _ => 0,
        },
        _ => 0,
    }
}

/// Warns of attributes that go into a DN as they are.
pub(super) fn check_dn(
    source: Source<'_>,
    root: &Node,
    space: &Space<'_>,
    found: &mut Vec<Diagnostic>,
) {
    for branch in branches(root) {
        // A whole DN may well come from one attribute.
        if matches!(branch.kind, NodeKind::Word(_)) {
            continue;
        }
        let mut unescaped = Vec::new();
        collect_unescaped(branch, space, &mut unescaped);
        for node in unescaped {
            let name = attributes(node, space).first().map_or("attribute", |(name, _)| *name);
            let message = format!("`{name}` goes into the DN without escaping");
            let warning = source.file.warning(code::UNESCAPED, source.place(node.span), message);
            let help = "a comma in it would end the component: \
                        write `EscapeDNComponent(\"CN=\"+…)` around it";
            found.push(warning.with_label("not escaped").with_help(help.to_owned()));
        }
    }
}

fn collect_unescaped<'n>(node: &'n Node, space: &Space<'_>, unescaped: &mut Vec<&'n Node>) {
    match &node.kind {
        NodeKind::Word(name) if is_attribute(name, space) => {
            let schema = space.find(name).found();
            let is_plain = schema.is_some_and(|schema| has_no_special(schema.value_type));
            if !is_plain && name != OBJECT_ID {
                unescaped.push(node);
            }
        }
        NodeKind::Join(operands) => {
            operands.iter().for_each(|operand| collect_unescaped(operand, space, unescaped));
        }
        NodeKind::Call { name, arguments, .. } => match function(node).map(|f| f.returns) {
            _ if name == "EscapeDNComponent" => {}
            Some(Returns::Type(value_type)) if has_no_special(value_type) => {}
            Some(Returns::Arguments(indices)) => {
                let taken = indices.iter().filter_map(|index| arguments.get(*index));
                taken.for_each(|argument| collect_unescaped(argument, space, unescaped));
            }
            _ => arguments.iter().for_each(|inner| collect_unescaped(inner, space, unescaped)),
        },
        _ => {}
    }
}

/// True if no value of the type, as text, has a character that means something in a DN.
const fn has_no_special(value_type: ValueType) -> bool {
    matches!(value_type, ValueType::Integer | ValueType::Boolean | ValueType::DateTime)
}
