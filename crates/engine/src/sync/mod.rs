//! Synchronization: plans objects one by one, in order, and carries the plans out in batches.

mod ahead;
mod batch;
mod by_hand;
mod candidates;
mod changed;
mod connect;
mod containers;
mod deprovision;
mod detected;
mod draft;
mod election;
mod entries;
mod equals;
mod evaluate;
mod export_flow;
mod facts;
mod import_flow;
mod link_types;
mod look;
mod merging;
mod names;
mod plan;
mod policy;
mod provision;
mod random;
mod references;
mod steady;
mod step;
mod trace;
mod view;
mod withdrawn;

pub use by_hand::Decision;
pub(crate) use candidates::candidates;
pub use candidates::{JoinCandidates, SearchedPair};
pub(crate) use draft::connector_of;
pub(crate) use evaluate::{Outcome, Surroundings, evaluate, failure};
pub(crate) use look::{Look, look};
pub(crate) use policy::dangling;
pub(crate) use step::{SyncMode, SyncStep, run, run_one};
pub use trace::{
    Connected, Contribution, DeletionTest, Deprovisioned, ExportFlow, Given, JoinAttempt,
    Provisioning, ScopeTest, Tested, Trace,
};
pub(crate) use view::MvView;
