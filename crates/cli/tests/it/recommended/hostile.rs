//! Names that mean something to somebody on their way: they arrive as they are, or fail alone.

use std::collections::BTreeSet;

use serde_json::json;

use super::{
    ENABLED, assert_legal, assert_settled, changes, control, in_directory, in_portal, invite,
};
use crate::deployment::{Deployment, Kind, account};

fn hostile_names(kind: Kind) {
    let deployment = Deployment::recommended(kind);
    let long = "x".repeat(70);
    let longer = "Ä".repeat(300);
    let names = [
        ("Lind, Ada", "Ada", "Lind", "a,b@treyresearch.example"),
        ("\"Q\" O'Hara", "\"Q\"", "O'Hara", "o'hara+vpn@treyresearch.example"),
        ("+plus=", "+plus", "=", "+plus@treyresearch.example"),
        ("#hash ", "#hash", " ", "#hash@treyresearch.example"),
        (" leading", " leading", "\\;<>", "...@treyresearch.example"),
        ("Ægir Łukasz Ñandú", "Ægir", "Łukasz", "ægir@treyresearch.example"),
        ("🦊 Fox", "🦊", "Fox", "🦊🦊🦊🦊🦊🦊🦊@treyresearch.example"),
        ("李 明", "明", "李", "李明@treyresearch.example"),
        ("(*)", "*", "(|(cn=*))", "*@treyresearch.example"),
        (&long, &long[..60], &long[..64], "long@treyresearch.example"),
    ];
    let ids = names.map(|(display, given, surname, mail)| {
        let properties = json!({
            "accountEnabled": true, "displayName": display, "givenName": given, "mail": mail,
            "surname": surname, "userType": "Guest",
            "userPrincipalName": format!("{}#EXT#@contoso.onmicrosoft.com", mail.replace('@', "_")),
        });
        deployment.tenant.add_user(properties).unwrap()
    });
    // A surname that no directory takes, and a name that is too long for directory and portal.
    let refused = invite(&deployment, "Hugo", &long, "hugo@treyresearch.example");
    let too_long = invite(&deployment, "Iris", "Moor", "iris@treyresearch.example");
    deployment.tenant.update_user(&too_long, json!({ "displayName": longer })).unwrap();
    deployment.done(&["apply"]);
    let (runs, code) = deployment.json(&["run", "--sequence", "b2b"]);
    assert_eq!(code, 3, "{runs:#?}");
    assert_eq!(runs.len(), 12, "one guest stops nobody else");
    let export = &runs[6];
    assert_eq!(export["result"], "completed-export-errors");
    let failed = export["errors"].as_array().unwrap();
    for error in failed {
        let attribute = if error["name"] == account(&refused) { "sn" } else { "displayName" };
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(attribute), "{error:#}");
        assert_eq!(error["rule"], "OUT - B2B - AD");
    }
    let failed: BTreeSet<&str> = failed.iter().map(|e| e["name"].as_str().unwrap()).collect();
    let expected = [account(&refused), account(&too_long)];
    assert_eq!(failed, expected.iter().map(String::as_str).collect(), "{export:#}");
    let mut taken = BTreeSet::new();
    for (id, (display, given, surname, _)) in ids.iter().zip(names) {
        let entry = in_directory(&deployment, id);
        let name = entry["sAMAccountName"].as_str().unwrap();
        assert_legal(name);
        assert!(taken.insert(name.to_owned()), "{name}");
        assert_eq!(entry["displayName"], json!(display));
        assert_eq!((&entry["givenName"], &entry["sn"]), (&json!(given), &json!(surname)));
        assert_eq!(in_portal(&deployment, id)["DisplayName"], json!(display));
    }
    // Once the tenant has names that fit, they get their accounts like everybody else.
    deployment.tenant.update_user(&refused, json!({ "surname": "Perrin" })).unwrap();
    deployment.tenant.update_user(&too_long, json!({ "displayName": "Iris Moor" })).unwrap();
    changes(&deployment);
    for id in [&refused, &too_long] {
        assert_eq!(control(&deployment, id).as_deref(), Some(ENABLED));
    }
    assert_settled(&deployment);
}

#[test]
fn hostile_names_harm_nobody_on_the_simulated_directory() {
    hostile_names(Kind::Simulated);
}

#[test]
fn hostile_names_harm_nobody_on_samba() {
    hostile_names(Kind::Samba);
}
