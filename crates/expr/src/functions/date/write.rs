//! A moment to text, by the custom and standard format strings of .NET in invariant culture.

use std::iter::Peekable;
use std::str::Chars;

use model::civil_from_days;

use super::{Moment, TICKS_PER_MINUTE, TICKS_PER_SECOND};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Weekdays from that of 1970-01-01 on.
const WEEKDAYS: [&str; 7] =
    ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];

/// Digits of a fraction that there can be.
const FRACTION_DIGITS: usize = 7;

/// The text of `moment` under `format`, or what is wrong with the format.
pub(super) fn write(moment: Moment, format: &str) -> Result<String, &'static str> {
    let mut only = format.chars();
    let custom = match (only.next(), only.next()) {
        (None, _) => return Err("the format is empty"),
        (Some(letter), None) => standard(letter).ok_or("there is no such one-letter format")?,
        _ => format,
    };
    let mut writer = Writer { parts: Parts::of(moment), text: String::new() };
    writer.custom(custom)?;
    Ok(writer.text)
}

/// What a one-letter format is short for.
const fn standard(letter: char) -> Option<&'static str> {
    Some(match letter {
        'd' => "MM/dd/yyyy",
        'D' => "dddd, dd MMMM yyyy",
        'f' => "dddd, dd MMMM yyyy HH:mm",
        'F' | 'U' => "dddd, dd MMMM yyyy HH:mm:ss",
        'g' => "MM/dd/yyyy HH:mm",
        'G' => "MM/dd/yyyy HH:mm:ss",
        'M' | 'm' => "MMMM dd",
        'O' | 'o' => "yyyy-MM-ddTHH:mm:ss.fffffffK",
        'R' | 'r' => "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
        's' => "yyyy-MM-ddTHH:mm:ss",
        't' => "HH:mm",
        'T' => "HH:mm:ss",
        'u' => "yyyy-MM-dd HH:mm:ss'Z'",
        'Y' | 'y' => "yyyy MMMM",
        _ => return None,
    })
}

/// The numbers a format picks from.
struct Parts {
    year: i64,
    month: i64,
    day: i64,
    weekday: &'static str,
    minute_of_day: i64,
    second: i64,
    fraction: i64,
    is_utc: bool,
}

impl Parts {
    fn of(moment: Moment) -> Self {
        let (year, month, day) = civil_from_days(moment.days);
        let in_minute = moment.ticks % TICKS_PER_MINUTE;
        Self {
            year,
            month,
            day,
            weekday: pick(&WEEKDAYS, moment.days.rem_euclid(7)),
            minute_of_day: moment.ticks / TICKS_PER_MINUTE,
            second: in_minute / TICKS_PER_SECOND,
            fraction: in_minute % TICKS_PER_SECOND,
            is_utc: moment.is_utc,
        }
    }
}

fn pick(names: &[&'static str], index: i64) -> &'static str {
    usize::try_from(index).ok().and_then(|i| names.get(i)).copied().unwrap_or_default()
}

struct Writer {
    parts: Parts,
    text: String,
}

impl Writer {
    fn custom(&mut self, format: &str) -> Result<(), &'static str> {
        let mut chars = format.chars().peekable();
        while let Some(c) = chars.next() {
            match c {
                '\'' | '"' => self.quoted(c, &mut chars)?,
                '\\' => self.text.push(chars.next().ok_or("the format ends in a backslash")?),
                '%' => match chars.next() {
                    None | Some('%') => return Err("'%' has no specifier after it"),
                    Some(single) => self.specifier(single, 1)?,
                },
                'K' => self.specifier(c, 1)?,
                _ => {
                    let count = 1 + run_of(c, &mut chars);
                    self.specifier(c, count)?;
                }
            }
        }
        Ok(())
    }

    fn quoted(&mut self, quote: char, chars: &mut Peekable<Chars<'_>>) -> Result<(), &'static str> {
        loop {
            match chars.next() {
                None => return Err("a quote in the format is not closed"),
                Some(c) if c == quote => return Ok(()),
                Some(c) => self.text.push(c),
            }
        }
    }

    /// `c`, `count` times in a row: a specifier, or literal characters.
    fn specifier(&mut self, c: char, count: usize) -> Result<(), &'static str> {
        let hour = self.parts.minute_of_day / 60;
        match (c, count) {
            ('d', 1 | 2) => self.number(self.parts.day, count),
            ('d', 3) => self.text.extend(self.parts.weekday.chars().take(3)),
            ('d', _) => self.text.push_str(self.parts.weekday),
            ('M', 1 | 2) => self.number(self.parts.month, count),
            ('M', 3) => self.text.extend(self.month().chars().take(3)),
            ('M', _) => self.text.push_str(self.month()),
            ('y', 1 | 2) => self.number(self.parts.year % 100, count),
            ('y', _) => self.number(self.parts.year, count),
            ('h', _) => self.number((hour + 11) % 12 + 1, count.min(2)),
            ('H', _) => self.number(hour, count.min(2)),
            ('m', _) => self.number(self.parts.minute_of_day % 60, count.min(2)),
            ('s', _) => self.number(self.parts.second, count.min(2)),
            ('t', _) => self.text.extend(half(hour).chars().take(count)),
            ('f' | 'F', _) => self.fraction(c == 'F', count)?,
            ('z', 1) => self.text.push_str("+0"),
            ('z', 2) => self.text.push_str("+00"),
            ('z', _) => self.text.push_str("+00:00"),
            ('K', _) if self.parts.is_utc => self.text.push('Z'),
            ('K', _) => {}
            _ => self.text.extend(std::iter::repeat_n(c, count)),
        }
        Ok(())
    }

    fn month(&self) -> &'static str {
        pick(&MONTHS, self.parts.month - 1)
    }

    /// Writes at least `width` digits.
    fn number(&mut self, number: i64, width: usize) {
        let digits = number.to_string();
        self.text.extend(std::iter::repeat_n('0', width.saturating_sub(digits.len())));
        self.text.push_str(&digits);
    }

    /// Writes the first `count` digits of the fraction. `optional` drops zeros at the end, and the
    /// point before them if nothing remains.
    fn fraction(&mut self, optional: bool, count: usize) -> Result<(), &'static str> {
        if count > FRACTION_DIGITS {
            return Err("a fraction has at most seven digits");
        }
        let all = format!("{:07}", self.parts.fraction);
        let digits: String = all.chars().take(count).collect();
        if !optional {
            self.text.push_str(&digits);
            return Ok(());
        }
        let needed = digits.trim_end_matches('0');
        if needed.is_empty() && self.text.ends_with('.') {
            self.text.pop();
        }
        self.text.push_str(needed);
        Ok(())
    }
}

const fn half(hour: i64) -> &'static str {
    if hour < 12 { "AM" } else { "PM" }
}

/// Skips repetitions of `c` and counts them.
fn run_of(c: char, chars: &mut Peekable<Chars<'_>>) -> usize {
    let mut count = 0;
    while chars.next_if_eq(&c).is_some() {
        count += 1;
    }
    count
}
