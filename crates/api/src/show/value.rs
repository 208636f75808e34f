//! Values as text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::{AttributeSchema, Guid, Sid, Value, Values};

/// What stands in place of a secret.
pub(crate) const SECRET: &str = "secret";

/// An attribute's values as text; of a secret attribute only that there is something.
pub(crate) fn values(name: &str, schema: Option<&AttributeSchema>, values: &Values) -> Vec<String> {
    if schema.is_some_and(|schema| schema.secret) {
        return vec![SECRET.to_owned()];
    }
    values.iter().map(|value| value_text(name, value)).collect()
}

/// One value as text: security identifiers and GUIDs as people know them, other octets in base64.
pub(crate) fn value_text(name: &str, value: &Value) -> String {
    let Value::Binary(bytes) = value else { return value.to_string() };
    let name = name.to_lowercase();
    let sid = || Sid::from_bytes(bytes).ok().map(|sid| sid.to_string());
    let guid = || Guid::from_directory(bytes).ok().map(|guid| guid.to_string());
    let known = if name.ends_with("sid") {
        sid()
    } else if name.ends_with("guid") {
        guid()
    } else {
        None
    };
    known.unwrap_or_else(|| STANDARD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::ValueType;

    #[test]
    fn octets_are_shown_as_what_they_are() {
        let sid = Sid::parse("S-1-5-21-1-2-3-1104").unwrap();
        let octets = Value::binary(&sid.to_bytes());
        assert_eq!(value_text("ObjectSID", &octets), "S-1-5-21-1-2-3-1104");
        assert_eq!(value_text("photo", &Value::binary(&[1, 2, 3])), "AQID");
        assert_eq!(value_text("objectSid", &Value::binary(&[9])), "CQ==");
        let guid = Guid::from_bytes([7; 16]);
        let octets = Value::binary(&guid.to_directory());
        assert_eq!(value_text("objectGUID", &octets), guid.to_string());
        assert_eq!(value_text("enabled", &Value::Boolean(true)), "True");
    }

    #[test]
    fn secrets_are_never_shown() {
        let schema = AttributeSchema::single(ValueType::String).secret();
        let shown = values("unicodePwd", Some(&schema), &Values::one("hunter2"));
        assert_eq!(shown, ["secret"]);
    }
}
