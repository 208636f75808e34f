//! What a connector may do in one run, by kind of change: counted before the first of it.

use std::collections::BTreeSet;

use engine::{NoObserver, RunOptions, RunSummary, StepResult};
use rules::ChangeKind;

use crate::world::{G1, G2, World, account};

const ADMA: &str = "connectors/adma.toml";
const GRAPH: &str = "connectors/b2b-graph.toml";
const DELETES: &str = "deletes = { count = 100, percent = 5 }";

/// The documented deployment in which `limits` stand in the place of the directory's.
async fn limited(limits: &str) -> World {
    let out = "rules/out-b2b-ad.toml";
    let control = "from = \"262656\"                                  # smart card required, normal account\ninitial = true";
    World::with(&[
        (ADMA, DELETES, limits),
        (out, "from = \"mail\"\n", "from = \"mail\"\nallow_null = true\n"),
        (out, control, "from = 'IIF(Eq(givenName,\"Gone\"),262658,262656)'"),
    ])
    .await
}

async fn accepting(world: &World, connector: &str, profile: &str, kind: ChangeKind) -> RunSummary {
    let options = RunOptions { accepted: BTreeSet::from([kind]), ..RunOptions::default() };
    world.run_as(connector, profile, &NoObserver, &options).await.unwrap()
}

/// Carries what changed in the tenant into the metaverse and stages it for the directory.
async fn stage(world: &World) {
    for run in world.runs(["b2b-graph/delta-import", "b2b-graph/delta-sync"]).await {
        assert_eq!(run.result, StepResult::Success);
    }
}

fn writes(world: &World) -> u64 {
    world.adma.contents.lock().unwrap().writes
}

#[tokio::test]
async fn e188_more_deletions_than_the_limit_and_nothing_at_all_is_exported() {
    let world = limited("delete = { count = 1 }").await;
    world.cycle().await;
    let before = writes(&world);
    world.graph.delete(G1);
    world.graph.delete(G2);
    world.invite("g3", "Cora Lang", "cora");
    stage(&world).await;
    let run = world.run("adma", "export").await;
    assert_eq!(run.result.as_str(), "stopped-deletion-threshold-exceeded");
    assert_eq!((writes(&world), run.state["adma"].pending_export), (before, 3));
    let message = run.message.unwrap();
    assert!(message.contains("2 of 5 objects would be deleted; the limit is 1"), "{message}");
    assert!(message.contains(&account(G1)) && message.contains("nothing was exported"));
    assert_eq!(run.code, Some("ENG-0104"));
    assert!(!run.result.lets_sequence_go_on());
}

#[tokio::test]
async fn a_limit_that_is_accepted_does_not_count_for_that_run_and_the_history_says_so() {
    let world = limited("delete = { count = 0 }").await;
    world.cycle().await;
    world.graph.delete(G1);
    stage(&world).await;
    let refused = accepting(&world, "adma", "export", ChangeKind::Disable).await;
    assert_eq!(refused.result, StepResult::StoppedThresholdExceeded(ChangeKind::Delete));
    let run = accepting(&world, "adma", "export", ChangeKind::Delete).await;
    assert_eq!((run.result, run.counters["export-delete"]), (StepResult::Success, 1));
    let warning = &run.warnings[0];
    assert!(warning.contains("the limit of 0 was accepted for this run"), "{warning}");
    let history = world.history().await;
    assert_eq!(history.last().unwrap().step.description, "export, accepted limits delete");
}

#[tokio::test]
async fn accounts_that_become_disabled_are_counted_as_that() {
    let world = limited("disable = { count = 0 }").await;
    world.cycle().await;
    world.graph.set(G1, "givenName", "Gone");
    stage(&world).await;
    let run = world.run("adma", "export").await;
    assert_eq!(run.result.as_str(), "stopped-disable-threshold-exceeded");
    let run = accepting(&world, "adma", "export", ChangeKind::Disable).await;
    assert_eq!(run.result, StepResult::Success);
    world.run("adma", "delta-import").await;
    // Enabling again, and changing what is disabled already, is no disabling.
    world.graph.set(G1, "surname", "Other");
    stage(&world).await;
    assert_eq!(world.run("adma", "export").await.result, StepResult::Success);
    world.graph.set(G1, "givenName", "Ada");
    stage(&world).await;
    assert_eq!(world.run("adma", "export").await.result, StepResult::Success);
}

#[tokio::test]
async fn creations_changes_and_blankings_have_limits_too() {
    for (limits, result) in [
        ("create = { count = 0 }", "stopped-create-threshold-exceeded"),
        ("update = { count = 0 }", "stopped-update-threshold-exceeded"),
        ("attribute_blanking = { count = 0 }", "stopped-attribute-blanking-threshold-exceeded"),
    ] {
        let world = limited("delete = { count = 9 }").await;
        world.cycle().await;
        world.invite("g3", "Cora Lang", "cora");
        world.graph.set(G1, "mail", "");
        stage(&world).await;
        let strict = world.restarted(&[(ADMA, DELETES, limits)]).await;
        let before = writes(&strict);
        let run = strict.run("adma", "export").await;
        assert_eq!(run.result.as_str(), result);
        assert_eq!(writes(&strict), before);
    }
}

#[tokio::test]
async fn a_limit_of_a_type_looks_at_that_type_alone() {
    let of = |object: &str| {
        format!("delete = {{ count = 9 }}\n\n[objects.{object}.limits]\ncreate = {{ count = 0 }}\n")
    };
    for (object, expected) in
        [("container", "success"), ("user", "stopped-create-threshold-exceeded")]
    {
        let world = World::with(&[(ADMA, DELETES, &of(object))]).await;
        world
            .runs(["mimma/full-import", "mimma/full-sync", "adma/full-import", "adma/full-sync"])
            .await;
        world.runs(["b2b-graph/full-import", "b2b-graph/full-sync"]).await;
        assert_eq!(world.run("adma", "export").await.result.as_str(), expected, "{object}");
    }
}

#[tokio::test]
async fn e034_an_import_that_shows_nothing_stops_before_the_first_deletion() {
    let limits = (GRAPH, "[access]", "[limits]\ndelete = { percent = 50 }\n\n[access]");
    let world = World::with(&[limits]).await;
    let guests: Vec<String> = (0..30).map(|n| format!("guest-{n}")).collect();
    for id in &guests {
        world.invite(id, "Ada Lind", id);
    }
    world.cycle().await;
    for id in guests.iter().map(String::as_str).chain([G1, G2, crate::world::M1]) {
        world.graph.delete(id);
    }
    let run = world.run("b2b-graph", "full-import").await;
    assert_eq!(run.result.as_str(), "stopped-deletion-threshold-exceeded");
    assert_eq!((run.state["b2b-graph"].total, run.state["b2b-graph"].pending_import), (33, 0));
    let message = run.message.unwrap();
    assert!(message.contains("33 of 33 objects are gone; the limit is 50 %"), "{message}");
    assert!(message.contains("and 23 more"), "{message}");
    let run = accepting(&world, "b2b-graph", "full-import", ChangeKind::Delete).await;
    assert_eq!((run.result, run.counters["stage-delete"]), (StepResult::Success, 33));
}

#[tokio::test]
async fn e034_an_import_in_which_values_are_missing_stages_none_of_those_objects() {
    let limits = (GRAPH, "[access]", "[limits]\nattribute_blanking = { count = 1 }\n\n[access]");
    let world = World::with(&[limits]).await;
    world.cycle().await;
    for id in [G1, G2] {
        world.graph.set(id, "mail", "");
    }
    world.graph.set(crate::world::M1, "displayName", "Other");
    let watermark = world.watermark("b2b-graph").await;
    for profile in ["full-import", "delta-import"] {
        let run = world.run("b2b-graph", profile).await;
        assert_eq!(run.result.as_str(), "stopped-attribute-blanking-threshold-exceeded");
        assert_eq!(run.state["b2b-graph"].pending_import, 1, "{profile}");
        assert_eq!(run.counters.get("stage-delete"), None);
    }
    assert_eq!(world.watermark("b2b-graph").await, watermark);
    // One of them is within the limit.
    world.graph.set(G2, "mail", "bruno@treyresearch.example");
    let run = world.run("b2b-graph", "delta-import").await;
    assert_eq!((run.result, run.counters["stage-update"]), (StepResult::Success, 1));
    let object = world.object("b2b-graph", G1).await.unwrap();
    assert_eq!(object.imported.unwrap().get("mail"), None);
}

#[tokio::test]
async fn a_value_that_we_took_away_ourselves_is_none_that_was_lost() {
    let world = limited("attribute_blanking = { count = 0 }").await;
    world.cycle().await;
    world.graph.set(G1, "mail", "");
    stage(&world).await;
    let run = accepting(&world, "adma", "export", ChangeKind::AttributeBlanking).await;
    assert_eq!((run.result, run.counters["export-update"]), (StepResult::Success, 1));
    let run = world.run("adma", "delta-import").await;
    assert_eq!((run.result, run.counters["stage-update"]), (StepResult::Success, 1));
    world.adma.set(&world.adma.anchor_of(&account(G2)).unwrap(), "mail", "");
    let run = world.run("adma", "delta-import").await;
    assert_eq!(run.result.as_str(), "stopped-attribute-blanking-threshold-exceeded");
}
