//! `sim`: a simulator by itself, until it is interrupted.

use std::path::Path;
use std::sync::Arc;

use model::{Secret, Timestamp};
use net::SystemClock;
use serde_json::json;
use sim::directory::{Dialect, Directory, DirectoryOptions};
use sim::script::{ScriptError, directory_faults, tenant_faults};
use sim::tenant::{AppOptions, AppSecret, Tenant, TenantHandle, TenantOptions};
use tokio::signal::unix::{SignalKind, signal};

use crate::args::{SimDialect, SimDirectory, SimKind, SimTenant};
use crate::failure::{Exit, Failure, chain};
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
    // From now on a request to end is heard, so that one right after the announcement is not fatal.
    let interrupted = interruption()?;
    match kind {
        SimKind::Tenant(arguments) => tenant(arguments, interrupted, output).await?,
        SimKind::Directory(arguments) => directory(arguments, interrupted, output).await?,
    }
    Ok(Exit::Done)
}

async fn tenant(
    arguments: SimTenant,
    interrupted: impl Future<Output = ()>,
    output: &Output,
) -> Result<(), Failure> {
    let server = arguments.server;
    let faults = read_script(server.script.as_deref(), tenant_faults)?;
    let mut options = tenant_options(&arguments.client_id, &arguments.client_secret);
    options.port = server.port;
    options.control = arguments.control;
    for app in &mut options.apps {
        if arguments.expired_secret {
            app.secrets.iter_mut().for_each(|s| s.expires = Some(Timestamp::from_seconds(0)));
        }
        app.redirect_uris.clone_from(&arguments.redirect_uri);
        app.logout_url.clone_from(&arguments.logout_url);
        app.assignment_required = !arguments.assign.is_empty();
        app.assigned_users.clone_from(&arguments.assign);
    }
    if let Some(size) = arguments.page_size {
        (options.list_page_size, options.delta_page_size) = (size.get(), size.get());
    }
    let tenant = start_tenant(options).await?;
    faults.into_iter().for_each(|fault| tenant.inject(fault));
    fill(&tenant, arguments.guests, arguments.members)?;
    std::fs::write(&server.ca_out, tenant.ca_pem())?;
    let (url, ca) = (tenant.base_url(), &server.ca_out);
    output.object(&json!({ "url": url, "ca": ca }));
    output.text(&format!("{url}  (trust {})", ca.display()));
    interrupted.await;
    tenant.shutdown().await;
    Ok(())
}

async fn directory(
    arguments: SimDirectory,
    interrupted: impl Future<Output = ()>,
    output: &Output,
) -> Result<(), Failure> {
    let server = arguments.server;
    let faults = read_script(server.script.as_deref(), directory_faults)?;
    let password = Secret::new(arguments.password);
    let mut options = DirectoryOptions::new(password, Arc::new(SystemClock));
    options.port = server.port;
    options.organizational_units = arguments.ou;
    options.dialect = match arguments.dialect {
        SimDialect::Windows => Dialect::Windows,
        SimDialect::Samba => Dialect::Samba,
    };
    let directory = start_directory(options).await?;
    faults.into_iter().for_each(|fault| directory.inject(fault));
    std::fs::write(&server.ca_out, directory.ca_pem())?;
    let (url, user, ca) = (directory.url(), directory.bind_dn(), &server.ca_out);
    output.object(&json!({ "url": url, "user": user, "ca": ca }));
    output.text(&format!("{url}  (bind as {user}, trust {})", ca.display()));
    interrupted.await;
    directory.shutdown().await;
    Ok(())
}

/// The faults in a script; none without one.
fn read_script<F>(
    path: Option<&Path>,
    read: fn(&str) -> Result<Vec<F>, ScriptError>,
) -> Result<Vec<F>, Failure> {
    let Some(path) = path else { return Ok(Vec::new()) };
    let failed = |error: &dyn std::error::Error| {
        Failure::new(format!("{}: {}", path.display(), chain(error)))
    };
    let text = std::fs::read_to_string(path).map_err(|error| failed(&error))?;
    read(&text).map_err(|error| failed(&error))
}

/// A tenant with one application.
pub(super) fn tenant_options(client_id: &str, client_secret: &str) -> TenantOptions {
    let mut options = TenantOptions::new(Arc::new(SystemClock));
    options.apps.push(AppOptions {
        client_id: client_id.to_owned(),
        secrets: vec![AppSecret::lasting(client_secret)],
        certificates: Vec::new(),
        roles: ROLES.map(str::to_owned).to_vec(),
        ..AppOptions::default()
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

/// Waits for an interrupt or a request to end.
pub(super) async fn until_interrupted() -> Result<(), Failure> {
    interruption()?.await;
    Ok(())
}

/// Begins to listen for an interrupt or a request to end; what it returns waits for it.
pub(super) fn interruption() -> Result<impl Future<Output = ()>, Failure> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
