//! Requests to the provider, behind a trait so that everything else can be tried without sockets.

use std::fmt;

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
        send(self.get(url.clone())).await
    }

    async fn post_form(
        &self,
        url: &Url,
        form: &[(&str, &str)],
        basic: Option<(&str, &str)>,
    ) -> Result<Reply, FetchError> {
        let request = self.post(url.clone()).form(form);
        send(match basic {
            Some((name, password)) => request.basic_auth(name, Some(password)),
            None => request,
        })
        .await
    }
}

async fn send(request: RequestBuilder) -> Result<Reply, FetchError> {
    let request = request.header("accept", "application/json").timeout(REQUEST_TIMEOUT);
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
