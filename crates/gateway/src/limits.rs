//! Limits, each with its reason.

/// Sessions at a time; beyond that the one that was idle longest ends. About 2 KiB each.
pub(crate) const SESSIONS_MAX: usize = 100_000;
/// Sign-ins begun and not finished; anybody can begin one, so the oldest gives way.
pub(crate) const LOGINS_MAX: usize = 20_000;
/// How long a sign-in may take at the provider, in seconds: long enough to find a telephone.
pub(crate) const LOGIN_SECONDS: i64 = 600;
/// How long an account that was looked up is believed, in seconds: a block takes effect within
/// that time even when nothing tells the gateway.
pub(crate) const ACCOUNT_SECONDS: i64 = 30;
/// Accounts remembered.
pub(crate) const ACCOUNTS_MAX: usize = 50_000;
/// The longest request body kept for sending it again after a challenge.
pub(crate) const REPLAY_OCTETS_MAX: u64 = 64 * 1024;
/// Idle connections kept for one back end (and person, where they belong to one).
pub(crate) const IDLE_CONNECTIONS_MAX: usize = 64;
/// Back ends (and people) whose idle connections are kept.
pub(crate) const IDLE_POOLS_MAX: usize = 4_096;
/// How long an idle connection is kept, in seconds; most servers close theirs after a minute or
/// two.
pub(crate) const IDLE_CONNECTION_SECONDS: u64 = 50;
/// The header of a back end's answer.
pub(crate) const ANSWER_HEADER_OCTETS_MAX: usize = 256 * 1024;
/// Header fields of a back end's answer.
pub(crate) const ANSWER_HEADER_FIELDS_MAX: usize = 200;
/// An HTML tag, a style element or a CSS address is looked at as a whole up to this size.
pub(crate) const REWRITE_OCTETS_MAX: usize = 1024 * 1024;
/// How often an open tunnel asks whether its session still stands, in seconds.
pub(crate) const TUNNEL_PULSE_SECONDS: u64 = 2;
/// Kerberos exchanges at a time: each blocks a thread while a distribution centre is silent.
pub(crate) const EXCHANGES_MAX: usize = 16;
/// How long a person waits for a ticket, in seconds.
pub(crate) const TICKET_SECONDS: u64 = 15;
/// People whose tickets are kept.
pub(crate) const PEOPLE_MAX: usize = 20_000;
/// How long an answer about readiness is given again, in seconds.
pub(crate) const READY_SECONDS: i64 = 10;
/// The longest demand for claims that is passed to the provider, decoded.
pub(crate) const CLAIMS_OCTETS_MAX: usize = 4 * 1024;
