//! Connections to back ends: made, bound, kept, given out again.

mod connect;
mod pool;

use hyper::client::conn::http1::SendRequest;

use crate::body::GatewayBody;

pub(crate) use connect::{Dial, connect};
pub(crate) use pool::{Pool, PoolKey};

/// A connection ready for a request.
pub(crate) struct Connection {
    pub(crate) sender: SendRequest<GatewayBody>,
    /// What a ticket can be bound to (RFC 5929), the prefix included; only with TLS.
    pub(crate) binding: Option<Vec<u8>>,
    /// It served a request before.
    pub(crate) is_reused: bool,
    /// The back end knows the person on it.
    pub(crate) is_signed_on: bool,
}

/// There is no connection.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConnectError {
    #[error("the back end cannot be reached")]
    Tcp(#[source] std::io::Error),
    #[error("no encrypted connection to the back end comes about")]
    Tls(#[source] std::io::Error),
    #[error("the back end's name cannot be in a certificate")]
    Name,
    #[error("the back end does not speak HTTP")]
    Http(#[source] hyper::Error),
    #[error("the connection to the back end takes too long")]
    Slow,
}
