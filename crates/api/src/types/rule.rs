//! Synchronization rules.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which way a rule flows values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RuleDirection {
    /// From a connector space into the metaverse.
    Inbound,
    /// From the metaverse into a connector space.
    Outbound,
}

/// A synchronization rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// Its description; may be empty.
    pub description: String,
    /// Which way it flows.
    pub direction: RuleDirection,
    /// The connector.
    pub connector: String,
    /// The connector-space object type.
    pub object_type: String,
    /// The metaverse type.
    pub metaverse_type: String,
    /// Its rank; 1 is the highest.
    pub precedence: i64,
    /// True when it has reached the metaverse and is in force.
    pub in_metaverse: bool,
    /// True when the document in the metaverse is the newest one.
    pub is_newest: bool,
    /// Its document, as written.
    pub document: String,
}
