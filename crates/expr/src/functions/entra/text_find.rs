//! Looking for one text in another, and taking texts apart. Positions count UTF-16 code units
//! from one; zero stands for nothing found.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::ErrorKind;
use crate::functions::Arguments;
use crate::functions::case::to_lower;
use crate::functions::cut::{units, units_in};
use crate::functions::join::check_length;
use crate::limits::PIECES_MAX;
use crate::operand::Failure;

/// How letters compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    /// As they are.
    Sensitive,
    /// After mapping each to lower case.
    Insensitive,
}

impl Case {
    /// What the word given as argument `index` says; a difference in case counts without one.
    pub(super) fn of(arguments: &Arguments, index: usize) -> Self {
        match arguments.word(index) {
            Some("vbTextCompare" | "CaseInsensitive") => Self::Insensitive,
            _ => Self::Sensitive,
        }
    }

    /// What stands for `text` in a comparison.
    pub(super) fn fold(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::Sensitive => Cow::Borrowed(text),
            Self::Insensitive => Cow::Owned(text.chars().map(to_lower).collect()),
        }
    }
}

/// The position of the first `sought` at or after `start`; an empty text is found wherever the
/// search starts.
pub(super) fn first(text: &str, sought: &str, start: i64, case: Case) -> Result<i64, Failure> {
    let skipped = usize::try_from(start).ok().and_then(|start| start.checked_sub(1));
    let Some(skipped) = skipped else { return Err(bad_start()) };
    let (text, sought) = (case.fold(text), case.fold(sought));
    if sought.is_empty() {
        return Ok(if skipped <= units_in(&text) { start } else { 0 });
    }
    let rest = skip(&text, skipped);
    let before = rest.find(sought.as_ref()).map(|at| text.len() - rest.len() + at);
    Ok(before.and_then(|bytes| text.get(..bytes)).map_or(0, position_after))
}

/// The position of the last `sought` that ends at or before `start`; -1 is the end of the text.
pub(super) fn last(text: &str, sought: &str, start: i64, case: Case) -> Result<i64, Failure> {
    let end = match (start, usize::try_from(start)) {
        (-1, _) => usize::MAX,
        (1.., Ok(start)) => start,
        _ => return Err(bad_start()),
    };
    let (text, sought) = (case.fold(text), case.fold(sought));
    let searched = units(&text, 0, end);
    if sought.is_empty() {
        return Ok(length(searched));
    }
    let before = searched.rfind(sought.as_ref()).and_then(|bytes| searched.get(..bytes));
    Ok(before.map_or(0, position_after))
}

fn bad_start() -> Failure {
    Failure::of_argument(2, ErrorKind::Value, "positions start at one")
}

/// What follows the first `skipped` code units; a character they would split is skipped whole.
fn skip(text: &str, skipped: usize) -> &str {
    let mut position = 0;
    let begin = text.char_indices().find_map(|(at, c)| {
        let is_begin = position >= skipped;
        position += c.len_utf16();
        is_begin.then_some(at)
    });
    begin.and_then(|at| text.get(at..)).unwrap_or_default()
}

fn position_after(before: &str) -> i64 {
    length(before).saturating_add(1)
}

/// The length of `text` in UTF-16 code units.
pub(super) fn length(text: &str) -> i64 {
    i64::try_from(units_in(text)).unwrap_or(i64::MAX)
}

/// The pairs of a pattern `x:y,x:y`; white space in it counts for nothing.
fn substitutions(pattern: &str) -> Result<Vec<(char, String)>, Failure> {
    let pattern: String = pattern.chars().filter(|c| !c.is_whitespace()).collect();
    if pattern.is_empty() {
        return Ok(Vec::new());
    }
    pattern.split(',').map(substitution).collect()
}

fn substitution(entry: &str) -> Result<(char, String), Failure> {
    let bad = |message| Failure::of_argument(1, ErrorKind::Value, message);
    let (old, new) = entry
        .split_once(':')
        .filter(|(_, new)| !new.contains(':'))
        .ok_or_else(|| bad("every entry of the pattern needs exactly one colon"))?;
    only_character(old)
        .map(|old| (old, new.to_owned()))
        .ok_or_else(|| bad("every entry of the pattern replaces exactly one character"))
}

/// Replaces single characters by texts in one pass: what comes in is not looked at again. The
/// first entry for a character counts.
pub(super) fn replace_characters(text: &str, pattern: &str) -> Result<String, Failure> {
    let mut pairs = HashMap::new();
    for (old, new) in substitutions(pattern)? {
        pairs.entry(old).or_insert(new);
    }
    let mut result = String::with_capacity(text.len());
    for c in text.chars() {
        match pairs.get(&c) {
            Some(new) => result.push_str(new),
            None => result.push(c),
        }
        check_length(result.len())?;
    }
    Ok(result)
}

/// The pieces between the delimiters, at most `limit`; the last keeps the rest.
pub(super) fn split(
    text: &str,
    delimiter: &str,
    limit: Option<i64>,
) -> Result<Vec<String>, Failure> {
    let delimiter = only_character(delimiter).ok_or_else(|| {
        let message = "the delimiter must be exactly one character";
        Failure::of_argument(1, ErrorKind::Value, message)
    })?;
    let limit = match limit.map(usize::try_from) {
        None => usize::MAX,
        Some(Ok(limit)) if limit > 0 => limit,
        Some(_) => {
            let message = "at least one piece must be asked for";
            return Err(Failure::of_argument(2, ErrorKind::Value, message));
        }
    };
    let pieces: Vec<String> =
        text.splitn(limit, delimiter).take(PIECES_MAX + 1).map(str::to_owned).collect();
    if pieces.len() > PIECES_MAX {
        let message = format!("the text has more than {PIECES_MAX} pieces");
        return Err(Failure::new(ErrorKind::Limit, message));
    }
    Ok(pieces)
}

/// The character of a text that has exactly one.
fn only_character(text: &str) -> Option<char> {
    let mut characters = text.chars();
    characters.next().filter(|_| characters.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind<T: std::fmt::Debug>(result: Result<T, Failure>) -> ErrorKind {
        result.unwrap_err().kind
    }

    #[test]
    fn the_first_match_is_sought_from_a_position() {
        assert_eq!(first("repEated", "e", 3, Case::Sensitive), Ok(7));
        assert_eq!(first("repEated", "e", 3, Case::Insensitive), Ok(4));
        assert_eq!(first("abc", "", 2, Case::Sensitive), Ok(2));
        assert_eq!(first("", "", 1, Case::Sensitive), Ok(1));
        assert_eq!(first("abc", "", 5, Case::Sensitive), Ok(0));
        assert_eq!(first("abc", "a", 9, Case::Sensitive), Ok(0));
        assert_eq!(kind(first("abc", "a", 0, Case::Sensitive)), ErrorKind::Value);
    }

    #[test]
    fn positions_count_code_units_of_utf_16() {
        assert_eq!(first("é😀x", "x", 1, Case::Sensitive), Ok(4));
        assert_eq!(first("😀x😀x", "x", 4, Case::Sensitive), Ok(6));
        assert_eq!(last("x😀x", "x", -1, Case::Sensitive), Ok(4));
        assert_eq!(length("😀"), 2);
    }

    #[test]
    fn folding_to_longer_octets_does_not_move_positions() {
        assert_eq!(first("ⱥȺb", "B", 1, Case::Insensitive), Ok(3));
    }

    #[test]
    fn the_last_match_ends_at_or_before_a_position() {
        assert_eq!(last("abbcdbbbef", "bb", -1, Case::Sensitive), Ok(7));
        assert_eq!(last("abbcdbbbef", "bb", 6, Case::Sensitive), Ok(2));
        assert_eq!(last("abbcdbbbef", "BB", 99, Case::Insensitive), Ok(7));
        assert_eq!(last("abc", "z", -1, Case::Sensitive), Ok(0));
        for start in [0, -2] {
            assert_eq!(kind(last("abc", "c", start, Case::Sensitive)), ErrorKind::Value);
        }
    }

    #[test]
    fn replacing_stops_before_the_text_grows_too_long() {
        let (text, new) = ("a".repeat(100_000), "b".repeat(1000));
        assert_eq!(kind(replace_characters(&text, &format!("a:{new}"))), ErrorKind::Limit);
    }

    #[test]
    fn characters_are_replaced_in_one_pass_and_the_first_entry_counts() {
        assert_eq!(replace_characters("ab", "a:b, b:a").as_deref(), Ok("ba"));
        assert_eq!(replace_characters("aA", "a:1,a:2").as_deref(), Ok("1A"));
        assert_eq!(replace_characters("O’Neil", "’:").as_deref(), Ok("ONeil"));
        assert_eq!(replace_characters("abc", " ").as_deref(), Ok("abc"));
        for pattern in ["ab:x", ":x", "a", "a:b:c", "a:b,"] {
            assert_eq!(kind(replace_characters("abc", pattern)), ErrorKind::Value, "{pattern}");
        }
    }

    #[test]
    fn a_limit_leaves_the_rest_in_the_last_piece() {
        assert_eq!(split("a,,b", ",", None).unwrap(), ["a", "", "b"]);
        assert_eq!(split("a,b,c", ",", Some(2)).unwrap(), ["a", "b,c"]);
        assert_eq!(split("", ",", None).unwrap(), [""]);
        for (delimiter, limit) in [("--", None), ("", None), (",", Some(0)), (",", Some(-1))] {
            assert_eq!(kind(split("a,b", delimiter, limit)), ErrorKind::Value);
        }
    }
}
