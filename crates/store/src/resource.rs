//! Resources of the identity service: typed bags of attributes with a change sequence.

use async_trait::async_trait;
use model::{Attributes, Guid, Name, Value};

use crate::{StoreError, join_key};

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

/// Attributes that resources are found by; the store keeps an index over them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ResourceIndex {
    /// `DisplayName`, which lists are sorted by: a resource without one comes first. Of several
    /// values the first counts.
    DisplayName,
    /// `AccountName`.
    AccountName,
    /// `Email`.
    Email,
    /// `ObjectSID`.
    ObjectSid,
}

impl ResourceIndex {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::DisplayName, Self::AccountName, Self::Email, Self::ObjectSid];

    /// Those that a search by text looks into.
    pub const SEARCHED: [Self; 3] = [Self::DisplayName, Self::AccountName, Self::Email];

    /// The attribute's name.
    #[must_use]
    pub const fn attribute(self) -> &'static str {
        match self {
            Self::DisplayName => "DisplayName",
            Self::AccountName => "AccountName",
            Self::Email => "Email",
            Self::ObjectSid => "ObjectSID",
        }
    }

    /// The keys under which a resource with these attributes is found, in the form of
    /// [`join_key`].
    #[must_use]
    pub fn keys(self, attributes: &Attributes) -> Vec<String> {
        match (attributes.get(self.attribute()), self) {
            (Some(values), Self::DisplayName) => values.first().map(join_key).into_iter().collect(),
            (Some(values), _) => values.iter().map(join_key).collect(),
            (None, Self::DisplayName) => vec![String::new()],
            (None, _) => Vec::new(),
        }
    }
}

/// Which resources to list, in order of display name (as [`join_key`] has it), then id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceQuery {
    /// The type.
    pub resource_type: Name,
    /// Only those of which a display name, account name or mail address begins like this, without
    /// regard to case.
    pub prefix: Option<String>,
    /// Only those after this place.
    pub after: Option<ResourcePlace>,
    /// At most so many.
    pub limit: usize,
}

/// A resource's place in lists: the key of its display name, and its id.
pub type ResourcePlace = (String, Guid);

impl Resource {
    /// The resource's place in lists.
    #[must_use]
    pub fn place(&self) -> ResourcePlace {
        let keys = ResourceIndex::DisplayName.keys(&self.attributes);
        (keys.into_iter().next().unwrap_or_default(), self.id)
    }
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

    /// The live resources of a type that hold `value` in an indexed attribute, compared by
    /// [`join_key`], in order of id.
    async fn find_resources(
        &self,
        resource_type: &Name,
        attribute: ResourceIndex,
        value: &Value,
    ) -> Result<Vec<Resource>, StoreError>;

    /// A page of live resources.
    async fn search_resources(&self, query: ResourceQuery) -> Result<Vec<Resource>, StoreError>;

    /// Gives the live resource `id` these attributes if its last change is still at `version`;
    /// false, and nothing done, if it is not.
    async fn replace_resource(
        &self,
        id: Guid,
        version: i64,
        attributes: Attributes,
    ) -> Result<bool, StoreError>;
}
