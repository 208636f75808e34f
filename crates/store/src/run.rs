//! Runs: leases, progress and history.

use std::collections::BTreeMap;

use model::{ConnectorId, CsId, Name, RunId, Timestamp};

/// Counters by their documented name.
pub type Counters = BTreeMap<String, u64>;

/// The step of a run profile that a run carries out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunStep {
    /// Its number within the profile, from 1; 0 for what is done to one object by hand.
    pub number: u32,
    /// What it does, e.g. `full-import`.
    pub step_type: Name,
    /// The step as it was defined when it began.
    pub description: String,
    /// The run of the profile's first step; `None` for the first step itself.
    pub first: Option<RunId>,
}

impl RunStep {
    /// The only step of a profile that is nothing but a step of this type.
    #[must_use]
    pub fn only(step_type: Name) -> Self {
        Self { number: 1, step_type, description: String::new(), first: None }
    }

    /// True if the step changes the metaverse, so that only one of its kind may go on at a time: a
    /// synchronization, or what is done to one object by hand.
    #[must_use]
    pub fn is_synchronization(&self) -> bool {
        self.number == 0 || ["full-sync", "delta-sync"].contains(&self.step_type.as_str())
    }
}

/// A run to begin: one step of a run profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRun {
    /// The connector.
    pub connector: ConnectorId,
    /// The run profile.
    pub profile: Name,
    /// The step.
    pub step: RunStep,
    /// Who asked for it, where that is known.
    pub started_by: Option<String>,
    /// The version of the rules it works by (see [`crate::fingerprint`]); `None` where it needs
    /// none.
    pub rules: Option<String>,
    /// The sequence it is part of and its place in it, from 0.
    pub sequence: Option<(Name, u32)>,
    /// Who runs it: any text that tells processes apart.
    pub owner: String,
    /// Now.
    pub started: Timestamp,
    /// When the lease ends unless a commit renews it.
    pub lease_until: Timestamp,
}

/// The right to write for a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunLease {
    /// The run.
    pub run: RunId,
    /// Its connector.
    pub connector: ConnectorId,
    /// The fencing token.
    pub epoch: i64,
    /// Set when the run was taken over from a process that died: its counters and cursor so far.
    pub resumed: Option<(Counters, Option<String>)>,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunEnd {
    /// The result's documented name, e.g. `success`.
    pub result: String,
    /// What stopped it, for results that are not good.
    pub message: Option<String>,
    /// The final counters.
    pub counters: Counters,
    /// When.
    pub ended: Timestamp,
}

/// A run in the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRecord {
    /// Its number over all connectors.
    pub id: RunId,
    /// Its connector.
    pub connector: ConnectorId,
    /// The run profile.
    pub profile: Name,
    /// The step.
    pub step: RunStep,
    /// Who asked for it, where that is known.
    pub started_by: Option<String>,
    /// The version of the rules it worked by.
    pub rules: Option<String>,
    /// The sequence it was part of and its place in it.
    pub sequence: Option<(Name, u32)>,
    /// When it began.
    pub started: Timestamp,
    /// How it ended; `None` while it runs or when it was left by a crash.
    pub end: Option<RunEnd>,
    /// The counters so far.
    pub counters: Counters,
}

/// Which runs to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunQuery {
    /// Only this connector's.
    pub connector: Option<ConnectorId>,
    /// Only those before this one.
    pub before: Option<RunId>,
    /// At most so many; 0 means all.
    pub limit: usize,
}

/// An object's error in a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunError {
    /// The object, if it is in the connector space.
    pub object: Option<CsId>,
    /// Its DN or anchor.
    pub name: String,
    /// The error's name.
    pub error_type: String,
    /// The step of the pipeline.
    pub step: String,
    /// What happened.
    pub message: String,
    /// The connected system's own code.
    pub code: Option<String>,
    /// The rule, where one is to blame.
    pub rule: Option<Name>,
}
