//! What the commands that look at a deployment tell an administrator when not all is well.

use serde_json::json;

use crate::deployment::{Deployment, Kind, account};

fn text(deployment: &Deployment, arguments: &[&str]) -> String {
    let output = deployment.output(arguments);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn assert_says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "no {part:?} in:\n{text}");
    }
}

#[test]
fn rules_that_are_gone_are_named_with_what_they_left_behind() {
    let deployment = Deployment::documented(Kind::Simulated);
    deployment.tenant.invite("Ada Lind", "ada@fabrikam.example").unwrap();
    deployment.done(&["apply"]);
    deployment.done(&["run", "--sequence", "b2b"]);
    let before = text(&deployment, &["check", "--store"]);
    assert!(!before.contains("CFG-0621"), "{before}");
    std::fs::remove_file(deployment.folder.path().join("rules/out-b2b-ad.toml")).unwrap();
    for command in [&["check", "--store"][..], &["apply"][..]] {
        let said = text(&deployment, command);
        let warning = "warning[CFG-0621]: the rule \"OUT - B2B - AD\" is gone: ";
        assert_says(&said, &[warning, " linked by it stay linked, and 0 values"]);
        assert_eq!(said.matches("CFG-0621").count(), 1, "{said}");
    }
}

#[test]
fn failed_objects_are_found_and_their_change_stack_is_shown() {
    let deployment = Deployment::recommended(Kind::Simulated);
    let id = deployment.tenant.invite("Hugo Perrin", "hugo@fabrikam.example").unwrap();
    deployment.tenant.invite("Ada Lind", "ada@fabrikam.example").unwrap();
    deployment.tenant.update_user(&id, json!({ "surname": "x".repeat(70) })).unwrap();
    deployment.done(&["apply"]);
    let run = deployment.output(&["run", "--sequence", "b2b"]);
    assert_eq!(run.status.code(), Some(3));
    let error = String::from_utf8(run.stderr).unwrap();
    let dn = account(&id);
    assert_says(&error, &[&dn, "invalid-attribute-value: sn has more than 64 characters"]);
    assert_says(&error, &["rule OUT - B2B - AD", "proxeny cs show adma "]);
    let ended = String::from_utf8(run.stdout).unwrap();
    assert_says(&ended, &["12 runs: 1 completed-export-errors, 11 success"]);

    let failed = deployment.done(&["cs", "search", "adma", "--errors"]);
    assert_eq!((failed.len(), &failed[0]["dn"]), (1, &json!(dn)));
    let listed = text(&deployment, &["cs", "search", "adma", "--errors"]);
    assert_says(&listed, &[&dn, "export", "sn has more than 64 characters", "1 object\n"]);
    let (by_dn, by_id) = (dn.to_uppercase(), failed[0]["id"].as_str().unwrap());
    for object in [by_dn.as_str(), by_id, by_id.rsplit(':').next().unwrap()] {
        let shown = text(&deployment, &["cs", "show", "adma", object]);
        assert_says(&shown, &["nothing is imported yet", "pending export: add, to be sent"]);
        assert_says(&shown, &["unicodePwd", "(secret, drawn when it is sent)", "OUT - B2B - AD"]);
        assert_says(&shown, &["export failed 1 time since ", "sn has more than 64 characters"]);
    }
    let history = text(&deployment, &["history", "7"]);
    assert_says(&history, &["b2b 7", "export-failure  1", &dn, "more than 64 characters"]);
    assert_says(&text(&deployment, &["status"]), &["completed-export-errors"]);
    let pending = text(&deployment, &["pending"]);
    assert_says(&pending, &["(Hugo Perrin)", "refused 1 time since", "adma       1    0       0"]);
}

#[test]
fn searches_are_limited_to_states_and_numbers() {
    let deployment = Deployment::documented(Kind::Simulated);
    for (connector, profile) in [("mimma", "full-import"), ("b2b-graph", "full-import")] {
        deployment.done(&["apply"]);
        deployment.run(connector, profile);
    }
    let search = |connector: &str, state: &str| {
        deployment.done(&["cs", "search", connector, "--state", state]).len()
    };
    assert_eq!((search("mimma", "pending-import"), search("mimma", "connector")), (5, 0));
    deployment.run("mimma", "full-sync");
    assert_eq!((search("mimma", "pending-import"), search("mimma", "connector")), (0, 3));
    assert_eq!((search("mimma", "filtered"), search("mimma", "disconnector")), (2, 2));
    deployment.run("b2b-graph", "full-sync");
    assert_eq!((search("mimma", "pending-export"), search("mimma", "placeholder")), (2, 0));
    let first = text(&deployment, &["cs", "search", "mimma", "--limit", "2"]);
    assert!(first.ends_with("the first 2 objects; a larger --limit shows more\n"), "{first}");
    assert_eq!(text(&deployment, &["cs", "search", "mimma", "-nobody-"]), "0 objects\n");
    assert_eq!(
        deployment.output(&["cs", "search", "mimma", "--limit", "0"]).status.code(),
        Some(2)
    );
}

#[test]
fn a_name_cannot_play_with_the_terminal() {
    let deployment = Deployment::recommended(Kind::Simulated);
    let id = deployment.tenant.invite("Eve", "eve@fabrikam.example").unwrap();
    let name = "Eve\u{1b}[2J\u{202e}\r\nrun 1 success";
    deployment.tenant.update_user(&id, json!({ "displayName": name })).unwrap();
    deployment.cycle();
    for arguments in [
        &["mv", "search", "person"][..],
        &["mv", "show", "mv:6"],
        &["cs", "search", "adma"],
        &["cs", "show", "adma", &account(&id)],
        &["pending"],
        &["history"],
    ] {
        let shown = text(&deployment, arguments);
        assert!(!shown.contains(['\u{1b}', '\u{202e}', '\r']), "{shown:?}");
    }
    let shown = text(&deployment, &["cs", "show", "adma", &account(&id)]);
    assert_says(&shown, &["Eve\\u{1b}[2J\\u{202e}\\r\\nrun 1 success", "S-1-5-21-"]);
    assert_eq!(
        deployment.done(&["cs", "search", "adma", "eve@"])[0]["attributes"]["displayName"],
        name
    );
}

#[test]
fn deletions_beyond_the_limit_are_announced_and_the_rest_of_the_sequence_is_named() {
    let deployment = Deployment::recommended(Kind::Simulated);
    let id = deployment.tenant.invite("Ada Lind", "ada@fabrikam.example").unwrap();
    deployment.cycle();
    deployment.replace("connectors/adma.toml", "count = 25", "count = 0");
    deployment.tenant.delete_user(&id).unwrap();
    let run = deployment.output(&["run", "--sequence", "changes"]);
    assert_eq!(run.status.code(), Some(1));
    let error = String::from_utf8(run.stderr).unwrap();
    assert_says(
        &error,
        &[
            "1 of 3 objects would be deleted; the limit is 0",
            "proxeny pending",
            "--accept-limits delete",
        ],
    );
    let ended = String::from_utf8(run.stdout).unwrap();
    assert_says(
        &ended,
        &["5 runs: 1 stopped-deletion-threshold-exceeded", "not run: adma/delta-import, "],
    );
    let pending = text(&deployment, &["pending"]);
    assert_says(&pending, &["delete user", "because of metaverse object deletion"]);
    assert_says(&pending, &["[limits] of connectors/adma.toml", "2 objects wait to be exported"]);
    let before = deployment.done(&["status"]);
    let export = before[0]["last_runs"]["adma"].as_array().unwrap();
    assert_eq!(export[0]["result"], "stopped-deletion-threshold-exceeded");
}

#[test]
fn a_connector_space_is_emptied_after_it_was_said_what_follows() {
    let deployment = Deployment::recommended(Kind::Simulated);
    deployment.tenant.invite("Ada Lind", "ada@fabrikam.example").unwrap();
    deployment.tenant.invite("Bo Berg", "bo@fabrikam.example").unwrap();
    deployment.done(&["apply"]);
    deployment.done(&["run", "--sequence", "b2b"]);
    let guests = deployment.done(&["cs", "search", "b2b-graph", "--state", "connector"]).len();
    let said = text(&deployment, &["cs", "clear", "b2b-graph"]);
    let deleted = format!("metaverse: {guests} objects would be deleted");
    assert_says(&said, &[&deleted, "nothing was done; do it with --yes"]);
    assert_eq!(deployment.done(&["pending", "adma"]).len(), 0);

    let cleared = deployment.done(&["cs", "clear", "b2b-graph", "--yes", "--accept-limits"]);
    assert_eq!(
        (&cleared[0]["profile"], &cleared[0]["result"]),
        (&json!("clear"), &json!("success"))
    );
    assert_eq!(deployment.done(&["cs", "search", "b2b-graph"]).len(), 0);
    assert_eq!(deployment.done(&["pending", "adma"]).len(), guests);
    assert_says(&text(&deployment, &["history"]), &["clear"]);
}

#[test]
fn a_connector_is_not_taken_out_of_the_configuration_with_objects_in_its_space() {
    let deployment = Deployment::documented(Kind::Simulated);
    deployment.done(&["apply"]);
    deployment.run("adma", "full-import");
    for file in ["connectors/adma.toml", "rules/in-b2b-ad.toml", "rules/out-b2b-ad.toml"] {
        std::fs::remove_file(deployment.folder.path().join(file)).unwrap();
    }
    deployment.edit("proxeny.toml", |document| {
        for table in ["sequences", "schedules"] {
            document.remove(table);
        }
    });
    let refused = deployment.output(&["run", "b2b-graph", "full-import"]);
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert_says(&said, &["ENG-0108", "adma is not in the configuration any more"]);
    assert_says(&said, &["proxeny cs clear adma --yes"]);
}

#[test]
fn links_are_made_and_cut_by_hand_and_the_history_says_by_whom() {
    let deployment = Deployment::recommended(Kind::Simulated);
    deployment.tenant.invite("Ada Lind", "ada@fabrikam.example").unwrap();
    deployment.cycle();
    let guest = deployment.done(&["cs", "search", "b2b-graph", "ada@"]);
    let id = guest[0]["attributes"]["id"].as_str().unwrap().to_owned();
    let dn = account(&id);
    let person = guest[0]["metaverse"].as_str().unwrap().to_owned();
    let refused = deployment.output(&["joiner", "join", "adma", &dn, &person]);
    let text_of = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let error = text_of(refused.stderr);
    assert_says(&error, &["error[ENG-0124]", "is linked to mv:", "proxeny joiner disconnect"]);

    let shown = text(&deployment, &["joiner", "candidates", "adma", &dn]);
    assert_says(&shown, &["IN - B2B - AD", "uid = employeeNumber, which is "]);
    assert_says(&shown, &["Ada Lind", "1 candidate\n"]);

    deployment.replace(
        "rules/out-b2b-ad.toml",
        "connected_system = true",
        "connected_system = false",
    );
    deployment.done(&["apply"]);
    for (connector, profile) in [("mimma", "delta-import"), ("mimma", "delta-sync")] {
        deployment.run(connector, profile);
    }
    let cut = text(&deployment, &["joiner", "disconnect", "adma", &dn]);
    assert_says(&cut, &["joiner", "success", &dn, "explicit disconnector"]);
    let history = deployment.done(&["history", "--limit", "1"]);
    assert_eq!(
        (&history[0]["profile"], &history[0]["step_type"]),
        (&json!("joiner"), &json!("disconnect"))
    );
    let description = history[0]["description"].as_str().unwrap();
    assert_eq!(description, format!("disconnect {dn}, explicit disconnector then"));
    let joined = text(&deployment, &["joiner", "join", "adma", &dn, &person]);
    assert_says(&joined, &["disconnector-joined-flow 1", "explicit connector of mv:"]);
    let set = text(&deployment, &["joiner", "set", "adma", &dn, "normal"]);
    assert_says(&set, &["connector of mv:"]);
    let run = deployment.done(&["history", "--limit", "1"])[0]["run"].to_string();
    assert_says(&text(&deployment, &["history", &run]), &["joiner set", "step: make "]);
}

#[test]
fn a_preview_shows_every_part_and_leaves_the_store_as_it_is() {
    let deployment = Deployment::recommended(Kind::Simulated);
    deployment.tenant.invite("Ada Lind", "ada@fabrikam.example").unwrap();
    deployment.done(&["apply"]);
    for (connector, profile) in [
        ("mimma", "full-import"),
        ("mimma", "full-sync"),
        ("adma", "full-import"),
        ("adma", "full-sync"),
        ("b2b-graph", "full-import"),
    ] {
        deployment.run(connector, profile);
    }
    let guest = deployment.done(&["cs", "search", "b2b-graph", "ada@"]);
    let dn = guest[0]["dn"].as_str().unwrap().to_owned();
    let stores = || {
        let files = std::fs::read_dir(deployment.folder.path()).unwrap();
        let files = files.map(|file| file.unwrap().path()).filter(|path| path.is_file());
        let mut read: Vec<_> =
            files.map(|path| (path.clone(), std::fs::read(path).unwrap())).collect();
        read.sort();
        read
    };
    let before = stores();
    let shown = text(&deployment, &["preview", "b2b-graph", &dn]);
    let json = deployment.done(&["preview", "b2b-graph", &dn, "--full"]);
    assert!(before == stores(), "the preview wrote something");
    assert_says(
        &shown,
        &["connector filter: does not match", "userType", "projection by IN - B2B Guest"],
    );
    assert_says(&shown, &["metaverse person: new object", "IN - B2B Guest", "Applied"]);
    assert_says(
        &shown,
        &["provisioning", "adma user: an object is made", "OUT - B2B - AD: in scope"],
    );
    assert_says(&shown, &["pending export add", "(secret, drawn when it is sent)"]);
    assert_says(&shown, &["counted as: disconnector-projected-flow", "nothing was written"]);
    assert_eq!(json[0]["counter"], "disconnector-projected-flow");
    assert_eq!(json[0]["projection"], "IN - B2B Guest");

    let done = deployment.done(&["preview", "b2b-graph", &dn, "--commit"]);
    assert_eq!(done[0]["counters"]["disconnector-projected-flow"], 1);
    let again = text(&deployment, &["preview", "b2b-graph", &dn]);
    assert_says(&again, &["the synchronization would not visit it: nothing is pending; --full"]);
    let history = text(&deployment, &["history", "--limit", "1"]);
    assert_says(&history, &["preview delta-sync"]);
}

#[test]
fn searches_take_the_scopes_of_the_field_and_clauses() {
    let deployment = Deployment::recommended(Kind::Simulated);
    deployment.tenant.invite("Ada Lind", "ada@fabrikam.example").unwrap();
    deployment.tenant.invite("Bo Berg", "bo@contoso.example").unwrap();
    deployment.done(&["apply"]);
    for (connector, profile) in [
        ("mimma", "full-import"),
        ("mimma", "full-sync"),
        ("adma", "full-import"),
        ("adma", "full-sync"),
        ("b2b-graph", "full-import"),
    ] {
        deployment.run(connector, profile);
    }
    let found = |arguments: &[&str]| {
        let arguments: Vec<&str> = ["cs", "search"].iter().chain(arguments).copied().collect();
        deployment.done(&arguments).len()
    };
    let new = found(&["b2b-graph", "--pending-import", "add"]);
    assert!(new >= 2, "{new}");
    assert_eq!(found(&["b2b-graph", "--pending-import", "delete"]), 0);
    assert_eq!(found(&["b2b-graph", "--disconnector", "normal"]), new);
    deployment.run("b2b-graph", "full-sync");
    assert_eq!(found(&["b2b-graph", "--connector", "normal"]), 2);
    assert_eq!(found(&["b2b-graph", "--connector", "explicit"]), 0);
    assert_eq!(found(&["b2b-graph", "--disconnector", "filtered"]), new - 2);
    assert_eq!(found(&["adma", "--pending-export", "add"]), 2);
    assert_eq!(found(&["adma", "--pending-export", "update"]), 0);
    assert_eq!(
        found(&["adma", "--under", "ou=b2bguest,dc=contoso,dc=com", "--connector", "normal"]),
        2
    );
    assert_eq!(found(&["adma", "--dn", "OU=B2BGUEST,DC=contoso,DC=com"]), 1);
    assert_eq!(found(&["adma", "--placeholder"]), found(&["adma", "--state", "placeholder"]));
    assert_eq!(found(&["adma", "--transient"]) + found(&["adma", "--export-error"]), 0);
    let guest = deployment.done(&["cs", "search", "b2b-graph", "bo@"]);
    assert_eq!(found(&["b2b-graph", "--anchor", guest[0]["anchor"].as_str().unwrap()]), 1);

    let people = |clauses: &[&str]| {
        let clauses = clauses.iter().flat_map(|clause| ["--where", clause]);
        let arguments: Vec<&str> =
            ["metaverse", "search", "person"].into_iter().chain(clauses).collect();
        deployment.done(&arguments).len()
    };
    assert_eq!(people(&["mail ends-with fabrikam.example"]), 1);
    assert_eq!(people(&["mail present", "displayName not-equal bo berg"]), 1);
    assert_eq!(people(&["accountEnabled equal true"]), 2);
    for (clause, part) in [
        ("mial present", "no attribute"),
        ("mail near x", "no operator"),
        ("mail equal", "needs a value"),
        ("accountEnabled equal perhaps", "is no value of type"),
    ] {
        let refused = deployment.output(&["mv", "search", "person", "--where", clause]);
        assert_eq!(refused.status.code(), Some(2));
        assert_says(&String::from_utf8(refused.stderr).unwrap(), &[part]);
    }

    let said = deployment.done(&["status", "b2b-graph"]);
    let number = |name: &str| said[0]["statistics"][name].as_u64().unwrap();
    assert_eq!((number("connectors"), number("normal_connectors")), (2, 2));
    assert_eq!(number("total"), new as u64);
    assert_eq!(number("filtered_disconnectors"), new as u64 - 2);
    assert_eq!((number("import_add"), number("import_none")), (0, new as u64));
    let shown = text(&deployment, &["status", "adma"]);
    assert_says(&shown, &["export add              2\n", "explicit disconnectors  "]);
}
