//! What imports stage, case by case: renames, names that change hands, objects that go and return,
//! and reads that go wrong.

use engine::StepResult;
use store::ImportOperation;

use crate::world::{G1, G2, M1, World, account};

const MOVED: &str = "CN=Moved,OU=B2BGuest,DC=contoso,DC=com";

async fn ready() -> World {
    let world = World::documented().await;
    world.cycle().await;
    world
}

fn anchor(world: &World, id: &str) -> String {
    world.adma.anchor_of(&account(id)).unwrap()
}

#[tokio::test]
async fn a_rename_is_staged_and_nothing_else_changes_before_synchronization() {
    let world = ready().await;
    let owner = world.object("adma", &account(G1)).await.unwrap().state;
    world.adma.rename(&anchor(&world, G1), MOVED);
    let import = world.run("adma", "full-import").await;
    assert_eq!((import.counters["stage-rename"], import.counters["stage-no-change"]), (1, 3));
    let object = world.object("adma", MOVED).await.unwrap();
    let pending = object.pending_import.unwrap();
    assert_eq!(pending.operation, ImportOperation::Update);
    assert_eq!(pending.undo.dn, Some(account(G1)));
    assert_eq!(object.state, owner);
}

#[tokio::test]
async fn names_that_change_hands_in_one_import_stay_with_their_anchors() {
    let world = ready().await;
    let owners =
        [world.person_of("adma", &account(G1)).await, world.person_of("adma", &account(G2)).await];
    let anchors = [anchor(&world, G1), anchor(&world, G2)];
    world.adma.rename(&anchors[0], &account(G2));
    world.adma.rename(&anchors[1], &account(G1));
    let [import, sync] = world.runs(["adma/delta-import", "adma/delta-sync"]).await;
    assert_eq!((import.result, import.counters["stage-rename"]), (StepResult::Success, 2));
    assert_eq!((sync.counters["connector-no-flow"], sync.state["adma"].pending_export), (2, 0));
    let [first, second] = owners.map(Option::unwrap);
    assert_eq!(world.person_of("adma", &account(G2)).await.unwrap(), first);
    assert_eq!(world.person_of("adma", &account(G1)).await.unwrap(), second);
}

#[tokio::test]
async fn a_name_taken_by_another_object_is_shared_until_the_log_or_a_full_import_tells_the_rest() {
    let world = ready().await;
    let old = anchor(&world, G1);
    let owner = world.person_of("adma", &account(G1)).await.unwrap();
    world.adma.faults(|f| f.silent = true);
    world.adma.rename(&old, MOVED);
    world.adma.faults(|f| f.silent = false);
    world.adma.put("user", "new", &account(G1), &[("sAMAccountName", "new".into())]);
    let [import, sync] = world.runs(["adma/delta-import", "adma/delta-sync"]).await;
    assert_eq!(import.counters["stage-add"], 1);
    assert_eq!(sync.counters["disconnector-projected-flow"], 1);
    let by_anchor = |space: Vec<store::CsObject>, anchor: &str| {
        space.into_iter().find(|o| o.anchor.as_deref() == Some(anchor)).unwrap()
    };
    assert_eq!(by_anchor(world.space("adma").await, &old).state.mv(), Some(owner.id));
    let [import, _] = world.runs(["adma/full-import", "adma/delta-sync"]).await;
    assert_eq!((import.counters["stage-rename"], import.counters["stage-no-change"]), (1, 4));
    let space = world.space("adma").await;
    assert_eq!(by_anchor(space.clone(), &old).dn, MOVED);
    assert_eq!(by_anchor(space.clone(), &old).state.mv(), Some(owner.id));
    assert!(by_anchor(space, "new").state.mv().is_some_and(|mv| mv != owner.id));
}

#[tokio::test]
async fn a_name_whose_old_holder_is_gone_passes_to_the_new_one() {
    let world = ready().await;
    world.adma.delete(&anchor(&world, G1));
    world.adma.put("user", "new", &account(G1), &[("sAMAccountName", "new".into())]);
    let import = world.run("adma", "full-import").await;
    assert_eq!((import.counters["stage-add"], import.counters["stage-delete"]), (1, 1));
    // The guest's account cannot be made again while somebody else has its name.
    let sync = world.run("adma", "delta-sync").await;
    assert_eq!(sync.result, StepResult::CompletedSyncErrors);
    assert_eq!(sync.errors[0].error_type, "object-already-exists");
    world.adma.rename("new", MOVED);
    let [_, sync] = world.runs(["adma/delta-import", "adma/delta-sync"]).await;
    assert_eq!((sync.result, sync.errors.len()), (StepResult::Success, 0));
    assert_eq!(sync.counters["provisioned-add-flow@adma"], 1);
}

#[tokio::test]
async fn an_account_made_again_by_hand_is_the_guest_s_again() {
    let world = ready().await;
    let name = "0c5e3c0a-12d3-4f56-8";
    world.adma.delete(&anchor(&world, G1));
    world.adma.put("user", "new", &account(G1), &[("sAMAccountName", name.into())]);
    world.runs(["adma/full-import", "adma/delta-sync"]).await;
    let sync = world.run("adma", "delta-sync").await;
    assert_eq!((sync.result, sync.errors), (StepResult::Success, Vec::new()));
    world.settle().await;
    assert_eq!(world.adma.list("user").len(), 2);
    assert_eq!(world.adma.text(&account(G1), "mail").unwrap(), "ada@treyresearch.example");
    let person = world.person_of("adma", &account(G1)).await.unwrap();
    assert_eq!(person.values("uid").unwrap().to_string(), G1);
}

#[tokio::test]
async fn an_object_shown_twice_in_a_read_counts_once() {
    let world = ready().await;
    world.adma.faults(|f| f.repeat = true);
    world.adma.set(&anchor(&world, G1), "mail", "x@contoso.example");
    let import = world.run("adma", "full-import").await;
    assert_eq!(import.result, StepResult::Success);
    assert_eq!((import.counters["stage-update"], import.counters["stage-no-change"]), (1, 3));
}

#[tokio::test]
async fn what_a_faulty_read_did_not_delete_the_next_good_one_does() {
    let world = ready().await;
    world.graph.delete(G1);
    world.graph.faults(|f| f.unreadable = true);
    let faulty = world.run("b2b-graph", "full-import").await;
    assert_eq!(faulty.result, StepResult::CompletedDiscoveryErrors);
    assert!(!faulty.result.lets_sequence_go_on());
    assert_eq!(faulty.state["b2b-graph"].pending_import, 0);
    assert_eq!(world.run("b2b-graph", "full-import").await.counters["stage-delete"], 1);
}

#[tokio::test]
async fn too_many_errors_stop_an_import_and_are_all_kept() {
    let world = ready().await;
    world.graph.delete(G1);
    world.graph.set(G2, "mail", "new@treyresearch.example");
    world.graph.faults(|f| f.garbled = 5_001);
    let import = world.run("b2b-graph", "full-import").await;
    assert_eq!((import.result, import.errors.len()), (StepResult::StoppedErrorLimit, 5_001));
    assert_eq!(import.counters["stage-update"], 1);
    assert_eq!(import.counters.get("stage-delete"), None);
}

#[tokio::test]
async fn a_deletion_of_an_object_never_known_is_only_counted() {
    let world = ready().await;
    world.graph.put("user", "x", "x", &[]);
    world.graph.delete("x");
    let import = world.run("b2b-graph", "delta-import").await;
    assert_eq!((import.result, import.counters["filtered-deletions"]), (StepResult::Success, 1));
}

#[tokio::test]
async fn an_object_that_returns_before_synchronization_was_never_gone() {
    let world = ready().await;
    let image = world.graph.list("user").into_iter().find(|o| o.dn == G1).unwrap();
    let back = || {
        world.graph.contents.lock().unwrap().objects.insert(G1.to_owned(), image.clone());
    };
    world.graph.delete(G1);
    assert_eq!(world.run("b2b-graph", "full-import").await.counters["stage-delete"], 1);
    assert_eq!(world.run("b2b-graph", "full-import").await.counters["stage-no-change"], 3);
    back();
    let [import, sync] = world.runs(["b2b-graph/full-import", "b2b-graph/delta-sync"]).await;
    assert_eq!(import.counters["stage-update"], 1);
    assert_eq!((import.state["b2b-graph"].pending_import, sync.errors.len()), (0, 0));
    assert_eq!(sync.counters.get("connector-flow"), None);
    assert!(world.person_of("b2b-graph", G1).await.is_some());
    world.graph.delete(G1);
    world.run("b2b-graph", "full-import").await;
    back();
    world.graph.set(G1, "mail", "new@treyresearch.example");
    let [_, sync] = world.runs(["b2b-graph/full-import", "b2b-graph/delta-sync"]).await;
    assert_eq!(sync.counters["connector-flow"], 1);
}

#[tokio::test]
async fn an_account_gone_and_back_before_it_was_ever_synchronized_is_still_new() {
    let world = World::documented().await;
    for (connector, profile) in &crate::world::CYCLE[..8] {
        world.run(connector, profile).await;
    }
    let anchor = anchor(&world, G1);
    let image = world.adma.contents.lock().unwrap().objects[&anchor].clone();
    world.adma.delete(&anchor);
    world.run("adma", "full-import").await;
    world.adma.contents.lock().unwrap().objects.insert(anchor, image);
    world.runs(["adma/full-import", "adma/delta-sync"]).await;
    let person = world.person_of("adma", &account(G1)).await.unwrap();
    assert!(person.values("objectSid").is_some());
}

#[tokio::test]
async fn changes_that_cancel_out_before_synchronization_leave_nothing() {
    let world = ready().await;
    world.graph.set(G1, "mail", "new@treyresearch.example");
    assert_eq!(world.run("b2b-graph", "delta-import").await.state["b2b-graph"].pending_import, 1);
    world.graph.set(G1, "mail", "ada@treyresearch.example");
    let import = world.run("b2b-graph", "delta-import").await;
    assert_eq!(import.counters["stage-update"], 1);
    assert_eq!(import.state["b2b-graph"].pending_import, 0);
}

#[tokio::test]
async fn an_object_of_another_type_is_a_new_one_under_its_anchor() {
    let world = ready().await;
    let anchor = anchor(&world, G1);
    world.adma.retype(&anchor, "container");
    world.adma.rename(&anchor, "OU=Sub,OU=B2BGuest,DC=contoso,DC=com");
    assert_eq!(world.run("adma", "delta-import").await.counters["stage-delete-add"], 1);
    // Others' synchronization still sees what the account contributed.
    world.graph.set(G1, "mail", "new@treyresearch.example");
    world.runs(["b2b-graph/delta-import"]).await;
    let person = world.people().await;
    assert!(person.iter().all(|p| p.values("objectSid").is_some()));
    let sync = world.run("adma", "delta-sync").await;
    assert_eq!(sync.counters["connector-delete-add-processed"], 1);
    assert_eq!(sync.counters["provisioned-add-flow@adma"], 1);
    assert_eq!(world.people().await.iter().filter(|p| p.values("objectSid").is_some()).count(), 1);
    world.settle().await;
    assert!(world.people().await.iter().all(|p| p.values("objectSid").is_some()));
}

#[tokio::test]
async fn a_type_that_changes_and_changes_back_before_synchronization_leaves_nothing() {
    let world = ready().await;
    let anchor = anchor(&world, G1);
    world.adma.retype(&anchor, "container");
    world.run("adma", "delta-import").await;
    world.graph.set(G1, "displayName", "Ada L");
    world.runs(["b2b-graph/delta-import", "b2b-graph/delta-sync"]).await;
    let person = world.person_of("adma", &account(G1)).await.unwrap();
    assert!(person.values("objectSid").is_some(), "what synchronization saw still counts");
    world.adma.retype(&anchor, "user");
    let import = world.run("adma", "delta-import").await;
    assert_eq!(import.state["adma"].pending_import, 0);
}

#[tokio::test]
async fn case_counts_order_does_not_and_empty_is_absent() {
    let world = ready().await;
    world.graph.set(G1, "displayName", "ADA LIND");
    world.graph.set_many(G2, "mobilePhone", &["1", "2"]);
    assert_eq!(world.run("b2b-graph", "delta-import").await.counters["stage-update"], 2);
    world.graph.set_many(G2, "mobilePhone", &["2", "1", ""]);
    assert_eq!(world.run("b2b-graph", "delta-import").await.counters["stage-no-change"], 1);
    world.run("b2b-graph", "delta-sync").await;
    let person = world.person_of("b2b-graph", G1).await.unwrap();
    assert_eq!(person.values("displayName").unwrap().to_string(), "ADA LIND");
}

#[tokio::test]
async fn a_connection_refused_changes_nothing_and_is_in_the_history() {
    let world = ready().await;
    world.graph.delete(M1);
    world.graph.faults(|f| f.closed = Some(connector::ErrorKind::Credentials));
    let import = world.run("b2b-graph", "full-import").await;
    assert_eq!(import.result, StepResult::NoStartCredentials);
    assert_eq!(import.state["b2b-graph"].pending_import, 0);
    let newest = world.store.runs(store::RunQuery::default()).await.unwrap().remove(0);
    assert_eq!(newest.end.unwrap().result, "no-start-credentials");
}
