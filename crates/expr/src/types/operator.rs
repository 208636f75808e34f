//! Operators of Entra Connect. Given lists they work element by element.

use model::ValueType;

use super::fit::{RENDERED, fits_operator};
use super::inference::Inference;
use super::{Branch, Count, Origin, Type, ValueTypes, union};
use crate::{ErrorKind, Node, Operator, Span};

impl<'a> Inference<'a> {
    /// What the operands with operators between them give, left to right.
    pub(super) fn chain(&mut self, first: &'a Node, rest: &'a [(Operator, Node)]) -> Type {
        let mut left = self.node(first);
        for (operator, operand) in rest {
            let right = self.node(operand);
            let span = first.span.to(operand.span);
            self.check_operands(*operator, &left, &right, span);
            let of = result(*operator, union(&left), union(&right));
            left = vec![Branch { span, of, origin: Origin::Computed }];
        }
        union(&left)
    }

    /// What the operand with its sign changed gives.
    pub(super) fn negate(&mut self, operand: &'a Node, span: Span) -> Type {
        let zero = Type::one(ValueType::Integer);
        let left = [Branch { span, of: zero, origin: Origin::Computed }];
        let right = self.node(operand);
        self.check_operands(Operator::Subtract, &left, &right, span);
        result(Operator::Subtract, zero, union(&right))
    }

    fn check_operands(
        &mut self,
        operator: Operator,
        left: &[Branch<'a>],
        right: &[Branch<'a>],
        span: Span,
    ) {
        let symbol = operator.symbol();
        if let Some(flow) = left.iter().chain(right).find(|branch| is_flow(branch.of)) {
            let message = "a flow constant is not a value".to_owned();
            return self.error(ErrorKind::Type, flow.span, message);
        }
        let whole = |side: &[Branch<'a>]| match side {
            [one] => *one,
            _ => Branch { span, of: union(side), origin: Origin::Computed },
        };
        let (all_left, all_right) = (whole(left), whole(right));
        let message = |a: &Branch<'_>, b: &Branch<'_>| {
            format!("'{symbol}' does not go with {} and {}", a.of.describe(), b.of.describe())
        };
        if !fits_operator(operator, &all_left, &all_right) {
            return self.error(ErrorKind::Type, span, message(&all_left, &all_right));
        }
        for branch in left.iter().filter(|branch| !fits_operator(operator, branch, &all_right)) {
            self.error(ErrorKind::Type, branch.span, message(branch, &all_right));
        }
        for branch in right.iter().filter(|branch| !fits_operator(operator, &all_left, branch)) {
            self.error(ErrorKind::Type, branch.span, message(&all_left, branch));
        }
    }
}

/// True for what can be nothing but a flow constant.
pub(super) const fn is_flow(of: Type) -> bool {
    of.may_be_flow && of.values.is_empty() && !of.may_be_absent
}

fn result(operator: Operator, left: Type, right: Type) -> Type {
    let count = |propagates: bool| {
        let side = |of: Type| match of.count {
            _ if of.values.is_empty() => Count::One,
            Count::Several if of.may_be_absent && !propagates => Count::Either,
            count => count,
        };
        side(left).max(side(right))
    };
    let both_absent = left.may_be_absent && right.may_be_absent;
    match operator {
        Operator::Add | Operator::Subtract | Operator::Multiply => {
            let is_absent = left.may_be_absent || right.may_be_absent;
            let of = Type { count: count(true), ..Type::one(ValueType::Integer) };
            of.or_absent(is_absent)
        }
        Operator::Join => {
            let octets = ValueTypes::only(ValueType::Binary);
            let has = |types: ValueTypes| {
                let has = |of: Type| !of.values.and(types).is_empty();
                (has(left) && (has(right) || right.may_be_absent))
                    || (has(right) && left.may_be_absent)
            };
            let mut values = ValueTypes::NONE;
            if has(RENDERED) {
                values = values.or(ValueTypes::only(ValueType::String));
            }
            if has(octets) {
                values = values.or(octets);
            }
            Type { values, count: count(false), ..Type::NEVER }.or_absent(both_absent)
        }
        _ => Type { count: count(false), ..Type::one(ValueType::Boolean) },
    }
}
