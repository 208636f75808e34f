//! What a simulated tenant starts with.

use std::fmt;
use std::sync::Arc;

use model::{Clock, Secret, Timestamp};

use crate::tls::{Authority, TlsError};

/// The settings of a tenant.
#[derive(Clone)]
pub struct TenantOptions {
    /// The initial domain, e.g. `contoso.onmicrosoft.com`.
    pub name: String,
    /// The tenant's id, a GUID.
    pub tenant_id: String,
    /// The TCP port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// Users per page of a list that does not ask for a number.
    pub list_page_size: usize,
    /// Users per page of a delta query.
    pub delta_page_size: usize,
    /// How long access tokens live, in seconds.
    pub token_lifetime_seconds: i64,
    /// What time it is in the tenant.
    pub clock: Arc<dyn Clock>,
    /// The registered applications.
    pub apps: Vec<AppOptions>,
    /// Who issues the server's certificate; a new authority if none is given.
    pub authority: Option<Arc<Authority>>,
    /// Serve the control endpoints under `/_sim`, which need no token.
    pub control: bool,
}

impl TenantOptions {
    /// A tenant `contoso.onmicrosoft.com` on a free port, with page sizes as on the real service,
    /// without applications and without control endpoints.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            name: "contoso.onmicrosoft.com".to_owned(),
            tenant_id: "7e6f0b52-9d2c-4b1e-8f0a-51c6c7d2a001".to_owned(),
            port: 0,
            list_page_size: 100,
            delta_page_size: 200,
            token_lifetime_seconds: 3599,
            clock,
            apps: Vec::new(),
            authority: None,
            control: false,
        }
    }
}

impl fmt::Debug for TenantOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TenantOptions")
            .field("name", &self.name)
            .field("tenant_id", &self.tenant_id)
            .field("port", &self.port)
            .field("apps", &self.apps)
            .finish_non_exhaustive()
    }
}

/// An application registered in the tenant.
#[derive(Debug, Clone, Default)]
pub struct AppOptions {
    /// Its client id, a GUID.
    pub client_id: String,
    /// Its client secrets.
    pub secrets: Vec<AppSecret>,
    /// Its certificates, each as PEM; only the first CERTIFICATE block of each counts.
    pub certificates: Vec<String>,
    /// The application permissions granted to it, e.g. `User.Read.All`.
    pub roles: Vec<String>,
    /// Where people who signed in, or out, may be sent: absolute URLs, compared letter by letter.
    pub redirect_uris: Vec<String>,
    /// Where browsers tell it that a session ended (OpenID Connect Front-Channel Logout 1.0); an
    /// `https` URL.
    pub logout_url: Option<String>,
    /// Only assigned people may sign in.
    pub assignment_required: bool,
    /// Who is assigned: ids, user principal names or addresses.
    pub assigned_users: Vec<String>,
    /// It runs where a secret cannot be kept: people sign in without one, and only with a code
    /// challenge (RFC 7636).
    pub public: bool,
}

/// A client secret.
#[derive(Debug, Clone)]
pub struct AppSecret {
    /// The secret.
    pub value: Secret,
    /// When it stops working; `None` for never.
    pub expires: Option<Timestamp>,
}

impl AppSecret {
    /// A secret that never expires.
    #[must_use]
    pub fn lasting(value: &str) -> Self {
        Self { value: Secret::new(value.to_owned()), expires: None }
    }
}

/// A tenant could not be started.
#[derive(Debug, thiserror::Error)]
pub enum TenantError {
    /// The port is taken or not allowed.
    #[error("cannot listen on 127.0.0.1:{port}")]
    Listen {
        /// The port.
        port: u16,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The server certificate could not be made.
    #[error("cannot make the tenant's server certificate")]
    Tls(#[from] TlsError),
    /// The key that signs tokens could not be made.
    #[error("cannot make the key that signs tokens")]
    SigningKey,
    /// An application's certificate cannot be read.
    #[error("certificate {number} of application {client_id} is not a PEM certificate")]
    AppCertificate {
        /// The application.
        client_id: String,
        /// The certificate's place, from 1.
        number: usize,
    },
    /// An application's redirect URI or logout URL is none.
    #[error("{url:?} of application {client_id} is not an absolute URL, or not a safe one")]
    AppUrl {
        /// The application.
        client_id: String,
        /// The address.
        url: String,
    },
}
