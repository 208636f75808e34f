//! Every route for every kind of caller. A route without a row fails.

use std::collections::BTreeSet;
use std::path::Path;

use crate::world::{World, person_id, ticket};

/// A row: method and path as in the description, path to ask for, body, expected status for nobody,
/// a person, a guest, an auditor, an operator, an administrator, and an operator's token.
type Row = (&'static str, &'static str, String, Option<serde_json::Value>, [u16; 7]);

const CALLERS: [&str; 7] =
    ["nobody", "person", "guest", "auditor", "operator", "administrator", "token"];

/// Reading of synchronization.
const READ: [u16; 7] = [401, 403, 404, 200, 200, 200, 200];
const ANYBODY: [u16; 7] = [200; 7];

fn plain(path: &'static str, expected: [u16; 7]) -> Row {
    ("get", path, path.to_owned(), None, expected)
}

fn rows(mv: &str, run: &str) -> Vec<Row> {
    [rows_of_people(), rows_of_synchronization(mv, run), rows_of_tokens()].concat()
}

fn rows_of_people() -> Vec<Row> {
    let anna = person_id(1101);
    vec![
        plain("/health/live", ANYBODY),
        plain("/health/ready", ANYBODY),
        plain("/api/v1/openapi.json", ANYBODY),
        plain("/api/v1/session", [401, 200, 200, 200, 200, 200, 200]),
        // What decides is the password, which is wrong here.
        (
            "post",
            "/api/v1/session",
            "/api/v1/session".to_owned(),
            Some(serde_json::json!({"account": "nobody", "password": "x".repeat(2_000)})),
            [401; 7],
        ),
        (
            "delete",
            "/api/v1/session",
            "/api/v1/session".to_owned(),
            None,
            [401, 204, 204, 204, 204, 204, 204],
        ),
        plain("/api/v1/me", [401, 200, 200, 200, 200, 200, 404]),
        plain("/api/v1/people", [401, 200, 404, 200, 200, 200, 200]),
        (
            "get",
            "/api/v1/people/{id}",
            format!("/api/v1/people/{anna}"),
            None,
            [401, 200, 404, 200, 200, 200, 200],
        ),
        // 428: past every check but the missing condition.
        (
            "patch",
            "/api/v1/people/{id}",
            format!("/api/v1/people/{anna}"),
            Some(serde_json::json!({"attributes": {}})),
            [401, 403, 404, 403, 403, 428, 403],
        ),
    ]
}

fn rows_of_synchronization(mv: &str, run: &str) -> Vec<Row> {
    let one = |path: &'static str, asked: String| ("get", path, asked, None, READ);
    vec![
        plain("/api/v1/connectors", READ),
        one("/api/v1/connectors/{name}", "/api/v1/connectors/adma".to_owned()),
        one("/api/v1/connectors/{name}/objects", "/api/v1/connectors/adma/objects".to_owned()),
        one(
            "/api/v1/connectors/{name}/objects/{id}",
            "/api/v1/connectors/b2b-graph/objects/2:1".to_owned(),
        ),
        plain("/api/v1/pending-exports", READ),
        plain("/api/v1/sequences", READ),
        plain("/api/v1/runs", READ),
        // 400: past every check but the body's.
        (
            "post",
            "/api/v1/runs",
            "/api/v1/runs".to_owned(),
            Some(serde_json::json!({})),
            [401, 403, 404, 403, 400, 400, 400],
        ),
        one("/api/v1/runs/{id}", format!("/api/v1/runs/{run}")),
        // 404: past every check, but the run has ended.
        (
            "post",
            "/api/v1/runs/{id}/stop",
            format!("/api/v1/runs/{run}/stop"),
            None,
            [401, 403, 404, 403, 404, 404, 404],
        ),
        one("/api/v1/runs/{id}/errors", format!("/api/v1/runs/{run}/errors")),
        plain("/api/v1/events", READ),
        plain("/api/v1/metaverse", READ),
        plain("/api/v1/metaverse/objects", READ),
        one("/api/v1/metaverse/objects/{id}", format!("/api/v1/metaverse/objects/{mv}")),
        plain("/api/v1/rules", READ),
        one("/api/v1/rules/{name}", "/api/v1/rules/IN%20-%20B2B%20-%20AD".to_owned()),
    ]
}

fn rows_of_tokens() -> Vec<Row> {
    vec![
        plain("/api/v1/tokens", [401, 403, 404, 403, 403, 200, 403]),
        (
            "post",
            "/api/v1/tokens",
            "/api/v1/tokens".to_owned(),
            Some(serde_json::json!({"name": "", "roles": []})),
            [401, 403, 404, 403, 403, 400, 403],
        ),
        (
            "delete",
            "/api/v1/tokens/{id}",
            "/api/v1/tokens/TOKEN".to_owned(),
            None,
            [401, 403, 404, 403, 403, 204, 403],
        ),
    ]
}

async fn make_token(world: &World, name: &str) -> (String, String) {
    let body = serde_json::json!({"name": name, "roles": ["operator"]});
    let admin = ticket(1105);
    let made = world.call("POST", "/api/v1/tokens", &[("authorization", &admin)], Some(body)).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let made = made.json();
    (made["id"].as_str().unwrap().to_owned(), made["secret"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn every_route_serves_exactly_whom_it_is_for() {
    let world = World::new().await;
    world.synchronize().await;
    let objects = world.get(1105, "/api/v1/metaverse/objects?type=person&search=guest").await;
    let objects = objects.json();
    let mv = objects["items"][0]["id"].as_str().unwrap().to_owned();
    let runs = world.get(1105, "/api/v1/runs").await.json();
    let run = runs["items"][0]["id"].as_str().unwrap().to_owned();
    let (_, secret) = make_token(&world, "operator").await;
    let mut callers = vec![None];
    callers.extend([1101, 1102, 1104, 1103, 1105].map(|rid| Some(ticket(rid))));
    callers.push(Some(format!("Bearer {secret}")));

    let rows = rows(&mv, &run);
    for (method, _, path, body, expected) in &rows {
        for ((caller, name), expected) in callers.iter().zip(CALLERS).zip(expected) {
            let mut path = path.clone();
            if path.ends_with("/TOKEN") {
                let (id, _) = make_token(&world, &format!("for {name}")).await;
                path = path.replace("TOKEN", &id);
            }
            let headers: Vec<(&str, &str)> =
                caller.iter().map(|value| ("authorization", value.as_str())).collect();
            let method = method.to_uppercase();
            let answer = world.call(&method, &path, &headers, body.clone()).await;
            let got = answer.status.as_u16();
            assert_eq!(got, *expected, "{method} {path} by {name}: {}", answer.text());
            if got >= 400 {
                assert_eq!(answer.header("content-type"), "application/problem+json");
            }
        }
    }
    assert_all_are_there(&rows);
}

fn assert_all_are_there(rows: &[Row]) {
    let rows: BTreeSet<(String, String)> =
        rows.iter().map(|(method, path, ..)| ((*method).to_owned(), (*path).to_owned())).collect();
    let document: serde_json::Value = serde_json::from_str(&api::document_text()).unwrap();
    let mut routes = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys().filter(|key| *key != "parameters") {
            routes.insert((method.clone(), path.clone()));
        }
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi/untested-endpoints.txt");
    let untested = std::fs::read_to_string(file).unwrap();
    assert_eq!(untested, "", "every route has a row");
    assert_eq!(rows, routes);
}

#[tokio::test]
async fn a_guest_with_a_role_is_still_a_guest() {
    let world = World::new().await;
    let session = world.get(1106, "/api/v1/session").await.json();
    assert_eq!(session["isGuest"], true);
    for path in ["/api/v1/people", "/api/v1/runs", "/api/v1/tokens", "/api/v1/connectors/adma"] {
        assert_eq!(world.get(1106, path).await.status, 404, "{path}");
    }
}
