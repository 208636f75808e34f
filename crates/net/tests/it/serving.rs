//! The server against clients of every kind, on loopback.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use net::{Peer, ServeOptions, TlsTrust, http_client, serve, server_tls};
use rcgen::{CertificateParams, KeyPair};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

struct Server {
    address: SocketAddr,
    end: oneshot::Sender<()>,
    task: JoinHandle<()>,
    /// Hears of every request; the request waits until the test has taken the message.
    requests: mpsc::Receiver<Peer>,
}

async fn start(options: ServeOptions) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (heard, requests) = mpsc::channel(1);
    let service = service_fn(move |request: Request<Incoming>| {
        let heard = heard.clone();
        async move {
            let peer = *request.extensions().get::<Peer>().unwrap();
            heard.send(peer).await.unwrap();
            heard.reserve().await.unwrap();
            Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(b"done"))))
        }
    });
    let (end, ended) = oneshot::channel::<()>();
    let shutdown = async move { drop(ended.await) };
    let task = tokio::spawn(serve(listener, service, options, shutdown));
    Server { address, end, task, requests }
}

/// Sends `text` and reads until the server closes.
async fn exchange(address: SocketAddr, text: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text).await.unwrap();
    let mut answer = Vec::new();
    // A reset after the answer is as good as an end.
    let _closed = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

#[tokio::test]
async fn a_client_that_never_finishes_its_header_is_cut_off() {
    let header_timeout = Duration::from_millis(200);
    let mut server = start(ServeOptions { header_timeout, ..ServeOptions::default() }).await;
    let slow = exchange(server.address, b"GET / HTTP/1.1\r\nhost: x\r\nx-slow: ").await;
    assert!(!slow.contains("200 OK"), "{slow}");
    assert!(server.requests.try_recv().is_err(), "it never became a request");
}

#[tokio::test]
async fn too_large_and_too_many_header_fields_are_answered_with_431() {
    let server = start(ServeOptions { header_octets_max: 8192, ..ServeOptions::default() }).await;
    let large = format!("GET / HTTP/1.1\r\nhost: x\r\nx-big: {}\r\n\r\n", "a".repeat(20_000));
    let many = format!("GET / HTTP/1.1\r\nhost: x\r\n{}\r\n", "x-one: 1\r\n".repeat(200));
    for text in [large, many] {
        let answer = exchange(server.address, text.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
    }
}

#[tokio::test]
async fn a_request_under_way_is_answered_before_the_server_ends() {
    let mut server = start(ServeOptions::default()).await;
    let client = tokio::spawn(exchange(server.address, REQUEST));
    assert!(!server.requests.recv().await.unwrap().is_tls);
    server.end.send(()).unwrap();
    // The request goes on once the channel has room, which it has now.
    assert!(client.await.unwrap().ends_with("done"));
    server.task.await.unwrap();
    assert!(TcpStream::connect(server.address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn beyond_the_limit_of_connections_clients_wait_their_turn() {
    let mut server = start(ServeOptions { connections_max: 1, ..ServeOptions::default() }).await;
    let holder = TcpStream::connect(server.address).await.unwrap();
    let second = tokio::spawn(exchange(server.address, REQUEST));
    let heard = tokio::time::timeout(Duration::from_millis(300), server.requests.recv()).await;
    assert!(heard.is_err(), "there is one place and it is taken");
    drop(holder);
    server.requests.recv().await.unwrap();
    assert!(second.await.unwrap().ends_with("done"));
}

#[tokio::test]
async fn with_a_certificate_it_speaks_tls() {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap().pem();
    let other = KeyPair::generate().unwrap().serialize_pem();
    assert!(server_tls(certificate.as_bytes(), other.as_bytes()).is_err(), "not its key");
    assert!(server_tls(b"", key.serialize_pem().as_bytes()).is_err(), "no certificate");
    let tls = server_tls(certificate.as_bytes(), key.serialize_pem().as_bytes()).unwrap();
    let mut server = start(ServeOptions { tls: Some(tls), ..ServeOptions::default() }).await;
    let client = http_client(&TlsTrust::Bundle(certificate.into_bytes())).unwrap();
    let url = format!("https://localhost:{}/", server.address.port());
    let asked = tokio::spawn(async move { client.get(url).send().await });
    assert!(server.requests.recv().await.unwrap().is_tls);
    assert_eq!(asked.await.unwrap().unwrap().status(), 200);
}
