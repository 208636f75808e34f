//! Runs sequences by themselves.

use std::time::Duration;

use api::{JobError, Jobs, Work};
use engine::RunOptions;
use rules::Schedule;
use tokio_util::sync::CancellationToken;

/// Starts the sequence of `schedule` again and again until `ending`. A start that finds another run
/// under way is left out: the next one does its work.
pub(super) async fn follow(schedule: Schedule, jobs: Jobs, ending: CancellationToken) {
    let pause = Duration::from_secs(schedule.every_seconds);
    loop {
        tokio::select! {
            () = ending.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
        let sequence = schedule.sequence.as_str();
        let started_by = Some("schedule".to_owned());
        let options = RunOptions { started_by, ..RunOptions::default() };
        match jobs.start(Work::Sequence(schedule.sequence.clone()), options).await {
            Ok(run) => tracing::info!(sequence, run_id = run.0, "a schedule started its sequence"),
            Err(JobError::Busy { .. }) => {
                tracing::info!(sequence, "a schedule is left out: something runs already");
            }
            Err(JobError::Ending) => return,
            Err(error) => {
                tracing::error!(sequence, error = %error, "a schedule cannot start its sequence");
            }
        }
    }
}
