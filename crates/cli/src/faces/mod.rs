//! What the program shows to the outside while it serves: the portal with its interface, the
//! gateway, and the schedules behind them.

mod accounts;
mod gateway;
pub(crate) mod kerberos;
pub(crate) mod portal;
mod runner;
mod schedule;
mod sign_in;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use ::gateway::Gateway;
use api::{Api, Jobs};
use hyper_util::service::TowerToHyperService;
use rules::Deployment;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use self::kerberos_file::KerberosFile;
use self::portal::FirstAdministrator;
pub(crate) use self::runner::Ended;
use crate::failure::Failure;
use crate::kerberos_config as kerberos_file;
use crate::session::Session;

/// Where the faces listen.
#[derive(Debug, Default)]
pub(crate) struct Listeners {
    /// The portal.
    pub(crate) portal: Option<TcpListener>,
    /// The gateway.
    pub(crate) gateway: Option<TcpListener>,
}

impl Listeners {
    /// Listens at these addresses.
    ///
    /// # Errors
    /// When one is taken or not this machine's.
    pub(crate) async fn bind(
        portal: Option<SocketAddr>,
        gateway: Option<SocketAddr>,
    ) -> Result<Self, Failure> {
        let mut listeners = Self::default();
        if let Some(address) = portal {
            listeners.portal = Some(listen(address).await?);
        }
        if let Some(address) = gateway {
            listeners.gateway = Some(listen(address).await?);
        }
        Ok(listeners)
    }
}

/// Listens at `address`.
///
/// # Errors
/// When the address is taken or not this machine's.
pub(crate) async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        Failure::new(format!("cannot listen on {address}: {error}"))
            .with_help("another process may have it; ports below 1024 need the right to bind them")
    })
}

/// The faces, serving.
pub(crate) struct Faces {
    tasks: TaskTracker,
    ending: CancellationToken,
    api: Option<Api>,
    administrator: Option<FirstAdministrator>,
    portal_address: Option<String>,
    gateway_address: Option<String>,
    // Lives as long as tickets are asked for.
    _kerberos: Option<KerberosFile>,
}

impl Faces {
    /// Serves what there are listeners for. `ended` hears of every run.
    ///
    /// # Errors
    /// When a key, a certificate, a secret or the store cannot be had.
    pub(crate) async fn start(
        session: &Arc<Session>,
        folder: &Path,
        listeners: Listeners,
        ended: Ended,
    ) -> Result<Self, Failure> {
        let mut faces = Self {
            tasks: TaskTracker::new(),
            ending: CancellationToken::new(),
            api: None,
            administrator: None,
            portal_address: None,
            gateway_address: None,
            _kerberos: None,
        };
        let mut changed: Option<Gateway> = None;
        if let (Some(config), Some(listener)) = (&session.deployment().gateway, listeners.gateway) {
            let built = gateway::build(session, config, folder)?;
            let options = portal::serve_options(config.tls.as_ref(), folder, session.secrets())?;
            let scheme = if options.tls.is_some() { "https" } else { "http" };
            faces.gateway_address = Some(format!("{scheme}://{}/", listener.local_addr()?));
            faces._kerberos = built.kerberos;
            changed = Some(built.gateway.clone());
            let ending = faces.ending.clone().cancelled_owned();
            faces.tasks.spawn(async move { built.gateway.serve(listener, options, ending).await });
        }
        if let (Some(config), Some(listener)) = (&session.deployment().api, listeners.portal) {
            // Whoever a run may have blocked is looked up anew.
            let ended: Ended = Box::new(move |summary| {
                if let Some(gateway) = &changed {
                    gateway.accounts_changed();
                }
                ended(summary);
            });
            let (api, administrator) = portal::build(session, config, folder, ended).await?;
            let options = portal::serve_options(config.tls.as_ref(), folder, session.secrets())?;
            let scheme = if options.tls.is_some() { "https" } else { "http" };
            faces.portal_address = Some(format!("{scheme}://{}/", listener.local_addr()?));
            let service = TowerToHyperService::new(api.router());
            let ending = faces.ending.clone().cancelled_owned();
            faces.tasks.spawn(net::serve(listener, service, options, ending));
            faces.api = Some(api);
            faces.administrator = administrator;
        }
        Ok(faces)
    }

    /// The administrator that this start made, if it was the first.
    pub(crate) const fn take_administrator(&mut self) -> Option<FirstAdministrator> {
        self.administrator.take()
    }

    /// Where the portal listens.
    pub(crate) fn portal_address(&self) -> Option<&str> {
        self.portal_address.as_deref()
    }

    /// Where the gateway listens.
    pub(crate) fn gateway_address(&self) -> Option<&str> {
        self.gateway_address.as_deref()
    }

    /// The queue of runs, where the portal is served.
    pub(crate) fn jobs(&self) -> Option<&Jobs> {
        self.api.as_ref().map(Api::jobs)
    }

    /// Starts sequences by themselves from now on.
    pub(crate) fn follow_schedules(&self, deployment: &Deployment) {
        let Some(jobs) = self.jobs() else { return };
        for schedule in &deployment.schedules {
            let follow = schedule::follow(schedule.clone(), jobs.clone(), self.ending.clone());
            self.tasks.spawn(follow);
        }
    }

    /// Ends in order: no new requests and runs, then what is under way.
    pub(crate) async fn stop(self) {
        tracing::info!("ending");
        self.ending.cancel();
        if let Some(jobs) = self.jobs() {
            jobs.shutdown().await;
        }
        self.tasks.close();
        self.tasks.wait().await;
    }
}
