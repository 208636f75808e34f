//! Provisioning and export attribute flow: what the connected systems should hold for one
//! metaverse object.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use expr::Input as _;
use model::{Attributes, Dn, DnStyle, MvId, Name};
use rules::{Rule, WhenOutOfScope};
use store::{
    ConnectorKind, CsObject, CsState, DisconnectorKind, ExportDelta, ExportStages, ExportValue,
    MvObject, WriteOperation,
};

use super::deprovision;
use super::draft::{Draft, PlanError, Stop, connector_of};
use super::export_flow::{self, Desired};
use super::facts::JoinKey;
use super::random::SeededRandom;
use super::view::{CsView, MvView};
use crate::counters::outbound as counter;
use crate::setup::ConnectorSetup;

/// Brings every target connector space in line with the metaverse object.
pub(super) fn outbound(draft: &mut Draft<'_>, mv: MvId) -> Result<(), Stop> {
    let Some(object) = draft.mv(mv)? else { return Ok(()) };
    let rules = draft.policy.rules.outbound(&object.object_type);
    let mut targets: BTreeMap<(Name, Name), Vec<&Rule>> = BTreeMap::new();
    for rule in rules {
        targets.entry((rule.connector.clone(), rule.object.clone())).or_default().push(rule);
    }
    for ((connector, object_type), rules) in targets {
        let Some(setup) = draft.policy.setup.connector(&connector) else { continue };
        target(draft, &object, setup, &object_type, &rules)?;
    }
    if draft.linked(mv)?.is_empty() {
        draft.remove_mv(mv);
    }
    Ok(())
}

fn target(
    draft: &mut Draft<'_>,
    object: &MvObject,
    setup: &ConnectorSetup,
    object_type: &Name,
    rules: &[&Rule],
) -> Result<(), Stop> {
    let view = MvView::new(object);
    let in_scope: Vec<&Rule> =
        rules.iter().copied().filter(|rule| rule.scope.holds(&view)).collect();
    let existing: Vec<Arc<CsObject>> = draft
        .linked(object.id)?
        .into_iter()
        .filter(|cs| connector_of(cs.id) == setup.id && cs.object_type == *object_type)
        .collect();
    if in_scope.is_empty() {
        let leaver = rules.iter().find(|r| r.when_out_of_scope == WhenOutOfScope::Disconnect);
        if let Some(rule) = leaver {
            for cs in existing {
                deprovision::deprovision(draft, &cs, &rule.name)?;
                draft.outbound.push((setup.id, counter::DISCONNECT));
            }
        }
        return Ok(());
    }
    if !existing.is_empty() {
        return existing
            .into_iter()
            .try_for_each(|cs| update(draft, object, setup, &cs, &in_scope));
    }
    if let Some(cs) = find_existing(draft, object, setup, object_type, &in_scope)? {
        return update(draft, object, setup, &cs, &in_scope);
    }
    if in_scope.iter().any(|rule| rule.creates) {
        create(draft, object, setup, object_type, &in_scope)?;
    }
    Ok(())
}

/// A disconnector that satisfies a rule's relationship becomes the connector.
fn find_existing(
    draft: &mut Draft<'_>,
    object: &MvObject,
    setup: &ConnectorSetup,
    object_type: &Name,
    in_scope: &[&Rule],
) -> Result<Option<CsObject>, Stop> {
    let view = MvView::new(object);
    for rule in in_scope {
        let mut found: Option<Vec<Arc<CsObject>>> = None;
        for pair in &rule.relationship {
            let mut holders = Vec::new();
            for value in view.attribute(&pair.metaverse).into_iter().flatten() {
                let key = JoinKey {
                    object_type: object_type.clone(),
                    attribute: pair.object.clone(),
                    value: value.clone(),
                };
                holders.extend(draft.with_value(setup.id, &key)?);
            }
            found = Some(match found {
                None => holders,
                Some(before) => {
                    before.into_iter().filter(|a| holders.iter().any(|b| a.id == b.id)).collect()
                }
            });
        }
        let free = found
            .unwrap_or_default()
            .into_iter()
            .filter(|cs| cs.state.is_normal_disconnector() && cs.imported.is_some());
        let free: Vec<Arc<CsObject>> = free.collect();
        if let [only] = free.as_slice() {
            let mut cs = CsObject::clone(only);
            cs.state = CsState::Connector { mv: object.id, kind: ConnectorKind::Normal };
            cs.linked_by = Some(rule.name.clone());
            draft.put_cs(cs.clone());
            return Ok(Some(cs));
        }
    }
    Ok(None)
}

fn create(
    draft: &mut Draft<'_>,
    object: &MvObject,
    setup: &ConnectorSetup,
    object_type: &Name,
    in_scope: &[&Rule],
) -> Result<(), Stop> {
    let random = SeededRandom::new(draft.moment.seed, draft.source.0.cast_unsigned());
    let desired = export_flow::desired(setup, object_type, object, in_scope, Some(random))?;
    let rule = in_scope.iter().find(|rule| rule.creates).or(in_scope.first());
    let Some(rule) = rule else { return Ok(()) };
    let dn = compose_dn(setup, &desired, rule)?;
    let dn_key = setup.dn_style.key(&dn);
    let reused = occupant(draft, setup, &dn_key, object_type, rule)?;
    add_missing_parents(draft, setup, &dn)?;
    let mut delta = draft.delta(WriteOperation::Add, Some(object.id), &rule.name);
    delta.changes = desired.changes;
    let state = CsState::Connector { mv: object.id, kind: ConnectorKind::Normal };
    let cs = match reused {
        // The account was to be deleted, but its owner is back before that happened.
        Some(mut cs) => {
            cs.state = state;
            cs.linked_by = Some(rule.name.clone());
            cs.export.pending = None;
            draft.put_cs(cs.clone());
            return update(draft, object, setup, &cs, in_scope);
        }
        None => CsObject {
            id: draft.new_cs_id(setup.id),
            object_type: object_type.clone(),
            anchor: None,
            dn,
            dn_key,
            state,
            linked_by: Some(rule.name.clone()),
            imported: None,
            pending_import: None,
            export: ExportStages { pending: Some(delta), ..ExportStages::default() },
            import_error: None,
        },
    };
    refuse_filtered(setup, &cs)?;
    let flows = cs.export.pending.as_ref().is_some_and(|d| !d.changes.is_empty());
    draft.outbound.push((setup.id, if flows { counter::ADD_FLOW } else { counter::ADD_NO_FLOW }));
    draft.put_cs(cs);
    Ok(())
}

fn compose_dn(setup: &ConnectorSetup, desired: &Desired, rule: &Rule) -> Result<String, Stop> {
    let Some(dn) = &desired.dn else {
        let message = format!("the rule gives no dn for a new object of {}", setup.name);
        return Err(fail("missing-provisioning-attribute", message, rule));
    };
    if setup.dn_style == DnStyle::Ldap {
        let refused = |reason: String| {
            let message = format!("the dn of a new object of {} {reason}", setup.name);
            fail("sync-rule-flow-provisioning-failed", message, rule)
        };
        let parsed = Dn::parse(dn).map_err(|error| refused(format!("is malformed: {error}")))?;
        if !setup.covers(&parsed) {
            return Err(refused("lies in none of its partitions".to_owned()));
        }
    }
    Ok(dn.clone())
}

/// Looks for who is at the DN already. Only an object that is about to be deleted, or a
/// placeholder, can be taken over.
fn occupant(
    draft: &mut Draft<'_>,
    setup: &ConnectorSetup,
    dn_key: &str,
    object_type: &Name,
    rule: &Rule,
) -> Result<Option<CsObject>, Stop> {
    for cs in draft.at_dn(setup.id, dn_key)? {
        let leaving = cs.export.pending.as_ref().map(|d| d.operation);
        match cs.state {
            CsState::Disconnector(DisconnectorKind::Explicit)
                if leaving == Some(WriteOperation::Delete) && cs.object_type == *object_type =>
            {
                return Ok(Some(Arc::unwrap_or_clone(cs)));
            }
            CsState::Placeholder => draft.remove_cs(cs.id),
            CsState::Connector { .. } | CsState::Disconnector(_) => {
                let message = format!(
                    "the name of the new object is taken in {} by {}; give the rule a relationship \
                     to join it, or another name",
                    setup.name, cs.id
                );
                return Err(fail("object-already-exists", message, rule));
            }
        }
    }
    Ok(None)
}

/// Ancestors that are not in the connector space get placeholders, so that the tree is whole and
/// an administrator sees what is missing.
fn add_missing_parents(
    draft: &mut Draft<'_>,
    setup: &ConnectorSetup,
    dn: &str,
) -> Result<(), Stop> {
    let Some(parent) = setup.dn_style.parent(dn) else { return Ok(()) };
    let dn_key = setup.dn_style.key(&parent);
    if !draft.at_dn(setup.id, &dn_key)?.is_empty() {
        return Ok(());
    }
    let placeholder = CsObject {
        id: draft.new_cs_id(setup.id),
        object_type: Name::new("container"),
        anchor: None,
        dn: parent,
        dn_key,
        state: CsState::Placeholder,
        linked_by: None,
        imported: None,
        pending_import: None,
        export: ExportStages::default(),
        import_error: None,
    };
    draft.put_cs(placeholder);
    Ok(())
}

/// Export attribute flow to an object that exists.
fn update(
    draft: &mut Draft<'_>,
    object: &MvObject,
    setup: &ConnectorSetup,
    cs: &CsObject,
    in_scope: &[&Rule],
) -> Result<(), Stop> {
    let desired = export_flow::desired(setup, &cs.object_type, object, in_scope, None)?;
    let before = cs.export.pending.as_ref();
    let mut delta = match before {
        Some(delta) if delta.operation == WriteOperation::Add => {
            let mut delta = delta.clone();
            delta.changes.retain(|name, _| is_initial(in_scope, name));
            delta
        }
        _ => draft.delta(WriteOperation::Update, Some(object.id), &desired.cause),
    };
    let baseline = baseline(cs);
    for (name, change) in desired.changes {
        // A value that this very object contributes need not be sent back to it.
        let own = export_flow::contributor(object, in_scope, &name) == Some(cs.id);
        let present = baseline.get(&name);
        let is_there = match &change.value {
            ExportValue::Set(values) => present == Some(values),
            ExportValue::Clear => present.is_none(),
            ExportValue::Secret => true,
        };
        if !own && !is_there {
            delta.changes.insert(name, change);
        }
    }
    let moved = rename(cs, desired.dn.as_deref(), &mut delta);
    let is_empty = delta.operation == WriteOperation::Update
        && delta.changes.is_empty()
        && delta.new_dn.is_none();
    let pending = (!is_empty).then(|| keep_origin(before, delta));
    let new_dn = |delta: Option<&ExportDelta>| delta.and_then(|d| d.new_dn.clone());
    let renamed = moved || new_dn(pending.as_ref()) != new_dn(before);
    let changed = pending.as_ref() != before || moved;
    draft.outbound.push((
        setup.id,
        match (renamed, changed) {
            (true, _) => counter::RENAME_FLOW,
            (false, true) => counter::FLOW,
            (false, false) => counter::NO_FLOW,
        },
    ));
    if !changed {
        return Ok(());
    }
    let mut cs = cs.clone();
    if moved && let Some(dn) = desired.dn {
        cs.dn_key = setup.dn_style.key(&dn);
        cs.dn = dn;
    }
    cs.export.pending = pending;
    refuse_filtered(setup, &cs)?;
    draft.put_cs(cs);
    Ok(())
}

/// What a provisioned object starts with is not worked out again before it is sent.
fn is_initial(in_scope: &[&Rule], attribute: &str) -> bool {
    let mut flows = in_scope.iter().flat_map(|rule| &rule.flows);
    flows.any(|flow| flow.initial && flow.to == *attribute)
}

/// An export that is planned again to the same effect stays the one it was, run and all.
fn keep_origin(before: Option<&ExportDelta>, after: ExportDelta) -> ExportDelta {
    match before {
        Some(before)
            if before.operation == after.operation
                && before.new_dn == after.new_dn
                && before.changes == after.changes
                && before.mv == after.mv =>
        {
            before.clone()
        }
        _ => after,
    }
}

/// What the connected system holds once everything already sent has arrived.
fn baseline(cs: &CsObject) -> Cow<'_, Attributes> {
    let nothing_sent = cs.export.escrow.is_none() && cs.export.unconfirmed.is_none();
    match &cs.imported {
        Some(imported) if nothing_sent => Cow::Borrowed(imported),
        _ => {
            let mut sent = cs.clone();
            sent.export.pending = None;
            Cow::Owned(sent.expected())
        }
    }
}

/// A persistent flow to `dn` moves the object; a change of case alone is a rename too. True if an
/// object that was never sent gets another name right away.
fn rename(cs: &CsObject, dn: Option<&str>, delta: &mut ExportDelta) -> bool {
    let Some(dn) = dn else { return false };
    if delta.operation == WriteOperation::Add {
        return cs.dn != dn;
    }
    let sent = [&cs.export.escrow, &cs.export.unconfirmed];
    let now = sent.into_iter().flatten().find_map(|d| d.new_dn.as_deref()).unwrap_or(&cs.dn);
    delta.new_dn = (now != dn).then(|| dn.to_owned());
    false
}

/// The target's own filter would cut the object off again at the next import.
fn refuse_filtered(setup: &ConnectorSetup, cs: &CsObject) -> Result<(), Stop> {
    let expected = cs.expected();
    let view = CsView::new(&expected, cs.expected_dn());
    let alternatives = setup.document.filters.get(&cs.object_type);
    if alternatives.into_iter().flatten().any(|scope| scope.holds(&view)) {
        return Err(Stop::Fail(PlanError {
            error_type: "connector-filter-rule-violation".to_owned(),
            step: "validate-connector-filter",
            message: format!("the object would match the connector filter of {}", setup.name),
            rule: cs.linked_by.clone(),
        }));
    }
    Ok(())
}

fn fail(error_type: &str, message: String, rule: &Rule) -> Stop {
    Stop::Fail(PlanError {
        error_type: error_type.to_owned(),
        step: "provisioning",
        message,
        rule: Some(rule.name.clone()),
    })
}
