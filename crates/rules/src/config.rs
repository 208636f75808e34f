//! The configuration of a deployment, parsed and checked.

use std::collections::{BTreeMap, BTreeSet};

use connector::ConnectorConfig;
use model::{Name, ObjectSchema, Value};

use crate::{
    ApiConfig, GatewayConfig, Limits, ProfileStep, Rule, ScopeGroup, ServiceMapping, StepType,
    builtin_rules,
};

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

/// Which of several contributors gives an attribute its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttributePrecedence {
    /// The rules and connectors listed, strongest first; then those that are not, by the precedence
    /// of their rules. A rule's own place goes before that of its connector.
    Ranked(Vec<Name>),
    /// None is stronger: the last to write wins, and of several values each takes back its own.
    Equal,
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
    /// The attributes whose contributors have an order of their own.
    pub precedence: BTreeMap<Name, AttributePrecedence>,
}

impl MetaverseType {
    /// True if the contributors to an attribute are equals.
    #[must_use]
    pub fn is_equal(&self, attribute: &str) -> bool {
        self.precedence.get(attribute) == Some(&AttributePrecedence::Equal)
    }

    /// The rank of a rule's flow to an attribute; the smallest is the strongest.
    #[must_use]
    pub fn rank<'r>(&self, attribute: &str, rule: &'r Rule) -> Rank<'r> {
        let listed = match self.precedence.get(attribute) {
            Some(AttributePrecedence::Ranked(listed)) => listed.as_slice(),
            Some(AttributePrecedence::Equal) | None => &[],
        };
        let place = |name: &Name| listed.iter().position(|listed| listed == name);
        Rank {
            place: place(&rule.name).or_else(|| place(&rule.connector)).unwrap_or(usize::MAX),
            precedence: rule.precedence,
            rule: &rule.name,
        }
    }
}

/// Where a rule's flow stands among those to one attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank<'r> {
    /// The place in the attribute's own list.
    place: usize,
    /// The rule's precedence.
    precedence: u32,
    /// Its name, which decides between rules of several connectors.
    rule: &'r Name,
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
    pub filters: BTreeMap<Name, Vec<ScopeGroup>>,
    /// Which metaverse type a service resource type maps to.
    pub maps_to: BTreeMap<Name, Name>,
    /// What becomes of objects that are let go.
    pub deprovisioning: Deprovisioning,
    /// What its objects contributed to the metaverse goes when they are disconnected.
    pub recall: bool,
    /// Its limits.
    pub limits: Limits,
    /// What the administrator lets expressions read as `%name%`.
    pub rule_parameters: BTreeMap<Name, Value>,
    /// Its own run profiles, beside those that every connector has.
    pub run_profiles: BTreeMap<Name, Vec<ProfileStep>>,
}

impl ConnectorDocument {
    /// The steps of a run profile: the connector's own, or the one step that its name stands for.
    #[must_use]
    pub fn steps(&self, profile: &str) -> Option<Vec<ProfileStep>> {
        let own = self.run_profiles.get(profile).cloned();
        own.or_else(|| StepType::parse(profile).map(|step_type| vec![ProfileStep::new(step_type)]))
    }

    /// The names of its run profiles: those that every connector has, then its own.
    pub fn profile_names(&self) -> impl Iterator<Item = &str> {
        let standard = StepType::ALL.into_iter().map(|(name, _)| name);
        standard.chain(self.run_profiles.keys().map(Name::as_str))
    }
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

/// How long the history of runs is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryConfig {
    /// Days; `None` keeps it for ever.
    pub keep_days: Option<u32>,
}

impl HistoryConfig {
    /// A month: enough to see what a change of the configuration did, little enough to stay quick.
    pub const KEEP_DAYS: u32 = 30;
}

impl Default for HistoryConfig {
    fn default() -> Self {
        Self { keep_days: Some(Self::KEEP_DAYS) }
    }
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
    /// How long runs are remembered.
    pub history: HistoryConfig,
    /// Imports and synchronizations are made, and nothing is exported.
    pub is_staging: bool,
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
        rules_of_mappings(&self.service_mappings, &self.metaverse)
    }
}

/// The rules that service mappings bring along.
pub(crate) fn rules_of_mappings(mappings: &[ServiceMapping], metaverse: &Metaverse) -> Vec<Rule> {
    let mut rules = Vec::new();
    for mapping in mappings {
        let object_type = metaverse.types.get(&mapping.metaverse);
        let known = |name: &str| object_type.is_some_and(|t| t.attributes.contains_key(name));
        // Built-in expressions are attribute names and always parse.
        rules.extend(builtin_rules(mapping, &known).unwrap_or_default());
    }
    rules
}
