//! A browser driven by hand: what it sends is what a test writes.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// No test waits longer for an answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers(name).into_iter().next()
    }

    pub(crate) fn headers(&self, name: &str) -> Vec<&str> {
        let fields = self.head.lines().skip(1).filter_map(|line| line.split_once(':'));
        fields.filter(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, v)| v.trim()).collect()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Sends octets and reads all that comes until the connection ends.
pub(crate) async fn raw(port: u16, octets: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let mut all = Vec::new();
    let talking = async {
        // The other side may have had enough before the end.
        let _sent = stream.write_all(octets).await;
        let _read = stream.read_to_end(&mut all).await;
    };
    timeout(PATIENCE, talking).await.expect("an answer in time");
    all
}

/// Sends a request octet by octet and reads its answer.
pub(crate) async fn send(port: u16, request: &[u8]) -> Answer {
    let all = raw(port, request).await;
    let at = all.windows(4).position(|w| w == b"\r\n\r\n");
    let at = at.unwrap_or_else(|| panic!("no answer: {:?}", String::from_utf8_lossy(&all)));
    let head = String::from_utf8_lossy(&all[..at + 2]).into_owned();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let mut answer = Answer { status, head, body: all[at + 4..].to_vec() };
    if answer.header("transfer-encoding").is_some() {
        answer.body = unchunked(&answer.body);
    }
    answer
}

fn unchunked(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(at) = rest.windows(2).position(|w| w == b"\r\n") {
        let size = usize::from_str_radix(std::str::from_utf8(&rest[..at]).unwrap(), 16).unwrap();
        body.extend_from_slice(&rest[at + 2..at + 2 + size]);
        rest = &rest[at + 2 + size + 2..];
    }
    body
}

/// Somebody's browser, with cookies by host.
#[derive(Debug, Clone, Default)]
pub(crate) struct Browser {
    pub(crate) port: u16,
    pub(crate) cookies: BTreeMap<String, BTreeMap<String, String>>,
}

impl Browser {
    pub(crate) fn cookie_header(&self, host: &str) -> String {
        let all = self.cookies.get(host).cloned().unwrap_or_default();
        let pairs: Vec<String> = all.iter().map(|(n, v)| format!("{n}={v}")).collect();
        if pairs.is_empty() { String::new() } else { format!("Cookie: {}\r\n", pairs.join("; ")) }
    }

    /// Opens a page.
    pub(crate) async fn get(&mut self, host: &str, path: &str) -> Answer {
        self.ask(host, &format!("GET {path}"), "Sec-Fetch-Mode: navigate\r\n", "").await
    }

    /// Sends a request; `what` is method and path, `headers` are whole lines.
    pub(crate) async fn ask(
        &mut self,
        host: &str,
        what: &str,
        headers: &str,
        body: &str,
    ) -> Answer {
        let cookies = self.cookie_header(host);
        let length = match body {
            "" => String::new(),
            _ => format!("Content-Length: {}\r\n", body.len()),
        };
        let request = format!(
            "{what} HTTP/1.1\r\nHost: {host}\r\n{cookies}{headers}{length}Connection: close\r\n\r\n\
             {body}"
        );
        let answer = send(self.port, request.as_bytes()).await;
        self.keep(host, &answer);
        answer
    }

    fn keep(&mut self, host: &str, answer: &Answer) {
        let jar = self.cookies.entry(host.to_owned()).or_default();
        for field in answer.headers("set-cookie") {
            let (name, value) = field.split(';').next().unwrap().split_once('=').unwrap();
            if value.is_empty() {
                jar.remove(name);
            } else {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    pub(crate) fn session(&self, host: &str) -> Option<String> {
        self.cookies.get(host)?.get("__Host-proxeny-gw").cloned()
    }
}
