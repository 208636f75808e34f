//! Every flow test of the project, the examples of the documentation, and what is said of mistakes.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod documented;
mod flows;
mod mistakes;
mod systems;
