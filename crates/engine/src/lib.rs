//! The synchronization engine: import, synchronization, export, runs and their history.
//!
//! One way of flow: read, stage, plan, carry out, export, confirm. Planning is pure: facts and
//! rules in, a plan out. Everything around it reads and writes batches, each a transaction with the
//! run's progress in it.

mod alike;
mod clear;
mod convert;
pub mod counters;
mod drop_file;
mod engine;
mod error;
mod export;
mod guard;
mod ids;
mod import;
mod left_behind;
mod limits;
pub mod mutant;
mod preview;
mod profile_run;
mod request;
mod result;
mod rulebook;
mod run;
mod setup;
mod single;
mod stop;
mod sync;

pub use clear::{CLEAR, Clearing};
pub use engine::{Engine, Parts, SharedRandom};
pub use error::StepError;
pub use left_behind::LeftBehind;
pub use limits::SYNC_PAGE_OBJECTS;
pub use preview::{CsChange, FlowStatus, MvChange, Preview, PreviewMode};
pub use request::{EngineError, RunOptions, RunRequest, RunSummary, StepSummary};
pub use result::StepResult;
pub use rulebook::{Rulebook, RulebookError};
pub use run::{NoObserver, Observer};
pub use setup::{ConnectorSetup, Policy, Setup};
pub use single::SingleError;
pub use stop::Stop;
pub use sync::{
    Connected, Contribution, Decision, DeletionTest, Deprovisioned, ExportFlow, Given, JoinAttempt,
    JoinCandidates, Provisioning, ScopeTest, SearchedPair, Tested, Trace,
};
