//! A lost answer, and before anybody can look what became of the account, the guest is another one
//! or gone.

use serde_json::json;
use sim::directory::{Effect, Fault, Operation};

use super::{assert_whole, invite, sequence, stopped};
use crate::deployment::{Deployment, Kind, account};

const ALL: [&str; 2] = ["changes", "b2b"];
const LOST: &str = "stopped-connectivity";
const ENABLED: &str = "262656";

fn deployment() -> Deployment {
    let deployment = Deployment::recommended(Kind::Simulated);
    for number in 0..4 {
        invite(&deployment, number);
    }
    deployment.cycle();
    deployment
}

fn lose(deployment: &Deployment, operation: Operation, effect: &Effect) {
    deployment.simulated().inject(Fault::once(operation, effect.clone()));
    stopped(deployment, "changes", "adma/export", LOST);
}

/// Whatever the order of the runs that follow.
fn settle(deployment: &Deployment, name: &str) {
    sequence(deployment, name, 0);
    sequence(deployment, name, 0);
    assert_whole(deployment, &ALL);
}

/// A cycle in which a guest may still have to wait for a name that is about to be free.
fn one_more(deployment: &Deployment, name: &str) {
    let (runs, code) = deployment.json(&["run", "--sequence", name]);
    assert!([0, 3].contains(&code), "{runs:#?}");
    let errors = runs.iter().filter_map(|run| run["errors"].as_array()).flatten();
    for error in errors {
        assert_eq!(error["error"], "object-already-exists", "{error:#}");
    }
}

const DROPS: [Effect; 2] = [Effect::DropBefore, Effect::DropAfter];

#[test]
fn a_guest_who_goes_while_the_account_is_in_doubt_leaves_none() {
    let deployment = deployment();
    for name in ALL {
        for effect in &DROPS {
            let id = invite(&deployment, 10);
            lose(&deployment, Operation::Add, effect);
            deployment.tenant.delete_user(&id).unwrap();
            sequence(&deployment, name, 0);
            assert_eq!(deployment.directory.sid(&account(&id)), None);
            settle(&deployment, name);
        }
    }
    // The same, and the guest is back before any full import.
    let id = invite(&deployment, 11);
    lose(&deployment, Operation::Add, &Effect::DropBefore);
    deployment.tenant.delete_user(&id).unwrap();
    sequence(&deployment, "changes", 0);
    deployment.tenant.restore_user(&id).unwrap();
    settle(&deployment, "changes");
}

#[test]
fn a_guest_who_changes_while_the_account_is_in_doubt_has_the_right_one() {
    let deployment = deployment();
    for (number, name) in ALL.into_iter().enumerate() {
        for (place, effect) in DROPS.iter().enumerate() {
            let id = invite(&deployment, 10 + 2 * number + place);
            lose(&deployment, Operation::Add, effect);
            let change = json!({ "surname": "Moor", "accountEnabled": false });
            deployment.tenant.update_user(&id, change).unwrap();
            settle(&deployment, name);
            let attribute = |name: &str| deployment.directory.attribute(&account(&id), name);
            assert_eq!(attribute("sn").as_deref(), Some("Moor"));
            assert_eq!(attribute("userAccountControl").as_deref(), Some("262658"));
        }
    }
}

#[test]
fn a_guest_who_comes_back_while_the_deletion_is_in_doubt_has_one_account() {
    let deployment = deployment();
    for name in ALL {
        for effect in &DROPS {
            let id = deployment.guests().remove(0);
            deployment.tenant.delete_user(&id).unwrap();
            lose(&deployment, Operation::Delete, effect);
            deployment.tenant.restore_user(&id).unwrap();
            // The name is not free before the deletion is certain: the new account may have to wait
            // for the next cycle.
            one_more(&deployment, name);
            settle(&deployment, name);
            let control = deployment.directory.attribute(&account(&id), "userAccountControl");
            assert_eq!(control.as_deref(), Some(ENABLED));
        }
    }
}

/// A domain controller that wants account, password and flags one after the other.
#[test]
fn an_account_made_in_steps_is_never_left_half_done() {
    let deployment = deployment();
    let all_at_once = Effect::Answer { code: 53, message: "00002035: one by one".to_owned() };
    let refused = Effect::Answer { code: 50, message: "00002098: no".to_owned() };
    let unavailable = Effect::Answer { code: 52, message: "later".to_owned() };
    let pass = Effect::Delay(std::time::Duration::ZERO);
    let lost = [Effect::DropBefore, Effect::DropAfter, unavailable];
    let mut number = 10;
    for steps_before in 0..2 {
        for effect in lost.iter().chain([&refused]) {
            let id = invite(&deployment, number);
            number += 1;
            let directory = deployment.simulated();
            directory.inject(Fault::once(Operation::Add, all_at_once.clone()));
            if steps_before > 0 {
                directory.inject(Fault::once(Operation::Modify, pass.clone()));
            }
            directory.inject(Fault::once(Operation::Modify, effect.clone()));
            let code = if *effect == refused { 3 } else { 1 };
            let runs = sequence(&deployment, "changes", code);
            if *effect == refused {
                assert_eq!(runs[4]["result"], "completed-export-errors");
                assert_eq!(deployment.directory.sid(&account(&id)), None, "half an account");
            } else {
                assert_eq!(runs[4]["result"], LOST);
            }
            sequence(&deployment, "changes", 0);
            assert_whole(&deployment, &["changes"]);
            let control = deployment.directory.attribute(&account(&id), "userAccountControl");
            assert_eq!(control.as_deref(), Some(ENABLED));
        }
    }
    assert_whole(&deployment, &ALL);
}

#[test]
fn an_account_that_somebody_else_made_in_the_place_is_left_alone() {
    let deployment = deployment();
    let id = invite(&deployment, 10);
    let other = invite(&deployment, 11);
    deployment.directory.create_user(&account(&id), "somebody");
    let sid = deployment.directory.sid(&account(&id));
    for name in ALL {
        let runs = sequence(&deployment, name, 3);
        let export = runs.iter().find(|run| run["profile"] == "export").unwrap();
        assert_eq!(export["errors"][0]["error"], "cd-existing-object", "{export:#}");
        assert_eq!(deployment.directory.sid(&account(&id)), sid);
        let name = deployment.directory.attribute(&account(&id), "sAMAccountName");
        assert_eq!(name.as_deref(), Some("somebody"));
    }
    assert!(deployment.directory.sid(&account(&other)).is_some());
    // Nor is it taken for the guest's when the guest goes.
    deployment.tenant.delete_user(&id).unwrap();
    for name in ALL {
        sequence(&deployment, name, 0);
        assert_eq!(deployment.directory.sid(&account(&id)), sid);
    }
    deployment.directory.delete(&account(&id));
    deployment.tenant.restore_user(&id).unwrap();
    one_more(&deployment, "b2b");
    settle(&deployment, "b2b");
}
