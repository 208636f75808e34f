//! The opaque tokens inside next and delta links: signed, so that a client cannot make its own.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::hmac;
use serde::{Deserialize, Serialize};

/// A place in a list or in a delta query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Place {
    /// Within a list of users.
    List { after: Option<String>, had_blank: bool },
    /// Within a round of a delta query.
    Round(Round),
    /// Between two rounds of a delta query.
    Rest { query: DeltaQuery, position: u64, issued_at_seconds: i64, epoch: u64 },
}

/// A round of a delta query: it covers the log from `from` (`None` in the initial round) up to
/// `upper` and goes on behind the id `after`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Round {
    pub(super) query: DeltaQuery,
    pub(super) from: Option<u64>,
    pub(super) upper: u64,
    pub(super) after: Option<String>,
    pub(super) epoch: u64,
    /// The empty page before the next one was already delivered.
    pub(super) had_blank: bool,
}

/// What a delta query asked for at its start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct DeltaQuery {
    pub(super) version: String,
    pub(super) select: Vec<String>,
}

/// Seals and opens places.
#[derive(Debug)]
pub(super) struct Sealer(hmac::Key);

impl Sealer {
    /// A sealer with a key of its own.
    pub(super) fn new() -> Option<Self> {
        let random = ring::rand::SystemRandom::new();
        hmac::Key::generate(hmac::HMAC_SHA256, &random).ok().map(Self)
    }

    pub(super) fn seal(&self, place: &Place) -> String {
        let text = serde_json::to_string(place).unwrap_or_default();
        let body = URL_SAFE_NO_PAD.encode(text);
        let tag = URL_SAFE_NO_PAD.encode(hmac::sign(&self.0, body.as_bytes()).as_ref());
        format!("{body}.{tag}")
    }

    pub(super) fn open(&self, token: &str) -> Option<Place> {
        let (body, tag) = token.split_once('.')?;
        let tag = URL_SAFE_NO_PAD.decode(tag).ok()?;
        hmac::verify(&self.0, body.as_bytes(), &tag).ok()?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).ok()?).ok()
    }
}
