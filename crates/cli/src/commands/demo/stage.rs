//! The demo's portal behind its gateway: where guests sign in.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use api::{JobError, Work};
use engine::RunOptions;
use model::Name;
use serde_json::json;

use super::deployment::Places;
use super::world::World;
use super::{guests_and_accounts, invite};
use crate::commands::{show, sim};
use crate::faces::{Faces, Listeners, listen};
use crate::failure::Failure;
use crate::output::Output;
use crate::session::Session;

/// The sequence that carries a change from the tenant to the account and the portal.
const CHANGES: &str = "changes";
/// The pause between two looks at the tenant.
const PAUSE: Duration = Duration::from_secs(1);

/// The listeners, taken before anything says where they are.
pub(super) struct Stage {
    pub(super) places: Places,
    listeners: Listeners,
}

impl Stage {
    /// Takes the places of portal and gateway on this machine.
    pub(super) async fn set(port: u16) -> Result<Self, Failure> {
        let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let gateway = listen(at(port)).await.map_err(|failure| {
            failure.with_help("name another port with --port, or 0 for a free one")
        })?;
        let portal = listen(at(0)).await?;
        let address = gateway.local_addr()?;
        let places = Places {
            external_url: format!("https://localhost:{}/", address.port()),
            gateway: address,
            portal: portal.local_addr()?,
        };
        let listeners = Listeners { portal: Some(portal), gateway: Some(gateway) };
        Ok(Self { places, listeners })
    }
}

/// Opens portal and gateway, and lets every change of the tenant through until interrupted.
pub(super) async fn play(
    stage: Stage,
    session: &Arc<Session>,
    world: &World,
    folder: &Path,
    output: Output,
) -> Result<(), Failure> {
    let interrupted = sim::interruption()?;
    let ended = Box::new(move |summary: &engine::RunSummary| {
        if show::changes_something(summary) || !summary.result.is_clean() {
            show::summary(summary, &output);
        }
    });
    let mut faces = Faces::start(session, folder, stage.listeners, ended).await?;
    tell(&stage.places, &mut faces, world, &output);
    let _announced = invite::announce(world, folder, &output)?;
    tokio::pin!(interrupted);
    let mut seen = world.state();
    loop {
        tokio::select! {
            () = &mut interrupted => break,
            () = tokio::time::sleep(PAUSE) => {}
        }
        let state = world.state();
        if state == seen {
            continue;
        }
        let Some(jobs) = faces.jobs() else { continue };
        match jobs.start(Work::Sequence(Name::new(CHANGES)), RunOptions::default()).await {
            // What changes while it runs is seen as changed once more.
            Ok(_run) => seen = state,
            Err(JobError::Busy { .. }) => continue,
            Err(error) => return Err(Failure::caused(&error)),
        }
        jobs.idle().await;
        output.text("");
        guests_and_accounts(session, &output).await?;
    }
    faces.stop().await;
    Ok(())
}

/// Says where to go.
fn tell(places: &Places, faces: &mut Faces, world: &World, output: &Output) {
    let portal = faces.portal_address().unwrap_or_default().to_owned();
    let administrator = faces.take_administrator();
    let sign_on = if world.delegation().is_some() { "Kerberos" } else { "signed headers" };
    output.text(&format!("\nSign in as a guest:  {}", places.external_url));
    output
        .text(&format!("  The tenant asks who you are; the gateway carries you on by {sign_on}."));
    if world.delegation().is_none() {
        output.text(
            "  A simulated directory has no Kerberos: --directory samba shows the real thing.",
        );
    }
    output.text("  The certificate is the demo's own; the browser will warn you of it.");
    if let Some(administrator) = &administrator {
        output.text(&format!(
            "Administer:          {portal}  as {}, password {}",
            administrator.account,
            administrator.password.expose()
        ));
    }
    output.object(&json!({
        "portal": places.external_url,
        "administration": portal,
        "account": administrator.as_ref().map(|a| a.account.as_str()),
        "password": administrator.as_ref().map(|a| a.password.expose()),
        "tenant": world.tenant.base_url(),
        "sign_on": sign_on,
    }));
}
