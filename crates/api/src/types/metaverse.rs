//! The metaverse.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An attribute of a metaverse type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TypeAttribute {
    /// Its name.
    pub name: String,
    /// The type of its values.
    #[serde(rename = "type")]
    pub value_type: String,
    /// True if it can hold several.
    pub multi_valued: bool,
    /// True if joins look it up.
    pub indexed: bool,
}

/// A metaverse type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MetaverseType {
    /// Its name.
    pub name: String,
    /// How many objects there are of it.
    pub count: u64,
    /// Its attributes by name.
    pub attributes: Vec<TypeAttribute>,
}

/// The metaverse's types.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MetaverseSchema {
    /// By name.
    pub types: Vec<MetaverseType>,
}

/// A metaverse object in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MvObjectSummary {
    /// The public identifier.
    #[schema(format = "uuid")]
    pub id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub object_type: String,
    /// What people call it; the identifier where it has no such name.
    pub display_name: String,
    /// How many connector-space objects are linked to it.
    pub links: u64,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Lineage {
    /// The rule whose flow produced it.
    pub rule: String,
    /// The connector.
    pub connector: String,
    /// The connector-space object.
    pub object: String,
    /// Its name, while it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object_dn: Option<String>,
    /// The run that wrote it.
    pub run: String,
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
}

/// An attribute of a metaverse object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MetaverseAttribute {
    /// The attribute.
    pub name: String,
    /// Its values.
    pub values: Vec<String>,
    /// Where they come from.
    pub lineage: Lineage,
}

/// Which way values flow over a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FlowRole {
    /// It contributes to the metaverse object.
    Source,
    /// It receives from it.
    Target,
    /// Both.
    Both,
}

/// A connector-space object linked to a metaverse object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    /// The connector.
    pub connector: String,
    /// The object.
    pub object: String,
    /// Its name.
    pub dn: String,
    /// Its type.
    pub object_type: String,
    /// The rule that linked it, or whatever else did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub linked_by: Option<String>,
    /// Which way values flow; absent when none do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<FlowRole>,
    /// The metaverse attributes whose values come from it.
    pub contributes: Vec<String>,
    /// Its attributes that rules flow from the metaverse object.
    pub receives: Vec<String>,
}

/// A metaverse object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MvObject {
    /// The public identifier.
    #[schema(format = "uuid")]
    pub id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub object_type: String,
    /// Its attributes by name.
    pub attributes: Vec<MetaverseAttribute>,
    /// The connector-space objects linked to it.
    pub links: Vec<Link>,
}
