//! Import attribute flow: what a metaverse object's attributes are, given everything linked to it.
//!
//! Every attribute is worked out anew from all contributors, so the result does not depend on which
//! object came first, and recall and re-election need no steps of their own. Which contributor counts
//! is decided in [`election`].

use std::borrow::Cow;

use model::{Attributes, MvId, Name, Value, Values};
use rules::{Flow, Rule};
use store::{CsObject, MvObject};

use super::draft::{Draft, PlanError, Stop};
use super::election::{self, Decision, Offer, Offers};
use super::entries;
use super::evaluate::{Outcome, Surroundings, evaluate, failure};
use super::names::Names;
use super::random::NoRandom;
use super::references::{self, is_reference_flow};
use super::trace::Contribution;
use super::view::CsView;
use crate::convert::convert;
use crate::limits::{INDEXED_CHARACTERS_MAX, INDEXED_OCTETS_MAX};
use crate::mutant::{Mutant, is_on};

/// Sets the attributes of a metaverse object. True if a value changed; lineage alone does not
/// count.
pub(super) fn apply(draft: &mut Draft<'_>, mv: MvId) -> Result<bool, Stop> {
    let Some(object) = draft.mv(mv)? else { return Ok(false) };
    let linked = draft.linked(mv)?;
    let mut offers = Offers::default();
    draft.record(|trace| trace.import_flow.retain(|earlier| earlier.mv != mv));
    // What is known to be gone comes last: it stands in nobody's way.
    let (gone, there): (Vec<_>, Vec<_>) = linked.iter().partition(|cs| cs.is_gone());
    for cs in there.into_iter().chain(gone) {
        contribute(draft, cs, &object, &mut offers)?;
    }
    let mut decision = election::decide(draft, &object, &linked, offers)?;
    entries::keep_own(&object, &mut decision.attributes);
    if is_on(Mutant::RecallForgotten) {
        let left = object.attributes.iter().map(|(name, a)| (name.clone(), a.clone()));
        decision.attributes = left.chain(decision.attributes).collect();
    }
    let names = object.attributes.keys().chain(decision.attributes.keys());
    let changed = names.into_iter().any(|name| {
        let after = decision.attributes.get(name).map(|attribute| &attribute.values);
        object.values(name) != after
    });
    let Decision { attributes, shares } = decision;
    if object.attributes != attributes || object.shares != shares {
        draft.put_mv(MvObject { attributes, shares, ..MvObject::clone(&object) });
    }
    Ok(changed)
}

/// Adds what one linked object contributes. The object being synchronized contributes its imported
/// state, every other one what synchronization last saw of it.
fn contribute<'a>(
    draft: &Draft<'a>,
    cs: &CsObject,
    object: &MvObject,
    offers: &mut Offers<'a>,
) -> Result<(), Stop> {
    let Some(Seen { image, object_type, dn }) = seen(draft, cs) else { return Ok(()) };
    let connector = draft.connector(super::draft::connector_of(cs.id))?;
    let view = CsView::new(&image, dn);
    let schema = connector.schema.types.get(object_type);
    let around = Surroundings {
        source: &view,
        schema,
        confirmed: (&view, schema),
        connector,
        now: draft.moment.now,
    };
    for rule in draft.policy.rules.inbound(&connector.name, object_type) {
        if rule.metaverse != object.object_type || !rule.scope.holds(&view) {
            continue;
        }
        offers.speaking.insert(&rule.name);
        for flow in &rule.flows {
            let outcome = value(draft, object.id, (rule, flow), &around);
            draft.record(|trace| {
                let places = (object.id, cs.id);
                trace.import_flow.extend(Contribution::of(places, (rule, flow), &outcome));
            });
            let values = match outcome? {
                Outcome::Value(values) => Some(values),
                Outcome::AuthoritativeNull => None,
                Outcome::Nothing | Outcome::EmptyText => continue,
                Outcome::Ignored => {
                    let flow = (flow.to.clone(), cs.id, rule.name.clone());
                    offers.ignored.insert(flow);
                    continue;
                }
            };
            let is_gone = cs.is_gone();
            offers.made.push(Offer { to: &flow.to, object: cs.id, is_gone, rule, values });
        }
    }
    Ok(())
}

/// An object as it counts in a synchronization.
pub(super) struct Seen<'c> {
    pub(super) image: Cow<'c, Attributes>,
    pub(super) object_type: &'c Name,
    pub(super) dn: &'c str,
}

/// An object as it counts: the one being synchronized as imported, every other one as synchronization
/// last saw it; `None` if it never did.
pub(super) fn seen<'c>(draft: &Draft<'_>, cs: &'c CsObject) -> Option<Seen<'c>> {
    let is_seen_now = cs.id == draft.source && !draft.moment.retry;
    let pending = cs.pending_import.as_ref().filter(|_| !is_seen_now);
    let image = match pending {
        None => cs.imported.as_ref().map(Cow::Borrowed)?,
        Some(_) => cs.synchronized().map(Cow::Owned)?,
    };
    let undo = pending.map(|p| &p.undo);
    let object_type = undo.and_then(|u| u.object_type.as_ref()).unwrap_or(&cs.object_type);
    let dn = undo.and_then(|u| u.dn.as_ref()).unwrap_or(&cs.dn);
    Some(Seen { image, object_type, dn })
}

/// What a flow gives, converted to the type of its target.
fn value(
    draft: &Draft<'_>,
    mv: MvId,
    (rule, flow): (&Rule, &Flow),
    around: &Surroundings<'_>,
) -> Result<Outcome, Stop> {
    let name = Some(&rule.name);
    let names = Names::new(|name: &str| draft.is_name_of_other_mv(mv, &flow.to, name));
    let result = evaluate(flow, around, &|name| names.is_taken(name), &mut NoRandom);
    names.answered()?;
    let outcome = result.map_err(|error| {
        fail("sync-rule-invalid-expression", failure(rule, flow, &error.message), name)
    })?;
    let Outcome::Value(values) = outcome else { return Ok(outcome) };
    let schema = draft.policy.setup.mv_attribute(&rule.metaverse, &flow.to).ok_or_else(|| {
        let message = format!("the metaverse type {} has no attribute {}", rule.metaverse, flow.to);
        fail("sync-rule-flow-attribute-not-found", message, name)
    })?;
    let converted = convert(&values, schema)
        .map_err(|error| fail(error.error_type(), failure(rule, flow, &error), name))?;
    let is_indexed = draft.policy.setup.is_mv_indexed(&flow.to);
    if is_indexed && converted.iter().flat_map(Values::iter).any(is_too_long) {
        let limit = format!(
            "a value is longer than the {INDEXED_CHARACTERS_MAX} characters or \
             {INDEXED_OCTETS_MAX} octets that an indexed attribute takes"
        );
        return Err(fail("mv-constraint-violation", failure(rule, flow, &limit), name));
    }
    let led = match converted {
        Some(values) if is_reference_flow(flow, around.schema, schema) => {
            references::to_metaverse(draft, around.connector, &values)?
        }
        other => other,
    };
    Ok(led.map_or(Outcome::Nothing, Outcome::Value))
}

/// True for a value that an indexed attribute does not take. Characters are UTF-16 code units, as in
/// MIM.
fn is_too_long(value: &Value) -> bool {
    match value {
        Value::String(text) => {
            text.len() > INDEXED_CHARACTERS_MAX
                && text.encode_utf16().count() > INDEXED_CHARACTERS_MAX
        }
        Value::Binary(octets) => octets.len() > INDEXED_OCTETS_MAX,
        _ => false,
    }
}

pub(super) fn fail(error_type: &str, message: String, rule: Option<&Name>) -> Stop {
    Stop::Fail(PlanError {
        error_type: error_type.to_owned(),
        step: "import-flow",
        message,
        rule: rule.cloned(),
    })
}
