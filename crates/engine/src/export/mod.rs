//! Export: sends what is pending, one small batch after the other.
//!
//! Each batch is put into escrow before it is sent, so a crash leaves it in doubt and never lost:
//! the next export asks the connector to look before it writes.
//!
//! References to objects that the run itself creates or renames go out when those are there; the
//! others stay pending.

mod circles;
mod operation;
mod order;
mod outcome;
mod planned;
mod step;

pub(crate) use step::{ExportPolicy, run};
