//! `serve` and `gateway`: the program as a service, until it is told to end.

use std::sync::Arc;

use serde_json::json;

use crate::args::Config;
use crate::faces::{Faces, Listeners, portal};
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::session::Session;

/// What to serve.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parts {
    /// Everything that is configured, and the schedules.
    All,
    /// The gateway alone.
    Gateway,
}

/// Runs the command.
pub(super) async fn run(
    arguments: &Config,
    parts: Parts,
    output: &Output,
) -> Result<Exit, Failure> {
    // From now on a request to end is heard.
    let interrupted = super::sim::interruption()?;
    let session = Arc::new(super::open(arguments, output).await?);
    let listeners = listeners(&session, parts).await?;
    let mut faces =
        Faces::start(&session, &arguments.folder, listeners, Box::new(|_summary| {})).await?;
    let administrator = faces.take_administrator();
    if let Some(administrator) = &administrator {
        portal::announce(administrator, output);
    }
    if parts == Parts::All {
        faces.follow_schedules(session.deployment());
        if faces.jobs().is_none() && !session.deployment().schedules.is_empty() {
            output.note("schedules are not followed: they need [api] in proxeny.toml");
        }
    }
    output.object(&json!({
        "portal": faces.portal_address(),
        "gateway": faces.gateway_address(),
        "account": administrator.as_ref().map(|a| a.account.as_str()),
        "password": administrator.as_ref().map(|a| a.password.expose()),
    }));
    if let Some(address) = faces.portal_address() {
        output.text(&format!("portal   {address}"));
    }
    if let Some(address) = faces.gateway_address() {
        output.text(&format!("gateway  {address}"));
    }
    interrupted.await;
    faces.stop().await;
    Ok(Exit::Done)
}

async fn listeners(session: &Session, parts: Parts) -> Result<Listeners, Failure> {
    let deployment = session.deployment();
    let api = deployment.api.as_ref().filter(|_| parts == Parts::All);
    let gateway = deployment.gateway.as_ref();
    if api.is_none() && gateway.is_none() {
        let (what, help) = match parts {
            Parts::All => ("nothing to serve", "add [api] to proxeny.toml, or gateway.toml"),
            Parts::Gateway => ("no gateway", "describe it in gateway.toml"),
        };
        return Err(Failure::new(format!("the configuration has {what}")).with_help(help));
    }
    Listeners::bind(api.map(|api| api.listen), gateway.map(|gateway| gateway.listen)).await
}
