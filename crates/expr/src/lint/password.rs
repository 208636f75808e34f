//! Initial passwords that do not come from enough randomness.

use super::walk::{bound, chosen, draws_secret, function, joined};
use super::{Lint, LintKind};
use crate::types::Types;
use crate::{Node, NodeKind};

/// Characters that an initial password should have at least: about 100 bits.
const PASSWORD_CHARACTERS_MIN: i64 = 16;

/// Warns of a password that can be guessed.
pub(super) fn check(types: &Types<'_>, lints: &mut Vec<Lint>) {
    let root = types.ast.root();
    let mut passwords = Passwords { types, variables: Vec::new() };
    if passwords.random_characters(root) < PASSWORD_CHARACTERS_MIN {
        let message = "this initial password can be guessed";
        let help = "use RandomPassword(32): nobody ever needs to know it";
        lints.push(Lint::new(LintKind::GuessablePassword, root.span, message).with_help(help));
    }
}

struct Passwords<'a> {
    types: &'a Types<'a>,
    /// The random characters of the variables in scope, the innermost last.
    variables: Vec<(&'a str, i64)>,
}

impl<'a> Passwords<'a> {
    /// How many characters of the result come from the secret source, at least. No password at all
    /// cannot be guessed.
    fn random_characters(&mut self, node: &'a Node) -> i64 {
        let dialect = self.types.ast.dialect();
        if self.types.at(node.span).is_some_and(|of| of.values.is_empty()) {
            return i64::MAX;
        }
        if let NodeKind::Variable(name) = &node.kind {
            let known = self.variables.iter().rfind(|(known, _)| known == name);
            return known.map_or(0, |(_, characters)| *characters);
        }
        if let Some(operands) = joined(node, dialect) {
            // What is nothing adds nothing.
            let characters = operands.into_iter().map(|operand| self.random_characters(operand));
            return characters.filter(|count| *count != i64::MAX).max().unwrap_or(0);
        }
        if function(node, dialect).is_some_and(draws_secret) {
            return match node.parts().first().map(|length| &length.kind) {
                Some(NodeKind::Integer(length)) => *length,
                _ => 0,
            };
        }
        let Some(branches) = chosen(node, dialect) else { return 0 };
        let scope = self.variables.len();
        if let Some((name, value)) = bound(node) {
            let characters = self.random_characters(value);
            self.variables.push((name, characters));
        }
        let characters = branches.into_iter().map(|branch| self.random_characters(branch)).min();
        self.variables.truncate(scope);
        characters.unwrap_or(0)
    }
}
