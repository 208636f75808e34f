//! The syntax tree: what was written, before any name has a meaning. It prints as source that
//! parses to the same tree.

use std::fmt;

use crate::{Dialect, Span};

/// A whole expression. Only the parser makes one, so it keeps [`crate::limits`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ast {
    pub(crate) dialect: Dialect,
    pub(crate) root: Node,
}

impl Ast {
    /// The dialect it is written in.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }

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

impl Node {
    /// The nodes it is put together from, as written.
    #[must_use]
    pub fn parts(&self) -> Vec<&Self> {
        match &self.kind {
            NodeKind::Negate(operand) => vec![operand],
            NodeKind::Chain { first, rest } => {
                let rest = rest.iter().map(|(_, operand)| operand);
                std::iter::once(first.as_ref()).chain(rest).collect()
            }
            NodeKind::Join(nodes) | NodeKind::Call { arguments: nodes, .. } => {
                nodes.iter().collect()
            }
            _ => Vec::new(),
        }
    }
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
    /// `[name]`: an attribute (Entra).
    Attribute(String),
    /// `%name%`: a parameter the connector or the administrator supplies (Entra).
    SystemParameter(String),
    /// `$name`: what `Select`, `Where` or `With` binds (Entra).
    Variable(String),
    /// A bare word: a constant or an enumeration (Entra).
    Constant(String),
    /// A minus before an operand that is no literal (Entra).
    Negate(Box<Node>),
    /// Operands with operators of one tier between them, taken left to right (Entra).
    Chain {
        /// The first operand.
        first: Box<Node>,
        /// Each operator with the operand after it; never empty.
        rest: Vec<(Operator, Node)>,
    },
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

/// The operators between operands (Entra).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `&&`
    And,
    /// `||`
    Or,
    /// `=`
    Equal,
    /// `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `&`
    Join,
}

impl Operator {
    /// How it is written.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::And => "&&",
            Self::Or => "||",
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Join => "&",
        }
    }

    /// How tightly it binds: 0 for logic, 1 for comparison, 2 for everything else.
    #[must_use]
    pub const fn tier(self) -> u8 {
        match self {
            Self::And | Self::Or => 0,
            Self::Equal
            | Self::NotEqual
            | Self::Less
            | Self::LessOrEqual
            | Self::Greater
            | Self::GreaterOrEqual => 1,
            Self::Add | Self::Subtract | Self::Multiply | Self::Join => 2,
        }
    }
}

impl fmt::Display for Ast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.dialect {
            Dialect::Mim | Dialect::Extension => write!(f, "{}", self.root),
            Dialect::Entra | Dialect::EntraExtended => write!(f, "{}", InEntra(&self.root)),
        }
    }
}

/// A node as Entra Connect writes it.
struct InEntra<'a>(&'a Node);

impl fmt::Display for InEntra<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.kind {
            NodeKind::Text(text) => {
                write!(f, "\"{}\"", text.replace('\\', "\\\\").replace('"', "\"\""))
            }
            NodeKind::Negate(operand) => match operand.kind {
                NodeKind::Integer(0..) | NodeKind::Chain { .. } => {
                    write!(f, "-({})", InEntra(operand))
                }
                _ => write!(f, "-{}", InEntra(operand)),
            },
            NodeKind::Chain { first, rest } => {
                let tier = rest.first().map_or(0, |(operator, _)| operator.tier());
                write_operand(f, first, tier)?;
                rest.iter().try_for_each(|(operator, operand)| {
                    write!(f, " {} ", operator.symbol())?;
                    write_operand(f, operand, tier)
                })
            }
            NodeKind::Call { name, arguments, .. } => {
                let written: Vec<InEntra<'_>> = arguments.iter().map(InEntra).collect();
                f.write_str(name)?;
                write_arguments(f, &written)
            }
            _ => write!(f, "{}", self.0),
        }
    }
}

/// Writes an operand of a chain of `tier`, in parentheses unless it binds more tightly.
fn write_operand(f: &mut fmt::Formatter<'_>, operand: &Node, tier: u8) -> fmt::Result {
    match &operand.kind {
        NodeKind::Chain { rest, .. }
            if rest.first().is_some_and(|(operator, _)| operator.tier() <= tier) =>
        {
            write!(f, "({})", InEntra(operand))
        }
        _ => write!(f, "{}", InEntra(operand)),
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
            NodeKind::Attribute(name) => write!(f, "[{name}]"),
            NodeKind::SystemParameter(name) => write!(f, "%{name}%"),
            NodeKind::Variable(name) => write!(f, "${name}"),
            NodeKind::Constant(name) => f.write_str(name),
            NodeKind::Negate(_) | NodeKind::Chain { .. } => write!(f, "{}", InEntra(self)),
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

fn write_arguments<T: fmt::Display>(f: &mut fmt::Formatter<'_>, arguments: &[T]) -> fmt::Result {
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
