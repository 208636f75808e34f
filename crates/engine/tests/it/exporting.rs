//! Export flow, renames, exports and their confirmation, case by case.

use connector::ExportErrorType;
use engine::StepResult;
use store::{CsObject, WriteOperation};

use crate::crash::poll_at_most;
use crate::world::{CYCLE, G1, G2, World, account};

const ADA: &str = "CN=Ada Lind,OU=B2BGuest,DC=contoso,DC=com";
const BERG: &str = "CN=Ada Berg,OU=B2BGuest,DC=contoso,DC=com";
const NEW: &str = "new@treyresearch.example";
const OLD: &str = "ada@treyresearch.example";
const INITIAL_DN: &str = "'\"CN=\"+uid+\",OU=B2BGuest,DC=contoso,DC=com\"'\ninitial = true";
/// Accounts are named for the person, for good.
const NAMED: (&str, &str, &str) = (
    "rules/out-b2b-ad.toml",
    INITIAL_DN,
    "'\"CN=\"+displayName+\",OU=B2BGuest,DC=contoso,DC=com\"'",
);
const CHANGE: [&str; 2] = ["b2b-graph/delta-import", "b2b-graph/delta-sync"];
const CONFIRM: [&str; 2] = ["adma/delta-import", "adma/delta-sync"];

async fn ready(replacements: &[(&str, &str, &str)]) -> World {
    let world = World::with(replacements).await;
    world.cycle().await;
    world
}

async fn planned(replacements: &[(&str, &str, &str)]) -> World {
    let world = World::with(replacements).await;
    for (connector, profile) in &CYCLE[..6] {
        world.run(connector, profile).await;
    }
    world
}

/// Changes the guest's address and synchronizes it.
async fn mail(world: &World, value: &str) {
    world.graph.set(G1, "mail", value);
    world.runs(CHANGE).await;
}

/// The text an object's pending export would write, for a rename the DN.
fn pending(object: &CsObject, name: &str) -> Option<String> {
    let delta = object.export.pending.as_ref()?;
    if name == "dn" {
        return delta.new_dn.clone();
    }
    match &delta.changes.get(name)?.value {
        store::ExportValue::Set(values) => Some(values.to_string()),
        other => Some(format!("{other:?}")),
    }
}

async fn at(world: &World, dn: &str) -> CsObject {
    world.object("adma", dn).await.unwrap()
}

#[tokio::test]
async fn synchronized_again_before_the_export_a_plan_stays_what_it_was() {
    let world = planned(&[]).await;
    let before = world.space("adma").await;
    world.run("b2b-graph", "full-sync").await;
    assert_eq!(world.space("adma").await, before);
}

#[tokio::test]
async fn a_plan_follows_persistent_values_and_keeps_initial_ones() {
    let both = (
        "rules/out-b2b-ad.toml",
        "[[flow]]\nto = \"userAccountControl\"",
        "[[flow]]\nto = \"sn\"\nfrom = \"displayName\"\ninitial = true\n[[flow]]\nto = \"userAccountControl\"",
    );
    let world = planned(&[both]).await;
    world.graph.set(G1, "displayName", "Ada Berg");
    world.graph.set(G1, "givenName", "Adele");
    world.runs(CHANGE).await;
    let object = at(&world, &account(G1)).await;
    assert_eq!(pending(&object, "givenName").unwrap(), "Adele");
    assert_eq!(pending(&object, "sn").unwrap(), "Ada Lind");
    assert_eq!(pending(&object, "unicodePwd").unwrap(), "Secret");
    // Once the account is there the persistent flow has its turn.
    world.runs(["adma/export", "adma/delta-import", "adma/delta-sync", "adma/export"]).await;
    assert_eq!(world.adma.text(&account(G1), "sn").unwrap(), "Lind");
}

#[tokio::test]
async fn a_changed_name_renames_the_account() {
    let world = ready(&[NAMED]).await;
    let anchor = world.adma.anchor_of(ADA).unwrap();
    world.graph.set(G1, "displayName", "Ada Berg");
    let [_, sync] = world.runs(CHANGE).await;
    assert_eq!(sync.counters["provisioned-rename-flow@adma"], 1);
    let export = world.run("adma", "export").await;
    assert_eq!(export.counters["export-rename"], 1);
    // Not confirmed yet, and not sent twice.
    world.run("b2b-graph", "full-sync").await;
    assert_eq!(pending(&at(&world, ADA).await, "dn"), None);
    let [import, sync] = world.runs(CONFIRM).await;
    assert_eq!(
        (import.result, import.state["adma"].awaiting_confirmation),
        (StepResult::Success, 0)
    );
    assert_eq!(sync.state["adma"].pending_export, 0);
    assert_eq!(world.adma.anchor_of(BERG), Some(anchor));
    assert!(world.person_of("adma", BERG).await.is_some());
}

#[tokio::test]
async fn another_case_of_the_own_name_renames_other_spellings_around_it_do_not() {
    let world = ready(&[NAMED]).await;
    world.graph.set(G1, "displayName", "ADA LIND");
    world.settle().await;
    let upper = "CN=ADA LIND,OU=B2BGuest,DC=contoso,DC=com";
    let anchor = world.adma.anchor_of(upper).unwrap();
    // The directory spells the container its own way, from now on or since the very creation.
    world.adma.rename(&anchor, "CN=ADA LIND,OU=b2bguest,DC=Contoso,DC=com");
    let [_, sync] = world.runs(CONFIRM).await;
    assert_eq!(sync.state["adma"].pending_export, 0);
    world.graph.set(G1, "displayName", "Ada Berg");
    world.runs(CHANGE).await;
    world.run("adma", "export").await;
    world.adma.rename(&anchor, "cn=Ada Berg, OU=b2bguest,DC=Contoso,DC=com");
    let [import, sync] = world.runs(CONFIRM).await;
    assert_eq!(
        (import.result, import.state["adma"].awaiting_confirmation),
        (StepResult::Success, 0)
    );
    assert_eq!(sync.state["adma"].pending_export, 0);
}

#[tokio::test]
async fn a_rename_that_does_not_happen_is_reported_and_sent_again() {
    let world = ready(&[NAMED]).await;
    world.adma.faults(|f| f.keep_names = true);
    world.graph.set(G1, "displayName", "Ada Berg");
    world.runs(CHANGE).await;
    let [_, import] = world.runs(["adma/export", "adma/full-import"]).await;
    assert_eq!(import.result, StepResult::CompletedWarnings);
    assert_eq!(import.errors[0].message, "not seen in the import: dn");
    assert_eq!(pending(&at(&world, ADA).await, "dn").unwrap(), BERG);
    world.adma.faults(|f| f.keep_names = false);
    world.settle().await;
    assert!(world.adma.anchor_of(BERG).is_some());
    assert_eq!(at(&world, BERG).await.export.error, None);
}

#[tokio::test]
async fn a_name_that_returns_before_the_rename_is_sent_leaves_nothing_to_do() {
    let world = ready(&[NAMED]).await;
    world.graph.set(G1, "displayName", "Ada Berg");
    world.runs(CHANGE).await;
    assert!(pending(&at(&world, ADA).await, "dn").is_some());
    world.graph.set(G1, "displayName", "Ada Lind");
    let [_, sync] = world.runs(CHANGE).await;
    assert_eq!((sync.state["adma"].pending_export, sync.state["mimma"].pending_export), (0, 0));
    // And the way back, when the rename is sent and not confirmed.
    world.graph.set(G1, "displayName", "Ada Berg");
    world.runs(CHANGE).await;
    world.run("adma", "export").await;
    world.graph.set(G1, "displayName", "Ada Lind");
    world.runs(CHANGE).await;
    assert_eq!(pending(&at(&world, ADA).await, "dn").unwrap(), ADA);
    world.settle().await;
    assert!(world.adma.anchor_of(ADA).is_some());
}

#[tokio::test]
async fn a_plan_renamed_before_the_export_is_made_under_its_new_name() {
    let world = planned(&[NAMED]).await;
    world.graph.set(G1, "displayName", "Ada Berg");
    world.runs(CHANGE).await;
    assert_eq!(at(&world, BERG).await.export.pending.unwrap().operation, WriteOperation::Add);
    assert_eq!(world.run("adma", "export").await.counters["export-add"], 2);
    assert!(world.adma.anchor_of(BERG).is_some() && world.adma.anchor_of(ADA).is_none());
}

#[tokio::test]
async fn an_impossible_name_fails_the_guest_and_leaves_the_account() {
    let elsewhere = ",OU=\"+surname+\",DC=contoso,DC=com\"'";
    let (file, from, to) = NAMED;
    let to =
        to.replace(",OU=B2BGuest,DC=contoso,DC=com\"'", elsewhere).replace("displayName", "uid");
    let world = World::with(&[(file, from, to.replace("surname", "sn").as_str())]).await;
    for id in [G1, G2] {
        world.graph.set(id, "surname", "B2BGuest");
    }
    world.cycle().await;
    world.graph.set(G1, "surname", "B2BGuest,DC=fabrikam");
    world.graph.set(G2, "surname", "B2BGuest,,");
    let [_, sync] = world.runs(CHANGE).await;
    assert_eq!(sync.errors.len(), 1, "{:?}", sync.errors);
    assert_eq!(sync.errors[0].error_type, "sync-rule-flow-provisioning-failed");
    assert_eq!(pending(&at(&world, &account(G2)).await, "dn"), None);
}

#[tokio::test]
async fn a_name_somebody_else_has_is_tried_until_it_is_free() {
    let world = ready(&[NAMED]).await;
    world.adma.put("user", "berg", BERG, &[("sAMAccountName", "berg".into())]);
    world.graph.set(G1, "displayName", "Ada Berg");
    world.runs(CHANGE).await;
    for count in 1..3 {
        let export = world.run("adma", "export").await;
        assert_eq!(export.result, StepResult::CompletedExportErrors);
        assert_eq!(export.errors[0].error_type, "rename-to-existing-dn");
        assert!(export.result.lets_sequence_go_on());
        assert_eq!(at(&world, ADA).await.export.error.unwrap().count, count);
    }
    world.adma.delete("berg");
    world.settle().await;
    assert_eq!(at(&world, BERG).await.export.error, None);
}

/// A second rule to the directory, of lower rank.
const WEAKER: (&str, &str, &str) = (
    "rules/out-weaker.toml",
    "",
    r#"
name = "OUT - weaker"
direction = "outbound"
connector = "adma"
object = "user"
metaverse = "person"
precedence = 3
[[flow]]
to = "mail"
from = "userPrincipalName"
[[flow]]
to = "sn"
from = "displayName"
"#,
);

#[tokio::test]
async fn of_two_rules_the_stronger_writes_and_without_a_value_the_other() {
    let world = ready(&[WEAKER]).await;
    assert_eq!(world.adma.text(&account(G1), "sn").unwrap(), "Lind");
    world.graph.set(G1, "surname", "");
    world.settle().await;
    assert_eq!(world.adma.text(&account(G1), "sn").unwrap(), "Ada Lind");
    assert_eq!(world.adma.text(&account(G1), "mail").unwrap(), OLD);
}

#[tokio::test]
async fn what_the_directory_has_already_is_not_sent() {
    let world = ready(&[]).await;
    mail(&world, NEW).await;
    let anchor = world.adma.anchor_of(&account(G1)).unwrap();
    world.adma.faults(|f| f.refuse = Some(ExportErrorType::ConstraintViolation));
    assert_eq!(world.run("adma", "export").await.counters["export-failure"], 1);
    assert!(at(&world, &account(G1)).await.export.error.is_some());
    world.adma.set(&anchor, "mail", NEW);
    let [_, sync] = world.runs(CONFIRM).await;
    assert_eq!(sync.state["adma"].pending_export, 0);
    // Nothing is left that could have failed.
    assert_eq!(at(&world, &account(G1)).await.export.error, None);
    mail(&world, OLD).await;
    mail(&world, NEW).await;
    assert_eq!(pending(&at(&world, &account(G1)).await, "mail"), None);
}

#[tokio::test]
async fn a_refused_account_is_tried_with_the_values_of_the_day() {
    let world = planned(&[]).await;
    world.adma.faults(|f| f.refuse = Some(ExportErrorType::ConstraintViolation));
    assert_eq!(world.run("adma", "export").await.counters["export-failure"], 2);
    mail(&world, NEW).await;
    let object = at(&world, &account(G1)).await;
    assert_eq!(pending(&object, "mail").unwrap(), NEW);
    assert_eq!(pending(&object, "unicodePwd").unwrap(), "Secret");
    assert_eq!(object.export.error.unwrap().count, 1);
    world.adma.faults(|f| f.refuse = Some(ExportErrorType::PermissionIssue));
    world.run("adma", "export").await;
    let error = at(&world, &account(G1)).await.export.error.unwrap();
    assert_eq!((error.error_type.as_str(), error.count), ("permission-issue", 1));
    world.adma.faults(|f| f.refuse = None);
    world.settle().await;
    assert_eq!(world.adma.text(&account(G1), "mail").unwrap(), NEW);
    assert_eq!(world.adma.contents.lock().unwrap().passwords.len(), 2);
}

#[tokio::test]
async fn only_the_difference_to_what_was_sent_is_sent_again() {
    let world = ready(&[]).await;
    mail(&world, NEW).await;
    world.run("adma", "export").await;
    let [sync] = world.runs(["b2b-graph/full-sync"]).await;
    assert_eq!(sync.state["adma"].pending_export, 0);
    mail(&world, "newer@treyresearch.example").await;
    world.run("adma", "export").await;
    let [import, sync] = world.runs(CONFIRM).await;
    assert_eq!(
        (import.result, import.state["adma"].awaiting_confirmation),
        (StepResult::Success, 0)
    );
    assert_eq!(sync.state["adma"].pending_export, 0);
    assert_eq!(world.adma.text(&account(G1), "mail").unwrap(), "newer@treyresearch.example");
}

#[tokio::test]
async fn a_value_that_goes_back_before_it_is_confirmed_is_sent_back() {
    let world = ready(&[]).await;
    mail(&world, NEW).await;
    world.run("adma", "export").await;
    mail(&world, OLD).await;
    assert_eq!(pending(&at(&world, &account(G1)).await, "mail").unwrap(), OLD);
    world.run("adma", "export").await;
    let [import, _] = world.runs(CONFIRM).await;
    assert_eq!(
        (import.result, import.state["adma"].awaiting_confirmation),
        (StepResult::Success, 0)
    );
    assert_eq!(world.adma.text(&account(G1), "mail").unwrap(), OLD);
}

#[tokio::test]
async fn a_third_value_is_an_import_and_the_metaverse_wins_again() {
    let world = ready(&[]).await;
    mail(&world, NEW).await;
    world.run("adma", "export").await;
    let anchor = world.adma.anchor_of(&account(G1)).unwrap();
    world.adma.set(&anchor, "mail", "third@contoso.example");
    let import = world.run("adma", "delta-import").await;
    assert_eq!((import.result, import.errors.len()), (StepResult::Success, 0));
    let state = import.state["adma"];
    assert_eq!(
        (state.awaiting_confirmation, state.pending_import, state.pending_export),
        (0, 1, 0)
    );
    world.run("adma", "delta-sync").await;
    assert_eq!(pending(&at(&world, &account(G1)).await, "mail").unwrap(), NEW);
}

#[tokio::test]
async fn a_value_the_directory_rewrites_is_sent_again_each_time() {
    let world = ready(&[]).await;
    world.adma.faults(|f| f.lower = Some("mail".to_owned()));
    mail(&world, "New@TreyResearch.example").await;
    for _ in 0..3 {
        assert_eq!(world.run("adma", "export").await.counters["export-update"], 1);
        let [import, sync] = world.runs(CONFIRM).await;
        assert_eq!(import.state["adma"].awaiting_confirmation, 0);
        assert_eq!(sync.state["adma"].pending_export, 1);
    }
}

#[tokio::test]
async fn an_account_lost_after_it_was_sent_is_made_again_with_the_values_of_the_day() {
    let world = planned(&[]).await;
    world.run("adma", "export").await;
    mail(&world, NEW).await;
    world.adma.delete(&world.adma.anchor_of(&account(G1)).unwrap());
    let import = world.run("adma", "full-import").await;
    assert_eq!(import.result, StepResult::CompletedWarnings);
    let export = world.run("adma", "export").await;
    assert_eq!((export.result, export.counters["export-add"]), (StepResult::Success, 1));
    world.settle().await;
    assert_eq!(world.adma.text(&account(G1), "mail").unwrap(), NEW);
    assert_eq!(at(&world, &account(G1)).await.export.error, None);
}

#[tokio::test]
async fn an_account_lost_while_a_change_to_it_was_in_doubt_is_made_again() {
    let world = planned(&[]).await;
    world.run("adma", "export").await;
    mail(&world, NEW).await;
    world.adma.faults(|f| f.lose_answer = true);
    assert_eq!(world.run("adma", "export").await.result, StepResult::StoppedConnectivity);
    world.adma.delete(&world.adma.anchor_of(&account(G1)).unwrap());
    world.run("adma", "full-import").await;
    let export = world.run("adma", "export").await;
    assert_eq!((export.result, export.counters["export-add"]), (StepResult::Success, 1));
    assert_eq!(world.adma.text(&account(G1), "mail").unwrap(), NEW);
}

#[tokio::test]
async fn deletions_are_sent_last() {
    let world = ready(&[]).await;
    let third = "99999999-0000-4000-8000-000000000009";
    world.graph.delete(G1);
    world.invite(third, "Chiara Fontana", "chiara");
    world.graph.set(G2, "mail", NEW);
    world.runs(CHANGE).await;
    world.adma.contents.lock().unwrap().log.clear();
    world.run("adma", "export").await;
    let expected = [("update", G2), ("add", third), ("delete", G1)];
    let expected = expected.map(|(word, id)| format!("{word} {}", account(id)));
    assert_eq!(world.adma.contents.lock().unwrap().log, expected);
}

#[tokio::test]
async fn the_error_of_one_object_stops_no_other() {
    let world = planned(&[]).await;
    world.adma.put("user", "old", &account(G1), &[("sAMAccountName", "old".into())]);
    let export = world.run("adma", "export").await;
    assert_eq!((export.counters["export-add"], export.counters["export-failure"]), (1, 1));
    assert_eq!(export.result, StepResult::CompletedExportErrors);
    assert!(export.result.lets_sequence_go_on());
    assert!(world.adma.anchor_of(&account(G2)).is_some());
}

#[tokio::test]
async fn a_refusal_is_forgotten_when_an_import_shows_that_the_next_attempt_arrived() {
    let world = planned(&[]).await;
    world.run("adma", "export").await;
    world.run("adma", "delta-import").await;
    mail(&world, NEW).await;
    world.adma.faults(|f| f.refuse = Some(ExportErrorType::CdError));
    world.run("adma", "export").await;
    let refused = world.object("adma", &account(G1)).await.unwrap();
    assert_eq!(refused.export.error.unwrap().error_type, "cd-error");
    world.adma.faults(|f| (f.refuse, f.lose_answer) = (None, true));
    assert_eq!(world.run("adma", "export").await.result, StepResult::StoppedConnectivity);
    world.run("adma", "delta-import").await;
    let arrived = world.object("adma", &account(G1)).await.unwrap();
    assert_eq!((arrived.export.escrow, arrived.export.error), (None, None));
}

#[tokio::test]
async fn an_account_that_is_known_is_not_the_new_one_whose_creation_is_in_doubt() {
    let world = planned(&[]).await;
    world.adma.put("user", "other", &account(G1), &[("sAMAccountName", "other".into())]);
    world.run("adma", "full-import").await;
    // Dies between the escrow and the first operation.
    assert!(poll_at_most(world.run("adma", "export"), 1).is_none());
    let world = world.restarted(&[]).await;
    let export = world.run("adma", "export").await;
    assert_eq!(export.result, StepResult::CompletedExportErrors);
    assert_eq!(export.errors[0].error_type, "cd-existing-object");
    let space = world.space("adma").await;
    assert_eq!(space.iter().filter(|o| o.anchor.as_deref() == Some("other")).count(), 1);
}
