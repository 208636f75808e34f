//! The audit: one line for each sign-in, sign-out, refusal and ticket, with the target
//! `proxeny::audit`. Ids only: no token, name or address is ever in it.

use std::time::Duration;

/// The target of all of it.
const TARGET: &str = "proxeny::audit";

/// What a line is about, as far as it is known.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Subject<'a> {
    /// The reference number.
    pub(crate) request_id: &'a str,
    /// The person's object id.
    pub(crate) person: &'a str,
    /// The application's name.
    pub(crate) application: &'a str,
    /// The service a ticket is for.
    pub(crate) service: &'a str,
}

/// Records what was granted or ended.
pub(crate) fn done(event: &'static str, about: Subject<'_>, took: Duration) {
    tracing::info!(
        target: TARGET,
        event,
        result = "ok",
        person = about.person,
        application = about.application,
        service = about.service,
        request_id = about.request_id,
        duration_ms = millis(took),
        "access"
    );
}

/// Records what was refused.
pub(crate) fn refused(
    event: &'static str,
    about: Subject<'_>,
    (code, reason): (&str, &str),
    took: Duration,
) {
    tracing::warn!(
        target: TARGET,
        event,
        result = code,
        reason,
        person = about.person,
        application = about.application,
        service = about.service,
        request_id = about.request_id,
        duration_ms = millis(took),
        "access"
    );
}

fn millis(took: Duration) -> u64 {
    u64::try_from(took.as_millis()).unwrap_or(u64::MAX)
}
