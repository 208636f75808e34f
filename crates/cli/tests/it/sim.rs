//! `proxeny sim`: both simulators as processes of their own, with scripted faults, and the binary
//! working against them.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use net::{TlsTrust, http_client};
use serde_json::{Value, json};
use tempfile::TempDir;
use toml_edit::{DocumentMut, value};

use crate::deployment::{CLIENT_SECRET, copy, objects};

const BIND_PASSWORD: &str = "Bind-password-91x";

/// The binary in a folder, with the secrets of tenant and directory in its environment.
fn proxeny(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_proxeny"));
    command
        .current_dir(folder)
        .args(arguments)
        .arg("--json")
        .env_remove("PROXENY_CONFIG")
        .env("PROXENY_GRAPH_SECRET", CLIENT_SECRET)
        .env("PROXENY_AD_PASSWORD", BIND_PASSWORD)
        .stdin(Stdio::null());
    command
}

/// What a command prints, and its exit code.
fn run(folder: &Path, arguments: &[&str]) -> (Vec<Value>, Option<i32>) {
    let output = proxeny(folder, arguments).output().unwrap();
    (objects(&output), output.status.code())
}

/// A running `proxeny sim`.
struct Simulator {
    child: Child,
    announced: Value,
}

impl Simulator {
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut command = proxeny(folder, &["sim"]);
        let mut child = command.args(arguments).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let announced = serde_json::from_str(&line).unwrap();
        Self { child, announced }
    }

    fn says(&self, name: &str) -> &str {
        self.announced[name].as_str().unwrap()
    }

    /// Asks it to end, which it must do properly.
    fn stop(mut self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        // Both fail for one that was stopped.
        let _killed = self.child.kill();
        let _waited = self.child.wait();
    }
}

/// A deployment's folder and the simulators it works against.
struct World {
    folder: TempDir,
    tenant: Simulator,
    directory: Simulator,
}

impl World {
    /// Simulators with more options, and the documented deployment pointing at them.
    fn start(folder: TempDir, tenant: &[&str], directory: &[&str]) -> Self {
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/b2b-documented");
        copy(&example, folder.path());
        let start = |kind: &str, ca: &str, more: &[&str]| {
            Simulator::start(folder.path(), &[&[kind, "--ca-out", ca], more].concat())
        };
        let tenant = start("tenant", "tenant-ca.pem", tenant);
        let directory = start("directory", "ca.pem", directory);
        edit(&folder.path().join("connectors/b2b-graph.toml"), |document| {
            for key in ["authority", "graph"] {
                document["connectivity"][key] = value(tenant.says("url"));
            }
            document["connectivity"]["ca"] = value(tenant.says("ca"));
        });
        edit(&folder.path().join("connectors/adma.toml"), |document| {
            let servers: toml_edit::Array = [directory.says("url")].into_iter().collect();
            document["connectivity"]["servers"] = value(servers);
            document["connectivity"]["bind"]["user"] = value(directory.says("user"));
            document["connectivity"]["ca"] = value(directory.says("ca"));
        });
        Self { folder, tenant, directory }
    }

    fn run(&self, arguments: &[&str]) -> (Vec<Value>, Option<i32>) {
        run(self.folder.path(), arguments)
    }

    /// A command that must succeed.
    fn done(&self, arguments: &[&str]) -> Vec<Value> {
        let (printed, code) = self.run(arguments);
        assert_eq!(code, Some(0), "{arguments:?}: {printed:#?}");
        printed
    }

    /// Replaces text in a document.
    fn replace(&self, file: &str, from: &str, to: &str) {
        let path = self.folder.path().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has no {from:?}");
        std::fs::write(&path, text.replace(from, to)).unwrap();
    }

    /// How many requests for users reached the tenant.
    fn user_requests(&self) -> u64 {
        let pem = std::fs::read(self.folder.path().join(self.tenant.says("ca"))).unwrap();
        let client = http_client(&TlsTrust::Bundle(pem)).unwrap();
        let url = format!("{}/_sim/requests", self.tenant.says("url"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let answer = async { client.get(url).send().await?.json::<Vec<Value>>().await };
        let requests = runtime.block_on(answer).unwrap();
        let is_users = |r: &&Value| r["path"].as_str().unwrap().starts_with("/v1.0/users");
        requests.iter().filter(is_users).map(|r| r["count"].as_u64().unwrap()).sum()
    }
}

fn edit(path: &Path, change: impl FnOnce(&mut DocumentMut)) {
    let mut document: DocumentMut = std::fs::read_to_string(path).unwrap().parse().unwrap();
    change(&mut document);
    std::fs::write(path, document.to_string()).unwrap();
}

/// Writes a script beside the documents of the deployment.
fn script(folder: &TempDir, name: &str, text: &str) {
    let scripts = folder.path().join("scripts");
    std::fs::create_dir_all(&scripts).unwrap();
    std::fs::write(scripts.join(name), text).unwrap();
}

#[test]
fn scripted_faults_delay_the_cycle_and_do_not_change_its_end() {
    let folder = tempfile::tempdir().unwrap();
    let throttle = "[[fault]]\nmethod = \"GET\"\npath = \"/v1.0/users\"\nstatus = 429\n\
                    headers = { Retry-After = \"1\" }\n";
    let drop = "[[fault]]\noperation = \"add\"\ndn_contains = \"OU=B2BGuest\"\n\
                effect = \"drop-after\"\n";
    script(&folder, "throttle.toml", throttle);
    script(&folder, "drop.toml", drop);
    let tenant = ["--script", "scripts/throttle.toml", "--control", "--page-size", "1"];
    let world = World::start(folder, &tenant, &["--script", "scripts/drop.toml"]);
    world.done(&["apply"]);

    let (runs, code) = world.run(&["run", "--sequence", "b2b"]);
    assert_eq!((runs.len(), code), (7, Some(1)), "{runs:#?}");
    // Three users on three pages, the first of which was asked for twice.
    assert_eq!(runs[4]["counters"]["stage-add"], 3, "{runs:#?}");
    assert_eq!(world.user_requests(), 4);
    assert_eq!(runs[6]["result"], "stopped-connectivity", "{runs:#?}");

    // What was written before the connection broke is written again. That changes nothing, so only
    // the full import of the cycle after can confirm it.
    for _ in 0..2 {
        world.done(&["run", "--sequence", "b2b"]);
        assert_eq!(world.done(&["pending"]), Vec::<Value>::new());
    }
    let status = world.done(&["status"]);
    // Two accounts beside the container and the domain, and nothing open.
    assert_eq!(status[0]["state"]["adma"], json!([4, 2, 2, 0, 0, 0, 0]), "{status:#?}");
    assert_eq!(status[0]["state"]["mimma"], json!([7, 5, 0, 2, 0, 0, 0]), "{status:#?}");
    world.tenant.stop();
    world.directory.stop();
}

#[test]
fn options_of_the_simulators_take_effect() {
    for (dialect, words) in [("windows", "NameErr"), ("samba", "parent does not exist!")] {
        let folder = tempfile::tempdir().unwrap();
        let options = ["--dialect", dialect, "--ou", "OU=External,DC=contoso,DC=com"];
        let world = World::start(folder, &["--guests", "1", "--members", "0"], &options);
        world.replace("connectors/adma.toml", "OU=B2BGuest,DC=", "OU=External,DC=");
        let (from, to) = (",OU=B2BGuest,DC=", ",OU=B2BGuest,OU=External,DC=");
        world.replace("rules/out-b2b-ad.toml", from, to);
        world.done(&["apply"]);
        let (runs, code) = world.run(&["run", "--sequence", "b2b"]);
        assert_eq!(code, Some(3), "{runs:#?}");
        assert_eq!(runs[4]["counters"]["stage-add"], 1);
        let error = &runs[6]["errors"][0];
        assert_eq!(error["error"], "non-existent-parent", "{error:#}");
        assert!(error.to_string().contains(words), "{error:#}");
    }
}

#[test]
fn an_expired_secret_is_refused_and_several_units_are_created() {
    let folder = tempfile::tempdir().unwrap();
    let units = ["--ou", "OU=One,DC=contoso,DC=com", "--ou", "OU=Two,OU=Up,DC=contoso,DC=com"];
    let world = World::start(folder, &["--expired-secret"], &units);
    for unit in ["OU=One,DC=", "OU=Two,OU=Up,DC="] {
        world.replace("connectors/adma.toml", "OU=B2BGuest,DC=", unit);
        world.done(&["run", "adma", "full-import"]);
        world.replace("connectors/adma.toml", unit, "OU=B2BGuest,DC=");
    }
    let (runs, code) = world.run(&["run", "b2b-graph", "full-import"]);
    assert_eq!(code, Some(1));
    assert!(json!(runs).to_string().contains("AADSTS7000222"), "{runs:#?}");
}

#[test]
fn a_broken_script_is_refused_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let check = |kind: &str, file: &str, expected: &[&str]| {
        let file = format!("scripts/{file}");
        let arguments = ["sim", kind, "--ca-out", "unused.pem", "--script", &file];
        let (printed, code) = run(folder.path(), &arguments);
        assert_eq!(code, Some(1), "{printed:#?}");
        let message = printed[0]["error"]["message"].as_str().unwrap();
        for part in expected {
            assert!(message.contains(part), "no {part:?} in {message}");
        }
    };
    let good = "[[fault]]\neffect = \"drop-before\"\n";
    script(&folder, "directory.toml", &format!("{good}[[fault]]\neffect = \"explode\"\n"));
    check("directory", "directory.toml", &["directory.toml: fault 2: effect must be one of"]);
    script(&folder, "tenant.toml", "[[fault]]\npath = \"/\"\nstatus = 500\nskip = 1\n");
    check("tenant", "tenant.toml", &["tenant.toml: fault 1 has a key \"skip\"; there are"]);
    script(&folder, "syntax.toml", "[[fault]\n");
    check("tenant", "syntax.toml", &["syntax.toml: the script is not a TOML document", "line 1"]);
    check("directory", "missing.toml", &["missing.toml: ", "No such file"]);
    assert!(!folder.path().join("unused.pem").exists());
}

/// What the tenant answers to a browser that wants to sign in and come back to `redirect_uri`.
fn authorize(tenant: &Simulator, folder: &Path, redirect_uri: &str) -> (u16, String) {
    let pem = std::fs::read(folder.join(tenant.says("ca"))).unwrap();
    let client = http_client(&TlsTrust::Bundle(pem)).unwrap();
    let url = format!("{}/contoso.onmicrosoft.com/oauth2/v2.0/authorize", tenant.says("url"));
    let query = [
        ("client_id", "0dc4c140-0000-4000-8000-000068babca0"),
        ("response_type", "code"),
        ("redirect_uri", redirect_uri),
        ("scope", "openid"),
        ("state", "s"),
        ("nonce", "n"),
    ];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let answer = client.get(url).query(&query).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    })
}

#[test]
fn people_sign_in_to_registered_addresses_only() {
    let folder = tempfile::tempdir().unwrap();
    let registered = "https://portal.contoso.com/signed-in";
    let options = ["tenant", "--ca-out", "ca.pem", "--redirect-uri", registered];
    let tenant = Simulator::start(folder.path(), &options);
    let (status, page) = authorize(&tenant, folder.path(), registered);
    assert_eq!(status, 200, "{page}");
    assert!(page.contains("Ada Lind"), "{page}");
    let (status, page) = authorize(&tenant, folder.path(), "https://portal.contoso.com/elsewhere");
    assert_eq!(status, 400, "{page}");
    assert!(page.contains("AADSTS50011"), "{page}");
    tenant.stop();
}
