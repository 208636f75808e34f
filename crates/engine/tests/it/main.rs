//! The engine on an in-memory store, with connected systems made of maps: whole cycles, the
//! variants of the guest scenario, faults, crashes and properties.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod crash;
mod deprovisioning;
mod documented;
mod exporting;
mod flows;
mod joins;
mod names;
mod precedence;
mod properties;
mod returning;
mod staging;
mod system;
mod variants;
mod world;
