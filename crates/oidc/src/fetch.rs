//! Requests to the provider, behind a trait so that everything else can be tried without sockets.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use net::{Client, HttpError, RequestBuilder, certificate_problem};
use url::Url;

use crate::limits::{DOCUMENT_SIZE_MAX, REQUEST_TIMEOUT};

/// Why there is no answer. Says nothing of what was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The request took longer than allowed.
    #[error("no answer within {} seconds", REQUEST_TIMEOUT.as_secs())]
    Timeout,
    /// The server's certificate is not accepted.
    #[error("{0}")]
    Certificate(String),
    /// No connection comes about.
    #[error("no connection comes about")]
    Connect,
    /// The connection broke.
    #[error("the connection broke before the answer was whole")]
    Broken,
    /// The answer is larger than allowed.
    #[error("the answer is larger than {DOCUMENT_SIZE_MAX} octets")]
    TooLarge,
    /// The server answered with a status that says that it cannot, or not now.
    #[error("the server answered with status {0}")]
    Status(u16),
    /// The server says so in words.
    #[error("the server says that it cannot now")]
    Unavailable,
}

/// An answer.
#[derive(Clone)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The body, at most [`DOCUMENT_SIZE_MAX`] octets.
    pub body: Vec<u8>,
}

impl fmt::Debug for Reply {
    /// Without the body, which may hold tokens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").field("status", &self.status).finish_non_exhaustive()
    }
}

/// Asks the provider. Redirects are not followed; each request ends within [`REQUEST_TIMEOUT`].
#[async_trait]
pub trait Fetch: Send + Sync {
    /// Sends a GET that asks for JSON.
    ///
    /// # Errors
    /// [`FetchError`] when there is no whole answer; a status is none.
    async fn get(&self, url: &Url) -> Result<Reply, FetchError>;

    /// Sends a form; `basic` is user name and password of HTTP Basic.
    ///
    /// # Errors
    /// [`FetchError`] when there is no whole answer; a status is none.
    async fn post_form(
        &self,
        url: &Url,
        form: &[(&str, &str)],
        basic: Option<(&str, &str)>,
    ) -> Result<Reply, FetchError>;
}

#[async_trait]
impl Fetch for Client {
    async fn get(&self, url: &Url) -> Result<Reply, FetchError> {
        send(self.get(url.clone()), REQUEST_TIMEOUT).await
    }

    async fn post_form(
        &self,
        url: &Url,
        form: &[(&str, &str)],
        basic: Option<(&str, &str)>,
    ) -> Result<Reply, FetchError> {
        let request = self.post(url.clone()).form(form);
        let request = match basic {
            Some((name, password)) => request.basic_auth(name, Some(password)),
            None => request,
        };
        send(request, REQUEST_TIMEOUT).await
    }
}

async fn send(request: RequestBuilder, limit: Duration) -> Result<Reply, FetchError> {
    let request = request.header("accept", "application/json").timeout(limit);
    let mut response = request.send().await.map_err(|error| reason(&error))?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| reason(&error))? {
        if body.len() + chunk.len() > DOCUMENT_SIZE_MAX {
            return Err(FetchError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Reply { status: response.status().as_u16(), body })
}

fn reason(error: &HttpError) -> FetchError {
    if error.is_timeout() {
        return FetchError::Timeout;
    }
    if let Some(problem) = certificate_problem(error) {
        return FetchError::Certificate(problem);
    }
    if error.is_connect() { FetchError::Connect } else { FetchError::Broken }
}

#[cfg(test)]
mod tests {
    use super::*;
    use net::{TlsTrust, http_client};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    /// Answers every request on a free port of loopback with these octets; never, if there are
    /// none.
    async fn serve(answer: Vec<u8>) -> Url {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let mut open = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = [0; 4096];
                let read = stream.read(&mut request).await;
                if answer.is_empty() {
                    open.push(stream);
                } else if read.is_ok() {
                    // A client that has enough closes first.
                    let _sent = stream.write_all(&answer).await;
                }
            }
        });
        Url::parse(&format!("http://127.0.0.1:{port}/keys")).unwrap()
    }

    fn client() -> Client {
        http_client(&TlsTrust::System).unwrap()
    }

    async fn get(answer: &str) -> Result<(u16, usize), FetchError> {
        let url = serve(answer.as_bytes().to_vec()).await;
        let reply = Fetch::get(&client(), &url).await?;
        Ok((reply.status, reply.body.len()))
    }

    #[tokio::test]
    async fn an_answer_has_a_status_and_a_body_and_shows_neither_body_nor_address() {
        let redirect =
            "HTTP/1.1 302 F\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 2\r\n\r\n{}";
        assert_eq!(get(redirect).await, Ok((302, 2)), "a redirect is not followed");
        let reply = Reply { status: 200, body: b"secret".to_vec() };
        assert_eq!(format!("{reply:?}"), "Reply { status: 200, .. }");
    }

    #[tokio::test]
    async fn an_answer_without_end_is_not_read_to_the_end() {
        let fits = " ".repeat(DOCUMENT_SIZE_MAX);
        let head = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n";
        assert_eq!(get(&format!("{head}{fits}")).await, Ok((200, DOCUMENT_SIZE_MAX)));
        assert_eq!(get(&format!("{head}{fits} ")).await, Err(FetchError::TooLarge));
    }

    #[tokio::test]
    async fn why_there_is_no_answer_is_known() {
        let cut = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\nconnection: close\r\n\r\n{";
        assert_eq!(get(cut).await, Err(FetchError::Broken));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let url = Url::parse(&format!("http://127.0.0.1:{port}/")).unwrap();
        let refused = client().post_form(&url, &[("a", "b")], Some(("c", "d"))).await;
        assert_eq!(refused.unwrap_err(), FetchError::Connect);
        let silent = serve(Vec::new()).await;
        let late = send(client().get(silent), Duration::from_millis(50)).await;
        assert_eq!(late.unwrap_err(), FetchError::Timeout);
    }
}
