//! Synchronization: plans objects one by one, in order, and carries the plans out in batches.

mod batch;
mod by_hand;
mod candidates;
mod connect;
mod containers;
mod deprovision;
mod draft;
mod election;
mod equals;
mod evaluate;
mod export_flow;
mod facts;
mod import_flow;
mod link_types;
mod merging;
mod names;
mod plan;
mod provision;
mod random;
mod references;
mod step;
mod view;

pub use by_hand::Decision;
pub(crate) use candidates::candidates;
pub use candidates::{JoinCandidates, SearchedPair};
pub(crate) use evaluate::{Outcome, Surroundings, evaluate, failure};
pub(crate) use step::{SyncMode, SyncStep, run, run_one};
pub(crate) use view::MvView;
