//! What the entries for texts and numbers run, where it is not what the other dialect does.

use model::Value;

use super::data_code;
use super::text_find::{self, Case};
use super::text_form;
use super::text_random::{self, Recipe};
use crate::environment::Context;
use crate::functions::{Arguments, cut};
use crate::operand::{Failure, Operand};

pub(super) fn title(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    let text = arguments.text(0);
    Ok(Operand::text(match arguments.count() {
        0 | 1 => text_form::title(text),
        _ => text_form::title_after(text, arguments.text(1)),
    }))
}

pub(super) fn without_marks(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    Ok(Operand::text(text_form::without_marks(arguments.text(0))))
}

pub(super) fn strip_spaces(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    Ok(Operand::text(arguments.text(0).replace(' ', "")))
}

/// A negative count takes everything, as for texts.
pub(super) fn left(arguments: &Arguments, context: &mut Context<'_>) -> Result<Operand, Failure> {
    let Some(octets) = arguments.octets(0) else { return cut::left(arguments, context) };
    let count = usize::try_from(arguments.integer(1)).unwrap_or(usize::MAX);
    Ok(Operand::octets(octets.get(..count).unwrap_or(octets)))
}

pub(super) fn right(arguments: &Arguments, context: &mut Context<'_>) -> Result<Operand, Failure> {
    let Some(octets) = arguments.octets(0) else { return cut::right(arguments, context) };
    let count = usize::try_from(arguments.integer(1)).unwrap_or(usize::MAX);
    Ok(Operand::octets(octets.get(octets.len().saturating_sub(count)..).unwrap_or(octets)))
}

/// Unlike in the other dialect, a negative count takes everything.
pub(super) fn mid(arguments: &Arguments, context: &mut Context<'_>) -> Result<Operand, Failure> {
    let Ok(count) = usize::try_from(arguments.integer(2)) else {
        return Ok(arguments.any(0).clone());
    };
    let Some(octets) = arguments.octets(0) else { return cut::mid(arguments, context) };
    Ok(Operand::octets(middle(octets, arguments.integer(1), count)))
}

/// Nothing asked for gives nothing, a position outside gives all.
fn middle(octets: &[u8], position: i64, count: usize) -> &[u8] {
    if count == 0 {
        return &[];
    }
    let skipped = usize::try_from(position).ok().and_then(|p| p.checked_sub(1));
    match skipped.and_then(|skipped| octets.get(skipped..)) {
        Some(rest) if !rest.is_empty() => rest.get(..count).unwrap_or(rest),
        _ => octets,
    }
}

pub(super) fn length(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    Ok(Operand::number(match arguments.octets(0) {
        Some(octets) => i64::try_from(octets.len()).unwrap_or(i64::MAX),
        None => text_find::length(arguments.text(0)),
    }))
}

pub(super) fn first(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    let start = if arguments.count() > 2 { arguments.integer(2) } else { 1 };
    let case = Case::of(arguments, 3);
    text_find::first(arguments.text(0), arguments.text(1), start, case).map(Operand::number)
}

pub(super) fn last(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    let start = if arguments.count() > 2 { arguments.integer(2) } else { -1 };
    let case = Case::of(arguments, 3);
    text_find::last(arguments.text(0), arguments.text(1), start, case).map(Operand::number)
}

pub(super) fn replace_characters(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    text_find::replace_characters(arguments.text(0), arguments.text(1)).map(Operand::text)
}

pub(super) fn is_bit_set(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    Ok(Operand::truth(arguments.integer(0) & arguments.integer(1) != 0))
}

pub(super) fn is_numeric(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    Ok(Operand::truth(match arguments.single(0) {
        Some(Value::Integer(_)) => true,
        Some(Value::String(text)) => data_code::number_of_text(text).is_ok(),
        _ => false,
    }))
}

pub(super) fn is_string(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    let is_binary = |value: &Value| matches!(value, Value::Binary(_));
    Ok(Operand::truth(arguments.single(0).is_some_and(|value| !is_binary(value))))
}

pub(super) fn random_text(
    arguments: &Arguments,
    context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    let recipe = Recipe {
        length: arguments.integer(0),
        least: [1, 2, 3, 4].map(|i| arguments.integer(i)),
        avoid: arguments.text(5),
    };
    text_random::text(&recipe, context.random).map(Operand::text)
}
