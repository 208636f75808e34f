//! Expressions of MIM as documentation tools print them: `CustomExpression(…)` around what was
//! typed as text, and brackets around the whole. Both are read as if they were not there, and
//! never written.

use std::borrow::Cow;

use crate::{Node, NodeKind};

/// What the tools print around an expression that was typed as text.
const WRAPPER: &str = "CustomExpression";

/// The source without brackets around the whole of it; blanks stand in their place, so that every
/// other character stays where it is. A single word in brackets keeps them: it is an attribute in
/// the other dialect's notation, which deserves its error.
pub(crate) fn without_brackets(source: &str) -> Cow<'_, str> {
    let inner = source.trim().strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let Some(inner) = inner.filter(|inner| is_whole(inner)) else {
        return Cow::Borrowed(source);
    };
    let before = source.len() - source.trim_start().len();
    let after = source.len() - source.trim_end().len();
    Cow::Owned(format!("{} {inner} {}", " ".repeat(before), " ".repeat(after)))
}

/// Whether the brackets around `inner` belong together and hold more than a name.
fn is_whole(inner: &str) -> bool {
    let first_bracket = inner.find(['[', ']']).and_then(|at| inner.as_bytes().get(at));
    !inner.starts_with("//") && inner.contains(['(', '+']) && first_bracket != Some(&b']')
}

/// The tree without the wrappers. Recursion is as deep as the tree, which has a limit.
pub(crate) fn without_wrappers(node: Node) -> Node {
    let all = |nodes: Vec<Node>| nodes.into_iter().map(without_wrappers).collect();
    let kind = match node.kind {
        NodeKind::Call { name, name_span, arguments } => {
            let mut arguments: Vec<Node> = all(arguments);
            if name == WRAPPER
                && arguments.len() == 1
                && let Some(inner) = arguments.pop()
            {
                return inner;
            }
            NodeKind::Call { name, name_span, arguments }
        }
        NodeKind::Join(operands) => NodeKind::Join(all(operands)),
        leaf => leaf,
    };
    Node { kind, span: node.span }
}
