//! Connectors.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Run;

/// A connector space in numbers. Placeholders count in none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SpaceCounts {
    /// All objects.
    pub total: u64,
    /// Linked to a metaverse object.
    pub connectors: u64,
    /// Normal disconnectors.
    pub disconnectors: u64,
    /// Filtered disconnectors.
    pub filtered: u64,
    /// With an import not yet synchronized.
    pub pending_import: u64,
    /// With a change not yet exported.
    pub pending_export: u64,
    /// With an exported change that no import has shown yet.
    pub awaiting_confirmation: u64,
}

/// A connector with the state of its connector space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Connector {
    /// Its name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub connector_type: String,
    /// Its description; may be empty.
    pub description: String,
    /// Its run profiles.
    pub profiles: Vec<String>,
    /// Its connector space.
    pub counts: SpaceCounts,
    /// Its newest run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_run: Option<Run>,
}
