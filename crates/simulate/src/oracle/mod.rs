//! What must be true, worked out from the connected systems, the rules and the links alone: no
//! batches, no indexes, no deltas.
//!
//! `structure` holds at every moment, `step` after each run, `rest` when nothing more happens.

mod excuse;
mod model;
mod rest;
mod step;
mod structure;

pub(crate) use rest::{at_rest, has_trouble, portrait, settled, still};
pub(crate) use step::{Ran, after_run};
pub(crate) use structure::always;

/// A law was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    /// The law.
    pub(crate) law: &'static str,
    /// What is the case instead.
    pub(crate) detail: String,
}

/// Whether the laws hold.
pub(crate) type Verdict = Result<(), Violation>;

fn broken<T>(law: &'static str, detail: impl Into<String>) -> Result<T, Violation> {
    Err(Violation { law, detail: detail.into() })
}
