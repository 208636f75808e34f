//! What is asked of the engine, and what it answers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use connector::Connector;
use model::{Name, RunId};
use rules::{ChangeKind, StepType};
use store::{Counters, CsCounts, RunError, StoreError};

use crate::result::StepResult;
use crate::run::Observer;
use crate::stop::Stop;

/// A run to make.
pub struct RunRequest<'a> {
    /// The connector's name.
    pub connector: &'a str,
    /// The run profile's name.
    pub profile: &'a str,
    /// The sequence the run belongs to, and its place in it.
    pub sequence: Option<(Name, u32)>,
    /// The connector itself; not needed for synchronization.
    pub connection: Option<Arc<dyn Connector>>,
    /// Hears of progress.
    pub observer: &'a dyn Observer,
}

/// What a run can be told beside what to do.
#[derive(Debug, Clone, Default)]
pub struct RunOptions {
    /// Who asks for it, for the history.
    pub started_by: Option<String>,
    /// Ends it early.
    pub stop: Stop,
    /// Kinds of change whose limits do not count for this once.
    pub accepted: BTreeSet<ChangeKind>,
}

/// What one step of a run profile did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepSummary {
    /// The number of its run.
    pub run: RunId,
    /// Its number within the profile, from 1.
    pub number: u32,
    /// What it does.
    pub step_type: StepType,
    /// How it ended.
    pub result: StepResult,
    /// Why, for results that are not good.
    pub message: Option<String>,
    /// What to do about it.
    pub help: Option<String>,
    /// The stable code of the error that ended it.
    pub code: Option<&'static str>,
    /// What it counted, with the sums of the operations page.
    pub counters: Counters,
    /// Objects that failed.
    pub errors: Vec<RunError>,
    /// What an operator should know.
    pub warnings: Vec<String>,
}

/// What a run profile did and left. Result, message and advice are those of the last step that ran;
/// counters are sums over the steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSummary {
    /// The number of its first step that ran now.
    pub run: RunId,
    /// The connector.
    pub connector: Name,
    /// The run profile.
    pub profile: Name,
    /// How it ended.
    pub result: StepResult,
    /// Why, for results that are not good.
    pub message: Option<String>,
    /// What to do about it.
    pub help: Option<String>,
    /// The stable code of the error that ended it.
    pub code: Option<&'static str>,
    /// What it counted, with the sums of the operations page.
    pub counters: Counters,
    /// Objects that failed.
    pub errors: Vec<RunError>,
    /// What an operator should know.
    pub warnings: Vec<String>,
    /// The state of every connector space afterwards.
    pub state: BTreeMap<Name, CsCounts>,
    /// The metaverse afterwards.
    pub metaverse: BTreeMap<Name, u64>,
    /// The steps that ran, in order.
    pub steps: Vec<StepSummary>,
    /// The steps that did not, since one before them ended the run.
    pub left_out: Vec<StepType>,
}

/// A run could not be made or kept.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The store failed; the run can be resumed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A synchronization, or something that changes the metaverse as one does, is going on.
    #[error("a synchronization is going on")]
    Synchronizing,
    /// No such connector.
    #[error("there is no connector {name:?}")]
    UnknownConnector {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// A connector was taken out of the configuration while objects of it are left.
    #[error(
        "the connector {name} is not in the configuration any more, and {objects} objects of it \
         are left"
    )]
    Abandoned {
        /// The connector.
        name: String,
        /// How many.
        objects: u64,
    },
    /// No such profile.
    #[error("the connector {connector} has no run profile {name:?}")]
    UnknownProfile {
        /// The connector.
        connector: String,
        /// The profile asked for.
        name: String,
        /// The profiles it has.
        known: Vec<String>,
    },
}

impl EngineError {
    /// The stable code an administrator can look up.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Store(error) => error.code(),
            Self::Abandoned { .. } => "ENG-0108",
            Self::Synchronizing => "ENG-0121",
            Self::UnknownConnector { .. } | Self::UnknownProfile { .. } => "ENG-0127",
        }
    }
}
