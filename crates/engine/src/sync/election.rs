//! Which contributor to a metaverse attribute counts: the strongest one, or, where an attribute's
//! contributors are equals, the last to write ([`super::equals`]).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{CsId, Name, Values};
use rules::{MetaverseType, Rule};
use store::{CsObject, MvAttribute, MvObject, Shares};

use super::draft::{Draft, Stop};
use super::equals;
use super::import_flow::fail;

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
    // What was taken away and given back within one plan is as old as it was.
    let earlier = draft.mv_before(object.id).map(|earlier| &earlier.attributes);
    let mut decision = Decision { attributes: BTreeMap::new(), shares: Shares::new() };
    let mut decided = BTreeSet::new();
    for made in offers.made.chunk_by(|a, b| a.to == b.to) {
        let Some(first) = made.first() else { continue };
        let name = first.to;
        if object_type.is_equal(name) {
            made.chunk_by(|a, b| a.rule.name == b.rule.name).try_for_each(check_clash)?;
            continue;
        }
        check_clash(made)?;
        decided.insert(name);
        let Some(values) = first.values.clone() else { continue };
        let before = object.attributes.get(name);
        let is_same = |b: &&MvAttribute| {
            b.values == values
                && b.lineage.object == first.object
                && b.lineage.rule == first.rule.name
        };
        let kept = earlier.and_then(|earlier| earlier.get(name));
        let attribute = match before.into_iter().chain(kept).find(is_same) {
            Some(same) => same.clone(),
            None => MvAttribute { values, lineage: draft.lineage(first.object, &first.rule.name) },
        };
        decision.attributes.insert(name.clone(), attribute);
    }
    // What a flow gave before it was ignored stays, unless another flow gives something.
    for (name, before) in &object.attributes {
        let giver = (name.clone(), before.lineage.object, before.lineage.rule.clone());
        if offers.ignored.contains(&giver) && !decided.contains(name) {
            decision.attributes.insert(name.clone(), before.clone());
        }
    }
    equals::settle(
        &equals::Question { draft, object, object_type, linked, offers: &offers },
        &mut decision,
    );
    Ok(decision)
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
