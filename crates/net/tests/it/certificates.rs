//! The client against servers with certificates of every kind, on loopback.

use std::sync::Arc;

use net::{TlsTrust, certificate_problem, http_client};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// Serves one answer per connection on a free port and returns the port.
async fn serve(
    issuer: &CertifiedIssuer<'static, KeyPair>,
    params: CertificateParams,
    answer: &'static str,
) -> u16 {
    let key = KeyPair::generate().unwrap();
    let certificate = params.signed_by(&key, issuer).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut request = [0; 4096];
            if stream.read(&mut request).await.is_ok() {
                stream.write_all(answer.as_bytes()).await.unwrap();
                stream.shutdown().await.unwrap();
            }
        }
    });
    port
}

fn named(name: &str) -> CertificateParams {
    CertificateParams::new(vec![name.to_owned()]).unwrap()
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi";

async fn problem(trust: &TlsTrust, port: u16) -> Option<String> {
    let client = http_client(trust).unwrap();
    let answer = client.get(format!("https://localhost:{port}/")).send().await;
    certificate_problem(&answer.unwrap_err())
}

#[tokio::test]
async fn a_server_of_a_trusted_authority_is_reached() {
    let issuer = authority("Test CA");
    let port = serve(&issuer, named("localhost"), OK).await;
    let client = http_client(&TlsTrust::Bundle(issuer.pem().into())).unwrap();
    let answer = client.get(format!("https://localhost:{port}/")).send().await.unwrap();
    assert_eq!(answer.text().await.unwrap(), "hi");
}

#[tokio::test]
async fn what_is_wrong_with_a_certificate_is_said_in_words() {
    let issuer = authority("Test CA");
    let own = TlsTrust::Bundle(issuer.pem().into());
    let other = TlsTrust::Bundle(authority("Other CA").pem().into());
    let renewed = TlsTrust::Bundle(authority("Test CA").pem().into());

    let port = serve(&issuer, named("localhost"), OK).await;
    let unknown = problem(&other, port).await.unwrap();
    assert!(unknown.contains("not trusted"), "{unknown}");
    let renewed = problem(&renewed, port).await.unwrap();
    assert!(renewed.contains("set up anew"), "{renewed}");

    let port = serve(&issuer, named("elsewhere.example"), OK).await;
    let name = problem(&own, port).await.unwrap();
    assert!(name.contains("not valid for") && name.contains("elsewhere.example"), "{name}");

    let mut old = named("localhost");
    old.not_before = date_time_ymd(2020, 1, 1);
    old.not_after = date_time_ymd(2021, 1, 1);
    let port = serve(&issuer, old, OK).await;
    let expired = problem(&own, port).await.unwrap();
    assert!(expired.contains("expired"), "{expired}");
}

#[tokio::test]
async fn a_closed_port_is_no_certificate_problem() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    assert_eq!(problem(&TlsTrust::Bundle(authority("Test CA").pem().into()), port).await, None);
}

#[tokio::test]
async fn a_redirect_is_handed_back_not_followed() {
    let moved = "HTTP/1.1 302 Found\r\nlocation: https://localhost:1/\r\ncontent-length: 0\r\n\
                 connection: close\r\n\r\n";
    let issuer = authority("Test CA");
    let port = serve(&issuer, named("localhost"), moved).await;
    let client = http_client(&TlsTrust::Bundle(issuer.pem().into())).unwrap();
    let answer = client.get(format!("https://localhost:{port}/")).send().await.unwrap();
    assert_eq!(answer.status(), 302);
}
