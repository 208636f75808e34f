//! Moments in tokens: NumericDate, seconds since 1970, decimals possible (RFC 7519 section 2).

use model::Timestamp;
use serde_json::{Map, Value};

use crate::json::Bad;

/// Seconds up to the year 9999.
const SECONDS_MAX: i64 = 253_402_300_799;

/// A member that is a moment or absent, decimals dropped.
pub(crate) fn moment(
    object: &Map<String, Value>,
    name: &'static str,
) -> Result<Option<Timestamp>, Bad> {
    let seconds = match object.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Number(number)) => number.as_i64().or_else(|| whole(number.as_f64()?)),
        Some(_) => None,
    };
    let seconds = seconds.filter(|s| (0..=SECONDS_MAX).contains(s)).ok_or(Bad(name))?;
    Ok(Some(Timestamp::from_seconds(seconds)))
}

fn whole(number: f64) -> Option<i64> {
    #[expect(clippy::cast_precision_loss, reason = "the bound fits the mantissa")]
    let is_possible = (0.0..=SECONDS_MAX as f64).contains(&number);
    #[expect(clippy::cast_possible_truncation, reason = "the bound was checked")]
    let seconds = number as i64;
    is_possible.then_some(seconds)
}

/// The moment so many seconds after another one.
pub(crate) const fn after(moment: Timestamp, seconds: i64) -> Timestamp {
    Timestamp(moment.0.saturating_add(seconds.saturating_mul(1_000_000)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn moments_are_numbers_within_reason() {
        let read = |value: Value| {
            let object = Map::from_iter([("exp".to_owned(), value)]);
            moment(&object, "exp").map(|m| m.map(Timestamp::seconds))
        };
        assert_eq!(read(json!(1_795_521_600)), Ok(Some(1_795_521_600)));
        assert_eq!(read(json!(1_795_521_600.9)), Ok(Some(1_795_521_600)));
        assert_eq!(read(json!(null)), Ok(None));
        for bad in [json!("1"), json!(-1), json!(1e300), json!(u64::MAX), json!([1]), json!(true)] {
            assert_eq!(read(bad.clone()), Err(Bad("exp")), "{bad}");
        }
    }
}
