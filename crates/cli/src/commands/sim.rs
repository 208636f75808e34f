//! `sim`: a simulator by itself, until it is interrupted.

use std::path::Path;
use std::sync::Arc;

use model::Secret;
use net::SystemClock;
use serde_json::json;
use sim::directory::{Directory, DirectoryOptions};
use sim::tenant::{AppOptions, AppSecret, Tenant, TenantHandle, TenantOptions};

use crate::args::SimKind;
use crate::failure::{Exit, Failure};
use crate::output::Output;

/// The permissions that the demo's application has.
const ROLES: [&str; 3] = ["User.Read.All", "User.Invite.All", "User.ReadWrite.All"];

/// Invented people, so that a demo reads like a tenant.
const GUESTS: [&str; 8] = [
    "Ada Lind",
    "Bruno Keller",
    "Chiara Fontana",
    "Dario Weiss",
    "Elena Marin",
    "Farid Amani",
    "Greta Holm",
    "Hugo Perrin",
];

/// Runs the command.
pub(super) async fn run(kind: SimKind, output: &Output) -> Result<Exit, Failure> {
    match kind {
        SimKind::Tenant { port, ca_out, client_id, client_secret, guests, members, control } => {
            let mut options = tenant_options(&client_id, &client_secret);
            options.port = port;
            options.control = control;
            let tenant = start_tenant(options).await?;
            fill(&tenant, guests, members)?;
            announce(tenant.base_url(), tenant.ca_pem(), &ca_out, output)?;
            until_interrupted().await?;
            tenant.shutdown().await;
        }
        SimKind::Directory { port, ca_out, password } => {
            let mut options = DirectoryOptions::new(Secret::new(password), Arc::new(SystemClock));
            options.port = port;
            let directory = start_directory(options).await?;
            announce(&directory.url(), directory.ca_pem(), &ca_out, output)?;
            until_interrupted().await?;
            directory.shutdown().await;
        }
    }
    Ok(Exit::Done)
}

/// A tenant with one application.
pub(super) fn tenant_options(client_id: &str, client_secret: &str) -> TenantOptions {
    let mut options = TenantOptions::new(Arc::new(SystemClock));
    options.apps.push(AppOptions {
        client_id: client_id.to_owned(),
        secrets: vec![AppSecret::lasting(client_secret)],
        certificates: Vec::new(),
        roles: ROLES.map(str::to_owned).to_vec(),
    });
    options
}

/// Starts a tenant.
pub(super) async fn start_tenant(options: TenantOptions) -> Result<TenantHandle, Failure> {
    Tenant::start(options).await.map_err(|error| Failure::caused(&error))
}

/// Starts a directory.
pub(super) async fn start_directory(
    options: DirectoryOptions,
) -> Result<sim::directory::DirectoryHandle, Failure> {
    Directory::start(options).await.map_err(|error| Failure::caused(&error))
}

/// Invites guests of Trey Research and creates members.
pub(super) fn fill(tenant: &TenantHandle, guests: usize, members: usize) -> Result<(), Failure> {
    for number in 0..guests {
        let round = number / GUESTS.len();
        let base = GUESTS.get(number % GUESTS.len()).copied().unwrap_or("Guest");
        let (given, surname) = base.split_once(' ').unwrap_or((base, ""));
        let suffix = if round == 0 { String::new() } else { round.to_string() };
        let name = format!("{base}{suffix}");
        let mail = format!("{}{suffix}@treyresearch.example", given.to_lowercase());
        let id = tenant.invite(&name, &mail).map_err(|error| Failure::caused(&error))?;
        let names = json!({ "givenName": given, "surname": format!("{surname}{suffix}") });
        tenant.update_user(&id, names).map_err(|error| Failure::caused(&error))?;
    }
    for number in 1..=members {
        let (name, alias) = (format!("Member {number}"), format!("member{number}"));
        tenant.add_member(&name, &alias).map_err(|error| Failure::caused(&error))?;
    }
    Ok(())
}

fn announce(url: &str, ca_pem: &str, ca_out: &Path, output: &Output) -> Result<(), Failure> {
    std::fs::write(ca_out, ca_pem)?;
    output.object(&json!({ "url": url, "ca": ca_out }));
    output.text(&format!("{url}  (trust {})", ca_out.display()));
    Ok(())
}

/// Waits for an interrupt or a request to end.
pub(super) async fn until_interrupted() -> Result<(), Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminate.recv() => {}
    }
    Ok(())
}
