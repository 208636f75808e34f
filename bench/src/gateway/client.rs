//! A client of as little work as possible: the request is octets that are sent again and again, of
//! the answer only status and length are looked at.

use std::sync::Arc;

use net::ClientConfig;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use crate::Failure;

/// Read from the network at a time.
const PIECE_OCTETS: usize = 128 * 1024;
/// The longest header of an answer.
const HEAD_OCTETS_MAX: usize = 64 * 1024;

/// Where to connect to.
#[derive(Clone)]
pub(super) struct Address {
    pub(super) port: u16,
    /// The host's name, in TLS and in requests.
    pub(super) host: String,
    /// Plain without.
    pub(super) tls: Option<Arc<ClientConfig>>,
}

trait Octets: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Octets for T {}

/// A connection that is kept alive.
pub(super) struct Client {
    stream: Box<dyn Octets>,
    head: Vec<u8>,
    rest: Vec<u8>,
}

impl Client {
    pub(super) async fn connect(address: &Address) -> Result<Self, Failure> {
        let stream = TcpStream::connect(("127.0.0.1", address.port)).await?;
        stream.set_nodelay(true)?;
        let stream: Box<dyn Octets> = match &address.tls {
            None => Box::new(stream),
            Some(tls) => {
                let name = ServerName::try_from(address.host.clone())?;
                Box::new(TlsConnector::from(tls.clone()).connect(name, stream).await?)
            }
        };
        let (head, rest) = (Vec::with_capacity(PIECE_OCTETS), Vec::with_capacity(PIECE_OCTETS));
        Ok(Self { stream, head, rest })
    }

    /// Sends a request and reads its answer, which must be a good one; says how long its body is.
    pub(super) async fn get(&mut self, request: &[u8]) -> Result<usize, Failure> {
        let length = self.exchange(request).await?;
        if !self.head.starts_with(b"HTTP/1.1 200 ") {
            return Err(format!("no good answer: {}", String::from_utf8_lossy(&self.head)).into());
        }
        Ok(length)
    }

    /// Sends a request and reads any answer; gives its header.
    pub(super) async fn ask(&mut self, request: &[u8]) -> Result<String, Failure> {
        self.exchange(request).await?;
        Ok(String::from_utf8_lossy(&self.head).into_owned())
    }

    async fn exchange(&mut self, request: &[u8]) -> Result<usize, Failure> {
        self.stream.write_all(request).await?;
        self.stream.flush().await?;
        self.head.clear();
        let end = loop {
            if let Some(at) = self.head.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            if self.head.len() > HEAD_OCTETS_MAX || self.stream.read_buf(&mut self.head).await? == 0
            {
                return Err("the connection ended instead of an answer".into());
            }
        };
        let mut had = self.head.len().saturating_sub(end);
        self.head.truncate(end);
        let length = length(&self.head)?;
        while had < length {
            self.rest.clear();
            let count = self.stream.read_buf(&mut self.rest).await?;
            if count == 0 {
                return Err("the connection ended in the middle of an answer".into());
            }
            had += count;
        }
        if had == length { Ok(length) } else { Err("an answer is too long".into()) }
    }
}

fn length(head: &[u8]) -> Result<usize, Failure> {
    let text = std::str::from_utf8(head)?;
    let fields = text.lines().filter_map(|line| line.split_once(':'));
    let length = fields.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let (_, length) = length.ok_or_else(|| format!("an answer of unknown length: {text}"))?;
    Ok(length.trim().parse()?)
}
