//! Resources of the identity service: typed bags of attributes with a change sequence.

use async_trait::async_trait;
use model::{Attributes, Guid, Name};

use crate::StoreError;

/// A resource as it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Its identity.
    pub id: Guid,
    /// Its type, fixed at creation.
    pub resource_type: Name,
    /// Its attributes.
    pub attributes: Attributes,
    /// The place of its last change in the sequence of all changes, from 1.
    pub version: i64,
    /// True after deletion; attributes are gone then.
    pub deleted: bool,
}

/// One change to a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResourceChange {
    /// Creates it, or replaces its attributes.
    Put {
        /// Its identity.
        id: Guid,
        /// Its type.
        resource_type: Name,
        /// Its attributes afterwards.
        attributes: Attributes,
    },
    /// Deletes it; a tombstone stays for delta readers.
    Delete {
        /// Its identity.
        id: Guid,
    },
}

/// The identity service's part of the store.
#[async_trait]
pub trait ResourceStore: Send + Sync {
    /// The live resources with these ids, in no particular order; unknown ids are left out.
    async fn resources(&self, ids: &[Guid]) -> Result<Vec<Resource>, StoreError>;

    /// A page of changes after `version`, oldest first: each resource once, at its last change,
    /// tombstones included.
    async fn resources_since(
        &self,
        version: i64,
        limit: usize,
    ) -> Result<Vec<Resource>, StoreError>;

    /// The place of the newest change.
    async fn resource_version(&self) -> Result<i64, StoreError>;

    /// Applies changes in one transaction. A change that changes nothing takes no place in the
    /// sequence.
    async fn change_resources(&self, changes: Vec<ResourceChange>) -> Result<(), StoreError>;
}
