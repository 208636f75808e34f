//! The schema of resources: types, attributes and what their values may be.

use model::{AttributeSchema, Attributes, Name, ObjectSchema, Value, ValueType};

use crate::ServiceError;

/// The resource type of people.
pub const PERSON: &str = "Person";
/// The resource type of synchronization rules.
pub const SYNCHRONIZATION_RULE: &str = "SynchronizationRule";

/// The resource type of expected rule entries: each says that a synchronization rule is to be applied
/// to a resource, or withdrawn from it.
pub const EXPECTED_RULE_ENTRY: &str = "ExpectedRuleEntry";

/// The resource type of detected rule entries: each says that an account is as a synchronization rule
/// would have it.
pub const DETECTED_RULE_ENTRY: &str = "DetectedRuleEntry";

/// Characters that an indexed string may have.
const STRING_CHARACTERS_MAX: usize = 448;
/// Attributes whose text is not indexed and has no limit of its own.
const TEXTS: [&str; 3] = ["Definition", "Description", "StatusError"];
/// What an expected rule entry may ask for.
const ACTIONS: [&str; 2] = ["Add", "Remove"];
/// What an employee may be. Guests are here: without them no guest would ever reach the portal.
const EMPLOYEE_TYPES: [&str; 5] =
    ["Contractor", "External", "Full Time Employee", "Guest", "Intern"];

const COMMON: [(&str, ValueType); 3] = [
    ("DisplayName", ValueType::String),
    ("Description", ValueType::String),
    ("MVObjectID", ValueType::String),
];
const PERSON_ATTRIBUTES: [(&str, ValueType); 16] = [
    ("AccountName", ValueType::String),
    ("Company", ValueType::String),
    ("Department", ValueType::String),
    ("Domain", ValueType::String),
    ("Email", ValueType::String),
    ("EmployeeEndDate", ValueType::DateTime),
    ("EmployeeID", ValueType::String),
    ("EmployeeType", ValueType::String),
    ("FirstName", ValueType::String),
    ("JobTitle", ValueType::String),
    ("LastName", ValueType::String),
    ("Manager", ValueType::Reference),
    ("MobilePhone", ValueType::String),
    ("ObjectSID", ValueType::Binary),
    ("OfficePhone", ValueType::String),
    ("UserType", ValueType::String),
];
/// What of a person holds several values.
const PERSON_LISTS: [&str; 2] = ["DetectedRulesList", EXPECTED_RULES_LIST];
/// The list that only the service itself writes.
pub(crate) const EXPECTED_RULES_LIST: &str = "ExpectedRulesList";
const DETECTED_ATTRIBUTES: [(&str, ValueType); 3] = [
    ("Connector", ValueType::String),
    ("ResourceParent", ValueType::Reference),
    ("SynchronizationRuleName", ValueType::String),
];
const ENTRY_ATTRIBUTES: [(&str, ValueType); 5] = [
    ("ExpectedRuleEntryAction", ValueType::String),
    ("ResourceParent", ValueType::Reference),
    ("StatusError", ValueType::String),
    ("SynchronizationRuleName", ValueType::String),
    ("SynchronizationRuleStatus", ValueType::String),
];
const RULE_ATTRIBUTES: [(&str, ValueType); 6] = [
    ("ConnectedObjectType", ValueType::String),
    ("ConnectedSystem", ValueType::String),
    ("Definition", ValueType::String),
    ("FlowType", ValueType::Integer),
    ("ILMObjectType", ValueType::String),
    ("Precedence", ValueType::Integer),
];

/// Every resource type.
#[must_use]
pub const fn resource_types() -> [&'static str; 4] {
    [DETECTED_RULE_ENTRY, EXPECTED_RULE_ENTRY, PERSON, SYNCHRONIZATION_RULE]
}

/// The attributes of a resource type; `None` for an unknown one.
#[must_use]
pub fn resource_schema(resource_type: &str) -> Option<ObjectSchema> {
    let own: &[(&str, ValueType)] = match resource_type {
        DETECTED_RULE_ENTRY => &DETECTED_ATTRIBUTES,
        EXPECTED_RULE_ENTRY => &ENTRY_ATTRIBUTES,
        PERSON => &PERSON_ATTRIBUTES,
        SYNCHRONIZATION_RULE => &RULE_ATTRIBUTES,
        _ => return None,
    };
    let all = COMMON.iter().chain(own);
    let lists = PERSON_LISTS.iter().filter(|_| resource_type == PERSON).map(|name| {
        let list = AttributeSchema::multi(ValueType::Reference);
        let is_own = *name == EXPECTED_RULES_LIST;
        (Name::new(name), if is_own { list.read_only() } else { list })
    });
    let single = all.map(|(name, t)| (Name::new(name), AttributeSchema::single(*t)));
    Some(single.chain(lists).collect())
}

/// One attribute of a resource type.
#[must_use]
pub fn attribute(resource_type: &str, name: &str) -> Option<AttributeSchema> {
    resource_schema(resource_type)?.get(name).copied()
}

/// Checks a resource's attributes.
pub(crate) fn validate(resource_type: &str, attributes: &Attributes) -> Result<(), ServiceError> {
    let schema = resource_schema(resource_type)
        .ok_or_else(|| ServiceError::UnknownType(resource_type.to_owned()))?;
    for (name, values) in attributes.iter() {
        let attribute = schema.get(name).ok_or_else(|| ServiceError::UnknownAttribute {
            resource_type: resource_type.to_owned(),
            attribute: name.to_string(),
        })?;
        if values.len() > 1 && !attribute.multi_valued {
            return Err(ServiceError::SingleValued { attribute: name.to_string() });
        }
        for value in values {
            validate_value(name, value, attribute.value_type)?;
        }
    }
    Ok(())
}

fn validate_value(name: &Name, value: &Value, expected: ValueType) -> Result<(), ServiceError> {
    let found = value.value_type();
    if found != expected {
        return Err(ServiceError::Type { attribute: name.to_string(), expected, found });
    }
    let Some(text) = value.as_str() else { return Ok(()) };
    if !TEXTS.contains(&name.as_str()) && text.chars().count() > STRING_CHARACTERS_MAX {
        let limit = STRING_CHARACTERS_MAX;
        return Err(ServiceError::TooLong { attribute: name.to_string(), limit });
    }
    if *name == "ExpectedRuleEntryAction" && !ACTIONS.contains(&text) {
        let allowed = ACTIONS.join(", ");
        return Err(ServiceError::NotAllowed { attribute: name.to_string(), allowed });
    }
    if *name == "EmployeeType" && !EMPLOYEE_TYPES.contains(&text) {
        let allowed = EMPLOYEE_TYPES.join(", ");
        return Err(ServiceError::NotAllowed { attribute: name.to_string(), allowed });
    }
    Ok(())
}
