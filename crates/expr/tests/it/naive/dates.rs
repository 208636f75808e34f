//! Dates: ticks of 100 ns since 1601, counted year by year.

use regex::Regex;

use super::{Units, string, units};

pub(super) const SECOND: i64 = 10_000_000;
pub(super) const DAY: i64 = 86_400 * SECOND;

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub(super) fn month_length(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn year_length(year: i64) -> i64 {
    if is_leap(year) { 366 } else { 365 }
}

/// The ticks at which a day of years 1 to 9999 begins.
pub(super) fn ticks(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=9999).contains(&year) || !(1..=12).contains(&month) {
        return None;
    }
    if day < 1 || day > month_length(year, month) {
        return None;
    }
    let years: i64 = if year >= 1601 {
        (1601..year).map(year_length).sum()
    } else {
        -(year..1601).map(year_length).sum::<i64>()
    };
    let months: i64 = (1..month).map(|month| month_length(year, month)).sum();
    Some((years + months + day - 1) * DAY)
}

/// Year, month, day and the ticks within the day.
pub(super) fn parts(ticks: i64) -> (i64, i64, i64, i64) {
    let (mut days, within) = (ticks.div_euclid(DAY), ticks.rem_euclid(DAY));
    let mut year = 1601;
    while days < 0 {
        year -= 1;
        days += year_length(year);
    }
    while days >= year_length(year) {
        days -= year_length(year);
        year += 1;
    }
    let mut month = 1;
    while days >= month_length(year, month) {
        days -= month_length(year, month);
        month += 1;
    }
    (year, month, days + 1, within)
}

fn is_within(ticks: i128) -> Option<i64> {
    let last = super::dates::ticks(9999, 12, 31)? + DAY - 1;
    let first = super::dates::ticks(1, 1, 1)?;
    let ticks = i64::try_from(ticks).ok()?;
    (first..=last).contains(&ticks).then_some(ticks)
}

const DATE: &str = r"^(?:(?P<y1>[0-9]{4})-(?P<m1>[0-9]{1,2})-(?P<d1>[0-9]{1,2})|(?P<y2>[0-9]{4})/(?P<m2>[0-9]{1,2})/(?P<d2>[0-9]{1,2})|(?P<m3>[0-9]{1,2})/(?P<d3>[0-9]{1,2})/(?P<y3>[0-9]{4})|(?P<m4>[0-9]{1,2})-(?P<d4>[0-9]{1,2})-(?P<y4>[0-9]{4}))(?:(?:T| +)(?P<h>[0-9]{1,2}):(?P<n>[0-9]{2})(?::(?P<s>[0-9]{2})(?:\.(?P<f>[0-9]{1,7}))?)?(?: *(?P<half>(?i:AM|PM)))?)?(?: ?(?P<zone>Z|UTC|GMT|(?P<sign>[+-])(?:(?P<zh>[0-9]{1,2})|(?P<zh2>[0-9]{2}):?(?P<zm>[0-9]{2}))))?$";

/// 2.8, an offset subtracted.
pub(super) fn parse(text: &[u16]) -> Option<i64> {
    let text = string(&super::text::trim(text, true, true));
    let found = Regex::new(DATE).unwrap().captures(&text)?;
    let number = |name: &str| found.name(name).map(|m| m.as_str().parse::<i64>().unwrap());
    let any = |letter: char| (1..=4).find_map(|i| number(&format!("{letter}{i}")));
    let day = ticks(any('y')?, any('m')?, any('d')?)?;
    let (mut hour, minute) = (number("h").unwrap_or(0), number("n").unwrap_or(0));
    let second = number("s").unwrap_or(0);
    if let Some(half) = found.name("half") {
        if !(1..=12).contains(&hour) {
            return None;
        }
        hour = hour % 12 + if half.as_str().eq_ignore_ascii_case("pm") { 12 } else { 0 };
    }
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let fraction = found.name("f").map_or(0, |f| format!("{:0<7}", f.as_str()).parse().unwrap());
    let zone_hours = number("zh").or(number("zh2")).unwrap_or(0);
    let zone = zone_hours * 60 + number("zm").unwrap_or(0);
    if zone > 14 * 60 || number("zm").unwrap_or(0) > 59 {
        return None;
    }
    let zone =
        if found.name("sign").is_some_and(|sign| sign.as_str() == "-") { -zone } else { zone };
    let time = ((hour * 60 + minute) * 60 + second) * SECOND + fraction;
    is_within(i128::from(day) + i128::from(time) - i128::from(zone * 60 * SECOND))
}

/// `None` for an unknown unit, then `None` for a date outside the years.
pub(super) fn add(unit: &str, count: i64, ticks: i64) -> Option<Option<i64>> {
    let length = match unit {
        "yyyy" => return Some(add_months(count, 12, ticks)),
        "q" => return Some(add_months(count, 3, ticks)),
        "m" => return Some(add_months(count, 1, ticks)),
        "y" | "d" | "w" => DAY,
        "ww" => 7 * DAY,
        "h" => 3600 * SECOND,
        "n" => 60 * SECOND,
        "s" => SECOND,
        _ => return None,
    };
    Some(is_within(i128::from(ticks) + i128::from(count) * i128::from(length)))
}

fn add_months(count: i64, months: i64, at: i64) -> Option<i64> {
    let (year, month, day, within) = parts(at);
    let total =
        i128::from(year) * 12 + i128::from(month - 1) + i128::from(count) * i128::from(months);
    let year = i64::try_from(total.div_euclid(12)).ok()?;
    let month = i64::try_from(total.rem_euclid(12)).ok()? + 1;
    if !(1..=9999).contains(&year) {
        return None;
    }
    Some(ticks(year, month, day.min(month_length(year, month)))? + within)
}

/// Boundaries of the unit between two moments.
pub(super) fn difference(unit: &str, from: i64, to: i64) -> Option<i64> {
    let floor = |ticks: i64, length: i64| ticks.div_euclid(length);
    let months = |ticks: i64| {
        let (year, month, ..) = parts(ticks);
        year * 12 + month
    };
    // 1601-01-01 was a Monday: weeks end with the Saturday five days later.
    let week = |ticks: i64| (ticks.div_euclid(DAY) + 1).div_euclid(7);
    Some(match unit {
        "yyyy" => parts(to).0 - parts(from).0,
        "m" => months(to) - months(from),
        "d" => floor(to, DAY) - floor(from, DAY),
        "ww" => week(to) - week(from),
        "h" => floor(to, 3600 * SECOND) - floor(from, 3600 * SECOND),
        "n" => floor(to, 60 * SECOND) - floor(from, 60 * SECOND),
        "s" => floor(to, SECOND) - floor(from, SECOND),
        _ => return None,
    })
}

const DAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
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

/// 2.9, without standard formats and zones: runs of a letter, and literals.
pub(super) fn format(ticks: i64, format: &str) -> Units {
    let mut out = String::new();
    let chars: Vec<char> = format.chars().collect();
    let mut i = 0;
    while i < chars.len() {
        let run = chars[i..].iter().take_while(|c| **c == chars[i]).count();
        out.push_str(&specifier(ticks, chars[i], run));
        i += run;
    }
    units(&out)
}

fn first(text: &str, count: usize) -> String {
    text.chars().take(count).collect()
}

fn specifier(ticks: i64, letter: char, run: usize) -> String {
    let (year, month, day, within) = parts(ticks);
    let name = |names: &[&str], i: i64| names[usize::try_from(i).unwrap()].to_owned();
    let second = within / SECOND;
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let padded = |number: i64| if run == 1 { number.to_string() } else { format!("{number:02}") };
    let weekday = ticks.div_euclid(DAY).rem_euclid(7);
    match (letter, run) {
        ('d', 3) => first(&name(&DAYS, weekday), 3),
        ('d', 4) => name(&DAYS, weekday),
        ('M', 3) => first(&name(&MONTHS, month - 1), 3),
        ('M', 4) => name(&MONTHS, month - 1),
        ('d', _) => padded(day),
        ('M', _) => padded(month),
        ('y', 4) => format!("{year:04}"),
        ('y', _) => padded(year % 100),
        ('H', _) => padded(hour),
        ('h', _) => padded((hour + 11) % 12 + 1),
        ('m', _) => padded(minute),
        ('s', _) => padded(second),
        ('f', _) => first(&format!("{:07}", within % SECOND), run),
        ('t', 2) => (if hour < 12 { "AM" } else { "PM" }).to_owned(),
        _ => letter.to_string().repeat(run),
    }
}
