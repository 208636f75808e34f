//! Runs.

use std::collections::BTreeMap;

use engine::counters::with_roll_ups;
use model::{ConnectorId, Name, RunId};
use store::RunRecord;

use crate::request::cs_text;
use crate::types::{Run, RunError, RunPlace, RunState, RunStep};

/// A run; `running` is the one that is under way now.
pub(crate) fn run(
    record: &RunRecord,
    names: &BTreeMap<ConnectorId, Name>,
    running: Option<RunId>,
) -> Run {
    let end = record.end.as_ref();
    let state = match end {
        Some(_) => RunState::Ended,
        None if running == Some(record.id) => RunState::Running,
        None => RunState::Interrupted,
    };
    let connector = names.get(&record.connector);
    Run {
        id: record.id.to_string(),
        connector: connector.map(Name::to_string).unwrap_or_default(),
        profile: record.profile.to_string(),
        step: RunStep {
            number: record.step.number,
            step_type: record.step.step_type.to_string(),
            description: record.step.description.clone(),
            first: record.step.first.map(|run| run.to_string()),
        },
        started_by: record.started_by.clone(),
        rules: record.rules.clone(),
        sequence: record
            .sequence
            .as_ref()
            .map(|(name, place)| RunPlace { name: name.to_string(), place: place + 1 }),
        started: record.started.to_string(),
        ended: end.map(|end| end.ended.to_string()),
        result: end.map(|end| end.result.clone()),
        message: end.and_then(|end| end.message.clone()),
        counters: with_roll_ups(&record.counters),
        state,
    }
}

/// An object's error in a run.
pub(crate) fn run_error(error: &store::RunError) -> RunError {
    RunError {
        object: error.object.map(cs_text),
        name: error.name.clone(),
        error_type: error.error_type.clone(),
        step: error.step.clone(),
        message: error.message.clone(),
        code: error.code.clone(),
        rule: error.rule.as_ref().map(Name::to_string),
    }
}
