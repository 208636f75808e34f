//! The second terminal's part: inviting a guest into the running demo's tenant.

use std::path::{Path, PathBuf};

use net::TlsTrust;
use serde_json::{Value, json};

use super::world::World;
use crate::failure::{Exit, Failure};
use crate::output::Output;

/// Where the running demo says how to reach its tenant.
fn announcement() -> PathBuf {
    let folder = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    folder.unwrap_or_else(std::env::temp_dir).join("proxeny-demo.json")
}

/// Takes the announcement back when the demo ends.
pub(super) struct Announced(PathBuf);

impl Drop for Announced {
    fn drop(&mut self) {
        // Left behind it does no harm: nobody listens at that port any more.
        let _removed = std::fs::remove_file(&self.0);
    }
}

/// Says how to invite.
pub(super) fn announce(
    world: &World,
    folder: &Path,
    output: &Output,
) -> Result<Announced, Failure> {
    let ca = folder.join(super::deployment::TENANT_CA);
    let path = announcement();
    let url = world.tenant.base_url();
    std::fs::write(&path, json!({ "url": url, "ca": ca }).to_string())?;
    let body = r#"{"name": "Ines Moreau", "mail": "ines@fabrikam.example"}"#;
    output.text("\nInvite somebody from another terminal, and watch the account appear:");
    output.text("  proxeny demo invite \"Ines Moreau\" ines@fabrikam.example");
    output.text("or");
    output.text(&format!("  curl --cacert {} --json '{body}' {url}/_sim/invite", ca.display()));
    output.text("Ctrl-C ends the demo.\n");
    Ok(Announced(path))
}

/// Runs `demo invite`.
pub(super) async fn run(name: &str, mail: &str, output: &Output) -> Result<Exit, Failure> {
    let not_running = || {
        Failure::new("no demo is running").with_help("start one in another terminal: proxeny demo")
    };
    let text = std::fs::read_to_string(announcement()).map_err(|_| not_running())?;
    let place: Value = serde_json::from_str(&text).map_err(|_| not_running())?;
    let url = place.get("url").and_then(Value::as_str).ok_or_else(not_running)?;
    let ca = place.get("ca").and_then(Value::as_str).ok_or_else(not_running)?;
    let ca = std::fs::read(ca).map_err(|_| not_running())?;
    let client = net::http_client(&TlsTrust::Bundle(ca)).map_err(|e| Failure::caused(&e))?;
    let request = client.post(format!("{url}/_sim/invite")).json(&json!({
        "name": name, "mail": mail,
    }));
    let answer = request.send().await.map_err(|_| not_running())?;
    let accepted = answer.status().is_success();
    let body: Value = answer.json().await.unwrap_or_default();
    if !accepted {
        let reason = body.pointer("/error/message").and_then(Value::as_str);
        let message = format!("the tenant refused: {}", reason.unwrap_or("no reason given"));
        return Err(Failure::new(message));
    }
    output.object(&body);
    let id = body.get("id").and_then(Value::as_str).unwrap_or_default();
    output.text(&format!("{name} is invited as {id}"));
    Ok(Exit::Done)
}
