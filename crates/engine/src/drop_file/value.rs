//! Values as JSON: text, numbers and truths as they are, everything else as an object that names its
//! type.

use std::collections::BTreeMap;

use model::{Attributes, Name, Timestamp, Value, Values};
use serde_json::{Map, Value as Json, json};

/// The values of an attribute.
pub(super) fn values_json(values: &Values) -> Json {
    values.iter().map(value_json).collect()
}

fn value_json(value: &Value) -> Json {
    match value {
        Value::String(text) => json!(&**text),
        Value::Integer(number) => json!(number),
        Value::Boolean(truth) => json!(truth),
        Value::Binary(_) => json!({ "binary": value.to_string() }),
        Value::Reference(target) => json!({ "reference": &**target }),
        Value::DateTime(moment) => json!({ "datetime": moment.to_string() }),
    }
}

/// Reads the values of an attribute; `None` if the JSON is none, or there are no values in it.
pub(super) fn values(json: &Json) -> Option<Values> {
    Values::from_vec(list(json)?)
}

/// Reads a list of values.
pub(super) fn list(json: &Json) -> Option<Vec<Value>> {
    json.as_array()?.iter().map(value).collect()
}

fn value(json: &Json) -> Option<Value> {
    match json {
        Json::String(text) => Some(Value::string(text)),
        Json::Number(number) => number.as_i64().map(Value::Integer),
        Json::Bool(truth) => Some(Value::Boolean(*truth)),
        Json::Object(typed) => {
            let (name, text) = typed.iter().next()?;
            let text = text.as_str()?;
            match name.as_str() {
                "binary" => octets(text).map(|octets| Value::binary(&octets)),
                "reference" => Some(Value::reference(text)),
                "datetime" => Timestamp::parse(text).ok().map(Value::DateTime),
                _ => None,
            }
        }
        Json::Null | Json::Array(_) => None,
    }
}

fn octets(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u32> = text.chars().map(|c| c.to_digit(16)).collect::<Option<_>>()?;
    let octet = |pair: &[u32]| match pair {
        [high, low] => u8::try_from(high * 16 + low).ok(),
        _ => None,
    };
    digits.chunks(2).map(octet).collect()
}

/// Attributes by name.
pub(super) fn attributes_json(attributes: &Attributes) -> Json {
    let map = attributes.iter().map(|(name, values)| (name.to_string(), values_json(values)));
    Json::Object(map.collect::<Map<_, _>>())
}

/// Reads attributes.
pub(super) fn attributes(json: &Json) -> Option<Attributes> {
    let map: BTreeMap<Name, Values> = json
        .as_object()?
        .iter()
        .map(|(name, json)| Some((Name::new(name), values(json)?)))
        .collect::<Option<_>>()?;
    Some(map.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_of_value_comes_back() {
        let all = [
            Value::string("{\"ä\"}"),
            Value::Integer(i64::MIN),
            Value::Boolean(false),
            Value::binary(&[0, 0xab, 0xff]),
            Value::reference("CN=a,DC=contoso,DC=com"),
            Value::DateTime(Timestamp(1_795_521_600_000_001)),
        ];
        let mut attributes = Attributes::new();
        for (number, value) in all.into_iter().enumerate() {
            attributes.set_one(&format!("a{number}"), value);
        }
        let several = Values::from_vec(vec!["b".into(), "a".into()]);
        attributes.set(Name::new("several"), several);
        let json = attributes_json(&attributes);
        assert_eq!(super::attributes(&json), Some(attributes));
    }

    #[test]
    fn what_is_no_value_is_refused() {
        for text in ["[null]", "[]", "[1.5]", "[{\"binary\":\"0\"}]", "[{\"guid\":\"x\"}]", "\"a\""]
        {
            let json = serde_json::from_str(text).unwrap();
            assert_eq!(values(&json), None, "{text}");
        }
    }
}
