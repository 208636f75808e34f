//! Too many deletions at once: none is made, and what was no mistake goes through once it is allowed.

use serde_json::json;

use super::{ENABLED, assert_settled, changes, control, in_portal, invite};
use crate::deployment::{Deployment, Kind, account};

fn limits(kind: Kind) {
    let deployment = Deployment::recommended(kind);
    let ids: Vec<String> = (0..30)
        .map(|n| invite(&deployment, "Guest", &n.to_string(), &format!("g{n}@fabrikam.example")))
        .collect();
    deployment.cycle();
    let untouched = |deployment: &Deployment| {
        for id in &ids {
            assert_eq!(control(deployment, id).as_deref(), Some(ENABLED));
        }
    };

    // A tenant that seems empty: the read is not believed.
    for id in &ids[..28] {
        deployment.tenant.delete_user(id).unwrap();
    }
    let (runs, code) = deployment.json(&["run", "--sequence", "changes"]);
    assert_eq!(code, 1);
    let last = runs.last().unwrap();
    assert_eq!(
        (&last["connector"], &last["profile"]),
        (&json!("b2b-graph"), &json!("delta-import"))
    );
    assert_eq!(last["result"], "stopped-deletion-threshold-exceeded");
    untouched(&deployment);
    for id in &ids[..28] {
        deployment.tenant.restore_user(id).unwrap();
    }
    changes(&deployment);
    untouched(&deployment);

    // A tenant in which nobody is a guest any more: the accounts stay.
    for id in &ids[..28] {
        deployment.tenant.update_user(id, json!({ "userType": "Member" })).unwrap();
    }
    let (runs, code) = deployment.json(&["run", "--sequence", "changes"]);
    assert_eq!(code, 1);
    let last = runs.last().unwrap();
    assert_eq!((&last["connector"], &last["profile"]), (&json!("adma"), &json!("export")));
    assert_eq!(last["result"], "stopped-deletion-threshold-exceeded");
    untouched(&deployment);
    for id in &ids[..28] {
        deployment.tenant.update_user(id, json!({ "userType": "Guest" })).unwrap();
    }
    // The accounts are theirs again; the portal would make their entries anew, and is asked first.
    let (runs, code) = deployment.json(&["run", "--sequence", "changes"]);
    assert_eq!(code, 1);
    assert_eq!(runs.last().unwrap()["connector"], "mimma");
    assert_eq!(runs.last().unwrap()["result"], "stopped-deletion-threshold-exceeded");
    untouched(&deployment);
    let (from, to) = ("count = 25, percent = 20", "count = 28, percent = 50");
    deployment.replace("connectors/mimma.toml", from, to);
    changes(&deployment);
    deployment.replace("connectors/mimma.toml", to, from);
    untouched(&deployment);
    for id in &ids {
        let sid = deployment.directory.sid(&account(id)).unwrap();
        assert_eq!(in_portal(&deployment, id)["ObjectSID"], json!(sid));
    }
    assert_settled(&deployment);
}

#[test]
fn too_many_deletions_stop_on_the_simulated_directory() {
    limits(Kind::Simulated);
}

#[test]
fn too_many_deletions_stop_on_samba() {
    limits(Kind::Samba);
}
