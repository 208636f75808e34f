//! Collections: asking after their elements, joining them, dropping repetitions.

use std::collections::HashSet;

use model::Value;

use super::text_find::Case;
use crate::ErrorKind;
use crate::environment::Context;
use crate::functions::Arguments;
use crate::functions::join::check_length;
use crate::operand::{Failure, Operand};

/// The position of the first text that has the one sought in it, or of the first reference that
/// equals it.
pub(super) fn contains(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    let case = Case::of(arguments, 2);
    let sought = case.fold(arguments.text(1));
    for (position, element) in (1..).zip(arguments.list(0)) {
        let is_found = match element {
            Operand::One(Value::String(text)) => case.fold(text).contains(sought.as_ref()),
            Operand::One(Value::Reference(target)) => case.fold(target) == sought,
            other => return Err(unfit(other, "a text or a reference")),
        };
        if is_found {
            return Ok(Operand::number(position));
        }
    }
    Ok(Operand::number(0))
}

fn unfit(element: &Operand, wanted: &str) -> Failure {
    let message = format!("expected every value to be {wanted}, found {}", element.describe());
    Failure::of_argument(0, ErrorKind::Type, message)
}

pub(super) fn count(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    let count = i64::try_from(arguments.list(0).count()).unwrap_or(i64::MAX);
    Ok(Operand::number(count))
}

pub(super) fn item(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    element(arguments).ok_or_else(|| {
        Failure::of_argument(1, ErrorKind::Range, "there is no value at this position")
    })
}

pub(super) fn item_or_null(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    Ok(element(arguments).unwrap_or(Operand::Null))
}

/// The element at a position from one.
fn element(arguments: &Arguments) -> Option<Operand> {
    let skipped = usize::try_from(arguments.integer(1)).ok()?.checked_sub(1)?;
    arguments.list(0).nth(skipped).cloned()
}

pub(super) fn join(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    let delimiter = if arguments.count() > 1 { arguments.text(1) } else { " " };
    let mut joined = String::new();
    for (at, element) in arguments.list(0).enumerate() {
        let Operand::One(Value::String(text)) = element else {
            return Err(unfit(element, "a text"));
        };
        if at > 0 {
            joined.push_str(delimiter);
        }
        check_length(joined.len().saturating_add(text.len()))?;
        joined.push_str(text);
    }
    Ok(Operand::text(joined))
}

/// Keeps the first of values that are the same to the letter.
pub(super) fn remove_duplicates(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    let mut values = HashSet::new();
    let mut moments = HashSet::new();
    let mut kept = Vec::new();
    for element in arguments.list(0) {
        let is_first = match element {
            Operand::One(value) => values.insert(value),
            Operand::Moment(ticks) => moments.insert(*ticks),
            _ => true,
        };
        if is_first {
            kept.push(element.clone());
        }
    }
    Ok(Operand::list(kept))
}

/// Cuts a text at a delimiter of one character.
pub(super) fn split(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    let limit = (arguments.count() > 2).then(|| arguments.integer(2));
    let pieces = super::text_find::split(arguments.text(0), arguments.text(1), limit)?;
    Ok(Operand::list(pieces.into_iter().map(Operand::text).collect()))
}
