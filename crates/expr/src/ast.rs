//! The syntax tree: what was written, before any name has a meaning. It prints as source that
//! parses to the same tree.

use std::fmt;

use crate::Span;

/// A whole expression. Only the parser makes one, so it keeps [`crate::limits`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ast {
    pub(crate) root: Node,
}

impl Ast {
    /// The outermost node.
    #[must_use]
    pub const fn root(&self) -> &Node {
        &self.root
    }
}

/// A part of an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// What it is.
    pub kind: NodeKind,
    /// Where it stands, without parentheses around it.
    pub span: Span,
}

/// The kinds of node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeKind {
    /// A text literal, without its quotes.
    Text(String),
    /// A number literal.
    Integer(i64),
    /// A bare word: an attribute, or `true` or `false`.
    Word(String),
    /// `$name`: a parameter of the rule.
    Parameter(String),
    /// `[//path]`: a value found by a workflow, without the brackets and slashes.
    Lookup(String),
    /// Operands joined by `+`; also the prefix form `+(a,b)`, the only one for fewer than two.
    Join(Vec<Node>),
    /// A function with its arguments.
    Call {
        /// The name.
        name: String,
        /// Where the name stands.
        name_span: Span,
        /// The arguments.
        arguments: Vec<Node>,
    },
}

impl fmt::Display for Ast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.root)
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            NodeKind::Text(text) => write!(f, "\"{}\"", text.replace('"', "\"\"")),
            NodeKind::Integer(number) => write!(f, "{number}"),
            NodeKind::Word(name) => f.write_str(name),
            NodeKind::Parameter(name) => write!(f, "${name}"),
            NodeKind::Lookup(path) => write!(f, "[//{path}]"),
            NodeKind::Join(operands) if operands.len() < 2 => {
                f.write_str("+")?;
                write_arguments(f, operands)
            }
            NodeKind::Join(operands) => write_sum(f, operands),
            NodeKind::Call { name, arguments, .. } => {
                f.write_str(name)?;
                write_arguments(f, arguments)
            }
        }
    }
}

fn write_arguments(f: &mut fmt::Formatter<'_>, arguments: &[Node]) -> fmt::Result {
    f.write_str("(")?;
    for (i, argument) in arguments.iter().enumerate() {
        if i > 0 {
            f.write_str(", ")?;
        }
        write!(f, "{argument}")?;
    }
    f.write_str(")")
}

fn write_sum(f: &mut fmt::Formatter<'_>, operands: &[Node]) -> fmt::Result {
    for (i, operand) in operands.iter().enumerate() {
        if i > 0 {
            f.write_str(" + ")?;
        }
        match &operand.kind {
            NodeKind::Join(inner) if inner.len() > 1 => write!(f, "({operand})")?,
            _ => write!(f, "{operand}")?,
        }
    }
    Ok(())
}
