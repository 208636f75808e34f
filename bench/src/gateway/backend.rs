//! The back end: small and large answers from memory, and a look at who is asking.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, HeaderMap};
use hyper::service::service_fn;
use hyper::{Request, Response};
use kerberos::Acceptor;
use net::ServeOptions;
use tokio::net::TcpListener;

pub(super) const SMALL: &str = "/small";
pub(super) const SMALL_OCTETS: usize = 1024;
pub(super) const LARGE: &str = "/large";
pub(super) const LARGE_OCTETS: usize = 1024 * 1024;
/// The header that signs people on by header.
pub(super) const REMOTE_USER: &str = "x-remote-user";

/// Every so many tickets one is checked; a back end on a machine of its own would check them all.
const CHECKED_EVERY: u64 = 64;

/// A back end, with what it saw.
pub(super) struct Backend {
    acceptor: Acceptor,
    small: Bytes,
    large: Bytes,
    tickets: AtomicU64,
    checked: AtomicU64,
    refused: AtomicU64,
    named: AtomicU64,
}

/// What a back end saw so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    /// Requests with a ticket.
    pub(super) tickets: u64,
    /// Tickets that were checked, for being sent twice as well.
    pub(super) checked: u64,
    /// Those that were not accepted.
    pub(super) refused: u64,
    /// Requests with the person's name in a header.
    pub(super) named: u64,
}

impl Backend {
    pub(super) fn new(acceptor: Acceptor) -> Arc<Self> {
        Arc::new(Self {
            acceptor,
            small: vec![b'x'; SMALL_OCTETS].into(),
            large: vec![b'x'; LARGE_OCTETS].into(),
            tickets: AtomicU64::new(0),
            checked: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            named: AtomicU64::new(0),
        })
    }

    /// Serves for as long as it is polled.
    pub(super) async fn serve(self: Arc<Self>, listener: TcpListener, options: ServeOptions) {
        let service = service_fn(move |request| {
            std::future::ready(Ok::<_, Infallible>(self.answer(&request)))
        });
        net::serve(listener, service, options, std::future::pending()).await;
    }

    pub(super) fn seen(&self) -> Seen {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Seen {
            tickets: read(&self.tickets),
            checked: read(&self.checked),
            refused: read(&self.refused),
            named: read(&self.named),
        }
    }

    fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        self.look_at(request.headers());
        let body = if request.uri().path() == LARGE { &self.large } else { &self.small };
        Response::new(Full::new(body.clone()))
    }

    fn look_at(&self, headers: &HeaderMap) {
        if headers.contains_key(REMOTE_USER) {
            self.named.fetch_add(1, Ordering::Relaxed);
        }
        let Some(value) = headers.get(AUTHORIZATION) else { return };
        if self.tickets.fetch_add(1, Ordering::Relaxed).is_multiple_of(CHECKED_EVERY) {
            self.checked.fetch_add(1, Ordering::Relaxed);
            let token = value.to_str().ok().and_then(|text| text.strip_prefix("Negotiate "));
            let octets = token.and_then(|token| BASE64_STANDARD.decode(token).ok());
            if octets.is_none_or(|octets| self.acceptor.accept(&octets).is_err()) {
                self.refused.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}
