//! Changing a person: conditions, values, bodies.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::world::{Answer, World, person_id, ticket};

fn path() -> String {
    format!("/api/v1/people/{}", person_id(1101))
}

async fn change(world: &World, condition: &str, attributes: Value) -> Answer {
    let admin = ticket(1105);
    let headers = [("authorization", admin.as_str()), ("if-match", condition)];
    let body = json!({ "attributes": attributes });
    world.call("PATCH", &path(), &headers, Some(body)).await
}

fn values<'a>(answer: &'a Value, name: &str) -> Option<&'a Value> {
    let attributes = answer["attributes"].as_array().unwrap();
    attributes.iter().find(|attribute| attribute["name"] == name).map(|a| &a["values"])
}

#[tokio::test]
async fn a_change_starts_from_what_was_read() {
    let world = World::new().await;
    let read = world.get(1105, &path()).await;
    let tag = read.header("etag").to_owned();
    let changed = change(&world, &tag, json!({"JobTitle": "Buyer", "Email": null})).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    assert_eq!(values(&changed.json(), "JobTitle"), Some(&json!(["Buyer"])));
    assert_eq!(values(&changed.json(), "Email"), None);
    assert_eq!(values(&changed.json(), "AccountName"), Some(&json!(["anna"])));

    let late = change(&world, &tag, json!({"JobTitle": "Seller"})).await;
    assert_eq!((late.status.as_u16(), late.code().as_str()), (412, "API-0208"));
    insta::assert_json_snapshot!(late.json());
    let weak = format!("W/{}", changed.header("etag"));
    for condition in ["*", "", &weak, "\"x\", \"y\""] {
        assert_eq!(change(&world, condition, json!({"JobTitle": "x"})).await.code(), "API-0208");
    }
    let new_tag = changed.header("etag").to_owned();
    assert_eq!(change(&world, &new_tag, json!({"JobTitle": "Seller"})).await.status, 200);
}

#[tokio::test]
async fn what_the_schema_refuses_is_named() {
    let world = World::new().await;
    let tag = world.get(1105, &path()).await.header("etag").to_owned();
    let check = async |attributes: Value, status: u16, code: &str| {
        let answer = change(&world, &tag, attributes).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code));
        answer
    };
    let unknown = check(json!({"Shoe": "42"}), 422, "SVC-0102").await;
    insta::assert_json_snapshot!(unknown.json());
    check(json!({"EmployeeType": "Alien"}), 422, "SVC-0106").await;
    check(json!({"Email": ["a", "b"]}), 422, "SVC-0104").await;
    check(json!({"Email": 7}), 400, "API-0203").await;
    check(json!({"ObjectSID": "not octets"}), 400, "API-0203").await;
    check(json!({"EmployeeEndDate": "tomorrow"}), 400, "API-0203").await;
    let answer = change(&world, &tag, json!({"ObjectSID": "S-1-5-21-9-9-9-500"})).await;
    assert_eq!(values(&answer.json(), "ObjectSID"), Some(&json!(["S-1-5-21-9-9-9-500"])));
}

#[tokio::test]
async fn bodies_must_be_small_json() {
    let world = World::new().await;
    let check = async |content_type: &str, body: String, status: u16, code: &str| {
        let request = Request::post("/api/v1/session").header("content-type", content_type);
        let answer = world.send(request.body(Body::from(body)).unwrap()).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code));
    };
    let json = "application/json";
    check("text/plain", "{}".to_owned(), 415, "API-0206").await;
    check("application/x-www-form-urlencoded", "account=a".to_owned(), 415, "API-0206").await;
    check(json, "{".to_owned(), 400, "API-0203").await;
    check(json, "{}".to_owned(), 400, "API-0203").await;
    check(json, "[".repeat(100_000), 400, "API-0203").await;
    let extra = json!({"account": "a", "password": "b", "admin": true}).to_string();
    check(json, extra, 400, "API-0203").await;
    let large = format!("{{\"account\":\"{}\"}}", "a".repeat(1024 * 1024));
    check(json, large, 413, "API-0204").await;
}

#[tokio::test]
async fn methods_and_paths_that_are_not_there_are_problems() {
    let world = World::new().await;
    let answer = world.call("PUT", "/api/v1/people", &[], None).await;
    assert_eq!((answer.status.as_u16(), answer.code().as_str()), (405, "API-0205"));
    for path in ["/api/v1/nothing", "/api", "/api/v2/people", "/health/nothing"] {
        let answer = world.call("GET", path, &[], None).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (404, "API-0201"), "{path}");
    }
    let odd = world.get(1105, "/api/v1/people/not-an-id").await;
    assert_eq!((odd.status.as_u16(), odd.code().as_str()), (404, "API-0201"));
    let odd = world.get(1105, "/api/v1/rules/%ff").await;
    assert_eq!((odd.status.as_u16(), odd.code().as_str()), (404, "API-0201"));
}

#[tokio::test]
async fn insiders_see_selected_attributes_and_themselves_whole() {
    let world = World::new().await;
    let shown = async |rid: u32, of: u32| {
        let person = world.get(rid, &format!("/api/v1/people/{}", person_id(of))).await;
        values(&person.json(), "EmployeeID").is_some()
    };
    assert!(!shown(1101, 1103).await, "others in part");
    assert!(shown(1101, 1101).await);
    assert!(shown(1104, 1101).await, "an auditor sees everything");
    let me = world.get(1102, "/api/v1/me").await.json();
    assert_eq!(values(&me, "EmployeeID"), Some(&json!(["E-1102"])), "guests see themselves");
}
