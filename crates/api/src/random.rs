//! Unpredictable randomness.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::Guid;

use crate::problem::ApiError;

/// A source of octets that nobody can guess.
pub trait SecureRandom: Send + Sync {
    /// Fills `octets`; false if the source failed, and then nothing may be made of them.
    fn fill(&self, octets: &mut [u8]) -> bool;
}

/// The operating system's source.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl SecureRandom for SystemRandom {
    fn fill(&self, octets: &mut [u8]) -> bool {
        getrandom::fill(octets).is_ok()
    }
}

/// So many random octets.
pub(crate) fn octets<const N: usize>(random: &dyn SecureRandom) -> Result<[u8; N], ApiError> {
    let mut octets = [0; N];
    if random.fill(&mut octets) { Ok(octets) } else { Err(ApiError::Random) }
}

/// 256 random bits as text for cookies and headers.
pub(crate) fn ticket(random: &dyn SecureRandom) -> Result<String, ApiError> {
    Ok(URL_SAFE_NO_PAD.encode(octets::<32>(random)?))
}

/// A new identifier (RFC 9562 section 5.4).
pub(crate) fn new_id(random: &dyn SecureRandom) -> Result<Guid, ApiError> {
    let uuid = uuid::Builder::from_random_bytes(octets(random)?).into_uuid();
    Ok(Guid::from_bytes(*uuid.as_bytes()))
}
