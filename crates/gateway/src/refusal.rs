//! Phase 10: refusals. The person reads what to do and a number; the reason is for the log.

use hyper::StatusCode;
use kerberos::Kind;
use oidc::OidcError;

use crate::tickets::{TicketError, TicketErrorKind};

/// What a person is refused for, as far as the person is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    Malformed,
    NotPublished,
    Maintenance,
    SessionNeeded,
    NotLetIn,
    SignInNotBelieved,
    SignInUnavailable,
    NotAssigned,
    NoAccount,
    AccountUnusable,
    NotForThisAccount,
    DelegationFailed,
    Unavailable,
    BackendDown,
    BackendSlow,
    TooLong,
    Internal,
}

/// A refusal.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) refused: Refused,
    /// What stopped it, as a code or a word that does not change.
    pub(crate) code: &'static str,
    /// The reason, for the log. Names nobody.
    pub(crate) reason: String,
    /// Shown instead of the usual text.
    pub(crate) text: Option<String>,
    /// Where the person can begin anew.
    pub(crate) again: Option<String>,
}

impl Refusal {
    pub(crate) fn new(refused: Refused, code: &'static str, reason: impl Into<String>) -> Self {
        Self { refused, code, reason: reason.into(), text: None, again: None }
    }

    pub(crate) fn with_text(mut self, text: &str) -> Self {
        self.text = Some(text.to_owned());
        self
    }

    pub(crate) fn with_again(mut self, url: String) -> Self {
        self.again = Some(url);
        self
    }

    pub(crate) fn no_randomness() -> Self {
        Self::new(Refused::Internal, "no-randomness", "the system has no randomness to offer")
    }
}

impl Refused {
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::Malformed | Self::SignInNotBelieved => StatusCode::BAD_REQUEST,
            Self::NotPublished => StatusCode::NOT_FOUND,
            Self::SessionNeeded => StatusCode::UNAUTHORIZED,
            Self::NotLetIn
            | Self::NotAssigned
            | Self::NoAccount
            | Self::AccountUnusable
            | Self::NotForThisAccount => StatusCode::FORBIDDEN,
            Self::Maintenance | Self::SignInUnavailable | Self::Unavailable => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::DelegationFailed | Self::BackendDown => StatusCode::BAD_GATEWAY,
            Self::BackendSlow => StatusCode::GATEWAY_TIMEOUT,
            Self::TooLong => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Malformed => "This request cannot be understood",
            Self::NotPublished => "There is nothing here",
            Self::Maintenance => "Maintenance",
            Self::SessionNeeded => "Please sign in",
            Self::NotLetIn => "You were not signed in",
            Self::SignInNotBelieved => "The sign-in could not be finished",
            Self::SignInUnavailable | Self::Unavailable => "Sign-in does not work now",
            Self::NotAssigned => "This application is not assigned to you",
            Self::NoAccount => "You have no account for this application",
            Self::AccountUnusable => "Your account cannot be used",
            Self::NotForThisAccount => "Not possible for this account",
            Self::DelegationFailed => "The application cannot be reached in your name",
            Self::BackendDown => "The application does not answer",
            Self::BackendSlow => "The application takes too long",
            Self::TooLong => "This is too large",
            Self::Internal => "Something went wrong",
        }
    }

    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Malformed => "Check the address, or go back and follow the link again.",
            Self::NotPublished => "Check the address. Nothing is published under it.",
            Self::Maintenance => "The application is being worked on. Please come back later.",
            Self::SessionNeeded => {
                "You are not signed in, or no longer. Sign in, and then do again what you did \
                 last: it was not sent to the application."
            }
            Self::NotLetIn => {
                "Your organization did not let you in. If that is a mistake, tell whoever looks \
                 after your account."
            }
            Self::SignInNotBelieved => {
                "It took too long, was finished before, or was begun in another browser. Open the \
                 application again."
            }
            Self::SignInUnavailable | Self::Unavailable => {
                "A service that is needed for it does not answer. Please try again in a few \
                 minutes."
            }
            Self::NotAssigned => "Ask whoever looks after the application to assign it to you.",
            Self::NoAccount => {
                "Your account may still be on its way. If it does not work in an hour, tell \
                 whoever invited you."
            }
            Self::AccountUnusable => {
                "It is blocked or has ended. Tell whoever looks after your account."
            }
            Self::NotForThisAccount => {
                "Your account is protected in a way that does not allow it to be used here. Use \
                 another account."
            }
            Self::DelegationFailed => {
                "That is not your fault. Tell whoever looks after the application, with the \
                 number below."
            }
            Self::BackendDown | Self::BackendSlow => {
                "Please try again in a few minutes. If it goes on, tell whoever looks after the \
                 application, with the number below."
            }
            Self::TooLong => "The application takes less than this at a time.",
            Self::Internal => "Please try again. If it goes on, tell us the number below.",
        }
    }
}

impl From<TicketError> for Refusal {
    fn from(error: TicketError) -> Self {
        let refused = match error.kind {
            TicketErrorKind::Busy => Refused::Unavailable,
            TicketErrorKind::Kerberos(kind) => match kind {
                Kind::UnknownUser => Refused::NoAccount,
                Kind::AccountDisabled | Kind::AccountExpired | Kind::PasswordExpired => {
                    Refused::AccountUnusable
                }
                Kind::KdcUnreachable | Kind::NoRealm => Refused::Unavailable,
                _ => Refused::DelegationFailed,
            },
        };
        Self::new(refused, error.code, error.message)
    }
}

impl From<OidcError> for Refusal {
    fn from(error: OidcError) -> Self {
        let refused = match &error {
            OidcError::Refused { .. } | OidcError::Revoked { .. } => Refused::NotLetIn,
            OidcError::ProviderUnreachable { .. }
            | OidcError::BadAnswer { .. }
            | OidcError::Configuration(_)
            | OidcError::ClientRefused { .. } => Refused::SignInUnavailable,
            _ => Refused::SignInNotBelieved,
        };
        let reason = match error.entra_number() {
            Some(number) => format!("{error} (AADSTS{number})"),
            None => error.to_string(),
        };
        Self::new(refused, error.code(), reason)
    }
}
