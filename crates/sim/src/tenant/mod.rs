//! A simulated Entra tenant: sign-in endpoints and Microsoft Graph over HTTPS, on one origin.
//!
//! [`Tenant::start`] gives a [`TenantHandle`]; the tenant runs until the handle is shut down or
//! dropped. What happens in the tenant is a pure `State`; handlers translate requests and
//! answers. Faults are queued by the handle or over HTTP (the table of
//! requests is in `control.rs`).
//! Not here: groups, contacts, batches, advanced queries, passwords of people.

mod answer;
mod app;
mod app_key;
mod assertion;
mod authorize;
mod control;
mod delta;
mod discovery;
mod faults;
mod fields;
mod graph;
mod handle;
mod intake;
mod keys;
mod links;
mod logout;
mod options;
mod pages;
mod person;
mod properties;
mod query;
mod question;
mod redeem;
mod return_to;
mod server;
mod sessions;
mod signin;
mod state;
#[cfg(test)]
mod tests;
mod userinfo;
mod world;

pub use app_key::AppKey;
pub use faults::{Fault, RequestCount};
pub use handle::{Tenant, TenantHandle};
pub use options::{AppOptions, AppSecret, TenantError, TenantOptions};
pub use state::StateError;
