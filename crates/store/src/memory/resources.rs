//! Resources in memory.

use async_trait::async_trait;
use model::{Attributes, Guid, Name, Value};

use super::MemoryStore;
use crate::{
    Resource, ResourceChange, ResourceIndex, ResourceQuery, ResourceStore, StoreError, join_key,
};

#[async_trait]
impl ResourceStore for MemoryStore {
    async fn resources(&self, ids: &[Guid]) -> Result<Vec<Resource>, StoreError> {
        let state = self.state();
        let found = ids.iter().filter_map(|id| state.resources.get(id));
        Ok(found.filter(|r| !r.deleted).cloned().collect())
    }

    async fn resources_since(
        &self,
        version: i64,
        limit: usize,
    ) -> Result<Vec<Resource>, StoreError> {
        let state = self.state();
        let mut changed: Vec<&Resource> =
            state.resources.values().filter(|r| r.version > version).collect();
        changed.sort_by_key(|r| r.version);
        Ok(changed.into_iter().take(limit).cloned().collect())
    }

    async fn resource_version(&self) -> Result<i64, StoreError> {
        Ok(self.state().resource_version)
    }

    async fn change_resources(&self, changes: Vec<ResourceChange>) -> Result<(), StoreError> {
        let mut state = self.state();
        for change in changes {
            state.change_resource(change);
        }
        Ok(())
    }

    async fn find_resources(
        &self,
        resource_type: &Name,
        attribute: ResourceIndex,
        value: &Value,
    ) -> Result<Vec<Resource>, StoreError> {
        let (state, key) = (self.state(), join_key(value));
        let found = state.resources.values().filter(|resource| {
            !resource.deleted
                && resource.resource_type == *resource_type
                && attribute.keys(&resource.attributes).contains(&key)
                && resource.attributes.get(attribute.attribute()).is_some()
        });
        Ok(found.cloned().collect())
    }

    async fn search_resources(&self, query: ResourceQuery) -> Result<Vec<Resource>, StoreError> {
        let state = self.state();
        let mut found: Vec<&Resource> = state
            .resources
            .values()
            .filter(|resource| {
                !resource.deleted
                    && resource.resource_type == query.resource_type
                    && query.after.as_ref().is_none_or(|after| resource.place() > *after)
                    && query.prefix.as_ref().is_none_or(|prefix| begins(resource, prefix))
            })
            .collect();
        found.sort_by_cached_key(|resource| resource.place());
        Ok(found.into_iter().take(query.limit).cloned().collect())
    }

    async fn replace_resource(
        &self,
        id: Guid,
        version: i64,
        attributes: Attributes,
    ) -> Result<bool, StoreError> {
        let mut state = self.state();
        let current = state.resources.get(&id).filter(|r| !r.deleted && r.version == version);
        let Some(resource_type) = current.map(|r| r.resource_type.clone()) else {
            return Ok(false);
        };
        state.change_resource(ResourceChange::Put { id, resource_type, attributes });
        Ok(true)
    }
}

fn begins(resource: &Resource, prefix: &str) -> bool {
    let prefix = prefix.to_lowercase();
    ResourceIndex::SEARCHED
        .into_iter()
        .flat_map(|index| index.keys(&resource.attributes))
        .any(|key| key.starts_with(&prefix))
}
