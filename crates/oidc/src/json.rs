//! JSON that means the same to everybody: a member twice in one object is refused, since readers
//! differ in which one they take (RFC 7519 section 4, RFC 8259 section 4).

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Reads an object; `None` for anything else, members twice, and text after it.
///
/// Depth is limited by the JSON library to 128.
pub(crate) fn object(octets: &[u8]) -> Option<Map<String, Value>> {
    let mut reader = serde_json::Deserializer::from_slice(octets);
    let value = Strict.deserialize(&mut reader).ok()?;
    reader.end().ok()?;
    match value {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

/// A member that is text or absent; `Err` when it is something else.
pub(crate) fn text(object: &Map<String, Value>, name: &'static str) -> Result<Option<String>, Bad> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Bad(name)),
    }
}

/// A member that is a list of texts, one text, or absent.
pub(crate) fn texts(object: &Map<String, Value>, name: &'static str) -> Result<Vec<String>, Bad> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(vec![text.clone()]),
        Some(Value::Array(list)) => {
            let texts = list.iter().map(|value| value.as_str().map(str::to_owned));
            texts.collect::<Option<_>>().ok_or(Bad(name))
        }
        Some(_) => Err(Bad(name)),
    }
}

/// The name of a member that has the wrong type or is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bad(pub(crate) &'static str);

/// Builds a [`Value`] and refuses members twice.
#[derive(Clone, Copy)]
struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value_seed(self)?;
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom("a member twice"));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn a_member_twice_is_refused_at_every_depth() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"a":{"b":1,"b":2}}"#,
            r#"{"a":[{"b":1,"b":2}]}"#,
        ] {
            assert_eq!(object(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn only_one_whole_object_is_read() {
        for text in ["", "[]", "1", "\"a\"", "{", "{} {}", "{}x", "{\"a\":1,}", "\u{feff}{}"] {
            assert_eq!(object(text.as_bytes()), None, "{text}");
        }
        assert_eq!(object(b"{\"a\":\"\xff\"}"), None);
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200));
        assert_eq!(object(deep.as_bytes()), None);
        let all = json!({ "a": [1, -1, 1.5, "x", null, true, {}], "b": { "a": u64::MAX } });
        assert_eq!(object(all.to_string().as_bytes()).map(Value::Object), Some(all));
    }

    #[test]
    fn members_of_another_type_are_named() {
        let read = object(br#"{"one":"a","many":["a","b"],"mixed":["a",1],"none":null}"#).unwrap();
        assert_eq!(text(&read, "one"), Ok(Some("a".to_owned())));
        assert_eq!((text(&read, "none"), text(&read, "other")), (Ok(None), Ok(None)));
        assert_eq!(text(&read, "many"), Err(Bad("many")));
        assert_eq!(texts(&read, "one").unwrap(), ["a"]);
        assert_eq!(texts(&read, "many").unwrap(), ["a", "b"]);
        assert_eq!(texts(&read, "mixed"), Err(Bad("mixed")));
    }

    proptest! {
        #[test]
        fn octets_of_any_kind_are_read_or_refused(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
            let has_brace = octets.contains(&b'{');
            prop_assert!(object(&octets).is_none() || has_brace);
        }
    }
}
