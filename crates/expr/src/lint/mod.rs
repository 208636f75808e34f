//! What works and yet is hardly meant: warnings about a syntax tree whose types are known.
//!
//! Nothing here is certain to be wrong, and nothing needs an object. What the target of the flow
//! is for decides which dangers there are: names that collide, passwords that can be guessed,
//! components of a DN that are not escaped.

mod condition;
mod dn;
mod name;
mod password;
mod precedence;
#[cfg(test)]
mod tests;
mod walk;

use crate::Span;
use crate::types::{Role, Target, Types};

/// What a lint is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LintKind {
    /// `*` beside `+` or `-` without parentheses.
    MixedArithmetic,
    /// `&&` beside `||` without parentheses.
    MixedLogic,
    /// A name of which a part was cut off.
    TruncatedName,
    /// An initial password that can be guessed.
    GuessablePassword,
    /// A value that goes into a DN without escaping.
    Unescaped,
    /// A condition that is the same for every object.
    ConstantCondition,
    /// Several values where one is wanted.
    SeveralValues,
    /// A comparison of types whose values are never equal.
    NeverEqual,
}

/// One warning, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lint {
    /// What it is about.
    pub kind: LintKind,
    /// The part of the source that is hardly meant.
    pub span: Span,
    /// What is odd.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Lint {
    /// A lint of `kind` at `span` that says `message`.
    pub(crate) fn new(kind: LintKind, span: Span, message: impl Into<String>) -> Self {
        Self { kind, span, message: message.into(), help: None }
    }

    /// The same lint with advice.
    #[must_use]
    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The stable code an administrator can look up.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self.kind {
            LintKind::MixedArithmetic => "EXP-0501",
            LintKind::MixedLogic => "EXP-0502",
            LintKind::TruncatedName => "EXP-0503",
            LintKind::GuessablePassword => "EXP-0504",
            LintKind::Unescaped => "EXP-0505",
            LintKind::ConstantCondition => "EXP-0506",
            LintKind::SeveralValues => "EXP-0507",
            LintKind::NeverEqual => "EXP-0508",
        }
    }
}

/// Everything odd about an expression, in source order. Without a target it is not known what the
/// result is for.
#[must_use]
pub fn lint(types: &Types<'_>, target: Option<&Target<'_>>) -> Vec<Lint> {
    let mut lints = types.several().to_vec();
    precedence::check(types.ast.root(), &mut lints);
    condition::check(types, &mut lints);
    if let Some(target) = target {
        lints.extend(types.check_target(target).1);
        match target.role {
            Role::Value => {}
            Role::Name => name::check(types, target, &mut lints),
            Role::DistinguishedName => {
                name::check(types, target, &mut lints);
                dn::check(types, &mut lints);
            }
            Role::Secret => password::check(types, &mut lints),
        }
    }
    lints.sort_by_key(|lint| (lint.span.start, lint.span.end));
    lints
}
