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
mod files;
mod flows;
mod guards;
mod joins;
mod names;
mod precedence;
mod preview;
mod properties;
mod references;
mod returning;
mod run_profiles;
mod staging;
mod steady;
mod stopping;
mod system;
mod thresholds;
mod variants;
mod world;
