//! `proxeny demo` against the documented figures, on both directories.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::deployment::objects;

/// What the twelve runs count and leave: connector, profile, named counters; tenant, directory and
/// service; persons and rules.
#[expect(clippy::too_many_lines, reason = "a table")]
fn documented() -> Vec<Value> {
    let none = json!([0, 0, 0, 0, 0, 0, 0]);
    let empty = json!([2, 0, 2, 0, 0, 0, 0]);
    let rules = json!([5, 3, 0, 2, 0, 0, 0]);
    let tenant = json!([3, 2, 0, 1, 0, 0, 0]);
    let all = json!([4, 2, 2, 0, 0, 0, 0]);
    let waiting = json!([7, 5, 0, 2, 0, 2, 0]);
    let row =
        |connector: &str, profile: &str, counters: Value, state: [&Value; 3], mv: [u64; 2]| {
            json!({
                "connector": connector, "profile": profile, "counters": counters,
                "state": { "b2b-graph": state[0], "adma": state[1], "mimma": state[2] },
                "metaverse": { "person": mv[0], "synchronizationRule": mv[1] },
            })
        };
    vec![
        row(
            "mimma",
            "full-import",
            json!({ "stage-add": 5 }),
            [&none, &none, &json!([5, 0, 5, 0, 5, 0, 0])],
            [0, 0],
        ),
        row(
            "mimma",
            "full-sync",
            json!({ "projections": 3, "filtered-disconnectors": 2 }),
            [&none, &none, &rules],
            [0, 3],
        ),
        row(
            "adma",
            "full-import",
            json!({ "stage-add": 2 }),
            [&none, &json!([2, 0, 2, 0, 2, 0, 0]), &rules],
            [0, 3],
        ),
        row("adma", "full-sync", json!({ "disconnectors": 2 }), [&none, &empty, &rules], [0, 3]),
        row(
            "b2b-graph",
            "full-import",
            json!({ "stage-add": 3 }),
            [&json!([3, 0, 3, 0, 3, 0, 0]), &empty, &rules],
            [0, 3],
        ),
        row(
            "b2b-graph",
            "full-sync",
            json!({ "projections": 2, "filtered-disconnectors": 1, "provisioning-adds": 4 }),
            [&tenant, &json!([4, 2, 2, 0, 0, 2, 0]), &waiting],
            [2, 3],
        ),
        row(
            "adma",
            "export",
            json!({ "export-add": 2 }),
            [&tenant, &json!([4, 2, 2, 0, 0, 0, 2]), &waiting],
            [2, 3],
        ),
        row(
            "adma",
            "delta-import",
            json!({ "stage-update": 2 }),
            [&tenant, &json!([4, 2, 2, 0, 2, 0, 0]), &waiting],
            [2, 3],
        ),
        row(
            "adma",
            "delta-sync",
            json!({ "connectors-with-flow-updates": 2 }),
            [&tenant, &all, &waiting],
            [2, 3],
        ),
        row(
            "mimma",
            "export",
            json!({ "export-add": 2 }),
            [&tenant, &all, &json!([7, 5, 0, 2, 0, 0, 2])],
            [2, 3],
        ),
        row(
            "mimma",
            "delta-import",
            json!({ "stage-update": 2 }),
            [&tenant, &all, &json!([7, 5, 0, 2, 2, 0, 0])],
            [2, 3],
        ),
        row(
            "mimma",
            "delta-sync",
            json!({ "connectors-with-flow-updates": 2 }),
            [&tenant, &all, &json!([7, 5, 0, 2, 0, 0, 0])],
            [2, 3],
        ),
    ]
}

fn demo(arguments: &[&str]) -> Vec<Value> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_proxeny"));
    command.args(["demo", "--once", "--json"]).args(arguments).stdin(Stdio::null());
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    objects(&output)
}

fn check_documented(runs: &[Value]) {
    assert_eq!(runs.len(), 24);
    let expected = documented();
    for (number, (run, expected)) in runs.iter().zip(&expected).enumerate() {
        assert_eq!(run["run"], json!(number + 1));
        assert_eq!(run["result"], json!("success"), "{run:#}");
        for key in ["connector", "profile", "state", "metaverse"] {
            assert_eq!(run[key], expected[key], "{key} of run {}: {run:#}", number + 1);
        }
        for (name, count) in expected["counters"].as_object().unwrap() {
            assert_eq!(&run["counters"][name], count, "{name} of run {}: {run:#}", number + 1);
        }
    }
    let last = &expected[11];
    for run in &runs[12..] {
        assert_eq!(run["result"], json!("success"));
        assert_eq!((&run["state"], &run["metaverse"]), (&last["state"], &last["metaverse"]));
        for name in run["counters"].as_object().unwrap().keys() {
            let writes =
                ["stage-add", "stage-update", "stage-delete", "export-", "with-flow-updates"];
            let moved = writes.iter().any(|part| name.contains(part));
            assert!(!moved, "{name} of run {}", run["run"]);
        }
    }
}

#[test]
fn the_documented_cycle_is_as_documented_on_the_simulated_directory() {
    check_documented(&demo(&["--as-documented"]));
}

#[test]
fn the_documented_cycle_is_as_documented_on_samba() {
    check_documented(&demo(&["--as-documented", "--directory", "samba"]));
}

#[test]
fn the_recommended_deployment_gives_every_guest_an_account() {
    for directory in ["simulated", "samba"] {
        let runs = demo(&["--guests", "5", "--directory", directory]);
        let last = runs.last().unwrap();
        assert_eq!(last["metaverse"]["person"], json!(5), "{last:#}");
        for (name, state) in last["state"].as_object().unwrap() {
            let open: Vec<u64> = (4..7).map(|i| state[i].as_u64().unwrap()).collect();
            assert_eq!(open, [0, 0, 0], "{name} on {directory}");
        }
    }
}
