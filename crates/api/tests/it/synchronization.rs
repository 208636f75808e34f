//! Connectors, objects, metaverse, rules and what waits, as the documented deployment shows them.

use serde_json::Value;

use crate::world::World;

async fn synchronized() -> World {
    let world = World::new().await;
    world.synchronize().await;
    world
}

async fn get(world: &World, path: &str) -> Value {
    let answer = world.get(1104, path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

#[tokio::test]
async fn connectors_show_the_state_of_their_space_and_their_last_run() {
    let world = synchronized().await;
    let connectors = get(&world, "/api/v1/connectors").await;
    // It follows the documents of the rules, which are the example's.
    let version = (r#""rules": "[0-9a-f]{32}""#, r#""rules": "<version>""#);
    insta::with_settings!({ filters => [version] }, {
        insta::assert_json_snapshot!(connectors);
    });
    insta::assert_json_snapshot!(get(&world, "/api/v1/sequences").await);
}

#[tokio::test]
async fn a_pending_export_shows_every_change_with_its_rule_and_no_secret() {
    let world = synchronized().await;
    let pending = get(&world, "/api/v1/pending-exports?connector=adma&limit=1").await;
    insta::assert_json_snapshot!(pending);
    let text = pending.to_string();
    assert!(!text.contains("0guest1#EXT#"), "the drawn password would be 0 and the name");
    let id = pending["items"][0]["object"]["id"].as_str().unwrap();
    let object = get(&world, &format!("/api/v1/connectors/adma/objects/{id}")).await;
    assert_eq!(object["stages"]["pendingExport"], pending["items"][0]["export"]);
    assert_eq!(object["attributes"], serde_json::json!([]));
}

#[tokio::test]
async fn objects_are_filtered_by_scope() {
    let world = synchronized().await;
    let count = async |connector: &str, scope: &str| {
        let path = format!("/api/v1/connectors/{connector}/objects?scope={scope}");
        get(&world, &path).await["items"].as_array().unwrap().len()
    };
    assert_eq!(count("b2b-graph", "all").await, 3);
    assert_eq!(count("b2b-graph", "disconnectors").await, 0);
    assert_eq!(count("b2b-graph", "errors").await, 0);
    assert_eq!(count("adma", "pending-export").await, 3);
    assert_eq!(count("adma", "unconfirmed").await, 0);
    assert_eq!(count("adma", "pending-import").await, 0);
    let missing = world.get(1104, "/api/v1/connectors/nothing/objects").await;
    assert_eq!(missing.code(), "API-0201");
    let other = world.get(1104, "/api/v1/connectors/adma/objects/2:1").await;
    assert_eq!(other.code(), "API-0201", "an object of another connector");
}

#[tokio::test]
async fn a_metaverse_object_shows_lineage_and_which_way_values_flow() {
    let world = synchronized().await;
    let found = get(&world, "/api/v1/metaverse/objects?type=person&search=GUEST1%40").await;
    assert_eq!(found["items"].as_array().unwrap().len(), 1, "{found}");
    let id = found["items"][0]["id"].as_str().unwrap();
    let object = get(&world, &format!("/api/v1/metaverse/objects/{id}")).await;
    insta::assert_json_snapshot!(object);
    let cs = get(&world, "/api/v1/connectors/b2b-graph/objects/2:1").await;
    assert_eq!(cs["metaverseId"], id);
    insta::assert_json_snapshot!(cs);
}

#[tokio::test]
async fn the_metaverse_shows_its_types() {
    let world = synchronized().await;
    let metaverse = get(&world, "/api/v1/metaverse").await;
    let types = metaverse["types"].as_array().unwrap();
    let person = types.iter().find(|t| t["name"] == "person").unwrap();
    assert!(person["count"].as_u64().unwrap() >= 3);
    let mail = person["attributes"].as_array().unwrap().iter().find(|a| a["name"] == "mail");
    let expected = serde_json::json!(
        {"name": "mail", "type": "string", "multiValued": false, "indexed": true});
    assert_eq!(mail, Some(&expected));
}

#[tokio::test]
async fn rules_say_whether_they_are_in_force() {
    let world = World::new().await;
    let rules = get(&world, "/api/v1/rules").await;
    assert!(rules.as_array().unwrap().iter().all(|rule| rule["inMetaverse"] == false));
    world.synchronize().await;
    let rules = get(&world, "/api/v1/rules").await;
    let rules = rules.as_array().unwrap();
    assert_eq!(rules.len(), 3);
    assert!(rules.iter().all(|rule| rule["inMetaverse"] == true && rule["isNewest"] == true));
    let rule = get(&world, "/api/v1/rules/OUT%20-%20B2B%20-%20AD").await;
    assert_eq!(
        (&rule["direction"], &rule["connector"], &rule["metaverseType"], &rule["precedence"]),
        (&"outbound".into(), &"adma".into(), &"person".into(), &2.into())
    );
    assert!(rule["document"].as_str().unwrap().contains("unicodePwd"));
}
