//! Values and changes as the directory takes them.
//!
//! Spec: RFC 4511 sections 4.6 and 4.7; [MS-ADTS] 3.1.1.3.1.5 (`unicodePwd`).

use connector::ExportOperation;
use ldap3::Mod;
use model::{AttributeChange, Attributes, Changes, Name, Secret, Timestamp, Value, Values};

use crate::schema::PASSWORD;

/// One value's octets.
pub(crate) fn value(value: &Value) -> Vec<u8> {
    match value {
        Value::String(text) | Value::Reference(text) => text.as_bytes().to_vec(),
        Value::Integer(number) => number.to_string().into_bytes(),
        Value::Boolean(true) => b"TRUE".to_vec(),
        Value::Boolean(false) => b"FALSE".to_vec(),
        Value::Binary(bytes) => bytes.to_vec(),
        Value::DateTime(moment) => generalized_time(*moment).into_bytes(),
    }
}

/// `20260131120000.0Z`; parts of a second do not count in the directory.
fn generalized_time(moment: Timestamp) -> String {
    let text = Timestamp::from_seconds(moment.seconds()).to_string();
    let digits: String = text.chars().filter(char::is_ascii_digit).take(14).collect();
    format!("{digits}.0Z")
}

fn values(values: &Values) -> Vec<Vec<u8>> {
    values.iter().map(value).collect()
}

/// A secret attribute's value: passwords in quotes and in UTF-16, others as they are.
fn secret(name: &str, secret: &Secret) -> Vec<u8> {
    if !name.eq_ignore_ascii_case(PASSWORD) {
        return secret.expose().as_bytes().to_vec();
    }
    let quoted = std::iter::once('"').chain(secret.expose().chars()).chain(['"']);
    let mut units = [0_u16; 2];
    quoted.flat_map(|c| c.encode_utf16(&mut units).to_vec()).flat_map(u16::to_le_bytes).collect()
}

/// The attributes of an add request.
pub(crate) fn new_object(
    classes: &[&str],
    attributes: &Attributes,
    operation: &ExportOperation,
) -> Vec<(String, Vec<Vec<u8>>)> {
    let classes = classes.iter().map(|class| class.as_bytes().to_vec()).collect();
    let mut list = vec![("objectClass".to_owned(), classes)];
    list.extend(attributes.iter().map(|(name, v)| (name.to_string(), values(v))));
    let secrets = operation.secrets.iter();
    list.extend(secrets.map(|(name, s)| (name.to_string(), vec![secret(name, s)])));
    list
}

/// The changes of a modify request, secrets included.
pub(crate) fn changes(changes: &Changes, operation: &ExportOperation) -> Vec<Mod<Vec<u8>>> {
    let mut list = Vec::new();
    for (name, change) in changes {
        let attribute = name.as_bytes().to_vec();
        match change {
            AttributeChange::Set(new) => {
                list.push(Mod::Replace(attribute, values(new).into_iter().collect()));
            }
            AttributeChange::Clear => list.push(Mod::Replace(attribute, [].into())),
            AttributeChange::Update { add, remove } => {
                // A value in both lists is added.
                let gone = remove.iter().filter(|v| !add.contains(v)).map(value);
                let gone: std::collections::HashSet<_> = gone.collect();
                if !gone.is_empty() {
                    list.push(Mod::Delete(attribute.clone(), gone));
                }
                if !add.is_empty() {
                    list.push(Mod::Add(attribute, add.iter().map(value).collect()));
                }
            }
        }
    }
    list.extend(operation.secrets.iter().map(|(name, s)| set_secret(name, s)));
    list
}

/// The change that sets a secret attribute.
pub(crate) fn set_secret(name: &Name, value: &Secret) -> Mod<Vec<u8>> {
    Mod::Replace(name.as_bytes().to_vec(), [secret(name, value)].into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_the_directory_spells_them() {
        let text = |v: &Value| String::from_utf8(value(v)).unwrap();
        assert_eq!(text(&Value::Integer(-5)), "-5");
        assert_eq!(text(&Value::Boolean(false)), "FALSE");
        let moment = Timestamp::parse("2026-01-31T12:00:00.25Z").unwrap();
        assert_eq!(text(&Value::DateTime(moment)), "20260131120000.0Z");
    }

    #[test]
    fn a_password_is_quoted_utf_16() {
        let bytes = secret("unicodePwd", &Secret::new("pä😀".to_owned()));
        let units: Vec<u16> =
            bytes.chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        assert_eq!(String::from_utf16(&units).unwrap(), "\"pä😀\"");
    }
}
