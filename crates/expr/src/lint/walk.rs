//! Ways through a tree that the lints have in common.

use crate::functions::{self, Function};
use crate::{Dialect, Node, NodeKind, Operator};

/// The function a node calls.
pub(super) fn function(node: &Node, dialect: Dialect) -> Option<&'static Function> {
    match &node.kind {
        NodeKind::Call { name, .. } => functions::find(name, dialect),
        _ => None,
    }
}

/// The operands, if the node joins them to one text.
pub(super) fn joined(node: &Node, dialect: Dialect) -> Option<Vec<&Node>> {
    let is_join = match &node.kind {
        NodeKind::Join(_) => true,
        NodeKind::Chain { rest, .. } => {
            rest.iter().all(|(operator, _)| *operator == Operator::Join)
        }
        NodeKind::Call { .. } => {
            function(node, dialect).is_some_and(|f| matches!(f.name, functions::JOIN | "Append"))
        }
        _ => false,
    };
    is_join.then(|| node.parts())
}

/// The arguments of which one is the result, if the node only chooses.
pub(super) fn chosen(node: &Node, dialect: Dialect) -> Option<Vec<&Node>> {
    let of = |every: usize, first: usize| node.parts().into_iter().skip(first).step_by(every);
    Some(match function(node, dialect)?.name {
        "IIF" => of(1, 1).collect(),
        "Switch" => of(2, 1).collect(),
        "With" => of(1, 2).collect(),
        "Coalesce" | "SelectUniqueValue" => of(1, 0).collect(),
        "Redact" | "SingleValueAssignment" | "IgnoreFlowIfNullOrEmpty" => of(1, 0).collect(),
        _ => return None,
    })
}

/// The name and the value of the variable that a node binds in its last argument.
pub(super) fn bound(node: &Node) -> Option<(&str, &Node)> {
    match &node.kind {
        NodeKind::Call { name, arguments, .. } if name == "With" => match arguments.as_slice() {
            [Node { kind: NodeKind::Variable(name), .. }, value, _] => Some((name, value)),
            _ => None,
        },
        _ => None,
    }
}

/// True if what comes out of the function is a generated password.
pub(super) fn draws_secret(function: &Function) -> bool {
    function.purity.is_random() && function.purity.is_secret()
}

/// True if the node's value can differ from object to object.
pub(super) fn varies(node: &Node, dialect: Dialect) -> bool {
    match &node.kind {
        NodeKind::Text(_)
        | NodeKind::Integer(_)
        | NodeKind::Constant(_)
        | NodeKind::SystemParameter(_) => false,
        NodeKind::Word(_)
        | NodeKind::Parameter(_)
        | NodeKind::Lookup(_)
        | NodeKind::Attribute(_)
        | NodeKind::Variable(_) => true,
        NodeKind::Negate(_) | NodeKind::Chain { .. } | NodeKind::Join(_) => {
            node.parts().into_iter().any(|child| varies(child, dialect))
        }
        NodeKind::Call { name, .. } => {
            let is_random = function(node, dialect).is_some_and(|f| f.purity.is_random());
            let reads = matches!(name.as_str(), "ImportedValue" | "ValueCount");
            is_random || reads || node.parts().into_iter().any(|child| varies(child, dialect))
        }
    }
}
