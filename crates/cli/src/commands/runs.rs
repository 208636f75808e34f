//! `runs`: the history of runs as a whole.

use model::Timestamp;
use serde_json::json;

use crate::args::{Runs, RunsAction};
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::text::count;

/// Runs the command.
pub(super) async fn run(arguments: &Runs, output: &Output) -> Result<Exit, Failure> {
    let RunsAction::Purge { before } = &arguments.action;
    let moment = moment(before)?;
    let session = super::open(&arguments.config, output).await?;
    let forgotten = session.engine.store().purge_runs(moment).await?;
    let number = usize::try_from(forgotten).unwrap_or(usize::MAX);
    output.object(&json!({ "forgotten": forgotten, "before": moment.to_string() }));
    output.text(&format!("{} forgotten", count(number, "run")));
    Ok(Exit::Done)
}

/// A day, which begins at midnight in UTC, or a moment.
fn moment(text: &str) -> Result<Timestamp, Failure> {
    let day = Timestamp::parse(&format!("{text}T00:00:00Z"));
    day.or_else(|_no_day| Timestamp::parse(text)).map_err(|_no_moment| {
        Failure::usage(format!("{text:?} is neither a day nor a moment"))
            .with_help("for example 2026-01-31, or 2026-01-31T12:00:00Z")
    })
}
