//! Operators of one tier are taken from left to right, unlike in most other languages.

use super::{Lint, LintKind};
use crate::{Node, NodeKind, Operator};

/// Warns of chains that other languages would read differently.
pub(super) fn check(node: &Node, lints: &mut Vec<Lint>) {
    if let NodeKind::Chain { rest, .. } = &node.kind {
        let has = |wanted: &[Operator]| rest.iter().any(|(found, _)| wanted.contains(found));
        if has(&[Operator::Multiply]) && has(&[Operator::Add, Operator::Subtract]) {
            let message = "'*' does not bind more tightly than '+' and '-' here";
            let help = "operators are taken from left to right: put parentheses around one of them";
            lints.push(Lint::new(LintKind::MixedArithmetic, node.span, message).with_help(help));
        }
        if has(&[Operator::And]) && has(&[Operator::Or]) {
            let message = "'&&' does not bind more tightly than '||' here";
            let help = "operators are taken from left to right: put parentheses around one of them";
            lints.push(Lint::new(LintKind::MixedLogic, node.span, message).with_help(help));
        }
    }
    node.parts().into_iter().for_each(|child| check(child, lints));
}
