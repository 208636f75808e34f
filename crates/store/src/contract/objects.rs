//! Checks of connector-space objects: parts, pages, counts and key maps.

use std::collections::BTreeMap;

use model::{ConnectorId, CsId, Image, MvId};

use super::samples::{
    begin, delta, full, imported, inserts, linked, name, object_error, pending_import, update,
};
use crate::{
    Batch, CsCounts, CsObject, CsState, CsWrite, DisconnectorKind, ImportOperation, KeyEntry,
    Parts, Scope, Store, StoreError, WriteOperation,
};

/// A connector keeps the number it got first.
pub async fn connectors_get_numbers_once(store: &dyn Store) -> Result<(), StoreError> {
    let guests = store.connector_id(&name("guests")).await?;
    let directory = store.connector_id(&name("directory")).await?;
    assert_ne!(guests, directory);
    assert_eq!(store.connector_id(&name("guests")).await?, guests);
    let expected = BTreeMap::from([(guests, name("guests")), (directory, name("directory"))]);
    assert_eq!(store.connectors().await?, expected);
    Ok(())
}

/// Sequence numbers of a connector and metaverse ids are handed out once.
pub async fn ids_are_reserved_once(store: &dyn Store) -> Result<(), StoreError> {
    let guests = store.connector_id(&name("guests")).await?;
    let directory = store.connector_id(&name("directory")).await?;
    assert_eq!(store.allocate_cs(guests, 3).await?, 1);
    assert_eq!(store.allocate_cs(guests, 1).await?, 4);
    assert_eq!(store.allocate_cs(directory, 1).await?, 1);
    assert_eq!(store.allocate_mv(2).await?, MvId(1));
    assert_eq!(store.allocate_mv(1).await?, MvId(3));
    Ok(())
}

/// What goes in comes out, in id order, without ids that are unknown.
pub async fn every_part_of_an_object_is_kept(store: &dyn Store) -> Result<(), StoreError> {
    let (connector, lease) = begin(store, "guests").await?;
    let id = |n| CsId::new(connector, n);
    let mut empty = imported(id(3), "c");
    empty.imported = Some(model::Attributes::new());
    let mut provisioned = imported(id(2), "b");
    provisioned.imported = None;
    provisioned.anchor = None;
    provisioned.dn_key = provisioned.dn.clone();
    let objects = [full(id(1), "a"), provisioned, empty];
    store.commit(&lease, inserts(&objects)).await?;
    let loaded = store.load_cs(&[id(3), id(7), id(1), id(2), id(1)]).await?;
    assert_eq!(loaded, objects);
    Ok(())
}

/// An update changes the parts it names; the others are as stored.
pub async fn only_named_parts_are_written(store: &dyn Store) -> Result<(), StoreError> {
    let (connector, lease) = begin(store, "guests").await?;
    let id = CsId::new(connector, 1);
    let mut before = imported(id, "a");
    store.commit(&lease, inserts(std::slice::from_ref(&before))).await?;
    let steps: [fn(&mut CsObject); 9] = [
        |o| o.needs_sync = true,
        |o| o.export.pending = Some(delta(WriteOperation::Update)),
        |o| o.pending_import = Some(pending_import(ImportOperation::Update)),
        |o| o.dn = "CN=Moved".to_owned(),
        |o| o.imported = Some(model::Attributes::new()),
        |o| o.import_error = Some(object_error("flow")),
        |o| *o = linked(o.clone(), MvId(4)),
        |o| o.export = crate::ExportStages::default(),
        |o| (o.pending_import, o.imported) = (None, None),
    ];
    for step in steps {
        let mut after = before.clone();
        step(&mut after);
        assert!(!Parts::between(&before, &after).is_empty());
        store.commit(&lease, update(&before, &after)).await?;
        assert_eq!(store.load_cs(&[id]).await?, std::slice::from_ref(&after));
        assert_eq!(store.key_map(connector).await?, keys(store, &[after.clone()]));
        before = after;
    }
    store.commit(&lease, update(&before, &before)).await?;
    assert_eq!(store.load_cs(&[id]).await?, [before]);
    Ok(())
}

/// After its removal no lookup leads to an object, and its id can be used again.
pub async fn removed_objects_leave_nothing(store: &dyn Store) -> Result<(), StoreError> {
    let (connector, lease) = begin(store, "guests").await?;
    let id = CsId::new(connector, 1);
    store.commit(&lease, inserts(&[full(id, "a")])).await?;
    let remove = Batch { cs: vec![CsWrite::Remove(id)], ..Batch::default() };
    store.commit(&lease, remove).await?;
    assert!(store.load_cs(&[id]).await?.is_empty());
    assert!(store.key_map(connector).await?.is_empty());
    assert!(store.linked_cs(&[MvId(9)]).await?.is_empty());
    assert!(store.find_cs_by_anchor(connector, &["a".to_owned()]).await?.is_empty());
    assert_eq!(store.cs_counts(connector).await?, CsCounts::default());
    let bare = imported(id, "b");
    store.commit(&lease, inserts(std::slice::from_ref(&bare))).await?;
    assert_eq!(store.load_cs(&[id]).await?, [bare]);
    Ok(())
}

/// The key map holds objects with an anchor that were imported, with their hashes.
pub async fn key_maps_hold_what_was_imported(store: &dyn Store) -> Result<(), StoreError> {
    let (connector, lease) = begin(store, "guests").await?;
    let id = |n| CsId::new(connector, n);
    let mut provisioned = imported(id(3), "c");
    provisioned.imported = None;
    let mut nameless = imported(id(4), "d");
    nameless.anchor = None;
    let mut deleted = imported(id(5), "e");
    deleted.pending_import = Some(pending_import(ImportOperation::Delete));
    let mut sent = imported(id(6), "f");
    sent.export.unconfirmed = Some(delta(WriteOperation::Update));
    let objects = [full(id(1), "a"), imported(id(2), "b"), provisioned, nameless, deleted, sent];
    store.commit(&lease, inserts(&objects)).await?;
    let entries = store.key_map(connector).await?;
    assert_eq!(entries, keys(store, &objects));
    let settled: Vec<_> = entries.iter().map(|e| (e.id.sequence(), e.settled)).collect();
    assert_eq!(settled, [(1, false), (2, true), (5, false), (6, false)]);
    assert!(store.key_map(ConnectorId(connector.0 + 1)).await?.is_empty());
    Ok(())
}

fn keys(store: &dyn Store, objects: &[CsObject]) -> Vec<KeyEntry> {
    let entries = objects.iter().filter_map(|object| {
        let image = Image {
            object_type: object.object_type.clone(),
            anchor: object.anchor.clone(),
            dn: object.dn.clone(),
            attributes: object.imported.clone()?,
        };
        Some(KeyEntry {
            id: object.id,
            anchor_hash: store.hasher().anchor(object.anchor.as_deref()?),
            content_hash: store.hasher().content(&image),
            settled: object.is_settled(),
        })
    });
    entries.collect()
}

/// Pages hold the objects of a scope in id order, from one connector.
pub async fn pages_are_ranges_of_a_scope(store: &dyn Store) -> Result<(), StoreError> {
    let (connector, lease) = begin(store, "guests").await?;
    let other = store.connector_id(&name("directory")).await?;
    let id = |n| CsId::new(connector, n);
    let mut staged = linked(imported(id(2), "b"), MvId(1));
    staged.pending_import = Some(pending_import(ImportOperation::Update));
    let mut failed = linked(imported(id(3), "c"), MvId(1));
    failed.import_error = Some(object_error("flow"));
    let mut pending = linked(imported(id(4), "d"), MvId(1));
    pending.export.pending = Some(delta(WriteOperation::Update));
    let mut escrowed = linked(imported(id(5), "e"), MvId(1));
    escrowed.export.escrow = Some(delta(WriteOperation::Update));
    let mut sent = linked(imported(id(6), "f"), MvId(1));
    sent.export.unconfirmed = Some(delta(WriteOperation::Update));
    let mut referring = linked(imported(id(7), "g"), MvId(1));
    referring.reference_retry = true;
    let disconnector = imported(id(1), "a");
    let elsewhere = full(CsId::new(other, 1), "a");
    let objects = [disconnector, staged, failed, pending, escrowed, sent, referring, elsewhere];
    store.commit(&lease, inserts(&objects)).await?;
    let page = async |after: Option<u32>, limit, scope| {
        let objects = store.page_cs(connector, after.map(id), limit, scope).await?;
        let ids = objects.iter().map(|object| object.id.sequence());
        Ok::<_, StoreError>(ids.collect::<Vec<_>>())
    };
    assert_eq!(page(None, 10, Scope::All).await?, [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(page(Some(2), 2, Scope::All).await?, [3, 4]);
    assert_eq!(page(Some(7), 2, Scope::All).await?, [0; 0]);
    assert_eq!(page(None, 10, Scope::DeltaSync).await?, [1, 2, 3, 7]);
    assert_eq!(page(Some(1), 1, Scope::DeltaSync).await?, [2]);
    assert_eq!(page(None, 10, Scope::PendingExport).await?, [4, 5]);
    assert_eq!(page(None, 10, Scope::AwaitingConfirmation).await?, [6]);
    assert_eq!(page(None, 10, Scope::ReferenceRetry).await?, [7]);
    assert_eq!(page(None, 0, Scope::All).await?, [0; 0]);
    let whole = store.page_cs(other, Some(id(3)), 10, Scope::All).await?;
    assert_eq!(whole, [full(CsId::new(other, 1), "a")]);
    Ok(())
}

/// The counts tell states and stages apart; placeholders count in none.
pub async fn counts_tell_the_kinds_apart(store: &dyn Store) -> Result<(), StoreError> {
    let (connector, lease) = begin(store, "guests").await?;
    let id = |n| CsId::new(connector, n);
    let in_state = |n, state| CsObject { state, ..imported(id(n), "x") };
    let objects = [
        in_state(1, CsState::Placeholder),
        in_state(2, CsState::Disconnector(DisconnectorKind::Normal)),
        in_state(3, CsState::Disconnector(DisconnectorKind::Explicit)),
        in_state(4, CsState::Disconnector(DisconnectorKind::Filtered)),
        full(id(5), "y"),
        linked(imported(id(6), "z"), MvId(1)),
        full(CsId::new(ConnectorId(connector.0 + 1), 1), "y"),
    ];
    store.commit(&lease, inserts(&objects)).await?;
    let expected = CsCounts {
        total: 5,
        connectors: 2,
        disconnectors: 1,
        filtered: 1,
        pending_import: 1,
        pending_export: 1,
        awaiting_confirmation: 1,
    };
    assert_eq!(store.cs_counts(connector).await?, expected);
    let types = store.cs_types(connector).await?;
    assert_eq!(types.values().sum::<u64>(), expected.total);
    let of_type = |object: &CsObject| types.contains_key(&object.object_type);
    assert!(objects.iter().skip(1).all(of_type), "{types:?}");
    Ok(())
}
