//! Upper, lower and title case: one character to one, whatever the language.

use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup};

use super::Arguments;
use crate::environment::Context;
use crate::operand::{Failure, Operand};
use crate::text_buffer::TextBuffer;

pub(super) fn upper(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    Ok(mapped(arguments, to_upper))
}

pub(super) fn lower(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    Ok(mapped(arguments, to_lower))
}

/// The text with each character mapped; the text itself if that changes nothing.
fn mapped(arguments: &Arguments, map: fn(char) -> char) -> Operand {
    let text = arguments.text(0);
    if text.chars().all(|c| map(c) == c) {
        return Operand::text(arguments.shared_text(0));
    }
    let mut result = TextBuffer::with_capacity(text.len());
    result.extend(text.chars().map(map));
    result.into()
}

pub(super) fn proper(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    let mut result = TextBuffer::with_capacity(arguments.text(0).len());
    let mut in_word = false;
    for c in arguments.text(0).chars().map(to_lower) {
        let category = CodePointMapData::<GeneralCategory>::new().get(c);
        let starts = !in_word && GeneralCategoryGroup::Letter.contains(category);
        result.push(if starts { to_title(c) } else { c });
        in_word = starts || (in_word && (c == '\'' || !ends_word(category)));
    }
    Ok(result.into())
}

/// The lower case of a character that has one.
pub(crate) fn to_lower(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    only(c.to_lowercase(), c)
}

/// The upper case of a character that has one.
pub(super) fn to_upper(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_uppercase();
    }
    only(c.to_uppercase(), c)
}

/// The character of a mapping to one; a mapping to several (`ß` to `SS`) does not count.
fn only(mut mapped: impl Iterator<Item = char>, original: char) -> char {
    match (mapped.next(), mapped.next()) {
        (Some(c), None) => c,
        _ => original,
    }
}

/// Title case is upper case except for digraphs, which capitalize their first letter only, and
/// Georgian, which has no title case.
pub(super) fn to_title(c: char) -> char {
    match c {
        '\u{01c4}'..='\u{01c6}' => '\u{01c5}',
        '\u{01c7}'..='\u{01c9}' => '\u{01c8}',
        '\u{01ca}'..='\u{01cc}' => '\u{01cb}',
        '\u{01f1}'..='\u{01f3}' => '\u{01f2}',
        '\u{10d0}'..='\u{10ff}' => c,
        _ => to_upper(c),
    }
}

const WORD_ENDS: GeneralCategoryGroup = GeneralCategoryGroup::Separator
    .union(GeneralCategoryGroup::Punctuation)
    .union(GeneralCategoryGroup::Symbol)
    .union(GeneralCategoryGroup::Control)
    .union(GeneralCategoryGroup::Format);

/// True if a character of this category ends a word.
pub(super) const fn ends_word(category: GeneralCategory) -> bool {
    WORD_ENDS.contains(category)
}
