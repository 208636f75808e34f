//! Many guests, and two processes at once.

use std::process::Stdio;
use std::time::Duration;

use serde_json::json;
use sim::directory::{Effect, Fault, Operation};

use super::{assert_says, assert_whole, invite, wait_for};
use crate::deployment::{Deployment, Kind, objects};

const GUESTS: usize = 300;

fn many(kind: Kind) {
    let deployment = Deployment::recommended(kind);
    for number in 0..GUESTS {
        invite(&deployment, number);
    }
    let runs = deployment.cycle();
    assert_eq!(runs[6]["counters"], json!({ "export-add": GUESTS }));
    assert_eq!(runs[9]["counters"], json!({ "export-add": GUESTS }));
    assert_whole(&deployment, &["changes", "b2b"]);
}

#[test]
fn hundreds_of_guests_get_accounts_on_the_simulated_directory() {
    many(Kind::Simulated);
}

#[test]
fn hundreds_of_guests_get_accounts_on_samba() {
    many(Kind::Samba);
}

#[test]
fn a_second_process_is_refused_and_does_not_disturb_the_first() {
    let deployment = Deployment::recommended(Kind::Simulated);
    for number in 0..3 {
        invite(&deployment, number);
    }
    deployment.done(&["apply"]);
    let directory = deployment.simulated();
    directory.inject(Fault::once(Operation::Add, Effect::Delay(Duration::from_secs(2))));
    let mut command = deployment.command(&["run", "--sequence", "b2b", "--json"]);
    let first = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let adds = || directory.operations().get(&Operation::Add).copied().unwrap_or(0);
    wait_for(&deployment, || adds() > 0);
    assert_eq!(adds(), 1, "the first process waits for the answer to its first account");
    for arguments in [
        &["run", "--sequence", "b2b"][..],
        &["run", "adma", "export"],
        &["apply"],
        &["pending"],
        &["status"],
    ] {
        let output = deployment.output(arguments);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let says = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_says(&says, &["STO-0102", "stop the other proxeny process"]);
    }
    assert_eq!(adds(), 1, "the second ones came too late");
    let output = first.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(objects(&output).len(), 12);
    assert_whole(&deployment, &["changes", "b2b"]);
}
