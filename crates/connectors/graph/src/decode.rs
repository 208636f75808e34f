//! From Graph's JSON to entries: pages, users, values. Pure.
//!
//! Spec: Graph delta query: a property never set is absent, a cleared one null, a user that is
//! gone has an `@removed` annotation.

use connector::{DiscoveryError, DiscoveryErrorType, ImportEntry};
use model::{
    AttributeChange, AttributeSchema, Attributes, Changes, Image, Name, ObjectSchema, Timestamp,
    Value, ValueType, Values,
};
use serde_json::Value as Json;

use crate::schema::{ANCHOR, USER};

/// Where a page leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Link<'a> {
    /// The next page.
    Next(&'a str),
    /// The next round: this one is over.
    Delta(&'a str),
}

/// The items of a page and its link.
///
/// # Errors
/// What is wrong with the page as a whole: nothing may be concluded from it.
pub(crate) fn decode_page(body: &Json) -> Result<(&[Json], Link<'_>), &'static str> {
    let items = body.get("value").and_then(Json::as_array).ok_or("sent a page without a list")?;
    let link = |name| body.get(name).and_then(Json::as_str);
    let link = match (link("@odata.nextLink"), link("@odata.deltaLink")) {
        (Some(next), None) => Link::Next(next),
        (None, Some(delta)) => Link::Delta(delta),
        (None, None) => return Err("sent a page that leads nowhere"),
        (Some(_), Some(_)) => return Err("sent a page that leads two ways"),
    };
    Ok((items, link))
}

/// An item of an initial round: the whole user.
pub(crate) fn decode_object(
    item: &Json,
    schema: &ObjectSchema,
) -> Result<ImportEntry, DiscoveryError> {
    let anchor = anchor_of(item)?;
    if item.get("@removed").is_some() {
        return Ok(ImportEntry::Deleted { anchor });
    }
    let mut attributes = Attributes::new();
    for (name, attribute) in schema {
        if let Some(json) = item.get(name.as_str()) {
            attributes.set(name.clone(), decode(&anchor, name, json, attribute)?);
        }
    }
    Ok(ImportEntry::Object(Image {
        object_type: Name::new(USER),
        dn: anchor.clone(),
        anchor: Some(anchor),
        attributes,
    }))
}

/// An item of a later round: what is present has changed, what is absent has not.
pub(crate) fn decode_change(
    item: &Json,
    schema: &ObjectSchema,
) -> Result<ImportEntry, DiscoveryError> {
    let anchor = anchor_of(item)?;
    if item.get("@removed").is_some() {
        return Ok(ImportEntry::Deleted { anchor });
    }
    let mut changes = Changes::new();
    for (name, attribute) in schema {
        if let Some(json) = item.get(name.as_str()) {
            let values = decode(&anchor, name, json, attribute)?;
            let change = values.map_or(AttributeChange::Clear, AttributeChange::Set);
            changes.insert(name.clone(), change);
        }
    }
    Ok(ImportEntry::Change { dn: Some(anchor.clone()), anchor, changes })
}

/// The anchor in lower case: the service compares ids without regard to case.
fn anchor_of(item: &Json) -> Result<String, DiscoveryError> {
    match item.get(ANCHOR).and_then(Json::as_str) {
        Some(id) if !id.is_empty() => Ok(id.to_lowercase()),
        _ => Err(DiscoveryError {
            error_type: DiscoveryErrorType::MissingAnchorComponent,
            object: String::new(),
            message: "an item has no id".to_owned(),
        }),
    }
}

fn decode(
    anchor: &str,
    name: &Name,
    json: &Json,
    attribute: &AttributeSchema,
) -> Result<Option<Values>, DiscoveryError> {
    let error =
        |error_type, message| DiscoveryError { error_type, object: anchor.to_owned(), message };
    let items = match json {
        Json::Null => return Ok(None),
        Json::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    if items.len() > 1 && !attribute.multi_valued {
        let message = format!("{name} holds {} values but is single-valued", items.len());
        return Err(error(DiscoveryErrorType::MultiSingleMismatch, message));
    }
    let mut values = Vec::with_capacity(items.len());
    for item in items {
        let value = if *name == ANCHOR {
            Some(Value::string(anchor))
        } else {
            decode_value(item, attribute.value_type)
        };
        values.push(value.ok_or_else(|| {
            let message = format!("{name} is not of type {}", attribute.value_type);
            error(DiscoveryErrorType::InvalidAttributeValue, message)
        })?);
    }
    Ok(Values::from_vec(values))
}

fn decode_value(json: &Json, value_type: ValueType) -> Option<Value> {
    match (value_type, json) {
        (ValueType::String, Json::String(text)) => Some(Value::string(text)),
        // Directory extensions may be numbers or truth values; they are read as text.
        (ValueType::String, Json::Number(number)) => Some(Value::string(&number.to_string())),
        (ValueType::String, Json::Bool(truth)) => Some(Value::string(&truth.to_string())),
        (ValueType::Boolean, Json::Bool(truth)) => Some(Value::Boolean(*truth)),
        (ValueType::DateTime, Json::String(text)) => {
            Timestamp::parse(text).ok().map(Value::DateTime)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema;
    use serde_json::json;

    const ID: &str = "5F3C0E7A-91B4-4D0E-8A52-1C7D9BE0F6A3";

    fn user_schema() -> ObjectSchema {
        ["id", "mail", "businessPhones", "accountEnabled", "createdDateTime", "extension_a1_level"]
            .into_iter()
            .map(|name| (Name::new(name), schema::attribute(name).unwrap()))
            .collect()
    }

    fn with_id(mut properties: Json) -> Json {
        properties["id"] = json!(ID);
        properties
    }

    #[test]
    fn a_user_is_read_with_the_types_of_its_properties() {
        let item = with_id(json!({
            "mail": "ada@partner.example", "businessPhones": ["2", "1"], "accountEnabled": true,
            "createdDateTime": "2026-11-24T12:00:00.1234567Z", "extension_a1_level": 3,
            "displayName": "not selected",
        }));
        let Ok(ImportEntry::Object(image)) = decode_object(&item, &user_schema()) else { panic!() };
        assert_eq!(
            (image.anchor.as_deref(), image.dn.as_str()),
            (Some(&*ID.to_lowercase()), &*ID.to_lowercase())
        );
        let shown: Vec<String> = image.attributes.iter().map(|(n, v)| format!("{n}={v}")).collect();
        assert_eq!(
            shown,
            [
                "accountEnabled=True",
                "businessPhones=1; 2",
                "createdDateTime=2026-11-24T12:00:00.123456Z",
                "extension_a1_level=3",
                &format!("id={}", ID.to_lowercase()),
                "mail=ada@partner.example",
            ]
        );
    }

    #[test]
    fn null_and_the_empty_list_clear_and_absence_leaves_alone() {
        let item = with_id(json!({ "mail": null, "businessPhones": [] }));
        let Ok(ImportEntry::Change { changes, .. }) = decode_change(&item, &user_schema()) else {
            panic!()
        };
        assert_eq!(changes.get("mail"), Some(&AttributeChange::Clear));
        assert_eq!(changes.get("businessPhones"), Some(&AttributeChange::Clear));
        assert_eq!(changes.get("accountEnabled"), None);
    }

    #[test]
    fn a_removed_user_is_deleted_in_every_round() {
        let item = with_id(json!({ "@removed": { "reason": "changed" } }));
        let deleted = Ok(ImportEntry::Deleted { anchor: ID.to_lowercase() });
        assert_eq!(decode_object(&item, &user_schema()), deleted);
        assert_eq!(decode_change(&item, &user_schema()), deleted);
    }

    #[test]
    fn what_cannot_be_read_is_an_error_of_the_item_without_its_value() {
        use DiscoveryErrorType as E;
        for (item, expected) in [
            (json!({ "mail": "x" }), E::MissingAnchorComponent),
            (json!("text"), E::MissingAnchorComponent),
            (with_id(json!({ "mail": ["secret-a", "secret-b"] })), E::MultiSingleMismatch),
            (with_id(json!({ "mail": { "secret": 1 } })), E::InvalidAttributeValue),
            (with_id(json!({ "accountEnabled": "secret" })), E::InvalidAttributeValue),
            (with_id(json!({ "createdDateTime": "secret" })), E::InvalidAttributeValue),
        ] {
            let error = decode_object(&item, &user_schema()).unwrap_err();
            assert_eq!(error.error_type, expected, "{item}");
            assert!(!error.message.contains("secret"), "{}", error.message);
        }
    }

    #[test]
    fn a_page_must_lead_exactly_one_way() {
        let page = json!({ "value": [], "@odata.nextLink": "n" });
        assert_eq!(decode_page(&page), Ok((&[] as &[Json], Link::Next("n"))));
        for page in [
            json!({ "value": [] }),
            json!({ "value": {}, "@odata.nextLink": "n" }),
            json!({ "value": [], "@odata.nextLink": "n", "@odata.deltaLink": "d" }),
            json!([]),
        ] {
            assert!(decode_page(&page).is_err(), "{page}");
        }
    }
}
