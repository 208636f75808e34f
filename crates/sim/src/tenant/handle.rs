//! Starting a tenant, and the handle by which tests and demonstrations act on it.

use std::net::Ipv4Addr;
use std::sync::Arc;

use serde_json::{Map, Value};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::faults::{Fault, RequestCount};
use super::options::{TenantError, TenantOptions};
use super::server::{router, serve};
use super::state::{Invitation, StateError};
use super::world::{World, new_id};
use crate::tls::Authority;

/// A simulated tenant.
#[derive(Debug, Clone, Copy)]
pub struct Tenant;

impl Tenant {
    /// Starts a tenant on loopback. It runs until its handle is shut down or dropped.
    ///
    /// # Errors
    /// [`TenantError`] when the port is taken or a key or certificate cannot be made or read.
    pub async fn start(options: TenantOptions) -> Result<TenantHandle, TenantError> {
        let port = options.port;
        let listen = |source| TenantError::Listen { port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(listen)?;
        let port = listener.local_addr().map_err(listen)?.port();
        let authority = match &options.authority {
            Some(authority) => authority.clone(),
            None => Arc::new(Authority::new()?),
        };
        let tls = authority.server_config(&["localhost", "127.0.0.1"])?;
        let with_control = options.control;
        // Making the signing key keeps a processor busy for a while.
        let making = tokio::task::spawn_blocking(move || {
            World::new(&options, format!("https://localhost:{port}"))
        });
        let world = Arc::new(making.await.map_err(|_panic| TenantError::SigningKey)??);
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let router = router(&world, with_control);
        tasks.spawn(serve(listener, TlsAcceptor::from(tls), router, tasks.clone(), stop.clone()));
        tracing::debug!(port, "tenant started");
        Ok(TenantHandle { world, authority, tasks, stop })
    }
}

/// A running tenant.
pub struct TenantHandle {
    world: Arc<World>,
    authority: Arc<Authority>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl std::fmt::Debug for TenantHandle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TenantHandle").field("base_url", &self.world.base_url).finish()
    }
}

impl TenantHandle {
    /// `https://localhost:PORT`: the sign-in authority and the Graph root at once.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.world.base_url
    }

    /// The certificate authority to trust, as PEM.
    #[must_use]
    pub fn ca_pem(&self) -> &str {
        self.authority.certificate_pem()
    }

    /// The tenant's initial domain.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.world.name
    }

    /// The tenant's id.
    #[must_use]
    pub fn tenant_id(&self) -> &str {
        &self.world.tenant_id
    }

    /// Invites a guest and returns the user's id; an address invited before keeps its user.
    ///
    /// # Errors
    /// [`StateError::BadAddress`] when the address breaks the rules for invitations.
    pub fn invite(&self, name: &str, mail: &str) -> Result<String, StateError> {
        let invitation = Invitation { name, mail, user_type: "Guest" };
        self.world.state().invite(new_id(), &invitation, self.world.now())
    }

    /// Adds an enabled member with a user principal name and mail `alias@` the tenant's domain, and
    /// returns the user's id.
    ///
    /// # Errors
    /// [`StateError::NameTaken`] when there is such a user.
    pub fn add_member(&self, name: &str, alias: &str) -> Result<String, StateError> {
        let address = format!("{alias}@{}", self.world.name);
        self.add_user(serde_json::json!({
            "accountEnabled": true,
            "displayName": name,
            "mail": address,
            "mailNickname": alias,
            "userPrincipalName": address,
            "userType": "Member",
        }))
    }

    /// Adds a user with exactly these properties (a JSON object) and returns its id; `id` may be
    /// among them.
    ///
    /// # Errors
    /// [`StateError::NameTaken`] when the id or the user principal name is taken.
    pub fn add_user(&self, properties: Value) -> Result<String, StateError> {
        self.world.state().create(new_id(), object(properties), self.world.now())
    }

    /// Sets properties (a JSON object) of a user, read-only ones too; null clears one.
    ///
    /// # Errors
    /// [`StateError::NoUser`] when there is no such live user.
    pub fn update_user(&self, key: &str, properties: Value) -> Result<(), StateError> {
        self.world.state().update(key, object(properties))
    }

    /// Deletes a user so that it can be restored.
    ///
    /// # Errors
    /// [`StateError::NoUser`] when there is no such live user.
    pub fn delete_user(&self, key: &str) -> Result<(), StateError> {
        self.world.state().soft_delete(key)
    }

    /// Restores a deleted user.
    ///
    /// # Errors
    /// [`StateError`] when the user is not deleted or its name has been taken.
    pub fn restore_user(&self, id: &str) -> Result<(), StateError> {
        self.world.state().restore(id)
    }

    /// Deletes a user for good.
    ///
    /// # Errors
    /// [`StateError::NotDeleted`] when there is no such user, live or deleted.
    pub fn purge_user(&self, key: &str) -> Result<(), StateError> {
        self.world.state().purge(key)
    }

    /// Every live user with all its properties, by id.
    #[must_use]
    pub fn users(&self) -> Vec<Map<String, Value>> {
        self.world.state().list(None, usize::MAX, u64::MAX, &|_| true).items
    }

    /// Signs tokens with a new key from now on. The key before stays among the published ones until
    /// the next rotation.
    ///
    /// # Errors
    /// [`TenantError::SigningKey`] when the system has no randomness to offer.
    pub async fn rotate_keys(&self) -> Result<(), TenantError> {
        rotate_keys(self.world.clone()).await
    }

    /// Assigns a user, by id, user principal name or address, to an application.
    ///
    /// # Errors
    /// [`StateError::NoApp`] when there is no such application.
    pub fn assign(&self, client_id: &str, user: &str) -> Result<(), StateError> {
        self.world.change_registration(client_id, |app| {
            app.assigned.insert(user.to_lowercase());
        })
    }

    /// Queues a fault.
    pub fn inject(&self, fault: Fault) {
        self.world.traffic().inject(fault);
    }

    /// Answers the next `times` requests to Graph v1.0 with 429 and `Retry-After`.
    pub fn throttle_next(&self, times: u32, retry_after_seconds: u32) {
        self.world.throttle_next(times, retry_after_seconds);
    }

    /// Makes every delta token issued so far answer 410 Gone.
    pub fn reset_delta(&self) {
        self.world.begin_epoch();
    }

    /// Cuts lists and delta rounds into pages of `size` from now on.
    pub fn set_page_size(&self, size: usize) {
        self.world.change_paging(|p| (p.list, p.delta) = (size.max(1), size.max(1)));
    }

    /// Puts an empty page before every page from now on, or no longer.
    pub fn set_empty_pages(&self, with_blanks: bool) {
        self.world.change_paging(|p| p.with_blanks = with_blanks);
    }

    /// Every path asked for so far, except those under `/_sim`, with the number of requests.
    #[must_use]
    pub fn requests(&self) -> Vec<RequestCount> {
        self.world.traffic().counts()
    }

    /// How many requests with `method` went to exactly `path`.
    #[must_use]
    pub fn request_count(&self, method: &str, path: &str) -> u64 {
        let counts = self.requests().into_iter();
        counts.filter(|c| c.method == method && c.path == path).map(|c| c.count).sum()
    }

    /// Stops the tenant and waits until the last connection is gone.
    pub async fn shutdown(self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Drop for TenantHandle {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Rotates keys where making one holds nobody up.
pub(super) async fn rotate_keys(world: Arc<World>) -> Result<(), TenantError> {
    let rotating = tokio::task::spawn_blocking(move || world.rotate_keys());
    rotating.await.map_err(|_panic| TenantError::SigningKey)?
}

fn object(properties: Value) -> Map<String, Value> {
    match properties {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}
