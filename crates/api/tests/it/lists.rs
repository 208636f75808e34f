//! Pages, searches, conditional reading.

use std::collections::BTreeSet;

use model::{Attributes, Guid};
use proptest::prelude::*;
use service::PERSON;

use crate::world::{World, person_id, ticket};

/// Every identifier of a list, page by page, and how many pages there were.
async fn all(world: &World, path: &str, limit: usize, cursor: &str) -> (Vec<String>, usize) {
    let joint = if path.contains('?') { '&' } else { '?' };
    let (mut found, mut pages, mut next) = (Vec::new(), 0, String::new());
    loop {
        let page = world.get(1105, &format!("{path}{joint}limit={limit}{next}")).await;
        assert_eq!(page.status, 200, "{}", page.text());
        let page = page.json();
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= limit);
        pages += 1;
        found.extend(items.iter().map(|item| {
            let id = [&item["id"], &item["object"]["id"]].into_iter().find_map(|v| v.as_str());
            id.unwrap().to_owned()
        }));
        let Some(after) = page["next"].as_str() else { return (found, pages) };
        next = format!("&{cursor}={after}");
    }
}

#[tokio::test]
async fn people_are_listed_in_order_of_name_and_found_by_how_they_begin() {
    let world = World::new().await;
    let names = async |query: &str| {
        let page = world.get(1101, &format!("/api/v1/people{query}")).await.json();
        let items = page["items"].as_array().unwrap().iter();
        items.map(|p| p["displayName"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let everybody = names("").await;
    assert_eq!(everybody.len(), 8, "with the service's own people");
    assert_eq!(everybody[..2], ["Adam Audit", "Administrator"]);
    assert_eq!(names("?search=G").await, ["Gina Guest", "Gustav Guest"]);
    assert_eq!(names("?search=OTTO%40contoso").await, ["Otto Ops"]);
    assert_eq!(names("?search=berg").await, Vec::<String>::new());
    assert_eq!(names("?search=%25").await, Vec::<String>::new());
    assert_eq!(names("?search=%20%20").await, everybody);
}

#[tokio::test]
async fn parameters_that_make_no_sense_are_refused() {
    let world = World::new().await;
    for path in [
        "/api/v1/people?limit=0",
        "/api/v1/people?limit=501",
        "/api/v1/people?limit=x",
        "/api/v1/people?after=x",
        "/api/v1/runs?before=-1",
        "/api/v1/runs/1/errors?after=x",
        "/api/v1/connectors/adma/objects?scope=everything",
        "/api/v1/connectors/adma/objects?after=99:1",
        "/api/v1/pending-exports?after=x",
        "/api/v1/metaverse/objects?after=x",
    ] {
        let answer = world.get(1105, path).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (400, "API-0202"), "{path}");
    }
    insta::assert_json_snapshot!(world.get(1105, "/api/v1/people?limit=0").await.json());
}

#[tokio::test]
async fn every_list_gives_each_item_once_whatever_the_page() {
    let world = World::new().await;
    world.synchronize().await;
    for (path, cursor) in [
        ("/api/v1/people", "after"),
        ("/api/v1/people?search=a", "after"),
        ("/api/v1/runs", "before"),
        ("/api/v1/connectors/b2b-graph/objects", "after"),
        ("/api/v1/connectors/mimma/objects?search=b2b", "after"),
        ("/api/v1/connectors/mimma/objects?scope=disconnectors", "after"),
        ("/api/v1/pending-exports", "after"),
        ("/api/v1/metaverse/objects", "after"),
        ("/api/v1/metaverse/objects?search=guest", "after"),
    ] {
        let (whole, _) = all(&world, path, 500, cursor).await;
        assert!(whole.len() > 1, "{path}");
        assert_eq!(whole.iter().collect::<BTreeSet<_>>().len(), whole.len(), "{path}");
        for limit in 1..=whole.len() + 1 {
            let (found, pages) = all(&world, path, limit, cursor).await;
            assert_eq!(found, whole, "{path} by {limit}");
            assert!(pages <= whole.len() / limit + 1, "{path} by {limit}: {pages} pages");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn people_of_any_names_are_all_listed_once(
        names in proptest::collection::vec("[a-cA-C\u{e4}\u{df} ]{0,3}", 1..12),
        limit in 1_usize..5,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let world = World::new().await;
            for (n, name) in (0_u8..).zip(&names) {
                let mut person = Attributes::new();
                person.set_one("DisplayName", name.as_str());
                let id = Guid::from_bytes([0xaa, n, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
                world.service.create(PERSON, id, person).await.unwrap();
            }
            let (found, _) = all(&world, "/api/v1/people", limit, "after").await;
            assert_eq!(found.len(), names.len() + 8);
            assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), found.len());
        });
    }
}

#[tokio::test]
async fn what_did_not_change_is_not_sent_again() {
    let world = World::new().await;
    world.synchronize().await;
    let objects = world.get(1105, "/api/v1/metaverse/objects").await.json();
    let mv = objects["items"][0]["id"].as_str().unwrap();
    for path in [
        "/api/v1/me".to_owned(),
        format!("/api/v1/people/{}", person_id(1101)),
        "/api/v1/connectors/adma".to_owned(),
        "/api/v1/connectors/b2b-graph/objects/2:1".to_owned(),
        "/api/v1/runs/1".to_owned(),
        "/api/v1/metaverse".to_owned(),
        format!("/api/v1/metaverse/objects/{mv}"),
        "/api/v1/rules/IN%20-%20B2B%20-%20AD".to_owned(),
        "/api/v1/openapi.json".to_owned(),
    ] {
        let admin = ticket(1105);
        let first = world.call("GET", &path, &[("authorization", &admin)], None).await;
        // The session's cookie, so that the second answer is of the same session.
        let cookie = first.cookie();
        let first = world.call("GET", &path, &[("cookie", &cookie)], None).await;
        let tag = first.header("etag").to_owned();
        assert!(tag.starts_with('"'), "{path} {tag}");
        let listed = format!("\"other\", W/{tag}");
        let headers = [("cookie", cookie.as_str()), ("if-none-match", listed.as_str())];
        let second = world.call("GET", &path, &headers, None).await;
        assert_eq!((second.status.as_u16(), second.body.len()), (304, 0), "{path}");
        assert_eq!(second.header("etag"), tag);
    }
}
