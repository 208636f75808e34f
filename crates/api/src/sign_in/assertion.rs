//! The gateway's word for who somebody is.

use model::{Sid, Timestamp};

/// The header it comes in.
pub(super) const HEADER: &str = "x-proxeny-assertion";

/// What a good assertion says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assertion {
    /// The security identifier of the person's account.
    pub sid: Option<Sid>,
    /// The account.
    pub account: Option<String>,
    /// The account's domain.
    pub domain: Option<String>,
}

/// An assertion was forged, is too old or meant for somebody else.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct AssertionRefused {
    /// What is wrong with it, without anything out of it.
    pub message: String,
}

/// Checks assertions: signature, audience, time.
pub trait AssertionVerifier: Send + Sync {
    /// What `header` says, if it can be believed at `now`.
    ///
    /// # Errors
    /// When it cannot.
    fn verify(&self, header: &str, now: Timestamp) -> Result<Assertion, AssertionRefused>;
}
