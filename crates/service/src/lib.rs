//! The identity service in its first form: people and synchronization rules as resources with a
//! schema, kept in the store with a sequence of changes.
//!
//! Not here: requests, policies, sets and workflows.

mod error;
mod people;
mod rules;
mod schema;
mod service;

pub use error::ServiceError;
pub use people::{ADMINISTRATOR, SYNCHRONIZATION_ACCOUNT};
pub use rules::RuleResource;
pub use schema::{PERSON, SYNCHRONIZATION_RULE, attribute, resource_schema, resource_types};
pub use service::Service;
pub use store::{Resource, ResourcePlace, ResourceQuery};
