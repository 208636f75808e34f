//! The configuration of a deployment, parsed and checked.

use std::collections::{BTreeMap, BTreeSet};

use connector::ConnectorConfig;
use model::{Name, ObjectSchema, Value};

use crate::{ApiConfig, GatewayConfig, Rule, Scope, ServiceMapping, builtin_rules};

/// When a metaverse object is deleted, beside the loss of its last link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeletionRule {
    /// When no link is left, not counting those of the listed connectors.
    Last {
        /// Connectors that cannot keep the object.
        excluding: Vec<Name>,
    },
    /// When a link of one of the listed connectors goes away.
    Any {
        /// The connectors.
        connectors: Vec<Name>,
    },
}

impl Default for DeletionRule {
    fn default() -> Self {
        Self::Last { excluding: Vec::new() }
    }
}

/// One metaverse object type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MetaverseType {
    /// Its attributes.
    pub attributes: ObjectSchema,
    /// Attributes that joins look up.
    pub indexed: BTreeSet<Name>,
    /// When its objects are deleted.
    pub deletion: DeletionRule,
}

/// The metaverse.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metaverse {
    /// Its object types, built-in ones included.
    pub types: BTreeMap<Name, MetaverseType>,
}

/// What becomes of a connector whose metaverse object went away or whose rule let it go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Deprovisioning {
    /// A normal disconnector, tried again at the next synchronization.
    #[default]
    MakeDisconnector,
    /// An explicit disconnector, left alone.
    MakeExplicitDisconnector,
    /// Deleted at the next export.
    Delete,
}

impl Deprovisioning {
    /// Every option with the word configuration files use.
    pub const ALL: [(&'static str, Self); 3] = [
        ("make-disconnector", Self::MakeDisconnector),
        ("make-explicit-disconnector", Self::MakeExplicitDisconnector),
        ("delete", Self::Delete),
    ];
}

/// The most that one run may do of something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limit {
    /// At most so many.
    pub count: Option<u64>,
    /// At most so many of a hundred objects of the connector space. Small connector spaces are
    /// exempt: see [`Limit::exceeded`].
    pub percent: Option<u64>,
}

impl Limit {
    /// Below this many objects a percentage says nothing: one of four would already be 25 %.
    pub const PERCENT_FLOOR: u64 = 20;

    /// True if `planned` of `total` objects is more than the limit allows.
    #[must_use]
    pub fn exceeded(&self, planned: u64, total: u64) -> bool {
        let by_count = self.count.is_some_and(|count| planned > count);
        let by_percent = total >= Self::PERCENT_FLOOR
            && self.percent.is_some_and(|percent| planned * 100 > percent * total);
        by_count || by_percent
    }
}

/// A connector's limits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// Deletions that one export, or one import, may bring.
    pub deletes: Limit,
}

/// One connector's document.
#[derive(Debug, Clone, PartialEq)]
pub struct ConnectorDocument {
    /// The connector type's word.
    pub type_name: String,
    /// The description.
    pub description: String,
    /// What the connector type itself reads.
    pub config: ConnectorConfig,
    /// The connector filter: for each object type alternatives, one of which has to match.
    pub filters: BTreeMap<Name, Vec<Scope>>,
    /// Which metaverse type a service resource type maps to.
    pub maps_to: BTreeMap<Name, Name>,
    /// What becomes of objects that are let go.
    pub deprovisioning: Deprovisioning,
    /// Its limits.
    pub limits: Limits,
    /// What the administrator lets expressions read as `%name%`.
    pub rule_parameters: BTreeMap<Name, Value>,
}

/// A named list of runs: connector and run profile, in order.
pub type Sequence = Vec<(Name, Name)>;

/// When a sequence runs by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// The sequence.
    pub sequence: Name,
    /// The pause between two starts, in seconds.
    pub every_seconds: u64,
}

/// Attributes that joins look up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Indexed {
    /// Metaverse attributes of whatever type: declared ones, those of relationships, built-in ones.
    pub metaverse: BTreeSet<Name>,
    /// By connector, the attributes that outbound rules find existing objects by.
    pub connector_space: BTreeMap<Name, BTreeSet<Name>>,
}

/// A deployment's whole configuration.
#[derive(Debug, Clone, PartialEq)]
pub struct Deployment {
    /// Where the store is: `sqlite:` and a file relative to the configuration's folder.
    pub store_url: String,
    /// The interface for programs and the portal, if there is one.
    pub api: Option<ApiConfig>,
    /// The access gateway, if there is one.
    pub gateway: Option<GatewayConfig>,
    /// The sequences.
    pub sequences: BTreeMap<Name, Sequence>,
    /// The schedules.
    pub schedules: Vec<Schedule>,
    /// The metaverse.
    pub metaverse: Metaverse,
    /// The connectors.
    pub connectors: BTreeMap<Name, ConnectorDocument>,
    /// Which service resources map to which metaverse types.
    pub service_mappings: Vec<ServiceMapping>,
    /// The rules' documents by rule name: the text of each file, already checked.
    pub rules: BTreeMap<Name, String>,
    /// What joins look up.
    pub indexed: Indexed,
}

impl Deployment {
    /// The service connector that brings the rules into the metaverse, if there is one.
    #[must_use]
    pub fn rules_connector(&self) -> Option<&Name> {
        let carries = |document: &ConnectorDocument| {
            document.maps_to.values().any(|target| *target == crate::RULE_TYPE)
        };
        self.connectors.iter().find(|(_, document)| carries(document)).map(|(name, _)| name)
    }

    /// The attributes that the store has to keep indexes over.
    #[must_use]
    pub const fn indexed(&self) -> &Indexed {
        &self.indexed
    }

    /// The rules that service mappings bring along.
    #[must_use]
    pub fn builtin_rules(&self) -> Vec<Rule> {
        let mut rules = Vec::new();
        for mapping in &self.service_mappings {
            let object_type = self.metaverse.types.get(&mapping.metaverse);
            let known = |name: &str| object_type.is_some_and(|t| t.attributes.contains_key(name));
            // Built-in expressions are attribute names and always parse.
            rules.extend(builtin_rules(mapping, &known).unwrap_or_default());
        }
        rules
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_count_first_and_leave_small_spaces_to_the_count() {
        let limit = Limit { count: Some(100), percent: Some(5) };
        assert!(!limit.exceeded(1, 4));
        assert!(!limit.exceeded(5, 100));
        assert!(limit.exceeded(6, 100));
        assert!(limit.exceeded(101, 100_000));
        assert!(!Limit::default().exceeded(1_000, 1_000));
    }
}
