//! Randomness, from outside.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::Timestamp;
use uuid::Uuid;

/// Where unguessable octets come from.
pub trait Random: Send + Sync {
    /// Fills `octets`.
    ///
    /// # Errors
    /// [`NoRandomness`] when the system has none.
    fn fill(&self, octets: &mut [u8]) -> Result<(), NoRandomness>;
}

/// The system has no randomness to offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system has no randomness to offer")]
pub struct NoRandomness;

/// The system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, octets: &mut [u8]) -> Result<(), NoRandomness> {
        getrandom::fill(octets).map_err(|_e| NoRandomness)
    }
}

/// 32 random octets as 43 letters.
pub(crate) fn token(random: &dyn Random) -> Result<String, NoRandomness> {
    let mut octets = [0; 32];
    random.fill(&mut octets)?;
    Ok(URL_SAFE_NO_PAD.encode(octets))
}

/// A request's id: unique, ascending with time (RFC 9562 5.7).
pub(crate) fn request_id(random: &dyn Random, now: Timestamp) -> Result<String, NoRandomness> {
    let mut octets = [0; 10];
    random.fill(&mut octets)?;
    let millis = u64::try_from(now.0 / 1000).unwrap_or(0);
    Ok(text(uuid::Builder::from_unix_timestamp_millis(millis, &octets).into_uuid()))
}

fn text(id: Uuid) -> String {
    id.hyphenated().to_string()
}
