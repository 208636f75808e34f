//! Export: sends what is pending, one small batch after the other.
//!
//! Each batch is put into escrow before it is sent, so a crash leaves it in doubt and never lost:
//! the next export asks the connector to look before it writes.

mod operation;
mod outcome;
mod planned;
mod step;

pub(crate) use step::{ExportPolicy, run};
