//! Deterministic simulation of whole deployments: a seed fixes the scenario, what others do in the
//! connected systems, every run, and every fault; an oracle says after each step what must hold.
//!
//! No network, no threads, no clock: futures are polled by hand, so a process can be made to die at
//! every point where it waits. Not here: the wire protocols of real systems (`connectors`), speed
//! (`bench`).

mod connection;
mod dice;
mod faults;
mod fragile;
mod history;
mod oracle;
mod report;
mod scenario;
mod simulation;
mod system;
mod waiting;
mod world;

pub use report::{Failure, check, story};
