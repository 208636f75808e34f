//! Parts of texts. Lengths and positions count UTF-16 code units, as MIM does; a character of two
//! units that a cut would split is left out.

use smallvec::SmallVec;

use super::Arguments;
use crate::environment::Context;
use crate::operand::{Failure, Operand};

pub(super) fn left_trim(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    Ok(arguments.part_of(0, arguments.text(0).trim_start()))
}

pub(super) fn right_trim(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    Ok(arguments.part_of(0, arguments.text(0).trim_end()))
}

pub(super) fn trim(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    Ok(arguments.part_of(0, arguments.text(0).trim()))
}

/// A negative count takes everything, as documented.
pub(super) fn left(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    let count = usize::try_from(arguments.integer(1)).unwrap_or(usize::MAX);
    Ok(arguments.part_of(0, units(arguments.text(0), 0, count)))
}

pub(super) fn right(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    let text = arguments.text(0);
    let count = usize::try_from(arguments.integer(1)).unwrap_or(usize::MAX);
    Ok(arguments.part_of(0, units(text, units_in(text).saturating_sub(count), usize::MAX)))
}

/// The order of the tests matters: nothing asked for gives nothing, a position outside gives all.
pub(super) fn mid(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    let text = arguments.text(0);
    let count = usize::try_from(arguments.integer(2)).unwrap_or(0);
    if count == 0 {
        return Ok(Operand::empty_text());
    }
    Ok(match usize::try_from(arguments.integer(1)) {
        Ok(position) if (1..=units_in(text)).contains(&position) => {
            arguments.part_of(0, units(text, position - 1, count))
        }
        _ => Operand::text(arguments.shared_text(0)),
    })
}

pub(super) fn word(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    let delimiters = CharacterSet::of(arguments.text(2));
    let index = usize::try_from(arguments.integer(1)).ok().and_then(|n| n.checked_sub(1));
    let mut words = arguments.text(0).split(|c| delimiters.contains(c));
    Ok(arguments.part_of(0, index.and_then(|n| words.nth(n)).unwrap_or_default()))
}

/// The characters of a text, to be asked about again and again.
pub(super) struct CharacterSet(SmallVec<[char; 8]>);

impl CharacterSet {
    pub(super) fn of(text: &str) -> Self {
        let mut characters: SmallVec<[char; 8]> = text.chars().collect();
        characters.sort_unstable();
        Self(characters)
    }

    pub(super) fn contains(&self, c: char) -> bool {
        self.0.binary_search(&c).is_ok()
    }
}

/// The length of `text` in UTF-16 code units.
pub(super) fn units_in(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().map(char::len_utf16).sum() }
}

/// The characters of `text` that lie wholly within `count` code units from `start`.
pub(super) fn units(text: &str, start: usize, count: usize) -> &str {
    let end = start.saturating_add(count);
    if text.is_ascii() {
        return text.get(start..end.min(text.len())).unwrap_or_default();
    }
    let mut position = 0;
    let mut octets = 0..0;
    for c in text.chars() {
        let next = position + c.len_utf16();
        if next > end {
            break;
        }
        if position < start {
            octets.start += c.len_utf8();
        }
        octets.end += c.len_utf8();
        position = next;
    }
    text.get(octets).unwrap_or_default()
}
