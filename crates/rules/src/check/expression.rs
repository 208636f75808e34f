//! An expression in its document, and what can be told from it without evaluating it.

use std::collections::BTreeMap;
use std::ops::Range;

use expr::lint::lint;
use expr::types::{AttributeType, Schema, Target, infer};
use expr::{
    Ast, Dialect, ErrorKind, ExprError, Function, Kind, Node, NodeKind, Program, Returns, Span,
};
use model::{Name, ValueType};

use super::space::{Lookup, OBJECT_ID, Space};
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

    /// Checks what the parts of the expression give: whether functions and the target take it, and
    /// whether it is hardly meant.
    pub(super) fn check_types(
        self,
        ast: &Ast,
        words: &Vocabulary<'_>,
        target: Option<&Target<'_>>,
        found: &mut Vec<Diagnostic>,
    ) {
        let types = infer(ast, words);
        let unfit = target.map(|target| types.check_target(target).0).unwrap_or_default();
        let errors = types.errors().iter().chain(&unfit);
        found.extend(errors.map(|error| self.diagnostic(error, words)));
        for lint in lint(&types, target) {
            let place = self.place(lint.span);
            let warning = self.file.warning(lint.code(), place, lint.message);
            found.push(warning.with_help(lint.help));
        }
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
    pub(super) fn as_attribute(self, node: &Node) -> Option<&str> {
        match &node.kind {
            NodeKind::Word(name) if is_attribute(name, self.space) => Some(name),
            NodeKind::Attribute(name) => Some(name),
            _ => None,
        }
    }

    /// The attribute that a function is told by its name, and the side it is of.
    fn named<'n>(self, node: &'n Node) -> Option<(&'n str, &'n Node, &'a Space<'a>)> {
        let NodeKind::Call { arguments, .. } = &node.kind else { return None };
        let [argument] = arguments.as_slice() else { return None };
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
        for part in node.parts() {
            self.check_parts(part, errors);
        }
    }
}

impl Schema for Vocabulary<'_> {
    fn attribute(&self, name: &str) -> Option<AttributeType> {
        match name.strip_prefix('%').and_then(|name| name.strip_suffix('%')) {
            Some(name) => self.parameters?.get(name).copied().map(AttributeType::single),
            None => type_of(name, self.space),
        }
    }

    fn imported(&self, name: &str) -> Option<AttributeType> {
        type_of(name, self.imported)
    }

    fn is_plain(&self, name: &str) -> bool {
        name == OBJECT_ID && self.space.intrinsic() == OBJECT_ID
    }
}

/// A secret is refused as a source, whatever its type.
fn type_of(name: &str, space: &Space<'_>) -> Option<AttributeType> {
    let known = space.find(name).found().filter(|schema| !schema.secret)?;
    Some(AttributeType { value_type: known.value_type, multi_valued: known.multi_valued })
}

/// Every attribute that the expression names, with its place and the side it is of.
pub(super) fn attributes<'n, 'a>(
    node: &'n Node,
    words: &Vocabulary<'a>,
) -> Vec<(&'n str, Span, &'a Space<'a>)> {
    if let Some(name) = words.as_attribute(node) {
        return vec![(name, node.span, words.space)];
    }
    if let Some((name, argument, space)) = words.named(node) {
        return vec![(name, argument.span, space)];
    }
    node.parts().into_iter().flat_map(|part| attributes(part, words)).collect()
}

/// True if the expression never has a value, whatever that means to its flow.
pub(super) fn gives_nothing(node: &Node, words: &Vocabulary<'_>) -> bool {
    match &node.kind {
        NodeKind::Constant(name) => !["True", "False"].contains(&name.as_str()),
        _ => words.function(node).is_some_and(|called| called.returns == Returns::Nothing),
    }
}

/// True if the expression asks which names others have.
pub(super) fn asks_others(node: &Node, dialect: Dialect) -> bool {
    let asks = match &node.kind {
        NodeKind::Call { name, .. } => {
            expr::find(name, dialect).is_some_and(|called| called.purity.asks_others())
        }
        _ => false,
    };
    asks || node.parts().into_iter().any(|part| asks_others(part, dialect))
}

/// A word is an attribute unless it is a truth value that no attribute is named after.
pub(super) fn is_attribute(name: &str, space: &Space<'_>) -> bool {
    let is_truth = ["true", "false"].iter().any(|word| name.eq_ignore_ascii_case(word));
    !is_truth || matches!(space.find(name), Lookup::Found(_))
}
