//! Longer texts out of shorter ones. Lengths are checked before the memory is taken.

use super::Arguments;
use super::cut::units_in;
use crate::ErrorKind;
use crate::environment::Context;
use crate::limits::{PAD_LENGTH_MAX, RESULT_BYTES_MAX};
use crate::operand::{Failure, Operand};

pub(super) fn concatenate(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    let parts = || (0..arguments.iter().len()).map(|i| arguments.text(i));
    check_length(parts().map(str::len).fold(0, usize::saturating_add))?;
    Ok(Operand::text(parts().collect::<String>()))
}

pub(super) fn crlf(_arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    Ok(Operand::text("\r\n"))
}

pub(super) fn right_pad(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    let fill = fill(arguments)?;
    Ok(Operand::text(format!("{}{fill}", arguments.text(0))))
}

pub(super) fn left_pad(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    let fill = fill(arguments)?;
    Ok(Operand::text(format!("{fill}{}", arguments.text(0))))
}

/// What is missing to the length asked for.
fn fill(arguments: &Arguments) -> Result<String, Failure> {
    let mut pad = arguments.text(2).chars();
    let character = match (pad.next(), pad.next()) {
        (Some(c), None) if c.len_utf16() == 1 => c,
        _ => {
            let message = "the pad character must be exactly one character";
            return Err(Failure::of_argument(2, ErrorKind::Value, message));
        }
    };
    let length = arguments.integer(1);
    if length > PAD_LENGTH_MAX {
        let message = format!("padding goes up to {PAD_LENGTH_MAX} characters");
        return Err(Failure::of_argument(1, ErrorKind::Limit, message));
    }
    let length = usize::try_from(length).unwrap_or(0);
    let missing = length.saturating_sub(units_in(arguments.text(0)));
    Ok(std::iter::repeat_n(character, missing).collect())
}

pub(super) fn replace(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    let (text, old, new) = (arguments.text(0), arguments.text(1), arguments.text(2));
    if old.is_empty() {
        let message = "there is nothing to look for: the text to replace is empty";
        return Err(Failure::of_argument(1, ErrorKind::Value, message));
    }
    let occurrences = text.matches(old).count();
    if occurrences == 0 {
        return Ok(Operand::text(arguments.shared_text(0)));
    }
    let kept = text.len().saturating_sub(occurrences.saturating_mul(old.len()));
    check_length(kept.saturating_add(occurrences.saturating_mul(new.len())))?;
    Ok(Operand::text(text.replace(old, new)))
}

/// Refuses texts that grow too long.
pub(super) fn check_length(bytes: usize) -> Result<(), Failure> {
    if bytes > RESULT_BYTES_MAX {
        let message = format!("the text would be longer than {RESULT_BYTES_MAX} bytes");
        return Err(Failure::new(ErrorKind::Limit, message));
    }
    Ok(())
}
