//! What is refused before it is sent.
//!
//! Domain controllers differ in what they accept: Samba takes account names and common names that
//! Windows refuses. What is wrong everywhere is found here, with a reason an administrator
//! understands.
//! Spec: [MS-SAMR] 3.1.1.6 (account names), [MS-ADTS] 3.1.1.5.1.1.

use connector::{ExportError, ExportErrorType, ExportKind, ExportOperation};
use model::{AttributeChange, Dn, ObjectSchema, Schema, Value};

use crate::schema::{self, ObjectType, USER};
use crate::scope::Scope;

/// [MS-SAMR] 3.1.1.6: of users; groups may have longer ones.
const ACCOUNT_NAME_LENGTH_MAX: usize = 20;
/// The characters no account name may have; `@` is legal but makes a sign-in name ambiguous.
const ACCOUNT_NAME_FORBIDDEN: &str = "\"/\\[]:;|=,+*?<>@";
/// `rangeUpper` of `cn` and `ou`.
const NAME_LENGTH_MAX: usize = 64;

/// Checks an operation against what is known without asking.
pub(crate) fn check(
    operation: &ExportOperation,
    schema: &Schema,
    scope: &Scope,
) -> Result<(), ExportError> {
    let name = &operation.object_type;
    let selected = schema.types.get(name);
    let (Some(attributes), Some(object_type)) = (selected, schema::object_type(name)) else {
        let message = format!("the object type {name} is not selected");
        return Err(error(ExportErrorType::NoExportToThisObjectType, message));
    };
    match &operation.kind {
        ExportKind::Add { attributes: new } => {
            check_name(&operation.dn, object_type, scope)?;
            for (attribute, values) in new.iter() {
                check_writable(attribute, attributes)?;
                values.iter().try_for_each(|v| check_value(name, attribute, v))?;
            }
        }
        ExportKind::Update { changes, new_dn } => {
            if let Some(dn) = new_dn {
                check_name(dn, object_type, scope)?;
            }
            for (attribute, change) in changes {
                check_writable(attribute, attributes)?;
                let mut values: Vec<&Value> = match change {
                    AttributeChange::Set(values) => values.iter().collect(),
                    AttributeChange::Update { add, .. } => add.iter().collect(),
                    AttributeChange::Clear => Vec::new(),
                };
                values.drain(..).try_for_each(|v| check_value(name, attribute, v))?;
            }
        }
        ExportKind::Delete => {}
    }
    Ok(())
}

/// An export error that never reached the directory.
pub(crate) fn error(error_type: ExportErrorType, message: impl Into<String>) -> ExportError {
    ExportError { error_type, code: None, message: message.into() }
}

fn check_name(text: &str, object_type: &ObjectType, scope: &Scope) -> Result<(), ExportError> {
    let invalid = |message: String| error(ExportErrorType::InvalidDn, message);
    let dn = Dn::parse(text).map_err(|e| invalid(e.to_string()))?;
    let Some(leaf) = dn.leaf() else { return Err(invalid("the DN is empty".to_owned())) };
    if object_type.classes_for(&leaf.attribute).is_none() {
        let (name, naming) = (object_type.name, object_type.naming);
        return Err(invalid(format!("the DN of a {name} begins with {naming}=")));
    }
    if leaf.value.chars().count() > NAME_LENGTH_MAX {
        let message = format!("the name has more than {NAME_LENGTH_MAX} characters");
        return Err(invalid(message));
    }
    // Not as a container object: those on the way to a selected container are not ours to make.
    let parent = dn.parent().unwrap_or_default().to_string();
    if !scope.contains(&parent, USER) {
        return Err(invalid("the DN lies outside of the selected containers".to_owned()));
    }
    Ok(())
}

fn check_writable(attribute: &str, selected: &ObjectSchema) -> Result<(), ExportError> {
    match selected.get(attribute) {
        Some(schema) if schema.writable => Ok(()),
        Some(_) => {
            let message = format!("{attribute} is maintained by the directory");
            Err(error(ExportErrorType::ReadonlyAttribute, message))
        }
        None => {
            let message = format!("{attribute} is not selected");
            Err(error(ExportErrorType::InvalidAttributeValue, message))
        }
    }
}

fn check_value(object_type: &str, attribute: &str, value: &Value) -> Result<(), ExportError> {
    let invalid = |message: String| Err(error(ExportErrorType::InvalidAttributeValue, message));
    let Some(text) = value.as_str() else { return Ok(()) };
    if text.is_empty() {
        return invalid(format!("{attribute} has an empty value"));
    }
    if let Some(max) = schema::length_max(attribute).filter(|max| text.chars().count() > *max) {
        return invalid(format!("{attribute} has more than {max} characters"));
    }
    if attribute == "sAMAccountName" {
        return check_account_name(object_type, text).or_else(invalid);
    }
    Ok(())
}

fn check_account_name(object_type: &str, name: &str) -> Result<(), String> {
    if object_type == USER && name.chars().count() > ACCOUNT_NAME_LENGTH_MAX {
        return Err(format!("sAMAccountName has more than {ACCOUNT_NAME_LENGTH_MAX} characters"));
    }
    let is_forbidden = |c: &char| ACCOUNT_NAME_FORBIDDEN.contains(*c) || c.is_control();
    if let Some(forbidden) = name.chars().find(is_forbidden) {
        return Err(format!("sAMAccountName has the forbidden character {forbidden:?}"));
    }
    if name.ends_with('.') {
        return Err("sAMAccountName ends with a full stop".to_owned());
    }
    if name.trim() != name {
        return Err("sAMAccountName begins or ends with a space".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::scope::Partition;
    use model::{Attributes, Name, ValueType};

    fn add(object_type: &str, dn: &str, attribute: &str, value: Value) -> Result<(), String> {
        let mut attributes = Attributes::new();
        attributes.set_one(attribute, value);
        let operation = ExportOperation {
            object_type: Name::new(object_type),
            dn: dn.to_owned(),
            anchor: None,
            kind: ExportKind::Add { attributes },
            secrets: BTreeMap::new(),
            in_doubt: false,
        };
        let selected = ["sAMAccountName", "title", "objectSid"];
        let types = ["user", "group", "container"].map(|t| {
            let schema = selected.iter().map(|a| (Name::new(a), schema::attribute(a))).collect();
            (Name::new(t), schema)
        });
        let containers = vec!["OU=Guests,DC=x".to_owned()];
        let scope = Scope::new(vec![Partition { dn: "DC=x".to_owned(), containers }]);
        check(&operation, &Schema { types: types.into() }, &scope)
            .map_err(|e| format!("{}: {}", e.error_type.as_str(), e.message))
    }

    fn account(name: &str) -> String {
        let outcome = add("user", "CN=a,OU=Guests,DC=x", "sAMAccountName", name.into());
        outcome.map_or_else(
            |e| e.replace("invalid-attribute-value: sAMAccountName ", ""),
            |()| "ok".to_owned(),
        )
    }

    #[test]
    fn account_names_follow_the_strictest_directory() {
        assert_eq!(account("ada.trey"), "ok");
        assert_eq!(account("12345678901234567890"), "ok");
        assert_eq!(account("123456789012345678901"), "has more than 20 characters");
        assert_eq!(account("ada@trey"), "has the forbidden character '@'");
        assert_eq!(account("ada\u{0}"), "has the forbidden character '\\0'");
        assert_eq!(account("ada."), "ends with a full stop");
        assert_eq!(account(" ada"), "begins or ends with a space");
        let long = "g".repeat(21);
        assert_eq!(add("group", "CN=g,OU=Guests,DC=x", "sAMAccountName", (&*long).into()), Ok(()));
    }

    #[test]
    fn names_that_no_directory_takes_are_refused() {
        let check = |object_type: &str, dn: &str, expected: &str| {
            let outcome = add(object_type, dn, "title", "x".into());
            assert_eq!(outcome.err().unwrap_or_default(), expected, "{dn}");
        };
        let check_user = |dn: &str, expected: &str| check("user", dn, expected);
        check_user("CN=Smith\\, John,OU=Guests,DC=x", "");
        check_user("CN=😀,OU=Deep,OU=Guests,DC=x", "");
        check("container", "OU=Deep,OU=Guests,DC=x", "");
        check_user(
            "CN=a\\0Ab,OU=Guests,DC=x",
            "invalid-dn: a name must not contain NUL or a line feed",
        );
        check_user("OU=a,OU=Guests,DC=x", "invalid-dn: the DN of a user begins with CN=");
        check_user("CN=a,DC=x", "invalid-dn: the DN lies outside of the selected containers");
        check(
            "container",
            "OU=New,DC=x",
            "invalid-dn: the DN lies outside of the selected containers",
        );
        check_user("", "invalid-dn: the DN is empty");
        let long = format!("CN={},OU=Guests,DC=x", "ü".repeat(65));
        check_user(&long, "invalid-dn: the name has more than 64 characters");
        check(
            "contact",
            "CN=a,OU=Guests,DC=x",
            "no-export-to-this-object-type: the object type contact is not selected",
        );
    }

    #[test]
    fn attributes_are_checked_against_the_schema() {
        let check = |attribute: &str, value: Value, expected: &str| {
            let outcome = add("user", "CN=a,OU=Guests,DC=x", attribute, value);
            assert_eq!(outcome.err().unwrap_or_default(), expected);
        };
        check("title", "x".repeat(128).as_str().into(), "");
        check(
            "title",
            "x".repeat(129).as_str().into(),
            "invalid-attribute-value: title has more than 128 characters",
        );
        check(
            "objectSid",
            Value::binary(&[1]),
            "readonly-attribute: objectSid is maintained by the directory",
        );
        check("mail", "a@b".into(), "invalid-attribute-value: mail is not selected");
        assert_eq!(ValueType::String, schema::attribute("title").value_type);
    }
}
