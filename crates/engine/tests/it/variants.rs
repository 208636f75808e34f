//! What becomes of guests after the first cycle: the variants of the scenario.

use connector::ExportErrorType;
use engine::StepResult;
use model::Value;
use rules::ChangeKind;
use store::{CsState, DisconnectorKind};

use crate::world::{G1, G2, M1, World, owner};

fn dn(id: &str) -> String {
    format!("CN={id},OU=B2BGuest,DC=contoso,DC=com")
}

const KEEP: (&str, &str, &str) =
    ("connectors/adma.toml", "action = \"delete\"", "action = \"make-disconnector\"");
const EXPLICIT: (&str, &str, &str) =
    ("connectors/adma.toml", "action = \"delete\"", "action = \"make-explicit-disconnector\"");

#[tokio::test]
async fn one_more_guest_is_one_more_account() {
    let world = World::documented().await;
    world.cycle().await;
    let g3 = "99999999-0000-4000-8000-000000000009";
    world.invite(g3, "Chiara Fontana", "chiara");
    let import = world.run("b2b-graph", "full-import").await;
    assert_eq!((import.counters["stage-add"], import.counters["stage-no-change"]), (1, 3));
    let sync = world.run("b2b-graph", "full-sync").await;
    assert_eq!(sync.counters["disconnector-projected-flow"], 1);
    assert_eq!(sync.counters["connector-no-flow"], 2);
    assert_eq!(sync.counters["disconnector-filtered"], 1);
    assert_eq!(sync.state["adma"].pending_export, 1);
    assert_eq!(sync.state["mimma"].pending_export, 1);
    world.settle().await;
    assert!(world.adma.anchor_of(&dn(g3)).is_some());
}

#[tokio::test]
async fn a_changed_address_reaches_account_and_portal() {
    let world = World::documented().await;
    world.cycle().await;
    world.graph.set(G1, "mail", "ada.lind@treyresearch.example");
    assert_eq!(world.run("b2b-graph", "full-import").await.counters["stage-update"], 1);
    let sync = world.run("b2b-graph", "delta-sync").await;
    assert_eq!(sync.counters["connector-flow"], 1);
    assert_eq!(sync.counters["outbound-connector-flow@adma"], 1);
    assert_eq!(sync.counters["outbound-connector-flow@mimma"], 1);
    let pending = |objects: Vec<store::CsObject>| {
        let found = objects.into_iter().find_map(|o| o.export.pending).unwrap();
        found.changes.keys().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(pending(world.space("adma").await), ["mail"]);
    assert_eq!(pending(world.space("mimma").await), ["Email"]);
    assert_eq!(world.run("adma", "export").await.counters["export-update"], 1);
    let confirmed = world.run("adma", "delta-import").await;
    assert_eq!(confirmed.state["adma"].awaiting_confirmation, 0);
    assert_eq!(confirmed.state["adma"].pending_import, 0);
}

#[tokio::test]
async fn a_changed_name_reaches_the_portal_only() {
    let world = World::documented().await;
    world.cycle().await;
    world.graph.set(G1, "displayName", "Ada Lind-Berg");
    world.run("b2b-graph", "full-import").await;
    let sync = world.run("b2b-graph", "delta-sync").await;
    assert_eq!(sync.state["adma"].pending_export, 0);
    assert_eq!(sync.state["mimma"].pending_export, 1);
}

#[tokio::test]
async fn a_missing_address_leaves_the_account_as_it_is_unless_nulls_are_allowed() {
    let allow = ("rules/out-b2b-ad.toml", "to = \"mail\"", "to = \"mail\"\nallow_null = true");
    for (replacements, pending) in [(&[][..], 0), (&[allow][..], 1)] {
        let world = World::with(replacements).await;
        world.cycle().await;
        world.graph.set(G1, "mail", "");
        world.run("b2b-graph", "delta-import").await;
        let sync = world.run("b2b-graph", "delta-sync").await;
        assert_eq!(sync.state["adma"].pending_export, pending);
        world.settle().await;
        let accounts = world.adma.list("user");
        let account = accounts.iter().find(|a| a.dn == dn(G1)).unwrap();
        assert_eq!(account.attributes.get("mail").is_some(), pending == 0);
    }
}

#[tokio::test]
async fn a_deleted_guest_left_as_disconnector_comes_back_as_a_new_person() {
    let world = World::with(&[KEEP]).await;
    world.cycle().await;
    world.graph.delete(G1);
    assert_eq!(world.run("b2b-graph", "full-import").await.counters["stage-delete"], 1);
    let sync = world.run("b2b-graph", "full-sync").await;
    assert_eq!(sync.counters["connector-delete-remove-mv"], 1);
    assert_eq!(sync.metaverse["person"], 1);
    let adma = sync.state["adma"];
    assert_eq!((adma.connectors, adma.disconnectors, adma.pending_export), (1, 3, 0));
    assert_eq!(sync.state["mimma"].pending_export, 1);
    let again = world.run("adma", "delta-sync").await;
    assert_eq!(again.metaverse["person"], 2);
    assert_eq!(again.counters["provisioned-add-flow@mimma"], 1);
}

#[tokio::test]
async fn a_deleted_guest_loses_the_account() {
    let world = World::documented().await;
    world.cycle().await;
    world.graph.delete(G1);
    world.run("b2b-graph", "full-import").await;
    let sync = world.run("b2b-graph", "full-sync").await;
    assert_eq!(sync.state["adma"].pending_export, 1);
    assert_eq!(world.run("adma", "export").await.counters["export-delete"], 1);
    let import = world.run("adma", "delta-import").await;
    assert_eq!(import.state["adma"].total, 3);
    assert_eq!(import.state["adma"].awaiting_confirmation, 0);
    assert_eq!(world.adma.anchor_of(&dn(G1)), None);
    world.settle().await;
    assert_eq!(world.mimma.list("Person").len(), 3);
}

#[tokio::test]
async fn a_deleted_guest_left_explicitly_stays_alone() {
    let world = World::with(&[EXPLICIT]).await;
    world.cycle().await;
    world.graph.delete(G1);
    world.settle().await;
    world.settle().await;
    assert_eq!(world.people().await.len(), 1);
    let space = world.space("adma").await;
    let object = space.iter().find(|o| o.dn == dn(G1)).unwrap();
    assert_eq!(object.state, CsState::Disconnector(DisconnectorKind::Explicit));
    assert!(world.adma.anchor_of(&dn(G1)).is_some());
}

#[tokio::test]
async fn a_guest_who_returns_before_the_deletion_keeps_the_account() {
    let world = World::documented().await;
    world.cycle().await;
    let anchor = world.adma.anchor_of(&dn(G1));
    world.graph.delete(G1);
    world.run("b2b-graph", "delta-import").await;
    world.run("b2b-graph", "delta-sync").await;
    world.invite(G1, "Ada Lind", "ada");
    world.settle().await;
    assert_eq!(world.adma.anchor_of(&dn(G1)), anchor);
    let deletions = world.run("adma", "export").await;
    assert_eq!(deletions.counters.get("export-delete"), None);
    assert!(owner(&world.space("adma").await, &dn(G1)).is_some());
}

#[tokio::test]
async fn without_the_last_connector_rule_a_deleted_guest_keeps_what_others_contribute() {
    let last =
        ("metaverse.toml", "rule = \"any\", connectors = [\"b2b-graph\"]", "rule = \"last\"");
    let world = World::with(&[last]).await;
    world.cycle().await;
    world.graph.delete(G1);
    world.run("b2b-graph", "full-import").await;
    let sync = world.run("b2b-graph", "full-sync").await;
    assert_eq!(sync.counters["connector-delete-leave-mv"], 1);
    let people = world.people().await;
    let person = people.iter().find(|p| p.values("uid").is_none()).unwrap();
    assert_eq!(person.values("accountName").unwrap().to_string(), "0c5e3c0a-12d3-4f56-8");
    assert_eq!(person.values("employeeType"), None);
}

#[tokio::test]
async fn a_guest_who_becomes_a_member_is_filtered() {
    let world = World::documented().await;
    world.cycle().await;
    world.graph.set(G1, "userType", "Member");
    world.run("b2b-graph", "full-import").await;
    let sync = world.run("b2b-graph", "full-sync").await;
    assert_eq!(sync.counters["connector-filtered-remove-mv"], 1);
    assert_eq!(sync.state["b2b-graph"].filtered, 2);
    assert_eq!(sync.state["adma"].pending_export, 1);
}

#[tokio::test]
async fn without_the_create_flag_nothing_is_projected() {
    let flag =
        ("rules/in-b2b-guest.toml", "create_in_metaverse = true", "create_in_metaverse = false");
    let world = World::with(&[flag]).await;
    let runs = world.cycle().await;
    assert_eq!(runs[5].counters["disconnector-remains"], 2);
    assert_eq!(runs[5].counters["disconnector-filtered"], 1);
    assert_eq!(runs[5].metaverse["person"], 0);
    assert_eq!(runs[5].state["adma"].pending_export, 0);
}

#[tokio::test]
async fn a_missing_container_fails_the_objects_and_is_tried_again() {
    let world = World::documented().await;
    world.adma.delete("ou");
    let runs = world.cycle().await;
    let export = &runs[6];
    assert_eq!(export.result, StepResult::CompletedExportErrors);
    assert_eq!(export.errors.len(), 2);
    assert!(export.errors.iter().all(|e| e.error_type == "non-existent-parent"));
    assert_eq!(export.state["adma"].pending_export, 2);
    let placeholder =
        world.space("adma").await.into_iter().find(|o| o.state == CsState::Placeholder);
    assert_eq!(placeholder.unwrap().dn, "OU=B2BGuest,DC=contoso,DC=com");
    world.adma.put("container", "ou", "OU=B2BGuest,DC=contoso,DC=com", &[]);
    assert_eq!(world.run("adma", "export").await.counters["export-add"], 2);
    world.run("adma", "full-import").await;
    let space = world.space("adma").await;
    assert!(space.iter().all(|o| o.state != CsState::Placeholder), "{space:#?}");
}

#[tokio::test]
async fn a_refused_password_is_tried_again_at_every_export() {
    let world = World::documented().await;
    world.adma.faults(|f| f.refuse = Some(ExportErrorType::PasswordPolicyViolation));
    let runs = world.cycle().await;
    assert_eq!(runs[6].counters["export-failure"], 2);
    world.run("adma", "export").await;
    let space = world.space("adma").await;
    let object = space.iter().find(|o| o.dn == dn(G2)).unwrap();
    let error = object.export.error.as_ref().unwrap();
    assert_eq!((error.error_type.as_str(), error.count), ("password-policy-violation", 2));
    world.adma.faults(|f| f.refuse = None);
    assert_eq!(world.run("adma", "export").await.counters["export-add"], 2);
    world.settle().await;
    assert_eq!(world.adma.list("user").len(), 2);
}

#[tokio::test]
async fn a_changed_sign_in_name_changes_the_account_in_place() {
    let world = World::documented().await;
    world.cycle().await;
    let upn = "ada.berg_treyresearch.example#EXT#@contoso.onmicrosoft.com";
    world.graph.set(G1, "userPrincipalName", upn);
    world.settle().await;
    let accounts = world.adma.list("user");
    let account = accounts.iter().find(|a| a.dn == dn(G1)).unwrap();
    assert_eq!(account.attributes.text("userPrincipalName"), Some(upn));
}

#[tokio::test]
async fn what_an_administrator_changes_in_the_directory_is_put_right() {
    let world = World::documented().await;
    world.cycle().await;
    let anchor = world.adma.anchor_of(&dn(G1)).unwrap();
    world.adma.set(&anchor, "mail", "wrong@contoso.example");
    assert_eq!(world.run("adma", "delta-import").await.counters["stage-update"], 1);
    let sync = world.run("adma", "delta-sync").await;
    assert_eq!(sync.counters["connector-no-flow"], 1);
    assert_eq!(sync.state["adma"].pending_export, 1);
    world.settle().await;
    let accounts = world.adma.list("user");
    let account = accounts.iter().find(|a| a.dn == dn(G1)).unwrap();
    assert_eq!(account.attributes.text("mail"), Some("ada@treyresearch.example"));
}

#[tokio::test]
async fn an_account_deleted_behind_our_back_is_made_again() {
    let world = World::documented().await;
    world.cycle().await;
    let anchor = world.adma.anchor_of(&dn(G1)).unwrap();
    world.adma.delete(&anchor);
    world.run("adma", "delta-import").await;
    let sync = world.run("adma", "delta-sync").await;
    assert_eq!(sync.counters["connector-delete-leave-mv"], 1);
    assert_eq!(sync.counters["provisioned-add-flow@adma"], 1);
    world.settle().await;
    assert!(world.adma.anchor_of(&dn(G1)).is_some_and(|new| new != anchor));
}

#[tokio::test]
async fn an_incomplete_or_garbled_read_deletes_nobody() {
    let world = World::documented().await;
    world.cycle().await;
    world.graph.faults(|f| f.incomplete = true);
    let import = world.run("b2b-graph", "full-import").await;
    assert_eq!(import.result, StepResult::StoppedImportRead);
    assert_eq!(import.state["b2b-graph"].pending_import, 0);
    world.graph.faults(|f| f.unreadable = true);
    let import = world.run("b2b-graph", "full-import").await;
    assert_eq!(import.result, StepResult::CompletedDiscoveryErrors);
    assert_eq!(import.errors.len(), 1);
    assert_eq!(import.state["b2b-graph"].pending_import, 0);
}

#[tokio::test]
async fn an_export_beyond_the_limit_of_deletions_sends_nothing() {
    let limit = ("connectors/adma.toml", "count = 100, percent = 5", "count = 1, percent = 100");
    let world = World::with(&[limit]).await;
    world.cycle().await;
    let writes = world.adma.contents.lock().unwrap().writes;
    world.graph.delete(G1);
    world.graph.delete(G2);
    world.run("b2b-graph", "delta-import").await;
    world.run("b2b-graph", "delta-sync").await;
    let export = world.run("adma", "export").await;
    assert_eq!(export.result, StepResult::StoppedThresholdExceeded(ChangeKind::Delete));
    assert_eq!(world.adma.contents.lock().unwrap().writes, writes);
    assert_eq!(world.adma.list("user").len(), 2);
}

#[tokio::test]
async fn an_import_beyond_the_limit_of_deletions_stages_none() {
    let limits =
        ("connectors/b2b-graph.toml", "[access]", "[limits]\ndeletes = { count = 1 }\n\n[access]");
    let world = World::with(&[limits]).await;
    world.cycle().await;
    for id in [G1, G2, M1] {
        world.graph.delete(id);
    }
    for profile in ["full-import", "delta-import"] {
        let import = world.run("b2b-graph", profile).await;
        assert_eq!(
            import.result,
            StepResult::StoppedThresholdExceeded(ChangeKind::Delete),
            "{profile}"
        );
        assert_eq!(import.state["b2b-graph"].pending_import, 0);
    }
}

#[tokio::test]
async fn a_value_the_directory_drops_is_reported_and_sent_again() {
    let world = World::documented().await;
    world.cycle().await;
    world.adma.faults(|f| f.ignore = Some("mail".to_owned()));
    world.graph.set(G1, "mail", "new@treyresearch.example");
    world.graph.set(G1, "givenName", "Adele");
    for (connector, profile) in
        [("b2b-graph", "delta-import"), ("b2b-graph", "delta-sync"), ("adma", "export")]
    {
        world.run(connector, profile).await;
    }
    let import = world.run("adma", "delta-import").await;
    assert_eq!(import.result, StepResult::CompletedWarnings);
    assert_eq!(import.errors[0].error_type, "exported-change-not-reimported");
    let space = world.space("adma").await;
    let object = space.iter().find(|o| o.dn == dn(G1)).unwrap();
    let pending = object.export.pending.as_ref().unwrap();
    assert_eq!(pending.changes.keys().map(|n| n.as_str()).collect::<Vec<_>>(), ["mail"]);
    world.adma.faults(|f| f.ignore = None);
    world.settle().await;
    let accounts = world.adma.list("user");
    let account = accounts.iter().find(|a| a.dn == dn(G1)).unwrap();
    assert_eq!(account.attributes.single("mail"), Some(&Value::string("new@treyresearch.example")));
}

#[tokio::test]
async fn an_addition_whose_answer_was_lost_is_not_made_twice() {
    let world = World::documented().await;
    for (connector, profile) in &crate::world::CYCLE[..6] {
        world.run(connector, profile).await;
    }
    world.adma.faults(|f| f.lose_answer = true);
    let export = world.run("adma", "export").await;
    assert_eq!(export.result, StepResult::StoppedConnectivity);
    let other = World::documented().await;
    for (connector, profile) in &crate::world::CYCLE[..6] {
        other.run(connector, profile).await;
    }
    other.adma.faults(|f| f.lose_answer = true);
    other.run("adma", "export").await;
    // An import that shows the object settles the doubt: only the other one is sent.
    let import = other.run("adma", "delta-import").await;
    assert_eq!((import.counters["stage-update"], import.state["adma"].pending_export), (1, 1));
    assert_eq!(other.run("adma", "export").await.counters["export-add"], 1);
    other.settle().await;
    assert_eq!(other.adma.list("user").len(), 2);
    assert_eq!(other.engine.state().await.unwrap()["adma"].awaiting_confirmation, 0);
    let export = world.run("adma", "export").await;
    assert_eq!((export.result, export.counters["export-add"]), (StepResult::Success, 2));
    world.settle().await;
    assert_eq!(world.adma.list("user").len(), 2);
}

#[tokio::test]
async fn an_account_that_is_filtered_but_still_wanted_fails_and_stays_as_it_was() {
    let filter = (
        "connectors/adma.toml",
        "[objects.container]",
        "[[objects.user.filter]]\nall = [{ attribute = \"sn\", operator = \"equal\", value = \"Hidden\" }]\n\n[objects.container]",
    );
    let world = World::with(&[filter]).await;
    world.cycle().await;
    world.graph.set(G1, "mail", "new@treyresearch.example");
    world.run("b2b-graph", "delta-import").await;
    assert_eq!(world.run("b2b-graph", "delta-sync").await.state["adma"].pending_export, 1);
    let anchor = world.adma.anchor_of(&dn(G1)).unwrap();
    world.adma.set(&anchor, "sn", "Hidden");
    world.run("adma", "delta-import").await;
    let sync = world.run("adma", "delta-sync").await;
    assert_eq!(sync.result, StepResult::CompletedSyncErrors);
    assert_eq!(sync.errors[0].error_type, "object-already-exists");
    assert!(owner(&world.space("adma").await, &dn(G1)).is_some());
    assert_eq!(sync.state["adma"].pending_export, 1);
}

#[tokio::test]
async fn a_guest_who_leaves_the_scope_of_the_rule_stays_linked_without_its_values() {
    let filter = (
        "connectors/b2b-graph.toml",
        "[[objects.user.filter]]\nall = [{ attribute = \"userType\", operator = \"equal\", value = \"Member\" }]",
        "",
    );
    let world = World::with(&[filter]).await;
    world.cycle().await;
    world.graph.set(G1, "userType", "Member");
    world.run("b2b-graph", "full-import").await;
    let sync = world.run("b2b-graph", "full-sync").await;
    assert_eq!(sync.counters["connector-flow"], 1);
    assert_eq!(sync.state["adma"].pending_export, 0);
    assert_eq!(sync.metaverse["person"], 2);
    let people = world.people().await;
    let person = people.iter().find(|p| p.values("employeeType").is_none()).unwrap();
    assert_eq!(person.values("mail"), None);
    // The account still contributes what it always did.
    assert!(person.values("accountName").is_some() && person.values("objectSid").is_some());
    assert!(owner(&world.space("b2b-graph").await, G1).is_some());
}

#[tokio::test]
async fn a_name_in_no_partition_fails_the_guest() {
    let suffix = (
        "rules/out-b2b-ad.toml",
        "OU=B2BGuest,DC=contoso,DC=com",
        "OU=B2BGuest,DC=scontoso,DC=com",
    );
    let world = World::with(&[suffix]).await;
    let runs = world.cycle().await;
    assert_eq!(runs[5].result, StepResult::CompletedSyncErrors);
    assert_eq!(runs[5].counters["flow-failure"], 2);
    assert!(runs[5].errors.iter().all(|e| e.error_type == "sync-rule-flow-provisioning-failed"));
    assert_eq!(runs[5].metaverse["person"], 0);
}

#[tokio::test]
async fn users_that_are_in_the_directory_already_are_projected() {
    let world = World::documented().await;
    let old = "CN=Old,OU=B2BGuest,DC=contoso,DC=com";
    world.adma.put("user", "old", old, &[("sAMAccountName", "old".into())]);
    let runs = world.cycle().await;
    assert_eq!(runs[3].counters["disconnector-projected-flow"], 1);
    assert_eq!(runs[3].counters["provisioned-add-flow@mimma"], 1);
    assert_eq!(runs[11].metaverse["person"], 3);
}

#[tokio::test]
async fn a_name_that_is_taken_fails_at_export_or_when_it_is_known_at_synchronization() {
    let unknown = World::documented().await;
    for (connector, profile) in &crate::world::CYCLE[..6] {
        unknown.run(connector, profile).await;
    }
    unknown.adma.put("user", "old", &dn(G1), &[("sAMAccountName", "old".into())]);
    let export = unknown.run("adma", "export").await;
    assert_eq!(export.counters["export-failure"], 1);
    assert_eq!(export.errors[0].error_type, "cd-existing-object");

    let known = World::documented().await;
    known.adma.put("user", "old", &dn(G1), &[("sAMAccountName", "old".into())]);
    let runs = known.cycle().await;
    assert_eq!(runs[5].counters["flow-failure"], 1);
    assert_eq!(runs[5].errors[0].error_type, "object-already-exists");
    assert_eq!(runs[6].counters["export-add"], 1);
}

#[tokio::test]
async fn an_account_moved_within_scope_stays_what_it_was() {
    let world = World::documented().await;
    world.cycle().await;
    let anchor = world.adma.anchor_of(&dn(G1)).unwrap();
    world.adma.put("container", "sub", "OU=Sub,OU=B2BGuest,DC=contoso,DC=com", &[]);
    let moved = format!("CN={G1},OU=Sub,OU=B2BGuest,DC=contoso,DC=com");
    world.adma.rename(&anchor, &moved);
    let import = world.run("adma", "delta-import").await;
    assert_eq!(import.counters["stage-rename"], 1);
    let sync = world.run("adma", "delta-sync").await;
    assert_eq!(sync.counters["connector-no-flow"], 1);
    assert_eq!(sync.state["adma"].pending_export, 0);
    assert!(owner(&world.space("adma").await, &moved).is_some());
}

#[tokio::test]
async fn an_older_rule_in_the_metaverse_is_told() {
    let world = World::documented().await;
    world.cycle().await;
    let newer = ("rules/in-b2b-guest.toml", "Left(id,20)", "Left(id,19)");
    let world = world.restarted(&[newer]).await;
    let sync = world.run("b2b-graph", "full-sync").await;
    assert_eq!(sync.warnings.len(), 1);
    assert!(sync.warnings[0].contains("IN - B2B Guest"), "{:?}", sync.warnings);
    let names = world.people().await;
    assert!(names.iter().all(|p| p.values("accountName").unwrap().to_string().len() == 20));
}
