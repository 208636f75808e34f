//! The process is killed at many moments of the cycle, started again, and ends where an undisturbed
//! one ends.

use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;

use crate::deployment::{Deployment, Kind, account};

const KILLS: u64 = 20;

/// Delays that differ from kill to kill and are the same in every run of the test (SplitMix64).
fn delay(number: u64) -> Duration {
    let mut z = (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    Duration::from_millis(5 + (z ^ (z >> 31)) % 900)
}

/// Starts the sequence and kills it after `after`, if it has not ended by then. True if it was
/// killed.
fn run_and_kill(deployment: &Deployment, after: Duration) -> bool {
    let mut command = deployment.command(&["run", "--sequence", "b2b", "--json"]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    deployment.block_on(async {
        let mut child = tokio::process::Command::from(command).spawn().unwrap();
        if tokio::time::timeout(after, child.wait()).await.is_ok() {
            return false;
        }
        // SIGKILL: the process has no chance to tidy up.
        child.kill().await.unwrap();
        true
    })
}

#[test]
fn killed_at_twenty_moments_the_end_is_the_same() {
    let deployment = Deployment::documented(Kind::Simulated);
    deployment.done(&["apply"]);
    let mut kills = 0;
    let mut number = 0;
    while kills < KILLS {
        if run_and_kill(&deployment, delay(number)) {
            kills += 1;
        } else {
            // A whole cycle is through: give the next one something to do.
            let (name, mail) =
                (format!("Guest Number{number}"), format!("guest{number}@fabrikam.example"));
            deployment.tenant.invite(&name, &mail).unwrap();
        }
        number += 1;
    }
    for _ in 0..2 {
        deployment.done(&["run", "--sequence", "b2b"]);
    }
    let guests = deployment.guests();
    let status = deployment.done(&["status"]);
    let count = guests.len() as u64;
    assert_eq!(status[0]["metaverse"]["person"], Value::from(count));
    let state = |name: &str| -> Vec<u64> {
        status[0]["state"][name].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).collect()
    };
    assert_eq!(state("b2b-graph"), [count + 1, count, 0, 1, 0, 0, 0]);
    assert_eq!(state("adma"), [count + 2, count, 2, 0, 0, 0, 0]);
    assert_eq!(state("mimma"), [count + 5, count + 3, 0, 2, 0, 0, 0]);
    for id in &guests {
        assert!(deployment.directory.attribute(&account(id), "objectSid").is_some(), "{id}");
    }
    assert_eq!(deployment.done(&["pending"]), Vec::<Value>::new());
}
