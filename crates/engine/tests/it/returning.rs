//! Guests who come back, and accounts that were there before: what exists is connected, and what
//! it contributes flows at once.

use connector::ExportErrorType;
use model::Value;
use store::{MvObject, WriteOperation};

use crate::crash::poll_at_most;
use crate::world::{CYCLE, G1, World, owner};

fn dn(id: &str) -> String {
    format!("CN={id},OU=B2BGuest,DC=contoso,DC=com")
}

async fn person(world: &World, id: &str) -> MvObject {
    let people = world.people().await;
    let holds = |p: &&MvObject| p.values("uid").is_some_and(|uid| uid.to_string() == id);
    people.iter().find(holds).cloned().unwrap()
}

#[tokio::test]
async fn a_guest_who_returns_before_the_deletion_has_the_old_sid_at_once() {
    let world = World::documented().await;
    world.cycle().await;
    let sid = person(&world, G1).await.values("objectSid").cloned();
    world.graph.delete(G1);
    world.run("b2b-graph", "delta-import").await;
    world.run("b2b-graph", "delta-sync").await;
    world.invite(G1, "Ada Lind", "ada");
    world.run("b2b-graph", "delta-import").await;
    let sync = world.run("b2b-graph", "delta-sync").await;
    assert_eq!(sync.state["adma"].pending_export, 0);
    let again = person(&world, G1).await;
    assert_eq!(again.values("objectSid").cloned(), sid);
    assert_eq!(again.values("domain").unwrap().to_string(), "CONTOSO");
    world.settle().await;
    let portal = world.mimma.list("Person");
    assert!(portal.iter().any(|p| p.attributes.get("ObjectSID") == sid.as_ref()));
}

/// The outbound rule joins by the account name; the inbound one does not project.
const RELATIONSHIP: [(&str, &str, &str); 2] = [
    (
        "rules/out-b2b-ad.toml",
        "create_in_connected_system = true",
        "create_in_connected_system = true\nrelationship = [{ metaverse = \"accountName\", object = \"sAMAccountName\" }]",
    ),
    ("rules/in-b2b-ad.toml", "create_in_metaverse = true", "create_in_metaverse = false"),
];

#[tokio::test]
async fn an_account_that_was_there_before_is_connected_and_contributes() {
    let world = World::with(&RELATIONSHIP).await;
    let old = "CN=Old,OU=B2BGuest,DC=contoso,DC=com";
    let values = [
        ("sAMAccountName", Value::string("0c5e3c0a-12d3-4f56-8")),
        ("objectSid", Value::binary(&[1, 0, 0, 0, 0, 0, 0, 5])),
        ("mail", "stale@contoso.example".into()),
    ];
    world.adma.put("user", "old", old, &values);
    let runs = world.cycle().await;
    assert_eq!(runs[5].counters["provisioned-add-flow@adma"], 1);
    assert_eq!(runs[5].counters["outbound-connector-flow@adma"], 1);
    assert!(owner(&world.space("adma").await, old).is_some());
    let ada = person(&world, G1).await;
    assert_eq!(ada.values("objectSid").unwrap().to_string(), "0100000000000005");
    assert_eq!(ada.attributes["objectSid"].lineage.run.0, 6);
    let accounts = world.adma.list("user");
    assert_eq!(accounts.len(), 2);
    let account = accounts.iter().find(|a| a.dn == old).unwrap();
    assert_eq!(account.attributes.text("mail"), Some("ada@treyresearch.example"));
}

#[tokio::test]
async fn an_account_about_to_be_deleted_is_found_by_relationship_whatever_its_name() {
    let world = World::with(&RELATIONSHIP).await;
    world.cycle().await;
    let anchor = world.adma.anchor_of(&dn(G1)).unwrap();
    let moved = "CN=Moved,OU=B2BGuest,DC=contoso,DC=com";
    world.adma.rename(&anchor, moved);
    world.run("adma", "delta-import").await;
    world.run("adma", "delta-sync").await;
    world.graph.delete(G1);
    world.run("b2b-graph", "delta-import").await;
    assert_eq!(world.run("b2b-graph", "delta-sync").await.state["adma"].pending_export, 1);
    world.invite(G1, "Ada Lind", "ada");
    world.settle().await;
    assert_eq!(world.adma.anchor_of(moved), Some(anchor));
    assert_eq!(world.adma.list("user").len(), 2);
}

/// The directory's rule takes only marked accounts, and the mark is an exported value.
const MARKED: [(&str, &str, &str); 2] = [
    (
        "rules/in-b2b-ad.toml",
        "precedence     = 1",
        "precedence     = 1\nscope = [{ attribute = \"sn\", operator = \"present\" }]",
    ),
    ("rules/in-b2b-ad.toml", "create_in_metaverse = true", "create_in_metaverse = false"),
];

#[tokio::test]
async fn a_confirmed_export_that_brings_the_account_into_scope_counts_at_the_next_delta() {
    let world = World::with(&MARKED).await;
    world.graph.set(G1, "surname", "");
    world.cycle().await;
    assert_eq!(person(&world, G1).await.values("objectSid"), None);
    world.graph.set(G1, "surname", "Lind");
    world.settle().await;
    assert!(person(&world, G1).await.values("objectSid").is_some());
    let state = world.engine.state().await.unwrap();
    assert_eq!((state["adma"].pending_import, state["mimma"].pending_export), (0, 0));
}

#[tokio::test]
async fn an_account_that_is_joined_and_let_go_at_every_synchronization_changes_nothing() {
    let world = World::with(&[
        (
            "rules/out-b2b-ad.toml",
            "disconnect_when_out_of_scope = false",
            "disconnect_when_out_of_scope = true",
        ),
        ("rules/in-b2b-ad.toml", "precedence     = 1", "precedence     = 3"),
        ("rules/in-b2b-guest.toml", "precedence     = 1", "precedence     = 5"),
        ("connectors/adma.toml", "action = \"delete\"", "action = \"make-disconnector\""),
        ("rules/out-b2b-ad.toml", "value = \"Guest\"", "value = \"Nobody\""),
    ])
    .await;
    world.adma.put(
        "user",
        "old",
        "CN=Old,OU=B2BGuest,DC=contoso,DC=com",
        &[("sAMAccountName", "0c5e3c0a-12d3-4f56-8".into())],
    );
    world.cycle().await;
    world.cycle().await;
    let before = person(&world, G1).await;
    let sync = world.run("adma", "full-sync").await;
    assert_eq!(sync.counters["provisioned-disconnect@adma"], 1);
    assert_eq!(person(&world, G1).await, before);
}

#[tokio::test]
async fn a_refused_deletion_is_forgotten_with_the_deletion() {
    let world = World::documented().await;
    world.cycle().await;
    world.graph.delete(G1);
    world.runs(["b2b-graph/delta-import", "b2b-graph/delta-sync"]).await;
    world.adma.faults(|f| f.refuse = Some(ExportErrorType::PermissionIssue));
    world.run("adma", "export").await;
    let refused = world.object("adma", &dn(G1)).await.unwrap();
    assert_eq!(refused.export.error.unwrap().error_type, "permission-issue");
    world.adma.faults(|f| f.refuse = None);
    world.invite(G1, "Ada Lind", "ada");
    world.runs(["b2b-graph/delta-import", "b2b-graph/delta-sync"]).await;
    let back = world.object("adma", &dn(G1)).await.unwrap();
    assert!(back.state.mv().is_some());
    assert_eq!((back.export.pending, back.export.error), (None, None));
}

#[tokio::test]
async fn a_creation_that_is_to_be_sent_again_gives_way_to_what_was_joined_meanwhile() {
    let world = World::documented().await;
    for (connector, profile) in &CYCLE[..7] {
        world.run(connector, profile).await;
    }
    // Somebody makes the new account anew before any import shows it.
    world.adma.delete(&world.adma.anchor_of(&dn(G1)).unwrap());
    let name = [("sAMAccountName", Value::string("0c5e3c0a-12d3-4f56-8"))];
    world.adma.put("user", "anew", &dn(G1), &name);
    // The import cannot say what is missing, so both are linked until the next one can.
    world.adma.faults(|f| f.garbled = 1);
    world.runs(["adma/full-import", "adma/delta-sync"]).await;
    let [import, sync] = world.runs(["adma/full-import", "adma/delta-sync"]).await;
    assert_eq!(import.state["adma"].pending_export, 2);
    assert_eq!(sync.state["adma"].pending_export, 1);
    let account = world.object("adma", &dn(G1)).await.unwrap();
    assert_eq!(account.anchor.as_deref(), Some("anew"));
    assert!(account.state.mv().is_some());
}

#[tokio::test]
async fn a_guest_who_returns_before_a_doubtful_account_could_be_deleted_gets_one() {
    let world = World::documented().await;
    for (connector, profile) in &CYCLE[..6] {
        world.run(connector, profile).await;
    }
    // Dies between the escrow and the first operation: nothing arrives.
    assert!(poll_at_most(world.run("adma", "export"), 1).is_none());
    let world = world.restarted(&[]).await;
    world.graph.delete(G1);
    world.runs(["b2b-graph/delta-import", "b2b-graph/delta-sync"]).await;
    world.adma.faults(|f| f.refuse = Some(ExportErrorType::PermissionIssue));
    world.run("adma", "export").await;
    world.adma.faults(|f| f.refuse = None);
    world.invite(G1, "Ada Lind", "ada");
    world.runs(["b2b-graph/delta-import", "b2b-graph/delta-sync"]).await;
    world.runs(["adma/export", "b2b-graph/delta-sync"]).await;
    world.settle().await;
    assert!(world.adma.anchor_of(&dn(G1)).is_some());
    assert_eq!(world.adma.list("user").len(), 2);
}

#[tokio::test]
async fn a_doubtful_account_of_a_guest_who_returned_gets_its_password_from_the_new_person() {
    let world = World::documented().await;
    for (connector, profile) in &CYCLE[..6] {
        world.run(connector, profile).await;
    }
    // Dies between the escrow and the first operation: nothing arrives.
    assert!(poll_at_most(world.run("adma", "export"), 1).is_none());
    let world = world.restarted(&[]).await;
    world.graph.delete(G1);
    world.runs(["b2b-graph/delta-import", "b2b-graph/delta-sync"]).await;
    world.invite(G1, "Ada Lind", "ada");
    world.runs(["b2b-graph/delta-import", "b2b-graph/delta-sync"]).await;
    let doubtful = world.object("adma", &dn(G1)).await.unwrap();
    assert_eq!(doubtful.export.escrow.unwrap().mv, doubtful.state.mv());
    let export = world.run("adma", "export").await;
    assert!(export.result.is_clean(), "{export:#?}");
    assert!(world.adma.anchor_of(&dn(G1)).is_some());
}

#[tokio::test]
async fn a_lost_account_of_a_guest_who_returned_is_created_again_for_the_new_person() {
    let world = World::documented().await;
    for (connector, profile) in &CYCLE[..7] {
        world.run(connector, profile).await;
    }
    world.adma.delete(&world.adma.anchor_of(&dn(G1)).unwrap());
    world.graph.delete(G1);
    world.runs(["b2b-graph/delta-import", "b2b-graph/delta-sync"]).await;
    world.invite(G1, "Ada Lind", "ada");
    world.runs(["b2b-graph/delta-import", "b2b-graph/delta-sync", "adma/full-import"]).await;
    let lost = world.object("adma", &dn(G1)).await.unwrap();
    let again = lost.export.pending.unwrap();
    assert_eq!(again.operation, WriteOperation::Add);
    assert_eq!(again.mv, lost.state.mv());
}

#[tokio::test]
async fn a_doubtful_creation_that_is_refused_gives_way_to_what_was_joined_meanwhile() {
    let world = World::documented().await;
    for (connector, profile) in &CYCLE[..6] {
        world.run(connector, profile).await;
    }
    // Somebody makes the account, and the import that shows it is not synchronized yet.
    let name = [("sAMAccountName", Value::string("0c5e3c0a-12d3-4f56-8"))];
    world.adma.put("user", "made", &dn(G1), &name);
    world.run("adma", "full-import").await;
    // Dies between the escrow and the first operation: nothing arrives.
    assert!(poll_at_most(world.run("adma", "export"), 1).is_none());
    let world = world.restarted(&[]).await;
    world.run("adma", "delta-sync").await;
    let [export, sync] = world.runs(["adma/export", "adma/delta-sync"]).await;
    assert_eq!(export.errors[0].error_type, "cd-existing-object");
    assert_eq!(sync.state["adma"].pending_import, 0);
    let person = world.person_of("b2b-graph", G1).await.unwrap().id;
    let space = world.space("adma").await;
    let accounts: Vec<_> = space.iter().filter(|o| o.state.mv() == Some(person)).collect();
    assert_eq!(accounts.len(), 1, "{accounts:#?}");
    assert_eq!(accounts[0].anchor.as_deref(), Some("made"));
}
