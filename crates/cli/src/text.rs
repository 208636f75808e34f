//! Text that people read: values of any origin on one line, numbers, moments and durations.

use model::Timestamp;
use unicode_width::UnicodeWidthStr as _;

/// Longer text is cut where people read it.
const CHARACTERS_MAX: usize = 200;

/// A text on one line: control characters and those that turn the direction of writing are
/// spelled out, so that no value of a connected system can play with a terminal, and very long
/// text is cut.
#[must_use]
pub fn printable(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for (number, c) in text.chars().enumerate() {
        if number == CHARACTERS_MAX {
            let total = text.chars().count();
            line.push_str(&format!("… ({total} characters)"));
            break;
        }
        if c.is_control() || is_directional(c) {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
    }
    line
}

/// A text with what [`printable`] spells out spelled out, and not cut.
#[must_use]
pub fn spelled_out(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || is_directional(c) {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
    }
    line
}

const fn is_directional(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// How many columns a text takes on a terminal.
#[must_use]
pub fn width(text: &str) -> usize {
    text.width()
}

/// "1 object", "2 objects".
#[must_use]
pub fn count(number: usize, one: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {one}{plural}")
}

/// A moment without fractions of a second.
#[must_use]
pub fn moment(moment: Timestamp) -> String {
    Timestamp::from_seconds(moment.seconds()).to_string()
}

/// The time between two moments, right-aligned for a column.
#[must_use]
pub fn duration(begin: Timestamp, end: Timestamp) -> String {
    let millis = end.0.saturating_sub(begin.0).max(0) / 1_000;
    let text = match millis {
        0..=999 => format!("{millis} ms"),
        1_000..=99_999 => format!("{}.{} s", millis / 1_000, millis % 1_000 / 100),
        _ => format!("{} min {:02} s", millis / 60_000, millis / 1_000 % 60),
    };
    format!("{text:>8}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_cannot_play_with_the_terminal() {
        assert_eq!(printable("Ada Lind"), "Ada Lind");
        assert_eq!(
            printable("a\u{1b}]0;x\u{7}\r\n\u{202e}b"),
            "a\\u{1b}]0;x\\u{7}\\r\\n\\u{202e}b"
        );
        let long = printable(&"ä".repeat(300));
        assert_eq!(long, format!("{}… (300 characters)", "ä".repeat(200)));
    }

    #[test]
    fn numbers_and_times_read_well() {
        assert_eq!((count(0, "error"), count(1, "error")), ("0 errors".into(), "1 error".into()));
        let took = |micros: i64| duration(Timestamp(5), Timestamp(5 + micros));
        assert_eq!(took(12_345), "   12 ms");
        assert_eq!(took(3_456_000), "   3.4 s");
        assert_eq!(took(3_725_000_000), "62 min 05 s");
        assert_eq!(took(-1), "    0 ms");
        assert_eq!(moment(Timestamp(1_500_000)), "1970-01-01T00:00:01Z");
    }
}
