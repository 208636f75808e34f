//! Run profiles of several steps, limits that are accepted, runs that are interrupted, and the
//! history of them all.

use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use sim::tenant::Fault;

use crate::deployment::{Deployment, Kind, objects};

const GRAPH: &str = "connectors/b2b-graph.toml";

fn nightly(deployment: &Deployment) {
    let steps = "[run_profiles.nightly]\nsteps = [{ type = \"full-import\", object_limit = 500 }, \
                 { type = \"full-sync\" }]\n\n[connectivity]";
    deployment.replace(GRAPH, "[connectivity]", steps);
}

#[test]
fn a_profile_of_several_steps_is_told_and_remembered_step_by_step() {
    let deployment = Deployment::documented(Kind::Simulated);
    nightly(&deployment);
    deployment.done(&["apply"]);
    deployment.run("mimma", "full-import");
    deployment.run("mimma", "full-sync");
    let run = deployment.run("b2b-graph", "nightly");
    assert_eq!((&run["profile"], &run["result"]), (&json!("nightly"), &json!("success")));
    let types: Vec<&Value> =
        run["steps"].as_array().unwrap().iter().map(|step| &step["type"]).collect();
    assert_eq!(types, ["full-import", "full-sync"]);
    let mut command = deployment.command(&["run", "b2b-graph", "nightly"]);
    command.env("USER", "mia").env_remove("SUDO_USER");
    let text = String::from_utf8(command.output().unwrap().stdout).unwrap();
    assert!(text.contains("step 1 full-import: success (run 5)"), "{text}");
    assert!(text.contains("step 2 full-sync: success (run 6)"), "{text}");
    let history = deployment.done(&["history", "6"]);
    let said = &history[0];
    assert_eq!((&said["step"], &said["step_type"]), (&json!(2), &json!("full-sync")));
    assert_eq!((&said["first_run"], &said["started_by"]), (&json!(5), &json!("mia")));
    assert!(said["rules"].as_str().is_some_and(|version| version.len() == 32), "{said}");
    let list = deployment.output(&["history", "--connector", "b2b-graph"]).stdout;
    let list = String::from_utf8(list).unwrap();
    assert!(list.contains("nightly 1 full-import") && list.contains("nightly 2 full-sync"));
    let shown = String::from_utf8(deployment.output(&["history", "5"]).stdout).unwrap();
    assert!(shown.contains("step: full-import, object_limit 500"), "{shown}");
    assert!(shown.contains("asked for by: mia"), "{shown}");
}

#[test]
fn a_step_that_does_not_let_the_next_one_start_says_what_was_not_run() {
    let deployment = Deployment::documented(Kind::Simulated);
    nightly(&deployment);
    deployment.replace(GRAPH, "object_limit = 500", "object_limit = 1");
    deployment.done(&["apply"]);
    let run = deployment.output(&["run", "b2b-graph", "nightly"]);
    assert_eq!(run.status.code(), Some(1));
    let text = String::from_utf8(run.stdout).unwrap();
    assert!(text.contains("stopped-object-limit") && text.contains("not run: full-sync"), "{text}");
    let unknown = deployment.output(&["run", "b2b-graph", "weekly"]);
    assert_eq!(unknown.status.code(), Some(2));
    let text = String::from_utf8(unknown.stderr).unwrap();
    assert!(text.contains("delta-sync, export, nightly"), "{text}");
}

#[test]
fn a_limit_is_accepted_for_one_run() {
    let deployment = Deployment::recommended(Kind::Simulated);
    let id = deployment.tenant.invite("Ada Lind", "ada@fabrikam.example").unwrap();
    deployment.cycle();
    deployment.replace("connectors/adma.toml", "count = 25", "count = 0");
    deployment.tenant.delete_user(&id).unwrap();
    let (runs, code) = deployment.json(&["run", "--sequence", "changes"]);
    let last = runs.last().unwrap();
    assert_eq!((code, &last["code"]), (1, &json!("ENG-0104")));
    assert_eq!(last["result"], "stopped-deletion-threshold-exceeded");
    let accepted = deployment.done(&["run", "adma", "export", "--accept-limits", "delete"]);
    assert_eq!(accepted[0]["counters"]["export-delete"], 1);
    let warning = accepted[0]["warnings"][0].as_str().unwrap();
    assert!(warning.contains("was accepted for this run"), "{warning}");
    let usage = deployment.output(&["run", "adma", "export", "--accept-limits", "renames"]);
    assert_eq!(usage.status.code(), Some(2));
}

#[test]
fn an_interrupt_stops_the_run_after_what_is_at_hand() {
    const DELTA: &str = "/v1.0/users/delta";
    let deployment = Deployment::documented(Kind::Simulated);
    deployment.done(&["apply"]);
    deployment.tenant.set_page_size(1);
    let fault = Fault::new("GET", DELTA, 429).header("Retry-After", "1").after(1);
    deployment.tenant.inject(fault);
    let mut command = deployment.command(&["run", "b2b-graph", "full-import", "--json"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = deployment.block_on(async {
        let child = tokio::process::Command::from(command).spawn().unwrap();
        let waits = async {
            while deployment.tenant.request_count("GET", DELTA) < 2 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), waits).await.unwrap();
        let id = child.id().unwrap();
        let sent = Command::new("sh").args(["-c", &format!("kill -INT {id}")]).status();
        assert!(sent.unwrap().success());
        child.wait_with_output().await.unwrap()
    });
    assert_eq!(output.status.code(), Some(1));
    let run = objects(&output).remove(0);
    assert_eq!(run["result"], "stopped-user-termination-from-wmi-or-ui", "{run:#}");
    let note = String::from_utf8(output.stderr).unwrap();
    assert!(note.contains("stopping after the object at hand"), "{note}");
    let run = deployment.run("b2b-graph", "full-import");
    assert_eq!(run["result"], "success");
}

#[test]
fn the_history_is_purged_by_date_and_imports_go_on_where_they_were() {
    let deployment = Deployment::documented(Kind::Simulated);
    deployment.cycle();
    let purge = |date: &str| deployment.output(&["runs", "purge", "--before", date]);
    assert_eq!(String::from_utf8(purge("2020-01-31").stdout).unwrap(), "0 runs forgotten\n");
    let text = String::from_utf8(purge("2999-12-31T12:00:00Z").stdout).unwrap();
    assert_eq!(text, "11 runs forgotten\n");
    assert_eq!(deployment.done(&["history"]).len(), 1);
    assert_eq!(deployment.run("b2b-graph", "delta-import")["result"], "success");
    assert_eq!(purge("tomorrow").status.code(), Some(2));
}

#[test]
fn skipped_obsoletion_is_seen_in_the_status() {
    let deployment = Deployment::documented(Kind::Simulated);
    deployment.cycle();
    let quiet = String::from_utf8(deployment.output(&["status"]).stdout).unwrap();
    assert!(!quiet.contains("warning"), "{quiet}");
    // A user without an id.
    let body = json!({
        "value": [{ "displayName": "Nobody", "userType": "Guest" }],
        "@odata.deltaLink": format!("{}/v1.0/users/delta?$deltatoken=x", deployment.tenant.base_url()),
    });
    for _ in 0..2 {
        let fault = Fault::new("GET", "/v1.0/users/delta", 200).body(&body.to_string());
        deployment.tenant.inject(fault.header("Content-Type", "application/json"));
        let run = deployment.run("b2b-graph", "full-import");
        assert_eq!(run["result"], "completed-discovery-errors", "{run:#}");
    }
    let status = deployment.done(&["status"]);
    let expected = json!([{ "connector": "b2b-graph", "since": 13, "runs": 2 }]);
    assert_eq!(status[0]["obsoletion_skipped"], expected);
    let text = String::from_utf8(deployment.output(&["status"]).stdout).unwrap();
    let warning = "warning: obsoletion is skipped in b2b-graph since run 13 (2 imports)";
    assert!(text.contains(warning), "{text}");
    assert_eq!(deployment.run("b2b-graph", "full-import")["result"], "success");
    assert_eq!(deployment.done(&["status"])[0]["obsoletion_skipped"], json!([]));
}
