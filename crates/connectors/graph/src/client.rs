//! Reading from Graph: one address in, JSON or a classified failure out.
//!
//! Spec: Graph error responses; a code counts at any depth of the error object.

use connector::{ConnectorError, ErrorKind};
use net::Url;
use serde_json::Value;

use std::sync::Arc;

use crate::http::{Answer, Sender};
use crate::limits::{MESSAGE_CHARS_MAX, Patience};
use crate::token::Tokens;

const SERVICE: &str = "Microsoft Graph";

/// Codes that say that a delta or page token is of no more use.
const RESYNC_CODES: [&str; 5] = [
    "syncStateNotFound",
    "resyncRequired",
    "resyncApplyDifferences",
    "resyncUploadDifferences",
    "Directory_ExpiredPageToken",
];

/// Why there is nothing to read.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The object is not there.
    NotFound,
    /// The link can no longer be followed.
    Resync,
    /// Anything that ends the run.
    Error(ConnectorError),
}

impl From<ConnectorError> for Failure {
    fn from(error: ConnectorError) -> Self {
        Self::Error(error)
    }
}

impl Failure {
    /// The failure as the error of a request that expects neither of the special cases.
    pub(crate) fn into_error(self) -> ConnectorError {
        match self {
            Self::Error(error) => error,
            Self::NotFound => unexpected("does not know the address it was asked for")
                .with_help("check connectivity.graph and connectivity.api_version"),
            Self::Resync => unexpected("refuses a page link it has just given"),
        }
    }
}

/// A signed-in reader.
#[derive(Debug, Clone)]
pub(crate) struct GraphClient {
    sender: Sender,
    tokens: Arc<Tokens>,
    /// The root with its version, without a trailing slash.
    root: Url,
}

impl GraphClient {
    pub(crate) const fn new(sender: Sender, tokens: Arc<Tokens>, root: Url) -> Self {
        Self { sender, tokens, root }
    }

    /// The same reader for somebody who is waiting: no second attempts.
    pub(crate) fn impatient(&self) -> Self {
        let mut client = self.clone();
        client.sender.patience = Patience::NONE;
        client
    }

    /// Makes sure that we can sign in.
    pub(crate) async fn sign_in(&self) -> Result<(), ConnectorError> {
        self.tokens.get(&self.sender, None).await.map(drop)
    }

    /// The address of `segments` below the root, with `query` as it stands.
    pub(crate) fn url(&self, segments: &[&str], query: &str) -> String {
        let mut url = self.root.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.extend(segments);
        }
        url.set_query(Some(query));
        url.to_string()
    }

    /// True if `link` leads to the service itself: a token goes nowhere else.
    pub(crate) fn is_own(&self, link: &str) -> bool {
        Url::parse(link).is_ok_and(|url| url.origin() == self.root.origin())
    }

    /// Reads `url`, which must be on the service itself.
    pub(crate) async fn get(&self, url: &str) -> Result<Value, Failure> {
        let mut token = self.tokens.get(&self.sender, None).await?;
        let mut answer = self.send(url, token.text.expose()).await?;
        if answer.status == 401 {
            // The token may have been revoked since; once is enough to tell.
            token = self.tokens.get(&self.sender, Some(&token)).await?;
            answer = self.send(url, token.text.expose()).await?;
        }
        let body = serde_json::from_slice(&answer.body);
        match (answer.status, body) {
            (200, Ok(body)) => Ok(body),
            (200, Err(_syntax)) => Err(unexpected("sent something that is not JSON").into()),
            (_, body) => Err(self.refusal(answer.status, &body.unwrap_or(Value::Null))),
        }
    }

    async fn send(&self, url: &str, token: &str) -> Result<Answer, ConnectorError> {
        self.sender.send(SERVICE, |client| Ok(client.get(url).bearer_auth(token))).await
    }

    fn refusal(&self, status: u16, body: &Value) -> Failure {
        let mut codes = Vec::new();
        collect_codes(body.get("error").unwrap_or(&Value::Null), &mut codes);
        if status == 410 || codes.iter().any(|code| RESYNC_CODES.contains(code)) {
            return Failure::Resync;
        }
        let Some(code) = codes.first() else {
            let what = format!("answered with status {status} and no explanation");
            let help = "check connectivity.graph, and that no proxy stands between";
            return unexpected(&what).with_help(help).into();
        };
        let message = body.pointer("/error/message").and_then(Value::as_str).unwrap_or_default();
        let message = message.lines().next().unwrap_or_default();
        let message: String = message.chars().take(MESSAGE_CHARS_MAX).collect();
        let error = |kind, what: &str| {
            ConnectorError::new(kind, format!("{SERVICE} {what}: {code}: {message}"))
        };
        Failure::Error(match status {
            401 => error(ErrorKind::Credentials, "does not accept the access token")
                .with_help("check that connectivity.authority and connectivity.graph go together"),
            403 => error(ErrorKind::Permission, "refuses to let the application read users")
                .with_help(format!(
                    "add the application permission User.Read.All of Microsoft Graph to the app \
                     registration {}, grant admin consent, and wait a few minutes",
                    self.tokens.client_id()
                )),
            404 => return Failure::NotFound,
            400 | 501 => error(ErrorKind::Configuration, "does not accept the request")
                .with_help("check the selected attributes and connectivity.api_version"),
            _ => error(ErrorKind::UnexpectedData, &format!("answered with status {status}")),
        })
    }
}

/// The codes of an error object, outermost first.
fn collect_codes<'a>(error: &'a Value, codes: &mut Vec<&'a str>) {
    codes.extend(error.get("code").and_then(Value::as_str));
    for name in ["innerError", "innererror"] {
        if let Some(inner) = error.get(name) {
            collect_codes(inner, codes);
        }
    }
}

/// An error that says that the service broke its protocol.
pub(crate) fn unexpected(what: &str) -> ConnectorError {
    ConnectorError::new(ErrorKind::UnexpectedData, format!("{SERVICE} {what}"))
}
