//! HTTP client, HTTP server and TLS set-up shared by connectors, faces and the command line, and the
//! system clock.
//!
//! The only crate that names reqwest and rustls on the client side: what others need of them is
//! exported from here. TLS always runs on the ring provider, given explicitly, so no process-wide
//! default has to be installed first.

mod client;
mod clock;
mod problem;
mod serve;
mod trust;

pub use client::{CONNECT_TIMEOUT, RESPONSE_TIMEOUT, http_client};
pub use clock::SystemClock;
pub use problem::certificate_problem;
pub use reqwest::{Client, Error as HttpError, RequestBuilder, Response, StatusCode, Url, header};
pub use rustls::{ClientConfig, ServerConfig};
pub use serve::{Peer, ServeOptions, serve, server_tls};
pub use trust::{TlsTrust, tls_config};

/// TLS or the HTTP client could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// The bundle is not readable as PEM.
    #[error("the certificate bundle is not valid PEM")]
    NotPem(#[source] rustls::pki_types::pem::Error),
    /// The private key is not readable.
    #[error("the private key is not valid PEM")]
    Key(#[source] rustls::pki_types::pem::Error),
    /// The bundle has no certificate in it.
    #[error("the certificate bundle holds no certificate")]
    EmptyBundle,
    /// A certificate of the bundle cannot serve as a root.
    #[error("certificate {number} of the bundle cannot be used as a root")]
    BadRoot {
        /// Its place in the bundle, from 1.
        number: usize,
        /// What the TLS library says.
        #[source]
        source: rustls::Error,
    },
    /// The system's own roots cannot be used.
    #[error("the system's certificate store cannot be used")]
    SystemRoots(#[source] rustls::Error),
    /// The TLS library refused the settings.
    #[error("TLS cannot be set up")]
    Tls(#[source] rustls::Error),
    /// The HTTP client could not be made.
    #[error("the HTTP client cannot be set up")]
    Client(#[source] reqwest::Error),
}
