//! Flows that work and yet are dangerous: initial passwords that can be guessed, names that are put
//! together without escaping.

use expr::{Dialect, Function, Node, NodeKind, Purity, Returns};
use model::ValueType;

use super::expression::{Source, Vocabulary, arguments, attributes, branches, joined, parts};
use super::space::OBJECT_ID;
use crate::code;
use crate::diagnostic::Diagnostic;

/// Characters that an initial password should have at least: about 100 bits.
const PASSWORD_CHARACTERS_MIN: i64 = 16;

/// Warns of a password that does not come from enough randomness.
pub(super) fn check_password(
    source: Source<'_>,
    root: &Node,
    words: &Vocabulary<'_>,
    found: &mut Vec<Diagnostic>,
) {
    if random_characters(root, words) >= PASSWORD_CHARACTERS_MIN {
        return;
    }
    let place = source.written.span.clone();
    let message = "this initial password can be guessed";
    let help = "use `RandomPassword(32)`: nobody ever needs to know it".to_owned();
    found.push(source.file.warning(code::GUESSABLE, place, message).with_help(help));
}

/// How many characters of the result come from the secret source, at least.
fn random_characters(node: &Node, words: &Vocabulary<'_>) -> i64 {
    if let Some(operands) = joined(node) {
        return operands.into_iter().map(|part| random_characters(part, words)).max().unwrap_or(0);
    }
    match words.function(node) {
        Some(called) if called.purity == Purity::RandomSecret => {
            match arguments(node).first().map(|length| &length.kind) {
                Some(NodeKind::Integer(length)) => *length,
                _ => 0,
            }
        }
        Some(called) if matches!(called.returns, Returns::Arguments(_)) => {
            let branches = branches(node, words).into_iter();
            branches.map(|branch| random_characters(branch, words)).min().unwrap_or(0)
        }
        _ => 0,
    }
}

/// Warns of attributes that go into a DN as they are.
pub(super) fn check_dn(
    source: Source<'_>,
    root: &Node,
    words: &Vocabulary<'_>,
    found: &mut Vec<Diagnostic>,
) {
    let sum = if words.dialect == Dialect::Mim { "\"CN=\"+…" } else { "\"CN=\" & …" };
    for branch in branches(root, words) {
        // A whole DN may well come from one attribute.
        if words.attribute(branch).is_some() {
            continue;
        }
        let mut unescaped = Vec::new();
        collect_unescaped(branch, words, &mut unescaped);
        for node in unescaped {
            let name = attributes(node, words).first().map_or("attribute", |(name, ..)| *name);
            let message = format!("`{name}` goes into the DN without escaping");
            let warning = source.file.warning(code::UNESCAPED, source.place(node.span), message);
            let help = format!(
                "a comma in it would end the component: write `EscapeDNComponent({sum})` around it"
            );
            found.push(warning.with_label("not escaped").with_help(help));
        }
    }
}

fn collect_unescaped<'n>(node: &'n Node, words: &Vocabulary<'_>, unescaped: &mut Vec<&'n Node>) {
    if let Some(name) = words.attribute(node) {
        let schema = words.space.find(name).found();
        let is_plain = schema.is_some_and(|schema| has_no_special(schema.value_type));
        if !is_plain && name != OBJECT_ID {
            unescaped.push(node);
        }
        return;
    }
    match words.function(node) {
        Some(called) if called.name == "EscapeDNComponent" => {}
        Some(Function { returns: Returns::Type(value_type), .. })
            if has_no_special(*value_type) => {}
        Some(Function { returns: Returns::Arguments([first, rest @ ..]), .. }) => {
            let arguments = arguments(node);
            let taken = std::iter::once(first).chain(rest).filter_map(|i| arguments.get(*i));
            taken.for_each(|argument| collect_unescaped(argument, words, unescaped));
        }
        _ => parts(node).into_iter().for_each(|part| collect_unescaped(part, words, unescaped)),
    }
}

/// True if no value of the type, as text, has a character that means something in a DN.
const fn has_no_special(value_type: ValueType) -> bool {
    matches!(value_type, ValueType::Integer | ValueType::Boolean | ValueType::DateTime)
}
