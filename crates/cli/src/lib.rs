//! The composition root of `proxeny`: reads the configuration, opens the store, wires connectors
//! and engine, and carries out the commands. The only place that lists connectors and stores.

pub mod args;
pub mod commands;
pub mod connectors;
pub mod delegation;
mod faces;
pub mod failure;
pub mod kerberos_config;
pub mod operate_args;
pub mod output;
pub mod random;
pub mod run_args;
pub mod search_args;
pub mod secrets;
pub mod session;
pub mod sources;
pub mod text;
