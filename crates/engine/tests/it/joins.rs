//! Filter, join and projection, case by case.

use engine::StepResult;
use model::Value;
use store::{CsState, DisconnectorKind};

use crate::world::{CYCLE, G1, G2, World, account};

const OLD: &str = "CN=Old,OU=B2BGuest,DC=contoso,DC=com";
const NEWER: &str = "CN=Newer,OU=B2BGuest,DC=contoso,DC=com";
const LAST: (&str, &str, &str) =
    ("metaverse.toml", "rule = \"any\", connectors = [\"b2b-graph\"]", "rule = \"last\"");
/// Accounts are joined by address and never made.
const BY_MAIL: [(&str, &str, &str); 2] = [
    (
        "rules/in-b2b-ad.toml",
        "metaverse = \"accountName\", object = \"sAMAccountName\"",
        "metaverse = \"mail\", object = \"mail\"",
    ),
    (
        "rules/out-b2b-ad.toml",
        "create_in_connected_system = true",
        "create_in_connected_system = false",
    ),
];
const BY_MAIL_OUTWARD: [(&str, &str, &str); 2] = [
    (
        "rules/out-b2b-ad.toml",
        "create_in_connected_system = true",
        "create_in_connected_system = true\nrelationship = [{ metaverse = \"mail\", object = \"mail\" }]",
    ),
    ("rules/in-b2b-ad.toml", "create_in_metaverse = true", "create_in_metaverse = false"),
];
const SHARED: &str = "shared@treyresearch.example";

fn put(world: &World, anchor: &str, dn: &str, values: &[(&str, &str)]) {
    let values: Vec<(&str, Value)> = values.iter().map(|(n, v)| (*n, Value::string(v))).collect();
    world.adma.put("user", anchor, dn, &values);
}

fn filter(file: &'static str, conditions: &str) -> (&'static str, &'static str, String) {
    let (before, object) = match file {
        "connectors/adma.toml" => ("[objects.container]", "user"),
        _ => ("# The tenant's own people stay out.", "user"),
    };
    (file, before, format!("[[objects.{object}.filter]]\nall = [{conditions}]\n\n{before}"))
}

#[tokio::test]
async fn a_filtered_guest_who_leaves_an_account_behind_takes_the_values_back() {
    let world = World::with(&[LAST]).await;
    world.cycle().await;
    world.graph.set(G1, "userType", "Member");
    let [_, sync] = world.runs(["b2b-graph/delta-import", "b2b-graph/delta-sync"]).await;
    assert_eq!(sync.counters["connector-filtered-leave-mv"], 1);
    let person = world.person_of("adma", &account(G1)).await.unwrap();
    assert_eq!(person.values("displayName"), None);
    assert!(person.values("objectSid").is_some());
    let guest = world.object("b2b-graph", G1).await.unwrap();
    assert_eq!(guest.state, CsState::Disconnector(DisconnectorKind::Filtered));
    world.graph.set(G1, "userType", "Guest");
    let [_, sync] = world.runs(["b2b-graph/delta-import", "b2b-graph/delta-sync"]).await;
    // Nothing to join by is left, and the account is somebody else's until an administrator says
    // otherwise.
    assert_eq!(sync.errors[0].error_type, "object-already-exists");
}

#[tokio::test]
async fn a_new_filter_cuts_what_it_visits() {
    let world = World::documented().await;
    world.cycle().await;
    let (file, from, to) = filter(
        "connectors/b2b-graph.toml",
        r#"{ attribute = "surname", operator = "equal", value = "Lind" }"#,
    );
    let world = world.restarted(&[(file, from, to.as_str())]).await;
    let sync = world.run("b2b-graph", "delta-sync").await;
    assert_eq!((sync.result, sync.state["b2b-graph"].filtered), (StepResult::Success, 1));
    let sync = world.run("b2b-graph", "full-sync").await;
    assert_eq!(sync.counters["connector-filtered-remove-mv"], 1);
}

#[tokio::test]
async fn a_new_account_that_its_own_filter_would_take_out_is_not_made() {
    let (file, from, to) = filter(
        "connectors/adma.toml",
        r#"{ attribute = "sn", operator = "equal", value = "Lind" }"#,
    );
    let world = World::with(&[(file, from, to.as_str())]).await;
    let runs = world.cycle().await;
    assert_eq!(runs[5].result, StepResult::CompletedSyncErrors);
    assert_eq!(runs[5].errors[0].error_type, "connector-filter-rule-violation");
    assert_eq!((runs[5].metaverse["person"], runs[5].state["adma"].pending_export), (1, 1));
    let guest = world.object("b2b-graph", G1).await.unwrap();
    assert!(guest.state.is_normal_disconnector() && guest.pending_import.is_some());
    assert_eq!(guest.import_error.unwrap().count, 1);
    // Every delta tries again, until it succeeds.
    world.run("b2b-graph", "delta-sync").await;
    let error = world.object("b2b-graph", G1).await.unwrap().import_error.unwrap();
    assert_eq!(error.count, 2);
    world.graph.set(G1, "surname", "Berg");
    world.runs(["b2b-graph/delta-import", "b2b-graph/delta-sync"]).await;
    let guest = world.object("b2b-graph", G1).await.unwrap();
    assert_eq!((guest.import_error, guest.pending_import), (None, None));
}

#[tokio::test]
async fn of_alternatives_one_is_enough_of_conditions_all_are_needed() {
    let (file, from, to) = filter(
        "connectors/b2b-graph.toml",
        r#"{ attribute = "surname", operator = "equal", value = "Lind" }, { attribute = "mobilePhone", operator = "not-present" }, { attribute = "mail", operator = "equal", value = "none" }"#,
    );
    let (_, _, other) = filter(
        "connectors/b2b-graph.toml",
        r#"{ attribute = "mobilePhone", operator = "not-present" }, { attribute = "givenName", operator = "equal", value = "Bruno" }"#,
    );
    let both = format!("{}{other}", to.trim_end_matches(from));
    let world = World::with(&[(file, from, both.as_str())]).await;
    let runs = world.cycle().await;
    assert_eq!(runs[5].counters["disconnector-filtered"], 2);
    assert_eq!(runs[5].counters["disconnector-projected-flow"], 1);
    assert!(world.person_of("b2b-graph", G1).await.is_some());
}

#[tokio::test]
async fn an_account_that_two_persons_could_own_waits_and_says_so() {
    let world = World::with(&BY_MAIL).await;
    world.cycle().await;
    world.graph.set(G1, "mail", SHARED);
    world.graph.set(G2, "mail", SHARED);
    world.runs(["b2b-graph/delta-import", "b2b-graph/delta-sync"]).await;
    put(&world, "old", OLD, &[("mail", SHARED)]);
    for count in 1..3 {
        let [_, sync] = world.runs(["adma/delta-import", "adma/delta-sync"]).await;
        assert_eq!(sync.result, StepResult::CompletedWarnings);
        assert_eq!(sync.counters["disconnector-remains"], 3);
        assert_eq!((sync.errors.len(), sync.errors[0].error_type.as_str()), (1, "ambiguous-join"));
        let object = world.object("adma", OLD).await.unwrap();
        assert!(object.state.is_normal_disconnector() && object.pending_import.is_none());
        assert_eq!(object.import_error.unwrap().count, count);
    }
    assert_eq!(world.people().await.len(), 2);
    world.graph.set(G2, "mail", "bruno@treyresearch.example");
    let [.., sync] =
        world.runs(["b2b-graph/delta-import", "b2b-graph/delta-sync", "adma/delta-sync"]).await;
    assert_eq!(sync.counters["disconnector-joined-flow"], 1);
    assert_eq!(world.object("adma", OLD).await.unwrap().import_error, None);
    let person = world.person_of("adma", OLD).await.unwrap();
    assert_eq!(person.values("uid").unwrap().to_string(), G1);
    // The link outlives what made it.
    world.adma.set("old", "mail", "bruno@treyresearch.example");
    world.runs(["adma/delta-import", "adma/delta-sync"]).await;
    assert_eq!(world.person_of("adma", OLD).await.unwrap().id, person.id);
}

#[tokio::test]
async fn joining_does_not_mind_case_and_what_has_no_key_is_projected() {
    let world = World::with(&BY_MAIL).await;
    for (connector, profile) in &CYCLE[..6] {
        world.run(connector, profile).await;
    }
    put(&world, "old", OLD, &[("mail", "ADA@TreyResearch.example")]);
    put(&world, "newer", NEWER, &[("sn", "Nobody")]);
    let [_, sync] = world.runs(["adma/delta-import", "adma/delta-sync"]).await;
    assert_eq!(sync.counters["disconnector-joined-flow"], 1);
    assert_eq!(sync.counters["disconnector-projected-flow"], 1);
    assert!(world.person_of("adma", OLD).await.unwrap().values("uid").is_some());
    assert!(world.person_of("adma", NEWER).await.unwrap().values("uid").is_none());
}

#[tokio::test]
async fn a_second_account_of_one_person_is_refused_by_its_flows() {
    let world = World::with(&BY_MAIL).await;
    for (connector, profile) in &CYCLE[..6] {
        world.run(connector, profile).await;
    }
    for (anchor, dn) in [("old", OLD), ("newer", NEWER)] {
        put(
            &world,
            anchor,
            dn,
            &[("mail", "ada@treyresearch.example"), ("sAMAccountName", anchor)],
        );
    }
    for _ in 0..2 {
        let [_, sync] = world.runs(["adma/full-import", "adma/delta-sync"]).await;
        assert_eq!((sync.result, sync.errors.len()), (StepResult::CompletedSyncErrors, 1));
        assert_eq!(sync.errors[0].error_type, "ambiguous-import-flow-from-multiple-connectors");
    }
    // In order of import, which is that of the anchors here.
    assert!(world.object("adma", OLD).await.unwrap().state.is_normal_disconnector());
    let person = world.person_of("adma", NEWER).await.unwrap();
    assert_eq!(person.values("accountName").unwrap().to_string(), "newer");
    world.adma.delete("newer");
    let [_, sync] = world.runs(["adma/full-import", "adma/delta-sync"]).await;
    assert_eq!((sync.result, sync.errors), (StepResult::Success, Vec::new()));
    assert_eq!(world.person_of("adma", OLD).await.unwrap().id, person.id);
}

#[tokio::test]
async fn of_two_new_objects_with_one_key_the_first_is_projected() {
    let world = World::documented().await;
    put(&world, "1", OLD, &[("sAMAccountName", "same")]);
    put(&world, "2", NEWER, &[("sAMAccountName", "same")]);
    let runs = world.cycle().await;
    assert_eq!(runs[3].counters["disconnector-projected-flow"], 1);
    assert_eq!(runs[3].counters["flow-failure"], 1);
    assert!(world.person_of("adma", OLD).await.is_some());
    assert!(world.person_of("adma", NEWER).await.is_none());
}

#[tokio::test]
async fn a_guest_whom_two_accounts_match_gets_neither_and_no_third() {
    let world = World::with(&BY_MAIL_OUTWARD).await;
    put(&world, "1", OLD, &[("mail", "ada@treyresearch.example")]);
    put(&world, "2", NEWER, &[("mail", "ada@treyresearch.example")]);
    let runs = world.cycle().await;
    assert_eq!(runs[5].result, StepResult::CompletedSyncErrors);
    assert_eq!(
        (runs[5].errors.len(), runs[5].errors[0].error_type.as_str()),
        (1, "ambiguous-join")
    );
    assert_eq!(world.adma.list("user").len(), 3);
    world.adma.delete("2");
    world.run("adma", "delta-import").await;
    world.run("adma", "delta-sync").await;
    assert_eq!(world.run("b2b-graph", "delta-sync").await.errors, Vec::new());
    assert!(world.person_of("adma", OLD).await.is_some());
}

#[tokio::test]
async fn an_account_planned_but_not_sent_gives_way_to_one_that_is_there() {
    for replacements in [&[][..], &BY_MAIL_OUTWARD[..]] {
        let world = World::with(replacements).await;
        for (connector, profile) in &CYCLE[..6] {
            world.run(connector, profile).await;
        }
        let values =
            [("sAMAccountName", "0c5e3c0a-12d3-4f56-8"), ("mail", "ada@treyresearch.example")];
        put(&world, "old", &account(G1), &values);
        world.runs(["adma/delta-import", "adma/delta-sync", "b2b-graph/full-sync"]).await;
        let export = world.run("adma", "export").await;
        assert_eq!(export.result, StepResult::Success, "{:?}", export.errors);
        world.settle().await;
        assert_eq!(world.adma.list("user").len(), 2);
        let person = world.person_of("adma", &account(G1)).await.unwrap();
        assert_eq!(person.values("uid").unwrap().to_string(), G1);
        assert_eq!(world.adma.text(&account(G1), "sn").unwrap(), "Lind");
    }
}

#[tokio::test]
async fn a_guest_of_another_type_does_not_join_the_person_that_went_with_the_old_one() {
    let contact = "name = \"IN - Contact\"\ndirection = \"inbound\"\nconnector = \"b2b-graph\"\n\
                   object = \"contact\"\nmetaverse = \"person\"\nprecedence = 2\n\
                   relationship = [{ metaverse = \"uid\", object = \"id\" }]\n\
                   create_in_metaverse = true\n[[flow]]\nto = \"uid\"\nfrom = \"id\"\n";
    let selected = "[objects.contact]\nattributes = [\"id\"]\n\n[objects.user]";
    let world = World::with(&[
        ("connectors/b2b-graph.toml", "[objects.user]", selected),
        ("rules/in-contact.toml", "", contact),
    ])
    .await;
    world.cycle().await;
    let before = world.person_of("b2b-graph", G1).await.unwrap();
    world.graph.retype(G1, "contact");
    world.runs(["b2b-graph/delta-import", "b2b-graph/delta-sync"]).await;
    let after = world.person_of("b2b-graph", G1).await.unwrap();
    assert_ne!(after.id, before.id);
    assert_eq!(after.attributes["uid"].lineage.rule, *"IN - Contact");
}
