//! How the gateway tells an application behind it who is there: a short-lived JWT signed with a
//! shared key (HS256), in a header of each request.
//!
//! The gateway signs with [`AssertionKey::sign`]; the application checks with
//! [`AssertionVerifier::verify`] and, where one request must not be sent twice, with
//! [`SeenAssertions`]. An assertion is for one audience and good for a minute. No other algorithm
//! is known, and the token cannot choose one.
//! Spec: RFC 7515, RFC 7518 section 3.2, RFC 7519.

mod seen;

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::{Secret, Timestamp};
use ring::hmac;
use serde_json::{Map, Value, json};

pub use seen::SeenAssertions;

use crate::compare::same_text;
use crate::json::{self, Bad};
use crate::limits::{
    ASSERTION_KEY_LENGTH_MIN, ASSERTION_SECONDS, ASSERTION_SKEW_SECONDS, TOKEN_SIZE_MAX,
};
use crate::times::{after, moment};
use crate::token::part;

/// The header that carries the assertion.
pub const ASSERTION_HEADER: &str = "X-Proxeny-Assertion";
/// The issuer of assertions.
pub const ASSERTION_ISSUER: &str = "proxeny-gateway";

/// An assertion is not accepted, or a key cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AssertionError {
    /// The key could be guessed.
    #[error("the key has fewer than {ASSERTION_KEY_LENGTH_MIN} octets")]
    WeakKey,
    /// It is no signed JWT as it should be.
    #[error("the assertion is malformed: {0}")]
    Malformed(&'static str),
    /// No key of ours signed it.
    #[error("the assertion's signature does not verify")]
    BadSignature,
    /// It is not of the gateway.
    #[error("the assertion is of another issuer")]
    WrongIssuer,
    /// It is for another application.
    #[error("the assertion is for another application")]
    WrongAudience,
    /// It is over.
    #[error("the assertion has expired")]
    Expired,
    /// It begins in the future, or is good for longer than assertions are.
    #[error("the assertion is not valid yet, or for too long")]
    NotYetValid,
    /// It was seen before.
    #[error("the assertion was used before")]
    Replayed,
    /// More assertions than can be remembered came at once.
    #[error("there are too many assertions at once")]
    TooMany,
}

impl AssertionError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::WeakKey => "OID-0201",
            Self::Malformed(_) => "OID-0202",
            Self::BadSignature => "OID-0203",
            Self::WrongIssuer => "OID-0204",
            Self::WrongAudience => "OID-0205",
            Self::Expired => "OID-0206",
            Self::NotYetValid => "OID-0207",
            Self::Replayed => "OID-0208",
            Self::TooMany => "OID-0209",
        }
    }
}

/// Who is there, as the gateway knows.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Subject {
    /// The id of the user in the tenant.
    pub object_id: String,
    /// The account name in the directory.
    pub account: Option<String>,
    /// The directory's domain.
    pub domain: Option<String>,
    /// The user principal name in the directory.
    pub upn: Option<String>,
    /// The security identifier in the directory, as text.
    pub sid: Option<String>,
    /// The name to be shown.
    pub name: Option<String>,
}

impl fmt::Debug for Subject {
    /// Ids only: names of people are not for logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject").field("object_id", &self.object_id).finish_non_exhaustive()
    }
}

/// A checked assertion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assertion {
    /// Who is there.
    pub subject: Subject,
    /// What tells it from every other one (`jti`).
    pub id: String,
    /// When it was made.
    pub issued: Timestamp,
    /// When it is over.
    pub expires: Timestamp,
}

/// A key that gateway and application share.
#[derive(Clone)]
pub struct AssertionKey(hmac::Key);

impl fmt::Debug for AssertionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AssertionKey(…)")
    }
}

impl AssertionKey {
    /// A key from random text.
    ///
    /// # Errors
    /// [`AssertionError::WeakKey`] for fewer than [`ASSERTION_KEY_LENGTH_MIN`] octets.
    pub fn new(secret: &Secret) -> Result<Self, AssertionError> {
        let octets = secret.expose().as_bytes();
        if octets.len() < ASSERTION_KEY_LENGTH_MIN {
            return Err(AssertionError::WeakKey);
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, octets)))
    }

    /// An assertion for the application `audience`; `random` makes it unlike any other.
    #[must_use]
    pub fn sign(
        &self,
        subject: &Subject,
        audience: &str,
        random: [u8; 16],
        now: Timestamp,
    ) -> Secret {
        let mut claims = json!({
            "iss": ASSERTION_ISSUER,
            "aud": audience,
            "sub": subject.object_id,
            "iat": now.seconds(),
            "exp": now.seconds().saturating_add(ASSERTION_SECONDS),
            "jti": URL_SAFE_NO_PAD.encode(random),
        });
        for (name, value) in [
            ("account", &subject.account),
            ("domain", &subject.domain),
            ("upn", &subject.upn),
            ("sid", &subject.sid),
            ("name", &subject.name),
        ] {
            if let (Some(value), Some(claims)) = (value, claims.as_object_mut()) {
                claims.insert(name.to_owned(), json!(value));
            }
        }
        let header = json!({ "alg": "HS256", "typ": "JWT" });
        let [header, claims] = [header, claims].map(|v| URL_SAFE_NO_PAD.encode(v.to_string()));
        let input = format!("{header}.{claims}");
        let signature = hmac::sign(&self.0, input.as_bytes());
        Secret::new(format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// Checks assertions for one application.
#[derive(Debug, Clone)]
pub struct AssertionVerifier {
    keys: Vec<AssertionKey>,
    audience: String,
}

impl AssertionVerifier {
    /// A verifier that accepts any of `keys`: the current one and, while it is being replaced, the
    /// one before. Without keys it accepts nothing.
    #[must_use]
    pub fn new(keys: Vec<AssertionKey>, audience: &str) -> Self {
        Self { keys, audience: audience.to_owned() }
    }

    /// The assertion, if it is one of ours, for us, now.
    ///
    /// # Errors
    /// [`AssertionError`].
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<Assertion, AssertionError> {
        let claims = self.verified(token)?;
        let bad = |Bad(name): Bad| AssertionError::Malformed(name);
        let text = |name| json::text(&claims, name).map_err(bad);
        let needed = |name| text(name)?.filter(|t| !t.is_empty()).ok_or(bad(Bad(name)));
        let time = |name| moment(&claims, name).map_err(bad)?.ok_or(bad(Bad(name)));
        if needed("iss")? != ASSERTION_ISSUER {
            return Err(AssertionError::WrongIssuer);
        }
        if !same_text(&needed("aud")?, &self.audience) {
            return Err(AssertionError::WrongAudience);
        }
        let (issued, expires) = (time("iat")?, time("exp")?);
        if after(expires, ASSERTION_SKEW_SECONDS) <= now {
            return Err(AssertionError::Expired);
        }
        let is_too_long = expires > after(issued, ASSERTION_SECONDS);
        if issued > after(now, ASSERTION_SKEW_SECONDS) || is_too_long {
            return Err(AssertionError::NotYetValid);
        }
        let subject = Subject {
            object_id: needed("sub")?,
            account: text("account")?,
            domain: text("domain")?,
            upn: text("upn")?,
            sid: text("sid")?,
            name: text("name")?,
        };
        Ok(Assertion { subject, id: needed("jti")?, issued, expires })
    }

    /// The claims of a token that one of the keys signed.
    fn verified(&self, token: &str) -> Result<Map<String, Value>, AssertionError> {
        if token.len() > TOKEN_SIZE_MAX {
            return Err(AssertionError::Malformed("it is too long"));
        }
        let parts: Vec<&str> = token.split('.').collect();
        let [header, claims, signature] = parts.as_slice() else {
            return Err(AssertionError::Malformed("it has not three parts"));
        };
        let input = token.get(..header.len() + 1 + claims.len()).unwrap_or_default();
        let signature = URL_SAFE_NO_PAD.decode(signature);
        let signature = signature.map_err(|_e| AssertionError::BadSignature)?;
        // The comparison takes the same time wherever the signatures differ.
        let is_of = |key: &AssertionKey| hmac::verify(&key.0, input.as_bytes(), &signature).is_ok();
        if !self.keys.iter().any(is_of) {
            return Err(AssertionError::BadSignature);
        }
        let header = part(header).ok_or(AssertionError::Malformed("the header is no object"))?;
        if header.get("alg").is_none_or(|alg| alg != "HS256") || header.contains_key("crit") {
            return Err(AssertionError::Malformed("the algorithm is not HS256"));
        }
        part(claims).ok_or(AssertionError::Malformed("the claims are no object"))
    }
}

#[cfg(test)]
mod tests;
