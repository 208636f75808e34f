//! Microsoft Graph: users of an Entra tenant.
//!
//! A full import is the initial round of a delta query, so its watermark joins on without a gap; a
//! delta import is a later round. Settings, in a connector's file:
//!
//! ```toml
//! [connectivity]
//! tenant        = "contoso.onmicrosoft.com"          # domain or id
//! client_id     = "0dc4c140-0000-4000-8000-000068babca0"
//! client_secret = { env = "PROXENY_GRAPH_SECRET" }   # or client_certificate, a PEM with key and certificate
//! api_version   = "v1.0"                             # or "beta"
//! authority     = "https://login.microsoftonline.com"
//! graph         = "https://graph.microsoft.com"
//! ca            = "ca.pem"                           # trust these authorities and no others
//!
//! [parameters]
//! http_timeout  = "100 s"
//! datetime_format = "%Y-%m-%dT%H:%M:%SZ"
//! force_change_password_at_next_sign_in = true
//!
//! [objects.user]
//! anchor     = "id"
//! attributes = ["id", "displayName", "mail"]
//! ```
//!
//! Not here: groups, contacts, manager and other links, structured properties, and export;
//! `datetime_format` and `force_change_password_at_next_sign_in` are checked and wait for it.

mod client;
mod config;
mod connector;
mod decode;
mod health;
mod http;
mod import;
mod limits;
mod schema;
#[cfg(test)]
mod tests;
mod token;
mod watermark;

pub use connector::DESCRIPTOR;
