//! Limits, each with its reason.

use std::time::Duration;

/// How long a request to the provider may take. A person waits for it.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// The largest answer of a provider, in octets. Key sets of large providers are below 50 KiB.
pub const DOCUMENT_SIZE_MAX: usize = 1 << 20;
/// The largest token, in octets. Entra leaves groups out long before.
pub const TOKEN_SIZE_MAX: usize = 32 << 10;
/// The longest query of a callback, in octets. Codes of Entra are about 1 KiB, some are longer.
pub const CALLBACK_SIZE_MAX: usize = 16 << 10;
/// How many keys of a set are looked at. Entra publishes fewer than ten.
pub const KEYS_MAX: usize = 100;
/// The longest text of a refusal that is kept, in characters.
pub const DESCRIPTION_LENGTH_MAX: usize = 500;

/// How far the provider's clock may be from ours, in seconds.
pub const SKEW_SECONDS: i64 = 300;
/// How long somebody may take to sign in, in seconds. Entra's codes live as long.
pub const LOGIN_SECONDS_MAX: i64 = 600;
/// After how long the discovery document and the keys are fetched again, in seconds.
pub const DOCUMENT_FRESH_SECONDS: i64 = 86_400;
/// For how long they are good while the provider does not answer, in seconds.
pub const DOCUMENT_USABLE_SECONDS: i64 = 3 * 86_400;
/// How long the first pause after a failed fetch is, in seconds; each further one is twice as long.
pub const PAUSE_SECONDS_MIN: i64 = 1;
/// How long a pause after failed fetches is at most, in seconds.
pub const PAUSE_SECONDS_MAX: i64 = 60;
/// How long after keys were fetched for the sake of an unknown one they are so again, in seconds.
pub const UNKNOWN_KEY_SECONDS: i64 = 300;

/// The smallest RSA modulus, in bits (RFC 7518 section 3.3).
pub const MODULUS_BITS_MIN: usize = 2048;

/// How long an assertion of the gateway is good, in seconds. It is made for one request.
pub const ASSERTION_SECONDS: i64 = 60;
/// How far the clocks of gateway and application may be apart, in seconds.
pub const ASSERTION_SKEW_SECONDS: i64 = 30;
/// The shortest key of assertions, in octets (RFC 7518 section 3.2).
pub const ASSERTION_KEY_LENGTH_MIN: usize = 32;
