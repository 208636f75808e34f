//! The limits of a step: it ends after so many objects, and before too many deletions.

use engine::StepResult;

use crate::world::{G1, G2, World, account};

const GRAPH: &str = "connectors/b2b-graph.toml";
const ADMA: &str = "connectors/adma.toml";

async fn world(file: &'static str, step: &str) -> World {
    let to = format!("[run_profiles.few]\nsteps = [{{ {step} }}]\n\n[connectivity]\n");
    World::with(&[(file, "[connectivity]\n", to.as_str())]).await
}

#[tokio::test]
async fn e020_an_import_ends_after_its_limit_of_objects_and_nothing_is_obsolete() {
    let world = world(GRAPH, "type = \"full-import\", object_limit = 2").await;
    let run = world.run("b2b-graph", "few").await;
    assert_eq!(run.result.as_str(), "stopped-object-limit");
    assert_eq!((run.counters["stage-add"], run.state["b2b-graph"].total), (2, 2));
    assert_eq!(world.watermark("b2b-graph").await, None);
    world.cycle().await;
    world.graph.delete(G1);
    world.graph.delete(G2);
    // One is left, which is less than the limit: the read was whole.
    let run = world.run("b2b-graph", "few").await;
    assert_eq!((run.result, run.counters["stage-delete"]), (StepResult::Success, 2));
}

#[tokio::test]
async fn e020_the_limit_of_objects_stops_obsoletion_too() {
    let world = world(GRAPH, "type = \"full-import\", object_limit = 1").await;
    world.cycle().await;
    world.graph.delete(G1);
    let run = world.run("b2b-graph", "few").await;
    assert_eq!(
        (run.result, run.counters.get("stage-delete")),
        (StepResult::StoppedObjectLimit, None)
    );
    assert_eq!(run.state["b2b-graph"].pending_import, 0);
}

#[tokio::test]
async fn e021_an_import_that_finds_more_gone_than_its_limit_stages_no_deletion() {
    let world = world(GRAPH, "type = \"full-import\", deletion_limit = 1").await;
    world.cycle().await;
    world.graph.set(crate::world::M1, "displayName", "Other");
    world.graph.delete(G1);
    world.graph.delete(G2);
    let run = world.run("b2b-graph", "few").await;
    assert_eq!(run.result.as_str(), "stopped-deletion-limit");
    assert_eq!((run.counters.get("stage-delete"), run.counters["stage-update"]), (None, 1));
    assert!(run.message.unwrap().starts_with("2 objects are gone, and the step allows 1"));
    world.invite(G2, "Bruno Keller", "bruno");
    let run = world.run("b2b-graph", "few").await;
    assert_eq!((run.result, run.counters["stage-delete"]), (StepResult::Success, 1));
}

#[tokio::test]
async fn a_synchronization_ends_after_its_limit_of_objects() {
    let world = world(GRAPH, "type = \"full-sync\", object_limit = 1").await;
    world.runs(["mimma/full-import", "mimma/full-sync", "b2b-graph/full-import"]).await;
    let run = world.run("b2b-graph", "few").await;
    assert_eq!(run.result, StepResult::StoppedObjectLimit);
    assert_eq!(run.state["b2b-graph"].pending_import, 2);
}

/// The documented deployment with both accounts waiting to be created.
async fn ready_to_export(step: &str) -> World {
    let world = world(ADMA, step).await;
    world
        .runs(["mimma/full-import", "mimma/full-sync", "adma/full-import", "adma/full-sync"])
        .await;
    world.runs(["b2b-graph/full-import", "b2b-graph/full-sync"]).await;
    world
}

#[tokio::test]
async fn e187_an_export_sends_its_limit_of_objects_and_the_rest_stays() {
    let world = ready_to_export("type = \"export\", object_limit = 1").await;
    let run = world.run("adma", "few").await;
    assert_eq!(run.result.as_str(), "stopped-object-limit");
    assert_eq!((run.counters["export-add"], run.state["adma"].pending_export), (1, 1));
    assert_eq!(run.message.unwrap(), "the step takes 1 objects, and 1 stay");
    let run = world.run("adma", "few").await;
    assert_eq!((run.result, run.state["adma"].pending_export), (StepResult::Success, 0));
}

#[tokio::test]
async fn an_export_beyond_its_limit_of_deletions_sends_everything_else() {
    let world = ready_to_export("type = \"export\", deletion_limit = 0").await;
    world.runs(["adma/export", "adma/delta-import", "adma/delta-sync"]).await;
    world.graph.delete(G1);
    world.graph.set(G2, "givenName", "Benno");
    world.runs(["b2b-graph/delta-import", "b2b-graph/delta-sync"]).await;
    let run = world.run("adma", "few").await;
    assert_eq!(run.result, StepResult::StoppedDeletionLimit);
    assert_eq!(world.adma.list("user").len(), 2);
    assert_eq!(world.adma.text(&account(G2), "givenName").unwrap(), "Benno");
    assert_eq!((run.counters["export-update"], run.state["adma"].pending_export), (1, 1));
}

#[tokio::test]
async fn a_batch_of_one_object_is_one_call() {
    let world = ready_to_export("type = \"export\", batch_size = 1").await;
    // The answer to the first call is lost: the second was never made.
    world.adma.faults(|f| f.lose_answer = true);
    let run = world.run("adma", "few").await;
    assert_eq!(run.result, StepResult::StoppedConnectivity);
    let space = world.space("adma").await;
    let escrowed = space.iter().filter(|o| o.export.escrow.is_some()).count();
    let pending = space.iter().filter(|o| o.export.pending.is_some()).count();
    assert_eq!((escrowed, pending), (1, 1));
}
