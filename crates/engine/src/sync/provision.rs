//! Provisioning and export attribute flow: what the connected systems should hold for one
//! metaverse object.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{Attributes, Dn, DnStyle, MvId, Name};
use rules::{Applies, Rule, WhenOutOfScope};
use store::{
    ConnectorKind, CsObject, CsState, ExportDelta, ExportStages, ExportValue, MvObject,
    WriteOperation,
};

use super::containers;
use super::deprovision;
use super::draft::{Draft, PlanError, Stop, connector_of};
use super::entries::Entries;
use super::export_flow::{self, Desired};
use super::policy::{Judged, Standings};
use super::random::SeededRandom;
use super::trace::{Provisioning, ScopeTest};
use super::view::{CsView, MvView};
use super::withdrawn;
use crate::alike::lead_alike;
use crate::counters::outbound as counter;
use crate::import;
use crate::limits::DN_LEVELS_MAX;
use crate::setup::ConnectorSetup;

/// One connector and object type that outbound rules write to.
pub(super) struct Target<'a> {
    /// The connector.
    pub(super) setup: &'a ConnectorSetup,
    /// The object type.
    pub(super) object_type: Name,
    /// All rules that write there, and whether they apply to the metaverse object.
    rules: Vec<(&'a Rule, bool)>,
    /// Those that apply.
    pub(super) in_scope: Vec<&'a Rule>,
    /// Those that disable its object, where it is in the scope of none.
    pub(super) disabling: Vec<&'a Rule>,
    /// The rules there that policies have taken from it.
    removed: BTreeSet<Name>,
    /// The rule that lets go of the objects there, if there is one.
    releasing: Option<&'a Rule>,
    /// The objects there that are linked to it.
    pub(super) linked: Vec<Arc<CsObject>>,
}

impl<'a> Target<'a> {
    /// The rules whose flows run.
    pub(super) fn acting(&self) -> &[&'a Rule] {
        if self.in_scope.is_empty() { &self.disabling } else { &self.in_scope }
    }
}

/// The targets of a metaverse object, in order of connector and type.
pub(super) fn targets<'a>(
    draft: &mut Draft<'a>,
    object: &MvObject,
) -> Result<Vec<Target<'a>>, Stop> {
    let policy = draft.policy;
    let mut by_place: BTreeMap<(Name, Name), Vec<&Rule>> = BTreeMap::new();
    for rule in policy.rules.outbound(&object.object_type) {
        by_place.entry((rule.connector.clone(), rule.object.clone())).or_default().push(rule);
    }
    let linked = draft.linked(object.id)?;
    let entries = Entries::of(draft, object)?;
    let judged = Judged::new(policy, object, &linked, &entries);
    let targets = by_place.into_iter().filter_map(|((connector, object_type), all)| {
        let setup = policy.setup.connector(&connector)?;
        let standings = Standings::of(&judged, &all);
        let Standings { in_scope, out_of_scope, any_waits } = standings;
        let applies = |rule: &Rule| in_scope.iter().any(|other| other.name == rule.name);
        let rules = all.into_iter().map(|rule| (rule, applies(rule))).collect();
        let removed = out_of_scope.iter().filter(|rule| rule.applies == Applies::Policy);
        let removed = removed.map(|rule| rule.name.clone()).collect();
        let is_wanted = any_waits || !in_scope.is_empty();
        let out = if is_wanted { Vec::new() } else { out_of_scope };
        let disables = |rule: &&Rule| rule.when_out_of_scope == WhenOutOfScope::Disable;
        let disabling = out.iter().copied().filter(disables).collect();
        let releasing = out.into_iter().find(|rule| rule.when_out_of_scope.lets_go());
        let there =
            |cs: &&Arc<CsObject>| connector_of(cs.id) == setup.id && cs.object_type == object_type;
        let linked = linked.iter().filter(there).cloned().collect();
        Some(Target { setup, object_type, rules, in_scope, removed, disabling, releasing, linked })
    });
    Ok(targets.collect())
}

/// Brings every target connector space in line with the metaverse object. What exists has been
/// connected before, and what nobody wants has been released.
pub(super) fn outbound(draft: &mut Draft<'_>, mv: MvId) -> Result<(), Stop> {
    let Some(object) = draft.mv(mv)? else { return Ok(()) };
    let (mut served, mut removed) = (BTreeSet::new(), BTreeSet::new());
    for mut target in targets(draft, &object)? {
        give_way(draft, &mut target);
        draft.record(|trace| trace.provisioning.push(asked(&object, &target)));
        removed.append(&mut target.removed);
        if !(target.in_scope.is_empty() && target.disabling.is_empty()) {
            served.insert((target.setup.id, target.object_type.clone()));
        }
        if target.in_scope.is_empty() {
            disable(draft, &object, &target)?;
            continue;
        }
        if !target.linked.is_empty() {
            let there = target.linked.iter().filter(|cs| !cs.is_gone());
            there.into_iter().try_for_each(|cs| update(draft, &object, &target, cs))?;
        } else if target.in_scope.iter().any(|rule| rule.creates) {
            create(draft, &object, &target)?;
        }
    }
    for cs in draft.linked(mv)? {
        if !served.contains(&(connector_of(cs.id), cs.object_type.clone())) {
            withdrawn::withdraw(draft, &cs, &removed);
        }
    }
    if draft.linked(mv)?.is_empty() {
        draft.remove_mv(mv);
    }
    Ok(())
}

/// Disables the objects of a metaverse object that is in the scope of no rule, where rules say how. One
/// that was never sent need not be made for that.
fn disable(draft: &mut Draft<'_>, object: &MvObject, target: &Target<'_>) -> Result<(), Stop> {
    let Some(rule) = target.disabling.first() else { return Ok(()) };
    for cs in target.linked.iter().filter(|cs| !cs.is_gone()) {
        if cs.is_never_exported() {
            deprovision::deprovision(draft, cs, &rule.name)?;
            draft.outbound.push((target.setup.id, counter::DISCONNECT));
        } else {
            update(draft, object, target, cs)?;
        }
    }
    Ok(())
}

/// What the rules of a target were asked.
fn asked(object: &MvObject, target: &Target<'_>) -> Provisioning {
    let view = MvView::new(object);
    let rules = target
        .rules
        .iter()
        .map(|(rule, applies)| ScopeTest { applies: *applies, ..ScopeTest::of(rule, &view) });
    Provisioning {
        mv: object.id,
        connector: target.setup.name.clone(),
        object_type: target.object_type.clone(),
        rules: rules.collect(),
        linked: target.linked.len(),
    }
}

/// An object that was to be created and is not sent yet gives way to one that turned out to exist.
fn give_way(draft: &mut Draft<'_>, target: &mut Target<'_>) {
    if target.linked.iter().all(|cs| cs.is_never_exported()) {
        return;
    }
    target.linked.retain(|cs| {
        let is_planned = cs.is_never_exported();
        if is_planned {
            draft.remove_cs(cs.id);
        }
        !is_planned
    });
}

/// Lets go of objects that no rule wants any more. True if there were any: what they contributed is
/// to be recalled before anything else flows out.
pub(super) fn release(draft: &mut Draft<'_>, mv: MvId) -> Result<bool, Stop> {
    let Some(object) = draft.mv(mv)? else { return Ok(false) };
    let mut released = false;
    for target in targets(draft, &object)? {
        let Some(rule) = target.releasing else { continue };
        for cs in &target.linked {
            if rule.when_out_of_scope == WhenOutOfScope::Delete {
                deprovision::delete(draft, cs, &rule.name)?;
            } else {
                deprovision::deprovision(draft, cs, &rule.name)?;
            }
            draft.outbound.push((target.setup.id, counter::DISCONNECT));
            released = true;
        }
    }
    Ok(released)
}

fn create(draft: &mut Draft<'_>, object: &MvObject, target: &Target<'_>) -> Result<(), Stop> {
    let setup = target.setup;
    let random = SeededRandom::new(draft.moment.seed, draft.source.0.cast_unsigned());
    let desired = export_flow::desired(draft, target, object, None, Some(random))?;
    let Some(rule) = target.in_scope.iter().find(|rule| rule.creates) else { return Ok(()) };
    let dn = compose_dn(setup, &desired, rule)?;
    let dn_key = setup.dn_style.key(&dn);
    clear_name(draft, setup, &dn_key, rule)?;
    add_missing_parents(draft, setup, (&dn, &dn_key))?;
    let id = draft.new_cs_id(setup.id);
    draft.record(|trace| trace.export_flow.push((id, desired.traced)));
    let mut delta = draft.delta(WriteOperation::Add, Some(object.id), &rule.name);
    delta.changes = desired.changes;
    let cs = CsObject {
        id,
        object_type: target.object_type.clone(),
        anchor: None,
        dn,
        dn_key,
        state: CsState::Connector { mv: object.id, kind: ConnectorKind::Normal },
        linked_by: Some(rule.name.clone()),
        imported: None,
        pending_import: None,
        export: ExportStages { pending: Some(delta), ..ExportStages::default() },
        import_error: None,
        needs_sync: false,
        reference_retry: false,
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
        return Err(fail("missing-provisioning-attribute", message, &rule.name));
    };
    check_dn(setup, dn, &rule.name)?;
    Ok(dn.clone())
}

/// Refuses names that the connector could never give.
fn check_dn(setup: &ConnectorSetup, dn: &str, rule: &Name) -> Result<(), Stop> {
    if setup.dn_style != DnStyle::Ldap {
        return Ok(());
    }
    let refused = |reason: String| {
        let message = format!("the dn of an object of {} {reason}", setup.name);
        fail("sync-rule-flow-provisioning-failed", message, rule)
    };
    let parsed = Dn::parse(dn).map_err(|error| refused(format!("is malformed: {error}")))?;
    if import::is_too_deep(dn, setup.dn_style) {
        return Err(refused(format!("has more than {DN_LEVELS_MAX} levels")));
    }
    if setup.covers(&parsed) {
        Ok(())
    } else {
        Err(refused("lies in none of its partitions".to_owned()))
    }
}

/// Makes sure that nobody is at the DN; a placeholder gives way.
fn clear_name(
    draft: &mut Draft<'_>,
    setup: &ConnectorSetup,
    dn_key: &str,
    rule: &Rule,
) -> Result<(), Stop> {
    for cs in draft.at_dn(setup.id, dn_key)? {
        if cs.state != CsState::Placeholder {
            let message = format!(
                "the name of the new object is taken in {} by {}; give the rule a relationship \
                 to join it, or another name",
                setup.name, cs.id
            );
            return Err(fail("object-already-exists", message, &rule.name));
        }
        draft.remove_cs(cs.id);
    }
    Ok(())
}

/// The key of the name above one, where names form a tree.
pub(super) fn parent_key<'k>(setup: &ConnectorSetup, dn_key: &'k str) -> Option<&'k str> {
    model::keys_above(dn_key).next().filter(|_| setup.dn_style == DnStyle::Ldap)
}

/// Ancestors that are not in the connector space get placeholders, so that the tree is whole and
/// an administrator sees what is missing.
fn add_missing_parents(
    draft: &mut Draft<'_>,
    setup: &ConnectorSetup,
    (dn, dn_key): (&str, &str),
) -> Result<(), Stop> {
    let Some(parent_key) = parent_key(setup, dn_key) else { return Ok(()) };
    if !draft.at_dn(setup.id, parent_key)?.is_empty() {
        return Ok(());
    }
    let Some(parent) = setup.dn_style.parent(dn) else { return Ok(()) };
    let dn_key = setup.dn_style.key(&parent);
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
        needs_sync: false,
        reference_retry: false,
    };
    draft.put_cs(placeholder);
    Ok(())
}

/// Export attribute flow to an object that exists.
fn update(
    draft: &mut Draft<'_>,
    object: &MvObject,
    target: &Target<'_>,
    cs: &CsObject,
) -> Result<(), Stop> {
    let (setup, acting) = (target.setup, target.acting());
    let desired = export_flow::desired(draft, target, object, Some(cs), None)?;
    draft.record(|trace| trace.export_flow.push((cs.id, desired.traced.clone())));
    let before = cs.export.pending.as_ref();
    let mut delta = match before {
        Some(delta) if delta.operation == WriteOperation::Add => {
            let mut delta = delta.clone();
            delta.changes.retain(|name, _| is_initial(acting, name));
            delta
        }
        _ => draft.delta(WriteOperation::Update, Some(object.id), &desired.cause),
    };
    let baseline = baseline(cs);
    let wanted: BTreeSet<Name> = desired.changes.keys().cloned().collect();
    for (name, change) in desired.changes {
        // A value that this very object contributes need not be sent back to it.
        let own = export_flow::contributor(draft, object, target, &name) == Some(cs.id);
        // An initial value goes out before a persistent one takes its place.
        let waits = delta.operation == WriteOperation::Add && delta.changes.contains_key(&name);
        let present = baseline.get(&name);
        let is_there = match &change.value {
            ExportValue::Set(values) => {
                present == Some(values)
                    || lead_alike(setup.dn_style, &desired.renamed, present, values)
            }
            ExportValue::Clear => present.is_none(),
            ExportValue::Secret => true,
        };
        if !own && !waits && !is_there {
            delta.changes.insert(name, change);
        }
    }
    keep_ignored(before, (&desired.ignored, &wanted), desired.dn.is_some(), &mut delta);
    let moved = rename(setup, cs, desired.dn.as_deref(), &mut delta)?;
    if moved {
        containers::refuse_rename(draft, cs)?;
    }
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
    // There is nothing left that could fail.
    if !cs.is_export_work() {
        cs.export.error = None;
    }
    refuse_filtered(setup, &cs)?;
    draft.put_cs(cs);
    Ok(())
}

/// What a flow staged before it was ignored stays, unless another flow wants something else.
fn keep_ignored(
    before: Option<&ExportDelta>,
    (ignored, wanted): (&BTreeSet<(Name, Name)>, &BTreeSet<Name>),
    has_dn: bool,
    delta: &mut ExportDelta,
) {
    let Some(before) = before.filter(|before| before.operation == delta.operation) else { return };
    for (name, change) in &before.changes {
        let is_ignored = ignored.contains(&(name.clone(), change.rule.clone()));
        if is_ignored && !wanted.contains(name) {
            delta.changes.insert(name.clone(), change.clone());
        }
    }
    if ignored.iter().any(|(name, _)| *name == "dn") && !has_dn {
        delta.new_dn.clone_from(&before.new_dn);
    }
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
fn rename(
    setup: &ConnectorSetup,
    cs: &CsObject,
    dn: Option<&str>,
    delta: &mut ExportDelta,
) -> Result<bool, Stop> {
    let Some(dn) = dn else { return Ok(false) };
    let sent = [&cs.export.escrow, &cs.export.unconfirmed];
    let now = sent.into_iter().flatten().find_map(|d| d.new_dn.as_deref()).unwrap_or(&cs.dn);
    if setup.dn_style.is_same(now, dn) {
        return Ok(false);
    }
    check_dn(setup, dn, &delta.cause)?;
    if delta.operation == WriteOperation::Add {
        return Ok(true);
    }
    delta.new_dn = Some(dn.to_owned());
    Ok(false)
}

/// The target's own filter would cut the object off again at the next import; what an administrator
/// linked it does not look at.
fn refuse_filtered(setup: &ConnectorSetup, cs: &CsObject) -> Result<(), Stop> {
    if matches!(cs.state, CsState::Connector { kind: ConnectorKind::Explicit, .. }) {
        return Ok(());
    }
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

fn fail(error_type: &str, message: String, rule: &Name) -> Stop {
    Stop::Fail(PlanError {
        error_type: error_type.to_owned(),
        step: "provisioning",
        message,
        rule: Some(rule.clone()),
    })
}
