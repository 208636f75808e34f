//! Text to a moment.
//!
//! ```text
//! moment = date [ ( "T" | spaces ) time ] [ spaces ] [ offset ]
//! date   = yyyy-M-d | yyyy/M/d | M/d/yyyy | M-d-yyyy
//! time   = H:mm [ :ss [ .f ] ] [ spaces ] [ AM | PM ]
//! offset = Z | UTC | GMT | +H | +HH | +HHmm | +HH:mm
//! ```

use std::ops::RangeInclusive;

use super::{Moment, TICKS_PER_MINUTE, TICKS_PER_SECOND};

/// Hours that a place can be away from UTC.
const OFFSET_MINUTES_MAX: i64 = 14 * 60;

/// The moment that `text` names; `None` if it names none.
pub(super) fn read(text: &str) -> Option<Moment> {
    let mut cursor = Cursor(text.trim());
    let mut moment = date(&mut cursor)?;
    let has_blank = cursor.blanks();
    if (has_blank && cursor.at_digit()) || (!has_blank && cursor.accept("T")) {
        moment.ticks = time(&mut cursor)?;
        cursor.blanks();
    }
    if cursor.0.is_empty() { Some(moment) } else { moment.earlier_by(offset(&mut cursor)?) }
}

fn date(cursor: &mut Cursor<'_>) -> Option<Moment> {
    let (first, width) = cursor.number(1..=4)?;
    let separator = if cursor.accept("-") { "-" } else { "/" };
    if separator == "/" && !cursor.accept("/") {
        return None;
    }
    let (second, _) = cursor.number(1..=2)?;
    if !cursor.accept(separator) {
        return None;
    }
    match width {
        4 => Moment::of_date(first, second, cursor.number(1..=2)?.0),
        1 | 2 => Moment::of_date(cursor.number(4..=4)?.0, first, second),
        _ => None,
    }
}

fn time(cursor: &mut Cursor<'_>) -> Option<i64> {
    let (hour, _) = cursor.number(1..=2)?;
    if !cursor.accept(":") {
        return None;
    }
    let (minute, _) = cursor.number(2..=2)?;
    let mut second = 0;
    let mut fraction = 0;
    if cursor.accept(":") {
        second = cursor.number(2..=2)?.0;
        if cursor.accept(".") {
            let (digits, width) = cursor.number(1..=7)?;
            fraction = (width..7).fold(digits, |n, _| n * 10);
        }
    }
    let hour = half_of_day(cursor, hour)?;
    (hour < 24 && minute < 60 && second < 60)
        .then_some((hour * 60 + minute) * TICKS_PER_MINUTE + second * TICKS_PER_SECOND + fraction)
}

/// The hour of the day, after an optional AM or PM.
fn half_of_day(cursor: &mut Cursor<'_>, hour: i64) -> Option<i64> {
    let rest = *cursor;
    cursor.blanks();
    let afternoon = match (cursor.accept_word("AM"), cursor.accept_word("PM")) {
        (true, _) => 0,
        (_, true) => 12,
        _ => {
            *cursor = rest;
            return Some(hour);
        }
    };
    (1..=12).contains(&hour).then_some(hour % 12 + afternoon)
}

/// Minutes ahead of UTC; nothing may follow.
fn offset(cursor: &mut Cursor<'_>) -> Option<i64> {
    if matches!(cursor.0, "Z" | "UTC" | "GMT") {
        return Some(0);
    }
    let sign = if cursor.accept("-") { -1 } else { 1 };
    if sign == 1 && !cursor.accept("+") {
        return None;
    }
    let (number, width) = cursor.number(1..=4)?;
    let (hours, minutes) = match width {
        4 => (number / 100, number % 100),
        2 if cursor.accept(":") => (number, cursor.number(2..=2)?.0),
        1 | 2 => (number, 0),
        _ => return None,
    };
    let total = hours * 60 + minutes;
    let is_possible = minutes < 60 && total <= OFFSET_MINUTES_MAX && cursor.0.is_empty();
    is_possible.then_some(sign * total)
}

/// What is left to read.
#[derive(Clone, Copy)]
struct Cursor<'a>(&'a str);

impl Cursor<'_> {
    fn accept(&mut self, prefix: &str) -> bool {
        let rest = self.0.strip_prefix(prefix);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    /// Two letters in any case.
    fn accept_word(&mut self, word: &str) -> bool {
        match self.0.split_at_checked(word.len()) {
            Some((head, rest)) if head.eq_ignore_ascii_case(word) => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    fn at_digit(self) -> bool {
        self.0.starts_with(|c: char| c.is_ascii_digit())
    }

    /// Skips blanks; true if there were any.
    fn blanks(&mut self) -> bool {
        let before = self.0.len();
        self.0 = self.0.trim_start();
        self.0.len() < before
    }

    /// All digits up to the next other character, and how many they were.
    fn number(&mut self, width: RangeInclusive<usize>) -> Option<(i64, usize)> {
        let rest = self.0.trim_start_matches(|c: char| c.is_ascii_digit());
        let digits = self.0.strip_suffix(rest)?;
        self.0 = rest;
        width.contains(&digits.len()).then_some((digits.parse().ok()?, digits.len()))
    }
}
