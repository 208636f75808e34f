//! Synchronization rules as resources.

use model::{Attributes, Name};

/// A rule as the configuration applies it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleResource {
    /// Its name.
    pub name: Name,
    /// Its document, as written.
    pub definition: String,
    /// 0 for inbound, 1 for outbound.
    pub flow_type: i64,
    /// The connector.
    pub connected_system: Name,
    /// The connector-space object type.
    pub connected_object_type: Name,
    /// The metaverse object type.
    pub metaverse_type: Name,
    /// The rank.
    pub precedence: i64,
}

impl RuleResource {
    pub(crate) fn attributes(&self) -> Attributes {
        let mut attributes = Attributes::new();
        attributes.set_one("DisplayName", self.name.as_str());
        attributes.set_one("Definition", self.definition.as_str());
        attributes.set_one("FlowType", self.flow_type);
        attributes.set_one("ConnectedSystem", self.connected_system.as_str());
        attributes.set_one("ConnectedObjectType", self.connected_object_type.as_str());
        attributes.set_one("ILMObjectType", self.metaverse_type.as_str());
        attributes.set_one("Precedence", self.precedence);
        attributes
    }
}
