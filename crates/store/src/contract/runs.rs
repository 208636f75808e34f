//! Checks of runs: leases, fencing, progress and history.

use std::collections::BTreeMap;

use model::{CsId, RunId};
use roaring::RoaringBitmap;

use super::samples::{at, begin, full, inserts, name, new_run, person, run_end};
use crate::{
    Batch, Counters, MvWrite, NewRun, Progress, RunEnd, RunError, RunQuery, RunRecord, RunStep,
    Store, StoreError,
};

fn progress(added: u64, cursor: &str) -> Progress {
    let counters = Counters::from([("stage-add".to_owned(), added)]);
    Progress { counters, cursor: Some(cursor.to_owned()) }
}

/// The newest run, if open and of the same profile, is taken over with its progress.
pub async fn a_run_left_open_is_resumed(store: &dyn Store) -> Result<(), StoreError> {
    let (connector, first) = begin(store, "guests").await?;
    assert_eq!(first.resumed, None);
    let batch = Batch {
        seen: RoaringBitmap::from([1, 2]),
        progress: progress(2, "page-2"),
        ..Batch::default()
    };
    store.commit(&first, batch).await?;
    let run = new_run(connector, "full-import", "node-2", 200);
    let second = store.begin_run(run).await?;
    assert_eq!(second.run, first.run);
    assert!(second.epoch > first.epoch);
    let Progress { counters, cursor } = progress(2, "page-2");
    assert_eq!(second.resumed, Some((counters, cursor)));
    assert_eq!(store.seen(&second).await?, RoaringBitmap::from([1, 2]));
    let runs = store.runs(RunQuery::default()).await?;
    let started: Vec<_> = runs.iter().map(|run| (run.started, run.end.is_some())).collect();
    assert_eq!(started, [(at(100), false)]);
    Ok(())
}

/// A run of another step of the profile is none to go on with.
pub async fn another_step_of_the_profile_is_another_run(
    store: &dyn Store,
) -> Result<(), StoreError> {
    let (connector, first) = begin(store, "guests").await?;
    let mut second = new_run(connector, "full-import", "node-1", 110);
    second.step.number = 2;
    let lease = store.begin_run(second).await?;
    assert!(lease.run > first.run);
    assert_eq!(lease.resumed, None);
    Ok(())
}

/// Old runs go with their errors; the newest one, open ones, watermarks and numbers stay.
pub async fn purging_the_history_leaves_everything_else(
    store: &dyn Store,
) -> Result<(), StoreError> {
    let guests = store.connector_id(&name("guests")).await?;
    let directory = store.connector_id(&name("directory")).await?;
    let mut leases = Vec::new();
    for start in [100, 200, 300] {
        let lease = store.begin_run(new_run(guests, "full-import", "node-1", start)).await?;
        let batch = Batch {
            errors: vec![run_error("a")],
            watermark: Some((guests, Some(format!("w{start}")))),
            ..Batch::default()
        };
        store.commit(&lease, batch).await?;
        store.end_run(&lease, run_end("success", start + 5)).await?;
        leases.push(lease);
    }
    assert_eq!(store.purge_runs(at(105)).await?, 0);
    assert_eq!(store.purge_runs(at(106)).await?, 1);
    let left = async || store.runs(RunQuery::default()).await.map(|runs| runs.len());
    assert_eq!(left().await?, 2);
    let errors = async |n: usize| match leases.get(n) {
        Some(lease) => store.run_errors(lease.run).await.map(|errors| errors.len()),
        None => Ok(0),
    };
    assert_eq!((errors(0).await?, errors(1).await?), (0, 1));
    let open = store.begin_run(new_run(directory, "full-import", "node-1", 310)).await?;
    assert_eq!(store.purge_runs(at(1_000)).await?, 2);
    let runs = store.runs(RunQuery::default()).await?;
    assert_eq!(runs.iter().map(|run| run.id).collect::<Vec<_>>(), [open.run]);
    assert_eq!(store.watermark(guests).await?.as_deref(), Some("w300"));
    store.end_run(&open, run_end("success", 320)).await?;
    assert_eq!(store.purge_runs(at(1_000)).await?, 0);
    let next = store.begin_run(new_run(guests, "full-import", "node-1", 2_000)).await?;
    assert!(next.run > open.run);
    Ok(())
}

/// A lease that is held keeps other owners out of the connector, and only of that one.
pub async fn another_owner_waits_for_the_lease(store: &dyn Store) -> Result<(), StoreError> {
    let (connector, lease) = begin(store, "guests").await?;
    let other = store.connector_id(&name("directory")).await?;
    let is_busy = async |start| {
        let run = new_run(connector, "delta-import", "node-2", start);
        let refused = store.begin_run(run).await;
        matches!(refused, Err(StoreError::Busy { run }) if run == lease.run)
    };
    assert!(is_busy(114).await);
    let renewal = Batch { lease_until: Some(at(130)), ..Batch::default() };
    store.commit(&lease, renewal).await?;
    assert!(is_busy(129).await);
    // A batch without a renewal leaves the lease as it is.
    store.commit(&lease, Batch::default()).await?;
    assert!(is_busy(129).await);
    store.begin_run(new_run(other, "delta-import", "node-2", 114)).await?;
    assert!(!is_busy(130).await);
    Ok(())
}

/// Of all synchronizations, whatever their connector, owners make one at a time; anything else goes
/// on beside it.
pub async fn one_owner_synchronizes_at_a_time(store: &dyn Store) -> Result<(), StoreError> {
    let guests = store.connector_id(&name("guests")).await?;
    let directory = store.connector_id(&name("directory")).await?;
    let lease = store.begin_run(new_run(guests, "full-sync", "node-1", 100)).await?;
    let by_hand = |owner| {
        let step = RunStep { number: 0, ..RunStep::only(name("join")) };
        NewRun { step, ..new_run(directory, "join", owner, 101) }
    };
    for new in [new_run(directory, "delta-sync", "node-2", 101), by_hand("node-2")] {
        let refused = store.begin_run(new).await;
        assert!(matches!(refused, Err(StoreError::Busy { run }) if run == lease.run));
    }
    let beside = store.begin_run(new_run(directory, "full-import", "node-2", 101)).await?;
    store.end_run(&beside, run_end("success", 102)).await?;
    store.end_run(&lease, run_end("success", 102)).await?;
    let lease = store.begin_run(by_hand("node-2")).await?;
    let refused = store.begin_run(new_run(guests, "full-sync", "node-1", 103)).await;
    assert!(matches!(refused, Err(StoreError::Busy { run }) if run == lease.run));
    Ok(())
}

/// Runs left open are closed by the next one: those of its connector, and those whose lease is over.
pub async fn left_runs_are_closed(store: &dyn Store) -> Result<(), StoreError> {
    let (connector, left) = begin(store, "guests").await?;
    let batch = Batch {
        seen: RoaringBitmap::from([1]),
        progress: progress(1, "page-1"),
        ..Batch::default()
    };
    store.commit(&left, batch).await?;
    let other = store.connector_id(&name("directory")).await?;
    let elsewhere = store.begin_run(new_run(other, "full-import", "node-3", 110)).await?;
    // The same owner needs no lease to end.
    let lease = store.begin_run(new_run(connector, "delta-import", "node-1", 112)).await?;
    assert!(lease.run > elsewhere.run);
    assert_eq!(lease.resumed, None);
    let mut runs = store.runs(RunQuery::default()).await?;
    runs.reverse();
    let ends: Vec<_> = runs.iter().map(|run| run.end.clone()).collect();
    let end = RunEnd {
        result: "stopped-server-down".to_owned(),
        message: Some("the process that ran it ended".to_owned()),
        counters: progress(1, "").counters,
        ended: at(112),
    };
    assert_eq!(ends, [Some(end), None, None]);
    assert!(store.seen(&left).await?.is_empty());
    store.begin_run(new_run(connector, "full-import", "node-1", 140)).await?;
    let open = store.runs(RunQuery::default()).await?;
    assert_eq!(open.iter().filter(|run| run.end.is_none()).count(), 1);
    Ok(())
}

/// Whoever lost a run, by takeover or end, can write no more; nothing of the batch is there.
pub async fn a_batch_of_a_lost_run_writes_nothing(store: &dyn Store) -> Result<(), StoreError> {
    let (connector, lost) = begin(store, "guests").await?;
    let id = CsId::new(connector, 1);
    let lease = store.begin_run(new_run(connector, "full-import", "node-1", 101)).await?;
    let batch = || Batch {
        mv: vec![MvWrite::Put(person(model::MvId(1), "a@contoso.example"))],
        seen: RoaringBitmap::from([1]),
        errors: vec![run_error("a")],
        watermark: Some((connector, Some("w".to_owned()))),
        progress: progress(9, "page-9"),
        ..inserts(&[full(id, "a")])
    };
    let is_fenced = |result| matches!(result, Err(StoreError::Fenced { run }) if run == lost.run);
    assert!(is_fenced(store.commit(&lost, batch()).await));
    assert!(is_fenced(store.end_run(&lost, run_end("success", 102)).await));
    assert!(store.load_cs(&[id]).await?.is_empty());
    assert!(store.load_mv(&[model::MvId(1)]).await?.is_empty());
    assert!(store.run_errors(lost.run).await?.is_empty());
    assert!(store.seen(&lease).await?.is_empty());
    assert_eq!(store.watermark(connector).await?, None);
    store.end_run(&lease, run_end("success", 103)).await?;
    assert!(is_fenced(store.commit(&lease, batch()).await));
    assert!(is_fenced(store.end_run(&lease, run_end("failure", 104)).await));
    assert!(store.load_cs(&[id]).await?.is_empty());
    Ok(())
}

/// Seen sets of batches add up, and go with the run's end.
pub async fn seen_sets_grow_until_the_run_ends(store: &dyn Store) -> Result<(), StoreError> {
    let (_, lease) = begin(store, "guests").await?;
    assert!(store.seen(&lease).await?.is_empty());
    for numbers in [vec![1, 70_000], vec![], vec![2, 70_000, u32::MAX]] {
        let seen = numbers.into_iter().collect();
        store.commit(&lease, Batch { seen, ..Batch::default() }).await?;
    }
    let expected = RoaringBitmap::from([1, 2, 70_000, u32::MAX]);
    assert_eq!(store.seen(&lease).await?, expected);
    store.end_run(&lease, run_end("success", 120)).await?;
    assert!(store.seen(&lease).await?.is_empty());
    Ok(())
}

fn run_error(text: &str) -> RunError {
    RunError {
        object: None,
        name: text.to_owned(),
        error_type: "missing-anchor".to_owned(),
        step: "staging".to_owned(),
        message: "no anchor".to_owned(),
        code: None,
        rule: None,
    }
}

/// Errors come back in order of occurrence, as they were, run by run.
pub async fn errors_are_kept_in_order(store: &dyn Store) -> Result<(), StoreError> {
    let (connector, lease) = begin(store, "guests").await?;
    let detailed = RunError {
        object: Some(CsId::new(connector, 5)),
        code: Some("0x1f".to_owned()),
        rule: Some(name("join-by-mail")),
        ..run_error("b")
    };
    let errors = [run_error("z"), detailed, run_error("a")];
    for error in &errors {
        let batch = Batch { errors: vec![error.clone()], ..Batch::default() };
        store.commit(&lease, batch).await?;
    }
    store.end_run(&lease, run_end("completed-discovery-errors", 120)).await?;
    assert_eq!(store.run_errors(lease.run).await?, errors);
    assert!(store.run_errors(RunId(lease.run.0 + 1)).await?.is_empty());
    Ok(())
}

/// A watermark belongs to its connector, outlives runs, and can be forgotten.
pub async fn watermarks_are_set_and_forgotten(store: &dyn Store) -> Result<(), StoreError> {
    let (connector, lease) = begin(store, "guests").await?;
    let other = store.connector_id(&name("directory")).await?;
    let set = |mark: Option<&str>| Batch {
        watermark: Some((connector, mark.map(str::to_owned))),
        ..Batch::default()
    };
    assert_eq!(store.watermark(connector).await?, None);
    store.commit(&lease, set(Some("one"))).await?;
    store.commit(&lease, set(Some("two"))).await?;
    store.commit(&lease, Batch::default()).await?;
    assert_eq!(store.watermark(connector).await?.as_deref(), Some("two"));
    assert_eq!(store.watermark(other).await?, None);
    store.commit(&lease, set(None)).await?;
    assert_eq!(store.watermark(connector).await?, None);
    Ok(())
}

/// The history is newest first, by connector or all, in pages; an ended run has its final counters.
pub async fn history_is_newest_first(store: &dyn Store) -> Result<(), StoreError> {
    let guests = store.connector_id(&name("guests")).await?;
    let directory = store.connector_id(&name("directory")).await?;
    let mut expected = Vec::new();
    for (n, connector) in [guests, directory, guests, guests].into_iter().enumerate() {
        let start = 1000 + 10 * i64::try_from(n).unwrap_or(0);
        let mut run = new_run(connector, "full-import", "node-1", start);
        if n == 1 {
            run.sequence = None;
            run.started_by = Some("CONTOSO\\mia".to_owned());
            run.rules = Some(crate::fingerprint(["one", "two"]));
            run.step.number = 2;
            run.step.description = "full-import, at most 5 objects".to_owned();
            run.step.first = Some(RunId(1));
        }
        let lease = store.begin_run(run.clone()).await?;
        store.commit(&lease, Batch { progress: progress(1, "x"), ..Batch::default() }).await?;
        let mut end = run_end("success", start + 5);
        end.message = (n == 2).then(|| "stopped by an administrator".to_owned());
        store.end_run(&lease, end.clone()).await?;
        let counters = BTreeMap::from([("stage-add".to_owned(), 3)]);
        expected.insert(
            0,
            RunRecord {
                id: lease.run,
                connector,
                profile: run.profile,
                step: run.step,
                started_by: run.started_by,
                rules: run.rules,
                sequence: run.sequence,
                started: run.started,
                end: Some(end),
                counters,
            },
        );
    }
    assert!(expected.is_sorted_by(|newer, older| newer.id > older.id));
    assert_eq!(store.runs(RunQuery::default()).await?, expected);
    let before = expected.first().map(|run| run.id);
    let query = RunQuery { connector: Some(guests), before, limit: 1 };
    let third = expected.iter().filter(|run| run.connector == guests).nth(1).cloned();
    assert_eq!(store.runs(query).await?, Vec::from_iter(third));
    let query = RunQuery { limit: 2, ..RunQuery::default() };
    assert_eq!(Some(store.runs(query).await?.as_slice()), expected.get(..2));
    Ok(())
}
