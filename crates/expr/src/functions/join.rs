//! Longer texts out of shorter ones. Lengths are checked before the memory is taken.

use super::Arguments;
use super::cut::units_in;
use crate::ErrorKind;
use crate::environment::Context;
use crate::limits::{PAD_LENGTH_MAX, RESULT_BYTES_MAX};
use crate::operand::{Failure, Operand};
use crate::text_buffer::TextBuffer;

pub(super) fn concatenate(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    let parts = || (0..arguments.count()).map(|i| arguments.text(i));
    let length = parts().map(str::len).fold(0, usize::saturating_add);
    check_length(length)?;
    // Nothing but empty texts beside one: that one itself.
    if let Some(all) = parts().position(|part| part.len() == length) {
        return Ok(Operand::text(arguments.shared_text(all)));
    }
    let mut joined = TextBuffer::with_capacity(length);
    parts().for_each(|part| joined.push_str(part));
    Ok(joined.into())
}

pub(super) fn crlf(_arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    Ok(Operand::text("\r\n"))
}

pub(super) fn right_pad(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    let (character, missing) = fill(arguments)?;
    let text = arguments.text(0);
    if missing == 0 {
        return Ok(arguments.part_of(0, text));
    }
    let mut filled = TextBuffer::with_capacity(text.len().saturating_add(missing));
    filled.push_str(text);
    filled.extend(std::iter::repeat_n(character, missing));
    Ok(filled.into())
}

pub(super) fn left_pad(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    let (character, missing) = fill(arguments)?;
    let text = arguments.text(0);
    if missing == 0 {
        return Ok(arguments.part_of(0, text));
    }
    let mut filled = TextBuffer::with_capacity(text.len().saturating_add(missing));
    filled.extend(std::iter::repeat_n(character, missing));
    filled.push_str(text);
    Ok(filled.into())
}

/// What fills up, and how often, to the length asked for.
fn fill(arguments: &Arguments) -> Result<(char, usize), Failure> {
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
    Ok((character, length.saturating_sub(units_in(arguments.text(0)))))
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
    let length = kept.saturating_add(occurrences.saturating_mul(new.len()));
    check_length(length)?;
    let mut replaced = TextBuffer::with_capacity(length);
    let mut pieces = text.split(old);
    pieces.next().into_iter().for_each(|piece| replaced.push_str(piece));
    for piece in pieces {
        replaced.push_str(new);
        replaced.push_str(piece);
    }
    Ok(replaced.into())
}

/// Refuses texts that grow too long.
pub(super) fn check_length(bytes: usize) -> Result<(), Failure> {
    if bytes > RESULT_BYTES_MAX {
        let message = format!("the text would be longer than {RESULT_BYTES_MAX} bytes");
        return Err(Failure::new(ErrorKind::Limit, message));
    }
    Ok(())
}
