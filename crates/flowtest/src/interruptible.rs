//! The store of a test: in memory, and at every commit a place where the process can end.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use model::{Attributes, ConnectorId, CsId, Guid, MvId, Name, RunId, Timestamp, Value};
use roaring::RoaringBitmap;
use store::{
    AccessStore, Batch, Credential, CredentialKind, CsCounts, CsObject, Hasher, IndexedAttributes,
    KeyEntry, MemoryStore, MvObject, NewRun, Resource, ResourceChange, ResourceIndex,
    ResourceQuery, ResourceStore, RunEnd, RunError, RunLease, RunQuery, RunRecord, Scope,
    SteadyScope, Store, StoreError, UnsteadyPage,
};

use crate::crash::Signal;
use crate::document::{Effect, Event};
use crate::faults::Faults;
use crate::system;

/// The store.
#[derive(Debug)]
pub(crate) struct Interruptible {
    inner: MemoryStore,
    signal: Signal,
    faults: Mutex<(Faults, u64)>,
}

impl Interruptible {
    pub(crate) fn new(signal: Signal) -> Self {
        Self { inner: MemoryStore::default(), signal, faults: Mutex::default() }
    }

    /// Lets somebody look at the faults that wait for a commit.
    pub(crate) fn with_faults<T>(&self, change: impl FnOnce(&mut Faults) -> T) -> T {
        change(&mut self.faults.lock().unwrap_or_else(PoisonError::into_inner).0)
    }

    /// What happens at the next commit of the run.
    fn strike(&self) -> Vec<Effect> {
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        faults.1 += 1;
        let number = faults.1;
        faults.0.strike(Event::Commit, number, |_| false)
    }

    /// Commits are counted from here.
    fn restart_count(&self) {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner).1 = 0;
    }
}

#[async_trait]
impl Store for Interruptible {
    fn hasher(&self) -> &Hasher {
        self.inner.hasher()
    }

    async fn connector_id(&self, name: &Name) -> Result<ConnectorId, StoreError> {
        self.inner.connector_id(name).await
    }

    async fn connectors(&self) -> Result<BTreeMap<ConnectorId, Name>, StoreError> {
        self.inner.connectors().await
    }

    async fn set_indexed(&self, indexed: &IndexedAttributes) -> Result<(), StoreError> {
        self.inner.set_indexed(indexed).await
    }

    async fn allocate_cs(&self, connector: ConnectorId, count: u32) -> Result<u32, StoreError> {
        self.inner.allocate_cs(connector, count).await
    }

    async fn allocate_mv(&self, count: u32) -> Result<MvId, StoreError> {
        self.inner.allocate_mv(count).await
    }

    async fn begin_run(&self, run: NewRun) -> Result<RunLease, StoreError> {
        self.restart_count();
        self.inner.begin_run(run).await
    }

    async fn commit(&self, lease: &RunLease, batch: Batch) -> Result<(), StoreError> {
        let effects = self.strike();
        if let Some(fate) = system::fate(&effects, false) {
            self.signal.seal(fate).await;
        }
        self.inner.commit(lease, batch).await?;
        if let Some(fate) = system::fate(&effects, true) {
            self.signal.seal(fate).await;
        }
        Ok(())
    }

    async fn end_run(&self, lease: &RunLease, end: RunEnd) -> Result<(), StoreError> {
        self.inner.end_run(lease, end).await
    }

    async fn runs(&self, query: RunQuery) -> Result<Vec<RunRecord>, StoreError> {
        self.inner.runs(query).await
    }

    async fn run_errors(&self, run: RunId) -> Result<Vec<RunError>, StoreError> {
        self.inner.run_errors(run).await
    }

    async fn purge_runs(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.inner.purge_runs(before).await
    }

    async fn seen(&self, lease: &RunLease) -> Result<RoaringBitmap, StoreError> {
        self.inner.seen(lease).await
    }

    async fn watermark(&self, connector: ConnectorId) -> Result<Option<String>, StoreError> {
        self.inner.watermark(connector).await
    }

    async fn key_map(&self, connector: ConnectorId) -> Result<Vec<KeyEntry>, StoreError> {
        self.inner.key_map(connector).await
    }

    async fn load_cs(&self, ids: &[CsId]) -> Result<Vec<CsObject>, StoreError> {
        self.inner.load_cs(ids).await
    }

    async fn find_cs_by_anchor(
        &self,
        connector: ConnectorId,
        anchors: &[String],
    ) -> Result<BTreeMap<String, CsId>, StoreError> {
        self.inner.find_cs_by_anchor(connector, anchors).await
    }

    async fn find_cs_by_dn(
        &self,
        connector: ConnectorId,
        dn_keys: &[String],
    ) -> Result<BTreeMap<String, Vec<CsId>>, StoreError> {
        self.inner.find_cs_by_dn(connector, dn_keys).await
    }

    async fn find_cs_below(
        &self,
        connector: ConnectorId,
        dn_keys: &[String],
    ) -> Result<BTreeMap<String, Vec<CsId>>, StoreError> {
        self.inner.find_cs_below(connector, dn_keys).await
    }

    async fn find_cs_by_value(
        &self,
        connector: ConnectorId,
        object_type: &Name,
        attribute: &Name,
        value: &Value,
    ) -> Result<Vec<CsId>, StoreError> {
        self.inner.find_cs_by_value(connector, object_type, attribute, value).await
    }

    async fn page_cs(
        &self,
        connector: ConnectorId,
        after: Option<CsId>,
        limit: usize,
        scope: Scope,
    ) -> Result<Vec<CsObject>, StoreError> {
        self.inner.page_cs(connector, after, limit, scope).await
    }

    async fn page_unsteady(
        &self,
        connector: ConnectorId,
        after: Option<CsId>,
        limit: usize,
        known: SteadyScope,
    ) -> Result<UnsteadyPage, StoreError> {
        self.inner.page_unsteady(connector, after, limit, known).await
    }

    async fn load_mv(&self, ids: &[MvId]) -> Result<Vec<MvObject>, StoreError> {
        self.inner.load_mv(ids).await
    }

    async fn linked_cs(&self, ids: &[MvId]) -> Result<BTreeMap<MvId, Vec<CsId>>, StoreError> {
        self.inner.linked_cs(ids).await
    }

    async fn find_mv_by_value(
        &self,
        object_type: &Name,
        attribute: &Name,
        values: &[Value],
    ) -> Result<Vec<Vec<MvId>>, StoreError> {
        self.inner.find_mv_by_value(object_type, attribute, values).await
    }

    async fn page_mv(
        &self,
        object_type: Option<&Name>,
        after: Option<MvId>,
        limit: usize,
    ) -> Result<Vec<MvObject>, StoreError> {
        self.inner.page_mv(object_type, after, limit).await
    }

    async fn cs_counts(&self, connector: ConnectorId) -> Result<CsCounts, StoreError> {
        self.inner.cs_counts(connector).await
    }

    async fn cs_types(&self, connector: ConnectorId) -> Result<BTreeMap<Name, u64>, StoreError> {
        self.inner.cs_types(connector).await
    }

    async fn mv_counts(&self) -> Result<BTreeMap<Name, u64>, StoreError> {
        self.inner.mv_counts().await
    }
}

#[async_trait]
impl ResourceStore for Interruptible {
    async fn resources(&self, ids: &[Guid]) -> Result<Vec<Resource>, StoreError> {
        self.inner.resources(ids).await
    }

    async fn resources_since(
        &self,
        version: i64,
        limit: usize,
    ) -> Result<Vec<Resource>, StoreError> {
        self.inner.resources_since(version, limit).await
    }

    async fn resource_version(&self) -> Result<i64, StoreError> {
        self.inner.resource_version().await
    }

    async fn change_resources(&self, changes: Vec<ResourceChange>) -> Result<(), StoreError> {
        self.inner.change_resources(changes).await
    }

    async fn find_resources(
        &self,
        resource_type: &Name,
        attribute: ResourceIndex,
        value: &Value,
    ) -> Result<Vec<Resource>, StoreError> {
        self.inner.find_resources(resource_type, attribute, value).await
    }

    async fn search_resources(&self, query: ResourceQuery) -> Result<Vec<Resource>, StoreError> {
        self.inner.search_resources(query).await
    }

    async fn replace_resource(
        &self,
        id: Guid,
        version: i64,
        attributes: Attributes,
    ) -> Result<bool, StoreError> {
        self.inner.replace_resource(id, version, attributes).await
    }
}

#[async_trait]
impl AccessStore for Interruptible {
    async fn put_credential(&self, credential: Credential) -> Result<(), StoreError> {
        self.inner.put_credential(credential).await
    }

    async fn credentials(&self, kind: CredentialKind) -> Result<Vec<Credential>, StoreError> {
        self.inner.credentials(kind).await
    }

    async fn credential_by_name(
        &self,
        kind: CredentialKind,
        name: &str,
    ) -> Result<Option<Credential>, StoreError> {
        self.inner.credential_by_name(kind, name).await
    }

    async fn credential_by_hash(
        &self,
        kind: CredentialKind,
        hash: &[u8],
    ) -> Result<Option<Credential>, StoreError> {
        self.inner.credential_by_hash(kind, hash).await
    }

    async fn delete_credential(&self, id: Guid) -> Result<bool, StoreError> {
        self.inner.delete_credential(id).await
    }

    async fn touch_credential(&self, id: Guid, at: Timestamp) -> Result<(), StoreError> {
        self.inner.touch_credential(id, at).await
    }
}
