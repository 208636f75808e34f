//! The model: what a metaverse object's values are, and what its objects elsewhere should hold,
//! given the links.

use std::collections::BTreeMap;

use model::{Attributes, CsId, MvId, Name, Values};
use store::{ConnectorKind, CsObject, CsState, DisconnectorKind, ImportOperation, MvObject};

use crate::scenario::{Flow, Holder, PERSON, Rule, Source};
use crate::world::{Picture, World};

impl Holder for MvObject {
    fn values(&self, name: &str) -> Option<&Values> {
        Self::values(self, name)
    }
}

/// A value with the object and the rule it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Contributed {
    pub(super) values: Values,
    pub(super) object: CsId,
    pub(super) rule: String,
}

/// A value that an object would contribute, and its claim.
struct Offer {
    precedence: u32,
    /// The object is known to be gone: it stands in nobody's way.
    is_gone: bool,
    value: Contributed,
}

/// The type and attributes that synchronization last saw of an object.
pub(super) fn seen(object: &CsObject) -> Option<(Name, Attributes)> {
    let attributes = object.synchronized()?;
    let undo = object.pending_import.as_ref().map(|pending| &pending.undo);
    let kind = undo.and_then(|undo| undo.object_type.clone());
    Some((kind.unwrap_or_else(|| object.object_type.clone()), attributes))
}

/// The objects linked to a metaverse object.
pub(super) fn linked(picture: &Picture, mv: MvId) -> Vec<&CsObject> {
    picture.cs.values().filter(|object| object.state.mv() == Some(mv)).collect()
}

/// What a metaverse object's attributes have to be: of all contributors the one whose rule ranks
/// first. `None` if two objects claim an attribute by the same rule, which is an error.
pub(super) fn attributes(
    world: &World,
    links: &[&CsObject],
) -> Option<BTreeMap<&'static str, Contributed>> {
    let mut offers: BTreeMap<&'static str, Vec<Offer>> = BTreeMap::new();
    for object in links {
        let Some((object_type, image)) = seen(object) else { continue };
        for rule in world.scenario.inbound(world.place_of(object.id), &object_type) {
            if !rule.applies(&image) {
                continue;
            }
            for flow in &rule.flows {
                let Some(values) = flow.from.value(&image) else { continue };
                let (object, rule_name) = (object.id, rule.name.clone());
                let value = Contributed { values, object, rule: rule_name };
                let precedence = rule.precedence;
                let is_gone = links.iter().any(|o| o.id == object && o.is_gone());
                offers.entry(flow.to).or_default().push(Offer { precedence, is_gone, value });
            }
        }
    }
    let mut elected = BTreeMap::new();
    for (name, mut offers) in offers {
        offers.sort_by_cached_key(|o| {
            (o.precedence, o.value.rule.clone(), o.is_gone, o.value.object)
        });
        let mut offers = offers.into_iter();
        let Some(first) = offers.next() else { continue };
        let clashes = |rival: Offer| {
            rival.value.rule == first.value.rule
                && rival.value.object != first.value.object
                && !rival.is_gone
        };
        if offers.next().is_some_and(clashes) {
            return None;
        }
        elected.insert(name, first.value);
    }
    Some(elected)
}

/// The metaverse objects that an inbound rule's relationship finds for an object.
pub(super) fn candidates(picture: &Picture, image: &dyn Holder) -> Vec<MvId> {
    let key = image.word("key").map(|key| key.to_lowercase());
    let is_it =
        |mv: &&MvObject| key.is_some() && Holder::word(*mv, "key").map(|k| k.to_lowercase()) == key;
    picture.mv.values().filter(is_it).map(|mv| mv.id).collect()
}

/// One target of a metaverse object, and what rules say of it.
pub(super) struct Target<'a> {
    pub(super) place: usize,
    pub(super) object_type: &'static str,
    /// Every rule that writes there.
    pub(super) rules: Vec<&'a Rule>,
    /// Those in scope, strongest first.
    pub(super) in_scope: Vec<&'a Rule>,
}

/// Every target that rules write to.
pub(super) fn targets<'a>(world: &'a World, mv: &MvObject) -> Vec<Target<'a>> {
    let mut targets = Vec::new();
    if mv.object_type != PERSON {
        return targets;
    }
    for place in 0..world.scenario.connectors.len() {
        for object_type in crate::scenario::TYPES {
            let rules = world.scenario.outbound(place, object_type);
            let in_scope = rules.iter().copied().filter(|rule| rule.applies(mv)).collect();
            if !rules.is_empty() {
                targets.push(Target { place, object_type, rules, in_scope });
            }
        }
    }
    targets
}

/// What an attribute of a target object has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    /// These values.
    Values(Values),
    /// None.
    Nothing,
}

impl Target<'_> {
    /// What persistent flows want an object that exists to hold, itself contributing what it does or
    /// might.
    pub(super) fn wanted(
        &self,
        world: &World,
        mv: &MvObject,
        object: &CsObject,
    ) -> BTreeMap<&'static str, Wanted> {
        let mut wanted = BTreeMap::new();
        let flows = || self.in_scope.iter().flat_map(|rule| &rule.flows);
        for flow in flows().filter(|flow| !flow.initial && flow.from != Source::Secret) {
            if wanted.contains_key(flow.to) || self.is_own(world, mv, (flow.to, object)) {
                continue;
            }
            let same = |other: &&Flow| other.to == flow.to && !other.initial;
            let value = flows().filter(same).find_map(|other| other.from.value(mv));
            let clears = flows().filter(same).any(|other| other.allow_null);
            match value {
                Some(values) => wanted.insert(flow.to, Wanted::Values(values)),
                None if clears => wanted.insert(flow.to, Wanted::Nothing),
                None => None,
            };
        }
        wanted
    }

    /// True if a value that flows to an attribute is the object's own, or one that the object may
    /// give by a rule of a better rank.
    fn is_own(&self, world: &World, mv: &MvObject, (attribute, object): (&str, &CsObject)) -> bool {
        let flows = self.in_scope.iter().flat_map(|rule| &rule.flows);
        let mut persistent = flows.filter(|flow| flow.to == attribute && !flow.initial);
        persistent.any(|flow| {
            let Source::Attribute(source) = flow.from else { return false };
            let Some(value) = mv.attributes.get(source) else { return false };
            value.lineage.object == object.id
                || self.may_give(world, (source, &value.lineage.rule), object)
        })
    }

    /// True if a rule of a better rank than the contributor takes an attribute from the object, be
    /// there a value or not.
    fn may_give(
        &self,
        world: &World,
        (source, contributor): (&str, &Name),
        object: &CsObject,
    ) -> bool {
        let present = world.scenario.rules.iter().find(|rule| *contributor == *rule.name);
        let (Some(present), Some(image)) = (present, &object.imported) else { return false };
        let rules = world.scenario.inbound(self.place, self.object_type);
        rules.into_iter().any(|rule| {
            rule.rank() < present.rank()
                && rule.applies(image)
                && rule.flows.iter().any(|flow| flow.to == source)
        })
    }

    /// The name of a new object.
    pub(super) fn new_name(&self, mv: &MvObject) -> Option<String> {
        let mut flows = self.in_scope.iter().flat_map(|rule| &rule.flows);
        let values = flows.find(|flow| flow.to == "dn")?.from.value(mv)?;
        values.single().map(ToString::to_string)
    }
}

/// True for objects that no rule touches.
pub(super) const fn is_explicit(object: &CsObject) -> bool {
    matches!(
        object.state,
        CsState::Connector { kind: ConnectorKind::Explicit, .. }
            | CsState::Disconnector(DisconnectorKind::Explicit)
    )
}

/// True for an object that changed its type and was not synchronized since.
pub(super) fn is_retyped(object: &CsObject) -> bool {
    let operation = object.pending_import.as_ref().map(|pending| pending.operation);
    operation == Some(ImportOperation::DeleteAdd)
}

/// An object as a line of a report.
pub(super) fn line(world: &World, object: &CsObject) -> String {
    let place = world.place_of(object.id);
    let name = world.scenario.connectors.get(place).map_or("?", |c| c.name.as_str());
    format!(
        "{name} {} ({} {:?}) {:?}, imported {}, pending import {:?}, pending export {:?}, in doubt \
         {:?}, unconfirmed {:?}, errors {:?} {:?}",
        object.id,
        object.object_type,
        object.dn,
        object.state,
        object.imported.as_ref().map_or_else(|| "never".to_owned(), |i| format!("{i:?}")),
        object.pending_import,
        object.export.pending.as_ref().map(|d| (d.operation, &d.new_dn, &d.changes)),
        object.export.escrow.as_ref().map(|d| (d.operation, &d.new_dn, &d.changes)),
        object.export.unconfirmed.as_ref().map(|d| (d.operation, &d.new_dn, &d.changes)),
        object.import_error.as_ref().map(|e| (&e.error_type, &e.message)),
        object.export.error.as_ref().map(|e| (&e.error_type, &e.message)),
    )
}
