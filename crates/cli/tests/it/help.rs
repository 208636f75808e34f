//! What the binary says of itself, and how it shows things.

use std::process::Command;

use crate::deployment::{Deployment, Kind};

fn help(arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_proxeny"));
    let output = command.args(arguments).env_remove("PROXENY_CONFIG").output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn help_teaches() {
    insta::assert_snapshot!("help", help(&["--help"]));
    insta::assert_snapshot!("help_run", help(&["run", "--help"]));
    insta::assert_snapshot!("help_demo", help(&["demo", "--help"]));
}

#[test]
fn every_command_has_its_place_in_the_documents() {
    let help = help(&["--help"]);
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let commands = commands.map_while(|line| line.strip_prefix("  ")?.split(' ').next());
    let book = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/commands.md");
    let book = std::fs::read_to_string(book).unwrap();
    let commands: Vec<&str> = commands.filter(|command| *command != "help").collect();
    assert!(commands.len() >= 10, "{commands:?}");
    for command in commands {
        assert!(book.contains(&format!("\n## `{command}`\n")), "{command}");
    }
}

/// What differs from run to run: ids, moments, durations.
const CHANGING: [(&str, &str); 5] = [
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "<id>"),
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{1}\b", "<account>"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "<moment>"),
    (r" +\d+(\.\d)? m?s\b", "  <took>"),
    (r"S-1-5-21(-\d+){4}", "<sid>"),
];

#[test]
fn state_history_and_pending_exports_read_well() {
    let deployment = Deployment::documented(Kind::Simulated);
    // With one person alone the order is always the same.
    for user in deployment.tenant.users() {
        if user["displayName"] != "Ada Lind" {
            let id = user["id"].as_str().unwrap();
            deployment.tenant.delete_user(id).unwrap();
            deployment.tenant.purge_user(id).unwrap();
        }
    }
    deployment.done(&["apply"]);
    for (connector, profile) in [
        ("mimma", "full-import"),
        ("mimma", "full-sync"),
        ("adma", "full-import"),
        ("adma", "full-sync"),
        ("b2b-graph", "full-import"),
        ("b2b-graph", "full-sync"),
    ] {
        deployment.run(connector, profile);
    }
    let person = deployment.done(&["mv", "search", "person"]).remove(0);
    let number = person["id"].as_str().unwrap();
    let text = |arguments: &[&str]| String::from_utf8(deployment.output(arguments).stdout).unwrap();
    insta::with_settings!({ filters => CHANGING.to_vec() }, {
        insta::assert_snapshot!("status", text(&["status"]));
        insta::assert_snapshot!("history", text(&["history"]));
        insta::assert_snapshot!("pending", text(&["pending", "adma"]));
        insta::assert_snapshot!("mv_show", text(&["mv", "show", number]));
    });
}
