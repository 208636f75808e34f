//! What the recommended deployment, `examples/b2b`, does for guests, on both directories.

mod hostile;
mod limits;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::deployment::{Deployment, Kind, account};
use crate::faults::assert_quiet;

const ENABLED: &str = "262656";
const DISABLED: &str = "262658";

fn counter(run: &Value, name: &str) -> u64 {
    run["counters"][name].as_u64().unwrap_or(0)
}

/// Invites a guest with all that a tenant may know of one.
fn invite(deployment: &Deployment, given: &str, surname: &str, mail: &str) -> String {
    let id = deployment.tenant.invite(&format!("{given} {surname}"), mail).unwrap();
    let names =
        json!({ "givenName": given, "surname": surname, "mobilePhone": "+41 79 000 00 00" });
    deployment.tenant.update_user(&id, names).unwrap();
    id
}

/// The whole everyday cycle; all of it must succeed.
fn changes(deployment: &Deployment) -> Vec<Value> {
    deployment.done(&["run", "--sequence", "changes"])
}

/// The only object of a connector space that contains a text.
fn single(deployment: &Deployment, connector: &str, text: &str) -> Value {
    let mut found = deployment.done(&["cs", "search", connector, text]);
    assert_eq!(found.len(), 1, "{text} in {connector}: {found:#?}");
    found.remove(0)
}

/// The attributes of a guest's account as the last import found them.
fn in_directory(deployment: &Deployment, id: &str) -> Value {
    single(deployment, "adma", &account(id))["attributes"].take()
}

/// The account name that a guest has in the directory.
fn account_name(deployment: &Deployment, id: &str) -> String {
    in_directory(deployment, id)["sAMAccountName"].as_str().unwrap().to_owned()
}

/// The attributes of a guest's entry in the portal.
fn in_portal(deployment: &Deployment, id: &str) -> Value {
    let name = account_name(deployment, id);
    single(deployment, "mimma", &name)["attributes"].take()
}

fn control(deployment: &Deployment, id: &str) -> Option<String> {
    deployment.directory.attribute(&account(id), "userAccountControl")
}

/// Neither cycle finds anything to do, and nothing is open anywhere.
fn assert_settled(deployment: &Deployment) {
    for sequence in ["changes", "b2b"] {
        assert_quiet(deployment, sequence);
    }
    let status = deployment.done(&["status"]);
    for (name, state) in status[0]["state"].as_object().unwrap() {
        assert_eq!([&state[4], &state[5], &state[6]], [0, 0, 0], "{name}: {state}");
    }
}

fn assert_legal(name: &str) {
    assert!((1..=20).contains(&name.encode_utf16().count()), "{name:?}");
    let forbidden = |c: char| "\"/\\[]:;|=,+*?<>@".contains(c) || c.is_control();
    assert!(!name.contains(forbidden) && !name.ends_with(['.', ' ']), "{name:?}");
}

fn accounts(kind: Kind) {
    let deployment = Deployment::recommended(kind);
    let stranger = "CN=Stranger,OU=B2BGuest,DC=contoso,DC=com";
    deployment.directory.create_user(stranger, "stranger");
    let ada = invite(&deployment, "Ada", "Lind", "ada.lind@treyresearch.example");
    let namesake = invite(&deployment, "Ada", "Lind", "ada.lind@fabrikam.example");
    let zoe = invite(&deployment, "Zoë", "Grün-Straße", "zoë.grün@treyresearch.example");
    let without = invite(&deployment, "Bruno", "Keller", "bruno@treyresearch.example");
    deployment.tenant.update_user(&without, json!({ "mail": null })).unwrap();
    let member = deployment.tenant.add_member("Mia Member", "mia").unwrap();
    deployment.cycle();

    // Readable, legal, and nobody has the name of somebody else.
    let guests = [&ada, &namesake, &zoe, &without];
    let names = guests.map(|id| account_name(&deployment, id));
    for (name, begin) in names.iter().zip(["ada.lind-", "ada.lind-", "zoe.grun-", "bruno.kelle-"]) {
        assert_legal(name);
        assert!(name.starts_with(begin), "{name}");
    }
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), 4, "{names:?}");
    for (name, id) in names.iter().zip(guests) {
        assert!(name.ends_with(&id[..8]), "{name} of {id}");
        assert_eq!(control(&deployment, id).as_deref(), Some(ENABLED));
    }
    assert_eq!(control(&deployment, &member), None);

    let entry = in_directory(&deployment, &ada);
    for (name, expected) in [
        ("adminDescription", format!("User_{ada}")),
        ("employeeNumber", ada.clone()),
        ("displayName", "Ada Lind".to_owned()),
        ("givenName", "Ada".to_owned()),
        ("sn", "Lind".to_owned()),
        ("mail", "ada.lind@treyresearch.example".to_owned()),
    ] {
        assert_eq!(entry[name], json!(expected), "{name}");
    }
    let portal = in_portal(&deployment, &ada);
    for (name, expected) in [
        ("AccountName", names[0].as_str()),
        ("Domain", "CONTOSO"),
        ("DisplayName", "Ada Lind"),
        ("FirstName", "Ada"),
        ("LastName", "Lind"),
        ("EmployeeType", "Guest"),
        ("Email", "ada.lind@treyresearch.example"),
        ("MobilePhone", "+41 79 000 00 00"),
    ] {
        assert_eq!(portal[name], json!(expected), "{name}");
    }
    assert_eq!(portal["ObjectSID"], json!(deployment.directory.sid(&account(&ada)).unwrap()));

    // Whoever else is in the container is nobody's business.
    let foreign = single(&deployment, "adma", "CN=Stranger");
    assert_eq!(foreign["state"], "disconnector");
    assert_eq!(deployment.done(&["mv", "search", "person"]).len(), 4);
    assert_settled(&deployment);
}

#[test]
fn every_guest_gets_an_account_on_the_simulated_directory() {
    accounts(Kind::Simulated);
}

#[test]
fn every_guest_gets_an_account_on_samba() {
    accounts(Kind::Samba);
}

/// The password: as long as it should be, and nowhere to be found.
#[test]
fn the_password_is_drawn_and_kept_nowhere() {
    let deployment = Deployment::recommended(Kind::Simulated);
    let ada = invite(&deployment, "Ada", "Lind", "ada@treyresearch.example");
    let rule = std::fs::read_to_string(deployment.folder.path().join("rules/out-b2b-ad.toml"));
    assert!(rule.unwrap().contains("to = \"unicodePwd\"\nfrom = \"RandomPassword(32)\""));
    // The directory takes nothing longer than 32 characters, and nothing shorter.
    deployment.directory.refuse_passwords(true);
    deployment.done(&["apply"]);
    let (runs, code) = deployment.json(&["run", "--sequence", "b2b"]);
    assert_eq!(code, 3);
    assert_eq!(runs[6]["errors"][0]["error"], "password-policy-violation");
    let crate::deployment::Server::Simulated(directory) = &deployment.directory else {
        unreachable!()
    };
    directory.set_password_policy(33);
    assert_eq!(counter(&deployment.run("adma", "export"), "export-failure"), 1);
    let pending = deployment.done(&["pending", "adma"]);
    let change = &pending[0]["object"]["pending_export"]["changes"]["unicodePwd"]["change"];
    assert_eq!(change, "secret");
    directory.set_password_policy(32);
    assert_eq!(counter(&deployment.run("adma", "export"), "export-add"), 1);
    changes(&deployment);
    let entry = in_directory(&deployment, &ada);
    assert_eq!(entry.get("unicodePwd"), None);
}

fn blocked(kind: Kind) {
    let deployment = Deployment::recommended(kind);
    let ada = invite(&deployment, "Ada", "Lind", "ada@treyresearch.example");
    let bruno = invite(&deployment, "Bruno", "Keller", "bruno@treyresearch.example");
    deployment.tenant.update_user(&bruno, json!({ "accountEnabled": false })).unwrap();
    deployment.cycle();
    // Who is blocked from the beginning has an account that is disabled from the beginning.
    let controls = [&ada, &bruno].map(|id| control(&deployment, id).unwrap());
    assert_eq!(controls, [ENABLED, DISABLED]);
    let (sid, name) =
        (deployment.directory.sid(&account(&ada)).unwrap(), account_name(&deployment, &ada));

    deployment.tenant.update_user(&ada, json!({ "accountEnabled": false })).unwrap();
    changes(&deployment);
    assert_eq!(control(&deployment, &ada).as_deref(), Some(DISABLED));
    deployment.tenant.update_user(&ada, json!({ "accountEnabled": true })).unwrap();
    deployment.tenant.update_user(&bruno, json!({ "accountEnabled": true })).unwrap();
    changes(&deployment);
    let controls = [&ada, &bruno].map(|id| control(&deployment, id).unwrap());
    assert_eq!(controls, [ENABLED, ENABLED]);
    assert_eq!(deployment.directory.sid(&account(&ada)).unwrap(), sid);

    // Another address changes the address only; a value that is gone is gone everywhere.
    let update = json!({ "mail": "lind@fabrikam.example", "mobilePhone": null, "surname": null });
    deployment.tenant.update_user(&ada, update).unwrap();
    changes(&deployment);
    let entry = in_directory(&deployment, &ada);
    assert_eq!(entry["mail"], "lind@fabrikam.example");
    assert_eq!(entry["sAMAccountName"], json!(name));
    assert_eq!(entry.get("sn"), None);
    let portal = in_portal(&deployment, &ada);
    assert_eq!(portal["Email"], "lind@fabrikam.example");
    assert_eq!((portal.get("MobilePhone"), portal.get("LastName")), (None, None));

    // What somebody changes in the account is set right.
    deployment.tenant.update_user(&ada, json!({ "accountEnabled": false })).unwrap();
    changes(&deployment);
    deployment.directory.change(&account(&ada), "userAccountControl", ENABLED);
    changes(&deployment);
    changes(&deployment);
    assert_eq!(control(&deployment, &ada).as_deref(), Some(DISABLED));
    assert_settled(&deployment);
}

#[test]
fn a_blocked_guest_has_a_disabled_account_on_the_simulated_directory() {
    blocked(Kind::Simulated);
}

#[test]
fn a_blocked_guest_has_a_disabled_account_on_samba() {
    blocked(Kind::Samba);
}

fn leaving(kind: Kind) {
    let deployment = Deployment::recommended(kind);
    let [ada, bruno, chiara, dario] = [
        ("Ada", "Lind", "ada@treyresearch.example"),
        ("Bruno", "Keller", "bruno@treyresearch.example"),
        ("Chiara", "Fontana", "chiara@fabrikam.example"),
        ("Dario", "Weiss", "dario@fabrikam.example"),
    ]
    .map(|(given, surname, mail)| invite(&deployment, given, surname, mail));
    deployment.cycle();
    let sids = [&chiara, &dario].map(|id| deployment.directory.sid(&account(id)).unwrap());

    // Who becomes a member, and who is deleted, loses account and entry in one cycle.
    deployment.tenant.update_user(&ada, json!({ "userType": "Member" })).unwrap();
    deployment.tenant.delete_user(&bruno).unwrap();
    changes(&deployment);
    for id in [&ada, &bruno] {
        assert_eq!(control(&deployment, id), None);
    }
    assert_eq!(deployment.done(&["cs", "search", "mimma", "treyresearch"]).len(), 0);
    assert_eq!(deployment.done(&["mv", "search", "person"]).len(), 2);

    // Who is back before that reached the directory keeps the account.
    deployment.tenant.update_user(&chiara, json!({ "userType": "Member" })).unwrap();
    deployment.tenant.delete_user(&dario).unwrap();
    deployment.run("b2b-graph", "delta-import");
    let sync = deployment.run("b2b-graph", "delta-sync");
    assert_eq!(sync["metaverse"]["person"], 0);
    assert_eq!(deployment.done(&["pending", "adma"]).len(), 2);
    deployment.tenant.update_user(&chiara, json!({ "userType": "Guest" })).unwrap();
    deployment.tenant.restore_user(&dario).unwrap();
    changes(&deployment);
    for (number, id) in [&chiara, &dario].into_iter().enumerate() {
        assert_eq!(deployment.directory.sid(&account(id)).as_ref(), Some(&sids[number]));
        assert_eq!(control(&deployment, id).as_deref(), Some(ENABLED));
        assert_eq!(in_portal(&deployment, id)["ObjectSID"], json!(sids[number]));
    }
    // Who comes back later gets a new account.
    deployment.tenant.restore_user(&bruno).unwrap();
    changes(&deployment);
    assert_eq!(control(&deployment, &bruno).as_deref(), Some(ENABLED));
    assert_settled(&deployment);
}

#[test]
fn a_guest_who_leaves_loses_the_account_on_the_simulated_directory() {
    leaving(Kind::Simulated);
}

#[test]
fn a_guest_who_leaves_loses_the_account_on_samba() {
    leaving(Kind::Samba);
}

fn lost_store(kind: Kind) {
    let deployment = Deployment::recommended(kind);
    let ids =
        [("Ada", "Lind", "ada@treyresearch.example"), ("Bruno", "Keller", "b@fabrikam.example")]
            .map(|(given, surname, mail)| invite(&deployment, given, surname, mail));
    deployment.cycle();
    let before = ids
        .each_ref()
        .map(|id| (deployment.directory.sid(&account(id)).unwrap(), account_name(&deployment, id)));
    for file in ["proxeny.db", "proxeny.db-wal", "proxeny.db-shm"] {
        // The last process took the other two with it, or not.
        let _removed = std::fs::remove_file(deployment.folder.path().join(file));
    }
    let runs = deployment.cycle();
    assert_eq!(counter(&runs[6], "export-add"), 0, "{:#}", runs[6]);
    let after = ids
        .each_ref()
        .map(|id| (deployment.directory.sid(&account(id)).unwrap(), account_name(&deployment, id)));
    assert_eq!(before, after);
    for (id, (sid, _)) in ids.iter().zip(&after) {
        assert_eq!(in_portal(&deployment, id)["ObjectSID"], json!(sid));
    }
    assert_settled(&deployment);
}

#[test]
fn a_lost_store_is_built_up_again_on_the_simulated_directory() {
    lost_store(Kind::Simulated);
}

#[test]
fn a_lost_store_is_built_up_again_on_samba() {
    lost_store(Kind::Samba);
}

fn meddling(kind: Kind) {
    let deployment = Deployment::recommended(kind);
    let [ada, bruno, chiara] = [
        ("Ada", "Lind", "ada@fabrikam.example"),
        ("Bruno", "Keller", "bruno@fabrikam.example"),
        ("Chiara", "Fontana", "chiara@fabrikam.example"),
    ]
    .map(|(given, surname, mail)| invite(&deployment, given, surname, mail));
    deployment.cycle();
    let before = [&ada, &chiara].map(|id| deployment.directory.sid(&account(id)).unwrap());
    let good = in_directory(&deployment, &chiara);

    // An account that somebody deleted, one with another name, and one that nobody would find again.
    deployment.directory.delete(&account(&ada));
    deployment.directory.change(&account(&bruno), "sAMAccountName", "bk");
    for name in ["adminDescription", "employeeNumber", "mail"] {
        deployment.directory.change(&account(&chiara), name, "x");
    }
    // One cycle sees it, the next one sends what is to be done about it.
    changes(&deployment);
    changes(&deployment);
    assert_eq!(control(&deployment, &ada).as_deref(), Some(ENABLED));
    let after = [&ada, &chiara].map(|id| deployment.directory.sid(&account(id)).unwrap());
    assert_ne!(before[0], after[0], "a new account has a new identifier");
    assert_eq!(before[1], after[1]);
    assert_eq!(in_directory(&deployment, &chiara), good);
    // The portal follows the directory.
    assert_eq!(account_name(&deployment, &bruno), "bk");
    assert_eq!(in_portal(&deployment, &bruno)["LastName"], "Keller");
    for (id, sid) in [&ada, &chiara].into_iter().zip(after) {
        assert_eq!(in_portal(&deployment, id)["ObjectSID"], json!(sid));
    }
    assert_settled(&deployment);
}

#[test]
fn what_others_do_to_accounts_is_set_right_on_the_simulated_directory() {
    meddling(Kind::Simulated);
}

#[test]
fn what_others_do_to_accounts_is_set_right_on_samba() {
    meddling(Kind::Samba);
}
