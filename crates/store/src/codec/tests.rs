//! Round trips of arbitrary records, and decoding of octets that nobody encoded.

use model::{AttributeChange, Attributes, Changes, CsId, MvId, Name, RunId, Timestamp};
use model::{Value, Values};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

use super::*;
use crate::{
    ExportChange, ExportDelta, ExportStages, ExportValue, ImportOperation, Lineage, MvAttribute,
    ObjectError, PendingImport, Share, Shares, StoreError, Undo, WriteOperation,
};

fn any_name() -> impl Strategy<Value = Name> {
    "[a-f]{1,2}".prop_map(Name::from)
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        "[a-z]{0,3}".prop_map(|text| Value::string(&text)),
        any::<i64>().prop_map(Value::Integer),
        any::<bool>().prop_map(Value::Boolean),
        vec(any::<u8>(), 0..200).prop_map(|bytes| Value::binary(&bytes)),
        "[a-zé]{0,3}".prop_map(|text| Value::reference(&text)),
        any::<i64>().prop_map(|n| Value::DateTime(Timestamp(n))),
    ]
}

fn any_values() -> impl Strategy<Value = Values> {
    prop_oneof![
        any_value().prop_map(Values::one),
        vec(any_value(), 1..5).prop_filter_map("no value", Values::from_vec),
        vec(any::<i64>(), 2..300).prop_filter_map("no value", |n| Values::from_vec(
            n.into_iter().map(Value::Integer).collect()
        )),
    ]
}

fn any_attributes() -> impl Strategy<Value = Attributes> {
    btree_map(any_name(), any_values(), 0..6).prop_map(|map| map.into_iter().collect())
}

fn any_changes() -> impl Strategy<Value = Changes> {
    let change = prop_oneof![
        any_values().prop_map(AttributeChange::Set),
        Just(AttributeChange::Clear),
        (vec(any_value(), 0..3), vec(any_value(), 0..3))
            .prop_map(|(add, remove)| AttributeChange::Update { add, remove }),
    ];
    btree_map(any_name(), change, 0..4)
}

fn any_error() -> impl Strategy<Value = ObjectError> {
    let text = || "[a-zß ]{0,8}";
    (text(), text(), text(), option::of(text()), option::of(any_name()), any::<i64>(), any::<u32>())
        .prop_map(|(error_type, step, message, code, rule, at, count)| ObjectError {
            error_type,
            step,
            message,
            code,
            rule,
            first_occurred: Timestamp(at),
            count,
        })
}

fn any_delta() -> impl Strategy<Value = ExportDelta> {
    let value = prop_oneof![
        any_values().prop_map(ExportValue::Set),
        Just(ExportValue::Clear),
        Just(ExportValue::Secret),
    ];
    let change = (value, any_name()).prop_map(|(value, rule)| ExportChange { value, rule });
    let operation = prop_oneof![
        Just(WriteOperation::Add),
        Just(WriteOperation::Update),
        Just(WriteOperation::Delete)
    ];
    (
        operation,
        option::of("[a-z=,]{0,20}"),
        btree_map(any_name(), change, 0..4),
        option::of(any::<i64>().prop_map(MvId)),
        any_name(),
        any::<i64>(),
    )
        .prop_map(|(operation, new_dn, changes, mv, cause, run)| ExportDelta {
            operation,
            new_dn,
            changes,
            mv,
            cause,
            run: RunId(run),
        })
}

fn any_stages() -> impl Strategy<Value = ExportStages> {
    let delta = || option::of(any_delta());
    let altered = btree_map(any_name(), any::<u32>(), 0..3);
    (delta(), delta(), delta(), option::of(any_error()), altered).prop_map(
        |(pending, escrow, unconfirmed, error, altered)| ExportStages {
            pending,
            escrow,
            unconfirmed,
            error,
            altered,
        },
    )
}

fn any_pending() -> impl Strategy<Value = PendingImport> {
    let operation = prop_oneof![
        Just(ImportOperation::Add),
        Just(ImportOperation::Update),
        Just(ImportOperation::Delete),
        Just(ImportOperation::DeleteAdd),
    ];
    (operation, option::of("[a-z]{0,4}"), option::of(any_name()), any_changes(), any::<i64>())
        .prop_map(|(operation, dn, object_type, changes, run)| PendingImport {
            operation,
            undo: Undo { dn, object_type, changes },
            run: RunId(run),
        })
}

fn any_shares() -> impl Strategy<Value = Shares> {
    let share = btree_map((0_i64..3, any_name()), any_values(), 1..4).prop_map(|shares| {
        let share = |((object, rule), values)| Share { object: CsId(object), rule, values };
        shares.into_iter().map(share).collect()
    });
    btree_map(any_name(), share, 0..3)
}

fn any_mv() -> impl Strategy<Value = MvAttributes> {
    let lineage = (0_i64..3, any_name(), 0_i64..3, any::<i64>()).prop_map(|(o, rule, run, at)| {
        Lineage { object: CsId(o), rule, run: RunId(run), at: Timestamp(at) }
    });
    let attribute =
        (any_values(), lineage).prop_map(|(values, lineage)| MvAttribute { values, lineage });
    btree_map(any_name(), attribute, 0..5)
}

/// A table in which every name of the strategies has an id.
fn full_table() -> NameTable {
    let mut names = NameTable::default();
    for first in 'a'..='f' {
        for second in std::iter::once(String::new()).chain(('a'..='f').map(String::from)) {
            names.id(&Name::from(format!("{first}{second}"))).unwrap();
        }
    }
    names
}

fn corrupt_or_same<T>(
    bytes: &[u8],
    decoded: Result<T, StoreError>,
    encode: impl Fn(&T, &mut NameTable) -> Result<Vec<u8>, StoreError>,
) {
    match decoded {
        Ok(record) => {
            let again = encode(&record, &mut full_table()).unwrap();
            assert_eq!(again.len(), bytes.len(), "another spelling was accepted");
        }
        Err(error) => assert!(matches!(error, StoreError::Corrupt { .. }), "{error:?}"),
    }
}

proptest! {
    #[test]
    fn attribute_sets_survive_and_are_canonical(set in any_attributes(), absent in any_name()) {
        let mut names = NameTable::default();
        let bytes = encode_attributes(&set, &mut names).unwrap();
        prop_assert_eq!(&decode_attributes(&bytes, &names).unwrap(), &set);
        names.id(&absent).unwrap();
        for name in set.iter().map(|(name, _)| name).chain([&absent]) {
            let id = names.get(name).unwrap();
            prop_assert_eq!(attribute(&bytes, id).unwrap(), set.get(name).cloned());
        }
        for length in 0..bytes.len() {
            prop_assert!(decode_attributes(&bytes[..length], &names).is_err());
        }
    }

    #[test]
    fn changes_survive(changes in any_changes()) {
        let mut names = NameTable::default();
        let bytes = encode_changes(&changes, &mut names).unwrap();
        prop_assert_eq!(decode_changes(&bytes, &names).unwrap(), changes);
    }

    #[test]
    fn pending_imports_survive(pending in any_pending()) {
        let mut names = NameTable::default();
        let bytes = encode_pending_import(&pending, &mut names).unwrap();
        prop_assert_eq!(decode_pending_import(&bytes, &names).unwrap(), pending);
    }

    #[test]
    fn export_stages_survive(stages in any_stages()) {
        let mut names = NameTable::default();
        let bytes = encode_export(&stages, &mut names).unwrap();
        prop_assert_eq!(decode_export(&bytes, &names).unwrap(), stages);
    }

    #[test]
    fn object_errors_survive(error in any_error()) {
        let mut names = NameTable::default();
        let bytes = encode_object_error(&error, &mut names).unwrap();
        prop_assert_eq!(decode_object_error(&bytes, &names).unwrap(), error);
    }

    #[test]
    fn counters_survive(counters in btree_map("[a-z]{0,9}", any::<u64>(), 0..5)) {
        let bytes = encode_counters(&counters);
        prop_assert_eq!(decode_counters(&bytes).unwrap(), counters);
    }

    #[test]
    fn metaverse_objects_survive(object in any_mv(), shares in any_shares()) {
        let mut names = NameTable::default();
        let bytes = encode_mv(&object, &shares, &mut names).unwrap();
        prop_assert_eq!(bytes[0], if shares.is_empty() { 1 } else { 2 });
        let (attributes, given) = decode_mv(&bytes, &names).unwrap();
        prop_assert_eq!((&attributes, &given), (&object, &shares));
        for (name, attribute) in &object {
            let id = names.get(name).unwrap();
            prop_assert_eq!(mv_attribute(&bytes, id).unwrap(), Some(attribute.values.clone()));
        }
    }

    #[test]
    fn foreign_octets_are_corrupt(mut bytes in vec(any::<u8>(), 0..64)) {
        if let Some(first) = bytes.first_mut() {
            *first = 1;
        }
        decode_everything(&bytes);
    }

    #[test]
    fn damaged_records_are_corrupt(
        set in any_attributes(), stages in any_stages(), object in any_mv(), shares in any_shares(),
        pending in any_pending(), at: prop::sample::Index, flip in 1_u8..
    ) {
        let mut names = full_table();
        for mut bytes in [
            encode_attributes(&set, &mut names).unwrap(),
            encode_export(&stages, &mut names).unwrap(),
            encode_mv(&object, &shares, &mut names).unwrap(),
            encode_pending_import(&pending, &mut names).unwrap(),
        ] {
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
            decode_everything(&bytes);
        }
    }
}

fn decode_everything(bytes: &[u8]) {
    let names = full_table();
    if let Ok(set) = decode_attributes(bytes, &names) {
        assert_eq!(encode_attributes(&set, &mut full_table()).unwrap(), bytes);
    }
    corrupt_or_same(bytes, decode_changes(bytes, &names), encode_changes);
    corrupt_or_same(bytes, decode_pending_import(bytes, &names), encode_pending_import);
    corrupt_or_same(bytes, decode_export(bytes, &names), encode_export);
    corrupt_or_same(bytes, decode_object_error(bytes, &names), encode_object_error);
    corrupt_or_same(bytes, decode_counters(bytes), |c, _| Ok(encode_counters(c)));
    for decoded in [attribute(bytes, 3), mv_attribute(bytes, 3)] {
        assert!(matches!(decoded, Ok(_) | Err(StoreError::Corrupt { .. })));
    }
    assert!(matches!(decode_mv(bytes, &names), Ok(_) | Err(StoreError::Corrupt { .. })));
}

#[test]
fn an_attribute_set_has_the_documented_octets() {
    let mut set = Attributes::new();
    set.set_one("mail", "a@x");
    set.set_one("enabled", true);
    set.set(Name::new("age"), Values::from_vec(vec![Value::Integer(2), Value::Integer(1)]));
    let mut names = NameTable::default();
    for name in ["mail", "enabled", "age"] {
        names.id(&Name::new(name)).unwrap();
    }
    let expected = [
        &[1, 3][..],
        &[0, 1, 3, b'a', b'@', b'x'],
        &[1, 3, 1, 1],
        &[2, 0x82, 18, 8, 1, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0, 0, 0, 0, 0],
    ]
    .concat();
    assert_eq!(encode_attributes(&set, &mut names).unwrap(), expected);
}

#[test]
fn there_is_no_id_past_the_last() {
    let mut names = NameTable::default();
    for n in 0..=u16::MAX {
        assert_eq!(names.id(&Name::from(n.to_string())).unwrap(), n);
    }
    assert_eq!(names.id(&Name::new("7")).unwrap(), 7);
    assert!(matches!(names.id(&Name::new("one more")), Err(StoreError::Unavailable { .. })));
    assert_eq!(names.since(65_535).collect::<Vec<_>>(), [(65_535, &Name::new("65535"))]);
}
