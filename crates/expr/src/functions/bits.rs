//! Numbers: bits and draws.

use model::Value;

use super::Arguments;
use crate::operand::{Failure, Operand};
use crate::{ErrorKind, Random};

pub(super) fn or(arguments: &Arguments, _random: &mut dyn Random) -> Result<Operand, Failure> {
    Ok(integer(arguments.integer(0) | arguments.integer(1)))
}

pub(super) fn and(arguments: &Arguments, _random: &mut dyn Random) -> Result<Operand, Failure> {
    Ok(integer(arguments.integer(0) & arguments.integer(1)))
}

pub(super) fn random_num(
    arguments: &Arguments,
    random: &mut dyn Random,
) -> Result<Operand, Failure> {
    let (start, end) = (arguments.integer(0), arguments.integer(1));
    if start > end {
        let message = "the first bound is greater than the second";
        return Err(Failure::new(ErrorKind::Value, message));
    }
    let offset = match end.abs_diff(start).checked_add(1) {
        Some(count) => random.below(count),
        // All 64-bit numbers: one more than a bound can say.
        None => random.below(1 << 32) << 32 | random.below(1 << 32),
    };
    Ok(integer(start.wrapping_add_unsigned(offset)))
}

const fn integer(number: i64) -> Operand {
    Operand::One(Value::Integer(number))
}
