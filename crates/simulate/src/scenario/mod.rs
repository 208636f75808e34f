//! A deployment as the simulation thinks of it: few connectors, one metaverse type, and rules of
//! forms so plain that the oracle can work out by itself what they mean.

mod documents;
mod generate;

use model::{Attributes, DnStyle, Values};
use store::join_key;

pub(crate) use documents::{DESCRIPTORS, documents, profile_name};
pub(crate) use generate::generate;

/// The metaverse object type.
pub(crate) const PERSON: &str = "person";
/// The container that new objects go to, where names form a tree.
pub(crate) const CONTAINER: &str = "OU=Main";
/// What every secret of the simulation begins with, to find it where it must not be.
pub(crate) const SECRET_MARK: &str = "S3cret";
/// Attributes of connected objects with a single text each.
pub(crate) const TEXTS: [&str; 7] = ["key", "a", "b", "c", "flag", "own", "back"];
/// The attribute with several values.
pub(crate) const TAGS: &str = "tags";
/// The attribute that is written and never shown.
pub(crate) const SECRET: &str = "secret";
/// Object types of connected systems, beside containers.
pub(crate) const TYPES: [&str; 2] = ["user", "contact"];

/// Where a flow's value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// An attribute as it is.
    Attribute(&'static str),
    /// An attribute in upper case.
    Upper(&'static str),
    /// Text, and an attribute behind it.
    Prefixed(&'static str, &'static str),
    /// Text.
    Constant(&'static str),
    /// A name in the container, made of an attribute.
    Name(&'static str),
    /// A secret drawn at the moment of sending.
    Secret,
}

/// What a condition asks of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Test {
    /// It is this text, whatever the case.
    Equal(&'static str),
    /// It is not this text.
    NotEqual(&'static str),
    /// It has a value.
    Present,
    /// It begins with this text, whatever the case.
    StartsWith(&'static str),
}

/// A condition of a scope or filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Condition {
    /// The attribute.
    pub(crate) attribute: &'static str,
    /// What is asked.
    pub(crate) test: Test,
}

/// One attribute flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flow {
    /// The target attribute, or `dn`.
    pub(crate) to: &'static str,
    /// The source.
    pub(crate) from: Source,
    /// Only for new objects.
    pub(crate) initial: bool,
    /// No value clears the target.
    pub(crate) allow_null: bool,
}

/// A synchronization rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rule {
    /// Its name.
    pub(crate) name: String,
    /// Towards the metaverse.
    pub(crate) inbound: bool,
    /// The connector's place.
    pub(crate) connector: usize,
    /// The object type there.
    pub(crate) object: &'static str,
    /// Its rank.
    pub(crate) precedence: u32,
    /// Its scope.
    pub(crate) scope: Vec<Condition>,
    /// It joins by `key`.
    pub(crate) joins: bool,
    /// It creates what is missing.
    pub(crate) creates: bool,
    /// Outbound: what leaves its scope is disconnected.
    pub(crate) disconnects: bool,
    /// Its flows.
    pub(crate) flows: Vec<Flow>,
}

/// What becomes of an object that is let go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deprovisioning {
    /// A normal disconnector.
    Disconnect,
    /// An explicit one.
    DisconnectForGood,
    /// It is deleted.
    Delete,
}

/// A connector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ConnectorSpec {
    /// Its name.
    pub(crate) name: String,
    /// How objects are named.
    pub(crate) style: DnStyle,
    /// People appear here by themselves; elsewhere rules create them.
    pub(crate) is_source: bool,
    /// Filter conditions by object type; each is an alternative.
    pub(crate) filters: Vec<(&'static str, Condition)>,
    /// What becomes of objects that are let go.
    pub(crate) deprovisioning: Deprovisioning,
    /// The most deletions of one run, until the limit is lifted.
    pub(crate) deletions_max: Option<usize>,
}

/// When a metaverse object goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Deletion {
    /// With the last link, some connectors not counted.
    Last(Vec<usize>),
    /// With any link of these connectors.
    Any(Vec<usize>),
}

/// A deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scenario {
    /// Its connectors.
    pub(crate) connectors: Vec<ConnectorSpec>,
    /// Its rules.
    pub(crate) rules: Vec<Rule>,
    /// When metaverse objects go.
    pub(crate) deletion: Deletion,
    /// Objects of one transaction.
    pub(crate) batch_objects: usize,
}

/// The values of an object by attribute name.
pub(crate) trait Holder {
    /// The values of `name`.
    fn values(&self, name: &str) -> Option<&Values>;

    /// The single text of `name`.
    fn word(&self, name: &str) -> Option<String> {
        self.values(name).and_then(Values::single).map(ToString::to_string)
    }
}

impl Holder for Attributes {
    fn values(&self, name: &str) -> Option<&Values> {
        self.get(name)
    }
}

impl Source {
    /// The value for an object.
    pub(crate) fn value(&self, object: &dyn Holder) -> Option<Values> {
        let text = match self {
            Self::Attribute(name) => return object.values(name).cloned(),
            Self::Secret => return None,
            Self::Upper(name) => object.word(name)?.to_uppercase(),
            Self::Prefixed(prefix, name) => {
                format!("{prefix}{}", object.word(name).unwrap_or_default())
            }
            Self::Constant(text) => (*text).to_owned(),
            Self::Name(name) => {
                format!("CN={},{CONTAINER}", object.word(name).unwrap_or_default())
            }
        };
        Some(Values::one(text.as_str()))
    }
}

impl Condition {
    /// Whether the object meets the condition.
    pub(crate) fn holds(&self, object: &dyn Holder) -> bool {
        let keys: Vec<String> =
            object.values(self.attribute).into_iter().flatten().map(join_key).collect();
        match &self.test {
            Test::Equal(text) => keys.iter().any(|key| *key == text.to_lowercase()),
            Test::NotEqual(text) => !keys.iter().any(|key| *key == text.to_lowercase()),
            Test::Present => !keys.is_empty(),
            Test::StartsWith(text) => keys.iter().any(|k| k.starts_with(&text.to_lowercase())),
        }
    }
}

impl Rule {
    /// Whether the object is in the rule's scope.
    pub(crate) fn applies(&self, object: &dyn Holder) -> bool {
        self.scope.iter().all(|condition| condition.holds(object))
    }

    /// The place among rules that compete.
    pub(crate) fn rank(&self) -> (u32, &str) {
        (self.precedence, &self.name)
    }
}

impl ConnectorSpec {
    /// Whether the connector filter matches.
    pub(crate) fn filters(&self, object_type: &str, object: &dyn Holder) -> bool {
        let mut own = self.filters.iter().filter(|(kind, _)| *kind == object_type);
        own.any(|(_, condition)| condition.holds(object))
    }
}

impl Scenario {
    /// The inbound rules for a type of a connector, strongest first.
    pub(crate) fn inbound(&self, connector: usize, object_type: &str) -> Vec<&Rule> {
        let is_one = |r: &&Rule| r.inbound && r.connector == connector && r.object == object_type;
        self.ranked(is_one)
    }

    /// The outbound rules for a type of a connector, strongest first.
    pub(crate) fn outbound(&self, connector: usize, object_type: &str) -> Vec<&Rule> {
        let is_one = |r: &&Rule| !r.inbound && r.connector == connector && r.object == object_type;
        self.ranked(is_one)
    }

    fn ranked(&self, is_one: impl Fn(&&Rule) -> bool) -> Vec<&Rule> {
        let mut rules: Vec<&Rule> = self.rules.iter().filter(is_one).collect();
        rules.sort_by_key(|rule| rule.rank());
        rules
    }

    /// The place of the connector `name`.
    pub(crate) fn place(&self, name: &str) -> Option<usize> {
        self.connectors.iter().position(|connector| connector.name == name)
    }
}
