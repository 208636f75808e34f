//! What becomes of guests after the first cycle, on both directories.

use serde_json::{Value, json};

use crate::deployment::{Deployment, Kind, account};

fn counter(run: &Value, name: &str) -> u64 {
    run["counters"][name].as_u64().unwrap_or(0)
}

/// Seven variants on one deployment, one after the other, to start each directory only once.
fn life_of_guests(kind: Kind) {
    let deployment = Deployment::documented(kind);
    deployment.cycle();
    let [ada, bruno]: [String; 2] = deployment.guests().try_into().unwrap();

    // One more guest.
    let chiara = deployment.tenant.invite("Chiara Fontana", "chiara@fabrikam.example").unwrap();
    let import = deployment.run("b2b-graph", "full-import");
    assert_eq!((counter(&import, "stage-add"), counter(&import, "stage-no-change")), (1, 3));
    let sync = deployment.run("b2b-graph", "full-sync");
    assert_eq!(counter(&sync, "disconnector-projected-flow"), 1);
    assert_eq!(counter(&sync, "connector-no-flow"), 2);
    assert_eq!(counter(&sync, "provisioning-adds"), 2);
    deployment.settle();
    assert!(deployment.directory.attribute(&account(&chiara), "mail").is_some());

    // Another address.
    deployment
        .tenant
        .update_user(&ada, json!({ "mail": "ada.lind@treyresearch.example" }))
        .unwrap();
    let runs = deployment.settle();
    assert_eq!(counter(&runs[0], "stage-update"), 1);
    assert_eq!(counter(&runs[1], "export-attribute-flow"), 2);
    assert_eq!(counter(&runs[2], "export-update"), 1);
    assert_eq!(counter(&runs[5], "export-update"), 1);
    let mail = deployment.directory.attribute(&account(&ada), "mail");
    assert_eq!(mail.as_deref(), Some("ada.lind@treyresearch.example"));

    // Another display name concerns the portal only.
    deployment.tenant.update_user(&ada, json!({ "displayName": "Ada Lind-Berg" })).unwrap();
    let runs = deployment.settle();
    assert_eq!((counter(&runs[2], "export-update"), counter(&runs[5], "export-update")), (0, 1));

    // Another sign-in name; the DN stays.
    let upn = "ada.berg_treyresearch.example#EXT#@contoso.onmicrosoft.com";
    deployment.tenant.update_user(&ada, json!({ "userPrincipalName": upn })).unwrap();
    let runs = deployment.settle();
    assert_eq!(counter(&runs[2], "export-update"), 1);
    let found = deployment.directory.attribute(&account(&ada), "userPrincipalName");
    assert_eq!(found.as_deref(), Some(upn));

    // A deleted guest loses the account.
    deployment.tenant.delete_user(&bruno).unwrap();
    let import = deployment.run("b2b-graph", "full-import");
    assert_eq!(counter(&import, "stage-delete"), 1);
    let sync = deployment.run("b2b-graph", "full-sync");
    assert_eq!(counter(&sync, "connector-delete-remove-mv"), 1);
    let export = deployment.run("adma", "export");
    assert_eq!(counter(&export, "export-delete"), 1);
    let import = deployment.run("adma", "delta-import");
    assert_eq!(import["state"]["adma"], json!([4, 2, 2, 0, 0, 0, 0]));
    assert_eq!(deployment.directory.attribute(&account(&bruno), "cn"), None);
    deployment.settle();

    // A refused password is reported, and tried again when the policy has changed.
    let dario = deployment.tenant.invite("Dario Weiss", "d@e.example").unwrap();
    let upn = json!({ "userPrincipalName": "d@c.io" });
    deployment.tenant.update_user(&dario, upn).unwrap();
    deployment.directory.refuse_passwords(true);
    deployment.run("b2b-graph", "delta-import");
    deployment.run("b2b-graph", "delta-sync");
    for _ in 0..2 {
        let export = deployment.run("adma", "export");
        assert_eq!(export["result"], "completed-export-errors", "{export:#}");
        assert_eq!(export["errors"][0]["error"], "password-policy-violation", "{export:#}");
        assert_eq!(export["state"]["adma"][5], 1);
    }
    deployment.directory.refuse_passwords(false);
    assert_eq!(counter(&deployment.run("adma", "export"), "export-add"), 1);
    deployment.settle();
    assert!(deployment.directory.attribute(&account(&dario), "cn").is_some());

    // At the end nothing is open anywhere.
    let status = deployment.done(&["status"]);
    for (name, state) in status[0]["state"].as_object().unwrap() {
        assert_eq!([&state[4], &state[5], &state[6]], [0, 0, 0], "{name}: {state}");
    }
}

#[test]
fn guests_come_change_and_go_on_the_simulated_directory() {
    life_of_guests(Kind::Simulated);
}

#[test]
fn guests_come_change_and_go_on_samba() {
    life_of_guests(Kind::Samba);
}

fn resurrection(kind: Kind) {
    let deployment = Deployment::documented(kind);
    deployment.replace("connectors/adma.toml", "\"delete\"", "\"make-disconnector\"");
    deployment.cycle();
    let ada = deployment.guests().remove(0);
    deployment.tenant.delete_user(&ada).unwrap();
    deployment.run("b2b-graph", "full-import");
    let sync = deployment.run("b2b-graph", "full-sync");
    assert_eq!(counter(&sync, "connector-delete-remove-mv"), 1);
    assert_eq!(sync["state"]["adma"], json!([4, 1, 3, 0, 0, 0, 0]));
    assert_eq!(sync["state"]["mimma"][5], 1);
    assert_eq!(sync["metaverse"]["person"], 1);
    let again = deployment.run("adma", "delta-sync");
    assert_eq!(again["metaverse"]["person"], 2);
    assert_eq!(counter(&again, "provisioning-adds"), 1);
}

#[test]
fn an_account_left_as_disconnector_comes_back_on_the_simulated_directory() {
    resurrection(Kind::Simulated);
}

#[test]
fn an_account_left_as_disconnector_comes_back_on_samba() {
    resurrection(Kind::Samba);
}

fn nothing_created(kind: Kind) {
    let deployment = Deployment::documented(kind);
    let (from, to) = ("create_in_metaverse = true", "create_in_metaverse = false");
    deployment.replace("rules/in-b2b-guest.toml", from, to);
    let runs = deployment.cycle();
    assert_eq!(counter(&runs[5], "disconnector-remains"), 2);
    assert_eq!(counter(&runs[5], "disconnector-filtered"), 1);
    assert_eq!(runs[5]["metaverse"]["person"], 0);
    assert_eq!(runs[5]["state"]["adma"][5], 0);
}

#[test]
fn without_the_create_flag_nothing_happens_on_the_simulated_directory() {
    nothing_created(Kind::Simulated);
}

#[test]
fn without_the_create_flag_nothing_happens_on_samba() {
    nothing_created(Kind::Samba);
}

/// The container of the accounts is missing below the one that is imported.
fn missing_container(kind: Kind) {
    let deployment = Deployment::documented(kind);
    let missing = "OU=B2BGuest,OU=External,DC=contoso,DC=com";
    deployment.directory.create_ou("OU=External,DC=contoso,DC=com");
    deployment.replace("connectors/adma.toml", "OU=B2BGuest,DC=", "OU=External,DC=");
    let (from, to) = (",OU=B2BGuest,DC=", ",OU=B2BGuest,OU=External,DC=");
    deployment.replace("rules/out-b2b-ad.toml", from, to);
    deployment.done(&["apply"]);
    let (runs, code) = deployment.json(&["run", "--sequence", "b2b"]);
    assert_eq!(code, 3);
    let export = &runs[6];
    assert_eq!(export["result"], "completed-export-errors");
    assert_eq!(counter(export, "export-failure"), 2);
    assert_eq!(export["errors"][0]["error"], "non-existent-parent", "{export:#}");
    assert_eq!(export["state"]["adma"][5], 2);
    let space = deployment.done(&["cs", "search", "adma", "ou=b2bguest"]);
    assert!(space.iter().any(|o| o["state"] == "placeholder"), "{space:#?}");
    deployment.directory.create_ou(missing);
    assert_eq!(counter(&deployment.run("adma", "export"), "export-add"), 2);
}

#[test]
fn a_missing_container_fails_the_objects_on_the_simulated_directory() {
    missing_container(Kind::Simulated);
}

#[test]
fn a_missing_container_fails_the_objects_on_samba() {
    missing_container(Kind::Samba);
}
