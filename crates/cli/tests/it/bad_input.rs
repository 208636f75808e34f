//! Bad input: a clear error, the right exit code, and nothing changed.

use serde_json::Value;
use toml_edit::value;

use crate::deployment::{Deployment, Kind};

/// Runs a command that must fail with `code` and returns everything it printed.
fn failing(deployment: &Deployment, arguments: &[&str], code: i32) -> String {
    let output = deployment.output(arguments);
    let text = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(output.status.code(), Some(code), "{text}");
    text
}

fn assert_says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "no {part:?} in:\n{text}");
    }
}

fn state(deployment: &Deployment) -> Value {
    deployment.done(&["status"]).remove(0)["state"].take()
}

#[test]
fn connection_troubles_are_named_and_change_nothing() {
    let deployment = Deployment::documented(Kind::Simulated);
    deployment.cycle();
    let before = state(&deployment);
    let run = ["run", "b2b-graph", "full-import"];
    let secret = |name: &str, value: &str| {
        let output = deployment.command(&run).env(name, value).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        format!("{output:?}")
    };
    assert_says(
        &secret("PROXENY_GRAPH_SECRET", "wrong-secret"),
        &["AADSTS7000215", "no-start-credentials"],
    );
    let text = {
        let mut command = deployment.command(&["run", "adma", "full-import"]);
        let output = command.env("PROXENY_AD_PASSWORD", "wrong-password").output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        format!("{output:?}")
    };
    assert_says(&text, &["no-start-credentials", "CON-0102"]);
    assert!(!text.contains("wrong-password"));
    let unset = {
        let mut command = deployment.command(&run);
        let output = command.env_remove("PROXENY_GRAPH_SECRET").output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        format!("{output:?}")
    };
    assert_says(&unset, &["PROXENY_GRAPH_SECRET", "not set"]);
    assert_eq!(state(&deployment), before);

    let trusted = std::fs::read(deployment.folder.path().join("tenant-ca.pem")).unwrap();
    std::fs::copy(
        deployment.folder.path().join("ca.pem"),
        deployment.folder.path().join("tenant-ca.pem"),
    )
    .unwrap();
    let text = failing(&deployment, &run, 1);
    assert_says(&text, &["CON-0105", "no-start-connection"]);
    std::fs::write(deployment.folder.path().join("tenant-ca.pem"), trusted).unwrap();

    deployment.replace("connectors/adma.toml", "OU=B2BGuest,DC=", "OU=Nowhere,DC=");
    let text = failing(&deployment, &["run", "adma", "full-import"], 1);
    assert_says(&text, &["OU=Nowhere", "no-start-partition-not-configured"]);
    assert_eq!(state(&deployment), before);
}

#[test]
fn a_missing_permission_is_named() {
    let deployment = Deployment::documented(Kind::Simulated);
    deployment.done(&["apply"]);
    let fault = sim::tenant::Fault::new("GET", "/v1.0/users", 403)
        .body(r#"{"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges to complete the operation."}}"#);
    deployment.tenant.inject(fault);
    let text = failing(&deployment, &["run", "b2b-graph", "full-import"], 1);
    assert_says(&text, &["CON-0103", "User.Read.All"]);
}

#[test]
fn configuration_errors_are_all_reported_with_their_place() {
    let deployment = Deployment::documented(Kind::Simulated);
    deployment.replace("rules/in-b2b-guest.toml", "from = \"surname\"", "from = \"surnam\"");
    deployment.replace("rules/in-b2b-guest.toml", "to = \"mobilePhone\"", "to = \"mobilePhon\"");
    deployment.replace("rules/in-b2b-guest.toml", "Left(id,20)", "Lef(id,20)");
    let text = failing(&deployment, &["check"], 1);
    assert_says(
        &text,
        &["rules/in-b2b-guest.toml", "`surname`", "`mobilePhone`", "`Left`", "3 errors"],
    );
    let text = failing(&deployment, &["run", "b2b-graph", "full-import"], 1);
    assert_says(&text, &["the configuration has errors; nothing was done"]);
    assert!(!deployment.folder.path().join("proxeny.db").exists());
}

#[test]
fn duplicate_and_circular_rules_are_refused() {
    let deployment = Deployment::documented(Kind::Simulated);
    let rules = deployment.folder.path().join("rules");
    std::fs::copy(rules.join("in-b2b-ad.toml"), rules.join("again.toml")).unwrap();
    let text = failing(&deployment, &["check"], 1);
    assert_says(&text, &["IN - B2B - AD", "rules/again.toml"]);
    std::fs::remove_file(rules.join("again.toml")).unwrap();
    let (from, to) = ("from = \"sAMAccountName\"", "from = 'sAMAccountName+\"x\"'");
    deployment.replace("rules/in-b2b-ad.toml", from, to);
    let text = failing(&deployment, &["check"], 1);
    assert_says(&text, &["circular"]);
}

#[test]
fn unusable_files_and_stores_are_named() {
    let deployment = Deployment::documented(Kind::Simulated);
    deployment.cycle();
    let database = deployment.folder.path().join("proxeny.db");
    let good = std::fs::read(&database).unwrap();

    let mut newer = good.clone();
    // SQLite keeps the user version at offset 60 of the header.
    newer[60..64].copy_from_slice(&9999_u32.to_be_bytes());
    std::fs::write(&database, &newer).unwrap();
    let text = failing(&deployment, &["status"], 1);
    assert_says(&text, &["STO-0103", "9999"]);
    std::fs::write(&database, "no database at all, only some text").unwrap();
    assert_says(&failing(&deployment, &["status"], 1), &["STO-0104"]);
    std::fs::write(&database, good).unwrap();

    let metaverse = deployment.folder.path().join("metaverse.toml");
    let text = std::fs::read(&metaverse).unwrap();
    std::fs::remove_file(&metaverse).unwrap();
    std::fs::create_dir(&metaverse).unwrap();
    assert_says(&failing(&deployment, &["status"], 1), &["metaverse.toml", "CLI-0102"]);
    std::fs::remove_dir(&metaverse).unwrap();
    std::fs::write(&metaverse, text).unwrap();
    deployment.done(&["status"]);
}

#[test]
fn a_second_process_on_the_store_is_refused() {
    let deployment = Deployment::documented(Kind::Simulated);
    deployment.cycle();
    let path = deployment.folder.path().join("proxeny.db");
    let held = store_sql::SqliteStore::open(&path, &store_sql::Options::default()).unwrap();
    assert_says(&failing(&deployment, &["status"], 1), &["STO-0102"]);
    drop(held);
    deployment.done(&["status"]);
}

#[test]
fn wrong_words_on_the_command_line_are_usage_errors() {
    let deployment = Deployment::documented(Kind::Simulated);
    assert_says(&failing(&deployment, &["run", "adm", "full-import"], 2), &["adma"]);
    assert_says(&failing(&deployment, &["run", "adma", "full-imprt"], 2), &["full-import"]);
    assert_says(&failing(&deployment, &["run", "--sequence", "b2c"], 2), &["b2b"]);
    assert_says(&failing(&deployment, &["run"], 2), &["adma", "full-import", "--sequence (b2b"]);
    assert_says(&failing(&deployment, &["run", "adma"], 2), &["adma is missing", "delta-sync"]);
    for words in
        [&["pending", "adm"][..], &["cs", "search", "adm"], &["history", "--connector", "adm"]]
    {
        assert_says(&failing(&deployment, words, 2), &["\"adm\"", "adma, b2b-graph, mimma"]);
    }
    assert_says(&failing(&deployment, &["history", "77"], 1), &["no run 77", "proxeny history"]);
    failing(&deployment, &["nonsense"], 2);
}

#[test]
fn no_file_holds_a_secret() {
    let deployment = Deployment::documented(Kind::Simulated);
    deployment.edit("rules/out-b2b-ad.toml", |document| {
        let flows = document["flow"].as_array_of_tables_mut().unwrap();
        let flow = flows.iter_mut().find(|f| f["to"].as_str() == Some("unicodePwd")).unwrap();
        flow["from"] = value("\"Known-Pass\"+\"word-4711-Xy\"");
    });
    deployment.done(&["apply"]);
    let output = deployment.output(&["run", "--sequence", "b2b", "-vvv"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let secrets = ["Known-Password-4711-Xy", crate::deployment::CLIENT_SECRET, "Bind-password-91x"];
    let mut places = vec![("output", output.stdout), ("log", output.stderr)];
    for command in
        [&["cs", "search", "adma"][..], &["pending"], &["history"], &["mv", "search", "person"]]
    {
        places.push(("command", deployment.output(command).stdout));
    }
    for entry in std::fs::read_dir(deployment.folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            places.push(("file", std::fs::read(path).unwrap()));
        }
    }
    for secret in secrets {
        let utf16: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (place, bytes) in &places {
            for needle in [secret.as_bytes(), &utf16] {
                let found = bytes.windows(needle.len()).any(|window| window == needle);
                assert!(!found, "a secret is in the {place}");
            }
        }
    }
}
