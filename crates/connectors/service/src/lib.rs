//! The identity service as a connected system: people and synchronization rules of the service that
//! shares the engine's store. Anchor and DN are the resource's identity.

mod config;
mod connector;
mod export;
mod import;

pub use config::DESCRIPTOR;
pub use connector::ServiceConnector;
