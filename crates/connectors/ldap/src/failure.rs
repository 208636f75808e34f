//! What can become of a request, and what that means for the run.

use connector::{ConnectorError, ErrorKind};
use ldap3::{LdapError, LdapResult};

/// The directory's negative answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// LDAP result code.
    pub(crate) code: u32,
    /// The diagnostic message, without the NUL that Windows ends it with.
    pub(crate) text: String,
}

/// Result codes (RFC 4511 section 4.1.9) that are not classified elsewhere.
pub(crate) const NO_SUCH_OBJECT: u32 = 32;
const REFERRAL: u32 = 10;
pub(crate) const UNAVAILABLE_CRITICAL_EXTENSION: u32 = 12;
pub(crate) const INSUFFICIENT_ACCESS_RIGHTS: u32 = 50;
pub(crate) const BUSY: u32 = 51;
const UNAVAILABLE: u32 = 52;

impl Refusal {
    pub(crate) fn new(result: &LdapResult) -> Self {
        let text = result.text.trim_end_matches(['\0', '\n', ' ']).to_owned();
        Self { code: result.rc, text }
    }

    /// The Win32 code at the beginning of the message ([MS-ADTS] 3.1.1.3.1.9).
    pub(crate) fn win32(&self) -> Option<u32> {
        let (digits, _) = self.text.split_once(':')?;
        if digits.len() != 8 {
            return None;
        }
        u32::from_str_radix(digits, 16).ok()
    }

    /// True if the object asked for is not there, or is in a domain of another server.
    pub(crate) const fn is_missing_object(&self) -> bool {
        matches!(self.code, NO_SUCH_OBJECT | REFERRAL)
    }

    /// True if the server does nothing for anybody at present, so that the next object would meet
    /// the same.
    pub(crate) const fn is_about_server(&self) -> bool {
        matches!(self.code, BUSY | UNAVAILABLE)
    }

    /// Both codes, e.g. `19 (0000052D)`.
    pub(crate) fn codes(&self) -> String {
        match self.win32() {
            Some(win32) => format!("{} ({win32:08X})", self.code),
            None => self.code.to_string(),
        }
    }
}

/// A request was not carried out, or nobody knows.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The directory answered no.
    Refused(Refusal),
    /// There was no answer: the connection ended or the time was up.
    Lost(Box<LdapError>),
    /// The connection had ended before the request could be sent.
    Closed,
    /// The answer makes no sense; the connection is not to be used any more.
    Odd(&'static str),
    /// The request was never sent.
    NotSent(&'static str),
}

impl From<LdapError> for Failure {
    fn from(error: LdapError) -> Self {
        match error {
            LdapError::LdapResult { result } => Self::Refused(Refusal::new(&result)),
            LdapError::FilterParsing => Self::NotSent("the search filter cannot be read"),
            LdapError::AddNoValues => Self::NotSent("an attribute to add has no value"),
            // The error holds the request, and so perhaps a password: it goes no further.
            LdapError::OpSend { .. } => Self::Closed,
            other => Self::Lost(Box::new(other)),
        }
    }
}

impl Failure {
    /// The error of a run that cannot go on without `what`.
    pub(crate) fn into_error(self, server: &str, what: &str) -> ConnectorError {
        match self {
            Self::Refused(refusal) => {
                let kind = match refusal.code {
                    INSUFFICIENT_ACCESS_RIGHTS => ErrorKind::Permission,
                    BUSY => ErrorKind::Throttled,
                    UNAVAILABLE => ErrorKind::Connection,
                    _ => ErrorKind::UnexpectedData,
                };
                let Refusal { text, .. } = &refusal;
                let codes = refusal.codes();
                ConnectorError::new(kind, format!("{server} refuses {what}: {codes} {text}"))
            }
            Self::Lost(cause) => {
                let timed_out = matches!(*cause, LdapError::Timeout { .. });
                let how = if timed_out { "did not answer in time" } else { "went away" };
                let message = format!("{server} {how} during {what}");
                ConnectorError::new(ErrorKind::Connection, message).with_source(cause)
            }
            Self::Closed => {
                let message = format!("{server} went away before {what}");
                ConnectorError::new(ErrorKind::Connection, message)
            }
            Self::Odd(why) => {
                let message = format!("the answer of {server} to {what} cannot be used: {why}");
                ConnectorError::new(ErrorKind::UnexpectedData, message)
            }
            Self::NotSent(why) => {
                let message = format!("{what} was not sent to {server}: {why}");
                ConnectorError::new(ErrorKind::UnexpectedData, message)
            }
        }
    }
}
