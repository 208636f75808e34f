//! Making a connection.

use std::sync::Arc;
use std::time::Duration;

use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use net::ClientConfig;
use ring::digest::{Algorithm, SHA256, SHA384, SHA512, digest};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::{ConnectError, Connection};
use crate::limits::{ANSWER_HEADER_FIELDS_MAX, ANSWER_HEADER_OCTETS_MAX};

/// RFC 5929 section 4: what the hash of the certificate follows.
const END_POINT: &[u8] = b"tls-server-end-point:";

/// Where to connect to.
#[derive(Debug, Clone)]
pub(crate) struct Dial {
    pub(crate) host: String,
    pub(crate) port: u16,
    /// Whom to believe; plain without.
    pub(crate) tls: Option<Arc<ClientConfig>>,
    pub(crate) limit: Duration,
}

trait Octets: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Octets for T {}

pub(crate) async fn connect(dial: &Dial) -> Result<Connection, ConnectError> {
    let connecting = timeout(dial.limit, open(dial));
    let (stream, binding) = connecting.await.map_err(|_elapsed| ConnectError::Slow)??;
    let mut http = http1::Builder::new();
    http.max_buf_size(ANSWER_HEADER_OCTETS_MAX).max_headers(ANSWER_HEADER_FIELDS_MAX);
    let (sender, connection) =
        http.handshake(TokioIo::new(stream)).await.map_err(ConnectError::Http)?;
    tokio::spawn(async move {
        if let Err(error) = connection.with_upgrades().await {
            tracing::debug!(error = %error, "a connection to a back end ended early");
        }
    });
    Ok(Connection { sender, binding, is_reused: false, is_signed_on: false })
}

async fn open(dial: &Dial) -> Result<(Box<dyn Octets>, Option<Vec<u8>>), ConnectError> {
    let bare = dial.host.trim_start_matches('[').trim_end_matches(']');
    let stream = TcpStream::connect((bare, dial.port)).await.map_err(ConnectError::Tcp)?;
    let _nodelay = stream.set_nodelay(true);
    let Some(tls) = &dial.tls else { return Ok((Box::new(stream), None)) };
    let name = ServerName::try_from(bare.to_owned()).map_err(|_e| ConnectError::Name)?;
    let stream = TlsConnector::from(tls.clone()).connect(name, stream);
    let stream = stream.await.map_err(ConnectError::Tls)?;
    let certificate = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
    let binding = certificate.and_then(|certificate| end_point(certificate));
    Ok((Box::new(stream), binding))
}

/// The channel binding of a server's certificate (RFC 5929 section 4.1): its hash, by the hash
/// function of its signature, or SHA-256 instead of a weaker one.
fn end_point(certificate: &[u8]) -> Option<Vec<u8>> {
    let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
    let algorithm = hash_of(&parsed.signature_algorithm.algorithm.to_id_string())?;
    let mut binding = END_POINT.to_vec();
    binding.extend_from_slice(digest(algorithm, certificate).as_ref());
    Some(binding)
}

fn hash_of(signature: &str) -> Option<&'static Algorithm> {
    Some(match signature {
        // MD5, SHA-1 and SHA-256 with RSA; SHA-1 and SHA-256 with ECDSA.
        "1.2.840.113549.1.1.4"
        | "1.2.840.113549.1.1.5"
        | "1.2.840.113549.1.1.11"
        | "1.2.840.10045.4.1"
        | "1.2.840.10045.4.3.2" => &SHA256,
        "1.2.840.113549.1.1.12" | "1.2.840.10045.4.3.3" => &SHA384,
        "1.2.840.113549.1.1.13" | "1.2.840.10045.4.3.4" => &SHA512,
        // For others the RFC defines nothing; RSASSA-PSS says its function elsewhere.
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g5_080_a_ticket_is_bound_to_the_hash_of_the_certificate() {
        let key = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new(vec!["web01".to_owned()]).unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let der = certificate.der().as_ref();
        let binding = end_point(der).unwrap();
        assert_eq!(binding.strip_prefix(END_POINT), Some(digest(&SHA256, der).as_ref()));
        assert_eq!(end_point(b"no certificate"), None);
    }
}
