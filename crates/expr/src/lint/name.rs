//! Names of which a part was cut off: what was different may have been in that part.

use super::walk::{bound, chosen, function, joined, varies};
use super::{Lint, LintKind};
use crate::types::{Target, Types};
use crate::{Dialect, Node, NodeKind, Span};

/// Warns of cuts through values that alone make the name.
pub(super) fn check(types: &Types<'_>, target: &Target<'_>, lints: &mut Vec<Lint>) {
    let mut cuts = Cuts { dialect: types.ast.dialect(), variables: Vec::new() };
    for span in cuts.of(types.ast.root()) {
        let message = format!("two objects can get the same '{}' by what is cut off", target.name);
        let help = "write UniqueName(..., 99) around the name, or add something that differs";
        lints.push(Lint::new(LintKind::TruncatedName, span, message).with_help(help));
    }
}

struct Cuts<'a> {
    dialect: Dialect,
    /// The cuts through the values of the variables in scope, the innermost last.
    variables: Vec<(&'a str, Vec<Span>)>,
}

impl<'a> Cuts<'a> {
    /// The cuts through what alone makes the value of a node.
    fn of(&mut self, node: &'a Node) -> Vec<Span> {
        if let NodeKind::Variable(name) = &node.kind {
            let known = self.variables.iter().rfind(|(known, _)| known == name);
            return known.map(|(_, cuts)| cuts.clone()).unwrap_or_default();
        }
        if let Some(operands) = joined(node, self.dialect) {
            return self.of_only(operands);
        }
        let Some(called) = function(node, self.dialect) else { return Vec::new() };
        if matches!(called.name, "UniqueName" | "SelectUniqueValue") {
            return Vec::new();
        }
        if let Some(branches) = chosen(node, self.dialect) {
            let scope = self.variables.len();
            if let Some((name, value)) = bound(node) {
                let cuts = self.of(value);
                self.variables.push((name, cuts));
            }
            let mut cuts = Vec::new();
            for cut in branches.into_iter().flat_map(|branch| self.of(branch)) {
                if !cuts.contains(&cut) {
                    cuts.push(cut);
                }
            }
            self.variables.truncate(scope);
            return cuts;
        }
        let is_cut = matches!(called.name, "Left" | "Mid" | "Right" | "Word");
        match node.parts().first() {
            Some(whole) if is_cut && varies(whole, self.dialect) => vec![node.span],
            _ => self.of_only(node.parts()),
        }
    }

    /// The cuts through the only operand that differs from object to object.
    fn of_only(&mut self, operands: Vec<&'a Node>) -> Vec<Span> {
        let mut varying = operands.into_iter().filter(|operand| varies(operand, self.dialect));
        match (varying.next(), varying.next()) {
            (Some(only), None) => self.of(only),
            _ => Vec::new(),
        }
    }
}
