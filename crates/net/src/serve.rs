//! The HTTP server that every face stands on: TLS, limits against slow and greedy clients, upgrades,
//! an orderly end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::NetError;

/// hyper reads no less at a time.
const HEADER_OCTETS_LEAST: usize = 8192;

/// Whom a request came from: an extension of every request that [`serve`] hands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// The client's address.
    pub address: SocketAddr,
    /// True when the connection is encrypted.
    pub is_tls: bool,
}

/// What a server grants its clients.
#[derive(Clone)]
pub struct ServeOptions {
    /// TLS; plain text without it.
    pub tls: Option<Arc<rustls::ServerConfig>>,
    /// How long the TLS handshake, and each request's header, may take to arrive.
    pub header_timeout: Duration,
    /// Octets of a request line with its header fields; more are answered with 431. At least 8192.
    pub header_octets_max: usize,
    /// Header fields of a request; more are answered with 431.
    pub header_fields_max: usize,
    /// Connections at a time; further ones wait to be accepted.
    pub connections_max: usize,
    /// How long requests under way may take to finish when the server ends.
    pub grace: Duration,
}

impl Default for ServeOptions {
    fn default() -> Self {
        Self {
            tls: None,
            header_timeout: Duration::from_secs(10),
            header_octets_max: 64 * 1024,
            header_fields_max: 100,
            connections_max: 4_096,
            grace: Duration::from_secs(10),
        }
    }
}

impl std::fmt::Debug for ServeOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServeOptions").field("is_tls", &self.tls.is_some()).finish_non_exhaustive()
    }
}

/// TLS settings of a server with this certificate chain and key, both in PEM: TLS 1.2 and 1.3,
/// HTTP/1.1.
///
/// # Errors
/// [`NetError`] when one of them is not readable or they do not belong together.
pub fn server_tls(certificate: &[u8], key: &[u8]) -> Result<Arc<rustls::ServerConfig>, NetError> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate).collect();
    let chain = chain.map_err(NetError::NotPem)?;
    if chain.is_empty() {
        return Err(NetError::EmptyBundle);
    }
    let key = PrivateKeyDer::from_pem_slice(key).map_err(NetError::Key)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(NetError::Tls)?;
    let mut config = builder.with_no_client_auth().with_single_cert(chain, key);
    if let Ok(config) = &mut config {
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
    }
    config.map(Arc::new).map_err(NetError::Tls)
}

/// Answers requests on `listener` with `service` until `shutdown` is done; requests under way may
/// then finish within the grace period. A client that fails, is slow or talks nonsense harms nobody
/// else.
pub async fn serve<S, B>(
    listener: TcpListener,
    service: S,
    options: ServeOptions,
    shutdown: impl Future<Output = ()>,
) where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let (connections, ending) = (TaskTracker::new(), CancellationToken::new());
    let places = Arc::new(Semaphore::new(options.connections_max));
    let options = Arc::new(options);
    tokio::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            () = &mut shutdown => break,
        };
        let Some((stream, address, place)) = accepted else { continue };
        let (service, options, ending) = (service.clone(), options.clone(), ending.clone());
        connections.spawn(async move {
            let _place = place;
            connection(stream, address, service, &options, ending).await;
        });
    }
    drop(listener);
    ending.cancel();
    connections.close();
    let ended = tokio::time::timeout(options.grace, connections.wait()).await;
    if ended.is_err() {
        tracing::warn!("requests were still under way when the server ended");
    }
}

type Place = tokio::sync::OwnedSemaphorePermit;

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, Place)> {
    let place = places.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, address)) => Some((stream, address, place)),
        Err(error) => {
            // Out of descriptors, or the client was gone already: others end and make room.
            tracing::warn!(error = %error, "cannot accept a connection");
            tokio::time::sleep(Duration::from_millis(50)).await;
            None
        }
    }
}

async fn connection<S, B>(
    stream: TcpStream,
    address: SocketAddr,
    service: S,
    options: &ServeOptions,
    ending: CancellationToken,
) where
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Send + 'static,
    S::Future: Send,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    // Small answers need not wait for each other.
    let _nodelay = stream.set_nodelay(true);
    let is_tls = options.tls.is_some();
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer { address, is_tls });
        service.call(request)
    });
    let result = match &options.tls {
        None => talk(TokioIo::new(stream), service, options, ending).await,
        Some(tls) => {
            let handshake = TlsAcceptor::from(tls.clone()).accept(stream);
            match tokio::time::timeout(options.header_timeout, handshake).await {
                Ok(Ok(stream)) => talk(TokioIo::new(stream), service, options, ending).await,
                Ok(Err(error)) => {
                    tracing::debug!(peer = %address, error = %error, "no TLS");
                    return;
                }
                Err(_elapsed) => {
                    tracing::debug!(peer = %address, "the TLS handshake took too long");
                    return;
                }
            }
        }
    };
    if let Err(error) = result {
        tracing::debug!(peer = %address, error = %error, "a connection ended early");
    }
}

/// Answers the requests of one connection. Once the server ends, no further one.
async fn talk<I, S, B>(
    stream: I,
    service: S,
    options: &ServeOptions,
    ending: CancellationToken,
) -> Result<(), hyper::Error>
where
    I: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
    S: Service<Request<Incoming>, Response = Response<B>, Error = Infallible> + Send + 'static,
    S::Future: Send,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(options.header_timeout)
        .max_buf_size(options.header_octets_max.max(HEADER_OCTETS_LEAST))
        .max_headers(options.header_fields_max);
    let connection = http.serve_connection(stream, service).with_upgrades();
    tokio::pin!(connection);
    tokio::select! {
        result = &mut connection => return result,
        () = ending.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    connection.await
}
