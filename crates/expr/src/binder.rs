//! The syntax tree to a program: names find their functions and attributes, arguments are counted.
//!
//! Binding looks at every branch and reports everything that is wrong, in source order.

use std::collections::BTreeSet;

use model::{Name, Value};

use crate::ast::Operator;
use crate::fold::fold;
use crate::functions::{self, Dialect, Function, Kind, Purity};
use crate::names::closest;
use crate::operand::{FlowConstant, Operand, boolean_word};
use crate::program::{Bound, BoundKind, type_of};
use crate::{Ast, ErrorKind, ExprError, Names, Node, NodeKind, Program, Span};

/// Gives every name its meaning, and computes what depends on nothing once and for all. With
/// `names`, an attribute that is not among them is an error; without, any attribute may be named.
///
/// # Errors
/// Every unknown function, unknown attribute and wrong number of arguments.
pub fn bind(ast: &Ast, names: Option<&dyn Names>) -> Result<Program, Vec<ExprError>> {
    let mut program = bind_as_written(ast, names)?;
    fold(&mut program);
    Ok(program)
}

/// [`bind`] without computing anything.
pub(crate) fn bind_as_written(
    ast: &Ast,
    names: Option<&dyn Names>,
) -> Result<Program, Vec<ExprError>> {
    let mut binder = Binder {
        names,
        dialect: ast.dialect,
        variables: Vec::new(),
        attributes: BTreeSet::new(),
        purity: Purity::DETERMINISTIC,
        errors: Vec::new(),
    };
    let root = binder.node(&ast.root, Place::Whole);
    match root {
        Some(root) if binder.errors.is_empty() => Ok(Program {
            dialect: binder.dialect,
            result_type: type_of(&root),
            root,
            attributes: binder.attributes,
            purity: binder.purity,
        }),
        _ => Err(binder.errors),
    }
}

/// The bare words that are values or flow constants.
const CONSTANTS: [&str; 6] =
    ["True", "False", "NULL", "CRLF", "IgnoreThisFlow", "AuthoritativeNull"];

/// The bare words that only some parameters take.
const ENUMERATIONS: [&str; 8] = [
    "vbTextCompare",
    "vbBinaryCompare",
    "CaseInsensitive",
    "CaseSensitive",
    "Unicode",
    "ASCII",
    "UTF8",
    "DC",
];

/// What may stand where a node stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The whole expression: as a branch, but part of nothing.
    Whole,
    /// A value.
    Value,
    /// A value or a flow constant.
    Branch,
    /// One of these words.
    Word(&'static [&'static str]),
}

struct Binder<'a> {
    names: Option<&'a dyn Names>,
    dialect: Dialect,
    /// The variables in scope, the innermost last.
    variables: Vec<String>,
    attributes: BTreeSet<Name>,
    purity: Purity,
    errors: Vec<ExprError>,
}

impl Binder<'_> {
    /// `None` after an error, which then is in `errors`.
    fn node(&mut self, node: &Node, place: Place) -> Option<Bound> {
        let kind = match &node.kind {
            NodeKind::Text(text) => BoundKind::Constant(Value::string(text)),
            NodeKind::Integer(number) => BoundKind::Constant(Value::Integer(*number)),
            NodeKind::Word(name) => self.word(name, node.span)?,
            NodeKind::Parameter(name) => self.attribute(&format!("${name}"), node.span)?,
            NodeKind::Lookup(path) => self.attribute(&format!("//{path}"), node.span)?,
            NodeKind::Attribute(name) => self.attribute(name, node.span)?,
            NodeKind::SystemParameter(name) => BoundKind::Parameter(name.clone()),
            NodeKind::Variable(name) => self.variable(name, node.span)?,
            NodeKind::Constant(name) => self.constant(name, node.span, place)?,
            NodeKind::Negate(operand) => {
                BoundKind::Negate(Box::new(self.node(operand, Place::Value)?))
            }
            NodeKind::Chain { first, rest } => self.chain(first, rest)?,
            NodeKind::Join(operands) => {
                self.call(functions::JOIN, (node.span, node.span), operands, place)?
            }
            NodeKind::Call { name, name_span, arguments } => {
                self.call(name, (*name_span, node.span), arguments, place)?
            }
        };
        Some(Bound { kind, span: node.span })
    }

    fn chain(&mut self, first: &Node, rest: &[(Operator, Node)]) -> Option<BoundKind> {
        let first = self.node(first, Place::Value);
        // Every operand is looked at, also after an error.
        let rest: Vec<Option<(Operator, Bound)>> = rest
            .iter()
            .map(|(operator, operand)| Some((*operator, self.node(operand, Place::Value)?)))
            .collect();
        let rest = rest.into_iter().collect::<Option<Vec<_>>>()?;
        Some(BoundKind::Chain { first: Box::new(first?), rest })
    }

    fn variable(&mut self, name: &str, span: Span) -> Option<BoundKind> {
        if let Some(depth) = self.variables.iter().rposition(|known| known == name) {
            return Some(BoundKind::Variable(depth));
        }
        let message = format!("no variable '${name}' is bound here");
        self.errors.push(
            ExprError::new(ErrorKind::UnknownVariable, span, message)
                .with_help("variables are bound by Select, Where and With"),
        );
        None
    }

    fn constant(&mut self, name: &str, span: Span, place: Place) -> Option<BoundKind> {
        if let Place::Word(words) = place {
            return self.word_of(words, name, span);
        }
        let flow = |constant| BoundKind::Special(Operand::Flow(constant));
        let bound = match name {
            "True" => BoundKind::Constant(Value::Boolean(true)),
            "False" => BoundKind::Constant(Value::Boolean(false)),
            "NULL" => BoundKind::Special(Operand::Null),
            "CRLF" => BoundKind::Constant(Value::string("\r\n")),
            "IgnoreThisFlow" => flow(FlowConstant::IgnoreThisFlow),
            "AuthoritativeNull" => flow(FlowConstant::AuthoritativeNull),
            _ => {
                let error = self.unknown_identifier(name, span);
                self.errors.push(error);
                return None;
            }
        };
        if matches!(bound, BoundKind::Special(Operand::Flow(_))) && place == Place::Value {
            let message = format!("{name} can only be the result or a branch, not a value");
            self.errors.push(ExprError::new(ErrorKind::Type, span, message));
            return None;
        }
        Some(bound)
    }

    fn word_of(
        &mut self,
        words: &'static [&'static str],
        name: &str,
        span: Span,
    ) -> Option<BoundKind> {
        if let Some(word) = words.iter().find(|word| **word == name) {
            return Some(BoundKind::Special(Operand::Enumeration(word)));
        }
        let kind = match CONSTANTS.contains(&name) || ENUMERATIONS.contains(&name) {
            true => ErrorKind::Type,
            false => ErrorKind::UnknownIdentifier,
        };
        let message = format!("'{name}' cannot stand here");
        let help = format!("use {}", words.join(" or "));
        self.errors.push(ExprError::new(kind, span, message).with_help(help));
        None
    }

    fn unknown_identifier(&self, name: &str, span: Span) -> ExprError {
        if ENUMERATIONS.contains(&name) {
            let message = format!("{name} is not a value; only some functions take it");
            return ExprError::new(ErrorKind::Type, span, message);
        }
        let message = format!("there is no constant '{name}'");
        let error = ExprError::new(ErrorKind::UnknownIdentifier, span, message);
        if functions::find(name, self.dialect).is_some() {
            return error.with_help(format!("a function is followed by parentheses: {name}(...)"));
        }
        match closest(name, CONSTANTS) {
            Some(meant) => error.with_help(format!("did you mean {meant}?")),
            None => error.with_help("attributes are written in brackets, texts in double quotes"),
        }
    }

    /// Binds the arguments of `function`, of no known function if `None`. Every argument is looked
    /// at, also after an error.
    fn arguments(
        &mut self,
        function: Option<&'static Function>,
        arguments: &[Node],
    ) -> Option<Vec<Bound>> {
        let kind_of = |i| function.and_then(|f| f.parameter(i)).map_or(Kind::Any, |p| p.kind);
        let binds = match arguments.first().map(|node| &node.kind) {
            Some(NodeKind::Variable(name)) if kind_of(0) == Kind::Variable => Some(name),
            _ => None,
        };
        let mut bound = Vec::with_capacity(arguments.len());
        for (i, argument) in arguments.iter().enumerate() {
            bound.push(match (kind_of(i), binds) {
                (Kind::Variable, _) => {
                    Some(Bound { kind: BoundKind::Special(Operand::Null), span: argument.span })
                }
                (kind, Some(name)) if i > 1 => {
                    self.variables.push(name.clone());
                    let bound = self.argument(argument, kind);
                    self.variables.pop();
                    bound
                }
                (kind, _) => self.argument(argument, kind),
            });
        }
        bound.into_iter().collect()
    }

    fn argument(&mut self, node: &Node, kind: Kind) -> Option<Bound> {
        let place = match kind {
            Kind::Branch => Place::Branch,
            Kind::Words(words) => Place::Word(words),
            _ => Place::Value,
        };
        let fits = match (kind, &node.kind) {
            (Kind::Literal, NodeKind::Text(name)) => {
                self.attributes.insert(Name::new(name));
                true
            }
            (Kind::Literal, _) => false,
            (Kind::Words(_), NodeKind::Constant(_)) => true,
            (Kind::Words(_), _) => false,
            _ => true,
        };
        if let (Kind::Words(words), NodeKind::Text(text)) = (kind, &node.kind) {
            let Some(word) = words.iter().find(|word| *word == text) else {
                let message = format!("expected {}", words.join(" or "));
                self.errors.push(ExprError::new(ErrorKind::Value, node.span, message));
                return None;
            };
            let kind = BoundKind::Special(Operand::Enumeration(word));
            return Some(Bound { kind, span: node.span });
        }
        let bound = self.node(node, place);
        if !fits && bound.is_some() {
            let message = format!("expected {}", kind.describe());
            self.errors.push(ExprError::new(ErrorKind::Type, node.span, message));
            return None;
        }
        bound
    }

    fn is_attribute(&self, name: &str) -> Option<bool> {
        self.names.map(|names| names.is_attribute(name))
    }

    /// A word is a Boolean unless an attribute is known to have that name.
    fn word(&mut self, name: &str, span: Span) -> Option<BoundKind> {
        match boolean_word(name) {
            Some(truth) if self.is_attribute(name) != Some(true) => {
                Some(BoundKind::Constant(Value::Boolean(truth)))
            }
            _ => self.attribute(name, span),
        }
    }

    fn attribute(&mut self, name: &str, span: Span) -> Option<BoundKind> {
        if self.is_attribute(name) == Some(false) {
            let error = self.unknown_attribute(name, span);
            self.errors.push(error);
            return None;
        }
        let name = Name::new(name);
        self.attributes.insert(name.clone());
        Some(BoundKind::Attribute(name))
    }

    fn unknown_attribute(&self, name: &str, span: Span) -> ExprError {
        let what = match name.chars().next() {
            Some('$') => "rule parameter",
            Some('/') => "lookup",
            _ => "attribute",
        };
        let error = ExprError::new(
            ErrorKind::UnknownAttribute,
            span,
            format!("there is no {what} '{name}'"),
        );
        if let Some(function) = functions::find(name, self.dialect) {
            return error.with_help(format!("the function is called {}", function.signature()));
        }
        let known = self.names.map(Names::suggest).unwrap_or_default();
        match closest(name, known) {
            Some(meant) => error.with_help(format!("did you mean '{meant}'?")),
            None => error,
        }
    }

    fn call(
        &mut self,
        name: &str,
        (name_span, span): (Span, Span),
        arguments: &[Node],
        place: Place,
    ) -> Option<BoundKind> {
        let function = functions::find(name, self.dialect);
        match function {
            None => {
                let error = self.unknown_function(name, name_span);
                self.errors.push(error);
            }
            Some(function) if !function.accepts(arguments.len()) => {
                self.errors.push(wrong_arity(function, span, arguments.len()));
            }
            Some(function) if function.outermost && place != Place::Whole => {
                let message = format!("{name} can only be the whole expression, not a part of one");
                let error = ExprError::new(ErrorKind::Type, span, message);
                self.errors.push(error.with_help("write the rest into its arguments"));
            }
            Some(_) => {}
        }
        let mut arguments = self.arguments(function, arguments)?;
        let function = function?;
        if function.reads_escapes {
            // Entra Connect leaves the text that is searched as it is.
            let first = usize::from(self.dialect != Dialect::Mim);
            arguments.iter_mut().skip(first).for_each(read_escapes);
        }
        self.purity = self.purity | function.purity;
        Some(BoundKind::Call { function, arguments })
    }

    fn unknown_function(&self, name: &str, span: Span) -> ExprError {
        let message = format!("there is no function '{name}'");
        let error = ExprError::new(ErrorKind::UnknownFunction, span, message);
        let known = functions::available(self.dialect).map(|f| f.name);
        match closest(name, known).and_then(|meant| functions::find(meant, self.dialect)) {
            Some(meant) => error.with_help(format!("did you mean {}?", meant.signature())),
            None => error,
        }
    }
}

fn wrong_arity(function: &Function, span: Span, found: usize) -> ExprError {
    let most = function.parameters.len();
    let least = most.saturating_sub(function.optional);
    let wanted = match (most, function.variadic) {
        (_, _) if function.group > 1 => "pairs of".to_owned(),
        (count, false) if least < count => format!("{least} to {count}"),
        (count, true) => format!("at least {count}"),
        (0, false) => "no".to_owned(),
        (count, false) => count.to_string(),
    };
    let noun = if wanted.ends_with('1') { "argument" } else { "arguments" };
    let message = format!("{} takes {wanted} {noun}, not {found}", function.name);
    ExprError::new(ErrorKind::Arity, span, message)
        .with_help(format!("it is called {}", function.signature()))
}

/// Replaces `\n`, `\r` and `\t` in a literal by what they stand for. Attribute data is never
/// reinterpreted.
fn read_escapes(argument: &mut Bound) {
    if let BoundKind::Constant(Value::String(text)) = &mut argument.kind {
        let read = text.replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t");
        *text = read.into();
    }
}
