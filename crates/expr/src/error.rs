//! What can be wrong with an expression or its evaluation.

use crate::Span;

/// The class of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The text follows no rule of the grammar.
    Parse,
    /// No function has this name.
    UnknownFunction,
    /// No attribute has this name.
    UnknownAttribute,
    /// No constant has this name.
    UnknownIdentifier,
    /// No variable of this name is bound here.
    UnknownVariable,
    /// No parameter has this name.
    UnknownParameter,
    /// Too few or too many arguments.
    Arity,
    /// A value of a type that does not fit.
    Type,
    /// A value of the right type that makes no sense here.
    Value,
    /// A number beyond its bounds.
    Range,
    /// Collections of different lengths where they are walked together.
    MvLength,
    /// The expression itself says so.
    User,
    /// More than [`crate::limits`] allows.
    Limit,
}

/// One error, with its place. Messages may quote the source but never an attribute's value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ExprError {
    /// The class.
    pub kind: ErrorKind,
    /// The offending part of the source.
    pub span: Span,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl ExprError {
    /// An error of `kind` at `span` that says `message`.
    pub fn new(kind: ErrorKind, span: Span, message: impl Into<String>) -> Self {
        Self { kind, span, message: message.into(), help: None }
    }

    /// The same error with advice.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The stable code an administrator can look up.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self.kind {
            ErrorKind::Parse => "EXP-0101",
            ErrorKind::Limit => "EXP-0102",
            ErrorKind::UnknownFunction => "EXP-0201",
            ErrorKind::UnknownAttribute => "EXP-0202",
            ErrorKind::Arity => "EXP-0203",
            ErrorKind::UnknownIdentifier => "EXP-0204",
            ErrorKind::UnknownVariable => "EXP-0205",
            ErrorKind::Type => "EXP-0301",
            ErrorKind::Value => "EXP-0302",
            ErrorKind::Range => "EXP-0303",
            ErrorKind::MvLength => "EXP-0304",
            ErrorKind::UnknownParameter => "EXP-0305",
            ErrorKind::User => "EXP-0306",
        }
    }
}
