//! Numbers: bits and draws.

use model::Value;

use super::Arguments;
use crate::ErrorKind;
use crate::environment::Context;
use crate::operand::{Failure, Operand};

pub(super) fn or(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    Ok(integer(arguments.integer(0) | arguments.integer(1)))
}

pub(super) fn and(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    Ok(integer(arguments.integer(0) & arguments.integer(1)))
}

pub(super) fn random_num(
    arguments: &Arguments,
    context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    let (start, end) = (arguments.integer(0), arguments.integer(1));
    if start > end {
        let message = "the first bound is greater than the second";
        return Err(Failure::new(ErrorKind::Value, message));
    }
    let offset = match end.abs_diff(start).checked_add(1) {
        Some(count) => context.random.below(count),
        // All 64-bit numbers: one more than a bound can say.
        None => context.random.below(1 << 32) << 32 | context.random.below(1 << 32),
    };
    Ok(integer(start.wrapping_add_unsigned(offset)))
}

const fn integer(number: i64) -> Operand {
    Operand::One(Value::Integer(number))
}
