//! How persons end, and what becomes of their accounts in every stage of an export.

use connector::ExportErrorType;
use engine::StepResult;
use store::{CsState, DisconnectorKind, WriteOperation};

use crate::world::{CYCLE, G1, World, account};

const LAST: (&str, &str, &str) =
    ("metaverse.toml", "rule = \"any\", connectors = [\"b2b-graph\"]", "rule = \"last\"");
const KEEP: (&str, &str, &str) =
    ("connectors/adma.toml", "action = \"delete\"", "action = \"make-disconnector\"");
const EXPLICIT: (&str, &str, &str) =
    ("connectors/adma.toml", "action = \"delete\"", "action = \"make-explicit-disconnector\"");
const RELEASE: (&str, &str, &str) = (
    "rules/out-b2b-ad.toml",
    "disconnect_when_out_of_scope = false",
    "disconnect_when_out_of_scope = true",
);
const NO_FILTER: (&str, &str, &str) = (
    "connectors/b2b-graph.toml",
    "[[objects.user.filter]]\nall = [{ attribute = \"userType\", operator = \"equal\", value = \"Member\" }]",
    "",
);

/// A world in which the accounts wait to be exported.
async fn planned(replacements: &[(&str, &str, &str)]) -> World {
    let world = World::with(replacements).await;
    for (connector, profile) in &CYCLE[..6] {
        world.run(connector, profile).await;
    }
    world
}

/// The same with the accounts sent and not yet imported.
async fn sent(replacements: &[(&str, &str, &str)]) -> World {
    let world = planned(replacements).await;
    assert_eq!(world.run("adma", "export").await.counters["export-add"], 2);
    world
}

async fn drop_guest(world: &World) -> engine::RunSummary {
    world.graph.delete(G1);
    let [_, sync] = world.runs(["b2b-graph/delta-import", "b2b-graph/delta-sync"]).await;
    assert_eq!(sync.result, StepResult::Success);
    sync
}

#[tokio::test]
async fn the_last_connector_takes_the_person_with_it() {
    let excluding = (
        "metaverse.toml",
        "rule = \"any\", connectors = [\"b2b-graph\"]",
        "rule = \"last\", excluding = [\"mimma\"]",
    );
    for (rule, gone_with_account) in [(LAST, false), (excluding, true)] {
        let world = World::with(&[rule]).await;
        world.cycle().await;
        let anchor = world.adma.anchor_of(&account(G1)).unwrap();
        assert_eq!(drop_guest(&world).await.counters["connector-delete-leave-mv"], 1);
        world.adma.delete(&anchor);
        let [_, sync] = world.runs(["adma/delta-import", "adma/delta-sync"]).await;
        let left = sync.counters.contains_key("connector-delete-leave-mv");
        assert_eq!(
            (left, sync.metaverse["person"]),
            (!gone_with_account, 2 - u64::from(gone_with_account))
        );
        // The service's resource goes by that connector's own option.
        assert_eq!(sync.state["mimma"].pending_export, 1);
        world.settle().await;
        assert_eq!(world.mimma.list("Person").len(), 4 - usize::from(gone_with_account));
    }
}

#[tokio::test]
async fn an_account_never_sent_just_vanishes() {
    for option in [&[][..], &[KEEP][..], &[EXPLICIT][..]] {
        let world = planned(option).await;
        let sync = drop_guest(&world).await;
        assert_eq!((sync.state["adma"].pending_export, sync.state["adma"].total), (1, 3));
        world.settle().await;
        assert_eq!(world.adma.list("user").len(), 1);
    }
}

#[tokio::test]
async fn an_account_refused_so_far_vanishes_too() {
    let world = planned(&[]).await;
    world.adma.faults(|f| f.refuse = Some(ExportErrorType::ConstraintViolation));
    world.run("adma", "export").await;
    drop_guest(&world).await;
    assert!(world.object("adma", &account(G1)).await.is_none());
}

#[tokio::test]
async fn an_account_sent_and_never_seen_is_deleted_by_its_name() {
    for import in ["adma/delta-import", "adma/full-import"] {
        let world = sent(&[]).await;
        drop_guest(&world).await;
        let object = world.object("adma", &account(G1)).await.unwrap();
        assert_eq!(object.state, CsState::Disconnector(DisconnectorKind::Explicit));
        assert_eq!(object.export.pending.unwrap().operation, WriteOperation::Delete);
        assert_eq!(world.run("adma", "export").await.counters["export-delete"], 1);
        let [import] = world.runs([import]).await;
        assert_eq!(
            (import.result, import.state["adma"].awaiting_confirmation),
            (StepResult::Success, 0)
        );
        assert!(world.object("adma", &account(G1)).await.is_none());
    }
}

#[tokio::test]
async fn an_account_that_got_lost_after_it_was_sent_is_not_made_for_nobody() {
    for option in [&[][..], &[KEEP][..], &[EXPLICIT][..]] {
        let world = sent(option).await;
        let anchor = world.adma.anchor_of(&account(G1)).unwrap();
        drop_guest(&world).await;
        world.adma.delete(&anchor);
        world.runs(["adma/full-import", "adma/delta-sync", "adma/export"]).await;
        assert_eq!(world.adma.list("user").len(), 1);
        assert!(world.object("adma", &account(G1)).await.is_none());
    }
}

#[tokio::test]
async fn an_account_let_go_before_it_was_seen_is_imported_as_what_it_is() {
    let world = sent(&[KEEP]).await;
    drop_guest(&world).await;
    let [_, sync] = world.runs(["adma/delta-import", "adma/delta-sync"]).await;
    assert_eq!(sync.counters["disconnector-projected-flow"], 1);
    let world = sent(&[EXPLICIT]).await;
    drop_guest(&world).await;
    let [import, sync] = world.runs(["adma/delta-import", "adma/delta-sync"]).await;
    assert_eq!(import.counters["stage-update"], 2);
    assert_eq!((sync.state["adma"].pending_import, sync.state["adma"].pending_export), (0, 0));
    let object = world.object("adma", &account(G1)).await.unwrap();
    assert_eq!(object.state, CsState::Disconnector(DisconnectorKind::Explicit));
}

#[tokio::test]
async fn what_an_account_let_go_did_not_take_over_is_not_sent_again() {
    let world = World::with(&[EXPLICIT]).await;
    world.cycle().await;
    world.adma.faults(|f| f.ignore = Some("mail".to_owned()));
    world.graph.set(G1, "mail", "new@treyresearch.example");
    world.runs(["b2b-graph/delta-import", "b2b-graph/delta-sync", "adma/export"]).await;
    drop_guest(&world).await;
    let import = world.run("adma", "full-import").await;
    assert_eq!(import.result, StepResult::Success);
    assert_eq!(
        (import.state["adma"].pending_export, import.state["adma"].awaiting_confirmation),
        (0, 0)
    );
}

#[tokio::test]
async fn a_change_in_doubt_ends_with_the_link() {
    let world = World::with(&[EXPLICIT]).await;
    world.cycle().await;
    world.graph.set(G1, "mail", "new@treyresearch.example");
    world.runs(["b2b-graph/delta-import", "b2b-graph/delta-sync"]).await;
    world.adma.faults(|f| f.lose_answer = true);
    assert_eq!(world.run("adma", "export").await.result, StepResult::StoppedConnectivity);
    assert_eq!(drop_guest(&world).await.state["adma"].pending_export, 0);
    let writes = world.adma.contents.lock().unwrap().writes;
    world.run("adma", "export").await;
    assert_eq!(world.adma.contents.lock().unwrap().writes, writes);
}

#[tokio::test]
async fn a_change_not_yet_sent_gives_way_to_the_deletion() {
    let world = World::documented().await;
    world.cycle().await;
    world.graph.set(G1, "mail", "new@treyresearch.example");
    world.runs(["b2b-graph/delta-import", "b2b-graph/delta-sync"]).await;
    drop_guest(&world).await;
    let pending = world.object("adma", &account(G1)).await.unwrap().export.pending.unwrap();
    assert_eq!((pending.operation, pending.changes.len()), (WriteOperation::Delete, 0));
    let export = world.run("adma", "export").await;
    assert_eq!((export.counters["export-delete"], export.counters.get("export-update")), (1, None));
}

#[tokio::test]
async fn a_deletion_that_does_not_happen_is_sent_until_it_does() {
    let world = World::documented().await;
    world.cycle().await;
    drop_guest(&world).await;
    world.adma.faults(|f| f.keep_objects = true);
    for count in 1..3 {
        let [export, import] = world.runs(["adma/export", "adma/full-import"]).await;
        assert_eq!(export.counters["export-delete"], 1);
        assert_eq!(import.result, StepResult::CompletedWarnings);
        assert_eq!(import.errors[0].error_type, "exported-change-not-reimported");
        let object = world.object("adma", &account(G1)).await.unwrap();
        assert_eq!(object.export.pending.unwrap().operation, WriteOperation::Delete);
        // Success of the call in between ends the row of failures.
        assert_eq!((object.export.error.unwrap().count, count > 0), (1, true));
    }
    world.adma.faults(|f| f.keep_objects = false);
    world.settle().await;
    assert_eq!(world.adma.list("user").len(), 1);
}

#[tokio::test]
async fn a_guest_who_returns_after_the_deletion_was_sent_waits_for_its_confirmation() {
    let world = World::documented().await;
    world.cycle().await;
    drop_guest(&world).await;
    world.run("adma", "export").await;
    world.invite(G1, "Ada Lind", "ada");
    let [_, sync] = world.runs(["b2b-graph/delta-import", "b2b-graph/delta-sync"]).await;
    assert_eq!(sync.errors[0].error_type, "object-already-exists");
    world.run("adma", "delta-import").await;
    world.settle().await;
    assert!(world.person_of("adma", &account(G1)).await.is_some());
    assert_eq!(world.adma.list("user").len(), 2);
}

#[tokio::test]
async fn an_account_gone_while_a_change_waits_takes_the_change_with_it() {
    let world = World::documented().await;
    world.cycle().await;
    world.adma.delete(&world.adma.anchor_of(&account(G1)).unwrap());
    world.run("adma", "delta-import").await;
    world.graph.set(G1, "mail", "new@treyresearch.example");
    let [_, sync] = world.runs(["b2b-graph/delta-import", "b2b-graph/delta-sync"]).await;
    assert_eq!(sync.state["adma"].pending_export, 0, "nothing is planned for what is gone");
    world.run("adma", "delta-sync").await;
    let pending = world.object("adma", &account(G1)).await.unwrap().export.pending.unwrap();
    assert_eq!(pending.operation, WriteOperation::Add);
    world.settle().await;
    assert_eq!(world.adma.text(&account(G1), "mail").unwrap(), "new@treyresearch.example");
}

#[tokio::test]
async fn a_rule_that_lets_go_out_of_scope_disconnects_by_the_option() {
    let world = World::with(&[NO_FILTER, RELEASE]).await;
    world.cycle().await;
    world.graph.set(G1, "userType", "Member");
    let [_, sync] = world.runs(["b2b-graph/delta-import", "b2b-graph/delta-sync"]).await;
    assert_eq!(sync.counters["provisioned-disconnect@adma"], 1);
    // The deletion rule is not asked.
    assert_eq!((sync.counters["connector-flow"], sync.metaverse["person"]), (1, 2));
    world.settle().await;
    assert_eq!(world.adma.list("user").len(), 1);
    assert!(world.person_of("b2b-graph", G1).await.is_some());
}

#[tokio::test]
async fn a_person_whose_only_object_is_let_go_ends() {
    let alone = ("connectors/mimma.toml", "maps_to    = \"person\"", "");
    let world = World::with(&[LAST, RELEASE, alone]).await;
    let old = "CN=Old,OU=B2BGuest,DC=contoso,DC=com";
    world.adma.put("user", "old", old, &[("sAMAccountName", "old".into())]);
    world.runs(["mimma/full-import", "mimma/full-sync"]).await;
    let [_, sync] = world.runs(["adma/full-import", "adma/full-sync"]).await;
    assert_eq!(sync.counters.get("disconnector-projected-flow"), None);
    assert_eq!(sync.counters["disconnector-projected-remove-mv"], 1);
    assert_eq!((sync.metaverse["person"], sync.counters["metaverse-object-deletes"]), (0, 1));
}

#[tokio::test]
async fn an_account_left_behind_joins_whoever_it_matches() {
    let by_mail = (
        "rules/in-b2b-ad.toml",
        "metaverse = \"accountName\", object = \"sAMAccountName\"",
        "metaverse = \"mail\", object = \"mail\"",
    );
    let never_made = (
        "rules/out-b2b-ad.toml",
        "create_in_connected_system = true",
        "create_in_connected_system = false",
    );
    let world = planned(&[KEEP, by_mail, never_made]).await;
    let old = "CN=Old,OU=B2BGuest,DC=contoso,DC=com";
    world.adma.put("user", "old", old, &[("mail", "ada@treyresearch.example".into())]);
    world.runs(["adma/delta-import", "adma/delta-sync"]).await;
    drop_guest(&world).await;
    assert!(world.object("adma", old).await.unwrap().state.is_normal_disconnector());
    let other = "99999999-0000-4000-8000-000000000009";
    world.invite(other, "Ada Berg", "ada");
    world.runs(["b2b-graph/delta-import", "b2b-graph/delta-sync", "adma/delta-sync"]).await;
    let person = world.person_of("adma", old).await.unwrap();
    assert_eq!(person.values("uid").unwrap().to_string(), other);
}

#[tokio::test]
async fn an_account_that_is_let_go_takes_what_it_contributed_along() {
    let world = World::with(&[RELEASE, NO_FILTER]).await;
    world.cycle().await;
    assert!(world.person_of("b2b-graph", G1).await.unwrap().values("objectSid").is_some());
    world.graph.set(G1, "userType", "Member");
    let [_, sync] = world.runs(["b2b-graph/delta-import", "b2b-graph/delta-sync"]).await;
    assert_eq!(sync.counters["provisioned-disconnect@adma"], 1);
    let person = world.person_of("b2b-graph", G1).await.unwrap();
    assert_eq!(person.values("objectSid"), None);
    assert_eq!(person.values("domain"), None);
}
