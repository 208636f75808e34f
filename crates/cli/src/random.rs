//! Randomness from the operating system.

use expr::Random;
use model::Guid;

/// Draws from the operating system's source.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

/// Random octets. Without randomness nothing may go on: a predictable password is worse than none.
fn octets<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if let Err(error) = getrandom::fill(&mut bytes) {
        tracing::error!(%error, "the operating system gives no randomness");
        std::process::abort();
    }
    bytes
}

impl Random for SystemRandom {
    fn below(&mut self, bound: u64) -> u64 {
        // Rejection keeps the distribution even; a bound of zero has only one answer.
        let Some(limit) = u64::MAX.checked_rem(bound).map(|rest| u64::MAX - rest) else { return 0 };
        loop {
            let number = u64::from_le_bytes(octets());
            if number < limit {
                return number % bound;
            }
        }
    }
}

/// A new random GUID (RFC 9562 section 5.4).
#[must_use]
pub fn new_guid() -> Guid {
    let mut bytes: [u8; 16] = octets();
    let [_, _, _, _, _, _, version, _, variant, ..] = &mut bytes;
    *version = *version & 0x0f | 0x40;
    *variant = *variant & 0x3f | 0x80;
    Guid::from_bytes(bytes)
}

/// Text for a throw-away secret: 32 hexadecimal digits with both cases and a sign, so that every
/// password policy accepts it.
#[must_use]
pub fn new_password() -> String {
    let bytes: [u8; 16] = octets();
    let digits: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    format!("Px-{digits}")
}
