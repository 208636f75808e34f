//! New nodes. Where they stand is found out when the translation is read again.

use crate::functions::JOIN;
use crate::{Node, NodeKind, Operator, Span};

pub(super) fn node(kind: NodeKind) -> Node {
    Node { kind, span: Span::default() }
}

pub(super) fn text(text: &str) -> Node {
    node(NodeKind::Text(text.to_owned()))
}

pub(super) fn number(number: i64) -> Node {
    node(NodeKind::Integer(number))
}

pub(super) fn word(name: &str) -> Node {
    node(NodeKind::Word(name.to_owned()))
}

pub(super) fn constant(name: &str) -> Node {
    node(NodeKind::Constant(name.to_owned()))
}

pub(super) fn call(name: &str, arguments: Vec<Node>) -> Node {
    node(NodeKind::Call { name: name.to_owned(), name_span: Span::default(), arguments })
}

/// MIM's choice.
pub(super) fn iif(condition: Node, value_true: Node, value_false: Node) -> Node {
    call("IIF", vec![condition, value_true, value_false])
}

/// MIM's `+`, which takes two operands.
pub(super) fn sum(operands: Vec<Node>) -> Node {
    node(NodeKind::Join(operands))
}

/// Entra Connect's operator.
pub(super) fn operation(left: Node, operator: Operator, right: Node) -> Node {
    node(NodeKind::Chain { first: Box::new(left), rest: vec![(operator, right)] })
}

/// The name and arguments if the part calls a function; `+` is one.
pub(super) fn called(node: &Node) -> Option<(&str, &[Node])> {
    match &node.kind {
        NodeKind::Call { name, arguments, .. } => Some((name, arguments)),
        NodeKind::Join(operands) => Some((JOIN, operands)),
        _ => None,
    }
}

/// True if the text has something that stands for a control character where escapes are read.
pub(super) fn has_escapes(text: &str) -> bool {
    ["\\n", "\\r", "\\t"].iter().any(|escape| text.contains(escape))
}

/// The text literal, if the part is one.
pub(super) fn literal(node: &Node) -> Option<&str> {
    match &node.kind {
        NodeKind::Text(text) => Some(text),
        _ => None,
    }
}
