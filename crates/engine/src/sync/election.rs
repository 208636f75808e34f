//! Which contributor to a metaverse attribute counts: the strongest one, or, where an attribute's
//! contributors are equals, the last to write ([`super::equals`]), or, where their rules say so, all
//! of them ([`super::merging`]).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{CsId, Name, Values};
use rules::{MetaverseType, Rule};
use store::{CsObject, MvAttribute, MvObject, Share, Shares};

use super::draft::{Draft, Stop};
use super::equals;
use super::import_flow::fail;
use super::merging;

/// One flow that yields values, or says that there shall be none.
pub(super) struct Offer<'a> {
    pub(super) to: &'a Name,
    pub(super) object: CsId,
    /// The object is known to be gone.
    pub(super) is_gone: bool,
    pub(super) rule: &'a Rule,
    pub(super) values: Option<Values>,
}

/// What the flows of all linked objects yield.
#[derive(Default)]
pub(super) struct Offers<'a> {
    pub(super) made: Vec<Offer<'a>>,
    /// Flows that are as if they did not exist: target, object and rule.
    pub(super) ignored: BTreeSet<(Name, CsId, Name)>,
    /// The rules that apply to a linked object.
    pub(super) speaking: BTreeSet<&'a Name>,
}

/// What a metaverse object holds.
pub(super) struct Decision {
    pub(super) attributes: BTreeMap<Name, MvAttribute>,
    pub(super) shares: Shares,
}

/// Decides on every attribute. `linked` are the objects linked to `object`.
///
/// # Errors
/// When several objects contribute to an attribute through one rule, and nothing stronger does.
pub(super) fn decide(
    draft: &Draft<'_>,
    object: &MvObject,
    linked: &[Arc<CsObject>],
    mut offers: Offers<'_>,
) -> Result<Decision, Stop> {
    let unknown = MetaverseType::default();
    let types = &draft.policy.setup.deployment.metaverse.types;
    let object_type = types.get(&object.object_type).unwrap_or(&unknown);
    offers.made.sort_by_cached_key(|offer| {
        (offer.to, object_type.rank(offer.to, offer.rule), offer.is_gone, offer.object)
    });
    let election = Election { draft, object, object_type, linked, offers: &offers };
    let mut decision = Decision { attributes: BTreeMap::new(), shares: Shares::new() };
    for made in offers.made.chunk_by(|a, b| a.to == b.to) {
        let Some(first) = made.first() else { continue };
        if election.is_shared(first.to) {
            made.chunk_by(|a, b| a.rule.name == b.rule.name).try_for_each(check_clash)?;
            continue;
        }
        check_clash(made)?;
        if let Some(attribute) = election.elect(first) {
            decision.attributes.insert(first.to.clone(), attribute);
        }
    }
    let decided: BTreeSet<&Name> = offers.made.iter().map(|offer| offer.to).collect();
    for (name, before) in &object.attributes {
        if !decided.contains(name) && !election.is_shared(name) && election.stays(name, before) {
            decision.attributes.insert(name.clone(), before.clone());
        }
    }
    merging::settle(&election, &mut decision);
    equals::settle(&election, &mut decision);
    Ok(decision)
}

/// What there is to decide on.
pub(super) struct Election<'a> {
    pub(super) draft: &'a Draft<'a>,
    pub(super) object: &'a MvObject,
    pub(super) object_type: &'a MetaverseType,
    pub(super) linked: &'a [Arc<CsObject>],
    /// In order of target and rank.
    pub(super) offers: &'a Offers<'a>,
}

impl Election<'_> {
    fn is_shared(&self, attribute: &Name) -> bool {
        self.object_type.is_equal(attribute)
            || self.draft.policy.rules.is_merged(&self.object.object_type, attribute)
    }

    /// What the strongest offer to an attribute makes of it.
    fn elect(&self, first: &Offer<'_>) -> Option<MvAttribute> {
        let before = self.object.attributes.get(first.to);
        if let Some(left) = before.filter(|left| self.is_left(left)) {
            let giver = self.draft.policy.rules.get(&left.lineage.rule);
            let rank = |rule| self.object_type.rank(first.to, rule);
            if giver.is_some_and(|giver| rank(giver) < rank(first.rule)) {
                return Some(left.clone());
            }
        }
        let values = first.values.clone()?;
        Some(self.attribute(first.to, values, (first.object, &first.rule.name)))
    }

    /// Values of a source. What stays the same keeps its lineage, and what was taken away and given
    /// back within one plan is as old as it was.
    pub(super) fn attribute(
        &self,
        name: &Name,
        values: Values,
        (object, rule): (CsId, &Name),
    ) -> MvAttribute {
        let is_same = |b: &&MvAttribute| {
            b.values == values && b.lineage.object == object && b.lineage.rule == *rule
        };
        let before = self.object.attributes.get(name);
        let earlier = self.draft.mv_before(self.object.id);
        let earlier = earlier.and_then(|earlier| earlier.attributes.get(name));
        let same = before.into_iter().chain(earlier).find(is_same).cloned();
        same.unwrap_or_else(|| MvAttribute { values, lineage: self.draft.lineage(object, rule) })
    }

    /// True if a value stays that nobody gives now: its flow is ignored, or it was left behind.
    fn stays(&self, name: &Name, before: &MvAttribute) -> bool {
        let lineage = &before.lineage;
        let giver = (name.clone(), lineage.object, lineage.rule.clone());
        self.offers.ignored.contains(&giver) || self.is_left(before)
    }

    /// True if a share stays that nobody gives now.
    pub(super) fn remains(&self, name: &Name, share: &Share) -> bool {
        let giver = (name.clone(), share.object, share.rule.clone());
        self.offers.ignored.contains(&giver) || self.is_left_by(share.object, &share.rule)
    }

    /// True for a value whose object was disconnected and whose connector does not recall. When
    /// another object speaks through its rule, that one has the word.
    fn is_left(&self, before: &MvAttribute) -> bool {
        self.is_left_by(before.lineage.object, &before.lineage.rule)
    }

    fn is_left_by(&self, object: CsId, rule: &Name) -> bool {
        !self.draft.recalls(object)
            && !self.linked.iter().any(|cs| cs.id == object)
            && !self.offers.speaking.contains(rule)
    }
}

/// Two objects that contribute through one rule are of one rank.
fn check_clash(made: &[Offer<'_>]) -> Result<(), Stop> {
    let Some(first) = made.first() else { return Ok(()) };
    let mut others = made.iter().filter(|o| o.rule.name == first.rule.name && !o.is_gone);
    let is_other = |other: &Offer<'_>| other.object != first.object;
    if others.any(is_other) {
        return Err(fail(
            "ambiguous-import-flow-from-multiple-connectors",
            format!("several connectors of one rule contribute to {}", first.to),
            Some(&first.rule.name),
        ));
    }
    Ok(())
}
