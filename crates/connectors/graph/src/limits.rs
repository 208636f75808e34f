//! Every limit of the connector.

use std::time::Duration;

/// The longest that one answer may be, in bytes; a page of a thousand users is far below.
pub(crate) const BODY_BYTES_MAX: usize = 64 * 1024 * 1024;

/// How many pages without a single entry may follow each other before the service is taken to be
/// going round in circles.
pub(crate) const EMPTY_PAGES_MAX: u32 = 1000;

/// How long before its end a token is no longer used.
pub(crate) const TOKEN_MARGIN_SECONDS: i64 = 300;

/// How long a client assertion is valid.
pub(crate) const ASSERTION_SECONDS: i64 = 600;

/// The age up to which a delta link is used: the service promises seven days.
pub(crate) const WATERMARK_SECONDS_MAX: i64 = 13 * 86_400 / 2;

/// How much of a message by the service is passed on, in characters.
pub(crate) const MESSAGE_CHARS_MAX: usize = 300;

/// How long and how often the connector waits for a service that cannot answer now.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// How often a throttled request is repeated.
    pub(crate) throttled: u32,
    /// How often a request is repeated after a server error or a broken connection.
    pub(crate) failed: u32,
    /// How often a connection that does not come about is tried again.
    pub(crate) unreachable: u32,
    /// The first pause where the service names none; it doubles each time.
    pub(crate) pause: Duration,
    /// The longest pause, and the longest one the service may ask for.
    pub(crate) pause_max: Duration,
}

impl Patience {
    /// During a run.
    pub(crate) const RUN: Self = Self {
        throttled: 10,
        failed: 5,
        unreachable: 2,
        pause: Duration::from_secs(2),
        pause_max: Duration::from_secs(300),
    };

    /// While somebody is waiting for an answer: no second attempt.
    pub(crate) const NONE: Self = Self { throttled: 0, failed: 0, unreachable: 0, ..Self::RUN };
}
