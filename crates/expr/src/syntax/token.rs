//! The vocabulary of tokens. No dialect has all of them.

use crate::{Operator, Span};

/// A token and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) span: Span,
}

/// The kinds of token. [`crate::NodeKind`] explains those with content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TokenKind {
    Text(String),
    /// A number with its sign (MIM).
    Integer(i64),
    /// Digits without a sign (Entra).
    Decimal(u64),
    /// A number in two's complement (Entra).
    Hexadecimal(i64),
    Word(String),
    Parameter(String),
    Lookup(String),
    Attribute(String),
    SystemParameter(String),
    Variable(String),
    Operator(Operator),
    Open,
    Close,
    Comma,
    End,
}

impl TokenKind {
    /// The token in words, for error messages.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Text(_) => "a text".to_owned(),
            Self::Integer(number) => format!("the number {number}"),
            Self::Decimal(number) => format!("the number {number}"),
            Self::Hexadecimal(_) => "a hexadecimal number".to_owned(),
            Self::Word(name) => format!("the name '{name}'"),
            Self::Parameter(name) => format!("the parameter '${name}'"),
            Self::Lookup(_) => "a lookup".to_owned(),
            Self::Attribute(name) => format!("the attribute '[{name}]'"),
            Self::SystemParameter(name) => format!("the parameter '%{name}%'"),
            Self::Variable(name) => format!("the variable '${name}'"),
            Self::Operator(operator) => format!("'{}'", operator.symbol()),
            Self::Open => "'('".to_owned(),
            Self::Close => "')'".to_owned(),
            Self::Comma => "','".to_owned(),
            Self::End => "the end".to_owned(),
        }
    }

    /// True if an operand can end with it, so that an operator may follow.
    pub(super) const fn ends_operand(&self) -> bool {
        !matches!(self, Self::Operator(_) | Self::Open | Self::Comma | Self::End)
    }
}
