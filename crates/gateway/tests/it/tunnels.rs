//! WebSockets.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::backend::{Backend, Reply, ok};
use crate::stage::{PORTAL, Stage, kerberos, portal, with};

const SWITCH: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\
                        Upgrade: websocket\r\nSec-WebSocket-Accept: x\r\n\
                        Set-Cookie: __Host-proxeny-gw=mine; Secure; Path=/\r\n\r\n";

async fn open(stage: &Stage, cookies: &str, protocol: &str) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", stage.port)).await.unwrap();
    let request = format!(
        "GET /socket HTTP/1.1\r\nHost: {PORTAL}\r\n{cookies}Connection: keep-alive, Upgrade\r\n\
         Upgrade: {protocol}\r\nSec-WebSocket-Key: k\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let octet = timeout(Duration::from_secs(10), stream.read_u8()).await.unwrap().unwrap();
        head.push(octet);
    }
    (stream, String::from_utf8(head).unwrap())
}

#[tokio::test]
async fn g5_077_a_socket_carries_sign_on_streams_both_ways_and_ends_with_the_session() {
    let backend = Backend::start(|_| Reply::Echo(SWITCH.to_vec())).await;
    let stage = Stage::start(vec![with(portal(backend.port), kerberos())]).await;
    let browser = stage.signed_in().await;
    let (mut stream, head) = open(&stage, &browser.cookie_header(PORTAL), "websocket").await;
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    assert!(head.to_lowercase().contains("sec-websocket-accept: x"), "{head}");
    assert!(!head.contains("__Host-proxeny-gw"), "{head}");
    let raw = backend.last();
    assert!(raw.token().is_some());
    assert_eq!(raw.header("upgrade"), Some("websocket"));
    for text in ["one", "two"] {
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut back = [0; 3];
        timeout(Duration::from_secs(10), stream.read_exact(&mut back)).await.unwrap().unwrap();
        assert_eq!(back, text.as_bytes());
    }
    stage.gateway.revoke_person(&stage.ada);
    let mut rest = Vec::new();
    let ended = timeout(Duration::from_secs(10), stream.read_to_end(&mut rest)).await;
    assert!(ended.is_ok(), "the tunnel ends");
    assert!(rest.is_empty());
}

#[tokio::test]
async fn no_socket_without_a_session_and_no_other_protocol() {
    let backend = Backend::start(|_| ok("", "")).await;
    let stage = Stage::start(vec![portal(backend.port)]).await;
    let (_, head) = open(&stage, "", "websocket").await;
    assert!(head.starts_with("HTTP/1.1 401"), "{head}");
    assert_eq!(backend.requests().len(), 0);
    let browser = stage.signed_in().await;
    let (_, head) = open(&stage, &browser.cookie_header(PORTAL), "h2c").await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert_eq!(backend.last().header("upgrade"), None);
    assert_eq!(backend.last().header("connection"), None);
}
