//! The syntax tree to a program: names find their functions and attributes, arguments are counted.
//!
//! Binding looks at every branch and reports everything that is wrong, in source order.

use std::collections::BTreeSet;

use model::{Name, Value};

use crate::functions::{self, Dialect, Function, Purity};
use crate::names::closest;
use crate::operand::boolean_word;
use crate::program::{Bound, BoundKind};
use crate::{Ast, ErrorKind, ExprError, Names, Node, NodeKind, Program, Span};

/// Gives every name its meaning. With `names`, an attribute that is not among them is an error;
/// without, any attribute may be named.
///
/// # Errors
/// Every unknown function, unknown attribute and wrong number of arguments.
pub fn bind(ast: &Ast, names: Option<&dyn Names>) -> Result<Program, Vec<ExprError>> {
    let mut binder = Binder {
        names,
        dialect: Dialect::Mim,
        attributes: BTreeSet::new(),
        purity: Purity::Deterministic,
        errors: Vec::new(),
    };
    let root = binder.node(&ast.root);
    match root {
        Some(root) if binder.errors.is_empty() => Ok(Program {
            dialect: binder.dialect,
            root,
            attributes: binder.attributes,
            purity: binder.purity,
        }),
        _ => Err(binder.errors),
    }
}

struct Binder<'a> {
    names: Option<&'a dyn Names>,
    dialect: Dialect,
    attributes: BTreeSet<Name>,
    purity: Purity,
    errors: Vec<ExprError>,
}

impl Binder<'_> {
    /// `None` after an error, which then is in `errors`.
    fn node(&mut self, node: &Node) -> Option<Bound> {
        let kind = match &node.kind {
            NodeKind::Text(text) => BoundKind::Constant(Value::string(text)),
            NodeKind::Integer(number) => BoundKind::Constant(Value::Integer(*number)),
            NodeKind::Word(name) => self.word(name, node.span)?,
            NodeKind::Parameter(name) => self.attribute(&format!("${name}"), node.span)?,
            NodeKind::Lookup(path) => self.attribute(&format!("//{path}"), node.span)?,
            NodeKind::Join(operands) => {
                self.call(functions::JOIN, node.span, node.span, operands)?
            }
            NodeKind::Call { name, name_span, arguments } => {
                self.call(name, *name_span, node.span, arguments)?
            }
        };
        Some(Bound { kind, span: node.span })
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
        name_span: Span,
        span: Span,
        arguments: &[Node],
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
            Some(_) => {}
        }
        let bound: Vec<Option<Bound>> = arguments.iter().map(|a| self.node(a)).collect();
        let mut arguments = bound.into_iter().collect::<Option<Vec<Bound>>>()?;
        let function = function?;
        if function.reads_escapes {
            arguments.iter_mut().for_each(read_escapes);
        }
        self.purity = self.purity.max(function.purity);
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
    let wanted = match (function.parameters.len(), function.variadic) {
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
