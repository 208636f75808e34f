//! The servers of the demo.

use std::path::Path;
use std::sync::Arc;

use model::Secret;
use net::SystemClock;
use sim::directory::{DirectoryHandle, DirectoryOptions};
use sim::tenant::{AppOptions, AppSecret, TenantHandle};
use sim::tls::Authority;
use testad::{DelegationFixture, SambaDc, SambaError};

use crate::args::DirectoryKind;
use crate::commands::sim::{start_directory, start_tenant, tenant_options};
use crate::failure::Failure;
use crate::output::Output;
use crate::random::new_password;
use crate::secrets::SystemSecrets;

/// The client id that both examples name.
const CLIENT_ID: &str = "0dc4c140-0000-4000-8000-000068babca0";

/// The client id of the gateway in the recommended example.
const GATEWAY_CLIENT_ID: &str = "0dc4c140-0000-4000-8000-00006a7e0a11";

/// The container that both examples name.
const CONTAINER: &str = "OU=B2BGuest,DC=contoso,DC=com";

/// The tenant and the directory.
pub(super) struct World {
    pub(super) tenant: TenantHandle,
    directory: DirectoryServer,
    /// Vouches for the tenant and the gateway.
    authority: Arc<Authority>,
    /// The accounts of gateway and portal, where there is a real directory.
    delegation: Option<DelegationFixture>,
    client_secret: String,
    bind_password: String,
    gateway_secret: String,
    assertion_secret: String,
}

enum DirectoryServer {
    Simulated(DirectoryHandle),
    Samba(Box<SambaDc>),
}

/// A domain with the container that both examples put accounts into, and with the accounts that a
/// gateway needs.
fn provision(with_gateway: bool) -> Result<(SambaDc, Option<DelegationFixture>), SambaError> {
    let samba = SambaDc::start()?;
    samba.create_ou(CONTAINER)?;
    let delegation = if with_gateway { Some(samba.prepare_delegation()?) } else { None };
    Ok((samba, delegation))
}

impl World {
    /// Starts both. With the address where the gateway will be, people can sign in there.
    pub(super) async fn start(
        kind: DirectoryKind,
        gateway_url: Option<&str>,
        output: &Output,
    ) -> Result<Self, Failure> {
        let (client_secret, gateway_secret) = (new_password(), new_password());
        let authority = Arc::new(Authority::new().map_err(|error| Failure::caused(&error))?);
        let mut options = tenant_options(CLIENT_ID, &client_secret);
        options.control = true;
        options.authority = Some(authority.clone());
        options.apps.extend(gateway_url.map(|url| gateway_app(url, &gateway_secret)));
        let tenant = start_tenant(options).await?;
        let (directory, delegation, bind_password) = match kind {
            DirectoryKind::Simulated => {
                let password = new_password();
                let options =
                    DirectoryOptions::new(Secret::new(password.clone()), Arc::new(SystemClock));
                (DirectoryServer::Simulated(start_directory(options).await?), None, password)
            }
            DirectoryKind::Samba => {
                output.text("provisioning a Samba domain controller");
                let with_gateway = gateway_url.is_some();
                let started = tokio::task::spawn_blocking(move || provision(with_gateway)).await;
                let (samba, delegation) = started
                    .map_err(|error| Failure::caused(&error))?
                    .map_err(|error| Failure::caused(&error))?;
                let password = samba.service().password.expose().to_owned();
                (DirectoryServer::Samba(Box::new(samba)), delegation, password)
            }
        };
        let assertion_secret = format!("{}{}", new_password(), new_password());
        Ok(Self {
            tenant,
            directory,
            authority,
            delegation,
            client_secret,
            bind_password,
            gateway_secret,
            assertion_secret,
        })
    }

    /// Vouches for the tenant and the gateway.
    pub(super) fn authority(&self) -> &Authority {
        &self.authority
    }

    /// The accounts of gateway and portal, and where their distribution centre is.
    pub(super) fn delegation(&self) -> Option<(&DelegationFixture, std::net::Ipv4Addr)> {
        match &self.directory {
            DirectoryServer::Samba(samba) => Some((self.delegation.as_ref()?, samba.address())),
            DirectoryServer::Simulated(_) => None,
        }
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
            .with("PROXENY_GATEWAY_SECRET", Secret::new(self.gateway_secret.clone()))
            .with("PROXENY_ASSERTION_SECRET", Secret::new(self.assertion_secret.clone()))
    }

    /// Everything of the tenant's users, to tell when it changes.
    pub(super) fn state(&self) -> String {
        serde_json::to_string(&self.tenant.users()).unwrap_or_default()
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

/// The gateway's registration in the tenant.
fn gateway_app(url: &str, secret: &str) -> AppOptions {
    let below = |path: &str| format!("{url}.proxeny/{path}");
    AppOptions {
        client_id: GATEWAY_CLIENT_ID.to_owned(),
        secrets: vec![AppSecret::lasting(secret)],
        redirect_uris: vec![below("callback"), below("signed-out")],
        logout_url: Some(below("front-channel-logout")),
        ..AppOptions::default()
    }
}
