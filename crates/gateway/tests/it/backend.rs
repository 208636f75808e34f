//! A back end over a real socket, octet by octet.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use sim::tls::Authority;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Raw {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
    /// The connection's number, from 1.
    pub(crate) connection: usize,
}

impl Raw {
    pub(crate) fn line(&self) -> &str {
        self.head.lines().next().unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (own, value) = line.split_once(':')?;
            own.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// The text of the Negotiate token.
    pub(crate) fn token(&self) -> Option<String> {
        use base64::Engine as _;
        let token = self.header("authorization")?.strip_prefix("Negotiate ")?;
        let octets = base64::prelude::BASE64_STANDARD.decode(token).unwrap();
        Some(String::from_utf8_lossy(&octets).into_owned())
    }
}

/// What a back end does with a request.
pub(crate) enum Reply {
    /// Sends this.
    Send(Vec<u8>),
    /// Sends this and ends the connection.
    End(Vec<u8>),
    /// Sends this and then everything that comes, back.
    Echo(Vec<u8>),
    /// Nothing, ever.
    Silence,
}

type Script = dyn Fn(&Raw) -> Reply + Send + Sync;

pub(crate) struct Backend {
    pub(crate) port: u16,
    requests: Arc<Mutex<Vec<Raw>>>,
    connections: Arc<AtomicUsize>,
}

pub(crate) fn ok(headers: &str, body: &str) -> Reply {
    answer("200 OK", headers, body.as_bytes())
}

pub(crate) fn answer(status: &str, headers: &str, body: &[u8]) -> Reply {
    let mut all = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n", body.len())
        .into_bytes();
    all.extend_from_slice(body);
    Reply::Send(all)
}

impl Backend {
    pub(crate) async fn start(script: impl Fn(&Raw) -> Reply + Send + Sync + 'static) -> Self {
        Self::start_with(None, script).await
    }

    pub(crate) async fn start_with(
        authority: Option<&Authority>,
        script: impl Fn(&Raw) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let names = ["localhost"];
        let tls = authority.map(|a| TlsAcceptor::from(a.server_config(&names).unwrap()));
        let backend = Self { port, requests: Arc::default(), connections: Arc::default() };
        let script: Arc<Script> = Arc::new(script);
        let (requests, connections) = (backend.requests.clone(), backend.connections.clone());
        tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else { return };
                let number = connections.fetch_add(1, Ordering::SeqCst) + 1;
                let (script, requests, tls) = (script.clone(), requests.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => talk(stream, number, &script, &requests).await,
                        Some(tls) => {
                            let Ok(stream) = tls.accept(stream).await else { return };
                            talk(stream, number, &script, &requests).await;
                        }
                    }
                });
            }
        });
        backend
    }

    pub(crate) fn requests(&self) -> Vec<Raw> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn last(&self) -> Raw {
        self.requests().pop().expect("a request")
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

async fn talk(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    connection: usize,
    script: &Arc<Script>,
    requests: &Mutex<Vec<Raw>>,
) {
    let mut held = Vec::new();
    while let Some(raw) = read(&mut stream, &mut held, connection).await {
        let reply = script(&raw);
        requests.lock().unwrap_or_else(PoisonError::into_inner).push(raw);
        match reply {
            Reply::Send(octets) => {
                if stream.write_all(&octets).await.is_err() {
                    return;
                }
            }
            Reply::End(octets) => {
                let _sent = stream.write_all(&octets).await;
                let _closed = stream.shutdown().await;
                return;
            }
            Reply::Echo(octets) => {
                let _sent = stream.write_all(&octets).await;
                let mut piece = vec![0; 1024];
                while let Ok(count @ 1..) = stream.read(&mut piece).await {
                    if stream.write_all(&piece[..count]).await.is_err() {
                        return;
                    }
                }
                return;
            }
            Reply::Silence => std::future::pending().await,
        }
    }
}

/// Reads a request with its body, chunked or of known length; `held` keeps what came after it.
async fn read(
    stream: &mut (impl AsyncRead + Unpin),
    held: &mut Vec<u8>,
    connection: usize,
) -> Option<Raw> {
    let end = loop {
        if let Some(at) = position(held, b"\r\n\r\n") {
            break at + 4;
        }
        more(stream, held).await?;
    };
    let head = String::from_utf8_lossy(&held[..end]).into_owned();
    held.drain(..end);
    let mut raw = Raw { head, body: Vec::new(), connection };
    if raw.header("transfer-encoding").is_some() {
        loop {
            let at = loop {
                match position(held, b"\r\n") {
                    Some(at) => break at,
                    None => more(stream, held).await?,
                }
            };
            let size = usize::from_str_radix(std::str::from_utf8(&held[..at]).ok()?, 16).ok()?;
            while held.len() < at + 2 + size + 2 {
                more(stream, held).await?;
            }
            raw.body.extend_from_slice(&held[at + 2..at + 2 + size]);
            held.drain(..at + 2 + size + 2);
            if size == 0 {
                return Some(raw);
            }
        }
    }
    let length: usize = raw.header("content-length").map_or(0, |l| l.parse().unwrap());
    while held.len() < length {
        more(stream, held).await?;
    }
    raw.body = held.drain(..length).collect();
    Some(raw)
}

async fn more(stream: &mut (impl AsyncRead + Unpin), held: &mut Vec<u8>) -> Option<()> {
    let mut piece = vec![0; 16 * 1024];
    let count = stream.read(&mut piece).await.ok().filter(|count| *count > 0)?;
    held.extend_from_slice(&piece[..count]);
    Some(())
}

fn position(octets: &[u8], sought: &[u8]) -> Option<usize> {
    octets.windows(sought.len()).position(|window| window == sought)
}
