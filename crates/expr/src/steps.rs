//! An evaluation step by step, for people who want to see where a result comes from.

use crate::ast::Operator;
use crate::operators::truth;
use crate::{Ast, Environment, ExprError, Node, NodeKind, Operand, Random, Span, bind};

/// One step: a part of the expression and what it gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The part, printed.
    pub source: String,
    /// Where it stands.
    pub span: Span,
    /// True if the result may hold a secret and must not be shown.
    pub is_secret: bool,
    /// What it gives.
    pub result: Result<Operand, ExprError>,
}

/// The steps in the order of evaluation, the whole expression last. Literals are no steps, nor are
/// branches that are not taken and parts that have a meaning only inside their surroundings. Each
/// step is evaluated by itself: what is drawn at random differs from step to step.
pub fn steps(ast: &Ast, environment: &dyn Environment, random: &mut dyn Random) -> Vec<Step> {
    let mut steps = Steps { ast, environment, random, hidden: false, done: Vec::new() };
    steps.node(ast.root());
    steps.done
}

struct Steps<'a> {
    ast: &'a Ast,
    environment: &'a dyn Environment,
    random: &'a mut dyn Random,
    /// True within what is said to be secret.
    hidden: bool,
    done: Vec<Step>,
}

impl Steps<'_> {
    /// Recursion is as deep as the source, which has a limit.
    fn node(&mut self, node: &Node) -> Option<Operand> {
        match &node.kind {
            NodeKind::Text(_) | NodeKind::Integer(_) | NodeKind::Constant(_) => return None,
            NodeKind::Join(operands) => self.all(operands),
            NodeKind::Negate(operand) => self.all(std::slice::from_ref(operand)),
            NodeKind::Chain { first, rest } => {
                self.node(first);
                // The operands after a decision may never be evaluated.
                let is_logic = |(operator, _): &(Operator, Node)| operator.tier() == 0;
                for (_, operand) in rest.iter().take_while(|part| !is_logic(part)) {
                    self.node(operand);
                }
            }
            NodeKind::Call { name, arguments, .. } => self.call(name, arguments),
            _ => {}
        }
        self.step(node)
    }

    fn all(&mut self, nodes: &[Node]) {
        for node in nodes {
            self.node(node);
        }
    }

    fn call(&mut self, name: &str, arguments: &[Node]) {
        match (name, arguments) {
            ("IIF", [condition, then, otherwise]) => {
                let truth = self.node(condition).and_then(|operand| truth(&operand).ok());
                match truth {
                    Some(true) => self.node(then),
                    Some(false) => self.node(otherwise),
                    None => None,
                };
            }
            ("Switch" | "With" | "Select" | "Where" | "Coalesce" | "SelectUniqueValue", _) => {}
            ("Redact", _) => {
                let hidden = std::mem::replace(&mut self.hidden, true);
                self.all(arguments);
                self.hidden = hidden;
            }
            _ => self.all(arguments),
        }
    }

    fn step(&mut self, node: &Node) -> Option<Operand> {
        let part = Ast { root: node.clone(), dialect: self.ast.dialect };
        let program = bind(&part, None).ok()?;
        let result = program.compute(self.environment, self.random);
        let operand = result.as_ref().ok().cloned();
        let (source, is_secret) = (part.to_string(), self.hidden || program.is_secret());
        self.done.push(Step { source, span: node.span, is_secret, result });
        operand
    }
}
