//! What rules are compiled against.

use std::collections::BTreeMap;

use model::{DnStyle, Name, Schema, ValueType};

use crate::Metaverse;

/// The schemas of a deployment: its connectors' selected objects and its metaverse.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Schemas {
    /// The selected object types and attributes of each connector.
    pub connectors: BTreeMap<Name, Schema>,
    /// How each connector's objects are named.
    pub dn_styles: BTreeMap<Name, DnStyle>,
    /// What expressions of the Entra dialect can read of each connector as `%name%`.
    pub parameters: BTreeMap<Name, BTreeMap<Name, ValueType>>,
    /// The metaverse.
    pub metaverse: Metaverse,
}
