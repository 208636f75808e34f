//! People.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{NamedValues, Session};

/// A person in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PersonSummary {
    /// The identifier.
    #[schema(format = "uuid")]
    pub id: String,
    /// The name people know.
    pub display_name: String,
    /// The account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_name: Option<String>,
    /// The account's domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// The mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// `Member` or `Guest`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_type: Option<String>,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// What lists show.
    #[serde(flatten)]
    pub summary: PersonSummary,
    /// The attributes that the caller may see, by name.
    pub attributes: Vec<NamedValues>,
    /// The place of the last change in the sequence of all changes.
    pub version: i64,
}

/// The caller: the own person with how they are signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Me {
    /// The own person, every attribute included.
    #[serde(flatten)]
    pub person: Person,
    /// The session.
    pub session: Session,
}

/// Changes to a person.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PersonChanges {
    /// New values by attribute: text, number or truth value, a list of these, or `null` for none.
    /// Attributes that are not named stay. Binary values are base64 (`ObjectSID`: `S-1-…`).
    #[schema(value_type = BTreeMap<String, serde_json::Value>)]
    pub attributes: BTreeMap<String, serde_json::Value>,
}
