//! Dates as text: any of the usual spellings in, .NET's format strings out, both in invariant
//! English.

mod read;
mod write;

use model::{civil_from_days, days_from_civil};

use super::Arguments;
use crate::ErrorKind;
use crate::environment::Context;
use crate::operand::{Failure, Operand};

/// Units of time within a second: .NET counts 100 nanoseconds.
const TICKS_PER_SECOND: i64 = 10_000_000;
const TICKS_PER_MINUTE: i64 = 60 * TICKS_PER_SECOND;
const TICKS_PER_DAY: i64 = 24 * 60 * TICKS_PER_MINUTE;

pub(super) fn date_time_format(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    let moment = read::read(arguments.text(0)).ok_or_else(|| {
        Failure::of_argument(0, ErrorKind::Value, "the text is not a date, or no date that exists")
    })?;
    match write::write(moment, arguments.text(1)) {
        Ok(text) => Ok(Operand::text(text)),
        Err(message) => Err(Failure::of_argument(1, ErrorKind::Value, message)),
    }
}

/// Days from 1601-01-01 to 1970-01-01.
const DAYS_TO_1970: i64 = 134_774;

/// The moment that `text` names, in ticks (see [`Operand::Moment`]); UTC unless it says otherwise.
pub(super) fn ticks_from_text(text: &str) -> Option<i64> {
    let moment = read::read(text)?;
    Some((moment.days + DAYS_TO_1970) * TICKS_PER_DAY + moment.ticks)
}

/// The text of a moment in ticks under `format`, or what is wrong with the format.
pub(super) fn ticks_to_text(ticks: i64, format: &str) -> Result<String, &'static str> {
    let days = ticks.div_euclid(TICKS_PER_DAY) - DAYS_TO_1970;
    write::write(Moment { days, ticks: ticks.rem_euclid(TICKS_PER_DAY), is_utc: true }, format)
}

/// A moment of the years 1 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Moment {
    /// Days since 1970-01-01.
    days: i64,
    /// Ticks since midnight.
    ticks: i64,
    /// True if the text said how far it was from UTC; without that, nothing is known of the zone.
    is_utc: bool,
}

impl Moment {
    /// The moment `minutes` before this one, known to be in UTC.
    fn earlier_by(self, minutes: i64) -> Option<Self> {
        let ticks = self.ticks - minutes * TICKS_PER_MINUTE;
        let days = self.days + ticks.div_euclid(TICKS_PER_DAY);
        let (year, _, _) = civil_from_days(days);
        (1..=9999).contains(&year).then_some(Self {
            days,
            ticks: ticks.rem_euclid(TICKS_PER_DAY),
            is_utc: true,
        })
    }

    fn of_date(year: i64, month: i64, day: i64) -> Option<Self> {
        let exists = (1..=9999).contains(&year)
            && (1..=12).contains(&month)
            && (1..=model::days_in_month(year, month)).contains(&day);
        let days = days_from_civil(year, month, day);
        exists.then_some(Self { days, ticks: 0, is_utc: false })
    }
}
