//! Values as JSON: text, whole number, Boolean, list, `{"bin":"hex"}`, `{"ref":"dn"}`,
//! `{"dt":"2026-05-04T10:00:00Z"}`, `{"null":true}`, `{"flow":"IgnoreThisFlow"}`.

use model::{Timestamp, Value};
use serde_json::{Value as Json, json};

use crate::operand::{FlowConstant, Operand, ticks_of, timestamp_of};

/// One value; `None` for what is none.
pub(super) fn scalar(json: &Json) -> Option<Value> {
    match json {
        Json::String(text) => Some(Value::string(text)),
        Json::Number(number) => number.as_i64().map(Value::Integer),
        Json::Bool(truth) => Some(Value::Boolean(*truth)),
        Json::Object(_) => {
            let text = |key: &str| json.get(key).and_then(Json::as_str);
            if let Some(digits) = text("bin") {
                return octets(digits).map(|octets| Value::binary(&octets));
            }
            if let Some(dn) = text("ref") {
                return Some(Value::reference(dn));
            }
            text("dt").and_then(ticks).map(|ticks| Value::DateTime(timestamp_of(ticks)))
        }
        Json::Null | Json::Array(_) => None,
    }
}

/// A result as it is expected.
pub(super) fn operand(json: &Json) -> Option<Operand> {
    if let Json::Array(items) = json {
        return items.iter().map(operand).collect::<Option<_>>().map(Operand::List);
    }
    if json.get("null") == Some(&Json::Bool(true)) {
        return Some(Operand::Null);
    }
    if let Some(text) = json.get("dt").and_then(Json::as_str) {
        return ticks(text).map(Operand::Moment);
    }
    match json.get("flow").and_then(Json::as_str) {
        Some("IgnoreThisFlow") => Some(Operand::Flow(FlowConstant::IgnoreThisFlow)),
        Some("AuthoritativeNull") => Some(Operand::Flow(FlowConstant::AuthoritativeNull)),
        Some(_) => None,
        None => scalar(json).map(Operand::One),
    }
}

/// The result as JSON.
#[must_use]
pub fn render(operand: &Operand) -> Json {
    match operand {
        Operand::Null => json!({ "null": true }),
        Operand::One(value) => of_value(value),
        Operand::Many(values) => values.iter().map(of_value).collect(),
        Operand::List(elements) => elements.iter().map(render).collect(),
        Operand::Moment(ticks) => json!({ "dt": iso(*ticks) }),
        Operand::Flow(FlowConstant::IgnoreThisFlow) => json!({ "flow": "IgnoreThisFlow" }),
        Operand::Flow(FlowConstant::AuthoritativeNull) => json!({ "flow": "AuthoritativeNull" }),
        Operand::Enumeration(word) => json!({ "word": word }),
    }
}

fn of_value(value: &Value) -> Json {
    match value {
        Value::String(text) => json!(text.as_ref()),
        Value::Integer(number) => json!(number),
        Value::Boolean(truth) => json!(truth),
        Value::Reference(dn) => json!({ "ref": dn.as_ref() }),
        Value::DateTime(moment) => json!({ "dt": iso(ticks_of(*moment)) }),
        Value::Binary(octets) => {
            let digits: String = octets.iter().map(|octet| format!("{octet:02x}")).collect();
            json!({ "bin": digits })
        }
    }
}

const TICKS_PER_SECOND: i64 = 10_000_000;

/// Ticks of a UTC moment with up to seven digits after the second.
fn ticks(text: &str) -> Option<i64> {
    let (whole, fraction) = match text.strip_suffix('Z')?.split_once('.') {
        Some((whole, fraction)) => (whole, fraction),
        None => (text.strip_suffix('Z')?, ""),
    };
    if fraction.len() > 7 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let seconds = Timestamp::parse(&format!("{whole}Z")).ok()?;
    Some(ticks_of(seconds) + format!("{fraction:0<7}").parse::<i64>().ok()?)
}

fn iso(ticks: i64) -> String {
    let fraction = ticks.rem_euclid(TICKS_PER_SECOND);
    let seconds = timestamp_of(ticks - fraction).to_string();
    if fraction == 0 {
        return seconds;
    }
    let digits = format!("{fraction:07}");
    format!("{}.{}Z", seconds.trim_end_matches('Z'), digits.trim_end_matches('0'))
}

fn octets(digits: &str) -> Option<Vec<u8>> {
    if !digits.len().is_multiple_of(2) || !digits.is_ascii() {
        return None;
    }
    let pairs = (0..digits.len()).step_by(2);
    pairs.map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()).collect()
}
