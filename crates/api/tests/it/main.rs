//! The interface from outside: requests in, answers out, on a store in memory.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod authorization;
mod changes;
mod description;
mod events;
mod lists;
mod pages;
mod runner;
mod runs;
mod sign_in;
mod synchronization;
mod world;
