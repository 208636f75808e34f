//! What must not work.

use std::sync::PoisonError;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::backend::{Backend, ok};
use crate::browser::{raw, send};
use crate::stage::{PORTAL, Stage, WIKI, application, portal};

async fn status(stage: &Stage, request: &str) -> u16 {
    send(stage.port, request.as_bytes()).await.status
}

#[tokio::test]
async fn g5_082_a_request_that_reads_in_two_ways_is_refused() {
    let backend = Backend::start(|_| ok("", "")).await;
    let stage = Stage::start(vec![portal(backend.port)]).await;
    let browser = stage.signed_in().await;
    let start = format!("Host: {PORTAL}\r\n{}Connection: close\r\n", browser.cookie_header(PORTAL));
    for (line, headers, body) in [
        ("POST /", "Content-Length: 3\r\nContent-Length: 5\r\n", "abcde"),
        ("POST /", "Content-Length: 3, 3\r\n", "abc"),
        ("POST /", "Transfer-Encoding: chunked, gzip\r\n", "0\r\n\r\n"),
        ("POST /", "Transfer-Encoding : chunked\r\n", "0\r\n\r\n"),
        ("GET /", "X-Folded: a\r\n b\r\n", ""),
        ("GET /", "Bad Name: x\r\n", ""),
        ("GET /", "X-Nul: a\0b\r\n", ""),
        ("GET /", "Host: evil.example\r\n", ""),
        ("GET /a/../b", "", ""),
        ("GET /%2e%2e/b", "", ""),
        ("GET /a%2fb", "", ""),
        ("GET /a\\b", "", ""),
        ("GET /%252e%252e/", "", ""),
        ("GET http://evil.example/", "", ""),
        ("CONNECT portal.contoso.com:443", "", ""),
        ("TRACE /", "", ""),
    ] {
        let request = format!("{line} HTTP/1.1\r\n{start}{headers}\r\n{body}");
        assert_eq!(status(&stage, &request).await, 400, "{line} {headers:?}");
    }
    let no_host = format!("GET / HTTP/1.1\r\n{}\r\n", browser.cookie_header(PORTAL));
    assert_eq!(
        status(&stage, &no_host.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")).await,
        400
    );
    assert_eq!(backend.requests().len(), 0);
    // The same length twice is one length (RFC 9110 section 8.6), and one is sent on.
    let twice = "Content-Length: 3\r\nContent-Length: 3\r\n";
    let request = format!("POST / HTTP/1.1\r\n{start}{twice}\r\nabc");
    assert_eq!(status(&stage, &request).await, 200);
    assert_eq!(backend.last().head.to_lowercase().matches("content-length").count(), 1);
}

#[tokio::test]
async fn g5_082_no_second_request_hides_in_a_body() {
    let backend = Backend::start(|_| ok("", "")).await;
    let stage = Stage::start(vec![portal(backend.port)]).await;
    let browser = stage.signed_in().await;
    let cookies = browser.cookie_header(PORTAL);
    // Where chunks and a length contradict each other the chunks count (RFC 9112 section 6.3):
    // what is sent on is framed in that one way, and what follows is a request of its own.
    let both = ["Transfer-Encoding: chunked\r\n", "Content-Length: 4\r\n"];
    for [first, second] in [both, [both[1], both[0]]] {
        let request = format!(
            "POST /x HTTP/1.1\r\nHost: {PORTAL}\r\n{cookies}{first}{second}\r\n\
             0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: {PORTAL}\r\nConnection: close\r\n\r\n"
        );
        raw(stage.port, request.as_bytes()).await;
    }
    for seen in backend.requests() {
        assert_eq!(seen.line(), "POST /x HTTP/1.1");
        assert_eq!(seen.header("content-length"), None);
        assert!(seen.body.is_empty());
    }
    assert_eq!(backend.requests().len(), 2);
}

#[tokio::test]
async fn a_header_that_is_too_large_is_refused() {
    let stage = Stage::start(vec![portal(9)]).await;
    let large = "a".repeat(200_000);
    let request = format!("GET / HTTP/1.1\r\nHost: {PORTAL}\r\nX-Large: {large}\r\n\r\n");
    assert_eq!(status(&stage, &request).await, 431);
    let many = "X-Many: a\r\n".repeat(200);
    let request = format!("GET / HTTP/1.1\r\nHost: {PORTAL}\r\n{many}\r\n");
    assert_eq!(status(&stage, &request).await, 431);
}

#[tokio::test]
async fn a_slow_header_is_not_waited_for() {
    let stage = Stage::start(vec![portal(9)]).await;
    let mut stream = TcpStream::connect(("127.0.0.1", stage.port)).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: ").await.unwrap();
    let mut all = Vec::new();
    let reading = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut all));
    let _ended = reading.await.expect("the connection ends at the limit");
    assert!(!String::from_utf8_lossy(&all).contains("200"));
}

#[tokio::test]
async fn g5_082_nobody_is_sent_to_another_host_after_signing_in() {
    let stage = Stage::start(vec![portal(9)]).await;
    let mut browser = stage.browser();
    let answer = stage.sign_in(&mut browser, PORTAL, "//evil.example/x", &stage.ada).await;
    assert_eq!(answer.header("location"), Some("https://portal.contoso.com//evil.example/x"));
    for to in ["https://evil.example/", "evil.example", "/\\evil.example", "javascript:1"] {
        let to: String = url::form_urlencoded::byte_serialize(to.as_bytes()).collect();
        let answer = browser.get(PORTAL, &format!("/.proxeny/sign-in?return_to={to}")).await;
        assert_eq!(answer.status, 400, "{to}");
    }
    let path = "/.proxeny/sign-in?return_to=//evil.example";
    let answer = stage.sign_in(&mut browser, PORTAL, path, &stage.ada).await;
    assert_eq!(answer.header("location"), Some("https://portal.contoso.com//evil.example"));
}

#[tokio::test]
async fn a_sign_in_of_another_browser_is_not_taken_over() {
    let stage = Stage::start(vec![portal(9)]).await;
    let mut attacker = stage.browser();
    let callback = stage.go(&mut attacker, PORTAL, "/", &stage.ada).await;
    let path = callback.strip_prefix("https://portal.contoso.com").unwrap();
    let mut victim = stage.browser();
    assert_eq!(victim.get(PORTAL, path).await.status, 400);
    assert!(victim.session(PORTAL).is_none());
    // Nor where the victim has a sign-in of its own under way.
    victim.get(PORTAL, "/").await;
    assert_eq!(victim.get(PORTAL, path).await.status, 400);
    assert!(victim.session(PORTAL).is_none());
}

#[tokio::test]
async fn an_answer_of_the_tenant_counts_once_in_time_and_at_its_host() {
    let wiki = application("wiki", &format!("https://{WIKI}/"), "http://127.0.0.1:9/");
    let stage = Stage::start(vec![portal(9), wiki]).await;
    let mut browser = stage.browser();
    let callback = stage.go(&mut browser, PORTAL, "/", &stage.ada).await;
    let path = callback.strip_prefix("https://portal.contoso.com").unwrap();
    let cookies = browser.cookies[PORTAL].clone();
    browser.cookies.insert(WIKI.to_owned(), cookies);
    assert_eq!(browser.get(WIKI, path).await.status, 400, "another host");
    assert!(browser.session(WIKI).is_none());
    let callback = stage.go(&mut browser, PORTAL, "/", &stage.ada).await;
    let path = callback.strip_prefix("https://portal.contoso.com").unwrap();
    assert_eq!(browser.get(PORTAL, &format!("{path}x")).await.status, 400, "forged");
    let callback = stage.go(&mut browser, PORTAL, "/", &stage.ada).await;
    let path = callback.strip_prefix("https://portal.contoso.com").unwrap();
    assert_eq!(browser.get(PORTAL, path).await.status, 303);
    assert_eq!(browser.get(PORTAL, path).await.status, 400, "replayed");
    browser.cookies.get_mut(PORTAL).unwrap().remove("__Host-proxeny-gw");
    let callback = stage.go(&mut browser, PORTAL, "/", &stage.ada).await;
    stage.clock.advance(601);
    let path = callback.strip_prefix("https://portal.contoso.com").unwrap();
    assert_eq!(browser.get(PORTAL, path).await.status, 400, "too late");
    assert!(browser.session(PORTAL).is_none());
}

#[tokio::test]
async fn a_token_that_is_not_the_answer_signs_nobody_in() {
    let stage = Stage::start(vec![portal(9)]).await;
    // Header {"alg":"none"}, claims {"sub":"x"}.
    let unsigned = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.";
    for token in [unsigned, "a.b.c", "eyJhbGciOiJSUzI1NiJ9.e30.AAAA"] {
        *stage.wire.swapped.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.to_owned());
        let mut browser = stage.browser();
        let answer = stage.sign_in(&mut browser, PORTAL, "/", &stage.ada).await;
        assert_eq!(answer.status, 400, "{token:?}");
        assert!(browser.session(PORTAL).is_none());
    }
}

#[tokio::test]
async fn a_back_end_cannot_set_the_gateways_cookies() {
    let backend = Backend::start(|_| {
        ok("Set-Cookie: __Host-proxeny-gw=mine; Path=/; Secure\r\nSet-Cookie: a=b\r\n", "")
    })
    .await;
    let mut app = portal(backend.port);
    for headers in [true, false] {
        app.translate.headers = headers;
        let stage = Stage::start(vec![app.clone()]).await;
        let answer = stage.signed_in().await.get(PORTAL, "/").await;
        assert_eq!(answer.headers("set-cookie").len(), 1);
        assert!(answer.header("set-cookie").unwrap().starts_with("a=b"));
    }
}
