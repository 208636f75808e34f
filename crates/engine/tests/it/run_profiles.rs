//! Run profiles of several steps: their order, where they end, what the history keeps of each, and
//! where an interrupted one goes on.

use engine::{NoObserver, RunOptions, StepResult};
use rules::StepType;
use store::{NewRun, RunStep};

use model::{Name, Timestamp};

use crate::world::{G1, World, account};

const GRAPH: &str = "connectors/b2b-graph.toml";
const ADMA: &str = "connectors/adma.toml";

/// A profile in place of a section that the document begins with.
fn profile(file: &'static str, steps: &str) -> (&'static str, &'static str, String) {
    let text = format!("[run_profiles.nightly]\nsteps = [{steps}]\n\n[connectivity]\n");
    (file, "[connectivity]\n", text)
}

async fn world(profiles: &[(&'static str, &'static str, String)]) -> World {
    let edits: Vec<(&str, &str, &str)> =
        profiles.iter().map(|(file, from, to)| (*file, *from, to.as_str())).collect();
    World::with(&edits).await
}

const BOTH: &str = "{ type = \"full-import\" }, { type = \"full-sync\" }";

#[tokio::test]
async fn steps_run_in_order_and_each_has_its_own_record() {
    let world = world(&[profile(GRAPH, BOTH)]).await;
    world.runs(["mimma/full-import", "mimma/full-sync"]).await;
    let options = RunOptions { started_by: Some("mia".to_owned()), ..RunOptions::default() };
    let run = world.run_as("b2b-graph", "nightly", &NoObserver, &options).await.unwrap();
    assert_eq!(run.result, StepResult::Success);
    let types: Vec<StepType> = run.steps.iter().map(|step| step.step_type).collect();
    assert_eq!(types, [StepType::FullImport, StepType::FullSync]);
    assert_eq!((run.counters["stage-add"], run.counters["projections"]), (3, 2));
    assert_eq!(run.steps[0].counters.get("projections"), None);
    let history = world.history().await;
    let [import, sync] = &history[2..] else { panic!("{history:#?}") };
    let facts = |n: usize| {
        let run = &history[2 + n];
        (run.profile.as_str(), run.step.number, run.step.step_type.as_str())
    };
    assert_eq!(facts(0), ("nightly", 1, "full-import"));
    assert_eq!(facts(1), ("nightly", 2, "full-sync"));
    assert_eq!((import.step.first, sync.step.first), (None, Some(import.id)));
    assert_eq!(sync.step.description, "full-sync");
    assert_eq!(sync.started_by.as_deref(), Some("mia"));
    assert_eq!(run.run, import.id);
    // An import needs no rules; a synchronization says by which it went.
    assert_eq!(import.rules, None);
    assert_eq!(sync.rules.as_ref(), Some(&world.engine.rulebook().await.unwrap().version));
}

#[tokio::test]
async fn the_version_of_the_rules_follows_their_documents() {
    let world = World::documented().await;
    world.cycle().await;
    let before = world.engine.rulebook().await.unwrap().version;
    let rule = ("rules/in-b2b-guest.toml", "precedence", "# nothing else\nprecedence");
    let other = World::with(&[rule]).await;
    other.cycle().await;
    assert_ne!(other.engine.rulebook().await.unwrap().version, before);
    let again = World::documented().await;
    again.cycle().await;
    assert_eq!(again.engine.rulebook().await.unwrap().version, before);
}

#[tokio::test]
async fn e006_a_discovery_error_keeps_the_next_step_from_running_and_nothing_is_obsolete() {
    let world = world(&[profile(GRAPH, BOTH)]).await;
    world.cycle().await;
    world.graph.delete(G1);
    world.graph.faults(|f| f.unreadable = true);
    let run = world.run("b2b-graph", "nightly").await;
    assert_eq!(run.result, StepResult::CompletedDiscoveryErrors);
    assert_eq!((run.steps.len(), run.left_out.as_slice()), (1, &[StepType::FullSync][..]));
    let message = run.message.unwrap();
    assert!(message.contains("obsoletion was skipped because of 1 discovery errors"), "{message}");
    assert_eq!(run.state["b2b-graph"].pending_import, 0);
    let history = world.history().await;
    let end = history.last().unwrap().end.as_ref().unwrap();
    assert_eq!(end.message.as_deref(), Some(message.as_str()));
    let next = world.run("b2b-graph", "nightly").await;
    assert_eq!((next.result, next.counters["stage-delete"]), (StepResult::Success, 1));
    assert_eq!(next.steps.len(), 2);
}

#[tokio::test]
async fn export_errors_let_the_next_step_run() {
    let steps = "{ type = \"export\" }, { type = \"delta-import\" }";
    let world = world(&[profile(ADMA, steps)]).await;
    for run in ["mimma/full-import", "mimma/full-sync", "adma/full-import", "adma/full-sync"] {
        let (connector, name) = run.split_once('/').unwrap();
        world.run(connector, name).await;
    }
    world.runs(["b2b-graph/full-import", "b2b-graph/full-sync"]).await;
    world.adma.faults(|f| f.refuse = Some(connector::ExportErrorType::CdError));
    let run = world.run("adma", "nightly").await;
    assert_eq!(run.steps[0].result, StepResult::CompletedExportErrors);
    assert_eq!(run.steps[1].result, StepResult::Success);
    assert_eq!((run.result, run.errors.len()), (StepResult::Success, 2));
}

#[tokio::test]
async fn an_interrupted_profile_goes_on_with_the_step_that_was_left_open() {
    let world = world(&[profile(GRAPH, BOTH)]).await;
    world.cycle().await;
    let connector = world.engine.setup().connector("b2b-graph").unwrap().id;
    let first = world.history().await.last().unwrap().id;
    let open = NewRun {
        connector,
        profile: Name::new("nightly"),
        step: RunStep {
            number: 2,
            step_type: Name::new("full-sync"),
            description: "full-sync".to_owned(),
            first: Some(first),
        },
        started_by: None,
        rules: None,
        sequence: None,
        owner: "a process that died".to_owned(),
        started: Timestamp(0),
        lease_until: Timestamp(0),
    };
    let lease = world.store.begin_run(open).await.unwrap();
    let run = world.run("b2b-graph", "nightly").await;
    assert_eq!((run.run, run.steps.len()), (lease.run, 1));
    assert_eq!((run.steps[0].number, run.steps[0].step_type), (2, StepType::FullSync));
    let again = world.run("b2b-graph", "nightly").await;
    assert_eq!(again.steps.len(), 2);
}

#[tokio::test]
async fn the_five_profiles_are_there_without_a_word() {
    let world = World::documented().await;
    for (name, step_type) in StepType::ALL {
        let steps = world.engine.steps("adma", name).unwrap();
        assert_eq!((steps.len(), steps[0].step_type), (1, step_type));
    }
    let unknown = world.engine.steps("adma", "nightly").unwrap_err();
    assert_eq!(unknown.to_string(), "the connector adma has no run profile \"nightly\"");
}

#[tokio::test]
async fn a_step_keeps_to_its_partition() {
    let second = "[[partitions]]\ndn = \"DC=fabrikam,DC=com\"\n\n[objects.user]\n";
    let steps = "{ type = \"full-import\", partition = \"dc=contoso,dc=com\" }";
    let world = world(&[(ADMA, "[objects.user]\n", second.to_owned()), profile(ADMA, steps)]).await;
    world.cycle().await;
    let there = "CN=x,DC=fabrikam,DC=com";
    world.adma.put("user", "x", there, &[("sAMAccountName", "x".into())]);
    world.run("adma", "full-import").await;
    let watermark = world.watermark("adma").await;
    world.adma.delete("x");
    world.adma.delete(&world.adma.anchor_of(&account(G1)).unwrap());
    world.adma.put("user", "y", "CN=y,DC=fabrikam,DC=com", &[("sAMAccountName", "y".into())]);
    let run = world.run("adma", "nightly").await;
    assert_eq!((run.result, run.counters["stage-delete"]), (StepResult::Success, 1));
    assert_eq!(run.counters.get("stage-add"), None);
    assert!(world.object("adma", there).await.is_some_and(|o| !o.is_gone()));
    // The other partition still has to be read from where it was.
    assert_eq!(world.watermark("adma").await, watermark);
    let run = world.run("adma", "delta-import").await;
    assert_eq!((run.counters["stage-delete"], run.counters["stage-add"]), (1, 1));
}
