//! Guests and members in a real browser.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::deployment::{Kind, Server, account};
use crate::published::stage::Stage;

/// Runs the browser tests of `web/e2e` against what is served.
fn browse(stage: &Stage, spec: &str) {
    let id = &stage.deployment.guests()[0];
    let name = stage.deployment.directory.attribute(&account(id), "sAMAccountName").unwrap();
    let method = match stage.kind {
        Kind::Samba => "kerberos",
        Kind::Simulated => "assertion",
    };
    run(playwright(&[spec])
        .env("PROXENY_E2E_PORTAL", &stage.url)
        .env("PROXENY_E2E_TENANT", stage.deployment.tenant.base_url())
        .env("PROXENY_E2E_ACCOUNT", name)
        .env("PROXENY_E2E_METHOD", method)
        .env("PROXENY_E2E_ADMINISTRATION", &stage.portal)
        .env("PROXENY_E2E_PASSWORD", &stage.password));
}

fn playwright(arguments: &[&str]) -> Command {
    let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web");
    // A folder of its own: runs of others clear theirs.
    let results = format!("--output=test-results/e2e-{}", std::process::id());
    let mut command = Command::new("npx");
    command.current_dir(web).args(["playwright", "test", "--project=e2e", &results]);
    command.args(arguments);
    command
}

fn run(command: &mut Command) {
    let output = command.output();
    let output = output.unwrap_or_else(|error| panic!("no npx, see `cargo xtask test`: {error}"));
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}\n{}", String::from_utf8_lossy(&output.stderr));
}

/// The line of the log in which the portal says how somebody was signed in.
fn sign_in_line(log: &str, word: &str) -> String {
    let line = log.lines().find(|line| line.contains("sign_in") && line.contains(word));
    line.unwrap_or_else(|| panic!("nobody was signed in by {word}:\n{log}")).to_owned()
}

#[test]
fn guests_sign_in_through_kerberos_and_nobody_else_does() {
    let mut stage = Stage::set(Kind::Samba);
    browse(&stage, "e2e/guest.spec.ts");
    // The portal knows the guest by nothing but the ticket, and it is the directory's account.
    let id = &stage.deployment.guests()[0];
    let Server::Samba(samba) = &stage.deployment.directory else { unreachable!() };
    let name = stage.deployment.directory.attribute(&account(id), "sAMAccountName").unwrap();
    let sid = samba.object_sid(&name).unwrap().unwrap();
    let line = sign_in_line(&stage.log(), "kerberos");
    assert!(line.contains(&sid.to_string()), "{line} has not {sid}");
    // Neither names nor addresses are in the log.
    for personal in ["Ada Lind", "ada@treyresearch", "#EXT#", "Bruno"] {
        assert!(!stage.log().contains(personal), "{personal}: {}", stage.log());
    }
    stage.end();
}

#[test]
fn an_administrator_sees_synchronization_and_starts_it() {
    let mut stage = Stage::set(Kind::Simulated);
    assert!(!stage.password.is_empty(), "the first start makes an administrator");
    browse(&stage, "e2e/administrator.spec.ts");
    let password = stage.password.clone();
    assert!(!stage.log().contains(&password), "the password is in the log");
    stage.restart();
    assert_eq!(stage.password, password, "the second start makes none");
    stage.end();
    // A lost password is replaced, and the old one opens nothing any more.
    let made = stage.deployment.done(&["administrator"]);
    assert_eq!(made[0]["account"], "administrator");
    let new = made[0]["password"].as_str().unwrap();
    assert_ne!(new, password);
    stage.restart();
    assert_eq!(sign_in(&stage, &password), 401);
    assert_eq!(sign_in(&stage, new), 201);
    stage.end();
}

#[test]
fn guests_sign_in_by_signed_headers_where_there_is_no_kerberos() {
    let mut stage = Stage::set(Kind::Simulated);
    browse(&stage, "e2e/guest.spec.ts");
    sign_in_line(&stage.log(), "assertion");
    stage.end();
}

/// What the portal answers to the local administrator's password.
fn sign_in(stage: &Stage, password: &str) -> u16 {
    let client = net::http_client(&net::TlsTrust::System).unwrap();
    let body = serde_json::json!({ "account": "administrator", "password": password });
    let url = format!("{}api/v1/session", stage.portal);
    let origin = stage.portal.trim_end_matches('/');
    let request = client.post(url).header("origin", origin).json(&body);
    stage.deployment.block_on(async { request.send().await.unwrap().status().as_u16() })
}

/// A running demo.
struct Demo(Child);

impl Drop for Demo {
    fn drop(&mut self) {
        // Both fail for one that has ended.
        let _killed = self.0.kill();
        let _waited = self.0.wait();
    }
}

#[test]
fn the_demo_goes_from_the_invitation_to_the_sign_in() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_proxeny"));
    command.args(["demo", "--directory", "samba", "--port", "0", "--json"]);
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
    let mut demo = Demo(child);
    let lines = BufReader::new(demo.0.stdout.take().unwrap()).lines();
    let mut objects = lines.map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
    let place = objects.find(|object| object["portal"].is_string()).unwrap();
    assert_eq!(place["sign_on"], "Kerberos");
    let text = |name: &str| place[name].as_str().unwrap().to_owned();
    run(playwright(&["e2e/guest.spec.ts", "--grep", "welcomed by name"])
        .env("PROXENY_E2E_PORTAL", text("portal"))
        .env("PROXENY_E2E_TENANT", text("tenant"))
        .env("PROXENY_E2E_ACCOUNT", "not asked for here")
        .env("PROXENY_E2E_METHOD", "kerberos")
        .env("PROXENY_E2E_ADMINISTRATION", text("administration"))
        .env("PROXENY_E2E_PASSWORD", text("password")));
    let id = demo.0.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    assert_eq!(demo.0.wait().unwrap().code(), Some(0));
}
