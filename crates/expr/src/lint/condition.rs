//! Conditions and comparisons whose outcome no object changes.

use super::walk::function;
use super::{Lint, LintKind};
use crate::operators::truth;
use crate::types::{Branch, Origin, Type, Types, never_equal};
use crate::vectors::Surroundings;
use crate::{Ast, Node, NodeKind, Operator, Random, Span, bind};

/// Warns of conditions that are always true or always false.
pub(super) fn check(types: &Types<'_>, lints: &mut Vec<Lint>) {
    Conditions { types, lints }.visit(types.ast.root(), false);
}

struct Conditions<'a> {
    types: &'a Types<'a>,
    lints: &'a mut Vec<Lint>,
}

/// How a comparison or a question is asked.
enum Question<'n> {
    /// Whether both are equal, or whether they are not.
    Equal { left: &'n Node, right: &'n Node, wanted: bool },
    /// Whether there is a value, or whether there is none.
    Present { value: &'n Node, wanted: bool, empty_text_counts: bool },
    /// Any other.
    Other,
}

impl Conditions<'_> {
    fn visit(&mut self, node: &Node, is_condition: bool) {
        let question = self.question(node);
        if (is_condition || question.is_some())
            && let Some(lint) = self.constant(node, question, is_condition)
        {
            self.lints.push(lint);
            return;
        }
        for (index, child) in node.parts().into_iter().enumerate() {
            if !self.is_default(node, index, child) {
                self.visit(child, self.takes_condition(node, index));
            }
        }
    }

    /// The lint about a node whose outcome is known.
    fn constant(
        &self,
        node: &Node,
        question: Option<Question<'_>>,
        is_condition: bool,
    ) -> Option<Lint> {
        let what = if is_condition { "condition" } else { "comparison" };
        if let Some(outcome) = self.computed(node) {
            return Some(constant(what, node.span, outcome));
        }
        match question? {
            Question::Equal { left, right, wanted } => {
                let (a, b) = (self.branch(left), self.branch(right));
                let is_decided =
                    |a: Type, b: Type| a.is_absent() && !b.may_be_absent && !b.values.is_empty();
                if is_decided(a.of, b.of) || is_decided(b.of, a.of) {
                    return Some(constant(what, node.span, !wanted));
                }
                if self.types.ast.dialect() != crate::Dialect::Mim || !never_equal(&a, &b) {
                    return None;
                }
                let message =
                    format!("{} and {} are never equal", a.of.describe(), b.of.describe());
                Some(Lint::new(LintKind::NeverEqual, node.span, message))
            }
            Question::Present { value, wanted, empty_text_counts } => {
                let of = self.branch(value).of;
                let may_be_text = of.values.contains(model::ValueType::String);
                let is_decided = !of.may_be_absent
                    && !of.values.is_empty()
                    && (empty_text_counts || !may_be_text);
                is_decided.then(|| constant(what, node.span, wanted))
            }
            Question::Other => None,
        }
    }

    /// What is asked, if the node asks something.
    fn question<'n>(&self, node: &'n Node) -> Option<Question<'n>> {
        if let NodeKind::Chain { first, rest } = &node.kind {
            let tier = rest.first().map(|(operator, _)| operator.tier());
            return Some(match rest.as_slice() {
                [(operator @ (Operator::Equal | Operator::NotEqual), right)] => {
                    let wanted = *operator == Operator::Equal;
                    Question::Equal { left: first, right, wanted }
                }
                _ if tier < Some(2) => Question::Other,
                _ => return None,
            });
        }
        let dialect = self.types.ast.dialect();
        let is_mim = dialect == crate::Dialect::Mim;
        let name = function(node, dialect)?.name;
        Some(match (name, node.parts().as_slice()) {
            ("Eq" | "NotEquals", [left, right]) => {
                Question::Equal { left, right, wanted: name == "Eq" }
            }
            ("IsPresent", [value]) => {
                Question::Present { value, wanted: true, empty_text_counts: is_mim }
            }
            ("IsNull" | "IsNullOrEmpty", [value]) => {
                let empty_text_counts = name == "IsNull";
                Question::Present { value, wanted: false, empty_text_counts }
            }
            ("Not" | "IsEmpty" | "IsString" | "IsNumeric" | "IsDate", [_]) => Question::Other,
            ("LessThan" | "GreaterThan" | "LessThanOrEquals" | "GreaterThanOrEquals", [_, _]) => {
                Question::Other
            }
            _ => return None,
        })
    }

    fn branch<'n>(&self, node: &'n Node) -> Branch<'n> {
        let of = self.types.at(node.span).unwrap_or(Type::UNKNOWN);
        let origin = match &node.kind {
            NodeKind::Text(text) => Origin::Text(text),
            _ => Origin::Computed,
        };
        Branch { span: node.span, of, origin }
    }

    /// True if child number `index` decides something.
    fn takes_condition(&self, node: &Node, index: usize) -> bool {
        if let NodeKind::Chain { rest, .. } = &node.kind {
            return rest.first().is_some_and(|(operator, _)| operator.tier() == 0);
        }
        match (function(node, self.types.ast.dialect()).map(|f| f.name), index) {
            (Some("IIF" | "Not"), 0) | (Some("Where"), 2) => true,
            (Some("Switch"), _) => index.is_multiple_of(2),
            _ => false,
        }
    }

    /// The last condition of a `Switch` is often `True`: what is taken otherwise.
    fn is_default(&self, node: &Node, index: usize, child: &Node) -> bool {
        let is_switch =
            function(node, self.types.ast.dialect()).is_some_and(|f| f.name == "Switch");
        is_switch && index + 2 == node.parts().len() && self.computed(child) == Some(true)
    }

    /// The outcome, if nothing outside the node has a say in it.
    fn computed(&self, node: &Node) -> Option<bool> {
        if !self.is_closed(node) {
            return None;
        }
        let ast = Ast { dialect: self.types.ast.dialect(), root: node.clone() };
        let program = bind(&ast, None).ok()?;
        if program.depends_on_more_than_input() || !program.attributes().is_empty() {
            return None;
        }
        truth(&program.compute(&Surroundings::default(), &mut Nothing).ok()?).ok()
    }

    /// True if the node names nothing whose value could be another one. Variables count as such:
    /// loops would take their time.
    fn is_closed(&self, node: &Node) -> bool {
        let is_known = |name: &str| self.types.schema.attribute(name).is_some();
        match &node.kind {
            NodeKind::Word(name) => crate::operand::boolean_word(name).is_some() && !is_known(name),
            NodeKind::Parameter(_)
            | NodeKind::Lookup(_)
            | NodeKind::Attribute(_)
            | NodeKind::Variable(_)
            | NodeKind::SystemParameter(_) => false,
            _ => node.parts().into_iter().all(|child| self.is_closed(child)),
        }
    }
}

fn constant(what: &str, span: Span, outcome: bool) -> Lint {
    let outcome = if outcome { "True" } else { "False" };
    let message = format!("this {what} is always {outcome}");
    Lint::new(LintKind::ConstantCondition, span, message)
        .with_help("whatever the object is, the outcome is the same")
}

/// Nothing is drawn where nothing is random.
struct Nothing;

impl Random for Nothing {
    fn below(&mut self, _bound: u64) -> u64 {
        0
    }
}
