//! `status`: the state of every connector space and the metaverse, and how the last runs went.

use model::Name;
use serde_json::{Map, Value, json};
use store::{RunQuery, RunRecord};

use super::{history, show};
use crate::args::Config;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::session::Session;

/// Runs the command.
pub(super) async fn run(config: &Config, output: &Output) -> Result<Exit, Failure> {
    let session = super::open(config, output).await?;
    let state = session.engine.state().await?;
    let metaverse = session.engine.metaverse().await?;
    let newest = session.engine.store().runs(RunQuery { limit: 1, ..RunQuery::default() }).await?;
    let interrupted = newest.first().filter(|run| run.end.is_none()).map(|run| run.id.0);
    let (spaces, types) = show::state_json(&state, &metaverse);
    let last = newest.first().map(|run| run.id.0);
    let runs = last_runs(&session).await?;
    let last_runs: Map<String, Value> = runs
        .iter()
        .map(|(name, runs)| {
            let runs = runs.iter().map(|run| history::run_json(run, name.as_str())).collect();
            (name.to_string(), runs)
        })
        .collect();
    output.object(&json!({
        "state": spaces, "metaverse": types, "last_run": last, "interrupted_run": interrupted,
        "last_runs": last_runs,
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
    output.text("");
    if runs.is_empty() {
        output.text("nothing was run yet; begin with: proxeny apply");
    } else {
        let rows: Vec<Vec<String>> = runs
            .iter()
            .flat_map(|(name, runs)| runs.iter().map(|run| history::run_row(run, name.as_str())))
            .collect();
        output.table(&history::HEADING, &rows);
    }
    if let Some(run) = interrupted {
        output
            .text(&format!("\nrun {run} was interrupted; the same run profile will go on with it"));
    }
    Ok(Exit::Done)
}

/// Runs to look at for the last one of each profile.
const RUNS_MAX: usize = 50;

/// The last run of every profile of every connector that has had one, newest first.
async fn last_runs(session: &Session) -> Result<Vec<(Name, Vec<RunRecord>)>, Failure> {
    let mut found = Vec::new();
    for connector in session.engine.setup().connectors.values() {
        let query =
            RunQuery { connector: Some(connector.id), limit: RUNS_MAX, ..RunQuery::default() };
        let mut runs: Vec<RunRecord> = Vec::new();
        for run in session.engine.store().runs(query).await? {
            if runs.iter().all(|newer| newer.profile != run.profile) {
                runs.push(run);
            }
        }
        if !runs.is_empty() {
            found.push((connector.name.clone(), runs));
        }
    }
    Ok(found)
}
