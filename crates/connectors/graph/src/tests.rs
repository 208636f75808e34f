//! The connector against a simulated tenant, over HTTPS on loopback.

mod bench;
mod conformance;
mod faults;
mod importing;
mod settings;
mod signing_in;
