//! A synchronization rule, compiled.

use std::collections::{BTreeMap, BTreeSet};

use model::Name;

use crate::{MergeType, Scope};

/// Which way a rule's data flows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the connector space to the metaverse.
    Inbound,
    /// From the metaverse to the connector space.
    Outbound,
}

/// One pair of attributes that must be equal for a join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relationship {
    /// The metaverse attribute, or `object-id`.
    pub metaverse: Name,
    /// The connector-space attribute, or `dn`.
    pub object: Name,
    /// Letter case counts.
    pub case_sensitive: bool,
}

/// What becomes of an object that several others match by a rule's relationship.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnAmbiguous {
    /// As if none did: weaker rules are tried, and in the end one is made.
    Continue,
    /// Weaker rules are tried, but none is made.
    #[default]
    Block,
    /// It fails.
    Error,
}

/// What a rule's link means, in Entra Connect's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkType {
    /// Joins, or makes the other side; keeps the metaverse object.
    Provision,
    /// Joins.
    Join,
    /// Joins, and keeps the metaverse object.
    StickyJoin,
    /// Joins, and lets no attribute flow.
    JoinNoFlow,
}

impl LinkType {
    /// Every type with the word configuration files use.
    pub const ALL: [(&'static str, Self); 4] = [
        ("provision", Self::Provision),
        ("join", Self::Join),
        ("sticky-join", Self::StickyJoin),
        ("join-no-flow", Self::JoinNoFlow),
    ];

    /// True if an object in the scope of an inbound rule with this link keeps its metaverse object.
    #[must_use]
    pub const fn keeps(self) -> bool {
        matches!(self, Self::Provision | Self::StickyJoin)
    }
}

/// Which metaverse objects an outbound rule applies to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Applies {
    /// Those in its scope.
    #[default]
    Filter,
    /// Those that have an expected rule entry for it.
    Policy,
}

/// What an outbound rule does to the object of a metaverse object that left its scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenOutOfScope {
    /// The rule's flows stop; the object stays linked.
    Leave,
    /// The rule's flows stop, and those that disable the object run instead; it stays linked.
    Disable,
    /// The object is disconnected, and the connector's deprovisioning option decides what becomes
    /// of it.
    Disconnect,
    /// The object is disconnected and deleted, whatever that option is.
    Delete,
}

impl WhenOutOfScope {
    /// True if the object is let go.
    #[must_use]
    pub const fn lets_go(self) -> bool {
        matches!(self, Self::Disconnect | Self::Delete)
    }
}

/// One attribute flow.
#[derive(Debug, Clone)]
pub struct Flow {
    /// The target attribute; `dn` names the object.
    pub to: Name,
    /// The source.
    pub from: expr::Program,
    /// The expression as written.
    pub source: String,
    /// Only when the object is provisioned.
    pub initial: bool,
    /// A source without value clears the target.
    pub allow_null: bool,
    /// Outbound: runs while the metaverse object is out of the rule's scope, and only then.
    pub disables: bool,
    /// What becomes of the values of weaker flows to the target.
    pub merge: MergeType,
}

/// A synchronization rule.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its name, unique in a deployment.
    pub name: Name,
    /// Which way its data flows.
    pub direction: Direction,
    /// The connector.
    pub connector: Name,
    /// The connector-space object type.
    pub object: Name,
    /// The metaverse object type.
    pub metaverse: Name,
    /// Its rank; smaller is stronger.
    pub precedence: u32,
    /// The objects it applies to: of the connector space (inbound) or the metaverse (outbound).
    pub scope: Scope,
    /// How it finds the other side of an object; empty if it never joins.
    pub relationship: Vec<Relationship>,
    /// What several matches mean.
    pub on_ambiguous: OnAmbiguous,
    /// What its link means, where it is one of Entra Connect's rules; one of MIM's joins for good.
    pub link: Option<LinkType>,
    /// Inbound: projects an object that nothing joined. Outbound: provisions an object that is
    /// missing.
    pub creates: bool,
    /// Outbound only.
    pub when_out_of_scope: WhenOutOfScope,
    /// Outbound only.
    pub applies: Applies,
    /// Outbound: the rule that must have been applied to the same metaverse object.
    pub depends_on: Option<Name>,
    /// The attribute flows.
    pub flows: Vec<Flow>,
    /// Outbound: flows that are compared instead of carried out. Where all of them hold, the rule is
    /// detected.
    pub existence_tests: Vec<Flow>,
}

/// The rules in force, in order of precedence, then name.
#[derive(Debug, Clone, Default)]
pub struct RuleSet {
    inbound: BTreeMap<(Name, Name), Vec<Rule>>,
    outbound: BTreeMap<Name, Vec<Rule>>,
    by_name: BTreeMap<Name, (Direction, Name, Name)>,
    /// Metaverse types with those of their attributes that hold the values of several flows.
    merged: BTreeMap<(Name, Name), MergeType>,
    /// Metaverse types whose objects inbound rules with a link type keep or let go.
    linking: BTreeSet<Name>,
}

impl RuleSet {
    /// Sorts and indexes rules.
    #[must_use]
    pub fn new(mut rules: Vec<Rule>) -> Self {
        rules.sort_by(|a, b| (a.precedence, &a.name).cmp(&(b.precedence, &b.name)));
        let mut set = Self::default();
        for rule in rules {
            let place = match rule.direction {
                Direction::Inbound => (rule.direction, rule.connector.clone(), rule.object.clone()),
                Direction::Outbound => (rule.direction, rule.metaverse.clone(), Name::new("")),
            };
            set.by_name.insert(rule.name.clone(), place.clone());
            if rule.direction == Direction::Inbound {
                set.linking.extend(rule.link.map(|_| rule.metaverse.clone()));
                let merging = rule.flows.iter().filter(|flow| flow.merge.merges());
                let place = |flow: &Flow| (rule.metaverse.clone(), flow.to.clone());
                set.merged.extend(merging.map(|flow| (place(flow), flow.merge)));
            }
            match rule.direction {
                Direction::Inbound => {
                    set.inbound.entry((place.1, place.2)).or_default().push(rule);
                }
                Direction::Outbound => set.outbound.entry(place.1).or_default().push(rule),
            }
        }
        set
    }

    /// The inbound rules for objects of one type of one connector.
    #[must_use]
    pub fn inbound(&self, connector: &Name, object_type: &Name) -> &[Rule] {
        let key = (connector.clone(), object_type.clone());
        self.inbound.get(&key).map(Vec::as_slice).unwrap_or_default()
    }

    /// The outbound rules for metaverse objects of one type, all connectors.
    #[must_use]
    pub fn outbound(&self, object_type: &Name) -> &[Rule] {
        self.outbound.get(object_type).map(Vec::as_slice).unwrap_or_default()
    }

    /// True if inbound rules with a link type decide how long objects of a metaverse type live.
    #[must_use]
    pub fn has_links(&self, object_type: &Name) -> bool {
        self.linking.contains(object_type)
    }

    /// True if a metaverse attribute holds the values of several flows.
    #[must_use]
    pub fn is_merged(&self, object_type: &Name, attribute: &Name) -> bool {
        !self.merged.is_empty()
            && self.merged.contains_key(&(object_type.clone(), attribute.clone()))
    }

    /// The metaverse attributes that hold the values of several flows, and how they come together.
    pub fn merged<'s>(
        &'s self,
        object_type: &'s Name,
    ) -> impl Iterator<Item = (&'s Name, MergeType)> {
        let of_type = self.merged.iter().filter(move |((of, _), _)| of == object_type);
        of_type.map(|((_, attribute), merge)| (attribute, *merge))
    }

    /// The rule `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Rule> {
        let (direction, a, b) = self.by_name.get(name)?;
        let rules = match direction {
            Direction::Inbound => self.inbound(a, b),
            Direction::Outbound => self.outbound(a),
        };
        rules.iter().find(|rule| rule.name == *name)
    }

    /// Every rule.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.inbound.values().chain(self.outbound.values()).flatten()
    }
}
