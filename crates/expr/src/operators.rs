//! What the operators of Entra Connect compute. Given lists they work element by element.

use std::cmp::Ordering;
use std::fmt::Write as _;
use std::sync::Arc;

use model::Value;

use crate::ast::Operator;
use crate::eval::{Evaluator, check_size};
use crate::functions::to_lower;
use crate::limits::RESULT_BYTES_MAX;
use crate::operand::{Failure, Operand, text_of, truth_of};
use crate::program::Bound;
use crate::text_buffer::TextBuffer;
use crate::{ErrorKind, ExprError};

/// Evaluates operands with operators between them, left to right. Logic does not look at its right
/// side where one value on the left decides.
pub(crate) fn chain(
    evaluator: &mut Evaluator<'_>,
    first: &Bound,
    rest: &[(Operator, Bound)],
) -> Result<Operand, ExprError> {
    let mut left = Left::default();
    evaluator.eval_into(first, &mut left.operand)?;
    for (operator, operand) in rest {
        let span = first.span.to(operand.span);
        let fail = |failure: Failure| ExprError::new(failure.kind, span, failure.message);
        if matches!(operator, Operator::And | Operator::Or) && !left.is_list() {
            let truth = truth(&left.operand).map_err(fail)?;
            if truth == (*operator == Operator::Or) {
                left.operand = Operand::truth(truth);
                continue;
            }
        }
        let mut right = Operand::Null;
        evaluator.eval_into(operand, &mut right)?;
        // The left side is copied into a join, however short the right one is; a text in the
        // making is not.
        if left.text.is_none() {
            evaluator.spend(left.operand.weight() / 8, span)?;
        }
        if *operator == Operator::Join && left.append(&right).map_err(fail)? {
            continue;
        }
        left.finish();
        let is_one = !left.is_list() && !matches!(right, Operand::List(_));
        if operator.tier() < 2 && is_one {
            let truth = decide(*operator, &left.operand, &right).map_err(fail)?;
            left.operand = Operand::truth(truth);
            continue;
        }
        let both = pairwise(&left.operand, &right, |a, b| combine(*operator, a, b));
        left.operand = both.map_err(fail)?;
        check_size(&left.operand, span)?;
    }
    left.finish();
    Ok(left.operand)
}

/// What has been computed of a chain.
#[derive(Default)]
struct Left {
    operand: Operand,
    /// In place of `operand` a text to which more may be joined: only the whole takes memory.
    text: Option<TextBuffer>,
}

impl Left {
    const fn is_list(&self) -> bool {
        matches!(self.operand, Operand::List(_))
    }

    /// Makes the text, if there is one, the operand.
    fn finish(&mut self) {
        if let Some(text) = self.text.take() {
            self.operand = text.into();
        }
    }

    /// Puts `right` at the end if both are text; false if this is no joining of texts.
    fn append(&mut self, right: &Operand) -> Result<bool, Failure> {
        let added = match right {
            Operand::One(Value::Binary(_) | Value::DateTime(_)) => return Ok(false),
            Operand::One(value) => value,
            Operand::Null => return Ok(self.text.is_some()),
            _ => return Ok(false),
        };
        if self.text.is_none()
            && let Operand::One(Value::String(start) | Value::Reference(start)) = &self.operand
        {
            self.text.get_or_insert_default().push_str(start);
        }
        let Some(text) = &mut self.text else { return Ok(false) };
        check_join(text.len(), right)?;
        match added {
            Value::String(added) | Value::Reference(added) => text.push_str(added),
            // Writing into memory cannot fail.
            other => drop(write!(text, "{other}")),
        }
        Ok(true)
    }
}

/// Refuses to make a text too long.
fn check_join(octets: usize, added: &Operand) -> Result<(), Failure> {
    if octets.saturating_add(added.size()) > RESULT_BYTES_MAX {
        let message = format!("the text would be longer than {RESULT_BYTES_MAX} bytes");
        return Err(Failure::new(ErrorKind::Limit, message));
    }
    Ok(())
}

/// The number with its sign changed.
pub(crate) fn negate(operand: &Operand) -> Result<Operand, Failure> {
    pairwise(&Operand::number(0), operand, |a, b| combine(Operator::Subtract, a, b))
}

/// Whether a condition holds: nothing is false, a number other than zero true.
pub(crate) fn truth(operand: &Operand) -> Result<bool, Failure> {
    match operand {
        Operand::Null => Ok(false),
        Operand::One(value) => truth_of(value),
        _ => {
            let message = format!("expected true or false, found {}", operand.describe());
            Err(Failure::new(ErrorKind::Type, message))
        }
    }
}

fn pairwise(
    left: &Operand,
    right: &Operand,
    combine: impl Fn(&Operand, &Operand) -> Result<Operand, Failure>,
) -> Result<Operand, Failure> {
    let results: Result<Vec<_>, _> = match (left, right) {
        (Operand::List(a), Operand::List(b)) if a.len() != b.len() => {
            let message = "the values on both sides differ in number";
            return Err(Failure::new(ErrorKind::MvLength, message));
        }
        (Operand::List(a), Operand::List(b)) => {
            a.iter().zip(b).map(|(a, b)| combine(a, b)).collect()
        }
        (Operand::List(a), b) => {
            bounded(a.len(), b)?;
            a.iter().map(|a| combine(a, b)).collect()
        }
        (a, Operand::List(b)) => {
            bounded(b.len(), a)?;
            b.iter().map(|b| combine(a, b)).collect()
        }
        _ => return combine(left, right),
    };
    Ok(Operand::list_with_holes(results?))
}

/// Refuses to repeat a long value many times.
fn bounded(times: usize, value: &Operand) -> Result<(), Failure> {
    if times.saturating_mul(value.size()) > RESULT_BYTES_MAX {
        let message = format!("the values would be longer than {RESULT_BYTES_MAX} bytes");
        return Err(Failure::new(ErrorKind::Limit, message));
    }
    Ok(())
}

/// What logic and comparisons come to.
fn decide(operator: Operator, left: &Operand, right: &Operand) -> Result<bool, Failure> {
    let ordered =
        |wanted: fn(Ordering) -> bool| Ok(order(operator, left, right)?.is_some_and(wanted));
    match operator {
        Operator::And => Ok(truth(left)? & truth(right)?),
        Operator::Or => Ok(truth(left)? | truth(right)?),
        Operator::NotEqual => Ok(!are_equal(operator, left, right)?),
        Operator::Less => ordered(Ordering::is_lt),
        Operator::LessOrEqual => ordered(Ordering::is_le),
        Operator::Greater => ordered(Ordering::is_gt),
        Operator::GreaterOrEqual => ordered(Ordering::is_ge),
        _ => are_equal(operator, left, right),
    }
}

fn combine(operator: Operator, left: &Operand, right: &Operand) -> Result<Operand, Failure> {
    match operator {
        _ if operator.tier() < 2 => decide(operator, left, right).map(Operand::truth),
        Operator::Join => join(left, right),
        _ => arithmetic(operator, left, right),
    }
}

fn refused(operator: Operator, left: &Operand, right: &Operand) -> Failure {
    let message = format!(
        "'{}' does not go with {} and {}",
        operator.symbol(),
        left.describe(),
        right.describe()
    );
    Failure::new(ErrorKind::Type, message)
}

/// Nothing equals only nothing. Texts are compared exactly, references ignoring case.
fn are_equal(operator: Operator, left: &Operand, right: &Operand) -> Result<bool, Failure> {
    let is_value =
        |operand: &Operand| matches!(operand, Operand::Null | Operand::One(_) | Operand::Moment(_));
    match (left, right) {
        (Operand::Null, other) | (other, Operand::Null) if is_value(other) => Ok(left == right),
        (Operand::Moment(a), Operand::Moment(b)) => Ok(a == b),
        (Operand::One(Value::Reference(a)), Operand::One(Value::Reference(b))) => {
            Ok(a.chars().map(to_lower).eq(b.chars().map(to_lower)))
        }
        (Operand::One(a), Operand::One(b)) if a.value_type() == b.value_type() => Ok(a == b),
        _ => Err(refused(operator, left, right)),
    }
}

fn order(operator: Operator, left: &Operand, right: &Operand) -> Result<Option<Ordering>, Failure> {
    let has_order = |operand: &Operand| {
        matches!(
            operand,
            Operand::Null | Operand::Moment(_) | Operand::One(Value::Integer(_) | Value::String(_))
        )
    };
    match (left, right) {
        (Operand::Null, other) | (other, Operand::Null) if has_order(other) => Ok(None),
        (Operand::Moment(a), Operand::Moment(b)) => Ok(Some(a.cmp(b))),
        (Operand::One(Value::Integer(a)), Operand::One(Value::Integer(b))) => Ok(Some(a.cmp(b))),
        (Operand::One(Value::String(a)), Operand::One(Value::String(b))) => {
            Ok(Some(a.encode_utf16().cmp(b.encode_utf16())))
        }
        _ => Err(refused(operator, left, right)),
    }
}

fn arithmetic(operator: Operator, left: &Operand, right: &Operand) -> Result<Operand, Failure> {
    let is_number =
        |operand: &Operand| matches!(operand, Operand::Null | Operand::One(Value::Integer(_)));
    let (a, b) = match (left, right) {
        (Operand::One(Value::Integer(a)), Operand::One(Value::Integer(b))) => (*a, *b),
        _ if is_number(left) && is_number(right) => return Ok(Operand::Null),
        _ => return Err(refused(operator, left, right)),
    };
    let result = match operator {
        Operator::Subtract => a.checked_sub(b),
        Operator::Multiply => a.checked_mul(b),
        _ => a.checked_add(b),
    };
    result
        .map(Operand::number)
        .ok_or_else(|| Failure::new(ErrorKind::Range, "the result has more than 64 bits"))
}

fn join(left: &Operand, right: &Operand) -> Result<Operand, Failure> {
    let refused = || refused(Operator::Join, left, right);
    check_join(left.size(), right)?;
    match (left, right) {
        (Operand::Null, Operand::Null) => Ok(Operand::Null),
        (Operand::One(Value::Binary(a)), Operand::One(Value::Binary(b))) => {
            Ok(Operand::octets(&[a.as_ref(), b.as_ref()].concat()))
        }
        (Operand::Null, Operand::One(Value::Binary(_))) => Ok(right.clone()),
        (Operand::One(Value::Binary(_)), Operand::Null) => Ok(left.clone()),
        _ => {
            let part = |operand: &Operand| match operand {
                Operand::Null => Some(Arc::default()),
                Operand::One(value) => text_of(value),
                _ => None,
            };
            let a = part(left).ok_or_else(refused)?;
            let b = part(right).ok_or_else(refused)?;
            if a.is_empty() || b.is_empty() {
                return Ok(Operand::text(if a.is_empty() { b } else { a }));
            }
            let mut joined = TextBuffer::with_capacity(a.len().saturating_add(b.len()));
            joined.push_str(&a);
            joined.push_str(&b);
            Ok(joined.into())
        }
    }
}
