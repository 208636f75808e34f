//! People.

use model::Attributes;
use service::{PERSON, Resource, attribute};

use super::value;
use crate::types::{NamedValues, PersonSummary};

/// What every insider may see of everybody.
const SELECTED: [&str; 12] = [
    "AccountName",
    "Company",
    "Department",
    "DisplayName",
    "Domain",
    "Email",
    "FirstName",
    "JobTitle",
    "LastName",
    "Manager",
    "OfficePhone",
    "UserType",
];

/// True for people from outside, by either of the attributes that say so.
pub(crate) fn is_guest(attributes: &Attributes) -> bool {
    ["UserType", "EmployeeType"]
        .into_iter()
        .any(|name| attributes.text(name).is_some_and(|text| text.eq_ignore_ascii_case("guest")))
}

/// A person for lists.
pub(crate) fn person_summary(person: &Resource) -> PersonSummary {
    let text = |name: &str| person.attributes.text(name).map(str::to_owned);
    PersonSummary {
        id: person.id.to_string(),
        display_name: text("DisplayName").unwrap_or_default(),
        account_name: text("AccountName"),
        domain: text("Domain"),
        email: text("Email"),
        user_type: text("UserType"),
    }
}

/// Every attribute.
pub(crate) fn own_attributes(person: &Resource) -> Vec<NamedValues> {
    let shown = person.attributes.iter().map(|(name, values)| {
        let schema = attribute(PERSON, name);
        NamedValues { name: name.to_string(), values: value::values(name, schema.as_ref(), values) }
    });
    shown.collect()
}

/// The attributes that every insider may see.
pub(crate) fn selected_attributes(person: &Resource) -> Vec<NamedValues> {
    let mut shown = own_attributes(person);
    shown.retain(|attribute| SELECTED.contains(&attribute.name.as_str()));
    shown
}
