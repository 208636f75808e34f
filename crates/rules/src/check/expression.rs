//! An expression in its document, and what can be told from it without evaluating it.

use std::ops::Range;

use expr::{Ast, ErrorKind, ExprError, Function, Kind, Node, NodeKind, Program, Returns, Span};
use model::{AttributeSchema, Timestamp, ValueType};

use super::space::{Lookup, Space};
use crate::code;
use crate::diagnostic::{Diagnostic, File};
use crate::literal;
use crate::node::Spanned;
use crate::similar::closest;

/// An expression and where it stands.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) file: File<'a>,
    pub(super) written: &'a Spanned<String>,
}

impl<'a> Source<'a> {
    /// The text of the expression.
    pub(super) const fn text(self) -> &'a str {
        self.written.value.as_str()
    }

    /// The place in the document of a part of the expression.
    pub(super) fn place(self, span: Span) -> Range<usize> {
        let literal = &self.written.span;
        let raw = self.file.text.get(literal.clone()).unwrap_or_default();
        let at = |offset| literal.start + literal::offset_in(raw, offset);
        at(span.start)..at(span.end).max(at(span.start))
    }

    /// Parses and binds the expression to the attributes of `space`.
    pub(super) fn compile(
        self,
        space: &Space<'_>,
        found: &mut Vec<Diagnostic>,
    ) -> Option<(Ast, Program)> {
        let ast = match expr::parse(self.text()) {
            Ok(ast) => ast,
            Err(error) => {
                found.push(self.diagnostic(&error, space));
                return None;
            }
        };
        let names = space.schema.map(|_| space as &dyn expr::Names);
        match expr::bind(&ast, names) {
            Ok(program) => Some((ast, program)),
            Err(errors) => {
                found.extend(errors.iter().map(|error| self.diagnostic(error, space)));
                None
            }
        }
    }

    fn diagnostic(self, error: &ExprError, space: &Space<'_>) -> Diagnostic {
        let span = error.span;
        let word = self.text().get(span.start..span.end).unwrap_or_default();
        let is_plain = error.kind == ErrorKind::UnknownAttribute && !word.starts_with(['$', '[']);
        if is_plain && expr::find(word, expr::Dialect::Mim).is_none() {
            let error = self.file.error(error.code(), self.place(span), space.missing(word));
            return error.with_help(space.advice(word));
        }
        let diagnostic = self.file.error(error.code(), self.place(span), error.message.clone());
        if error.kind == ErrorKind::UnknownFunction {
            let meant = closest(word, expr::FUNCTIONS.iter().map(|function| function.name));
            let meant = meant.and_then(|name| expr::find(name, expr::Dialect::Mim));
            return diagnostic.with_help(
                meant.map(|f| format!("did you mean `{}`? It is called {}", f.name, f.signature())),
            );
        }
        diagnostic.with_help(error.help.clone())
    }
}

/// What a part of an expression gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gives<'a> {
    Attribute(AttributeSchema),
    Text(&'a str),
    Integer,
    Boolean,
    Computed(ValueType),
    /// Nothing, or what cannot be told.
    Unknown,
}

/// The function a node calls.
pub(super) fn function(node: &Node) -> Option<&'static Function> {
    match &node.kind {
        NodeKind::Call { name, .. } => expr::find(name, expr::Dialect::Mim),
        _ => None,
    }
}

/// The arguments of a call, the operands of a sum.
pub(super) fn arguments(node: &Node) -> &[Node] {
    match &node.kind {
        NodeKind::Join(operands) => operands,
        NodeKind::Call { arguments, .. } => arguments,
        _ => &[],
    }
}

/// The parts of which one is the result: the branches of `IIF`, else the whole.
pub(super) fn branches(node: &Node) -> Vec<&Node> {
    match function(node).map(|function| function.returns) {
        Some(Returns::Arguments(indices)) => {
            let arguments = arguments(node);
            let taken = indices.iter().filter_map(|index| arguments.get(*index));
            taken.flat_map(branches).collect()
        }
        _ => vec![node],
    }
}

/// Every attribute that the expression names, with its places.
pub(super) fn attributes<'n>(node: &'n Node, space: &Space<'_>) -> Vec<(&'n str, Span)> {
    match &node.kind {
        NodeKind::Word(name) if is_attribute(name, space) => vec![(name, node.span)],
        _ => arguments(node).iter().flat_map(|argument| attributes(argument, space)).collect(),
    }
}

/// A word is an attribute unless it is a truth value that no attribute is named after.
pub(super) fn is_attribute(name: &str, space: &Space<'_>) -> bool {
    let is_truth = ["true", "false"].iter().any(|word| name.eq_ignore_ascii_case(word));
    !is_truth || matches!(space.find(name), Lookup::Found(_))
}

fn gives<'n>(node: &'n Node, space: &Space<'_>) -> Gives<'n> {
    match &node.kind {
        NodeKind::Text(text) => Gives::Text(text),
        NodeKind::Integer(_) => Gives::Integer,
        NodeKind::Word(name) if is_attribute(name, space) => {
            // A secret is refused as a source, whatever its type.
            let schema = space.find(name).found().filter(|schema| !schema.secret);
            schema.map_or(Gives::Unknown, Gives::Attribute)
        }
        NodeKind::Word(_) => Gives::Boolean,
        NodeKind::Join(_) => Gives::Computed(ValueType::String),
        NodeKind::Call { .. } => match function(node).map(|function| function.returns) {
            Some(Returns::Type(value_type)) => Gives::Computed(value_type),
            Some(Returns::Nothing | Returns::Arguments(_)) | None => Gives::Unknown,
        },
        // What a workflow supplies, and what only the other dialect has.
        _ => Gives::Unknown,
    }
}

impl Gives<'_> {
    const fn describe(self) -> &'static str {
        match self {
            Self::Attribute(schema) => schema.value_type.as_str(),
            Self::Text(_) => ValueType::String.as_str(),
            Self::Integer => ValueType::Integer.as_str(),
            Self::Boolean => ValueType::Boolean.as_str(),
            Self::Computed(value_type) => value_type.as_str(),
            Self::Unknown => "unknown",
        }
    }

    /// True if some value of this kind converts to the target's type. An attribute flows as it is:
    /// text that only may hold a number is no number.
    fn fits_target(self, to: ValueType) -> bool {
        use ValueType as T;
        match self {
            Self::Unknown | Self::Text("") => true,
            Self::Attribute(schema) => {
                let from = schema.value_type;
                from == to
                    || (to == T::String && from != T::Binary)
                    || (from == T::String && to == T::Reference)
            }
            Self::Text(text) => match to {
                T::String | T::Reference => true,
                T::Integer => text.trim().parse::<i64>().is_ok(),
                T::Boolean => is_truth(text.trim()),
                T::DateTime => Timestamp::parse(text).is_ok(),
                T::Binary => false,
            },
            Self::Integer => matches!(to, T::String | T::Integer),
            Self::Boolean => matches!(to, T::String | T::Boolean),
            Self::Computed(T::String) => to != T::Binary,
            Self::Computed(from) => from == to || (to == T::String && from != T::Binary),
        }
    }

    /// True if some value of this kind is what a parameter takes.
    fn fits_parameter(self, kind: Kind) -> bool {
        use ValueType as T;
        let value_type = match self {
            Self::Unknown => return true,
            Self::Attribute(schema) => schema.value_type,
            Self::Text(_) => T::String,
            Self::Integer => T::Integer,
            Self::Boolean => T::Boolean,
            Self::Computed(value_type) => value_type,
        };
        match (kind, self) {
            (Kind::Any | Kind::Single, _) => true,
            (Kind::Text, _) => value_type != T::Binary,
            (Kind::Integer, Self::Text(text)) => text.parse::<i64>().is_ok(),
            (Kind::Integer, _) => matches!(value_type, T::Integer | T::String),
            (Kind::Truth, Self::Text(text)) => is_truth(text),
            (Kind::Truth, _) => matches!(value_type, T::Boolean | T::Integer | T::String),
            (Kind::Binary, _) => value_type == T::Binary,
            // The kinds of the other dialect are checked when it runs.
            _ => true,
        }
    }

    const fn has_several_values(self) -> bool {
        matches!(self, Self::Attribute(schema) if schema.multi_valued)
    }
}

fn is_truth(text: &str) -> bool {
    ["true", "false"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Checks that what the expression gives fits its target.
pub(super) fn check_result(
    source: Source<'_>,
    ast: &Ast,
    space: &Space<'_>,
    target: (&str, AttributeSchema),
    found: &mut Vec<Diagnostic>,
) {
    let (name, schema) = target;
    // The connector gets secrets as text, whatever it makes of them.
    let to = if schema.secret { ValueType::String } else { schema.value_type };
    for branch in branches(ast.root()) {
        let given = gives(branch, space);
        let place = source.place(branch.span);
        if !given.fits_target(to) {
            let from = given.describe();
            let message = format!("a {from} value never fits `{name}`, which is {to}");
            let error = source.file.error(code::TYPE_MISMATCH, place, message);
            found.push(error.with_label(format!("this is {from}")));
        } else if given.has_several_values() && !schema.multi_valued {
            let message = format!("several values do not fit `{name}`, which holds one");
            let warning = source.file.warning(code::SEVERAL_VALUES, place, message);
            found.push(warning.with_label("this may hold several"));
        }
    }
}

/// Checks that arguments fit their functions.
pub(super) fn check_arguments(
    source: Source<'_>,
    node: &Node,
    space: &Space<'_>,
    found: &mut Vec<Diagnostic>,
) {
    let called = match &node.kind {
        NodeKind::Join(_) => expr::find("Concatenate", expr::Dialect::Mim),
        _ => function(node),
    };
    for (index, argument) in arguments(node).iter().enumerate() {
        check_arguments(source, argument, space, found);
        let Some(parameter) = called.and_then(|called| called.parameter(index)) else { continue };
        for branch in branches(argument) {
            let given = gives(branch, space);
            let place = source.place(branch.span);
            if !given.fits_parameter(parameter.kind) {
                let wanted = parameter.kind.describe();
                let message = format!("`{}` takes {wanted} here", called_name(node));
                let error = source.file.error(code::TYPE_MISMATCH, place, message);
                found.push(error.with_label(format!("this is {}", given.describe())));
            } else if given.has_several_values() && parameter.kind != Kind::Any {
                let message = format!("`{}` takes one value here", called_name(node));
                let warning = source.file.warning(code::SEVERAL_VALUES, place, message);
                found.push(warning.with_label("this may hold several"));
            }
        }
    }
}

fn called_name(node: &Node) -> &str {
    match &node.kind {
        NodeKind::Call { name, .. } => name,
        _ => "+",
    }
}
