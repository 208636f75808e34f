//! A directory that disconnects, refuses, is busy, starts over, or is not there.

use std::time::Duration;

use serde_json::{Value, json};
use sim::directory::{Effect, Fault, Operation};
use sim::tenant;

use super::{assert_says, assert_whole, invite, sequence, state, stopped, wait_for};
use crate::deployment::{Deployment, Kind, account};

const ALL: [&str; 2] = ["changes", "b2b"];
const LOST: &str = "stopped-connectivity";
const WRITES: [Operation; 3] = [Operation::Add, Operation::Modify, Operation::Delete];

/// Eight guests with accounts.
fn deployment() -> Deployment {
    let deployment = Deployment::recommended(Kind::Simulated);
    for number in 0..8 {
        invite(&deployment, number);
    }
    deployment.cycle();
    deployment
}

/// Two guests come, two go, two change their names; in the directory, two of each operation.
fn change_six(deployment: &Deployment, number: usize) {
    let guests = deployment.guests();
    for id in &guests[..2] {
        deployment.tenant.delete_user(id).unwrap();
    }
    for id in &guests[2..4] {
        let name = json!({ "surname": format!("Name {number}") });
        deployment.tenant.update_user(id, name).unwrap();
    }
    for place in 0..2 {
        invite(deployment, 100 + 2 * number + place);
    }
}

fn answer(code: u32, message: &str) -> Effect {
    Effect::Answer { code, message: message.to_owned() }
}

/// Runs the everyday cycle with six changes and a fault at the first write of each kind in turn;
/// its runs must end with the exit code. Then everything must come right by itself.
fn each_write(effect: &Effect, code: i32) -> Vec<Vec<Value>> {
    let deployment = deployment();
    let mut all = Vec::new();
    for (number, operation) in WRITES.into_iter().enumerate() {
        change_six(&deployment, number);
        deployment.simulated().inject(Fault::once(operation, effect.clone()));
        all.push(sequence(&deployment, "changes", code));
        if code != 0 {
            sequence(&deployment, "changes", 0);
        }
        assert_whole(&deployment, &["changes"]);
    }
    assert_whole(&deployment, &["b2b"]);
    all
}

fn breaks(effect: &Effect) {
    for runs in each_write(effect, 1) {
        let last = runs.last().unwrap();
        assert_eq!((&last["connector"], &last["profile"]), (&json!("adma"), &json!("export")));
        assert_eq!(last["result"], LOST, "{effect:?}: {last:#}");
    }
}

#[test]
fn a_connection_lost_before_a_write_costs_a_cycle() {
    breaks(&Effect::DropBefore);
}

#[test]
fn a_connection_lost_after_a_write_costs_a_cycle() {
    breaks(&Effect::DropAfter);
}

#[test]
fn a_server_that_says_goodbye_costs_a_cycle() {
    breaks(&Effect::Notice);
}

#[test]
fn a_server_that_is_unavailable_costs_a_cycle() {
    breaks(&answer(52, "the directory service is unavailable"));
}

#[test]
fn a_busy_server_costs_a_moment() {
    each_write(&answer(51, "busy"), 0);
}

#[test]
fn a_missing_right_stops_one_object_and_no_other() {
    for runs in each_write(&answer(50, "00002098: SecErr: DSID-0315, access denied"), 3) {
        assert_eq!(runs.len(), 10, "the sequence goes on");
        let export = &runs[4];
        assert_eq!(export["result"], "completed-export-errors");
        assert_eq!(export["errors"].as_array().unwrap().len(), 1, "{export:#}");
        assert_eq!(export["errors"][0]["error"], "permission-issue");
        let count = |name: &str| export["counters"][name].as_u64().unwrap_or(0);
        let done = ["export-add", "export-update", "export-delete"].map(count);
        assert_eq!(done.iter().sum::<u64>(), 5, "{export:#}");
    }
}

#[test]
fn half_a_message_is_no_answer() {
    let deployment = deployment();
    change_six(&deployment, 0);
    let half = Effect::Raw(vec![0x30, 0x50, 0x02, 0x01]);
    deployment.simulated().inject(Fault::once(Operation::Add, half));
    stopped(&deployment, "changes", "adma/export", LOST);
    sequence(&deployment, "changes", 0);
    assert_whole(&deployment, &ALL);
}

#[test]
fn a_refused_cookie_and_a_restored_server_ask_for_a_full_import_which_heals() {
    let deployment = deployment();
    let result = "no-start-full-import-required";
    for number in 0..2 {
        change_six(&deployment, number);
        let directory = deployment.simulated();
        if number == 0 {
            let fault = Fault::once(Operation::DirSync, Effect::RejectCookie);
            directory.inject(Fault { times: 2, ..fault });
        } else {
            directory.renew_invocation_id();
        }
        // What was exported is not confirmed, and nothing is taken for deleted.
        let run = stopped(&deployment, "changes", "adma/delta-import", result);
        assert_says(&run.to_string(), &["full"]);
        let held = state(&deployment);
        stopped(&deployment, "changes", "adma/delta-import", result);
        assert_eq!(state(&deployment), held);
        sequence(&deployment, "b2b", 0);
        assert_whole(&deployment, &ALL);
    }
}

#[test]
fn changes_may_come_one_at_a_time() {
    let deployment = deployment();
    deployment.simulated().set_dirsync_page_rows(Some(1));
    change_six(&deployment, 0);
    let before = deployment.simulated().operations()[&Operation::DirSync];
    let runs = sequence(&deployment, "changes", 0);
    assert_eq!(runs[5]["counters"], json!({ "stage-delete": 2, "stage-update": 4 }));
    let asked = deployment.simulated().operations()[&Operation::DirSync] - before;
    assert!(asked >= 6, "{asked} questions for six changes");
    // The connection breaks between two of them.
    change_six(&deployment, 1);
    let pass = Effect::Delay(Duration::ZERO);
    let directory = deployment.simulated();
    directory.inject(Fault { times: 2, ..Fault::once(Operation::DirSync, pass) });
    directory.inject(Fault::once(Operation::DirSync, Effect::DropBefore));
    stopped(&deployment, "changes", "adma/delta-import", LOST);
    sequence(&deployment, "changes", 0);
    assert_whole(&deployment, &ALL);
}

#[test]
fn connections_that_end_while_a_sequence_is_elsewhere_do_not_matter() {
    let deployment = deployment();
    change_six(&deployment, 0);
    let path = "/v1.0/users/delta";
    let throttled = tenant::Fault::new("GET", path, 429).header("Retry-After", "1");
    let asked = deployment.tenant.request_count("GET", path);
    deployment.tenant.inject(throttled);
    let runs = std::thread::scope(|scope| {
        let running = scope.spawn(|| sequence(&deployment, "b2b", 0));
        // The directory was read before the tenant is asked, and is written to after.
        wait_for(&deployment, || deployment.tenant.request_count("GET", path) > asked);
        deployment.simulated().close_connections();
        running.join().unwrap()
    });
    assert_eq!(runs.len(), 12);
    assert_whole(&deployment, &ALL);
}

#[test]
fn a_server_that_is_down_is_named_and_another_one_is_used() {
    let deployment = deployment();
    let url = deployment.simulated().url();
    // Nobody listens there: the port was free a moment ago.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let down = format!("ldaps://localhost:{free}");
    let (held, before) = (state(&deployment), deployment.directory.accounts());
    let servers = |text: &str| {
        deployment.edit("connectors/adma.toml", |document| {
            document["connectivity"]["servers"] = text.parse().unwrap();
        });
    };
    servers(&format!("[{down:?}]"));
    for profile in ["full-import", "delta-import"] {
        let output = deployment.output(&["run", "adma", profile]);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let says = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_says(&says, &[&format!("localhost cannot be reached on port {free}"), "CON-0104"]);
        assert!(!says.contains('\u{1b}'), "no terminal, no colours: {says:?}");
    }
    assert_eq!(state(&deployment), held);
    change_six(&deployment, 0);
    stopped(&deployment, "changes", "adma/export", "no-start-connection");
    stopped(&deployment, "b2b", "adma/full-import", "no-start-connection");
    assert_eq!(deployment.directory.accounts(), before);

    servers(&format!("[{down:?}, {url:?}]"));
    sequence(&deployment, "changes", 0);
    servers(&format!("[{url:?}]"));
    assert_whole(&deployment, &ALL);
    let gone = account(&deployment.guests()[0]);
    assert!(deployment.directory.sid(&gone).is_some());
}

#[test]
fn an_answer_without_objects_is_not_an_empty_directory() {
    let deployment = deployment();
    let (held, before) = (state(&deployment), deployment.directory.accounts());
    for (effect, result) in [
        // Success, but nothing else.
        (answer(0, ""), "stopped-unexpected-data"),
        (answer(1, "000020D6: operations error"), "stopped-unexpected-data"),
        (answer(51, "busy"), LOST),
        (answer(52, "unavailable"), LOST),
        (Effect::DropBefore, LOST),
    ] {
        let container = Some("OU=B2BGuest".to_owned());
        let fault = Fault { dn_contains: container, ..Fault::once(Operation::Search, effect) };
        // The first question is whether the container is there.
        let pass = Effect::Delay(Duration::ZERO);
        deployment.simulated().inject(Fault { effect: pass, ..fault.clone() });
        deployment.simulated().inject(fault);
        stopped(&deployment, "b2b", "adma/full-import", result);
        assert_eq!(state(&deployment), held);
    }
    assert_eq!(deployment.directory.accounts(), before);
    assert_whole(&deployment, &ALL);
}
