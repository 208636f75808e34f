//! The engine on an in-memory store, with connected systems made of maps: whole cycles, the
//! variants of the guest scenario, faults, crashes and properties.

mod crash;
mod documented;
mod properties;
mod system;
mod variants;
mod world;
