//! What rules are compiled against.

use std::collections::BTreeMap;

use model::{DnStyle, Name, Schema};

use crate::Metaverse;

/// The schemas of a deployment: its connectors' selected objects and its metaverse.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Schemas {
    /// The selected object types and attributes of each connector.
    pub connectors: BTreeMap<Name, Schema>,
    /// How each connector's objects are named.
    pub dn_styles: BTreeMap<Name, DnStyle>,
    /// The metaverse.
    pub metaverse: Metaverse,
}
