//! A process that is killed while it writes: whatever it had committed is there, the rest is not.
//!
//! The test starts itself as the child, which commits batches until it is killed.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use model::{ConnectorId, CsId, Guid, MvId, Name, RunId, Timestamp, Values};
use roaring::RoaringBitmap;
use store::contract::observe;
use store::{
    Batch, CsObject, CsWrite, IndexedAttributes, Lineage, MemoryStore, MvAttribute, MvObject,
    MvWrite, Parts, Progress, Store, StoreError,
};
use store_sql::{Options, SqliteStore};
use tempfile::TempDir;

use crate::fixture::{begin, object, path_in};

/// Tells the child where to write. An argument would be taken for a test's name.
const FOLDER: &str = "STORE_SQL_CRASH_TEST_FOLDER";
const OBJECTS_PER_BATCH: u32 = 40;
const CONNECTOR: ConnectorId = ConnectorId(1);

fn options() -> Options {
    let hash_key = Some(*MemoryStore::default().hasher().key());
    Options { hash_key, readers: 1, ..Options::default() }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}

fn numbered(batch: u32, k: u32) -> CsObject {
    object(CONNECTOR, batch * OBJECTS_PER_BATCH + k, &format!("{batch}-{k}@contoso.example"))
}

/// The n-th batch: objects of its own, changes to those of the batch before, removal of some of the
/// batch before that.
fn batch(n: u32) -> Batch {
    let mut batch = Batch::default();
    for k in 1..=OBJECTS_PER_BATCH {
        batch.cs.push(CsWrite::Insert(numbered(n, k)));
        if n >= 1 {
            let before = numbered(n - 1, k);
            let mut after = before.clone();
            after.imported.as_mut().unwrap().set_one("mail", format!("{n}@x.example").as_str());
            let parts = Parts::between(&before, &after);
            batch.cs.push(CsWrite::Update(after, parts));
        }
        if n >= 2 && k % 4 == 0 {
            batch.cs.push(CsWrite::Remove(numbered(n - 2, k).id));
        }
    }
    let lineage = Lineage {
        object: CsId::new(CONNECTOR, n),
        rule: Name::new(&format!("rule-{n}")),
        run: RunId(1),
        at: Timestamp(i64::from(n)),
    };
    let attribute = MvAttribute { values: Values::one(i64::from(n)), lineage };
    batch.mv.push(MvWrite::Put(MvObject {
        id: MvId(1),
        uid: Guid::from_bytes([1; 16]),
        object_type: Name::new("person"),
        attributes: [(Name::new("n"), attribute)].into(),
        shares: store::Shares::new(),
    }));
    batch.seen = RoaringBitmap::from([n]);
    batch.watermark = Some((CONNECTOR, Some(n.to_string())));
    batch.progress = Progress {
        counters: [("batches".to_owned(), u64::from(n) + 1)].into(),
        cursor: Some(n.to_string()),
    };
    batch
}

async fn prepare(store: &dyn Store) -> Result<store::RunLease, StoreError> {
    let (connector, lease) = begin(store, "child").await?;
    assert_eq!(connector, CONNECTOR);
    let indexed = IndexedAttributes {
        connector_space: [(CONNECTOR, Name::new("mail"))].into(),
        metaverse: [Name::new("n")].into(),
    };
    store.set_indexed(&indexed).await?;
    Ok(lease)
}

/// The child: nothing unless it was started by the test below.
#[test]
fn child_that_commits_until_it_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let store = SqliteStore::open(&path_in(Path::new(&folder)), &options()).unwrap();
    runtime().block_on(async {
        let lease = prepare(&store).await.unwrap();
        for n in 0.. {
            store.commit(&lease, batch(n)).await.unwrap();
            let mut out = std::io::stdout();
            writeln!(out, "committed {n}").unwrap();
            out.flush().unwrap();
        }
    });
}

fn start_child(folder: &OsStr) -> (Child, BufReader<ChildStdout>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::child_that_commits_until_it_is_killed", "--nocapture"])
        .env(FOLDER, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    (child, output)
}

/// Waits until the child reports `enough` batches; returns how many it reported.
fn await_batches(output: &mut BufReader<ChildStdout>, enough: u32) -> u32 {
    let mut line = String::new();
    loop {
        line.clear();
        assert_ne!(output.read_line(&mut line).unwrap(), 0, "the child ended by itself");
        // The harness writes the test's name before the first line.
        if let Some((_, n)) = line.trim().split_once("committed ") {
            let committed = n.parse::<u32>().unwrap() + 1;
            if committed >= enough {
                return committed;
            }
        }
    }
}

#[test]
fn a_killed_writer_leaves_a_prefix_of_its_batches() {
    for enough in [1, 2, 5, 9, 14, 23] {
        let folder = TempDir::new().unwrap();
        let (mut child, mut output) = start_child(folder.path().as_os_str());
        let reported = await_batches(&mut output, enough);
        let path = path_in(folder.path());
        let refused = SqliteStore::open(&path, &options());
        assert!(matches!(refused, Err(StoreError::Locked { .. })), "{refused:?}");
        child.kill().unwrap();
        child.wait().unwrap();
        let store = SqliteStore::open(&path, &options()).unwrap();
        runtime().block_on(check_prefix(&store, reported)).unwrap();
    }
}

async fn check_prefix(store: &SqliteStore, reported: u32) -> Result<(), StoreError> {
    store.check().await?;
    let newest = store.watermark(CONNECTOR).await?.unwrap().parse::<u32>().unwrap();
    assert!(newest + 1 >= reported, "{reported} were committed, {newest} is the newest");
    let model = MemoryStore::default();
    let lease = prepare(&model).await?;
    for n in 0..=newest {
        model.commit(&lease, batch(n)).await?;
    }
    assert_eq!(observe(store).await?, observe(&model).await?);
    // Another process goes on where the killed one was.
    let (_, lease) = begin(store, "successor").await?;
    assert_eq!(lease.resumed.and_then(|(_, cursor)| cursor), Some(newest.to_string()));
    Ok(())
}
