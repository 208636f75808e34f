//! The pipeline of one connector-space object: filter or deletion, join, projection, import flow,
//! provisioning, export flow. Pure: facts and rules in, a [`Plan`] out.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{ConnectorId, CsId, Guid, MvId, Name, Timestamp, Value};
use rules::{OnAmbiguous, Rule};
use store::{
    ConnectorKind, CsObject, CsState, DisconnectorKind, ImportOperation, MvObject, ObjectError,
    Shares,
};

use super::draft::{AMBIGUOUS, Draft, Moment, PlanError, Reads, SEVERAL_JOINS, Stop, connector_of};
use super::facts::{ChangedCs, ChangedMv, Facts, JoinKey, Question};
use super::trace::{DeletionTest, JoinAttempt, Recorder, ScopeTest, Trace, test};
use super::view::CsView;
use super::{by_hand, connect, deprovision, detected, entries, import_flow, link_types, provision};
use crate::counters::inbound;
use crate::limits::CONNECT_ROUNDS_MAX;
use crate::setup::Policy;

/// The public identifier of a metaverse object; it has one spelling.
const OBJECT_ID: &str = "object-id";

/// Identifiers set aside for a metaverse object that a plan may project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fresh {
    /// Its id.
    pub(super) id: MvId,
    /// Its public identifier.
    pub(super) uid: Guid,
}

/// What synchronizing one object does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    /// The inbound counter; `None` for objects that are not counted.
    pub(super) counter: Option<&'static str>,
    /// The outbound counters, by target connector.
    pub(super) outbound: Vec<(ConnectorId, &'static str)>,
    /// Connector-space objects as they shall be; `None` for those that go. Created ones have
    /// provisional ids.
    pub(super) cs: ChangedCs,
    /// Metaverse objects as they shall be; `None` for those that go.
    pub(super) mv: ChangedMv,
    /// What is wrong with the object. If it could not be synchronized nothing else changes.
    pub(super) error: Option<PlanError>,
    pub(super) reads: Reads,
}

/// Works out what synchronizing `source` does.
///
/// # Errors
/// The fact that is missing.
pub(super) fn plan(
    policy: Policy<'_>,
    facts: &Facts,
    moment: Moment<'_>,
    source: CsId,
    fresh: Option<Fresh>,
) -> Result<Plan, Question> {
    complete(Draft::new(policy, facts, moment, source), facts, fresh)
}

/// The same, and how it came about.
///
/// # Errors
/// The fact that is missing.
pub(super) fn plan_and_record(
    policy: Policy<'_>,
    facts: &Facts,
    moment: Moment<'_>,
    source: CsId,
    fresh: Option<Fresh>,
) -> Result<(Plan, Trace), Question> {
    let recorder = Recorder::default();
    let mut draft = Draft::new(policy, facts, moment, source);
    draft.recorder = Some(&recorder);
    let plan = complete(draft, facts, fresh)?;
    Ok((plan, recorder.into_trace()))
}

fn complete(mut draft: Draft<'_>, facts: &Facts, fresh: Option<Fresh>) -> Result<Plan, Question> {
    match synchronize(&mut draft, fresh) {
        Ok(counter) => {
            let outbound = std::mem::take(&mut draft.outbound);
            let reads = draft.take_reads();
            let error = draft.remark.take();
            let (cs, mv) = draft.into_changes();
            Ok(Plan { counter, outbound, cs, mv, error, reads })
        }
        Err(Stop::Need(question)) => Err(question),
        Err(Stop::Fail(error)) => failed(&draft, facts, error),
    }
}

/// A failed object keeps its pending import; only the error is written, and not even that where an
/// administrator hears of it at once. The expected rule entry of the rule that is to blame is told.
fn failed(draft: &Draft<'_>, facts: &Facts, error: PlanError) -> Result<Plan, Question> {
    let mut cs = BTreeMap::new();
    let source = facts.cs(draft.source).filter(|_| draft.moment.decision.is_none());
    if let Some(object) = source {
        let mut object = CsObject::clone(object);
        let previous = object.import_error.take();
        object.import_error = Some(recurring(previous, &error, draft.moment.now));
        object.reference_retry = false;
        cs.insert(object.id, Some(Arc::new(object)));
    }
    let mut told = Draft::new(draft.policy, facts, draft.moment, draft.source);
    let mut mv = BTreeMap::new();
    match entries::report_failure(draft, &mut told, &error) {
        Ok(()) => {
            let (entries_cs, entries_mv) = told.into_changes();
            cs.extend(entries_cs);
            mv = entries_mv;
        }
        Err(Stop::Need(question)) => return Err(question),
        // That an entry cannot be told is no reason to fail twice.
        Err(Stop::Fail(_)) => {}
    }
    let (counter, error) = (Some(inbound::FLOW_FAILURE), Some(error));
    Ok(Plan { counter, outbound: Vec::new(), cs, mv, error, reads: draft.take_reads() })
}

/// The error as the object keeps it: the same one again goes on counting.
fn recurring(previous: Option<ObjectError>, error: &PlanError, now: Timestamp) -> ObjectError {
    let previous = previous.filter(|p| p.error_type == error.error_type);
    ObjectError {
        error_type: error.error_type.clone(),
        step: error.step.to_owned(),
        message: error.message.clone(),
        code: None,
        rule: error.rule.clone(),
        first_occurred: previous.as_ref().map_or(now, |p| p.first_occurred),
        count: previous.map_or(0, |p| p.count) + 1,
    }
}

fn synchronize(draft: &mut Draft<'_>, fresh: Option<Fresh>) -> Result<Option<&'static str>, Stop> {
    let Some(object) = draft.cs(draft.source) else { return Ok(None) };
    let mut object = Arc::unwrap_or_clone(object);
    if let Some(decision) = draft.moment.decision {
        return by_hand::decide(draft, object, decision, fresh);
    }
    object.reference_retry = false;
    if draft.moment.retry {
        return retry(draft, object);
    }
    let mut replaced = false;
    match object.pending_import.as_ref().map(|p| p.operation) {
        Some(ImportOperation::Delete) => return obsolete(draft, &object),
        Some(ImportOperation::DeleteAdd) => {
            if let Some(mv) = object.state.mv() {
                disconnect(draft, &mut object, mv, DisconnectorKind::Normal)?;
            }
            replaced = true;
        }
        Some(ImportOperation::Add | ImportOperation::Update) | None => {}
    }
    object.pending_import = None;
    let previous_error = object.import_error.take();
    object.needs_sync = false;
    if let Some(counter) = filter(draft, &mut object)? {
        return Ok(Some(counter));
    }
    let_go_if_loose(draft, &mut object)?;
    let (mv, linking) = match object.state {
        CsState::Connector { mv, .. } => (mv, None),
        CsState::Disconnector(DisconnectorKind::Explicit) | CsState::Placeholder => {
            draft.put_cs(object);
            return Ok(None);
        }
        CsState::Disconnector(_) => match link(draft, &mut object, fresh)? {
            Some((mv, linking)) => (mv, Some(linking)),
            None => {
                let remark = draft.remark.as_ref();
                object.import_error =
                    remark.map(|remark| recurring(previous_error, remark, draft.moment.now));
                draft.put_cs(object);
                let counter = if replaced {
                    inbound::CONNECTOR_DELETE_ADD
                } else {
                    inbound::DISCONNECTOR_REMAINS
                };
                return Ok(Some(counter));
            }
        },
    };
    draft.put_cs(object);
    end_if_unkept(draft, mv)?;
    let flowed = flow(draft, mv)?;
    end_if_unkept(draft, mv)?;
    let ended = draft.mv(mv)?.is_none();
    Ok(Some(if replaced {
        inbound::CONNECTOR_DELETE_ADD
    } else {
        connector_counter(linking.as_ref(), flowed, ended)
    }))
}

/// A connector that no rule links any more becomes a disconnector.
fn let_go_if_loose(draft: &mut Draft<'_>, object: &mut CsObject) -> Result<(), Stop> {
    let Some(mv) = object.state.mv() else { return Ok(()) };
    let Some(linked) = draft.mv(mv)? else { return Ok(()) };
    if link_types::is_loose(draft, object, &linked.object_type)? {
        disconnect(draft, object, mv, DisconnectorKind::Normal)?;
    }
    Ok(())
}

/// A metaverse object goes when no rule keeps it.
fn end_if_unkept(draft: &mut Draft<'_>, mv: MvId) -> Result<(), Stop> {
    if let Some(object) = draft.mv(mv)?
        && link_types::is_unkept(draft, &object)?
    {
        link_types::end(draft, &object)?;
    }
    Ok(())
}

/// What the object refers to, or what refers from its metaverse object, leads elsewhere. All that
/// synchronization has seen of everything linked flows again; what it has not seen waits.
fn retry(draft: &mut Draft<'_>, object: CsObject) -> Result<Option<&'static str>, Stop> {
    let mv = object.state.mv();
    draft.put_cs(object);
    if let Some(mv) = mv {
        flow(draft, mv)?;
    }
    Ok(None)
}

/// The counter of an object that is a connector, or became one: whether values changed, and whether
/// the metaverse object ended because provisioning let go of all its objects.
pub(super) const fn connector_counter(
    linking: Option<&Linking>,
    flowed: bool,
    ended: bool,
) -> &'static str {
    match (linking, ended, flowed) {
        (None, true, _) => inbound::CONNECTOR_FLOW_REMOVE_MV,
        (None, false, true) => inbound::CONNECTOR_FLOW,
        (None, false, false) => inbound::CONNECTOR_NO_FLOW,
        (Some(Linking::Join), true, _) => inbound::JOINED_REMOVE_MV,
        (Some(Linking::Join), false, true) => inbound::JOINED_FLOW,
        (Some(Linking::Join), false, false) => inbound::JOINED_NO_FLOW,
        (Some(Linking::Projection), true, _) => inbound::PROJECTED_REMOVE_MV,
        (Some(Linking::Projection), false, true) => inbound::PROJECTED_FLOW,
        (Some(Linking::Projection), false, false) => inbound::PROJECTED_NO_FLOW,
    }
}

/// Import flow, connection of what exists, release of what nobody wants, and everything outbound.
/// What a newly connected object contributes can bring further rules into scope, and what is recalled
/// from a released one can take rules out of it, so they take turns until nothing changes. True if a
/// value of the metaverse object changed.
pub(super) fn flow(draft: &mut Draft<'_>, mv: MvId) -> Result<bool, Stop> {
    let mut flowed = import_flow::apply(draft, mv)?;
    for _ in 0..CONNECT_ROUNDS_MAX {
        if !connect::existing(draft, mv)? {
            break;
        }
        flowed |= import_flow::apply(draft, mv)?;
    }
    for _ in 0..CONNECT_ROUNDS_MAX {
        if !provision::release(draft, mv)? {
            break;
        }
        flowed |= import_flow::apply(draft, mv)?;
    }
    detected::detect(draft, mv)?;
    provision::outbound(draft, mv)?;
    entries::report(draft, mv)?;
    Ok(flowed)
}

/// The connector filter. A match takes the object out of everything that follows.
fn filter(draft: &mut Draft<'_>, object: &mut CsObject) -> Result<Option<&'static str>, Stop> {
    let connector = draft.connector(object.id.connector())?;
    let explicit = matches!(
        object.state,
        CsState::Connector { kind: ConnectorKind::Explicit, .. }
            | CsState::Disconnector(DisconnectorKind::Explicit)
            | CsState::Placeholder
    );
    let Some(imported) = object.imported.as_ref().filter(|_| !explicit) else { return Ok(None) };
    let alternatives = connector.document.filters.get(&object.object_type);
    let view = CsView::new(imported, &object.dn);
    let matches = alternatives.into_iter().flatten().any(|scope| scope.holds(&view));
    draft.record(|trace| {
        let alternatives = alternatives.into_iter().flatten();
        trace.filter = Some(alternatives.map(|scope| test(scope, &view)).collect());
    });
    match (object.state, matches) {
        (CsState::Connector { mv, .. }, true) => {
            let removed = disconnect(draft, object, mv, DisconnectorKind::Filtered)?;
            Ok(Some(if removed {
                inbound::CONNECTOR_FILTERED_REMOVE_MV
            } else {
                inbound::CONNECTOR_FILTERED_LEAVE_MV
            }))
        }
        (_, true) => {
            object.state = CsState::Disconnector(DisconnectorKind::Filtered);
            draft.put_cs(object.clone());
            Ok(Some(inbound::DISCONNECTOR_FILTERED))
        }
        (CsState::Disconnector(DisconnectorKind::Filtered), false) => {
            object.state = CsState::Disconnector(DisconnectorKind::Normal);
            Ok(None)
        }
        (_, false) => Ok(None),
    }
}

/// Cuts an object from its metaverse object and lets the consequences follow. True if the
/// metaverse object went with it.
pub(super) fn disconnect(
    draft: &mut Draft<'_>,
    object: &mut CsObject,
    mv: MvId,
    kind: DisconnectorKind,
) -> Result<bool, Stop> {
    deprovision::let_be(object);
    draft.unlink(object, CsState::Disconnector(kind));
    after_disconnect(draft, mv, object.id.connector())
}

/// The object is gone from the connected system.
fn obsolete(draft: &mut Draft<'_>, object: &CsObject) -> Result<Option<&'static str>, Stop> {
    draft.remove_cs(object.id);
    let Some(mv) = object.state.mv() else { return Ok(None) };
    let removed = after_disconnect(draft, mv, object.id.connector())?;
    Ok(Some(if removed {
        inbound::CONNECTOR_DELETE_REMOVE_MV
    } else {
        inbound::CONNECTOR_DELETE_LEAVE_MV
    }))
}

/// Applies the deletion rule after a link of `connector` went away; otherwise recalls what the
/// object contributed and lets the rest flow. True if the metaverse object is gone.
pub(super) fn after_disconnect(
    draft: &mut Draft<'_>,
    mv: MvId,
    connector: ConnectorId,
) -> Result<bool, Stop> {
    let Some(object) = draft.mv(mv)? else { return Ok(true) };
    let linked = draft.linked(mv)?;
    let name = draft.connector(connector)?.name.clone();
    let left: Vec<ConnectorId> = linked.iter().map(|cs| connector_of(cs.id)).collect();
    let deletes = draft.policy.setup.deletes(&object.object_type, &name, &left)
        || link_types::is_unkept(draft, &object)?;
    draft.record(|trace| {
        let rule = draft.policy.setup.deletion(&object.object_type);
        let links = left.len();
        trace.deletions.push(DeletionTest { mv, connector: name, rule, links, deletes });
    });
    if !deletes {
        flow(draft, mv)?;
        return Ok(draft.mv(mv)?.is_none());
    }
    link_types::end(draft, &object)?;
    Ok(true)
}

/// How a disconnector became a connector.
pub(super) enum Linking {
    Join,
    Projection,
}

/// Join, else projection.
fn link(
    draft: &mut Draft<'_>,
    object: &mut CsObject,
    fresh: Option<Fresh>,
) -> Result<Option<(MvId, Linking)>, Stop> {
    let Some(imported) = object.imported.clone() else { return Ok(None) };
    let connector = draft.connector(object.id.connector())?;
    let rules = draft.policy.rules.inbound(&connector.name, &object.object_type);
    let view = CsView::new(&imported, &object.dn);
    let in_scope: Vec<&Rule> = rules.iter().filter(|rule| rule.scope.holds(&view)).collect();
    draft.record(|trace| {
        trace.inbound = rules.iter().map(|rule| ScopeTest::of(rule, &view)).collect();
    });
    refuse_several_joins(&in_scope)?;
    let mut ambiguous = None;
    for rule in &in_scope {
        let found = candidates(draft, rule, &view)?;
        draft.record(|trace| {
            let attempt = JoinAttempt::of(&rule.name, &rule.relationship, &view, &found);
            trace.joins.extend((!rule.relationship.is_empty()).then_some(attempt));
        });
        match found.as_slice() {
            [] => {}
            [mv] => {
                connect(object, *mv, &rule.name);
                return Ok(Some((*mv, Linking::Join)));
            }
            several => match rule.on_ambiguous {
                OnAmbiguous::Continue => {}
                OnAmbiguous::Block => ambiguous = Some(ambiguity(several.len(), rule)),
                OnAmbiguous::Error => return Err(ambiguity(several.len(), rule).into()),
            },
        }
    }
    // An object that several could own is left for an administrator to decide: projecting it would
    // make one more.
    if ambiguous.is_some() {
        draft.remark = ambiguous;
        return Ok(None);
    }
    let creator = in_scope.iter().find(|rule| rule.creates && has_join_value(rule, &view));
    let (Some(rule), Some(fresh)) = (creator, fresh) else { return Ok(None) };
    draft.record(|trace| trace.projection = Some(rule.name.clone()));
    draft.put_mv(MvObject {
        id: fresh.id,
        uid: fresh.uid,
        object_type: rule.metaverse.clone(),
        attributes: BTreeMap::new(),
        shares: Shares::new(),
    });
    connect(object, fresh.id, &rule.name);
    Ok(Some((fresh.id, Linking::Projection)))
}

fn ambiguity(count: usize, rule: &Rule) -> PlanError {
    PlanError {
        error_type: AMBIGUOUS.to_owned(),
        step: "join",
        message: format!(
            "{count} metaverse objects satisfy the relationship of the rule; the object was neither \
             joined nor projected"
        ),
        rule: Some(rule.name.clone()),
    }
}

/// Of Entra Connect's rules only one may say how an object joins.
fn refuse_several_joins(in_scope: &[&Rule]) -> Result<(), Stop> {
    let joins = |rule: &&&Rule| rule.link.is_some() && !rule.relationship.is_empty();
    let mut joining = in_scope.iter().filter(joins);
    let (Some(first), Some(second)) = (joining.next(), joining.next()) else { return Ok(()) };
    Err(Stop::Fail(PlanError {
        error_type: SEVERAL_JOINS.to_owned(),
        step: "join",
        message: format!(
            "rule `{}` has a relationship, too; of the rules with a link type that apply to an \
             object, one may have one",
            second.name
        ),
        rule: Some(first.name.clone()),
    }))
}

/// A rule with a link type makes nothing of an object that could never be found again.
fn has_join_value(rule: &Rule, view: &CsView<'_>) -> bool {
    let mut pairs = rule.relationship.iter();
    rule.link.is_none()
        || rule.relationship.is_empty()
        || pairs.any(|pair| expr::Input::attribute(view, &pair.object).is_some())
}

/// Links the object. What was sent of it for a metaverse object that it no longer belongs to may have
/// to be sent again, and is this one's then.
pub(super) fn connect(object: &mut CsObject, mv: MvId, rule: &Name) {
    object.state = CsState::Connector { mv, kind: ConnectorKind::Normal };
    object.linked_by = Some(rule.clone());
    let stages = &mut object.export;
    let stages = [&mut stages.pending, &mut stages.escrow, &mut stages.unconfirmed];
    for delta in stages.into_iter().flatten().filter(|delta| delta.mv.is_some()) {
        delta.mv = Some(mv);
    }
}

/// The metaverse objects that satisfy every pair of a rule's relationship. A pair without value on
/// the object's side satisfies none.
fn candidates(draft: &mut Draft<'_>, rule: &Rule, view: &CsView<'_>) -> Result<Vec<MvId>, Stop> {
    let mut result: Option<Vec<MvId>> = None;
    for pair in &rule.relationship {
        let values = expr::Input::attribute(view, &pair.object);
        let mut found = Vec::new();
        for value in values.into_iter().flatten() {
            let key = JoinKey {
                object_type: rule.metaverse.clone(),
                attribute: pair.metaverse.clone(),
                value: value.clone(),
            };
            for id in draft.join(&key)? {
                if !pair.case_sensitive || holds_exactly(draft, id, &pair.metaverse, value)? {
                    found.push(id);
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        result = Some(match result {
            None => found,
            Some(before) => before.into_iter().filter(|id| found.contains(id)).collect(),
        });
    }
    Ok(result.unwrap_or_default())
}

/// True if a metaverse object holds a value in exactly this spelling.
fn holds_exactly(
    draft: &Draft<'_>,
    mv: MvId,
    attribute: &Name,
    value: &Value,
) -> Result<bool, Stop> {
    let object = draft.mv(mv)?;
    let values = object.as_ref().and_then(|object| object.values(attribute));
    Ok(*attribute == OBJECT_ID || values.is_some_and(|values| values.contains(value)))
}
