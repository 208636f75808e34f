//! Starting runs, one at a time, and their history.

use api::{JobError, RunFailure, Work};
use engine::RunOptions;
use model::Name;
use serde_json::{Value, json};

use crate::runner::Trouble;
use crate::world::{Answer, World, ticket};

async fn start(world: &World, body: Value) -> Answer {
    let operator = ticket(1103);
    world.call("POST", "/api/v1/runs", &[("authorization", &operator)], Some(body)).await
}

/// Waits until nothing runs.
async fn idle(world: &World) {
    while world.api.jobs().is_busy() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn one_run_at_a_time_is_under_way() {
    let world = World::new().await;
    world.runner.gate.acquire_many(1_000).await.unwrap().forget();
    let body = json!({"connector": "adma", "profile": "delta-sync"});
    let first = start(&world, body.clone()).await;
    assert_eq!(first.status, 202, "{}", first.text());
    assert_eq!(first.header("location"), "/api/v1/runs/1");
    assert_eq!(first.json()["run"]["profile"], "delta-sync");
    let second = start(&world, body.clone()).await;
    assert_eq!((second.status.as_u16(), second.code().as_str()), (409, "API-0209"));
    insta::assert_json_snapshot!(second.json());
    world.runner.gate.add_permits(1);
    idle(&world).await;
    let run = world.get(1104, "/api/v1/runs/1").await.json();
    assert_eq!((&run["state"], &run["result"]), (&"ended".into(), &"success".into()));
    assert_eq!(start(&world, body).await.header("location"), "/api/v1/runs/2");
    world.runner.gate.add_permits(1);
    idle(&world).await;
}

#[tokio::test]
async fn a_sequence_ends_with_the_first_run_that_ends_badly() {
    let world = World::new().await;
    let started = start(&world, json!({"sequence": "b2b"})).await.json();
    assert_eq!(started["sequence"], "b2b");
    assert_eq!(started["run"]["sequence"], json!({"name": "b2b", "place": 1}));
    idle(&world).await;
    let runs = world.get(1104, "/api/v1/runs").await.json();
    let runs: Vec<(&str, &str, &str)> = runs["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| {
            let text = |name: &str| run[name].as_str().unwrap();
            (text("connector"), text("profile"), text("result"))
        })
        .collect();
    // The test's directory has no connection.
    let expected = [
        ("adma", "full-import", "no-start-connection"),
        ("mimma", "full-sync", "success"),
        ("mimma", "full-import", "success"),
    ];
    assert_eq!(runs, expected);
}

#[tokio::test]
async fn what_cannot_be_run_is_refused() {
    let world = World::new().await;
    let check = async |body: Value, status: u16, code: &str| {
        let answer = start(&world, body).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code));
    };
    check(json!({"connector": "nothing", "profile": "export"}), 404, "API-0201").await;
    check(json!({"connector": "adma", "profile": "nothing"}), 404, "API-0201").await;
    check(json!({"sequence": "nothing"}), 404, "API-0201").await;
    check(json!({"connector": "adma"}), 400, "API-0203").await;
    check(json!({"sequence": "b2b", "connector": "adma"}), 400, "API-0203").await;
    assert_eq!(world.get(1104, "/api/v1/runs").await.json()["items"], json!([]));
}

#[tokio::test]
async fn the_end_waits_for_the_run_and_takes_no_other() {
    let world = World::new().await;
    world.runner.gate.acquire_many(1_000).await.unwrap().forget();
    let jobs = world.api.jobs().clone();
    let sequence = Work::Sequence(Name::new("b2b"));
    jobs.start(sequence.clone(), RunOptions::default()).await.unwrap();
    let mut ending = std::pin::pin!(jobs.shutdown());
    assert!(futures_util::poll!(ending.as_mut()).is_pending());
    assert_eq!(jobs.start(sequence, RunOptions::default()).await, Err(JobError::Ending));
    let ready = world.call("GET", "/health/ready", &[], None).await;
    assert_eq!((ready.status.as_u16(), ready.code().as_str()), (503, "API-0301"));
    assert_eq!(world.call("GET", "/health/live", &[], None).await.status, 200);
    world.runner.gate.add_permits(1);
    ending.await;
    let runs = world.get(1104, "/api/v1/runs").await.json();
    assert_eq!(runs["items"].as_array().unwrap().len(), 1, "the sequence went no further");
}

#[tokio::test]
async fn a_run_that_another_process_left_is_interrupted() {
    let world = World::new().await;
    let connector = world.engine.setup().connector("adma").unwrap().id;
    let new = store::NewRun {
        connector,
        profile: Name::new("delta-sync"),
        step: store::RunStep::only(Name::new("delta-sync")),
        started_by: None,
        rules: None,
        sequence: None,
        owner: "gone".to_owned(),
        started: model::Timestamp::from_seconds(1),
        lease_until: model::Timestamp::from_seconds(2),
    };
    store::Store::begin_run(world.store.as_ref(), new).await.unwrap();
    let run = world.get(1104, "/api/v1/runs/1").await.json();
    assert_eq!(run["state"], "interrupted");
    assert_eq!(run.get("result"), None);
    let resumed = start(&world, json!({"connector": "adma", "profile": "delta-sync"})).await;
    assert_eq!(resumed.header("location"), "/api/v1/runs/1");
    idle(&world).await;
}

#[tokio::test]
async fn errors_of_a_run_are_listed_in_order() {
    let world = World::new().await;
    world.synchronize().await;
    let first = world.get(1104, "/api/v1/runs/3/errors?limit=1").await.json();
    insta::assert_json_snapshot!(first);
    let last = world.get(1104, "/api/v1/runs/3/errors?limit=1&after=1").await.json();
    assert_eq!((&last["items"], &last["next"]), (&first["items"], &Value::Null));
    assert_eq!(world.get(1104, "/api/v1/runs/99/errors").await.code(), "API-0201");
}

#[tokio::test]
async fn a_run_that_cannot_begin_says_why_and_leaves_the_way_free() {
    let world = World::new().await;
    let body = json!({"connector": "adma", "profile": "delta-sync"});
    let trouble = |trouble| *world.runner.trouble.lock().unwrap() = Some(trouble);
    let failure = |code| RunFailure {
        message: "the secret is not there".to_owned(),
        code,
        help: Some("set the variable".to_owned()),
    };
    trouble(Trouble::Failure(failure(Some("CLI-0101"))));
    let refused = start(&world, body.clone()).await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (500, "CLI-0101"));
    assert_eq!(refused.json()["help"], "set the variable");
    idle(&world).await;
    trouble(Trouble::Failure(failure(Some("STO-0106"))));
    assert_eq!(start(&world, body.clone()).await.code(), "API-0209", "another process is at it");
    idle(&world).await;
    trouble(Trouble::Panic);
    assert_eq!(start(&world, body.clone()).await.code(), "API-0211");
    idle(&world).await;
    assert_eq!(start(&world, body).await.status, 202);
    idle(&world).await;
}

#[tokio::test]
async fn a_stop_ends_the_sequence_and_is_for_what_is_under_way() {
    let world = World::new().await;
    world.runner.gate.acquire_many(1_000).await.unwrap().forget();
    start(&world, json!({"sequence": "b2b"})).await;
    let operator = ticket(1103);
    let stop = async |id: &str| {
        let path = format!("/api/v1/runs/{id}/stop");
        world.call("POST", &path, &[("authorization", &operator)], None).await
    };
    assert_eq!(stop("2").await.status, 404);
    let answer = stop("1").await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    world.runner.gate.add_permits(1_000);
    idle(&world).await;
    let runs = world.get(1104, "/api/v1/runs").await.json();
    let newest = &runs["items"][0];
    assert_eq!(newest["result"], "stopped-user-termination-from-wmi-or-ui", "{runs:#}");
    assert!(runs["items"].as_array().unwrap().len() <= 2, "{runs:#}");
    assert_eq!(stop("1").await.status, 404);
}

#[tokio::test]
async fn a_run_says_who_asked_for_it_and_what_it_was_to_do() {
    let world = World::new().await;
    let body = json!({"connector": "adma", "profile": "delta-sync", "acceptLimits": ["delete"]});
    start(&world, body).await;
    idle(&world).await;
    let run = world.get(1104, "/api/v1/runs/1").await.json();
    assert!(run["startedBy"].as_str().is_some_and(|name| !name.is_empty()), "{run}");
    let step = json!({ "number": 1, "stepType": "delta-sync", "description": "delta-sync" });
    assert_eq!(run["step"], step);
    let body = json!({"connector": "adma", "profile": "export", "acceptLimits": ["renames"]});
    assert_eq!(start(&world, body).await.status, 400);
}
