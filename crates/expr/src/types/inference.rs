//! The walk over the tree.

use std::collections::BTreeMap;

use model::ValueType;

use super::guard::Guard;
use super::{AttributeType, Branch, Count, Origin, Schema, Type, Types, ValueTypes, union};
use crate::functions::JOIN;
use crate::lint::{Lint, LintKind};
use crate::operand::boolean_word;
use crate::{Ast, Dialect, ErrorKind, ExprError, Node, NodeKind, Span};

/// One walk in progress.
pub(super) struct Inference<'a> {
    pub(super) dialect: Dialect,
    pub(super) schema: &'a dyn Schema,
    /// The variables in scope, the innermost last.
    pub(super) variables: Vec<(&'a str, Type)>,
    /// What the conditions around the node have settled.
    pub(super) guards: Vec<Guard<'a>>,
    parts: BTreeMap<(usize, usize), Type>,
    errors: Vec<ExprError>,
    several: Vec<Lint>,
}

/// Walks over the whole tree.
pub(super) fn infer<'a>(ast: &'a Ast, schema: &'a dyn Schema) -> Types<'a> {
    let mut inference = Inference {
        dialect: ast.dialect(),
        schema,
        variables: Vec::new(),
        guards: Vec::new(),
        parts: BTreeMap::new(),
        errors: Vec::new(),
        several: Vec::new(),
    };
    let branches = inference.node(ast.root());
    let Inference { parts, errors, several, .. } = inference;
    Types { ast, schema, parts, branches, errors, several }
}

impl<'a> Inference<'a> {
    /// The branches of a node. Recursion is as deep as the source, which has a limit.
    pub(super) fn node(&mut self, node: &'a Node) -> Vec<Branch<'a>> {
        let span = node.span;
        let computed = |of| vec![Branch { span, of, origin: Origin::Computed }];
        let branches = match &node.kind {
            NodeKind::Text(text) => {
                let of = Type::one(ValueType::String);
                vec![Branch { span, of, origin: Origin::Text(text) }]
            }
            NodeKind::Integer(_) => computed(Type::one(ValueType::Integer)),
            NodeKind::Word(name) if self.is_truth(name) => computed(Type::one(ValueType::Boolean)),
            NodeKind::Word(name) | NodeKind::Attribute(name) => {
                let guards = self.guards.iter().filter(|guard| guard.name == name);
                let of = guards.fold(self.attribute(name), |of, guard| guard.narrow(of));
                vec![Branch { span, of, origin: Origin::Attribute(name) }]
            }
            NodeKind::Parameter(name) => computed(self.attribute(&format!("${name}"))),
            NodeKind::Lookup(path) => computed(self.attribute(&format!("//{path}"))),
            NodeKind::SystemParameter(name) => computed(self.system_parameter(name)),
            NodeKind::Variable(name) => computed(self.variable(name)),
            NodeKind::Constant(name) => computed(constant(name)),
            NodeKind::Negate(operand) => computed(self.negate(operand, span)),
            NodeKind::Chain { first, rest } => computed(self.chain(first, rest)),
            NodeKind::Join(operands) => self.call(JOIN, "+", span, operands),
            NodeKind::Call { name, arguments, .. } => self.call(name, name, span, arguments),
        };
        self.parts.insert((span.start, span.end), union(&branches));
        branches
    }

    /// A word of MIM's that is a truth value, because no attribute has that name.
    fn is_truth(&self, name: &str) -> bool {
        boolean_word(name).is_some() && self.schema.attribute(name).is_none()
    }

    /// What the attribute `name` can give.
    pub(super) fn attribute(&self, name: &str) -> Type {
        self.typed(self.schema.attribute(name))
    }

    /// What an attribute can give of which this is known.
    pub(super) fn typed(&self, attribute: Option<AttributeType>) -> Type {
        let Some(AttributeType { value_type, multi_valued }) = attribute else {
            return Type::UNKNOWN;
        };
        let count = match (multi_valued, self.dialect) {
            (false, _) => Count::One,
            (true, Dialect::Mim | Dialect::Extension) => Count::Either,
            (true, Dialect::Entra | Dialect::EntraExtended) => Count::Several,
        };
        Type { count, ..Type::one(value_type) }.or_absent(true)
    }

    /// A parameter that is text may hold a hexadecimal number.
    fn system_parameter(&self, name: &str) -> Type {
        let mut of = self.attribute(&format!("%{name}%"));
        if of.values.contains(ValueType::String) {
            of.values = of.values.or(ValueTypes::only(ValueType::Integer));
        }
        of
    }

    fn variable(&self, name: &str) -> Type {
        let bound = self.variables.iter().rfind(|(known, _)| *known == name);
        bound.map_or(Type::UNKNOWN, |(_, of)| *of)
    }

    /// Reports what can never fit.
    pub(super) fn error(&mut self, kind: ErrorKind, span: Span, message: String) {
        let error = ExprError::new(kind, span, message);
        if !self.errors.contains(&error) {
            self.errors.push(error);
        }
    }

    /// Reports several values where one is wanted.
    pub(super) fn warn_of_several(&mut self, span: Span, called: &str) {
        let message = format!("'{called}' takes one value here, and this may hold several");
        self.several.push(Lint::new(LintKind::SeveralValues, span, message));
    }
}

fn constant(name: &str) -> Type {
    match name {
        "True" | "False" => Type::one(ValueType::Boolean),
        "CRLF" => Type::one(ValueType::String),
        "NULL" => Type::ABSENT,
        "IgnoreThisFlow" | "AuthoritativeNull" => Type::FLOW,
        _ => Type::UNKNOWN,
    }
}
