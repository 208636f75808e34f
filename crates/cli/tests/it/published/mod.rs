//! The portal behind its gateway, served by the binary: people sign in.

mod bad_input;
mod browser;
mod doctor;
mod refusals;
mod stage;
mod visitor;
