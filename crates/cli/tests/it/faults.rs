//! What goes wrong around the binary, on every side of it: it says so, harms nobody, and once the
//! trouble is over everything is as if there had been none.

mod directory;
mod doubt;
mod machine;
mod samba;
mod secrets;
mod tenant;
mod volume;

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::deployment::{Deployment, account};

const CONTROL: &str = "userAccountControl";

/// Invites a guest of the recommended deployment; the number makes up the name.
fn invite(deployment: &Deployment, number: usize) -> String {
    let mail = format!("guest{number}@fabrikam.example");
    let id = deployment.tenant.invite(&format!("Guest {number}"), &mail).unwrap();
    let names = json!({ "givenName": "Guest", "surname": number.to_string() });
    deployment.tenant.update_user(&id, names).unwrap();
    id
}

/// Runs a sequence that must end with an exit code; its runs.
fn sequence(deployment: &Deployment, name: &str, expected: i32) -> Vec<Value> {
    let (runs, code) = deployment.json(&["run", "--sequence", name]);
    let brief: Vec<String> = runs.iter().map(brief).collect();
    assert_eq!(code, expected, "{name}:\n{}", brief.join("\n"));
    runs
}

/// What matters of a run, on one line.
fn brief(run: &Value) -> String {
    let names = ["connector", "profile", "result", "message", "counters", "errors"];
    names.map(|name| run[name].to_string()).join(" ")
}

/// Runs a sequence that must fail, and returns its last run, which must be this one.
fn stopped(deployment: &Deployment, name: &str, run: &str, result: &str) -> Value {
    let last = sequence(deployment, name, 1).pop().unwrap();
    let place = format!("{}/{}", last["connector"], last["profile"]).replace('"', "");
    assert_eq!((place.as_str(), &last["result"]), (run, &json!(result)), "{last:#}");
    last
}

/// What the store holds of each connected system, and the metaverse.
fn state(deployment: &Deployment) -> Value {
    let status = deployment.done(&["status"]).remove(0);
    json!([status["state"], status["metaverse"]])
}

/// A sequence that must find nothing to do.
pub(crate) fn assert_quiet(deployment: &Deployment, name: &str) {
    for run in sequence(deployment, name, 0) {
        for counter in run["counters"].as_object().unwrap().keys() {
            let writes =
                ["stage-add", "stage-update", "stage-delete", "export-", "with-flow-updates"];
            let moved = writes.iter().any(|part| counter.contains(part));
            assert!(!moved, "{counter} in {name}: {run:#}");
        }
    }
}

/// Everything is as if nothing had ever gone wrong: each guest has one account, enabled unless the
/// guest is blocked, nobody else has one, portal and directory agree, nothing is open, and another
/// round of `sequences` finds nothing to do.
pub(crate) fn assert_whole(deployment: &Deployment, sequences: &[&str]) {
    for name in sequences {
        assert_quiet(deployment, name);
    }
    let guests = deployment.guests();
    let accounts = deployment.directory.accounts();
    let mut expected: Vec<String> = guests.iter().map(|id| account(id)).collect();
    expected.sort();
    assert_eq!(accounts.keys().cloned().collect::<Vec<_>>(), expected);

    assert_numbers(deployment, guests.len());
    assert_controls(deployment);
    assert_one_identifier(deployment, &accounts);
}

/// The objects of each connected system, and nothing open.
fn assert_numbers(deployment: &Deployment, count: usize) {
    let members = deployment.tenant.users().len() - count;
    let status = deployment.done(&["status"]).remove(0);
    for (name, numbers) in [
        ("b2b-graph", json!([count + members, count, 0, members, 0, 0, 0])),
        // The container and the domain beside the accounts, three rules and two accounts of the
        // service itself beside the people.
        ("adma", json!([count + 2, count, 2, 0, 0, 0, 0])),
        ("mimma", json!([count + 5, count + 3, 0, 2, 0, 0, 0])),
    ] {
        assert_eq!(status["state"][name], numbers, "{name}: {status:#}");
    }
    assert_eq!(status["metaverse"]["person"], json!(count));
    assert_eq!(deployment.done(&["pending"]), Vec::<Value>::new());
}

/// Accounts are enabled unless their guest is blocked.
fn assert_controls(deployment: &Deployment) {
    let controls: BTreeMap<String, Value> = deployment
        .done(&["cs", "search", "adma", "--limit", "100000"])
        .into_iter()
        .filter(|object| object["type"] == "user")
        .map(|o| (o["dn"].as_str().unwrap().to_owned(), o["attributes"][CONTROL].clone()))
        .collect();
    for user in deployment.tenant.users().iter().filter(|user| user["userType"] == "Guest") {
        let expected = if user["accountEnabled"] == false { "262658" } else { "262656" };
        let dn = account(user["id"].as_str().unwrap());
        assert_eq!(controls[&dn], json!(expected), "{dn}");
    }
}

/// Portal, directory, and what the store knows of both, agree on everybody's identifier.
fn assert_one_identifier(deployment: &Deployment, accounts: &BTreeMap<String, String>) {
    let identifiers = |connector: &str, name: &str, identifier: &str| -> BTreeMap<String, String> {
        let found = deployment.done(&["cs", "search", connector, "--limit", "100000"]);
        let pair = |object: &Value| {
            let text = |name: &str| object["attributes"][name].as_str().map(str::to_owned);
            Some((text(name)?, text(identifier)?))
        };
        found.iter().filter_map(pair).collect()
    };
    let names = identifiers("adma", "sAMAccountName", "objectSid");
    assert_eq!(identifiers("mimma", "AccountName", "ObjectSID"), names);
    let mut known: Vec<&String> = names.values().collect();
    let mut present: Vec<&String> = accounts.values().collect();
    known.sort();
    present.sort();
    assert_eq!(known, present);
}

/// Waits, for ten seconds at most, for something that another process brings about.
fn wait_for(deployment: &Deployment, is_so: impl Fn() -> bool) {
    deployment.block_on(async {
        let mut ticks = tokio::time::interval(Duration::from_millis(5));
        for _ in 0..2000 {
            if is_so() {
                return;
            }
            ticks.tick().await;
        }
        panic!("it does not happen");
    });
}

fn assert_says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "no {part:?} in:\n{text}");
    }
}
