//! Whether people could be served now. Anybody may ask, so the answer is kept for a moment: asking
//! often asks nobody else.

use model::Timestamp;
use tokio::sync::Mutex;

use crate::gateway::Inner;
use crate::limits::READY_SECONDS;

/// What is missing, in a word for monitoring; nothing when people can be served.
type Problem = Option<&'static str>;

/// The last answer.
#[derive(Debug, Default)]
pub(crate) struct Readiness(Mutex<Option<(Timestamp, Problem)>>);

impl Readiness {
    pub(crate) async fn problem(&self, inner: &Inner, now: Timestamp) -> Problem {
        let mut last = self.0.lock().await;
        if let Some((at, problem)) = *last
            && now.seconds().saturating_sub(at.seconds()) < READY_SECONDS
        {
            return problem;
        }
        let problem = find(inner, now).await;
        *last = Some((now, problem));
        problem
    }
}

async fn find(inner: &Inner, now: Timestamp) -> Problem {
    if let Err(error) = inner.provider.check_health(now).await {
        tracing::warn!(code = error.code(), error = %error, "people cannot sign in");
        return Some("provider\n");
    }
    let tickets = inner.tickets.as_ref()?;
    if let Err(error) = tickets.check().await {
        tracing::warn!(code = error.code, error = %error, "there are no tickets");
        return Some("kerberos\n");
    }
    None
}
