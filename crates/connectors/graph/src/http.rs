//! Sending requests: waiting and repeating where that can help, bounded answers, errors without
//! addresses, because links carry tokens.
//!
//! Spec: Retry-After in RFC 9110 section 10.2.3.

use std::time::Duration;

use connector::{ConnectorError, ErrorKind};
use net::{Client, HttpError, RequestBuilder, Response, certificate_problem, header};

use crate::limits::{BODY_BYTES_MAX, Patience};

/// A complete answer, of whatever status.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    retry_after: Option<Duration>,
}

/// Sends requests to one service.
#[derive(Debug, Clone)]
pub(crate) struct Sender {
    pub(crate) client: Client,
    /// How long one request may take.
    pub(crate) timeout: Duration,
    pub(crate) patience: Patience,
}

/// Why an attempt is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    Throttled,
    Failed,
    Unreachable,
}

impl Sender {
    /// Sends what `build` makes, anew for every attempt, and returns the first answer that waiting
    /// would not change. `service` names the other side in errors.
    pub(crate) async fn send(
        &self,
        service: &str,
        build: impl Fn(&Client) -> Result<RequestBuilder, ConnectorError>,
    ) -> Result<Answer, ConnectorError> {
        let mut repeats: u32 = 0;
        loop {
            let attempt = attempt(build(&self.client)?.timeout(self.timeout), service).await;
            let (cause, asked) = match &attempt {
                Ok(answer) => match answer.status {
                    429 => (Cause::Throttled, answer.retry_after),
                    408 | 500 | 502 | 503 | 504 => (Cause::Failed, answer.retry_after),
                    _ => return attempt.map_err(|(_, error)| error),
                },
                Err((Some(cause), _)) => (*cause, None),
                Err((None, _)) => return attempt.map_err(|(_, error)| error),
            };
            let pause = asked.unwrap_or_else(|| self.pause(repeats));
            if repeats >= self.repeats_max(cause) || pause > self.patience.pause_max {
                return Err(given_up(service, attempt));
            }
            repeats += 1;
            let pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX);
            tracing::debug!(service, ?cause, repeats, pause_ms, "request will be repeated");
            tokio::time::sleep(pause).await;
        }
    }

    const fn repeats_max(&self, cause: Cause) -> u32 {
        match cause {
            Cause::Throttled => self.patience.throttled,
            Cause::Failed => self.patience.failed,
            Cause::Unreachable => self.patience.unreachable,
        }
    }

    fn pause(&self, repeats: u32) -> Duration {
        let factor = 2_u32.saturating_pow(repeats);
        self.patience.pause.saturating_mul(factor).min(self.patience.pause_max)
    }
}

type Failed = (Option<Cause>, ConnectorError);

async fn attempt(request: RequestBuilder, service: &str) -> Result<Answer, Failed> {
    let failed = |error: HttpError| network_error(service, error);
    let mut response = request.send().await.map_err(failed)?;
    let (status, retry_after) = (response.status().as_u16(), retry_after(&response));
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        if body.len() + chunk.len() > BODY_BYTES_MAX {
            let message = format!("{service} sent an answer of more than {BODY_BYTES_MAX} bytes");
            return Err((None, ConnectorError::new(ErrorKind::UnexpectedData, message)));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, body, retry_after })
}

/// The pause the service asks for, in seconds with or without decimals; a date is not understood.
fn retry_after(response: &Response) -> Option<Duration> {
    let value = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?;
    Duration::try_from_secs_f64(value.trim().parse().ok()?).ok()
}

fn network_error(service: &str, error: HttpError) -> Failed {
    // The address may hold a page token.
    let error = error.without_url();
    if let Some(problem) = certificate_problem(&error) {
        let message = format!("{service} cannot be trusted: {problem}");
        let help = "if the certificate is from an authority of your own, name the file with the \
                    authority's certificate in connectivity.ca";
        let error = ConnectorError::new(ErrorKind::Certificate, message).with_help(help);
        return (None, error);
    }
    let (cause, message) = if error.is_connect() {
        (Cause::Unreachable, format!("{service} cannot be reached"))
    } else if error.is_timeout() {
        (Cause::Failed, format!("{service} did not answer in time"))
    } else {
        (Cause::Failed, format!("the connection to {service} broke"))
    };
    (Some(cause), ConnectorError::new(ErrorKind::Connection, message).with_source(error))
}

fn given_up(service: &str, last: Result<Answer, Failed>) -> ConnectorError {
    match last {
        Err((_, error)) => error,
        Ok(Answer { status: 429, .. }) => {
            let message = format!("{service} is throttling us for longer than a run may wait");
            let help = "run later, or less often; other applications may share the limit";
            ConnectorError::new(ErrorKind::Throttled, message).with_help(help)
        }
        Ok(Answer { status, .. }) => {
            let message = format!("{service} keeps answering with status {status}");
            ConnectorError::new(ErrorKind::Connection, message)
        }
    }
}
