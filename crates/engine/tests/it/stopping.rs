//! Runs that are asked to stop, and a history that forgets.

use std::sync::atomic::{AtomicUsize, Ordering};

use engine::{Observer, RunOptions, RunSummary, StepResult, Stop};
use model::Timestamp;

use crate::world::{CYCLE, World};

/// Asks for a stop at the n-th sign of progress.
struct Impatient {
    stop: Stop,
    patience: AtomicUsize,
}

impl Observer for Impatient {
    fn expect(&self, _objects: u64) {}

    fn progress(&self, _objects: u64) {
        if self.patience.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.stop.request();
        }
    }
}

async fn stopped(world: &World, connector: &str, profile: &str, patience: usize) -> RunSummary {
    let options = RunOptions::default();
    let stop = options.stop.clone();
    if patience == 0 {
        stop.request();
    }
    let observer = Impatient { stop, patience: AtomicUsize::new(patience) };
    world.run_as(connector, profile, &observer, &options).await.unwrap()
}

async fn imported(page: usize) -> World {
    let world = World::in_pages(&[], page).await;
    world.runs(["mimma/full-import", "mimma/full-sync", "b2b-graph/full-import"]).await;
    world
}

#[tokio::test]
async fn e235_a_synchronization_completes_the_object_at_hand_and_leaves_the_rest() {
    let world = imported(1).await;
    // Every object is looked at once for deletions first: the second of the others is the fifth.
    let run = stopped(&world, "b2b-graph", "full-sync", 5).await;
    assert_eq!(run.result.as_str(), "stopped-user-termination-from-wmi-or-ui");
    assert!(!run.result.lets_sequence_go_on());
    let done = 3 - run.state["b2b-graph"].pending_import;
    assert!((1..3).contains(&done), "{run:#?}");
    let rest = world.run("b2b-graph", "full-sync").await;
    assert_eq!((rest.result, rest.state["b2b-graph"].pending_import), (StepResult::Success, 0));
}

#[tokio::test]
async fn e235_a_stop_within_a_page_leaves_its_objects_as_they_were() {
    let world = imported(5_000).await;
    let before = world.space("b2b-graph").await;
    let run = stopped(&world, "b2b-graph", "full-sync", 0).await;
    assert_eq!(run.result, StepResult::StoppedUserTermination);
    assert_eq!(world.space("b2b-graph").await, before);
    assert!(world.people().await.iter().all(|person| person.values("uid").is_none()));
}

#[tokio::test]
async fn an_import_that_is_stopped_deletes_nobody_and_keeps_its_watermark() {
    let world = imported(5_000).await;
    let watermark = world.watermark("b2b-graph").await;
    world.graph.delete(crate::world::G1);
    let run = stopped(&world, "b2b-graph", "full-import", 0).await;
    assert_eq!(run.result, StepResult::StoppedUserTermination);
    assert_eq!(run.counters.get("stage-delete"), None);
    assert_eq!(world.watermark("b2b-graph").await, watermark);
}

#[tokio::test]
async fn an_export_that_is_stopped_leaves_the_rest_pending() {
    let step =
        "[run_profiles.slow]\nsteps = [{ type = \"export\", batch_size = 1 }]\n\n[connectivity]\n";
    let world = World::with(&[("connectors/adma.toml", "[connectivity]\n", step)]).await;
    for (connector, profile) in CYCLE.into_iter().take(6) {
        world.run(connector, profile).await;
    }
    // Each batch is committed before it is sent and after.
    let run = stopped(&world, "adma", "slow", 2).await;
    assert_eq!(run.result, StepResult::StoppedUserTermination);
    assert_eq!((run.counters["export-add"], run.state["adma"].pending_export), (1, 1));
}

#[tokio::test]
async fn e243_forgetting_runs_touches_neither_watermarks_nor_objects() {
    let world = World::documented().await;
    world.cycle().await;
    let portrait = world.portrait().await;
    let watermark = world.watermark("b2b-graph").await;
    let forgotten = world.store.purge_runs(Timestamp(i64::MAX)).await.unwrap();
    assert_eq!((forgotten, world.history().await.len()), (11, 1));
    assert_eq!(world.watermark("b2b-graph").await, watermark);
    assert_eq!(world.portrait().await, portrait);
    let delta = world.run("b2b-graph", "delta-import").await;
    assert_eq!((delta.result, delta.run.0), (StepResult::Success, 13));
}

#[tokio::test]
async fn e243_a_sequence_begins_by_forgetting_what_is_older_than_the_history_is_kept() {
    let world = World::documented().await;
    world.cycle().await;
    assert_eq!(world.engine.forget_old_runs().await.unwrap(), 0);
    let later = world.after_days(31).await;
    let first = later.run_in_sequence("b2b-graph", "delta-import", 1).await;
    assert_eq!((first.result, later.history().await.len()), (StepResult::Success, 13));
    later.run_in_sequence("b2b-graph", "delta-import", 0).await;
    // Those of the later day are left.
    assert_eq!(later.history().await.len(), 2);
}
