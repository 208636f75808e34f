//! What an export is about to do, by kind of change. Pure.

use connector::DisabledMark;
use model::{Attributes, Name, Schema, ValueType, Values};
use rules::ChangeKind;
use store::{CsObject, ExportDelta, ExportValue, WriteOperation};

use crate::guard::Planned;

/// Counts the work. An object can count for several kinds: one that is disabled is changed, too.
pub(super) fn planned(
    work: &[(CsObject, ExportDelta)],
    schema: &Schema,
    mark: Option<DisabledMark>,
) -> Planned {
    let mut planned = Planned::default();
    for (object, delta) in work {
        match delta.operation {
            WriteOperation::Add => count(&mut planned, ChangeKind::Create, object),
            WriteOperation::Delete => count(&mut planned, ChangeKind::Delete, object),
            WriteOperation::Update => count_update(&mut planned, object, delta, schema, mark),
        }
    }
    planned
}

fn count(planned: &mut Planned, kind: ChangeKind, object: &CsObject) {
    planned.count(kind, &object.object_type, &object.dn);
}

fn count_update(
    planned: &mut Planned,
    object: &CsObject,
    delta: &ExportDelta,
    schema: &Schema,
    mark: Option<DisabledMark>,
) {
    let before = before(object);
    if delta.new_dn.as_ref().is_some_and(|dn| *dn != object.dn) {
        count(planned, ChangeKind::Move, object);
    }
    if !delta.changes.is_empty() {
        count(planned, ChangeKind::Update, object);
    }
    let mut blanks = false;
    for (name, change) in &delta.changes {
        let old = before.get(name);
        let new = match &change.value {
            ExportValue::Set(values) => Some(values),
            ExportValue::Clear => None,
            ExportValue::Secret => continue,
        };
        blanks |= old.is_some() && new.is_none();
        let disables = |mark: DisabledMark| {
            *name == *mark.attribute() && mark.is_disabled(new) && !mark.is_disabled(old)
        };
        if mark.is_some_and(disables) {
            count(planned, ChangeKind::Disable, object);
        }
        let removed = removed_members(schema, &object.object_type, name, (old, new));
        if removed > 0 {
            let of = old.map_or(0, Values::len) as u64;
            let kind = ChangeKind::MemberRemoval;
            planned.add(kind, &object.object_type, &object.dn, (removed, of));
        }
    }
    if blanks {
        count(planned, ChangeKind::AttributeBlanking, object);
    }
}

/// What the connected system has: as last imported, with what was sent since.
fn before(object: &CsObject) -> Attributes {
    let mut attributes = object.imported.clone().unwrap_or_default();
    for (name, change) in object.export.unconfirmed.iter().flat_map(|delta| &delta.changes) {
        match &change.value {
            ExportValue::Set(values) => attributes.set(name.clone(), Some(values.clone())),
            ExportValue::Clear => attributes.set(name.clone(), None),
            ExportValue::Secret => {}
        }
    }
    attributes
}

/// References that leave an attribute with several of them.
fn removed_members(
    schema: &Schema,
    object_type: &Name,
    attribute: &Name,
    (old, new): (Option<&Values>, Option<&Values>),
) -> u64 {
    let is_group = schema
        .attribute(object_type, attribute)
        .is_some_and(|a| a.multi_valued && a.value_type == ValueType::Reference);
    if !is_group {
        return 0;
    }
    let leaves = |value: &&model::Value| !new.is_some_and(|new| new.contains(value));
    old.map_or(0, |old| old.iter().filter(leaves).count()) as u64
}
