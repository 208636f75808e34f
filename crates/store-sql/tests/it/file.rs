//! The file: locking, closing and opening again, backup, damage.

use std::path::Path;

use model::{CsId, Name, Timestamp};
use store::contract::{behaves_like, observe};
use store::{
    Batch, CsWrite, IndexedAttributes, MemoryStore, NewRun, RunStep, Store as _, StoreError,
};
use store_sql::{Options, SqliteStore};

use crate::fixture::{Fixture, begin, insert, object, path_in};

/// Steps for [`behaves_like`] that leave something in every table.
const STEPS: [u64; 12] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

async fn filled() -> (Fixture, MemoryStore) {
    let model = MemoryStore::default();
    let hash_key = Some(*model.hasher().key());
    let store = Fixture::with(&Options { hash_key, ..Options::default() });
    behaves_like(&*store, &model, &STEPS).await.unwrap();
    (store, model)
}

#[tokio::test]
async fn everything_is_there_after_opening_again() {
    let (store, model) = filled().await;
    let expected = observe(&model).await.unwrap();
    let store = store.reopen();
    assert_eq!(store.hasher().key(), model.hasher().key());
    assert_eq!(observe(&*store).await.unwrap(), expected);
    store.check().await.unwrap();
}

#[tokio::test]
async fn numbers_and_indexes_go_on_after_opening_again() {
    let store = Fixture::new();
    let (connector, lease) = begin(&*store, "node-1").await.unwrap();
    let indexed = IndexedAttributes {
        connector_space: [(connector, Name::new("mail"))].into(),
        ..IndexedAttributes::default()
    };
    store.set_indexed(&indexed).await.unwrap();
    store.allocate_cs(connector, 5).await.unwrap();
    let store = store.reopen();
    assert_eq!(store.allocate_cs(connector, 1).await.unwrap(), 6);
    store.commit(&lease, insert(vec![object(connector, 1, "a@x.example")])).await.unwrap();
    let found = store
        .find_cs_by_value(connector, &Name::new("user"), &Name::new("mail"), &"A@X.example".into())
        .await
        .unwrap();
    assert_eq!(found, [CsId::new(connector, 1)]);
}

#[tokio::test]
async fn a_store_made_without_a_key_draws_one() {
    let (a, b) = (Fixture::new(), Fixture::new());
    assert_ne!(a.hasher().key(), b.hasher().key());
    let key = *a.hasher().key();
    assert_eq!(*a.reopen().hasher().key(), key);
}

#[test]
fn a_second_opening_is_refused_until_the_first_is_closed() {
    let store = Fixture::new();
    let refused = SqliteStore::open(&store.path(), &Options::default());
    assert!(matches!(refused, Err(StoreError::Locked { .. })), "{refused:?}");
    let folder = store.close();
    SqliteStore::open(&path_in(folder.path()), &Options::default()).unwrap();
}

#[tokio::test]
async fn opening_ends_the_leases_of_whoever_had_it_open() {
    let store = Fixture::new();
    let (connector, lease) = begin(&*store, "node-1").await.unwrap();
    let run = NewRun {
        connector,
        profile: Name::new("full-import"),
        step: RunStep::only(Name::new("full-import")),
        started_by: None,
        rules: None,
        sequence: None,
        owner: "node-2".to_owned(),
        started: Timestamp::from_seconds(1001),
        lease_until: Timestamp::from_seconds(5000),
    };
    let busy = store.begin_run(run.clone()).await;
    assert!(matches!(busy, Err(StoreError::Busy { .. })));
    let store = store.reopen();
    let second = store.begin_run(run).await.unwrap();
    assert_eq!(second.run, lease.run);
    assert!(second.resumed.is_some());
}

#[tokio::test]
async fn a_failed_batch_leaves_nothing_and_its_names_no_ids() {
    let store = Fixture::new();
    let (connector, lease) = begin(&*store, "node-1").await.unwrap();
    let mut fresh = object(connector, 1, "a@x.example");
    fresh.object_type = Name::new("never-stored");
    let missing = CsWrite::Update(object(connector, 9, "b@x.example"), store::Parts::ALL);
    let mut batch = insert(vec![fresh]);
    batch.cs.push(missing);
    let failed = store.commit(&lease, batch).await;
    assert!(matches!(failed, Err(StoreError::Corrupt { .. })), "{failed:?}");
    assert!(store.load_cs(&[CsId::new(connector, 1)]).await.unwrap().is_empty());
    let good = object(connector, 1, "a@x.example");
    store.commit(&lease, insert(vec![good.clone()])).await.unwrap();
    let twice = store.commit(&lease, insert(vec![good.clone()])).await;
    assert!(matches!(twice, Err(StoreError::Unavailable { .. })), "{twice:?}");
    let store = store.reopen();
    assert_eq!(store.load_cs(&[good.id]).await.unwrap(), [good]);
}

#[tokio::test]
async fn a_backup_is_a_store_with_the_same_contents() {
    let (store, model) = filled().await;
    let target = store.path().with_file_name("copy.db");
    std::fs::write(&target, "an older copy").unwrap();
    store.backup(&target).await.unwrap();
    let copy = SqliteStore::open(&target, &Options::default()).unwrap();
    copy.check().await.unwrap();
    assert_eq!(observe(&copy).await.unwrap(), observe(&model).await.unwrap());
    let nowhere = store.backup(Path::new("/nonexistent/copy.db")).await;
    assert!(matches!(nowhere, Err(StoreError::Unavailable { .. })), "{nowhere:?}");
}

#[tokio::test]
async fn damaged_records_are_named() {
    let store = Fixture::new();
    let (connector, lease) = begin(&*store, "node-1").await.unwrap();
    store.commit(&lease, insert(vec![object(connector, 1, "a@x.example")])).await.unwrap();
    let folder = store.close();
    let path = path_in(folder.path());
    let conn = rusqlite::Connection::open(&path).unwrap();
    conn.execute("UPDATE cs_imp SET data = x'0102'", []).unwrap();
    drop(conn);
    let store = SqliteStore::open(&path, &Options::default()).unwrap();
    let read = store.load_cs(&[CsId::new(connector, 1)]).await;
    match read {
        Err(StoreError::Corrupt { what }) => assert_eq!(what, "an attribute set of cs:1:1"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn readers_and_the_writer_do_not_wait_for_each_other() {
    let store = std::sync::Arc::new(Fixture::with(&Options { readers: 2, ..Options::default() }));
    let (connector, lease) = begin(&**store, "node-1").await.unwrap();
    let writes = async {
        for n in 0..20_u32 {
            let objects = (1..=50).map(|k| {
                let mut object = object(connector, n * 50 + k, "a@x.example");
                object.object_type = Name::new(&format!("type-{n}"));
                object
            });
            store.commit(&lease, insert(objects.collect())).await?;
        }
        Ok::<_, StoreError>(())
    };
    // A reader that took the table of names too early would fail on a type it does not know.
    let reads = async {
        let mut seen = 0;
        while seen < 1000 {
            let page = store.page_cs(connector, None, usize::MAX, store::Scope::All).await?;
            assert!(page.len() >= seen && page.len() % 50 == 0);
            seen = page.len();
        }
        Ok::<_, StoreError>(())
    };
    let (written, read) = tokio::join!(writes, reads);
    written.unwrap();
    read.unwrap();
}

#[tokio::test]
async fn an_unindexed_attribute_is_searched_slowly_but_found() {
    let store = Fixture::new();
    let (connector, lease) = begin(&*store, "node-1").await.unwrap();
    let batch: Batch = insert(vec![object(connector, 1, "a@x.example")]);
    store.commit(&lease, batch).await.unwrap();
    let found = store
        .find_cs_by_value(connector, &Name::new("user"), &Name::new("mail"), &"A@x.example".into())
        .await
        .unwrap();
    assert_eq!(found, [CsId::new(connector, 1)]);
}

#[tokio::test]
async fn different_values_with_one_hash_are_told_apart() {
    let store = Fixture::new();
    let (connector, lease) = begin(&*store, "node-1").await.unwrap();
    let mail = Name::new("mail");
    let indexed = IndexedAttributes {
        connector_space: [(connector, mail.clone())].into(),
        ..IndexedAttributes::default()
    };
    store.set_indexed(&indexed).await.unwrap();
    let objects = vec![object(connector, 1, "a@x.example"), object(connector, 2, "b@x.example")];
    store.commit(&lease, insert(objects)).await.unwrap();
    let folder = store.close();
    let path = path_in(folder.path());
    let conn = rusqlite::Connection::open(&path).unwrap();
    // A collision cannot be found by trying, so one is written.
    conn.execute_batch(
        "UPDATE cs SET ah = (SELECT min(ah) FROM cs), dh = (SELECT min(dh) FROM cs);
        INSERT OR IGNORE INTO cs_idx SELECT attr, vh, cs.id FROM cs_idx, cs;",
    )
    .unwrap();
    let key: i64 = conn.query_row("SELECT ah FROM cs LIMIT 1", [], |row| row.get(0)).unwrap();
    drop(conn);
    let store = SqliteStore::open(&path, &Options::default()).unwrap();
    let owner = [1, 2].map(|n: u32| n.to_string());
    let owner = owner.iter().find(|a| store.hasher().anchor(a).cast_signed() == key).unwrap();
    let id = CsId::new(connector, owner.parse().unwrap());
    let found =
        store.find_cs_by_anchor(connector, &["1".to_owned(), "2".to_owned()]).await.unwrap();
    assert_eq!(found, [(owner.clone(), id)].into());
    let found = store.find_cs_by_dn(connector, &["1".to_owned(), "2".to_owned()]).await.unwrap();
    assert_eq!(found, [(owner.clone(), vec![id])].into());
    let found = store
        .find_cs_by_value(connector, &Name::new("user"), &mail, &"b@x.example".into())
        .await
        .unwrap();
    assert_eq!(found, [CsId::new(connector, 2)]);
}

#[cfg(unix)]
#[test]
fn the_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let store = Fixture::new();
    let mode = std::fs::metadata(store.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
