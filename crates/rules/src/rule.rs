//! A synchronization rule, compiled.

use std::collections::BTreeMap;

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
}

/// What an outbound rule does to the object of a metaverse object that left its scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenOutOfScope {
    /// The rule's flows stop; the object stays linked.
    Leave,
    /// The object is disconnected, and the connector's deprovisioning option decides what becomes
    /// of it.
    Disconnect,
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
    /// Inbound: projects an object that nothing joined. Outbound: provisions an object that is
    /// missing.
    pub creates: bool,
    /// Outbound only.
    pub when_out_of_scope: WhenOutOfScope,
    /// The attribute flows.
    pub flows: Vec<Flow>,
}

/// The rules in force, in order of precedence, then name.
#[derive(Debug, Clone, Default)]
pub struct RuleSet {
    inbound: BTreeMap<(Name, Name), Vec<Rule>>,
    outbound: BTreeMap<Name, Vec<Rule>>,
    by_name: BTreeMap<Name, (Direction, Name, Name)>,
    /// Metaverse types with those of their attributes that hold the values of several flows.
    merged: BTreeMap<(Name, Name), MergeType>,
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
