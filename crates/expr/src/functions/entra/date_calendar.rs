//! Reckoning with moments: units added, boundaries counted. Moments are in ticks (see
//! `Operand::Moment`).

use model::{civil_from_days, days_from_civil, days_in_month};

const SECOND: i64 = 10_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Days from 1601-01-01 to 1970-01-01.
const DAYS_TO_1970: i64 = 134_774;

/// 0001-01-01.
const EARLIEST: i64 = -504_911_232_000_000_000;

/// The last tick of 9999.
pub(super) const LATEST: i64 = 2_650_467_743_999_999_999;

/// A unit of time, as the language abbreviates it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// So many calendar months.
    Months(i64),
    /// So many ticks.
    Ticks(i64),
}

impl Unit {
    /// The unit of this abbreviation.
    pub(super) fn parse(interval: &str) -> Option<Self> {
        Some(match interval {
            "yyyy" => Self::Months(12),
            "q" => Self::Months(3),
            "m" => Self::Months(1),
            "y" | "d" | "w" => Self::Ticks(DAY),
            "ww" => Self::Ticks(7 * DAY),
            "h" => Self::Ticks(HOUR),
            "n" => Self::Ticks(MINUTE),
            "s" => Self::Ticks(SECOND),
            _ => return None,
        })
    }

    /// The moment `count` units after `moment`; `None` outside the years 1 to 9999.
    pub(super) fn add(self, moment: i64, count: i64) -> Option<i64> {
        let sum = match self {
            Self::Ticks(ticks) => moment.checked_add(count.checked_mul(ticks)?)?,
            Self::Months(months) => add_months(moment, count.checked_mul(months)?)?,
        };
        (EARLIEST..=LATEST).contains(&sum).then_some(sum)
    }
}

/// The same day and time so many months later; a day the month does not have becomes its last.
fn add_months(moment: i64, months: i64) -> Option<i64> {
    let (year, month, day) = civil_from_days(days_since_1970(moment));
    let total = (year * 12 + month - 1).checked_add(months)?;
    let (year, month) = (total.div_euclid(12), total.rem_euclid(12) + 1);
    if !(1..=9999).contains(&year) {
        return None;
    }
    let day = day.min(days_in_month(year, month));
    let days = days_from_civil(year, month, day) + DAYS_TO_1970;
    Some(days * DAY + moment.rem_euclid(DAY))
}

/// How many boundaries of the unit lie between the moments; weeks begin on Sundays. `None` if there
/// is no such unit.
pub(super) fn boundaries(interval: &str, from: i64, to: i64) -> Option<i64> {
    let number: fn(i64) -> i64 = match interval {
        "yyyy" => |moment| civil_from_days(days_since_1970(moment)).0,
        "m" => |moment| {
            let (year, month, _) = civil_from_days(days_since_1970(moment));
            year * 12 + month
        },
        "d" => |moment| moment.div_euclid(DAY),
        // 1970-01-01 was a Thursday.
        "ww" => |moment| (days_since_1970(moment) + 4).div_euclid(7),
        "h" => |moment| moment.div_euclid(HOUR),
        "n" => |moment| moment.div_euclid(MINUTE),
        "s" => |moment| moment.div_euclid(SECOND),
        _ => return None,
    };
    Some(number(to) - number(from))
}

const fn days_since_1970(moment: i64) -> i64 {
    moment.div_euclid(DAY) - DAYS_TO_1970
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::functions::date::{ticks_from_text, ticks_to_text};

    fn at(text: &str) -> i64 {
        ticks_from_text(text).unwrap()
    }

    fn added(interval: &str, count: i64, text: &str) -> Option<String> {
        let sum = Unit::parse(interval)?.add(at(text), count)?;
        Some(ticks_to_text(sum, "yyyy-MM-ddTHH:mm:ssK").unwrap())
    }

    #[test]
    fn ticks_count_from_1601() {
        assert_eq!(at("1601-01-01"), 0);
        assert_eq!(at("2012-01-01 23:00"), 129_699_324_000_000_000);
        assert_eq!(at("0001-01-01"), EARLIEST);
        assert_eq!(at("9999-12-31 23:59:59.9999999"), LATEST);
    }

    #[test]
    fn a_day_the_month_lacks_becomes_its_last() {
        assert_eq!(added("m", 1, "2001-01-31").as_deref(), Some("2001-02-28T00:00:00Z"));
        assert_eq!(added("m", -11, "2001-01-31 10:30").as_deref(), Some("2000-02-29T10:30:00Z"));
        assert_eq!(added("yyyy", 1, "2020-02-29").as_deref(), Some("2021-02-28T00:00:00Z"));
        assert_eq!(added("q", 1, "2020-02-29").as_deref(), Some("2020-05-29T00:00:00Z"));
        assert_eq!(added("s", -1, "2020-02-29").as_deref(), Some("2020-02-28T23:59:59Z"));
    }

    #[test]
    fn no_moment_lies_outside_the_years_1_to_9999() {
        for (interval, count) in [("yyyy", 9000), ("m", i64::MAX), ("s", i64::MIN), ("d", -800_000)]
        {
            assert_eq!(added(interval, count, "2020-01-01"), None, "{interval} {count}");
        }
        assert_eq!(added("yyyy", 0, "0001-01-01").as_deref(), Some("0001-01-01T00:00:00Z"));
        assert_eq!(added("s", -1, "0001-01-01"), None);
        assert_eq!(added("x", 1, "2020-01-01"), None);
    }

    #[test]
    fn boundaries_are_counted_not_durations() {
        let (from, to) = (at("8/25/2021 5:41:18 PM"), at("2012-03-16-07:00"));
        for (interval, expected) in [("d", -3449), ("ww", -493), ("m", -113), ("yyyy", -9)] {
            assert_eq!(boundaries(interval, from, to), Some(expected), "{interval}");
        }
        let (before, after) = (at("2020-12-31 23:59:59"), at("2021-01-01"));
        for interval in ["yyyy", "m", "d", "h", "n", "s"] {
            assert_eq!(boundaries(interval, before, after), Some(1), "{interval}");
        }
        assert_eq!(boundaries("ww", before, after), Some(0));
        assert_eq!(boundaries("q", before, after), None);
    }
}
