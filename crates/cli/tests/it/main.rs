//! The `proxeny` binary over real sockets: simulated tenant, simulated directory and a real Samba
//! domain controller.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

mod bad_input;
mod demo;
mod deployment;
mod expr;
mod faults;
mod flowtest;
mod help;
mod inspect;
mod invite;
mod kill;
mod pages;
mod published;
mod recommended;
mod runs;
mod samba;
mod sim;
mod variants;
