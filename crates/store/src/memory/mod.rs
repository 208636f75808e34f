//! A store in memory: the model that other stores are compared with, and the store of tests.

mod access;
mod resources;
mod state;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use model::{ConnectorId, CsId, MvId, Name, RunId, Timestamp, Value};
use roaring::RoaringBitmap;

use crate::hash::HASH_KEY_OCTETS;
use crate::{
    Batch, CsCounts, CsObject, Hasher, IndexedAttributes, KeyEntry, MvObject, NewRun, RunEnd,
    RunError, RunLease, RunQuery, RunRecord, STEADY_PAGE_MAX, Scope, SteadyScope, Store,
    StoreError, UnsteadyPage, join_key,
};
use state::State;

/// A store that lives as long as the process. Clones of the `Arc` around it share it.
#[derive(Debug)]
pub struct MemoryStore {
    hasher: Hasher,
    state: Mutex<State>,
}

impl Default for MemoryStore {
    fn default() -> Self {
        // Any key will do, but not one octet over and over: such keys cancel out.
        let mut key = [0; HASH_KEY_OCTETS];
        for (octet, number) in key.iter_mut().zip(1_u8..) {
            *octet = number.wrapping_mul(167);
        }
        Self { hasher: Hasher::new(key), state: Mutex::default() }
    }
}

impl MemoryStore {
    // A panic while the lock is held can only come from a bug that has already failed its test.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for MemoryStore {
    fn hasher(&self) -> &Hasher {
        &self.hasher
    }

    async fn connector_id(&self, name: &Name) -> Result<ConnectorId, StoreError> {
        Ok(self.state().connector_id(name))
    }

    async fn connectors(&self) -> Result<BTreeMap<ConnectorId, Name>, StoreError> {
        Ok(self.state().connectors.iter().map(|(name, id)| (*id, name.clone())).collect())
    }

    async fn set_indexed(&self, _indexed: &IndexedAttributes) -> Result<(), StoreError> {
        Ok(())
    }

    async fn allocate_cs(&self, connector: ConnectorId, count: u32) -> Result<u32, StoreError> {
        let mut state = self.state();
        let next = state.next_sequence.entry(connector).or_insert(1);
        let first = *next;
        *next += count;
        Ok(first)
    }

    async fn allocate_mv(&self, count: u32) -> Result<MvId, StoreError> {
        let mut state = self.state();
        let first = state.next_mv + 1;
        state.next_mv += i64::from(count);
        Ok(MvId(first))
    }

    async fn begin_run(&self, run: NewRun) -> Result<RunLease, StoreError> {
        self.state().begin_run(run)
    }

    async fn commit(&self, lease: &RunLease, batch: Batch) -> Result<(), StoreError> {
        self.state().commit(lease, batch)
    }

    async fn end_run(&self, lease: &RunLease, end: RunEnd) -> Result<(), StoreError> {
        self.state().end_run(lease, end)
    }

    async fn runs(&self, query: RunQuery) -> Result<Vec<RunRecord>, StoreError> {
        let state = self.state();
        let wanted = state.runs.values().rev().filter(|run| {
            query.connector.is_none_or(|c| run.record.connector == c)
                && query.before.is_none_or(|b| run.record.id < b)
        });
        let limit = if query.limit == 0 { usize::MAX } else { query.limit };
        Ok(wanted.take(limit).map(|run| run.record.clone()).collect())
    }

    async fn purge_runs(&self, before: Timestamp) -> Result<u64, StoreError> {
        Ok(self.state().purge_runs(before))
    }

    async fn run_errors(&self, run: RunId) -> Result<Vec<RunError>, StoreError> {
        Ok(self.state().runs.get(&run).map(|run| run.errors.clone()).unwrap_or_default())
    }

    async fn seen(&self, lease: &RunLease) -> Result<RoaringBitmap, StoreError> {
        Ok(self.state().runs.get(&lease.run).map(|run| run.seen.clone()).unwrap_or_default())
    }

    async fn watermark(&self, connector: ConnectorId) -> Result<Option<String>, StoreError> {
        Ok(self.state().watermarks.get(&connector).cloned())
    }

    async fn key_map(&self, connector: ConnectorId) -> Result<Vec<KeyEntry>, StoreError> {
        let state = self.state();
        let entries = state.range(connector).filter_map(|object| {
            let anchor = object.anchor.as_deref()?;
            let attributes = object.imported.clone()?;
            let image = model::Image {
                object_type: object.object_type.clone(),
                anchor: object.anchor.clone(),
                dn: object.dn.clone(),
                attributes,
            };
            Some(KeyEntry {
                id: object.id,
                anchor_hash: self.hasher.anchor(anchor),
                content_hash: self.hasher.content(&image),
                settled: object.is_settled(),
            })
        });
        Ok(entries.collect())
    }

    async fn load_cs(&self, ids: &[CsId]) -> Result<Vec<CsObject>, StoreError> {
        let state = self.state();
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        ids.dedup();
        Ok(ids.iter().filter_map(|id| state.cs.get(id)).cloned().collect())
    }

    async fn find_cs_by_anchor(
        &self,
        connector: ConnectorId,
        anchors: &[String],
    ) -> Result<BTreeMap<String, CsId>, StoreError> {
        let state = self.state();
        let found = state.range(connector).filter_map(|object| {
            let anchor = object.anchor.clone().filter(|a| anchors.contains(a))?;
            Some((anchor, object.id))
        });
        Ok(found.collect())
    }

    async fn find_cs_by_dn(
        &self,
        connector: ConnectorId,
        dn_keys: &[String],
    ) -> Result<BTreeMap<String, Vec<CsId>>, StoreError> {
        let state = self.state();
        let mut found: BTreeMap<String, Vec<CsId>> = BTreeMap::new();
        for object in state.range(connector).filter(|o| dn_keys.contains(&o.dn_key)) {
            found.entry(object.dn_key.clone()).or_default().push(object.id);
        }
        Ok(found)
    }

    async fn find_cs_below(
        &self,
        connector: ConnectorId,
        dn_keys: &[String],
    ) -> Result<BTreeMap<String, Vec<CsId>>, StoreError> {
        let state = self.state();
        let mut found: BTreeMap<String, Vec<CsId>> = BTreeMap::new();
        for object in state.range(connector) {
            for key in model::keys_above(&object.dn_key) {
                if dn_keys.iter().any(|wanted| wanted == key) {
                    found.entry(key.to_owned()).or_default().push(object.id);
                }
            }
        }
        Ok(found)
    }

    async fn find_cs_by_value(
        &self,
        connector: ConnectorId,
        object_type: &Name,
        attribute: &Name,
        value: &Value,
    ) -> Result<Vec<CsId>, StoreError> {
        let state = self.state();
        let key = join_key(value);
        let found = state.range(connector).filter(|object| {
            let values = object.imported.as_ref().and_then(|a| a.get(attribute));
            object.object_type == *object_type
                && values.is_some_and(|v| v.iter().any(|v| join_key(v) == key))
        });
        Ok(found.map(|object| object.id).collect())
    }

    async fn page_cs(
        &self,
        connector: ConnectorId,
        after: Option<CsId>,
        limit: usize,
        scope: Scope,
    ) -> Result<Vec<CsObject>, StoreError> {
        let state = self.state();
        let page = state.range(connector).filter(|object| {
            after.is_none_or(|after| object.id > after)
                && match scope {
                    Scope::All => true,
                    Scope::DeltaSync => object.is_delta_sync_work(),
                    Scope::PendingExport => object.is_export_work(),
                    Scope::AwaitingConfirmation => object.export.unconfirmed.is_some(),
                    Scope::ReferenceRetry => object.reference_retry,
                    Scope::Placeholders => object.state == crate::CsState::Placeholder,
                }
        });
        Ok(page.take(limit).cloned().collect())
    }

    async fn page_unsteady(
        &self,
        connector: ConnectorId,
        after: Option<CsId>,
        limit: usize,
        known: SteadyScope,
    ) -> Result<UnsteadyPage, StoreError> {
        let state = self.state();
        let mut page = UnsteadyPage::default();
        for object in state.range(connector).filter(|o| after.is_none_or(|after| o.id > after)) {
            if page.objects.len() >= limit || page.steady >= STEADY_PAGE_MAX {
                break;
            }
            page.last = Some(object.id);
            let mv = object.state.mv().filter(|mv| !known.except.contains(mv));
            let found = mv.and_then(|mv| state.steady.get(&mv));
            let is_known = |(stamp, _): &&(u64, _)| *stamp == known.stamp;
            match found.filter(is_known) {
                Some((_, targets)) => {
                    page.steady += 1;
                    for target in targets {
                        *page.targets.entry(*target).or_default() += 1;
                    }
                }
                None => page.objects.push(object.clone()),
            }
        }
        Ok(page)
    }

    async fn load_mv(&self, ids: &[MvId]) -> Result<Vec<MvObject>, StoreError> {
        let state = self.state();
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        ids.dedup();
        Ok(ids.iter().filter_map(|id| state.mv.get(id)).cloned().collect())
    }

    async fn linked_cs(&self, ids: &[MvId]) -> Result<BTreeMap<MvId, Vec<CsId>>, StoreError> {
        let state = self.state();
        let linked = |id: &MvId| state.links.get(id).map(|l| (*id, l.iter().copied().collect()));
        Ok(ids.iter().filter_map(linked).collect())
    }

    async fn find_mv_by_value(
        &self,
        object_type: &Name,
        attribute: &Name,
        values: &[Value],
    ) -> Result<Vec<Vec<MvId>>, StoreError> {
        let state = self.state();
        let holders = |value: &Value| state.mv_with_value(object_type, attribute, value);
        Ok(values.iter().map(holders).collect())
    }

    async fn page_mv(
        &self,
        object_type: Option<&Name>,
        after: Option<MvId>,
        limit: usize,
    ) -> Result<Vec<MvObject>, StoreError> {
        let state = self.state();
        let page = state.mv.values().filter(|object| {
            after.is_none_or(|after| object.id > after)
                && object_type.is_none_or(|t| object.object_type == *t)
        });
        Ok(page.take(limit).cloned().collect())
    }

    async fn cs_counts(&self, connector: ConnectorId) -> Result<CsCounts, StoreError> {
        Ok(self.state().counts(connector))
    }

    async fn cs_types(&self, connector: ConnectorId) -> Result<BTreeMap<Name, u64>, StoreError> {
        Ok(self.state().types(connector))
    }

    async fn mv_counts(&self) -> Result<BTreeMap<Name, u64>, StoreError> {
        let mut counts = BTreeMap::new();
        for object in self.state().mv.values() {
            *counts.entry(object.object_type.clone()).or_insert(0) += 1;
        }
        Ok(counts)
    }
}
