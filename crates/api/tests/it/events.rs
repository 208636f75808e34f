//! Server-sent events.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::Request;
use futures_util::StreamExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

use api::Work;
use model::Name;

use crate::world::{World, person_id, ticket};

/// Longer than any event takes.
const PATIENCE: Duration = Duration::from_secs(10);

async fn listen(world: &World) -> BodyDataStream {
    let request = Request::get("/api/v1/events").header("authorization", ticket(1104));
    let response = world.router.clone().oneshot(request.body(Body::empty()).unwrap()).await;
    let response = response.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    response.into_body().into_data_stream()
}

/// The next event: its name and data; `None` at the end.
async fn next(stream: &mut BodyDataStream) -> Option<(String, Value)> {
    let chunk = tokio::time::timeout(PATIENCE, stream.next()).await.unwrap()?.unwrap();
    let text = String::from_utf8(chunk.to_vec()).unwrap();
    let line = |prefix: &str| text.lines().find_map(|line| line.strip_prefix(prefix));
    let name = line("event: ").unwrap().to_owned();
    Some((name, serde_json::from_str(line("data: ").unwrap()).unwrap()))
}

fn work() -> Work {
    Work::Run { connector: Name::new("b2b-graph"), profile: Name::new("full-sync") }
}

#[tokio::test]
async fn listeners_hear_a_run_begin_come_along_and_end() {
    let world = World::new().await;
    world.synchronize().await;
    let mut stream = listen(&world).await;
    let run = world.api.jobs().start(work(), engine::RunOptions::default()).await.unwrap();
    let mut names = Vec::new();
    while names.last().is_none_or(|name| name != "run-ended") {
        let (name, data) = next(&mut stream).await.unwrap();
        assert_eq!(data["run"]["id"], run.to_string());
        if name == "run-ended" {
            assert_eq!((&data["run"]["state"], &data["done"]), (&"ended".into(), &3.into()));
        }
        names.push(name);
    }
    assert_eq!(names, ["run-started", "run-progress", "run-ended"]);
}

#[tokio::test]
async fn who_comes_late_hears_of_the_run_under_way() {
    let world = World::new().await;
    world.runner.gate.acquire_many(1_000).await.unwrap().forget();
    let run = world.api.jobs().start(work(), engine::RunOptions::default()).await.unwrap();
    let mut stream = listen(&world).await;
    let (name, data) = next(&mut stream).await.unwrap();
    assert_eq!((name.as_str(), &data["run"]["id"]), ("run-progress", &run.to_string().into()));
    world.runner.gate.add_permits(1);
    assert_eq!(next(&mut stream).await.unwrap().0, "run-ended");
}

#[tokio::test]
async fn the_stream_ends_with_the_session_and_with_the_program() {
    let world = World::new().await;
    let mut revoked = listen(&world).await;
    world.api.revoke_person(person_id(1104));
    world.api.jobs().start(work(), engine::RunOptions::default()).await.unwrap();
    assert_eq!(next(&mut revoked).await, None, "nothing is told any more");
    let mut stream = listen(&world).await;
    world.api.jobs().shutdown().await;
    while next(&mut stream).await.is_some() {}
}
