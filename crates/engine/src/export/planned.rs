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

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use model::{AttributeSchema, ConnectorId, CsId, RunId, Value};
    use rules::{KindLimits, Limit, Limits};
    use store::{CsState, DisconnectorKind, ExportChange, ExportStages};

    use super::*;
    use crate::guard::{Side, Totals, check};

    const CONTROL: DisabledMark = DisabledMark::Bit { attribute: "userAccountControl", bit: 2 };

    fn delta(new_dn: Option<&str>, changes: &[(&str, ExportValue)]) -> ExportDelta {
        let change = |(name, value): &(&str, ExportValue)| {
            (Name::new(name), ExportChange { value: value.clone(), rule: Name::new("out") })
        };
        ExportDelta {
            operation: WriteOperation::Update,
            new_dn: new_dn.map(str::to_owned),
            changes: changes.iter().map(change).collect(),
            mv: None,
            cause: Name::new("out"),
            run: RunId(1),
        }
    }

    /// A group with three members, a mail address and an account that is enabled.
    fn object() -> CsObject {
        let mut attributes = Attributes::new();
        let members = ["a", "b", "c"].map(Value::reference).to_vec();
        attributes.set(Name::new("member"), Values::from_vec(members));
        attributes.set_one("mail", "all@contoso.example");
        attributes.set_one("userAccountControl", 512_i64);
        CsObject {
            id: CsId::new(ConnectorId(1), 1),
            object_type: Name::new("group"),
            anchor: Some("1".to_owned()),
            dn: "CN=all".to_owned(),
            dn_key: "cn=all".to_owned(),
            state: CsState::Disconnector(DisconnectorKind::Normal),
            linked_by: None,
            imported: Some(attributes),
            pending_import: None,
            export: ExportStages::default(),
            import_error: None,
            needs_sync: false,
            reference_retry: false,
        }
    }

    /// The kinds that one object of one change counts for, and the first of them as a sentence.
    fn kinds(object: CsObject, delta: ExportDelta) -> (Vec<&'static str>, String) {
        let member = AttributeSchema::multi(ValueType::Reference);
        let group = BTreeMap::from([(Name::new("member"), member)]);
        let schema = Schema { types: BTreeMap::from([(Name::new("group"), group)]) };
        let planned = planned(&[(object, delta)], &schema, Some(CONTROL));
        let mut found = Vec::new();
        let mut text = String::new();
        for (word, kind) in ChangeKind::ALL {
            let none = KindLimits::from([(kind, Limit { count: Some(0), percent: None })]);
            let limits = Limits { all: none, by_type: BTreeMap::new() };
            let totals = Totals { all: 9, by_type: BTreeMap::new() };
            let outcome = check(&limits, &planned, &totals, Side::Export, &BTreeSet::new());
            if let Err(error) = outcome {
                found.push(word);
                text = error.to_string();
            }
        }
        (found, text)
    }

    #[test]
    fn members_that_leave_are_counted_of_those_there_are() {
        let left = Values::one(Value::reference("b"));
        let (found, text) = kinds(object(), delta(None, &[("member", ExportValue::Set(left))]));
        assert_eq!(found, ["update", "member_removal"]);
        assert!(text.starts_with("2 of 3 members of objects would be removed"), "{text}");
        let (found, text) = kinds(object(), delta(None, &[("member", ExportValue::Clear)]));
        assert_eq!(found, ["update", "member_removal", "attribute_blanking"]);
        assert!(text.starts_with("1 of 9 objects would lose the value of an attribute"), "{text}");
        let more = ["a", "b", "c", "d"].map(Value::reference).to_vec();
        let more = Values::from_vec(more).unwrap();
        let (found, _) = kinds(object(), delta(None, &[("member", ExportValue::Set(more))]));
        assert_eq!(found, ["update"]);
    }

    #[test]
    fn a_rename_is_a_move_and_only_changed_attributes_are_an_update() {
        assert_eq!(kinds(object(), delta(Some("CN=other"), &[])).0, ["move"]);
        let mail = ("mail", ExportValue::Set(Values::one("x@contoso.example")));
        assert_eq!(kinds(object(), delta(Some("CN=other"), &[mail])).0, ["update", "move"]);
        assert_eq!(kinds(object(), delta(None, &[("fax", ExportValue::Clear)])).0, ["update"]);
    }

    #[test]
    fn what_was_sent_and_not_yet_imported_is_what_the_system_has() {
        let disabled = ("userAccountControl", ExportValue::Set(Values::one(514_i64)));
        let change = delta(None, std::slice::from_ref(&disabled));
        assert_eq!(kinds(object(), change.clone()).0, ["update", "disable"]);
        let mut sent = object();
        sent.export.unconfirmed = Some(change.clone());
        assert_eq!(kinds(sent, change).0, ["update"]);
    }
}
