//! Connecting what exists: an object that outbound rules want may be there already, as a
//! disconnector that satisfies a rule's relationship, or as one whose deletion has not been sent.

use std::sync::Arc;

use expr::Input as _;
use model::{MvId, Name, Value};
use rules::{OnAmbiguous, Relationship, Rule};
use store::{CsObject, CsState, DisconnectorKind, MvObject, WriteOperation};

use super::draft::{AMBIGUOUS, Draft, PlanError, Stop};
use super::export_flow;
use super::facts::JoinKey;
use super::plan;
use super::provision::{self, Target, targets};
use super::random::SeededRandom;
use super::trace::Connected;
use super::view::{CsView, MvView};

/// Links existing objects to the metaverse object, wherever a rule wants one and none is linked.
/// True if there was one: what it contributes has to flow then.
pub(super) fn existing(draft: &mut Draft<'_>, mv: MvId) -> Result<bool, Stop> {
    let Some(object) = draft.mv(mv)? else { return Ok(false) };
    let mut connected = false;
    for target in targets(draft, &object)? {
        let has_real = target.linked.iter().any(|cs| !cs.is_never_exported());
        if target.in_scope.is_empty() || has_real {
            continue;
        }
        let found = match by_relationship(draft, &object, &target)? {
            Some(found) => Some(found),
            None => by_name(draft, &object, &target)?,
        };
        if let Some((cs, rule)) = found {
            link(draft, &cs, mv, &rule);
            connected = true;
        }
    }
    Ok(connected)
}

fn link(draft: &mut Draft<'_>, cs: &CsObject, mv: MvId, rule: &Name) {
    let mut cs = cs.clone();
    plan::connect(&mut cs, mv, rule);
    // Its owner is back before the deletion was sent.
    keep(&mut cs);
    draft.record(|trace| trace.connected.push(Connected { object: cs.id, rule: rule.clone() }));
    draft.put_cs(cs);
}

/// A deletion that was not sent yet is not sent.
pub(super) fn keep(cs: &mut CsObject) {
    if is_leaving(cs) {
        cs.export.pending = None;
        cs.export.error = None;
    }
}

fn is_leaving(cs: &CsObject) -> bool {
    cs.export.pending.as_ref().is_some_and(|delta| delta.operation == WriteOperation::Delete)
}

/// True for objects that may be connected: normal disconnectors, and those that are explicit ones
/// only until their deletion is sent.
fn is_free(cs: &CsObject) -> bool {
    let leaving = cs.state == CsState::Disconnector(DisconnectorKind::Explicit) && is_leaving(cs);
    cs.imported.is_some() && !cs.is_transient() && (cs.state.is_normal_disconnector() || leaving)
}

type Found = (Arc<CsObject>, Name);

/// The one free object that satisfies every pair of a rule's relationship.
///
/// # Errors
/// When several do, and no other rule tells them apart.
fn by_relationship(
    draft: &mut Draft<'_>,
    object: &MvObject,
    target: &Target<'_>,
) -> Result<Option<Found>, Stop> {
    let view = MvView::new(object);
    let mut ambiguous = None;
    for rule in &target.in_scope {
        let mut found: Option<Vec<Arc<CsObject>>> = None;
        for pair in &rule.relationship {
            let mut holders = Vec::new();
            for value in view.attribute(&pair.metaverse).into_iter().flatten() {
                let key = JoinKey {
                    object_type: target.object_type.clone(),
                    attribute: pair.object.clone(),
                    value: value.clone(),
                };
                let there = draft.with_value(target.setup.id, &key)?.into_iter();
                holders.extend(there.filter(|cs| !pair.case_sensitive || has(cs, pair, value)));
            }
            found = Some(match found {
                None => holders,
                Some(before) => {
                    before.into_iter().filter(|a| holders.iter().any(|b| a.id == b.id)).collect()
                }
            });
        }
        let mut free: Vec<Arc<CsObject>> = found.unwrap_or_default();
        // What this very synchronization has just cut off is not its to tie again.
        free.retain(|cs| is_free(cs) && cs.id != draft.source);
        match free.as_slice() {
            [] => {}
            [only] => return Ok(Some((only.clone(), rule.name.clone()))),
            several => match rule.on_ambiguous {
                OnAmbiguous::Continue => {}
                OnAmbiguous::Block => ambiguous = Some((several.len(), &rule.name)),
                OnAmbiguous::Error => {
                    return Err(refuse_to_choose(target, several.len(), &rule.name));
                }
            },
        }
    }
    ambiguous.map_or(Ok(None), |(count, rule)| Err(refuse_to_choose(target, count, rule)))
}

/// True if an object holds a value in exactly this spelling.
fn has(cs: &CsObject, pair: &Relationship, value: &Value) -> bool {
    let Some(imported) = &cs.imported else { return false };
    let view = CsView::new(imported, &cs.dn);
    view.attribute(&pair.object).is_some_and(|values| values.contains(value))
}

/// Creating one more would not make clearer which it is.
fn refuse_to_choose(target: &Target<'_>, count: usize, rule: &Name) -> Stop {
    Stop::Fail(PlanError {
        error_type: AMBIGUOUS.to_owned(),
        step: "join",
        message: format!(
            "{count} objects of {} satisfy the relationship of the rule; none was connected, none \
             created",
            target.setup.name
        ),
        rule: Some(rule.clone()),
    })
}

/// An object that is about to be deleted and has the very name the new one would get.
fn by_name(
    draft: &mut Draft<'_>,
    object: &MvObject,
    target: &Target<'_>,
) -> Result<Option<Found>, Stop> {
    let Some(rule) = target.in_scope.iter().find(|rule: &&&Rule| rule.creates) else {
        return Ok(None);
    };
    let random = SeededRandom::new(draft.moment.seed, draft.source.0.cast_unsigned());
    let desired = export_flow::desired(draft, target, object, None, Some(random))?;
    let Some(dn) = desired.dn else { return Ok(None) };
    let key = target.setup.dn_style.key(&dn);
    // Creating it will ask for what is above: one question less.
    let parent = provision::parent_key(target.setup, &key);
    let asked: Vec<String> =
        std::iter::once(key.clone()).chain(parent.map(ToOwned::to_owned)).collect();
    draft.know_dns(target.setup.id, &asked)?;
    let there = draft.at_dn(target.setup.id, &key)?;
    // Of one whose creation never got an answer only the deletion is left; it has to be sent first.
    let is_back =
        |cs: &CsObject| is_leaving(cs) && !cs.is_never_exported() && cs.state.mv().is_none();
    // Entra Connect joins whatever is there under the name.
    let joins = |cs: &CsObject| rule.link.is_some() && is_free(cs) && cs.id != draft.source;
    let found = there
        .into_iter()
        .find(|cs| cs.object_type == target.object_type && (is_back(cs) || joins(cs)));
    Ok(found.map(|cs| (cs, rule.name.clone())))
}
