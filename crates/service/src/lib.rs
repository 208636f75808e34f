//! The identity service in its first form: people, synchronization rules and expected rule entries as
//! resources with a schema, kept in the store with a sequence of changes.
//!
//! Not here: requests, policies, sets and workflows.

mod error;
mod expected;
mod people;
mod rules;
mod schema;
mod service;

pub use error::ServiceError;
pub use expected::RuleAction;
pub use people::{ADMINISTRATOR, SYNCHRONIZATION_ACCOUNT};
pub use rules::RuleResource;
pub use schema::{
    DETECTED_RULE_ENTRY, EXPECTED_RULE_ENTRY, PERSON, SYNCHRONIZATION_RULE, attribute,
    resource_schema, resource_types,
};
pub use service::Service;
pub use store::{Resource, ResourcePlace, ResourceQuery};
