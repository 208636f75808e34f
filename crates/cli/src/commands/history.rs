//! `history`: past runs, and one run's errors.

use std::collections::BTreeMap;

use model::{ConnectorId, Name, RunId};
use serde_json::{Map, Value, json};
use store::{RunError, RunQuery, RunRecord};

use super::show;
use crate::args::History;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::text::{duration, moment, printable};

/// Runs the command.
pub(super) async fn run(arguments: &History, output: &Output) -> Result<Exit, Failure> {
    let session = super::open(&arguments.config, output).await?;
    let store = session.engine.store();
    let names = store.connectors().await?;
    if let Some(wanted) = arguments.run {
        let before = Some(RunId(wanted.saturating_add(1)));
        let runs = store.runs(RunQuery { before, limit: 1, connector: None }).await?;
        let run = runs.first().filter(|run| run.id == RunId(wanted));
        let run = run.ok_or_else(|| {
            Failure::new(format!("there is no run {wanted}"))
                .with_help("list the runs with: proxeny history")
        })?;
        let errors = store.run_errors(run.id).await?;
        show_run(run, &errors, name(run, &names), output);
        return Ok(Exit::Done);
    }
    let connector = match &arguments.connector {
        None => None,
        Some(name) => Some(connector_id(name, &names)?),
    };
    let query = RunQuery { limit: arguments.limit.get(), connector, ..RunQuery::default() };
    let runs = store.runs(query).await?;
    for run in &runs {
        output.object(&run_json(run, name(run, &names)));
    }
    if runs.is_empty() {
        output.text("no runs");
        return Ok(Exit::Done);
    }
    let rows: Vec<Vec<String>> = runs
        .iter()
        .map(|run| {
            let mut row = run_row(run, name(run, &names));
            row.push(counters(run));
            row
        })
        .collect();
    let heading: Vec<&str> = HEADING.into_iter().chain(["counters"]).collect();
    output.table(&heading, &rows);
    Ok(Exit::Done)
}

/// The id of a connector, also of one that is no longer configured.
fn connector_id(wanted: &str, names: &BTreeMap<ConnectorId, Name>) -> Result<ConnectorId, Failure> {
    let found = names.iter().find(|(_, name)| **name == wanted).map(|(id, _)| *id);
    found.ok_or_else(|| {
        let known: Vec<&str> = names.values().map(Name::as_str).collect();
        Failure::usage(format!("there is no connector {wanted:?}"))
            .with_help(format!("known connectors: {}", known.join(", ")))
    })
}

fn name<'a>(run: &RunRecord, names: &'a BTreeMap<ConnectorId, Name>) -> &'a str {
    names.get(&run.connector).map_or("", Name::as_str)
}

fn result(run: &RunRecord) -> &str {
    run.end.as_ref().map_or("in-progress", |end| &end.result)
}

fn counters(run: &RunRecord) -> String {
    let counters: Vec<String> = run.counters.iter().map(|(k, n)| format!("{k} {n}")).collect();
    counters.join(", ")
}

/// The profile, and where that is one of the connector's own the step of it; what was done by hand
/// has a word instead.
fn profile(run: &RunRecord) -> String {
    if run.step.step_type == run.profile {
        run.profile.to_string()
    } else if run.step.number == 0 {
        format!("{} {}", run.profile, run.step.step_type)
    } else {
        format!("{} {} {}", run.profile, run.step.number, run.step.step_type)
    }
}

/// The heading over [`run_row`]s.
pub(super) const HEADING: [&str; 7] =
    ["run", "connector", "profile", "started", "    took", "part of", "result"];

/// A run on one line.
pub(super) fn run_row(run: &RunRecord, connector: &str) -> Vec<String> {
    let part = run.sequence.as_ref().map(|(name, place)| format!("{name} {}", place + 1));
    vec![
        run.id.to_string(),
        connector.to_owned(),
        profile(run),
        moment(run.started),
        run.end.as_ref().map(|end| duration(run.started, end.ended)).unwrap_or_default(),
        part.unwrap_or_default(),
        result(run).to_owned(),
    ]
}

/// A run as JSON.
pub(super) fn run_json(run: &RunRecord, connector: &str) -> Value {
    let counters: Map<String, Value> =
        run.counters.iter().map(|(k, n)| (k.clone(), json!(n))).collect();
    json!({
        "run": run.id.0,
        "connector": connector,
        "profile": run.profile.as_str(),
        "step": run.step.number,
        "step_type": run.step.step_type.as_str(),
        "description": run.step.description,
        "first_run": run.step.first.unwrap_or(run.id).0,
        "started_by": run.started_by,
        "rules": run.rules,
        "sequence": run.sequence.as_ref().map(|(name, _)| name.as_str()),
        "sequence_place": run.sequence.as_ref().map(|(_, place)| place + 1),
        "started": run.started.to_string(),
        "ended": run.end.as_ref().map(|end| end.ended.to_string()),
        "result": result(run),
        "message": run.end.as_ref().and_then(|end| end.message.clone()),
        "counters": counters,
    })
}

fn show_run(run: &RunRecord, errors: &[RunError], connector: &str, output: &Output) {
    let mut object = run_json(run, connector);
    if let Value::Object(map) = &mut object {
        let errors: Vec<Value> = errors.iter().map(show::run_error_json).collect();
        map.insert("errors".to_owned(), errors.into());
    }
    output.object(&object);
    output.table(&HEADING, &[run_row(run, connector)]);
    output.text("");
    for line in origin(run) {
        output.text(&line);
    }
    if let Some(message) = run.end.as_ref().and_then(|end| end.message.as_ref()) {
        output.text(&format!("\n{message}"));
    }
    if !run.counters.is_empty() {
        output.text("");
        let rows = run.counters.iter().map(|(name, n)| vec![name.clone(), n.to_string()]);
        output.table(&["counter", "objects"], &rows.collect::<Vec<_>>());
    }
    if !errors.is_empty() {
        output.text("");
        let rows: Vec<Vec<String>> = errors.iter().map(error_row).collect();
        output.table(&["number", "object", "while", "error", "message"], &rows);
        output.text(&format!("all that is known of an object: proxeny cs show {connector} NUMBER"));
    }
}

/// What the run was to do, for whom, and by which rules.
fn origin(run: &RunRecord) -> Vec<String> {
    let mut lines = Vec::new();
    if !run.step.description.is_empty() {
        lines.push(format!("step: {}", run.step.description));
    }
    lines.extend(run.step.first.map(|first| format!("first step: run {first}")));
    lines.extend(run.started_by.as_ref().map(|name| format!("asked for by: {}", printable(name))));
    lines.extend(run.rules.as_ref().map(|version| format!("rules: {version}")));
    lines
}

fn error_row(error: &RunError) -> Vec<String> {
    vec![
        error.object.map(|id| id.sequence().to_string()).unwrap_or_default(),
        error.name.clone(),
        error.step.clone(),
        error.error_type.clone(),
        show::error_text(&error.message, error.code.as_deref(), error.rule.as_ref()),
    ]
}
