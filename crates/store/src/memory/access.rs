//! Credentials in memory.

use async_trait::async_trait;
use model::{Guid, Timestamp};

use super::MemoryStore;
use crate::{AccessStore, Credential, CredentialKind, StoreError};

#[async_trait]
impl AccessStore for MemoryStore {
    async fn put_credential(&self, credential: Credential) -> Result<(), StoreError> {
        let mut state = self.state();
        let name = credential.name.to_lowercase();
        state
            .credentials
            .retain(|_, other| other.kind != credential.kind || other.name.to_lowercase() != name);
        state.credentials.insert(credential.id, credential);
        Ok(())
    }

    async fn credentials(&self, kind: CredentialKind) -> Result<Vec<Credential>, StoreError> {
        let state = self.state();
        let all = state.credentials.values().filter(|c| c.kind == kind);
        let mut found: Vec<Credential> = all.cloned().collect();
        found.sort_by_key(|c| (c.created, c.id));
        Ok(found)
    }

    async fn credential_by_name(
        &self,
        kind: CredentialKind,
        name: &str,
    ) -> Result<Option<Credential>, StoreError> {
        let (state, name) = (self.state(), name.to_lowercase());
        let mut all = state.credentials.values();
        Ok(all.find(|c| c.kind == kind && c.name.to_lowercase() == name).cloned())
    }

    async fn credential_by_hash(
        &self,
        kind: CredentialKind,
        hash: &[u8],
    ) -> Result<Option<Credential>, StoreError> {
        let state = self.state();
        let mut all = state.credentials.values();
        Ok(all.find(|c| c.kind == kind && c.hash == hash).cloned())
    }

    async fn delete_credential(&self, id: Guid) -> Result<bool, StoreError> {
        Ok(self.state().credentials.remove(&id).is_some())
    }

    async fn touch_credential(&self, id: Guid, at: Timestamp) -> Result<(), StoreError> {
        if let Some(credential) = self.state().credentials.get_mut(&id) {
            credential.last_used = Some(at);
        }
        Ok(())
    }
}
