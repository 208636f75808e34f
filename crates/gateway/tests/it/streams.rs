//! Bodies pass through without being held.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use crate::stage::{PORTAL, Stage, portal};

const PIECE: usize = 64 * 1024;
const PIECES: usize = 6 * 1024;

/// The most memory that this process ever had, in KiB.
fn memory_peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Reads up to the end of a header.
async fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

async fn give(stream: &mut TcpStream, pieces: usize) {
    let piece = vec![b'x'; PIECE];
    for _ in 0..pieces {
        stream.write_all(&piece).await.unwrap();
    }
}

async fn take(stream: &mut TcpStream, pieces: usize) {
    let mut piece = vec![0; PIECE];
    for _ in 0..pieces {
        stream.read_exact(&mut piece).await.unwrap();
    }
}

/// A back end that takes as much as it gives.
async fn backend(listener: TcpListener) {
    let (mut stream, _) = listener.accept().await.unwrap();
    head(&mut stream).await;
    take(&mut stream, PIECES).await;
    let length = PIECE * PIECES;
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
    stream.write_all(answer.as_bytes()).await.unwrap();
    give(&mut stream, PIECES).await;
}

#[test]
fn g5_079_large_bodies_take_no_memory() {
    // In a process of its own, because memory is counted for all of it.
    testad::isolated("streams::g5_079_large_bodies_take_no_memory", |_| {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let port = listener.local_addr().unwrap().port();
            tokio::spawn(backend(listener));
            let stage = Stage::start(vec![portal(port)]).await;
            let cookies = stage.signed_in().await.cookie_header(PORTAL);
            let before = memory_peak_kib();
            let mut stream = TcpStream::connect(("127.0.0.1", stage.port)).await.unwrap();
            let length = PIECE * PIECES;
            let request = format!(
                "PUT /large HTTP/1.1\r\nHost: {PORTAL}\r\n{cookies}Content-Length: {length}\r\n\r\n"
            );
            stream.write_all(request.as_bytes()).await.unwrap();
            give(&mut stream, PIECES).await;
            let head = timeout(Duration::from_secs(20), head(&mut stream)).await.unwrap();
            assert!(head.starts_with("HTTP/1.1 200"), "{head}");
            take(&mut stream, PIECES).await;
            let grown = memory_peak_kib() - before;
            assert!(grown < 32 * 1024, "{grown} KiB for {length} octets each way");
        });
    });
}

#[tokio::test]
async fn the_beginning_of_an_answer_does_not_wait_for_its_end() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (go_on, gone_on) = tokio::sync::oneshot::channel::<()>();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        head(&mut stream).await;
        let start = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\
                     Content-Type: text/html\r\n\r\n9\r\n<p>one</p\r\n";
        stream.write_all(start.as_bytes()).await.unwrap();
        gone_on.await.unwrap();
        stream.write_all(b"b\r\n><p>two</p>\r\n0\r\n\r\n").await.unwrap();
    });
    let mut app = portal(port);
    app.translate.bodies = true;
    let stage = Stage::start(vec![app]).await;
    let cookies = stage.signed_in().await.cookie_header(PORTAL);
    let mut stream = TcpStream::connect(("127.0.0.1", stage.port)).await.unwrap();
    let request = format!("GET / HTTP/1.1\r\nHost: {PORTAL}\r\n{cookies}Connection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut seen = String::new();
    while !seen.contains("one") {
        let mut piece = [0; 1024];
        let reading = timeout(Duration::from_secs(10), stream.read(&mut piece));
        let count = reading.await.expect("the beginning").unwrap();
        assert!(count > 0, "{seen}");
        seen.push_str(std::str::from_utf8(&piece[..count]).unwrap());
    }
    go_on.send(()).unwrap();
    stream.read_to_string(&mut seen).await.unwrap();
    assert!(seen.contains("<p>two</p>"), "{seen}");
}
