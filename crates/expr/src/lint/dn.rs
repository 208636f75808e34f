//! Names of objects that are put together without escaping.

use std::collections::BTreeMap;

use model::ValueType;

use super::walk::{bound, chosen, function};
use super::{Lint, LintKind};
use crate::types::{Types, ValueTypes};
use crate::{Kind, Node, NodeKind, Span};

/// Where unescaped values stand, with what they are called.
type Unescaped = BTreeMap<(usize, usize), String>;

/// Warns of values that go into a DN as they are.
pub(super) fn check(types: &Types<'_>, lints: &mut Vec<Lint>) {
    let mut names = Names { types, variables: Vec::new() };
    for ((start, end), name) in names.of_result(types.ast.root()) {
        let message = format!("'{name}' goes into the DN without escaping");
        let help = "a comma in it would end the component: write EscapeDNComponent around \
                    the whole component, its type included";
        let lint = Lint::new(LintKind::Unescaped, Span::new(start, end), message);
        lints.push(lint.with_help(help));
    }
}

struct Names<'a> {
    types: &'a Types<'a>,
    /// The unescaped values in the variables in scope, the innermost last.
    variables: Vec<(&'a str, Unescaped)>,
}

impl<'a> Names<'a> {
    /// What is not escaped in a result. A whole DN may well come from one attribute.
    fn of_result(&mut self, node: &'a Node) -> Unescaped {
        match &node.kind {
            NodeKind::Word(_)
            | NodeKind::Attribute(_)
            | NodeKind::Parameter(_)
            | NodeKind::Lookup(_) => Unescaped::new(),
            NodeKind::Call { name, .. } if name == "ImportedValue" => Unescaped::new(),
            _ => match chosen(node, self.types.ast.dialect()) {
                Some(branches) => self.with_variable(node, |names| {
                    branches.into_iter().flat_map(|branch| names.of_result(branch)).collect()
                }),
                None => self.of(node),
            },
        }
    }

    /// What is not escaped in a part of a DN.
    fn of(&mut self, node: &'a Node) -> Unescaped {
        let here = |name: &str| Unescaped::from([((node.span.start, node.span.end), name.into())]);
        if self.has_no_special(node) {
            return Unescaped::new();
        }
        match &node.kind {
            NodeKind::Word(name) | NodeKind::Attribute(name) => {
                if self.types.schema.is_plain(name) { Unescaped::new() } else { here(name) }
            }
            NodeKind::Parameter(name) => here(&format!("${name}")),
            NodeKind::Lookup(path) => here(&format!("[//{path}]")),
            NodeKind::Variable(name) => {
                let known = self.variables.iter().rfind(|(known, _)| known == name);
                known.map_or_else(|| here(&format!("${name}")), |(_, unescaped)| unescaped.clone())
            }
            NodeKind::Call { name, .. } if name == "EscapeDNComponent" => Unescaped::new(),
            NodeKind::Call { name, arguments, .. } => {
                if let ("ImportedValue", [Node { kind: NodeKind::Text(name), .. }]) =
                    (name.as_str(), arguments.as_slice())
                {
                    return here(name);
                }
                let dialect = self.types.ast.dialect();
                let parts = chosen(node, dialect).unwrap_or_else(|| {
                    let binds = function(node, dialect)
                        .and_then(|f| f.parameter(0))
                        .is_some_and(|parameter| parameter.kind == Kind::Variable);
                    node.parts().into_iter().skip(usize::from(binds)).collect()
                });
                self.with_variable(node, |names| {
                    parts.into_iter().flat_map(|part| names.of(part)).collect()
                })
            }
            _ => node.parts().into_iter().flat_map(|part| self.of(part)).collect(),
        }
    }

    /// What `within` finds while the variable that the node binds is in scope.
    fn with_variable(
        &mut self,
        node: &'a Node,
        within: impl FnOnce(&mut Self) -> Unescaped,
    ) -> Unescaped {
        let scope = self.variables.len();
        if let Some((name, value)) = bound(node) {
            let unescaped = self.of(value);
            self.variables.push((name, unescaped));
        }
        let unescaped = within(self);
        self.variables.truncate(scope);
        unescaped
    }

    /// True if no value of the part, as text, has a character that would have to be escaped: it is
    /// a number, a truth value or a date, or is a DN itself.
    fn has_no_special(&self, node: &Node) -> bool {
        use ValueType as T;
        let plain = ValueTypes::from_iter([T::Integer, T::Boolean, T::DateTime, T::Reference]);
        self.types.at(node.span).is_some_and(|of| of.values.and(plain) == of.values)
    }
}
