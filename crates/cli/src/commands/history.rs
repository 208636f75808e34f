//! `history`: past runs, and one run's errors.

use model::{ConnectorId, Name, RunId};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use store::{RunQuery, RunRecord};

use super::show;
use crate::args::History;
use crate::failure::{Exit, Failure};
use crate::output::Output;

/// Runs the command.
pub(super) async fn run(arguments: &History, output: &Output) -> Result<Exit, Failure> {
    let session = super::open(&arguments.config, output).await?;
    let store = session.engine.store();
    let names = store.connectors().await?;
    let connector = match &arguments.connector {
        None => None,
        Some(name) => {
            let found = names.iter().find(|(_, n)| **n == name.as_str()).map(|(id, _)| *id);
            Some(found.ok_or_else(|| Failure::usage(format!("there is no connector {name:?}")))?)
        }
    };
    let query = match arguments.run {
        Some(run) => RunQuery { before: Some(RunId(run + 1)), limit: 1, connector },
        None => RunQuery { limit: arguments.limit, connector, ..RunQuery::default() },
    };
    let runs = store.runs(query).await?;
    if let Some(wanted) = arguments.run {
        let run = runs.first().filter(|run| run.id == RunId(wanted));
        let run = run.ok_or_else(|| Failure::new(format!("there is no run {wanted}")))?;
        let errors = store.run_errors(run.id).await?;
        show_run(run, &errors, &names, output);
        return Ok(Exit::Done);
    }
    for run in &runs {
        output.object(&run_json(run, &names));
    }
    let rows: Vec<Vec<String>> = runs.iter().map(|run| run_row(run, &names)).collect();
    output.table(&["run", "connector", "profile", "started", "result", "counters"], &rows);
    Ok(Exit::Done)
}

fn name(run: &RunRecord, names: &BTreeMap<ConnectorId, Name>) -> String {
    names.get(&run.connector).map_or_else(String::new, ToString::to_string)
}

fn result(run: &RunRecord) -> &str {
    run.end.as_ref().map_or("in-progress", |end| &end.result)
}

fn run_row(run: &RunRecord, names: &BTreeMap<ConnectorId, Name>) -> Vec<String> {
    let counters: Vec<String> = run.counters.iter().map(|(k, n)| format!("{k} {n}")).collect();
    vec![
        run.id.to_string(),
        name(run, names),
        run.profile.to_string(),
        run.started.to_string(),
        result(run).to_owned(),
        counters.join(", "),
    ]
}

fn run_json(run: &RunRecord, names: &BTreeMap<ConnectorId, Name>) -> Value {
    let counters: Map<String, Value> =
        run.counters.iter().map(|(k, n)| (k.clone(), json!(n))).collect();
    json!({
        "run": run.id.0,
        "connector": name(run, names),
        "profile": run.profile.as_str(),
        "sequence": run.sequence.as_ref().map(|(name, _)| name.as_str()),
        "started": run.started.to_string(),
        "ended": run.end.as_ref().map(|end| end.ended.to_string()),
        "result": result(run),
        "message": run.end.as_ref().and_then(|end| end.message.clone()),
        "counters": counters,
    })
}

fn show_run(
    run: &RunRecord,
    errors: &[store::RunError],
    names: &BTreeMap<ConnectorId, Name>,
    output: &Output,
) {
    let mut object = run_json(run, names);
    if let Value::Object(map) = &mut object {
        let errors: Vec<Value> = errors.iter().map(show::run_error_json).collect();
        map.insert("errors".to_owned(), errors.into());
    }
    output.object(&object);
    output.table(
        &["run", "connector", "profile", "started", "result", "counters"],
        &[run_row(run, names)],
    );
    if let Some(message) = run.end.as_ref().and_then(|end| end.message.as_ref()) {
        output.text(message);
    }
    if !errors.is_empty() {
        output.text("");
    }
    let rows: Vec<Vec<String>> = errors
        .iter()
        .map(|e| vec![e.error_type.clone(), e.step.clone(), e.name.clone(), e.message.clone()])
        .collect();
    if !rows.is_empty() {
        output.table(&["error", "step", "object", "message"], &rows);
    }
}
