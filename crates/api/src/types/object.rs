//! Objects of connector spaces.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The state of a connector-space object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CsState {
    /// Known only because something lies below it.
    Placeholder,
    /// Linked to a metaverse object.
    Connector,
    /// Not linked; tried again at every synchronization.
    Disconnector,
    /// Not linked and left alone.
    ExplicitDisconnector,
    /// Kept out by the connector filter.
    FilteredDisconnector,
}

/// What an import staged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ImportOperation {
    /// The object is new.
    Add,
    /// It changed.
    Update,
    /// It is gone.
    Delete,
    /// It changed its type.
    DeleteAdd,
}

/// What an export does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WriteOperation {
    /// Creates the object.
    Add,
    /// Changes it.
    Update,
    /// Deletes it.
    Delete,
}

/// That an object failed, in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ObjectFault {
    /// The error's name.
    #[serde(rename = "type")]
    pub error_type: String,
    /// What happened.
    pub message: String,
}

/// Why an object failed, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ObjectError {
    /// The error's name.
    #[serde(rename = "type")]
    pub error_type: String,
    /// The step of the pipeline.
    pub step: String,
    /// What happened.
    pub message: String,
    /// The connected system's own code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The rule, where one is to blame.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// When it first occurred in an unbroken row.
    #[schema(format = DateTime)]
    pub first_occurred: String,
    /// How often it has occurred since.
    pub count: u32,
}

/// A connector-space object in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CsObjectSummary {
    /// The identifier: the connector's number and the object's, e.g. `2:17`.
    pub id: String,
    /// The name in the connected system.
    pub dn: String,
    /// The anchor, once known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anchor: Option<String>,
    /// What people call it, where it has such a name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// The type in the connected system's words.
    pub object_type: String,
    /// Connector, disconnector or placeholder.
    pub state: CsState,
    /// The metaverse object, if linked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uuid")]
    pub metaverse_id: Option<String>,
    /// What the last import staged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending_import: Option<ImportOperation>,
    /// What is to be exported, or was left in doubt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending_export: Option<WriteOperation>,
    /// True when an exported change was not seen by an import yet.
    pub awaiting_confirmation: bool,
    /// That its last synchronization or export failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ObjectFault>,
}

/// An imported attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CsAttribute {
    /// The attribute.
    pub name: String,
    /// The values last imported; none when an import found them gone.
    pub values: Vec<String>,
    /// What synchronization last saw; present when the pending import changed the attribute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Vec<String>>,
}

/// A staged import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImportStage {
    /// What happened.
    pub operation: ImportOperation,
    /// The name before, where it changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dn_before: Option<String>,
    /// The attributes that changed.
    pub attributes: Vec<String>,
    /// The run that staged it.
    pub run: String,
}

/// What happens to an exported attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// It gets the values.
    Set,
    /// It loses its values.
    Clear,
    /// It gets a secret, drawn when it is sent and never shown.
    Secret,
}

/// One attribute's part of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct StageChange {
    /// The attribute.
    pub attribute: String,
    /// What happens to it.
    pub kind: ChangeKind,
    /// The values, for `set`.
    pub values: Vec<String>,
    /// The rule that wants it.
    pub rule: String,
}

/// One stage of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExportStage {
    /// What is done.
    pub operation: WriteOperation,
    /// The name afterwards, for a rename or move.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_dn: Option<String>,
    /// The attributes.
    pub changes: Vec<StageChange>,
    /// The rule or engine step that caused it.
    pub cause: String,
    /// The run that staged it.
    pub run: String,
    /// The metaverse object it comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uuid")]
    pub metaverse_id: Option<String>,
}

/// What is under way with an object.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Stages {
    /// Imported, not synchronized yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending_import: Option<ImportStage>,
    /// To be sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pending_export: Option<ExportStage>,
    /// Sent, and the outcome is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub escrow: Option<ExportStage>,
    /// Sent, and no import has shown it yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unconfirmed: Option<ExportStage>,
}

/// A connector-space object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CsObject {
    /// What lists show.
    #[serde(flatten)]
    pub summary: CsObjectSummary,
    /// The connector.
    pub connector: String,
    /// The rule that linked it, or whatever else did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub linked_by: Option<String>,
    /// The imported attributes by name.
    pub attributes: Vec<CsAttribute>,
    /// What is under way.
    pub stages: Stages,
    /// Why its last synchronization failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub import_error: Option<ObjectError>,
    /// Why its last export failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub export_error: Option<ObjectError>,
}

/// An object that waits to be exported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PendingExport {
    /// The connector.
    pub connector: String,
    /// The object.
    pub object: CsObjectSummary,
    /// What will be sent; of an export in doubt, what was.
    pub export: ExportStage,
    /// True when it was sent before and the outcome is not known.
    pub in_doubt: bool,
}
