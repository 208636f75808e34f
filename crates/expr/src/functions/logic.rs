//! Comparisons, presence and choice.

use std::cmp::Ordering;

use model::Value;

use super::Arguments;
use crate::environment::Context;
use crate::eval::Evaluator;
use crate::operand::{Failure, Operand, boolean_word, decimal, is_decimal, text_of, typed};
use crate::program::Bound;
use crate::{ErrorKind, ExprError};

pub(super) fn null(_arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    Ok(Operand::Null)
}

pub(super) fn identity(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    Ok(arguments.any(0).clone())
}

pub(super) fn is_present(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    Ok(truth(*arguments.any(0) != Operand::Null))
}

/// Evaluates the condition, then only the branch it chooses.
pub(super) fn iif(
    evaluator: &mut Evaluator<'_>,
    arguments: &[Bound],
) -> Result<Operand, ExprError> {
    let [condition, value_true, value_false] = arguments else {
        return Ok(Operand::Null);
    };
    let condition = evaluator.argument(condition, super::Kind::Truth)?;
    let is_true = condition == truth(true);
    evaluator.argument(if is_true { value_true } else { value_false }, super::Kind::Single)
}

pub(super) fn equal(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    Ok(truth(are_equal(arguments)))
}

pub(super) fn not_equal(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    Ok(truth(!are_equal(arguments)))
}

pub(super) fn less(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    Ok(truth(order(arguments)?.is_some_and(Ordering::is_lt)))
}

pub(super) fn greater(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    Ok(truth(order(arguments)?.is_some_and(Ordering::is_gt)))
}

pub(super) fn less_or_equal(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    Ok(truth(order(arguments)?.is_some_and(Ordering::is_le)))
}

pub(super) fn greater_or_equal(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    Ok(truth(order(arguments)?.is_some_and(Ordering::is_ge)))
}

const fn truth(truth: bool) -> Operand {
    Operand::One(Value::Boolean(truth))
}

/// Equal types compare by value, numbers with decimal text as numbers, Booleans with `true` and
/// `false` as Booleans, references and moments with text as text.
fn are_equal(arguments: &Arguments) -> bool {
    let (Some(a), Some(b)) = (arguments.single(0), arguments.single(1)) else {
        return arguments.any(0) == arguments.any(1);
    };
    match (a, b) {
        (Value::Integer(number), Value::String(text))
        | (Value::String(text), Value::Integer(number)) => {
            is_decimal(text) && decimal(text) == Ok(*number)
        }
        (Value::Boolean(truth), Value::String(text))
        | (Value::String(text), Value::Boolean(truth)) => boolean_word(text) == Some(*truth),
        (Value::String(_), Value::Reference(_) | Value::DateTime(_))
        | (Value::Reference(_) | Value::DateTime(_), Value::String(_)) => text_of(a) == text_of(b),
        _ => a == b,
    }
}

fn utf16(value: &Value) -> impl Iterator<Item = u16> {
    value.as_str().unwrap_or_default().encode_utf16()
}

/// How the first value stands to the second; `None` if one is absent.
fn order(arguments: &Arguments) -> Result<Option<Ordering>, Failure> {
    let (Some(a), Some(b)) = (arguments.single(0), arguments.single(1)) else {
        return Ok(None);
    };
    let incomparable = || {
        let message = format!(
            "{} and {} have no order, unless the text is a decimal number",
            typed(a),
            typed(b)
        );
        Failure::new(ErrorKind::Type, message)
    };
    let number = |text: &str| if is_decimal(text) { decimal(text) } else { Err(incomparable()) };
    Ok(Some(match (a, b) {
        (Value::Integer(x), Value::Integer(y)) => x.cmp(y),
        (Value::Integer(x), Value::String(y)) => x.cmp(&number(y)?),
        (Value::String(x), Value::Integer(y)) => number(x)?.cmp(y),
        (Value::String(x), Value::String(y)) if is_decimal(x) && is_decimal(y) => {
            number(x)?.cmp(&number(y)?)
        }
        (Value::DateTime(x), Value::DateTime(y)) => x.cmp(y),
        (Value::String(_) | Value::Reference(_), Value::String(_) | Value::Reference(_)) => {
            utf16(a).cmp(utf16(b))
        }
        _ => return Err(incomparable()),
    }))
}
