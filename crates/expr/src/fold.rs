//! What depends on nothing is computed once, when an expression is bound.
//!
//! A part is computed if all its operands are constants and it asks its surroundings for nothing:
//! not for an attribute, the present moment, the style of names, nor for anything random. A part
//! that fails stays as it is and fails each time, if it is evaluated at all. Results and errors are
//! the same with and without.

use std::cell::Cell;

use model::Timestamp;
use smallvec::SmallVec;

use crate::eval::Evaluator;
use crate::functions::Purity;
use crate::limits::{FOLDED_BYTES_MAX, FOLDING_STEPS_MAX, STEPS_MAX};
use crate::operand::Operand;
use crate::program::{Bound, BoundKind};
use crate::{Dialect, DnStyle, Environment, Given, Program, Random};

/// Computes what depends on nothing.
pub(crate) fn fold(program: &mut Program) {
    fold_part(&mut program.root, program.dialect);
}

/// From the inside out, so that each part is computed once. Recursion is as deep as the source,
/// which has a limit.
fn fold_part(bound: &mut Bound, dialect: Dialect) {
    let mut is_constant = true;
    for part in bound.parts_mut() {
        fold_part(part, dialect);
        is_constant &= matches!(part.kind, BoundKind::Constant(_) | BoundKind::Special(_));
    }
    let may_fold = match &bound.kind {
        BoundKind::Negate(_) | BoundKind::Chain { .. } => is_constant,
        BoundKind::Call { function, .. } => is_constant && function.purity == Purity::DETERMINISTIC,
        _ => false,
    };
    match may_fold.then(|| computed(bound, dialect)).flatten() {
        Some(Operand::One(value)) => bound.kind = BoundKind::Constant(value),
        Some(other) => bound.kind = BoundKind::Special(other),
        None => {}
    }
}

/// The value of a part that has one whatever surrounds it, unless it is too large to keep.
fn computed(bound: &Bound, dialect: Dialect) -> Option<Operand> {
    let is_asked = &Cell::new(false);
    let mut evaluator = Evaluator {
        dialect,
        input: None,
        environment: &Apart { is_asked },
        random: &mut Apart { is_asked },
        variables: SmallVec::new(),
        steps: STEPS_MAX.saturating_sub(FOLDING_STEPS_MAX),
    };
    let result = evaluator.eval(bound).ok()?;
    let count = if let Operand::List(elements) = &result { elements.len() } else { 0 };
    let octets = count.saturating_mul(size_of::<Operand>()).saturating_add(result.size());
    (!is_asked.get() && octets <= FOLDED_BYTES_MAX).then_some(result)
}

/// Surroundings that know nothing and notice each question.
struct Apart<'a> {
    is_asked: &'a Cell<bool>,
}

impl Environment for Apart<'_> {
    fn attribute(&self, _name: &str) -> Given<'_> {
        self.is_asked.set(true);
        Given::Nothing
    }

    fn confirmed(&self, _name: &str) -> Given<'_> {
        self.is_asked.set(true);
        Given::Nothing
    }

    fn parameter(&self, _name: &str) -> Option<Given<'_>> {
        self.is_asked.set(true);
        None
    }

    fn now(&self) -> Timestamp {
        self.is_asked.set(true);
        Timestamp(0)
    }

    fn is_taken(&self, _name: &str) -> bool {
        self.is_asked.set(true);
        false
    }

    fn dn_style(&self) -> DnStyle {
        self.is_asked.set(true);
        DnStyle::Ldap
    }
}

impl Random for Apart<'_> {
    fn below(&mut self, _bound: u64) -> u64 {
        self.is_asked.set(true);
        0
    }
}
