//! Runs, sequences and what is heard of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Counters by their documented name.
pub type RunCounters = BTreeMap<String, u64>;

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RunState {
    /// Under way.
    Running,
    /// Done, well or not.
    Ended,
    /// Left open when its process ended; the same run profile goes on with it.
    Interrupted,
}

/// A run's place in a sequence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RunPlace {
    /// The sequence.
    pub name: String,
    /// The place, from 1.
    pub place: u32,
}

/// The step of its profile that a run carries out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RunStep {
    /// Its number within the profile, from 1.
    pub number: u32,
    /// What it does: full-import, delta-import, full-sync, delta-sync or export.
    pub step_type: String,
    /// The step as it was defined when it began.
    #[serde(skip_serializing_if = "String::is_empty")]
    #[serde(default)]
    pub description: String,
    /// The run of the profile's first step, for the later ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
}

/// A run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// Its number over all connectors.
    pub id: String,
    /// The connector.
    pub connector: String,
    /// The run profile.
    pub profile: String,
    /// The step of it.
    pub step: RunStep,
    /// Who asked for it, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_by: Option<String>,
    /// The version of the rules it worked by, where it needed any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<String>,
    /// The sequence it was part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence: Option<RunPlace>,
    /// When it began.
    #[schema(format = DateTime)]
    pub started: String,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    pub ended: Option<String>,
    /// The result's documented name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// What stopped it, for results that are not good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What it counted so far, with the sums of the operations page.
    #[schema(value_type = BTreeMap<String, u64>)]
    pub counters: RunCounters,
    /// Where it stands.
    pub state: RunState,
}

/// How a run comes along: the data of server-sent events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RunEvent {
    /// The run.
    pub run: Run,
    /// About so many objects are to come, as far as the store can tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<u64>,
    /// So many are done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub done: Option<u64>,
}

/// An object's error in a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RunError {
    /// The object, if it is in the connector space.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Its DN or anchor.
    pub name: String,
    /// The error's name.
    pub error_type: String,
    /// The step of the pipeline.
    pub step: String,
    /// What happened.
    pub message: String,
    /// The connected system's own code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The rule, where one is to blame.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
}

/// A run to start: a connector's profile, or a sequence.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RunRequest {
    /// The connector, together with `profile`.
    pub connector: Option<String>,
    /// The run profile, together with `connector`.
    pub profile: Option<String>,
    /// The sequence, on its own.
    pub sequence: Option<String>,
    /// Kinds of change whose limits do not count for this once, such as delete.
    #[serde(default)]
    #[schema(required = false)]
    pub accept_limits: Vec<String>,
}

/// A run or sequence that was started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RunStarted {
    /// The sequence, if one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence: Option<String>,
    /// The run, or the sequence's first one.
    pub run: Run,
}

/// One step of a sequence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// The connector.
    pub connector: String,
    /// The run profile.
    pub profile: String,
}

/// When a sequence runs by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Schedule {
    /// Seconds between two starts.
    pub every_seconds: u64,
}

/// A sequence of runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Sequence {
    /// Its name.
    pub name: String,
    /// Its runs in order.
    pub steps: Vec<Step>,
    /// When it runs by itself.
    pub schedules: Vec<Schedule>,
}
