//! The machine itself: a full disk, an output that nobody reads, a folder that cannot be written.

use std::process::{Command, Output, Stdio};

use super::{assert_says, assert_whole, invite, sequence};
use crate::deployment::{Deployment, Kind};

/// The binary, with files that may not grow beyond a number of blocks of 512 octets; as on a full
/// disk, the write that goes beyond fails.
fn limited(deployment: &Deployment, blocks: usize, arguments: &[&str]) -> Output {
    let plain = deployment.command(arguments);
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &script, "sh"]).arg(plain.get_program()).args(plain.get_args());
    for (name, value) in plain.get_envs() {
        command.env(name, value.unwrap_or_default());
    }
    command.stdin(Stdio::null()).output().unwrap()
}

#[test]
fn a_full_disk_stops_the_run_and_loses_nothing() {
    let deployment = Deployment::recommended(Kind::Simulated);
    for number in 0..40 {
        invite(&deployment, number);
    }
    deployment.done(&["apply"]);
    let mut failed = 0;
    for blocks in [8, 200, 400, 600, 700, 800, 900, 1000, 1200] {
        let output = limited(&deployment, blocks, &["run", "--sequence", "b2b"]);
        if output.status.code() == Some(0) {
            continue;
        }
        failed += 1;
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let says = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_says(&says, &["STO-"]);
    }
    assert!(failed > 2, "the disk was never full");
    for _ in 0..2 {
        sequence(&deployment, "b2b", 0);
    }
    assert_whole(&deployment, &["changes", "b2b"]);
}

#[test]
fn a_reader_who_has_seen_enough_stops_nothing() {
    let deployment = Deployment::recommended(Kind::Simulated);
    for number in 0..3 {
        invite(&deployment, number);
    }
    deployment.done(&["apply"]);
    let mut command = deployment.command(&["run", "--sequence", "b2b", "-vvv"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop((child.stdout.take(), child.stderr.take()));
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_whole(&deployment, &["changes", "b2b"]);
}
