//! What can go wrong with a sign-in.

use std::fmt;

use crate::fetch::FetchError;

/// Which of the provider's addresses was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// The discovery document.
    Discovery,
    /// The key set.
    Keys,
    /// The page where people sign in.
    Authorization,
    /// The token endpoint.
    Token,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Discovery => "discovery document",
            Self::Keys => "key set",
            Self::Authorization => "authorization endpoint",
            Self::Token => "token endpoint",
        })
    }
}

/// A sign-in, or an answer of the provider, is not accepted.
///
/// Holds no token, code, secret, state or nonce; what the provider writes about a refusal is only
/// in the field `description`, because it may name a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OidcError {
    /// A setting cannot be used.
    #[error("the sign-in settings cannot be used: {0}")]
    Configuration(String),
    /// The provider does not know us, or not with this secret.
    #[error("the provider refuses the application itself: {error}")]
    ClientRefused {
        /// The code of RFC 6749 section 5.2.
        error: String,
        /// What the provider writes.
        description: String,
    },
    /// The provider does not answer, or says that it cannot now.
    #[error("the provider's {endpoint} cannot be reached")]
    ProviderUnreachable {
        /// What was asked.
        endpoint: Endpoint,
        /// Why.
        #[source]
        source: FetchError,
    },
    /// The provider's answer is not what the standard says.
    #[error("the answer of the provider's {endpoint} cannot be used: {problem}")]
    BadAnswer {
        /// What was asked.
        endpoint: Endpoint,
        /// What is wrong with it.
        problem: String,
    },
    /// The provider did not sign the person in.
    #[error("the provider refuses the sign-in: {error}")]
    Refused {
        /// The code of RFC 6749 sections 4.1.2.1 and 5.2 or of OpenID Connect Core section 3.1.2.6.
        error: String,
        /// What the provider writes.
        description: String,
    },
    /// The person may not go on: blocked, deleted, no longer assigned, or must sign in anew.
    #[error("the provider no longer vouches for the person: {error}")]
    Revoked {
        /// The code of RFC 6749 section 5.2.
        error: String,
        /// What the provider writes.
        description: String,
    },
    /// The query of the callback follows no rule.
    #[error("the answer brought by the browser is malformed: {0}")]
    BadCallback(&'static str),
    /// Nobody began this sign-in, or another browser did.
    #[error("this browser did not begin the sign-in")]
    StateMismatch,
    /// The person took too long.
    #[error("the sign-in was begun too long ago")]
    LoginExpired,
    /// The answer was used before.
    #[error("the answer was used before")]
    Replayed,
    /// The token is no signed JWT as it should be.
    #[error("the id token is malformed: {0}")]
    BadToken(&'static str),
    /// The token is signed with a key, or names an algorithm, that is not accepted.
    #[error("the id token's signature algorithm is not RS256")]
    WrongAlgorithm,
    /// The provider publishes no usable key of that name.
    #[error("the id token is signed with a key that the provider does not publish")]
    UnknownKey,
    /// The signature is not that of the key.
    #[error("the id token's signature does not verify")]
    BadSignature,
    /// Another provider issued the token or sent the answer.
    #[error("the issuer is another one than configured")]
    WrongIssuer,
    /// The token is for another application.
    #[error("the id token is for another application")]
    WrongAudience,
    /// The token answers another request.
    #[error("the id token answers another request")]
    WrongNonce,
    /// The token is of another tenant than the issuer.
    #[error("the id token is of another tenant")]
    WrongTenant,
    /// The token is over.
    #[error("the id token has expired")]
    TokenExpired,
    /// The token begins in the future.
    #[error("the id token is not valid yet")]
    NotYetValid,
    /// The person signed in at the provider longer ago than was asked for.
    #[error("the person signed in at the provider too long ago")]
    TooLongAgo,
    /// A renewed token is about somebody else.
    #[error("the renewed id token is about somebody else")]
    OtherPerson,
}

impl OidcError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Configuration(_) => "OID-0101",
            Self::ClientRefused { .. } => "OID-0102",
            Self::ProviderUnreachable { .. } => "OID-0103",
            Self::BadAnswer { .. } => "OID-0104",
            Self::Refused { .. } => "OID-0105",
            Self::Revoked { .. } => "OID-0106",
            Self::BadCallback(_) => "OID-0107",
            Self::StateMismatch => "OID-0108",
            Self::LoginExpired => "OID-0109",
            Self::Replayed => "OID-0110",
            Self::BadToken(_) => "OID-0111",
            Self::WrongAlgorithm => "OID-0112",
            Self::UnknownKey => "OID-0113",
            Self::BadSignature => "OID-0114",
            Self::WrongIssuer => "OID-0115",
            Self::WrongAudience => "OID-0116",
            Self::WrongNonce => "OID-0117",
            Self::WrongTenant => "OID-0118",
            Self::TokenExpired => "OID-0119",
            Self::NotYetValid => "OID-0120",
            Self::TooLongAgo => "OID-0121",
            Self::OtherPerson => "OID-0122",
        }
    }

    /// True if the person, or the person's account, is the reason, and neither the set-up nor the
    /// provider.
    #[must_use]
    pub fn is_persons_fault(&self) -> bool {
        match self {
            Self::Refused { error, .. } => is_about_person(error),
            Self::Revoked { .. }
            | Self::StateMismatch
            | Self::LoginExpired
            | Self::Replayed
            | Self::TooLongAgo => true,
            _ => false,
        }
    }

    /// True if beginning anew can help without anybody changing anything.
    #[must_use]
    pub const fn is_worth_another_try(&self) -> bool {
        matches!(
            self,
            Self::ProviderUnreachable { .. }
                | Self::StateMismatch
                | Self::LoginExpired
                | Self::Replayed
                | Self::TooLongAgo
        )
    }

    /// What the provider writes about a refusal. It may name a person.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        match self {
            Self::ClientRefused { description, .. }
            | Self::Refused { description, .. }
            | Self::Revoked { description, .. } => Some(description),
            _ => None,
        }
    }

    /// The number Entra puts before its texts, e.g. 50105 of `AADSTS50105: …`.
    #[must_use]
    pub fn entra_number(&self) -> Option<u32> {
        let (_, rest) = self.description()?.split_once("AADSTS")?;
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        rest.get(..end)?.parse().ok()
    }

    /// What an administrator can do about it.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Configuration(_) => "correct the setting",
            Self::ClientRefused { .. } => {
                "compare client id and secret with the registration; secrets expire"
            }
            Self::ProviderUnreachable { .. } => {
                "check name resolution, proxy, firewall and certificates towards the provider"
            }
            Self::BadAnswer { .. } | Self::WrongAlgorithm | Self::UnknownKey => {
                "check that the issuer is the provider's own address, letter by letter"
            }
            Self::Refused { .. } | Self::Revoked { .. } => {
                "look the number up in the sign-in log of the provider; block, assignment and \
                 conditional access are decided there"
            }
            Self::BadCallback(_) | Self::StateMismatch | Self::Replayed => {
                "let the person begin anew; if it repeats, cookies are blocked or somebody tampers"
            }
            Self::LoginExpired | Self::TooLongAgo => "let the person begin anew",
            Self::TokenExpired | Self::NotYetValid => "compare this machine's clock with the time",
            Self::BadToken(_)
            | Self::BadSignature
            | Self::WrongIssuer
            | Self::WrongAudience
            | Self::WrongNonce
            | Self::WrongTenant
            | Self::OtherPerson => {
                "check issuer and client id; if they are right, somebody tampers with the answers"
            }
        }
    }
}

/// True for the codes by which a provider refuses a person; the others are about the request.
pub(crate) fn is_about_person(error: &str) -> bool {
    matches!(
        error,
        "access_denied"
            | "invalid_grant"
            | "login_required"
            | "interaction_required"
            | "consent_required"
            | "account_selection_required"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_shows_its_code_and_keeps_the_text_for_the_administrator() {
        let description = "AADSTS50105: 'ada@treyresearch.example' is not assigned.".to_owned();
        let error = OidcError::Refused { error: "access_denied".to_owned(), description };
        assert_eq!(error.to_string(), "the provider refuses the sign-in: access_denied");
        assert_eq!((error.code(), error.entra_number()), ("OID-0105", Some(50_105)));
        assert!(error.is_persons_fault() && !error.is_worth_another_try());
        assert_eq!(OidcError::Replayed.entra_number(), None);
        let wordless = OidcError::Refused {
            error: "invalid_request".to_owned(),
            description: "AADSTS".into(),
        };
        assert_eq!((wordless.entra_number(), wordless.is_persons_fault()), (None, false));
    }
}
