//! Detected rule entries: which objects are as a rule would have them.
//!
//! A rule can have existence tests: flows that are not carried out, but compared with what an import
//! has shown. Where all of them hold for an object that is linked, whoever made it, the metaverse
//! object gets a detected rule entry, a metaverse object of its own that the identity service is
//! told of. It goes when they do not hold any more.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{CsId, MvId, Name, Value, Values};
use rules::{DETECTED_RULE_TYPE, DETECTED_RULES, Flow, Rule, detected};
use store::{CsObject, MvAttribute, MvObject, Shares};

use super::deprovision;
use super::draft::{Draft, Stop, connector_of};
use super::entries;
use super::evaluate::{Outcome, Surroundings, evaluate};
use super::provision;
use super::random::NoRandom;
use super::references::{self, Unclear, is_reference_flow};
use super::view::{CsView, MvView};
use crate::alike::lead_alike;
use crate::convert::convert;
use crate::setup::ConnectorSetup;

/// A rule and the object that is as it would have it.
type Finding = (Name, String);

/// Brings the detected rule entries of a metaverse object in line with what imports have shown.
pub(super) fn detect(draft: &mut Draft<'_>, mv: MvId) -> Result<(), Stop> {
    let Some(object) = draft.mv(mv)? else { return Ok(()) };
    // Without a service that keeps them there are none.
    if draft.policy.setup.mv_attribute(&object.object_type, DETECTED_RULES).is_none() {
        return Ok(());
    }
    let mut findings = findings(draft, &object)?;
    let mut kept = Vec::new();
    for found in entries::referred(draft, &object, DETECTED_RULES, DETECTED_RULE_TYPE)? {
        if findings.remove(&key_of(&found)).is_some() {
            kept.push(found.uid);
        } else {
            forget(draft, &found)?;
        }
    }
    for (number, ((rule, connector), source)) in (0..).zip(findings) {
        let id = draft.reserved(number)?;
        let uid = draft.moment.hasher.uid(id);
        let lineage = draft.lineage(source, &rule);
        let parent = Value::reference(&object.uid.to_string());
        let attributes = [
            ("displayName", Value::string(&rule)),
            (detected::RULE, Value::string(&rule)),
            (detected::CONNECTOR, Value::string(&connector)),
            (detected::PARENT, parent),
        ];
        let attributes = attributes.into_iter().map(|(name, value)| {
            let values = Values::one(value);
            (Name::new(name), MvAttribute { values, lineage: lineage.clone() })
        });
        let object_type = Name::new(DETECTED_RULE_TYPE);
        let attributes = attributes.collect();
        draft.put_mv(MvObject { id, uid, object_type, attributes, shares: Shares::new() });
        provision::outbound(draft, id)?;
        kept.push(uid);
    }
    let list = kept.iter().map(|uid| Value::reference(&uid.to_string())).collect();
    set_list(draft, &object, Values::from_vec(list));
    Ok(())
}

/// The findings, each with the object it is about.
fn findings(draft: &Draft<'_>, object: &MvObject) -> Result<BTreeMap<Finding, CsId>, Stop> {
    let mut findings = BTreeMap::new();
    let linked = draft.linked(object.id)?;
    for rule in draft.policy.rules.outbound(&object.object_type) {
        let tested = draft.policy.setup.connector(&rule.connector);
        let Some(setup) = tested.filter(|_| !rule.existence_tests.is_empty()) else { continue };
        for cs in linked.iter().filter(|cs| is_of(cs, setup, rule)) {
            if holds(draft, setup, object, cs, rule)? {
                findings.insert((rule.name.clone(), cs.id.0.to_string()), cs.id);
            }
        }
    }
    Ok(findings)
}

fn is_of(cs: &Arc<CsObject>, setup: &ConnectorSetup, rule: &Rule) -> bool {
    connector_of(cs.id) == setup.id && cs.object_type == rule.object && !cs.is_gone()
}

/// True if an object was imported as all existence tests of a rule want it. One that cannot be
/// evaluated does not hold.
fn holds(
    draft: &Draft<'_>,
    setup: &ConnectorSetup,
    object: &MvObject,
    cs: &CsObject,
    rule: &Rule,
) -> Result<bool, Stop> {
    let Some(imported) = &cs.imported else { return Ok(false) };
    let view = MvView::new(object);
    let around = Surroundings {
        source: &view,
        schema: draft.policy.setup.mv_schema(&object.object_type),
        confirmed: (imported, setup.schema.types.get(&cs.object_type)),
        connector: setup,
        now: draft.moment.now,
    };
    for flow in &rule.existence_tests {
        let outcome = evaluate(flow, &around, &|_| false, &mut NoRandom);
        let Ok(Outcome::Value(wanted)) = outcome else { return Ok(false) };
        if !is_met(draft, setup, cs, (flow, &around), &wanted)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn is_met(
    draft: &Draft<'_>,
    setup: &ConnectorSetup,
    cs: &CsObject,
    (flow, around): (&Flow, &Surroundings<'_>),
    wanted: &Values,
) -> Result<bool, Stop> {
    let Some(imported) = &cs.imported else { return Ok(false) };
    let view = CsView::new(imported, &cs.dn);
    let present = expr::Input::attribute(&view, &flow.to);
    let Some(schema) = setup.schema.attribute(&cs.object_type, &flow.to) else {
        let dn = wanted.single().map(Value::to_string);
        return Ok(dn.is_some_and(|dn| setup.dn_style.is_same(&cs.dn, &dn)));
    };
    let Ok(Some(wanted)) = convert(wanted, schema) else { return Ok(false) };
    if !is_reference_flow(flow, around.schema, schema) {
        return Ok(present == Some(&wanted));
    }
    match references::to_connector_space(draft, setup, &wanted) {
        Ok(outgoing) => Ok(outgoing.values.is_some_and(|wanted| {
            present == Some(&wanted)
                || lead_alike(setup.dn_style, &outgoing.renamed, present, &wanted)
        })),
        Err(Unclear::Stop(stop)) => Err(stop),
        Err(Unclear::Several(_)) => Ok(false),
    }
}

fn key_of(found: &MvObject) -> Finding {
    let text = |name| found.values(name).and_then(Values::single).map(Value::to_string);
    let rule = text(detected::RULE).unwrap_or_default();
    (Name::from(rule), text(detected::CONNECTOR).unwrap_or_default())
}

/// Takes an entry away, and has the service delete its own.
fn forget(draft: &mut Draft<'_>, found: &MvObject) -> Result<(), Stop> {
    let cause = key_of(found).0;
    for cs in draft.linked(found.id)? {
        deprovision::delete(draft, &cs, &cause)?;
    }
    draft.remove_mv(found.id);
    Ok(())
}

fn set_list(draft: &mut Draft<'_>, object: &MvObject, list: Option<Values>) {
    if object.values(DETECTED_RULES) == list.as_ref() {
        return;
    }
    let mut object = object.clone();
    match list {
        Some(values) => {
            let lineage = draft.lineage(draft.source, &Name::new(DETECTED_RULE_TYPE));
            object.attributes.insert(Name::new(DETECTED_RULES), MvAttribute { values, lineage });
        }
        None => {
            object.attributes.remove(DETECTED_RULES);
        }
    }
    draft.put_mv(object);
}
