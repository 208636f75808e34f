//! Import: stages what a connector reads, confirms exports, and finds what is missing.

mod arrival;
mod behind;
mod blanking;
mod discovery;
mod file;
mod finish;
mod gather;
mod keys;
mod lookup;
mod missing;
mod placeholders;
mod read;
mod renames;
mod stage;
mod subtree;
mod transient;

pub(crate) use discovery::is_too_deep;
pub(crate) use read::{ImportStep, run};
