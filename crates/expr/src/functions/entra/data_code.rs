//! Dates, octets, identifiers, names and conversions: the code.

use model::{Guid, Value};

use super::binary_code as binary;
use super::certificate_read;
use super::date_calendar::{LATEST, Unit, boundaries};
use super::dn_parts::{Part, parts};
use crate::ErrorKind;
use crate::environment::Context;
use crate::functions::{Arguments, date};
use crate::operand::{Failure, Operand, boolean_word, is_decimal};

/// The first argument does not mean what the function takes it for.
fn refuse(message: &str) -> Failure {
    Failure::of_argument(0, ErrorKind::Value, message)
}

/// The first argument has a type the function does not convert.
fn mistyped(arguments: &Arguments) -> Failure {
    let found = arguments.any(0).describe();
    Failure::of_argument(0, ErrorKind::Type, format!("{found} cannot be converted"))
}

pub(super) fn to_boolean(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    let truth = match arguments.any(0) {
        Operand::One(Value::Boolean(truth)) => *truth,
        Operand::One(Value::Integer(number)) => *number != 0,
        Operand::One(Value::String(text)) => match boolean_word(text) {
            Some(truth) => truth,
            None if is_decimal(text) => text.contains(|c| matches!(c, '1'..='9')),
            None => return Err(refuse("the text is neither true, false nor a number")),
        },
        _ => return Err(mistyped(arguments)),
    };
    Ok(Operand::truth(truth))
}

pub(super) fn to_number(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    let beyond = || Failure::of_argument(0, ErrorKind::Range, "the number has more than 64 bits");
    let number = match arguments.any(0) {
        Operand::One(Value::Integer(number)) => *number,
        Operand::One(Value::Binary(octets)) => {
            binary::from_little_endian(octets).ok_or_else(beyond)?
        }
        Operand::One(Value::String(text)) => number_of_text(text)?,
        _ => return Err(mistyped(arguments)),
    };
    Ok(Operand::number(number))
}

/// The number that a text stands for: digits with or without a sign, blanks around them.
pub(super) fn number_of_text(text: &str) -> Result<i64, Failure> {
    let text = text.trim();
    let unsigned = text.strip_prefix('+').filter(|rest| !rest.starts_with('-'));
    let digits = unsigned.unwrap_or(text);
    if !is_decimal(digits) {
        return Err(refuse("the text is not a whole number"));
    }
    digits
        .parse()
        .map_err(|_e| Failure::of_argument(0, ErrorKind::Range, "the number has more than 64 bits"))
}

pub(super) fn to_text(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    match arguments.any(0) {
        Operand::One(Value::String(text) | Value::Reference(text)) => {
            Ok(Operand::text(text.clone()))
        }
        Operand::One(Value::Integer(number)) => Ok(Operand::text(number.to_string())),
        Operand::One(Value::Boolean(truth)) => {
            Ok(Operand::text(if *truth { "True" } else { "False" }))
        }
        _ => Err(mistyped(arguments)),
    }
}

pub(super) fn to_reference(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    Ok(Operand::One(Value::Reference(arguments.shared_text(0))))
}

pub(super) fn to_octets(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    let octets = binary::little_endian(arguments.integer(0), arguments.integer(1));
    octets
        .map(|octets| Operand::octets(&octets))
        .ok_or_else(|| Failure::of_argument(1, ErrorKind::Value, "a number is 1 to 8 octets wide"))
}

pub(super) fn from_base64(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    let encoding = match arguments.any(1) {
        Operand::Null => "Unicode",
        Operand::Enumeration(word) => word,
        _ => {
            let message = "expected Unicode, ASCII or UTF8";
            return Err(Failure::of_argument(1, ErrorKind::Type, message));
        }
    };
    let octets = binary::from_base64(arguments.text(0).as_bytes())
        .ok_or_else(|| refuse("the text is not Base64"))?;
    let text = binary::decoded(&octets, encoding);
    text.map(Operand::text)
        .ok_or_else(|| refuse("what the Base64 holds is no text of the encoding"))
}

pub(super) fn to_base64(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    Ok(Operand::text(match arguments.octets(0) {
        Some(octets) => binary::base64_of(octets),
        None => binary::base64_of(&binary::utf16_of(arguments.text(0))),
    }))
}

pub(super) fn from_hexadecimal(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    let octets = binary::from_hexadecimal(arguments.text(0))
        .ok_or_else(|| refuse("the text is not pairs of hexadecimal digits"))?;
    let text = binary::decoded(&octets, "UTF8");
    text.map(Operand::text).ok_or_else(|| refuse("what the digits hold is not UTF-8"))
}

pub(super) fn to_hexadecimal(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    let octets = arguments.octets(0).unwrap_or_else(|| arguments.text(0).as_bytes());
    Ok(Operand::text(binary::hexadecimal(octets)))
}

pub(super) fn sha256(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    let octets = arguments.octets(0).unwrap_or_default();
    Ok(Operand::octets(&certificate_read::sha256(octets)))
}

pub(super) fn guid_text(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    match Guid::from_directory(arguments.octets(0).unwrap_or_default()) {
        Ok(guid) => Ok(Operand::text(guid.to_string())),
        Err(error) => Err(refuse(&error.to_string())),
    }
}

pub(super) fn is_guid(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    Ok(Operand::truth(Guid::parse(arguments.text(0)).is_ok()))
}

pub(super) fn now(_arguments: &Arguments, context: &mut Context<'_>) -> Result<Operand, Failure> {
    Ok(Operand::Moment(context.now()))
}

pub(super) fn to_date(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    date::ticks_from_text(arguments.text(0))
        .map(Operand::Moment)
        .ok_or_else(|| refuse("the text is not a date, or no date that exists"))
}

pub(super) fn is_date(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    Ok(Operand::truth(match arguments.any(0) {
        Operand::Moment(_) => true,
        Operand::One(Value::String(text)) => date::ticks_from_text(text).is_some(),
        _ => false,
    }))
}

pub(super) fn date_add(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    let unit = Unit::parse(arguments.text(0)).ok_or_else(|| refuse("there is no such unit"))?;
    let sum = unit.add(arguments.moment(2), arguments.integer(1));
    sum.map(Operand::Moment).ok_or_else(|| {
        Failure::new(ErrorKind::Range, "the date would lie outside the years 1 to 9999")
    })
}

pub(super) fn date_difference(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    boundaries(arguments.text(0), arguments.moment(1), arguments.moment(2))
        .map(Operand::number)
        .ok_or_else(|| refuse("there is no such unit"))
}

pub(super) fn date_from_number(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    let ticks = arguments.integer(0);
    if !(0..=LATEST).contains(&ticks) {
        let message = "the number is no date: it is negative or beyond the year 9999";
        return Err(Failure::of_argument(0, ErrorKind::Range, message));
    }
    Ok(Operand::Moment(ticks))
}

pub(super) fn number_from_date(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    let ticks = arguments.moment(0);
    if ticks < 0 {
        return Err(Failure::of_argument(0, ErrorKind::Range, "the date lies before 1601"));
    }
    Ok(Operand::number(ticks))
}

pub(super) fn format_date(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    match date::ticks_to_text(arguments.moment(0), arguments.text(1)) {
        Ok(text) => Ok(Operand::text(text)),
        Err(message) => Err(Failure::of_argument(1, ErrorKind::Value, message)),
    }
}

pub(super) fn component(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    nth(parts(arguments.text(0)).into_iter(), arguments.integer(1))
}

pub(super) fn component_from_right(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    let skips_domain = match arguments.any(2) {
        Operand::Null => false,
        Operand::Enumeration("DC") => true,
        Operand::One(Value::String(text)) if &**text == "DC" => true,
        Operand::One(Value::String(_)) => {
            let message = "the only option is DC";
            return Err(Failure::of_argument(2, ErrorKind::Value, message));
        }
        other => {
            let message = format!("expected DC, found {}", other.describe());
            return Err(Failure::of_argument(2, ErrorKind::Type, message));
        }
    };
    let from_right = parts(arguments.text(0)).into_iter().rev();
    let remaining = from_right.skip_while(|part| skips_domain && part.is_domain());
    nth(remaining, arguments.integer(1))
}

/// The value of part number `index`, from one.
fn nth<'a>(mut parts: impl Iterator<Item = Part<'a>>, index: i64) -> Result<Operand, Failure> {
    let before = index.checked_sub(1).and_then(|before| usize::try_from(before).ok());
    before.and_then(|before| parts.nth(before)).map(|part| Operand::text(part.value)).ok_or_else(
        || Failure::of_argument(1, ErrorKind::Range, "the name has no component of this number"),
    )
}
