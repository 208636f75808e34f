//! What a condition has settled where a branch begins. Entra Connect's own rules ask `IsString`
//! before they take an attribute as text or as octets, whichever it is.

use model::ValueType;

use super::{Count, Type, ValueTypes};
use crate::{Node, NodeKind, Operator};

/// An attribute that is one text, or is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Guard<'a> {
    pub(super) name: &'a str,
    pub(super) is_text: bool,
}

/// What is settled if the condition had this outcome.
pub(super) fn guards(condition: &Node, outcome: bool) -> Vec<Guard<'_>> {
    match &condition.kind {
        NodeKind::Call { name, arguments, .. } => match (name.as_str(), arguments.as_slice()) {
            ("IsString", [Node { kind: NodeKind::Attribute(name), .. }]) => {
                vec![Guard { name, is_text: outcome }]
            }
            ("Not", [inner]) => guards(inner, !outcome),
            _ => Vec::new(),
        },
        NodeKind::Chain { first, rest } => {
            let decisive = if outcome { Operator::And } else { Operator::Or };
            if rest.iter().any(|(operator, _)| *operator != decisive) {
                return Vec::new();
            }
            let operands = std::iter::once(first.as_ref()).chain(rest.iter().map(|(_, o)| o));
            operands.flat_map(|operand| guards(operand, outcome)).collect()
        }
        _ => Vec::new(),
    }
}

impl Guard<'_> {
    /// What an attribute of type `of` can give where the guard holds; never anything where it
    /// cannot hold.
    pub(super) fn narrow(self, of: Type) -> Type {
        let text = ValueTypes::only(ValueType::String);
        match (self.is_text, of.count) {
            // A collection is no text, whatever is in it.
            (true, Count::Several) => Type::NEVER,
            (true, _) => Type { values: of.values.and(text), ..Type::NEVER },
            (false, Count::One) => Type { values: of.values.without(text), ..of },
            (false, _) => of,
        }
    }
}
