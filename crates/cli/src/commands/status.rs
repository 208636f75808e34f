//! `status`: the state of every connector space and the metaverse.

use model::Name;
use serde_json::json;
use store::RunQuery;

use super::show;
use crate::args::Config;
use crate::failure::{Exit, Failure};
use crate::output::Output;

/// Runs the command.
pub(super) async fn run(config: &Config, output: &Output) -> Result<Exit, Failure> {
    let session = super::open(config, output).await?;
    let state = session.engine.state().await?;
    let metaverse = session.engine.metaverse().await?;
    let newest = session.engine.store().runs(RunQuery { limit: 1, ..RunQuery::default() }).await?;
    let interrupted = newest.first().filter(|run| run.end.is_none()).map(|run| run.id.0);
    let (spaces, types) = show::state_json(&state, &metaverse);
    let last = newest.first().map(|run| run.id.0);
    output.object(&json!({
        "state": spaces, "metaverse": types, "last_run": last, "interrupted_run": interrupted,
    }));
    let mut heading = vec!["connector space"];
    heading.extend(show::NUMBERS);
    let rows: Vec<Vec<String>> = state
        .iter()
        .map(|(name, counts)| {
            let numbers = show::numbers(counts).map(|n| n.to_string());
            std::iter::once(name.to_string()).chain(numbers).collect()
        })
        .collect();
    output.table(&heading, &rows);
    output.text("");
    let rows: Vec<Vec<String>> =
        metaverse.iter().map(|(t, n): (&Name, &u64)| vec![t.to_string(), n.to_string()]).collect();
    output.table(&["metaverse", "objects"], &rows);
    if let Some(run) = interrupted {
        output
            .text(&format!("\nrun {run} was interrupted; the same run profile will go on with it"));
    }
    Ok(Exit::Done)
}
