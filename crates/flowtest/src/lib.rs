//! Flow tests: what a configuration does to given objects, step by step, and what is expected of it.
//!
//! A test is a TOML file beside an ordinary configuration folder. [`play`] reads both, runs the real
//! engine on a store in memory, and puts a system made of memory in the place of every connected
//! system: no sockets, no clock but one that moves when the test says so, and the same random
//! numbers every time. What comes out is a [`Report`].
//!
//! Three layers: `document` reads what the author wrote, with places and without meaning; `world`
//! and `system` are what is played with; `compare` says where what is differs from what is expected.
//! The format is described in `docs/flow-tests.md`.
//! Not here: printing, and the choice of tests (`cli`).

mod compare;
mod config;
mod crash;
mod decide;
mod describe;
mod document;
mod faults;
mod find;
mod interruptible;
mod kind;
mod node;
mod play;
mod reader;
mod report;
mod similar;
mod system;
mod words;
mod world;

pub use find::{find, name};
pub use kind::DESCRIPTOR;
pub use play::play;
pub use report::{Failure, Report, Verdict};
