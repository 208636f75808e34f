//! `status`: the state of every connector space and the metaverse, and how the last runs went.

use engine::StepResult;
use model::{Name, RunId};
use rules::StepType;
use serde_json::{Map, Value, json};
use store::{RunQuery, RunRecord};

use super::search::{STATISTICS, statistics};
use super::{history, show};
use crate::args::Status;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::session::Session;
use crate::text::count;

/// Runs the command.
pub(super) async fn run(arguments: &Status, output: &Output) -> Result<Exit, Failure> {
    let session = super::open(&arguments.config, output).await?;
    if let Some(name) = &arguments.connector {
        return print_statistics(&session, name, output).await;
    }
    let state = session.engine.state().await?;
    let metaverse = session.engine.metaverse().await?;
    let newest = session.engine.store().runs(RunQuery { limit: 1, ..RunQuery::default() }).await?;
    let interrupted = newest.first().filter(|run| run.end.is_none()).map(|run| run.id.0);
    let (spaces, types) = show::state_json(&state, &metaverse);
    let last = newest.first().map(|run| run.id.0);
    let runs = last_runs(&session).await?;
    let skipped: Vec<Skipped> = skipped(&session).await?;
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
        "staging": session.deployment().is_staging,
        "obsoletion_skipped": skipped.iter().map(Skipped::json).collect::<Vec<_>>(),
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
    if session.deployment().is_staging {
        output.text("\nstaging mode: nothing is exported");
    }
    for skipped in &skipped {
        output.text(&format!("\nwarning: {}", skipped.text()));
    }
    if let Some(run) = interrupted {
        output
            .text(&format!("\nrun {run} was interrupted; the same run profile will go on with it"));
    }
    Ok(Exit::Done)
}

/// The numbers of one connector space by state, and what is pending in it.
async fn print_statistics(session: &Session, name: &str, output: &Output) -> Result<Exit, Failure> {
    let connector = show::connector(session, name)?;
    let store = session.engine.store().as_ref();
    let numbers = statistics(store, connector).await?;
    let types = store.cs_types(connector.id).await?;
    let named = || STATISTICS.into_iter().zip(numbers);
    output.object(&json!({
        "connector": connector.name.as_str(),
        "statistics": named().map(|(n, v)| (n.replace([' ', '-'], "_"), json!(v))).collect::<Map<_, _>>(),
        "types": types.iter().map(|(n, v)| (n.to_string(), json!(v))).collect::<Map<_, _>>(),
    }));
    let rows: Vec<Vec<String>> =
        named().map(|(name, number)| vec![name.to_owned(), number.to_string()]).collect();
    output.table(&["connector space", "objects"], &rows);
    output.text("");
    let rows: Vec<Vec<String>> =
        types.iter().map(|(name, number)| vec![name.to_string(), number.to_string()]).collect();
    output.table(&["type", "objects"], &rows);
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
            let same = |newer: &RunRecord| {
                newer.profile == run.profile && newer.step.number == run.step.number
            };
            if !runs.iter().any(same) {
                runs.push(run);
            }
        }
        if !runs.is_empty() {
            found.push((connector.name.clone(), runs));
        }
    }
    Ok(found)
}

/// A connector whose imports meet discovery errors: what is missing there does not count as deleted,
/// and nobody would notice.
struct Skipped {
    connector: Name,
    /// The first run of the unbroken row.
    since: RunId,
    /// How many runs it has.
    runs: usize,
}

impl Skipped {
    fn text(&self) -> String {
        let Self { connector, since, runs } = self;
        format!(
            "obsoletion is skipped in {connector} since run {since} ({}), because of discovery \
             errors: objects that are gone stay; see `proxeny history {since}`",
            count(*runs, "import")
        )
    }

    fn json(&self) -> Value {
        json!({ "connector": self.connector.as_str(), "since": self.since.0, "runs": self.runs })
    }
}

/// The connectors whose newest imports ended with discovery errors.
async fn skipped(session: &Session) -> Result<Vec<Skipped>, Failure> {
    let mut found = Vec::new();
    for connector in session.engine.setup().connectors.values() {
        let query =
            RunQuery { connector: Some(connector.id), limit: RUNS_MAX, ..RunQuery::default() };
        let runs = session.engine.store().runs(query).await?;
        let imports = runs.iter().filter(|run| {
            let step_type = StepType::parse(&run.step.step_type);
            run.end.is_some() && step_type.is_some_and(StepType::is_import)
        });
        let discovery = StepResult::CompletedDiscoveryErrors.as_str();
        let row: Vec<&RunRecord> = imports
            .take_while(|run| run.end.as_ref().is_some_and(|end| end.result == discovery))
            .collect();
        if let Some(first) = row.last() {
            let (connector, runs) = (connector.name.clone(), row.len());
            found.push(Skipped { connector, since: first.id, runs });
        }
    }
    Ok(found)
}
