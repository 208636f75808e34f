//! An expression in its document, and what can be told from it without evaluating it.

use std::collections::BTreeMap;
use std::ops::Range;

use expr::{
    Ast, Dialect, ErrorKind, ExprError, Function, Kind, Node, NodeKind, Operator, Program, Purity,
    Returns, Span,
};
use model::{AttributeSchema, Name, Timestamp, ValueType};

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

    /// Parses the expression and binds it to the names there are.
    pub(super) fn compile(
        self,
        words: &Vocabulary<'_>,
        found: &mut Vec<Diagnostic>,
    ) -> Option<(Ast, Program)> {
        let ast = match expr::parse_in(words.dialect, self.text()) {
            Ok(ast) => ast,
            Err(error) => {
                found.push(self.diagnostic(&error, words));
                return None;
            }
        };
        let names = words.space.schema.map(|_| words.space as &dyn expr::Names);
        let mut errors = Vec::new();
        words.check_parts(ast.root(), &mut errors);
        match expr::bind(&ast, names) {
            Ok(program) if errors.is_empty() => return Some((ast, program)),
            Ok(_) => {}
            Err(unbound) => errors.extend(unbound),
        }
        errors.sort_by_key(|error| error.span.start);
        found.extend(errors.iter().map(|error| self.diagnostic(error, words)));
        None
    }

    fn diagnostic(self, error: &ExprError, words: &Vocabulary<'_>) -> Diagnostic {
        let span = error.span;
        let word = self.text().get(span.start..span.end).unwrap_or_default();
        let bracketed = word.strip_prefix('[').and_then(|word| word.strip_suffix(']'));
        let word = match bracketed {
            Some(name) if words.dialect != Dialect::Mim => name,
            _ => word,
        };
        // Of a name that is told as text the error knows the side itself.
        let is_plain =
            error.kind == ErrorKind::UnknownAttribute && !word.starts_with(['$', '[', '"']);
        if is_plain && expr::find(word, words.dialect).is_none() {
            let space = words.space;
            let error = self.file.error(error.code(), self.place(span), space.missing(word));
            return error.with_help(space.advice(word));
        }
        let diagnostic = self.file.error(error.code(), self.place(span), error.message.clone());
        if error.kind == ErrorKind::UnknownFunction {
            let known = expr::available(words.dialect).map(|function| function.name);
            let meant = closest(word, known);
            let meant = meant.and_then(|name| expr::find(name, words.dialect));
            return diagnostic.with_help(
                meant.map(|f| format!("did you mean `{}`? It is called {}", f.name, f.signature())),
            );
        }
        diagnostic.with_help(error.help.clone())
    }
}

/// The names that an expression can use.
#[derive(Clone, Copy)]
pub(super) struct Vocabulary<'a> {
    /// The language it is written in.
    pub(super) dialect: Dialect,
    /// The attributes.
    pub(super) space: &'a Space<'a>,
    /// The attributes that `ImportedValue` reads: those of the connector space.
    pub(super) imported: &'a Space<'a>,
    /// The parameters; `None` when they are not known.
    pub(super) parameters: Option<&'a BTreeMap<Name, ValueType>>,
}

impl<'a> Vocabulary<'a> {
    /// The function a node calls.
    pub(super) fn function(self, node: &Node) -> Option<&'static Function> {
        match &node.kind {
            NodeKind::Call { name, .. } => expr::find(name, self.dialect),
            _ => None,
        }
    }

    /// The attribute that a node is.
    pub(super) fn attribute(self, node: &Node) -> Option<&str> {
        match &node.kind {
            NodeKind::Word(name) if is_attribute(name, self.space) => Some(name),
            NodeKind::Attribute(name) => Some(name),
            _ => None,
        }
    }

    /// The attribute that a function is told by its name, and the side it is of.
    fn named<'n>(self, node: &'n Node) -> Option<(&'n str, &'n Node, &'a Space<'a>)> {
        let [argument] = arguments(node) else { return None };
        let called = self.function(node)?;
        match (&argument.kind, called.parameter(0)?.kind) {
            (NodeKind::Text(name), Kind::Literal) if called.name == "ImportedValue" => {
                Some((name, argument, self.imported))
            }
            (NodeKind::Text(name), Kind::Literal) => Some((name, argument, self.space)),
            _ => None,
        }
    }

    /// Finds names that binding lets pass: parameters, and attributes told by their names.
    fn check_parts(self, node: &Node, errors: &mut Vec<ExprError>) {
        if let NodeKind::SystemParameter(name) = &node.kind
            && let Some(known) = self.parameters.filter(|known| !known.contains_key(name.as_str()))
        {
            let message = format!("the connector supplies no parameter `{name}`");
            let add = format!("add `{name}` to [rule_parameters] of the connector");
            let help = match closest(name, known.keys().map(Name::as_str)) {
                Some(meant) => format!("did you mean `%{meant}%`? If not, {add}"),
                None => add,
            };
            let error = ExprError::new(ErrorKind::UnknownParameter, node.span, message);
            errors.push(error.with_help(help));
        }
        if let Some((name, argument, space)) = self.named(node)
            && space.find(name) == Lookup::Missing
        {
            let message = space.missing(name);
            let error = ExprError::new(ErrorKind::UnknownAttribute, argument.span, message);
            errors.push(error.with_help(space.advice(name)));
        }
        for part in parts(node) {
            self.check_parts(part, errors);
        }
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

/// The arguments of a call, the operands of a sum.
pub(super) fn arguments(node: &Node) -> &[Node] {
    match &node.kind {
        NodeKind::Join(operands) => operands,
        NodeKind::Call { arguments, .. } => arguments,
        _ => &[],
    }
}

/// The parts a node consists of, whatever it is.
pub(super) fn parts(node: &Node) -> Vec<&Node> {
    match &node.kind {
        NodeKind::Chain { first, rest } => {
            let rest = rest.iter().map(|(_, operand)| operand);
            std::iter::once(first.as_ref()).chain(rest).collect()
        }
        NodeKind::Negate(operand) => vec![operand],
        _ => arguments(node).iter().collect(),
    }
}

/// The operands of which the text of the whole is put together.
pub(super) fn joined(node: &Node) -> Option<Vec<&Node>> {
    match &node.kind {
        NodeKind::Join(_) => Some(parts(node)),
        NodeKind::Chain { rest, .. } if matches!(rest.last(), Some((Operator::Join, _))) => {
            Some(parts(node))
        }
        _ => None,
    }
}

/// The parts of which one is the result: the branches of `IIF`, else the whole.
pub(super) fn branches<'n>(node: &'n Node, words: &Vocabulary<'_>) -> Vec<&'n Node> {
    match words.function(node).map(|function| function.returns) {
        Some(Returns::Arguments(indices)) => {
            let arguments = arguments(node);
            let taken = indices.iter().filter_map(|index| arguments.get(*index));
            taken.flat_map(|argument| branches(argument, words)).collect()
        }
        _ => vec![node],
    }
}

/// Every attribute that the expression names, with its place and the side it is of.
pub(super) fn attributes<'n, 'a>(
    node: &'n Node,
    words: &Vocabulary<'a>,
) -> Vec<(&'n str, Span, &'a Space<'a>)> {
    if let Some(name) = words.attribute(node) {
        return vec![(name, node.span, words.space)];
    }
    if let Some((name, argument, space)) = words.named(node) {
        return vec![(name, argument.span, space)];
    }
    parts(node).into_iter().flat_map(|part| attributes(part, words)).collect()
}

/// True if the expression asks which names others have.
pub(super) fn asks_others(node: &Node, dialect: Dialect) -> bool {
    let asks = match &node.kind {
        NodeKind::Call { name, .. } => {
            expr::find(name, dialect).is_some_and(|called| called.purity == Purity::AsksOthers)
        }
        _ => false,
    };
    asks || parts(node).into_iter().any(|part| asks_others(part, dialect))
}

/// A word is an attribute unless it is a truth value that no attribute is named after.
pub(super) fn is_attribute(name: &str, space: &Space<'_>) -> bool {
    let is_truth = ["true", "false"].iter().any(|word| name.eq_ignore_ascii_case(word));
    !is_truth || matches!(space.find(name), Lookup::Found(_))
}

fn gives<'n>(node: &'n Node, words: &Vocabulary<'_>) -> Gives<'n> {
    if let Some(name) = words.attribute(node) {
        // A secret is refused as a source, whatever its type.
        let schema = words.space.find(name).found().filter(|schema| !schema.secret);
        return schema.map_or(Gives::Unknown, Gives::Attribute);
    }
    match &node.kind {
        NodeKind::Text(text) => Gives::Text(text),
        NodeKind::Integer(_) | NodeKind::Negate(_) => Gives::Integer,
        NodeKind::Word(_) => Gives::Boolean,
        NodeKind::Constant(name) if ["True", "False"].contains(&name.as_str()) => Gives::Boolean,
        NodeKind::SystemParameter(name) => {
            let known = words.parameters.and_then(|known| known.get(name.as_str()));
            known.copied().map_or(Gives::Unknown, Gives::Computed)
        }
        NodeKind::Join(_) => Gives::Computed(ValueType::String),
        NodeKind::Chain { rest, .. } => match rest.last() {
            // Octets join to octets.
            Some((Operator::Join, _)) | None => Gives::Unknown,
            Some((operator, _)) if operator.tier() < 2 => Gives::Computed(ValueType::Boolean),
            Some(_) => Gives::Integer,
        },
        NodeKind::Call { .. } => match words.function(node).map(|function| function.returns) {
            Some(Returns::Type(value_type)) => Gives::Computed(value_type),
            Some(Returns::Nothing | Returns::Arguments(_)) | None => Gives::Unknown,
        },
        // What a workflow supplies, and words that are no values.
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
            (Kind::StrictText, _) => value_type == T::String,
            (Kind::Number, _) => value_type == T::Integer,
            (Kind::Boolean, _) => value_type == T::Boolean,
            (Kind::Reference, _) => value_type == T::Reference,
            (Kind::Moment, _) => value_type == T::DateTime,
            (Kind::TextOrOctets, _) => matches!(value_type, T::String | T::Binary),
            (Kind::List, Self::Attribute(schema)) => schema.multi_valued,
            (Kind::List, Self::Computed(_)) => true,
            (Kind::List, _) => false,
            // Binding has seen to the kinds that are told by how they are written.
            (Kind::Literal | Kind::Words(_) | Kind::Variable | Kind::Branch, _) => true,
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
    words: &Vocabulary<'_>,
    target: (&str, AttributeSchema),
    found: &mut Vec<Diagnostic>,
) {
    let (name, schema) = target;
    // The connector gets secrets as text, whatever it makes of them.
    let to = if schema.secret { ValueType::String } else { schema.value_type };
    for branch in branches(ast.root(), words) {
        let given = gives(branch, words);
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
    words: &Vocabulary<'_>,
    found: &mut Vec<Diagnostic>,
) {
    for part in parts(node) {
        check_arguments(source, part, words, found);
    }
    let called = match &node.kind {
        NodeKind::Join(_) => expr::find("Concatenate", Dialect::Mim),
        _ => words.function(node),
    };
    let Some(called) = called else { return };
    for (index, argument) in arguments(node).iter().enumerate() {
        let Some(parameter) = called.parameter(index) else { continue };
        // Given several values, the function does its work for each of them.
        let takes_several = matches!(parameter.kind, Kind::Any | Kind::List | Kind::Branch)
            || (words.dialect != Dialect::Mim && called.lifts.contains(&index));
        for branch in branches(argument, words) {
            let given = gives(branch, words);
            let place = source.place(branch.span);
            if !given.fits_parameter(parameter.kind) {
                let wanted = parameter.kind.describe();
                let message = format!("`{}` takes {wanted} here", called_name(node));
                let error = source.file.error(code::TYPE_MISMATCH, place, message);
                found.push(error.with_label(format!("this is {}", given.describe())));
            } else if given.has_several_values() && !takes_several {
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
