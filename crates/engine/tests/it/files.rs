//! Steps that write files or read them in place of the connected system.

use std::path::PathBuf;

use engine::StepResult;

use crate::world::{G1, G2, World, account};

const GRAPH: &str = "connectors/b2b-graph.toml";
const ADMA: &str = "connectors/adma.toml";

async fn world(file: &'static str, step_type: &str) -> World {
    let to = format!(
        "[run_profiles.drop]\nsteps = [{{ type = \"{step_type}\", to_file = \"all.jsonl\" }}]\n\
         [run_profiles.resume]\nsteps = [{{ type = \"{step_type}\", resume_from_file = \
         \"all.jsonl\" }}]\n[run_profiles.audit]\nsteps = [{{ type = \"{step_type}\", to_file = \
         \"all.jsonl\", resume_from_file = \"all.jsonl\" }}]\n\n[connectivity]\n"
    );
    World::with(&[(file, "[connectivity]\n", to.as_str())]).await
}

fn file(world: &World, connector: &str) -> PathBuf {
    world.folder.path().join("files").join(connector).join("all.jsonl")
}

fn lines(world: &World, connector: &str) -> Vec<String> {
    let text = std::fs::read_to_string(file(world, connector)).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn an_import_to_a_file_leaves_connector_space_and_watermark_alone() {
    let world = world(GRAPH, "full-import").await;
    let run = world.run("b2b-graph", "drop").await;
    assert_eq!((run.result, run.counters["file-objects"]), (StepResult::Success, 3));
    assert_eq!(run.state["b2b-graph"].total, 0);
    assert_eq!(world.watermark("b2b-graph").await, None);
    assert_eq!(lines(&world, "b2b-graph").len(), 5);
    // The file takes the place of the tenant, which has changed since.
    world.graph.delete(G1);
    let run = world.run("b2b-graph", "resume").await;
    assert_eq!((run.result, run.counters["stage-add"]), (StepResult::Success, 3));
    assert!(world.watermark("b2b-graph").await.is_some());
    let delta = world.run("b2b-graph", "delta-import").await;
    assert_eq!(delta.counters["stage-delete"], 1);
}

#[tokio::test]
async fn an_audit_file_is_written_on_the_way() {
    let world = world(GRAPH, "full-import").await;
    let run = world.run("b2b-graph", "audit").await;
    assert_eq!((run.result, run.counters["stage-add"]), (StepResult::Success, 3));
    assert_eq!(lines(&world, "b2b-graph").len(), 5);
    let again = world.run("b2b-graph", "resume").await;
    assert_eq!(again.counters["stage-no-change"], 3);
}

#[tokio::test]
async fn a_file_that_is_missing_foreign_or_cut_short_is_refused() {
    let world = world(GRAPH, "full-import").await;
    let run = world.run("b2b-graph", "resume").await;
    assert_eq!((run.result.as_str(), run.code), ("no-start-file-not-found", Some("ENG-0105")));
    world.run("b2b-graph", "drop").await;
    let path = file(&world, "b2b-graph");
    let whole = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, whole.replace("full-import", "delta-import")).unwrap();
    let run = world.run("b2b-graph", "resume").await;
    let expected = "no-start-file-contains-incorrect-step-type";
    assert_eq!((run.result.as_str(), run.code), (expected, Some("ENG-0106")));
    let cut: Vec<&str> = whole.lines().take(3).collect();
    std::fs::write(&path, cut.join("\n")).unwrap();
    let run = world.run("b2b-graph", "resume").await;
    assert_eq!(run.result, StepResult::StoppedUnexpectedData);
    assert_eq!(run.message.unwrap(), "line 3 of the file all.jsonl: the file ends too early");
}

/// Both accounts wait to be created.
async fn ready_to_export() -> World {
    let world = world(ADMA, "export").await;
    world
        .runs(["mimma/full-import", "mimma/full-sync", "adma/full-import", "adma/full-sync"])
        .await;
    world.runs(["b2b-graph/full-import", "b2b-graph/full-sync"]).await;
    world
}

#[tokio::test]
async fn e191_an_export_to_a_file_sends_nothing_and_the_pending_exports_stay() {
    let world = ready_to_export().await;
    let before = world.space("adma").await;
    let run = world.run("adma", "drop").await;
    assert_eq!((run.result, run.counters["file-objects"]), (StepResult::Success, 2));
    assert_eq!(world.space("adma").await, before);
    assert_eq!(world.adma.contents.lock().unwrap().writes, 0);
    let lines = lines(&world, "adma");
    assert_eq!(lines.len(), 3);
    // What has to stay secret is named and not shown.
    assert!(lines.iter().skip(1).all(|line| line.contains("\"unicodePwd\":{\"secret\":true}")));
}

#[tokio::test]
async fn an_export_from_a_file_sends_what_is_in_it_and_still_so() {
    let world = ready_to_export().await;
    world.run("adma", "drop").await;
    let path = file(&world, "adma");
    let text = std::fs::read_to_string(&path).unwrap();
    let kept: Vec<&str> = text.lines().filter(|line| !line.contains(G2)).collect();
    std::fs::write(&path, kept.join("\n")).unwrap();
    let run = world.run("adma", "resume").await;
    assert_eq!((run.result, run.counters["export-add"]), (StepResult::Success, 1));
    assert!(world.adma.anchor_of(&account(G1)).is_some());
    assert!(world.adma.anchor_of(&account(G2)).is_none());
    assert_eq!(run.state["adma"].pending_export, 1);
    // What was approved is not what waits now.
    std::fs::write(&path, text).unwrap();
    world.graph.set(G2, "givenName", "Benno");
    world.runs(["b2b-graph/delta-import", "b2b-graph/delta-sync"]).await;
    let run = world.run("adma", "resume").await;
    assert_eq!(run.result, StepResult::CompletedWarnings);
    assert!(run.warnings[0].starts_with("2 of the 2 objects in the file"), "{:?}", run.warnings);
    assert_eq!(run.state["adma"].pending_export, 1);
}
