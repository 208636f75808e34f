//! The process is killed at many moments of a cycle, started again, and ends where an undisturbed
//! one ends.

use std::process::Stdio;
use std::time::Duration;

use serde_json::json;

use crate::deployment::{Deployment, Kind};
use crate::faults::assert_whole;

/// A sequence, and how it is disturbed.
struct Disturbance {
    sequence: &'static str,
    kills: u64,
    /// The latest moment of a kill after the start.
    latest_ms: u64,
}

/// Delays that differ from kill to kill and are the same in every run of the test (SplitMix64).
fn delay(number: u64, latest_ms: u64) -> Duration {
    let mut z = (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    Duration::from_millis(5 + (z ^ (z >> 31)) % latest_ms)
}

/// Starts the sequence and kills it after `after`, if it has not ended by then. True if it was
/// killed.
fn run_and_kill(deployment: &Deployment, sequence: &str, after: Duration) -> bool {
    let mut command = deployment.command(&["run", "--sequence", sequence, "--json"]);
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

/// Kills the sequence until it has been killed often enough; `change` gives every one of them
/// something to do. Then two undisturbed ones must be enough.
fn disturb(deployment: &Deployment, how: &Disturbance, change: impl Fn(&Deployment, u64, bool)) {
    let (mut kills, mut number, mut is_through) = (0, 0, false);
    while kills < how.kills {
        change(deployment, number, is_through);
        is_through = !run_and_kill(deployment, how.sequence, delay(number, how.latest_ms));
        kills += u64::from(!is_through);
        number += 1;
    }
    for _ in 0..2 {
        deployment.done(&["run", "--sequence", how.sequence]);
    }
}

#[test]
fn killed_at_twenty_moments_the_end_is_the_same() {
    let deployment = Deployment::documented(Kind::Simulated);
    deployment.done(&["apply"]);
    let how = Disturbance { sequence: "b2b", kills: 20, latest_ms: 400 };
    disturb(&deployment, &how, |deployment, number, is_through| {
        // A whole cycle is through: the next one needs something to do.
        if is_through {
            let mail = format!("guest{number}@fabrikam.example");
            deployment.tenant.invite(&format!("Guest Number{number}"), &mail).unwrap();
        }
    });
    assert_whole(&deployment, &["b2b"]);
}

fn everyday_cycle(kind: Kind) {
    let deployment = Deployment::recommended(kind);
    let invite = |number: u64| {
        let mail = format!("guest{number}@fabrikam.example");
        deployment.tenant.invite(&format!("Guest {number}"), &mail).unwrap();
    };
    (1000..1008).for_each(invite);
    deployment.cycle();
    // About as long as an undisturbed cycle takes.
    let (kills, latest_ms) = if kind == Kind::Samba { (10, 700) } else { (200, 250) };
    let how = Disturbance { sequence: "changes", kills, latest_ms };
    disturb(&deployment, &how, |deployment, number, _| {
        let guests = deployment.guests();
        deployment.tenant.delete_user(&guests[0]).unwrap();
        let name = json!({ "displayName": format!("Renamed {number}") });
        deployment.tenant.update_user(&guests[1], name).unwrap();
        let blocked = json!({ "accountEnabled": number % 2 == 0 });
        deployment.tenant.update_user(&guests[2], blocked).unwrap();
        invite(2 * number);
        invite(2 * number + 1);
    });
    assert_whole(&deployment, &["changes", "b2b"]);
}

#[test]
fn the_everyday_cycle_killed_at_two_hundred_moments_ends_the_same_on_the_simulated_directory() {
    everyday_cycle(Kind::Simulated);
}

#[test]
fn the_everyday_cycle_killed_at_ten_moments_ends_the_same_on_samba() {
    everyday_cycle(Kind::Samba);
}
