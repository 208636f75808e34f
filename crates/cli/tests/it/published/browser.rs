//! Guests and members in a real browser.

use std::path::Path;
use std::process::Command;

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
    let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web");
    let output = Command::new("npx")
        .current_dir(web)
        .args(["playwright", "test", "--project=e2e", spec])
        .env("PROXENY_E2E_PORTAL", &stage.url)
        .env("PROXENY_E2E_TENANT", stage.deployment.tenant.base_url())
        .env("PROXENY_E2E_ACCOUNT", name)
        .env("PROXENY_E2E_METHOD", method)
        .env("PROXENY_E2E_ADMINISTRATION", &stage.portal)
        .env("PROXENY_E2E_PASSWORD", &stage.password)
        .output()
        .unwrap_or_else(|error| panic!("no npx, see `cargo xtask test`: {error}"));
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
}

#[test]
fn guests_sign_in_by_signed_headers_where_there_is_no_kerberos() {
    let mut stage = Stage::set(Kind::Simulated);
    browse(&stage, "e2e/guest.spec.ts");
    sign_in_line(&stage.log(), "assertion");
    stage.end();
}
