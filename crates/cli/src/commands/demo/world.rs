//! The servers of the demo.

use std::path::Path;
use std::sync::Arc;

use model::Secret;
use net::SystemClock;
use sim::directory::{DirectoryHandle, DirectoryOptions};
use sim::tenant::TenantHandle;
use testad::{SambaDc, SambaError};

use crate::args::DirectoryKind;
use crate::commands::sim::{start_directory, start_tenant, tenant_options};
use crate::failure::Failure;
use crate::output::Output;
use crate::random::new_password;
use crate::secrets::SystemSecrets;

/// The client id that both examples name.
const CLIENT_ID: &str = "0dc4c140-0000-4000-8000-000068babca0";

/// The container that both examples name.
const CONTAINER: &str = "OU=B2BGuest,DC=contoso,DC=com";

/// The tenant and the directory.
pub(super) struct World {
    pub(super) tenant: TenantHandle,
    directory: DirectoryServer,
    client_secret: String,
    bind_password: String,
}

enum DirectoryServer {
    Simulated(DirectoryHandle),
    Samba(Box<SambaDc>),
}

/// A domain with the container that both examples put accounts into.
fn provision() -> Result<SambaDc, SambaError> {
    let samba = SambaDc::start()?;
    samba.create_ou(CONTAINER)?;
    Ok(samba)
}

impl World {
    /// Starts both.
    pub(super) async fn start(kind: DirectoryKind, output: &Output) -> Result<Self, Failure> {
        let client_secret = new_password();
        let mut options = tenant_options(CLIENT_ID, &client_secret);
        options.control = true;
        let tenant = start_tenant(options).await?;
        let (directory, bind_password) = match kind {
            DirectoryKind::Simulated => {
                let password = new_password();
                let options =
                    DirectoryOptions::new(Secret::new(password.clone()), Arc::new(SystemClock));
                (DirectoryServer::Simulated(start_directory(options).await?), password)
            }
            DirectoryKind::Samba => {
                output.text("provisioning a Samba domain controller");
                let started = tokio::task::spawn_blocking(provision).await;
                let samba = started
                    .map_err(|error| Failure::caused(&error))?
                    .map_err(|error| Failure::caused(&error))?;
                let password = samba.service().password.expose().to_owned();
                (DirectoryServer::Samba(Box::new(samba)), password)
            }
        };
        Ok(Self { tenant, directory, client_secret, bind_password })
    }

    pub(super) fn directory_url(&self) -> String {
        match &self.directory {
            DirectoryServer::Simulated(directory) => directory.url(),
            DirectoryServer::Samba(samba) => samba.url(),
        }
    }

    pub(super) fn directory_ca(&self) -> &str {
        match &self.directory {
            DirectoryServer::Simulated(directory) => directory.ca_pem(),
            DirectoryServer::Samba(samba) => samba.ca_pem(),
        }
    }

    pub(super) fn bind_dn(&self) -> String {
        match &self.directory {
            DirectoryServer::Simulated(directory) => directory.bind_dn(),
            DirectoryServer::Samba(samba) => samba.service().dn.clone(),
        }
    }

    /// The secrets that the examples refer to, for this process alone.
    pub(super) fn secrets(&self, folder: &Path) -> SystemSecrets {
        SystemSecrets::new(folder)
            .with("PROXENY_GRAPH_SECRET", Secret::new(self.client_secret.clone()))
            .with("PROXENY_AD_PASSWORD", Secret::new(self.bind_password.clone()))
    }

    /// Stops both.
    pub(super) async fn stop(self) {
        self.tenant.shutdown().await;
        match self.directory {
            DirectoryServer::Simulated(directory) => directory.shutdown().await,
            DirectoryServer::Samba(samba) => drop(samba),
        }
    }
}
