//! The in-memory store's tables and the writes to them.

use std::collections::{BTreeMap, BTreeSet};

use model::{ConnectorId, CsId, Guid, MvId, Name, RunId, Timestamp, Value};
use roaring::RoaringBitmap;

use crate::{
    Batch, Credential, CsCounts, CsObject, CsState, CsWrite, DisconnectorKind, MvObject, MvWrite,
    NewRun, Resource, ResourceChange, RunEnd, RunError, RunLease, RunRecord, StoreError, join_key,
};

#[derive(Debug)]
pub(super) struct Run {
    pub(super) record: RunRecord,
    pub(super) errors: Vec<RunError>,
    pub(super) seen: RoaringBitmap,
    epoch: i64,
    owner: String,
    lease_until: Timestamp,
    cursor: Option<String>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) connectors: BTreeMap<Name, ConnectorId>,
    pub(super) next_sequence: BTreeMap<ConnectorId, u32>,
    pub(super) next_mv: i64,
    pub(super) cs: BTreeMap<CsId, CsObject>,
    pub(super) mv: BTreeMap<MvId, MvObject>,
    pub(super) links: BTreeMap<MvId, BTreeSet<CsId>>,
    /// The run beside which no other has been open since it began.
    alone: Option<RunId>,
    /// Stamp and targets.
    pub(super) steady: BTreeMap<MvId, (u64, Vec<ConnectorId>)>,
    pub(super) runs: BTreeMap<RunId, Run>,
    pub(super) watermarks: BTreeMap<ConnectorId, String>,
    pub(super) resources: BTreeMap<Guid, Resource>,
    pub(super) resource_version: i64,
    pub(super) credentials: BTreeMap<Guid, Credential>,
}

impl State {
    pub(super) fn connector_id(&mut self, name: &Name) -> ConnectorId {
        let next = u16::try_from(self.connectors.len() + 1).unwrap_or(u16::MAX);
        *self.connectors.entry(name.clone()).or_insert(ConnectorId(next))
    }

    pub(super) fn range(&self, connector: ConnectorId) -> impl Iterator<Item = &CsObject> {
        self.cs.range(CsId::first(connector)..CsId::end(connector)).map(|(_, object)| object)
    }

    pub(super) fn mv_with_value(
        &self,
        object_type: &Name,
        attribute: &Name,
        value: &Value,
    ) -> Vec<MvId> {
        let key = join_key(value);
        let found = self.mv.values().filter(|object| {
            let holds = if *attribute == "object-id" {
                object.uid.to_string() == key
            } else {
                object.values(attribute).is_some_and(|v| v.iter().any(|v| join_key(v) == key))
            };
            holds && object.object_type == *object_type
        });
        found.map(|object| object.id).collect()
    }

    pub(super) fn begin_run(&mut self, new: NewRun) -> Result<RunLease, StoreError> {
        self.alone = None;
        let lease = self.claim_run(new)?;
        let others =
            self.runs.values().any(|run| run.record.end.is_none() && run.record.id != lease.run);
        self.alone = (!others).then_some(lease.run);
        Ok(lease)
    }

    fn claim_run(&mut self, new: NewRun) -> Result<RunLease, StoreError> {
        let busy = self.runs.values().find(|run| {
            let both = run.record.step.is_synchronization() && new.step.is_synchronization();
            run.record.end.is_none()
                && (run.record.connector == new.connector || both)
                && run.owner != new.owner
                && run.lease_until > new.started
        });
        if let Some(run) = busy {
            return Err(StoreError::Busy { run: run.record.id });
        }
        if let Some(run) = self.runs.values_mut().next_back()
            && run.record.end.is_none()
            && run.record.connector == new.connector
            && run.record.profile == new.profile
            && run.record.step.number == new.step.number
        {
            run.epoch += 1;
            run.owner = new.owner;
            run.lease_until = new.lease_until;
            run.record.rules = new.rules;
            let resumed = Some((run.record.counters.clone(), run.cursor.clone()));
            let (run_id, epoch) = (run.record.id, run.epoch);
            return Ok(RunLease { run: run_id, connector: new.connector, epoch, resumed });
        }
        for run in self.runs.values_mut().filter(|run| run.record.end.is_none()) {
            if run.record.connector == new.connector || run.lease_until <= new.started {
                run.close("stopped-server-down", new.started);
            }
        }
        let id = RunId(self.runs.keys().next_back().map_or(0, |id| id.0) + 1);
        let record = RunRecord {
            id,
            connector: new.connector,
            profile: new.profile,
            step: new.step,
            started_by: new.started_by,
            rules: new.rules,
            sequence: new.sequence,
            started: new.started,
            end: None,
            counters: BTreeMap::new(),
        };
        let run = Run {
            record,
            errors: Vec::new(),
            seen: RoaringBitmap::new(),
            epoch: 1,
            owner: new.owner,
            lease_until: new.lease_until,
            cursor: None,
        };
        self.runs.insert(id, run);
        Ok(RunLease { run: id, connector: new.connector, epoch: 1, resumed: None })
    }

    fn leased(&mut self, lease: &RunLease) -> Result<&mut Run, StoreError> {
        let fenced = StoreError::Fenced { run: lease.run };
        match self.runs.get_mut(&lease.run) {
            Some(run) if run.epoch == lease.epoch && run.record.end.is_none() => Ok(run),
            _ => Err(fenced),
        }
    }

    pub(super) fn commit(&mut self, lease: &RunLease, batch: Batch) -> Result<(), StoreError> {
        let run = self.leased(lease)?;
        run.seen |= batch.seen;
        run.errors.extend(batch.errors);
        run.record.counters = batch.progress.counters;
        run.cursor = batch.progress.cursor;
        run.lease_until = batch.lease_until.unwrap_or(run.lease_until);
        for write in batch.cs {
            match write {
                CsWrite::Insert(object) | CsWrite::Update(object, _) => self.put_cs(object),
                CsWrite::Remove(id) => self.remove_cs(id),
            }
        }
        for write in batch.mv {
            match write {
                MvWrite::Put(object) => {
                    self.steady.remove(&object.id);
                    self.mv.insert(object.id, object);
                }
                MvWrite::Remove(id) => {
                    self.steady.remove(&id);
                    self.mv.remove(&id);
                }
            }
        }
        let alone = self.alone == Some(lease.run);
        let steady = batch.steady.into_iter().filter(|_| alone);
        self.steady.extend(steady.map(|steady| (steady.mv, (steady.stamp, steady.targets))));
        match batch.watermark {
            Some((connector, Some(watermark))) => {
                self.watermarks.insert(connector, watermark);
            }
            Some((connector, None)) => {
                self.watermarks.remove(&connector);
            }
            None => {}
        }
        Ok(())
    }

    fn put_cs(&mut self, object: CsObject) {
        self.remove_cs(object.id);
        if let Some(mv) = object.state.mv() {
            self.steady.remove(&mv);
            self.links.entry(mv).or_default().insert(object.id);
        }
        self.cs.insert(object.id, object);
    }

    fn remove_cs(&mut self, id: CsId) {
        let Some(mv) = self.cs.remove(&id).and_then(|object| object.state.mv()) else { return };
        self.steady.remove(&mv);
        if let Some(linked) = self.links.get_mut(&mv) {
            linked.remove(&id);
            if linked.is_empty() {
                self.links.remove(&mv);
            }
        }
    }

    pub(super) fn end_run(&mut self, lease: &RunLease, end: RunEnd) -> Result<(), StoreError> {
        let run = self.leased(lease)?;
        run.record.counters.clone_from(&end.counters);
        run.record.end = Some(end);
        run.seen = RoaringBitmap::new();
        Ok(())
    }

    pub(super) fn change_resource(&mut self, change: ResourceChange) {
        let next = self.resource_version + 1;
        let resource = match change {
            ResourceChange::Put { id, resource_type, attributes } => {
                Resource { id, resource_type, attributes, version: next, deleted: false }
            }
            ResourceChange::Delete { id } => match self.resources.get(&id) {
                Some(old) if !old.deleted => Resource {
                    id,
                    resource_type: old.resource_type.clone(),
                    attributes: model::Attributes::new(),
                    version: next,
                    deleted: true,
                },
                _ => return,
            },
        };
        let unchanged = self.resources.get(&resource.id).is_some_and(|old| {
            old.deleted == resource.deleted
                && old.resource_type == resource.resource_type
                && old.attributes == resource.attributes
        });
        if !unchanged {
            self.resource_version = next;
            self.resources.insert(resource.id, resource);
        }
    }

    pub(super) fn purge_runs(&mut self, before: Timestamp) -> u64 {
        let newest = self.runs.keys().next_back().copied();
        let held = self.runs.len();
        self.runs.retain(|id, run| {
            Some(*id) == newest || run.record.end.as_ref().is_none_or(|end| end.ended >= before)
        });
        (held - self.runs.len()) as u64
    }

    pub(super) fn types(&self, connector: ConnectorId) -> BTreeMap<Name, u64> {
        let mut types = BTreeMap::new();
        for object in self.range(connector).filter(|o| o.state != CsState::Placeholder) {
            *types.entry(object.object_type.clone()).or_insert(0) += 1;
        }
        types
    }

    pub(super) fn counts(&self, connector: ConnectorId) -> CsCounts {
        let mut counts = CsCounts::default();
        for object in self.range(connector) {
            match object.state {
                CsState::Placeholder => continue,
                CsState::Connector { .. } => counts.connectors += 1,
                CsState::Disconnector(DisconnectorKind::Normal) => counts.disconnectors += 1,
                CsState::Disconnector(DisconnectorKind::Filtered) => counts.filtered += 1,
                CsState::Disconnector(DisconnectorKind::Explicit) => {}
            }
            counts.total += 1;
            counts.pending_import += u64::from(object.pending_import.is_some());
            counts.pending_export += u64::from(object.is_export_work());
            counts.awaiting_confirmation += u64::from(object.export.unconfirmed.is_some());
        }
        counts
    }
}

impl Run {
    fn close(&mut self, result: &str, ended: Timestamp) {
        self.record.end = Some(RunEnd {
            result: result.to_owned(),
            message: Some("the process that ran it ended".to_owned()),
            counters: self.record.counters.clone(),
            ended,
        });
        self.seen = RoaringBitmap::new();
    }
}
