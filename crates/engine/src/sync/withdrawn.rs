//! Exports of rules that are gone, or that a policy has taken from the object: what is staged and not
//! sent yet is withdrawn. Links and what was sent already stay.

use std::collections::BTreeSet;

use model::Name;
use store::{CsObject, ExportDelta, WriteOperation};

use super::draft::Draft;
use super::draft::connector_of;
use crate::counters::outbound as counter;

/// Withdraws from an object what rules have staged that do not exist any more, or are `removed`.
pub(super) fn withdraw(draft: &mut Draft<'_>, cs: &CsObject, removed: &BTreeSet<Name>) {
    let Some(before) = &cs.export.pending else { return };
    let rules = draft.policy.rules;
    let is_gone = |rule: &Name| rules.get(rule).is_none() || removed.contains(rule);
    let after = if before.operation == WriteOperation::Add {
        (!is_gone(&before.cause)).then(|| before.clone())
    } else {
        remaining(before, is_gone)
    };
    if after.as_ref() == Some(before) {
        return;
    }
    if cs.is_never_exported() {
        draft.remove_cs(cs.id);
        draft.outbound.push((connector_of(cs.id), counter::DISCONNECT));
        return;
    }
    let mut cs = cs.clone();
    cs.export.pending = after;
    if !cs.is_export_work() {
        cs.export.error = None;
    }
    draft.outbound.push((connector_of(cs.id), counter::FLOW));
    draft.put_cs(cs);
}

/// What is left of a change; the new name belongs to the rule behind it as a whole.
fn remaining(before: &ExportDelta, is_gone: impl Fn(&Name) -> bool) -> Option<ExportDelta> {
    let mut delta = before.clone();
    delta.changes.retain(|_, change| !is_gone(&change.rule));
    if is_gone(&delta.cause) {
        delta.new_dn = None;
    }
    let is_empty = delta.operation == WriteOperation::Update
        && delta.changes.is_empty()
        && delta.new_dn.is_none();
    (!is_empty).then_some(delta)
}
