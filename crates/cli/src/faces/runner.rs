//! Carries out the runs that people and schedules ask for.

use std::sync::Arc;

use api::{RunFailure, RunOrder, Runner};
use async_trait::async_trait;
use engine::{Observer, RunSummary};

use crate::failure::Failure;
use crate::session::Session;

/// What hears of every run that ended.
pub(crate) type Ended = Box<dyn Fn(&RunSummary) + Send + Sync>;

/// Runs profiles of a session's connectors.
pub(crate) struct SessionRunner {
    session: Arc<Session>,
    ended: Ended,
}

impl SessionRunner {
    /// Runs profiles of `session` and tells `ended` how they went.
    pub(crate) fn new(session: Arc<Session>, ended: Ended) -> Self {
        Self { session, ended }
    }
}

#[async_trait]
impl Runner for SessionRunner {
    async fn run(
        &self,
        order: RunOrder<'_>,
        observer: &dyn Observer,
    ) -> Result<RunSummary, RunFailure> {
        let RunOrder { connector, profile, sequence, options } = order;
        let summary = self.session.run(connector, profile, sequence, observer, options).await;
        let summary = summary.map_err(|failure| {
            let Failure { message, help, code, .. } = failure;
            RunFailure { message, code, help }
        })?;
        (self.ended)(&summary);
        Ok(summary)
    }
}
