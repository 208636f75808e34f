//! The HTTP client: one set of limits for everybody.

use std::time::Duration;

use reqwest::redirect;

use crate::trust::client_config;
use crate::{NetError, TlsTrust};

/// How long a connection may take to come about.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

/// How long a request may take from the first byte sent to the last received, unless the request
/// sets its own limit.
pub const RESPONSE_TIMEOUT: Duration = Duration::from_secs(100);

/// A client that accepts what `trust` says, follows no redirect (a credential must not travel to a
/// host nobody configured) and takes no proxy from the environment.
///
/// # Errors
/// [`NetError`] when TLS cannot be set up.
pub fn http_client(trust: &TlsTrust) -> Result<reqwest::Client, NetError> {
    reqwest::Client::builder()
        .tls_backend_preconfigured(client_config(trust)?)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(RESPONSE_TIMEOUT)
        .user_agent(concat!("proxeny/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(NetError::Client)
}
