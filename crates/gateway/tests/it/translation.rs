//! Addresses in answers, over the wire.

use async_compression::tokio::bufread::{BrotliEncoder, GzipEncoder, ZlibEncoder};
use tokio::io::AsyncReadExt as _;

use crate::backend::{Backend, Reply, answer};
use crate::stage::{PORTAL, Stage, WIKI, application};

const PAGE: &str = "<a href=\"/inner/x\">\u{e4}</a><link href=\"http://127.0.0.1:9/w/y\">\
                    <script>go(\"/inner/z\")</script>";
const TRANSLATED: &str = "<a href=\"/x\">\u{e4}</a><link href=\"https://wiki.contoso.com/y\">\
                          <script>go(\"/inner/z\")</script>";

async fn compressed(coding: &str) -> Vec<u8> {
    let mut all = Vec::new();
    let page = PAGE.as_bytes();
    match coding {
        "gzip" => GzipEncoder::new(page).read_to_end(&mut all).await,
        "br" => BrotliEncoder::new(page).read_to_end(&mut all).await,
        "deflate" => ZlibEncoder::new(page).read_to_end(&mut all).await,
        _ => return page.to_vec(),
    }
    .unwrap();
    all
}

async fn stage(backend: &Backend) -> Stage {
    let url = format!("http://127.0.0.1:{}/inner/", backend.port);
    let mut portal = application("portal", &format!("https://{PORTAL}/"), &url);
    portal.translate.bodies = true;
    let wiki = application("wiki", &format!("https://{WIKI}/"), "http://127.0.0.1:9/w/");
    Stage::start(vec![portal, wiki]).await
}

#[tokio::test]
async fn g5_075_pages_are_translated_in_every_coding() {
    let mut pages = std::collections::BTreeMap::new();
    for coding in ["identity", "gzip", "br", "deflate"] {
        pages.insert(coding, compressed(coding).await);
    }
    let backend = Backend::start(move |raw| {
        let coding = raw.line().rsplit(['/', ' ']).nth(2).unwrap().to_owned();
        let headers = format!(
            "Content-Type: text/html; charset=utf-8\r\nContent-Encoding: {coding}\r\nETag: \"1\"\r\n"
        );
        answer("200 OK", &headers, &pages[coding.as_str()])
    })
    .await;
    let stage = stage(&backend).await;
    let mut browser = stage.signed_in().await;
    for coding in ["identity", "gzip", "br", "deflate"] {
        let asking = "Accept-Encoding: gzip, zstd, br;q=0.5\r\n";
        let answer = browser.ask(PORTAL, &format!("GET /{coding}"), asking, "").await;
        assert_eq!(answer.text(), TRANSLATED, "{coding}");
        assert_eq!(answer.header("content-encoding"), None);
        assert_eq!(answer.header("etag"), Some("W/\"1\""));
        assert_eq!(backend.last().header("accept-encoding"), Some("gzip, br;q=0.5"));
    }
}

#[tokio::test]
async fn g5_075_chunks_style_sheets_and_headers_are_translated_and_the_rest_is_not() {
    let backend = Backend::start(|raw| match raw.line().split(' ').nth(1).unwrap() {
        "/inner/chunks" => Reply::Send(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n\
              c\r\n<a href='/in\r\n9\r\nner/x'>y\n\r\n0\r\n\r\n"
                .to_vec(),
        ),
        "/inner/css" => answer("200 OK", "Content-Type: text/css\r\n", b"a{b:url(/inner/i)}"),
        "/inner/json" => {
            answer("200 OK", "Content-Type: application/json\r\n", b"{\"u\":\"/inner/i\"}")
        }
        _ => answer(
            "302 Found",
            "Location: http://127.0.0.1:9/w/next\r\nSet-Cookie: a=b; Domain=127.0.0.1; \
             Path=/inner/\r\n",
            b"",
        ),
    })
    .await;
    let stage = stage(&backend).await;
    let mut browser = stage.signed_in().await;
    assert_eq!(browser.get(PORTAL, "/chunks").await.text(), "<a href=\"/x\">y\n");
    assert_eq!(browser.get(PORTAL, "/css").await.text(), "a{b:url(/i)}");
    assert_eq!(browser.get(PORTAL, "/json").await.text(), "{\"u\":\"/inner/i\"}");
    let moved = browser.get(PORTAL, "/").await;
    assert_eq!(moved.header("location"), Some("https://wiki.contoso.com/next"));
    assert_eq!(moved.header("set-cookie"), Some("a=b; Path=/; Secure"));
}
