//! Import attribute flow: what a metaverse object's attributes are, given everything linked to it.
//!
//! Every attribute is worked out anew from all contributors in rank order, so the result does not
//! depend on which object came first, and recall and re-election need no steps of their own.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use model::{CsId, MvId, Name, Value, Values};
use rules::{Flow, Rule};
use store::{CsObject, MvAttribute, MvObject};

use super::draft::{Draft, PlanError, Stop};
use super::evaluate::{Outcome, Surroundings, evaluate, failure};
use super::names::Names;
use super::random::NoRandom;
use super::references::{self, is_reference_flow};
use super::view::CsView;
use crate::convert::convert;
use crate::limits::{INDEXED_CHARACTERS_MAX, INDEXED_OCTETS_MAX};
use crate::mutant::{Mutant, is_on};

/// One flow that yields a value, or says that there shall be none.
struct Contribution {
    object: CsId,
    rule: Name,
    values: Option<Values>,
}

/// What the flows of all linked objects yield.
#[derive(Default)]
struct Election {
    /// The strongest flow to each attribute, with its rank.
    elected: BTreeMap<Name, (u32, Contribution)>,
    /// Attributes that two objects contribute to through one rule.
    clashes: BTreeSet<Name>,
    /// Flows that are as if they did not exist: target, object and rule.
    ignored: BTreeSet<(Name, CsId, Name)>,
}

/// Sets the attributes of a metaverse object. True if a value changed; lineage alone does not
/// count.
pub(super) fn apply(draft: &mut Draft<'_>, mv: MvId) -> Result<bool, Stop> {
    let Some(object) = draft.mv(mv)? else { return Ok(false) };
    let linked = draft.linked(mv)?;
    let mut election = Election::default();
    // What is known to be gone comes last: it stands in nobody's way.
    let (gone, there): (Vec<_>, Vec<_>) = linked.into_iter().partition(|cs| cs.is_gone());
    for cs in there.iter().chain(&gone) {
        contribute(draft, cs, &object, &mut election)?;
    }
    let Election { elected, clashes, ignored } = election;
    if let Some(attribute) = clashes.first() {
        let rule = elected.get(attribute).map(|(_, c)| c.rule.clone());
        return Err(fail(
            "ambiguous-import-flow-from-multiple-connectors",
            format!("several connectors of one rule contribute to {attribute}"),
            rule.as_ref(),
        ));
    }
    // What was taken away and given back within one plan is as old as it was.
    let earlier = draft.mv_before(mv).map(|earlier| &earlier.attributes);
    let mut changed = false;
    let mut attributes = BTreeMap::new();
    let decided: BTreeSet<Name> = elected.keys().cloned().collect();
    for (name, (_, contribution)) in elected {
        let Contribution { object: source, rule, values } = contribution;
        let Some(values) = values else { continue };
        let before = object.attributes.get(&name);
        changed |= before.is_none_or(|b| b.values != values);
        let is_same = |b: &&MvAttribute| {
            b.values == values && b.lineage.object == source && b.lineage.rule == rule
        };
        let kept = earlier.and_then(|earlier| earlier.get(&name));
        let attribute = match before.into_iter().chain(kept).find(is_same) {
            Some(same) => same.clone(),
            None => MvAttribute { values, lineage: draft.lineage(source, &rule) },
        };
        attributes.insert(name, attribute);
    }
    // What a flow gave before it was ignored stays, unless another flow gives something.
    for (name, before) in &object.attributes {
        let giver = (name.clone(), before.lineage.object, before.lineage.rule.clone());
        if ignored.contains(&giver) && !decided.contains(name) {
            attributes.insert(name.clone(), before.clone());
        }
    }
    if is_on(Mutant::RecallForgotten) {
        let left = object.attributes.iter().map(|(name, a)| (name.clone(), a.clone()));
        attributes = left.chain(attributes).collect();
    }
    changed |= object.attributes.keys().any(|name| !attributes.contains_key(name));
    if object.attributes != attributes {
        draft.put_mv(MvObject { attributes, ..MvObject::clone(&object) });
    }
    Ok(changed)
}

/// Adds what one linked object contributes. The object being synchronized contributes its imported
/// state, every other one what synchronization last saw of it.
fn contribute(
    draft: &Draft<'_>,
    cs: &CsObject,
    object: &MvObject,
    election: &mut Election,
) -> Result<(), Stop> {
    let is_seen_now = cs.id == draft.source && !draft.moment.retry;
    let pending = cs.pending_import.as_ref().filter(|_| !is_seen_now);
    let image = match pending {
        None => cs.imported.as_ref().map(Cow::Borrowed),
        Some(_) => cs.synchronized().map(Cow::Owned),
    };
    let Some(image) = image else { return Ok(()) };
    let connector = draft.connector(super::draft::connector_of(cs.id))?;
    let undo = pending.map(|p| &p.undo);
    let object_type_then = undo.and_then(|u| u.object_type.as_ref()).unwrap_or(&cs.object_type);
    let dn_then = undo.and_then(|u| u.dn.as_ref()).unwrap_or(&cs.dn);
    let view = CsView::new(&image, dn_then);
    let schema = connector.schema.types.get(object_type_then);
    let around = Surroundings {
        source: &view,
        schema,
        confirmed: (&view, schema),
        connector,
        now: draft.moment.now,
    };
    for rule in draft.policy.rules.inbound(&connector.name, object_type_then) {
        if rule.metaverse != object.object_type || !rule.scope.holds(&view) {
            continue;
        }
        for flow in &rule.flows {
            let values = match value(draft, object.id, (rule, flow), &around)? {
                Outcome::Value(values) => Some(values),
                Outcome::AuthoritativeNull => None,
                Outcome::Nothing | Outcome::EmptyText => continue,
                Outcome::Ignored => {
                    let flow = (flow.to.clone(), cs.id, rule.name.clone());
                    election.ignored.insert(flow);
                    continue;
                }
            };
            let incumbent = election.elected.get(&flow.to);
            match incumbent {
                Some((_, c)) if c.rule == rule.name && c.object != cs.id => {
                    if !cs.is_gone() {
                        election.clashes.insert(flow.to.clone());
                    }
                }
                Some((rank, c)) if (*rank, &c.rule) <= (rule.precedence, &rule.name) => {}
                _ => {
                    let contribution =
                        Contribution { object: cs.id, rule: rule.name.clone(), values };
                    election.clashes.remove(&flow.to);
                    let ranked = (rule.precedence, contribution);
                    election.elected.insert(flow.to.clone(), ranked);
                }
            }
        }
    }
    Ok(())
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

fn fail(error_type: &str, message: String, rule: Option<&Name>) -> Stop {
    Stop::Fail(PlanError {
        error_type: error_type.to_owned(),
        step: "import-flow",
        message,
        rule: rule.cloned(),
    })
}
