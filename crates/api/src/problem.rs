//! Refusals and failures as problem details (RFC 9457).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use service::ServiceError;
use store::StoreError;
use utoipa::ToSchema;

/// The body of every answer that is not good (`application/problem+json`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// `urn:proxeny:problem:` and the code.
    #[serde(rename = "type")]
    pub problem_type: String,
    /// What kind of problem it is.
    pub title: String,
    /// The status.
    pub status: u16,
    /// What happened.
    pub detail: String,
    /// The stable code.
    pub code: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// Why a request was not served.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// Nobody is signed in.
    #[error("nobody is signed in")]
    NotSignedIn {
        /// Whether to ask the browser for a Kerberos ticket.
        negotiate: bool,
    },
    /// Account and password do not belong together.
    #[error("the account or the password is wrong")]
    WrongPassword,
    /// Too many failures for one account.
    #[error("there were too many failed sign-ins for this account")]
    TooManyFailures {
        /// When to try again.
        wait_seconds: u64,
    },
    /// The Kerberos ticket is no good.
    #[error("the Kerberos ticket was not accepted")]
    BadTicket {
        /// What to do about it.
        help: Option<String>,
    },
    /// The browser sent NTLM in place of Kerberos.
    #[error("the browser offered NTLM, which is not accepted")]
    Ntlm,
    /// The ticket is good, but belongs to nobody we know.
    #[error("no person has this SID")]
    UnknownSid,
    /// The ticket is good, but belongs to nobody we know.
    #[error("no person has this account name in this domain")]
    UnknownAccount,
    /// The gateway's word is no good.
    #[error("the assertion of the gateway was not accepted")]
    BadAssertion,
    /// The token is unknown, deleted or expired.
    #[error("the token is not known or has expired")]
    BadToken,
    /// The role does not allow it.
    #[error("this needs the role {needed}")]
    RoleMissing {
        /// The roles that would do.
        needed: &'static str,
    },
    /// The request came from another site.
    #[error("the request comes from another site")]
    CrossSite,
    /// Not there, or not for this caller.
    #[error("there is no {what}")]
    NotFound {
        /// What was asked for.
        what: &'static str,
    },
    /// A parameter does not make sense.
    #[error("the parameter {name} {problem}")]
    BadParameter {
        /// The parameter.
        name: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// The body does not make sense.
    #[error("the body is not as documented: {problem}")]
    BadBody {
        /// What is wrong with it.
        problem: String,
    },
    /// The body is no JSON by its header.
    #[error("the body must be JSON, with content type application/json")]
    NotJson,
    /// The body is too large.
    #[error("the body is too large")]
    TooLarge,
    /// The path has no such method.
    #[error("this path does not take that method")]
    MethodNotAllowed,
    /// A write without a condition.
    #[error("a change needs the header If-Match with the ETag it starts from")]
    ConditionMissing,
    /// A write from an older state.
    #[error("somebody has changed it since it was read")]
    Stale,
    /// A run is under way.
    #[error("something runs already: {what}")]
    Busy {
        /// What runs.
        what: String,
    },
    /// The store does not answer.
    #[error("the store does not answer")]
    NotReady,
    /// The server is about to end.
    #[error("the server is ending")]
    Ending,
    /// Too long.
    #[error("the answer took too long")]
    TimedOut,
    /// A run could not begin.
    #[error("the run could not begin: {message}")]
    NotStarted {
        /// Why.
        message: String,
        /// The stable code.
        code: Option<&'static str>,
        /// What to do about it.
        help: Option<String>,
    },
    /// The service refused.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The system gives no randomness.
    #[error("the system gives no randomness")]
    Random,
}

impl ApiError {
    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::NotSignedIn { .. }
            | Self::WrongPassword
            | Self::BadTicket { .. }
            | Self::Ntlm
            | Self::BadAssertion
            | Self::BadToken => StatusCode::UNAUTHORIZED,
            Self::TooManyFailures { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::UnknownSid
            | Self::UnknownAccount
            | Self::RoleMissing { .. }
            | Self::CrossSite => StatusCode::FORBIDDEN,
            Self::NotFound { .. } | Self::Service(ServiceError::Missing(_)) => {
                StatusCode::NOT_FOUND
            }
            Self::BadParameter { .. } | Self::BadBody { .. } => StatusCode::BAD_REQUEST,
            Self::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::ConditionMissing => StatusCode::PRECONDITION_REQUIRED,
            Self::Stale => StatusCode::PRECONDITION_FAILED,
            Self::Busy { .. } | Self::Store(StoreError::Busy { .. }) => StatusCode::CONFLICT,
            Self::Ending | Self::NotReady | Self::TimedOut => StatusCode::SERVICE_UNAVAILABLE,
            Self::Service(ServiceError::Store(_))
            | Self::NotStarted { .. }
            | Self::Store(_)
            | Self::Random => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Service(_) => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    /// The stable code an administrator can look up.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotSignedIn { .. } => "API-0101",
            Self::WrongPassword => "API-0102",
            Self::TooManyFailures { .. } => "API-0103",
            Self::BadTicket { .. } => "API-0104",
            Self::UnknownSid => "API-0105",
            Self::Ntlm => "API-0106",
            Self::RoleMissing { .. } => "API-0107",
            Self::CrossSite => "API-0108",
            Self::BadAssertion => "API-0109",
            Self::UnknownAccount => "API-0110",
            Self::BadToken => "API-0111",
            Self::NotFound { .. } => "API-0201",
            Self::BadParameter { .. } => "API-0202",
            Self::BadBody { .. } => "API-0203",
            Self::TooLarge => "API-0204",
            Self::MethodNotAllowed => "API-0205",
            Self::NotJson => "API-0206",
            Self::ConditionMissing => "API-0207",
            Self::Stale => "API-0208",
            Self::Busy { .. } => "API-0209",
            Self::TimedOut => "API-0210",
            Self::NotStarted { code: Some(code), .. } => code,
            Self::NotStarted { .. } => "API-0211",
            Self::Ending => "API-0301",
            Self::Random => "API-0302",
            Self::NotReady => "API-0303",
            Self::Store(error) => error.code(),
            Self::Service(error) => error.code(),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        let help = match self {
            Self::NotSignedIn { .. } => "sign in and try again",
            Self::TooManyFailures { wait_seconds } => {
                return Some(format!("try again in {wait_seconds} seconds"));
            }
            Self::BadTicket { help } | Self::NotStarted { help, .. } => return help.clone(),
            Self::Ntlm => {
                "let the browser use Kerberos: put this address into its list of trusted sites \
                 and reach it by the name its service principal has"
            }
            Self::UnknownSid | Self::UnknownAccount => {
                "synchronization has not brought the account into the portal, or without its SID; \
                 an administrator finds the SID in the log"
            }
            Self::RoleMissing { .. } => "an administrator grants roles in [api.roles]",
            Self::CrossSite => {
                "name every address that browsers reach the portal by in [api] origins"
            }
            Self::ConditionMissing | Self::Stale => "read it again and repeat the change",
            Self::Busy { .. } => "wait for it to end",
            _ => return None,
        };
        Some(help.to_owned())
    }

    const fn title(&self) -> &'static str {
        match self.status() {
            StatusCode::UNAUTHORIZED => "Not signed in",
            StatusCode::TOO_MANY_REQUESTS => "Too many failed sign-ins",
            StatusCode::FORBIDDEN => "Not allowed",
            StatusCode::NOT_FOUND => "Not found",
            StatusCode::BAD_REQUEST => "The request is not understood",
            StatusCode::UNSUPPORTED_MEDIA_TYPE => "Not JSON",
            StatusCode::PAYLOAD_TOO_LARGE => "Too large",
            StatusCode::METHOD_NOT_ALLOWED => "Method not allowed",
            StatusCode::PRECONDITION_REQUIRED => "Condition missing",
            StatusCode::PRECONDITION_FAILED => "Changed meanwhile",
            StatusCode::CONFLICT => "Busy",
            StatusCode::SERVICE_UNAVAILABLE => "Not available now",
            StatusCode::UNPROCESSABLE_ENTITY => "The change is refused",
            _ => "Something failed",
        }
    }

    /// The body. What failed inside is in the log, not in the answer.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let detail = match self {
            Self::Store(_) | Self::Service(ServiceError::Store(_)) => "the store failed".to_owned(),
            other => other.to_string(),
        };
        Problem {
            problem_type: format!("urn:proxeny:problem:{}", self.code()),
            title: self.title().to_owned(),
            status: self.status().as_u16(),
            detail,
            code: self.code().to_owned(),
            help: self.help(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        if self.status() == StatusCode::INTERNAL_SERVER_ERROR {
            let cause = std::error::Error::source(&self).map(ToString::to_string);
            tracing::error!(code = self.code(), error = %self, cause, "a request failed");
        }
        let body = serde_json::to_vec(&self.problem()).unwrap_or_default();
        let mut response = (self.status(), body).into_response();
        let headers = response.headers_mut();
        let json = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, json);
        match self {
            Self::NotSignedIn { negotiate: true } => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Negotiate"));
            }
            Self::TooManyFailures { wait_seconds } => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(wait_seconds));
            }
            _ => {}
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_one() -> Vec<ApiError> {
        let (help, message) = (None, "no".to_owned());
        vec![
            ApiError::NotSignedIn { negotiate: false },
            ApiError::WrongPassword,
            ApiError::TooManyFailures { wait_seconds: 30 },
            ApiError::BadTicket { help: Some("compare the clocks".to_owned()) },
            ApiError::UnknownSid,
            ApiError::Ntlm,
            ApiError::RoleMissing { needed: "administrator" },
            ApiError::CrossSite,
            ApiError::BadAssertion,
            ApiError::UnknownAccount,
            ApiError::BadToken,
            ApiError::NotFound { what: "such person" },
            ApiError::BadParameter { name: "limit", problem: "is odd".to_owned() },
            ApiError::BadBody { problem: "it is no JSON".to_owned() },
            ApiError::TooLarge,
            ApiError::MethodNotAllowed,
            ApiError::NotJson,
            ApiError::ConditionMissing,
            ApiError::Stale,
            ApiError::Busy { what: "the sequence b2b".to_owned() },
            ApiError::TimedOut,
            ApiError::NotStarted { message: message.clone(), code: None, help: help.clone() },
            ApiError::NotStarted { message, code: Some("CLI-0103"), help },
            ApiError::Ending,
            ApiError::Random,
            ApiError::NotReady,
            ApiError::Store(StoreError::Locked { store: "/secret/place.db".to_owned() }),
        ]
    }

    #[test]
    fn problems_read_as_recorded() {
        let lines = every_one().into_iter().map(|error| {
            let Problem { title, status, detail, code, help, .. } = error.problem();
            let help = help.map(|help| format!(" ({help})")).unwrap_or_default();
            format!("{code} {status} {title}: {detail}{help}\n")
        });
        insta::assert_snapshot!(lines.collect::<String>());
    }

    #[test]
    fn the_body_says_what_it_is_and_the_header_what_to_do() {
        let response = ApiError::TooManyFailures { wait_seconds: 30 }.into_response();
        assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        assert_eq!(response.headers()["retry-after"], "30");
        let problem = ApiError::Stale.problem();
        assert_eq!(problem.problem_type, "urn:proxeny:problem:API-0208");
    }
}
