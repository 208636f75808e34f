//! The store's methods: each is one job for the writer thread or one snapshot of a reader.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use model::{Attributes, ConnectorId, CsId, Guid, MvId, Name, RunId, Timestamp, Value};
use roaring::RoaringBitmap;
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, OptionalExtension as _, params};
use store::{
    AccessStore, Batch, Credential, CredentialKind, CsCounts, CsObject, Hasher, IndexedAttributes,
    KeyEntry, MvObject, NewRun, Resource, ResourceChange, ResourceIndex, ResourceQuery,
    ResourceStore, RunEnd, RunError, RunLease, RunQuery, RunRecord, Scope, SteadyScope, Store,
    StoreError, UnsteadyPage,
};

use crate::failure::{Failure, unavailable};
use crate::index::METAVERSE;
use crate::open::{beside, quick_check};
use crate::reader::{Reader, Readers};
use crate::writer::{Writer, WriterThread};

/// The store in one SQLite file. Dropping it waits for queued writes and closes the file.
#[derive(Debug)]
pub struct SqliteStore {
    // First: the writer closes its connection before the readers give up the lock.
    pub(crate) writer: WriterThread,
    readers: Arc<Readers>,
}

impl SqliteStore {
    pub(crate) const fn new(writer: WriterThread, readers: Arc<Readers>) -> Self {
        Self { writer, readers }
    }

    /// Copies a consistent snapshot to the file `to`, replacing it when the copy is complete. The
    /// store can be used meanwhile. The copy is a store in itself, hash key included.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the copy cannot be written.
    pub async fn backup(&self, to: &Path) -> Result<(), StoreError> {
        let to = to.to_owned();
        self.readers.read("back itself up", move |reader| copy(reader, &to)).await
    }

    /// Checks the file's pages, rows and constraints, but not that indexes match their tables.
    /// Takes a while on a large file.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] naming the first problem.
    pub async fn check(&self) -> Result<(), StoreError> {
        self.readers.read("check its file", |reader| quick_check(reader.conn)).await
    }
}

/// The other side did not let go of its lock in time.
#[derive(Debug, thiserror::Error)]
#[error("the copy's file is locked")]
struct CopyLocked;

fn copy(reader: &Reader<'_>, to: &Path) -> Result<(), Failure> {
    let partial: PathBuf = beside(to, ".partial");
    let io = |error| unavailable("write the copy", error);
    match std::fs::remove_file(&partial) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(io(error).into()),
        _ => {}
    }
    let mut target = Connection::open(&partial)?;
    let backup = Backup::new(reader.conn, &mut target)?;
    match backup.step(-1)? {
        StepResult::Done => {}
        _ => return Err(unavailable("write the copy", CopyLocked).into()),
    }
    drop(backup);
    drop(target);
    std::fs::rename(&partial, to).map_err(io)?;
    Ok(())
}

#[async_trait]
impl ResourceStore for SqliteStore {
    async fn resources(&self, ids: &[Guid]) -> Result<Vec<Resource>, StoreError> {
        let ids = ids.to_vec();
        self.readers.read("read resources", move |r| r.resources(&ids)).await
    }

    async fn resources_since(
        &self,
        version: i64,
        limit: usize,
    ) -> Result<Vec<Resource>, StoreError> {
        let work = move |r: &Reader<'_>| r.resources_since(version, limit);
        self.readers.read("read changes of resources", work).await
    }

    async fn resource_version(&self) -> Result<i64, StoreError> {
        self.readers.read("read the version of resources", |r| r.resource_version()).await
    }

    async fn change_resources(&self, changes: Vec<ResourceChange>) -> Result<(), StoreError> {
        self.writer.write("change resources", move |w| w.change_resources(changes)).await
    }

    async fn find_resources(
        &self,
        resource_type: &Name,
        attribute: ResourceIndex,
        value: &Value,
    ) -> Result<Vec<Resource>, StoreError> {
        let (resource_type, value) = (resource_type.clone(), value.clone());
        let work = move |r: &Reader<'_>| r.find_resources(&resource_type, attribute, &value);
        self.readers.read("find resources", work).await
    }

    async fn search_resources(&self, query: ResourceQuery) -> Result<Vec<Resource>, StoreError> {
        self.readers.read("search resources", move |r| r.search_resources(&query)).await
    }

    async fn replace_resource(
        &self,
        id: Guid,
        version: i64,
        attributes: Attributes,
    ) -> Result<bool, StoreError> {
        let work = move |w: &mut Writer| w.replace_resource(id, version, attributes);
        self.writer.write("change a resource", work).await
    }
}

#[async_trait]
impl AccessStore for SqliteStore {
    async fn put_credential(&self, credential: Credential) -> Result<(), StoreError> {
        self.writer.write("write a credential", move |w| w.put_credential(&credential)).await
    }

    async fn credentials(&self, kind: CredentialKind) -> Result<Vec<Credential>, StoreError> {
        self.readers.read("read credentials", move |r| r.credentials(kind)).await
    }

    async fn credential_by_name(
        &self,
        kind: CredentialKind,
        name: &str,
    ) -> Result<Option<Credential>, StoreError> {
        let name = name.to_owned();
        self.readers.read("read a credential", move |r| r.credential_by_name(kind, &name)).await
    }

    async fn credential_by_hash(
        &self,
        kind: CredentialKind,
        hash: &[u8],
    ) -> Result<Option<Credential>, StoreError> {
        let hash = hash.to_owned();
        self.readers.read("read a credential", move |r| r.credential_by_hash(kind, &hash)).await
    }

    async fn delete_credential(&self, id: Guid) -> Result<bool, StoreError> {
        self.writer.write("delete a credential", move |w| w.delete_credential(id)).await
    }

    async fn touch_credential(&self, id: Guid, at: Timestamp) -> Result<(), StoreError> {
        self.writer.write("note a credential's use", move |w| w.touch_credential(id, at)).await
    }
}

#[async_trait]
impl Store for SqliteStore {
    fn hasher(&self) -> &Hasher {
        self.readers.hasher()
    }

    async fn connector_id(&self, name: &Name) -> Result<ConnectorId, StoreError> {
        let name = name.clone();
        self.writer.write("register a connector", move |w| connector_id(w, &name)).await
    }

    async fn connectors(&self) -> Result<BTreeMap<ConnectorId, Name>, StoreError> {
        self.readers.read("list connectors", connectors).await
    }

    async fn set_indexed(&self, indexed: &IndexedAttributes) -> Result<(), StoreError> {
        let wanted = indexed.clone();
        self.writer.write("build indexes", move |w| w.set_indexed(&wanted)).await
    }

    async fn allocate_cs(&self, connector: ConnectorId, count: u32) -> Result<u32, StoreError> {
        let space = i64::from(connector.0);
        let work = move |w: &mut Writer| {
            let first = allocate(w, space, count)?;
            u32::try_from(first + i64::from(count))
                .and_then(|_end| u32::try_from(first))
                .map_err(|e| unavailable("number more objects of the connector", e).into())
        };
        self.writer.write("reserve object numbers", work).await
    }

    async fn allocate_mv(&self, count: u32) -> Result<MvId, StoreError> {
        let work = move |w: &mut Writer| allocate(w, METAVERSE, count).map(MvId);
        self.writer.write("reserve object numbers", work).await
    }

    async fn begin_run(&self, run: NewRun) -> Result<RunLease, StoreError> {
        self.writer.write("begin a run", move |w| w.begin_run(&run)).await
    }

    async fn commit(&self, lease: &RunLease, batch: Batch) -> Result<(), StoreError> {
        let lease = lease.clone();
        self.writer.write("commit a batch", move |w| w.commit_batch(&lease, batch)).await
    }

    async fn end_run(&self, lease: &RunLease, end: RunEnd) -> Result<(), StoreError> {
        let lease = lease.clone();
        self.writer.write("end a run", move |w| w.end_run(&lease, &end)).await
    }

    async fn runs(&self, query: RunQuery) -> Result<Vec<RunRecord>, StoreError> {
        self.readers.read("read the run history", move |r| r.runs(&query)).await
    }

    async fn purge_runs(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.writer.write("purge the run history", move |w| w.purge_runs(before)).await
    }

    async fn run_errors(&self, run: RunId) -> Result<Vec<RunError>, StoreError> {
        self.readers.read("read the errors of a run", move |r| r.run_errors(run)).await
    }

    async fn seen(&self, lease: &RunLease) -> Result<RoaringBitmap, StoreError> {
        let run = lease.run;
        self.readers.read("read what a run has seen", move |r| r.seen(run)).await
    }

    async fn watermark(&self, connector: ConnectorId) -> Result<Option<String>, StoreError> {
        self.readers.read("read a watermark", move |r| r.watermark(connector)).await
    }

    async fn key_map(&self, connector: ConnectorId) -> Result<Vec<KeyEntry>, StoreError> {
        self.readers.read("read the keys of objects", move |r| r.key_map(connector)).await
    }

    async fn load_cs(&self, ids: &[CsId]) -> Result<Vec<CsObject>, StoreError> {
        let ids = sorted(ids);
        self.readers.read("read connector-space objects", move |r| r.load_cs(&ids)).await
    }

    async fn find_cs_by_anchor(
        &self,
        connector: ConnectorId,
        anchors: &[String],
    ) -> Result<BTreeMap<String, CsId>, StoreError> {
        let anchors = anchors.to_vec();
        let work = move |r: &Reader<'_>| r.find_by_anchor(connector, &anchors);
        self.readers.read("find objects by anchor", work).await
    }

    async fn find_cs_by_dn(
        &self,
        connector: ConnectorId,
        dn_keys: &[String],
    ) -> Result<BTreeMap<String, Vec<CsId>>, StoreError> {
        let dn_keys = dn_keys.to_vec();
        let work = move |r: &Reader<'_>| r.find_by_dn(connector, &dn_keys);
        self.readers.read("find objects by DN", work).await
    }

    async fn find_cs_below(
        &self,
        connector: ConnectorId,
        dn_keys: &[String],
    ) -> Result<BTreeMap<String, Vec<CsId>>, StoreError> {
        let dn_keys = dn_keys.to_vec();
        let work = move |r: &Reader<'_>| r.find_below(connector, &dn_keys);
        self.readers.read("find objects below others", work).await
    }

    async fn find_cs_by_value(
        &self,
        connector: ConnectorId,
        object_type: &Name,
        attribute: &Name,
        value: &Value,
    ) -> Result<Vec<CsId>, StoreError> {
        let (object_type, attribute) = (object_type.clone(), attribute.clone());
        let value = value.clone();
        let work =
            move |r: &Reader<'_>| r.find_cs_by_value(connector, &object_type, &attribute, &value);
        self.readers.read("find objects by value", work).await
    }

    async fn page_cs(
        &self,
        connector: ConnectorId,
        after: Option<CsId>,
        limit: usize,
        scope: Scope,
    ) -> Result<Vec<CsObject>, StoreError> {
        let work = move |r: &Reader<'_>| r.page_cs(connector, after, limit, scope);
        self.readers.read("read connector-space objects", work).await
    }

    async fn page_unsteady(
        &self,
        connector: ConnectorId,
        after: Option<CsId>,
        limit: usize,
        known: SteadyScope,
    ) -> Result<UnsteadyPage, StoreError> {
        let work = move |r: &Reader<'_>| r.page_unsteady(connector, after, limit, &known);
        self.readers.read("read connector-space objects", work).await
    }

    async fn load_mv(&self, ids: &[MvId]) -> Result<Vec<MvObject>, StoreError> {
        let ids = sorted(ids);
        self.readers.read("read metaverse objects", move |r| r.load_mv(&ids)).await
    }

    async fn linked_cs(&self, ids: &[MvId]) -> Result<BTreeMap<MvId, Vec<CsId>>, StoreError> {
        let ids = sorted(ids);
        self.readers.read("read links", move |r| r.linked_cs(&ids)).await
    }

    async fn find_mv_by_value(
        &self,
        object_type: &Name,
        attribute: &Name,
        values: &[Value],
    ) -> Result<Vec<Vec<MvId>>, StoreError> {
        let (object_type, attribute) = (object_type.clone(), attribute.clone());
        let values = values.to_vec();
        let work = move |r: &Reader<'_>| {
            let find = |value| r.find_mv_by_value(&object_type, &attribute, value);
            values.iter().map(find).collect()
        };
        self.readers.read("find metaverse objects by value", work).await
    }

    async fn page_mv(
        &self,
        object_type: Option<&Name>,
        after: Option<MvId>,
        limit: usize,
    ) -> Result<Vec<MvObject>, StoreError> {
        let object_type = object_type.cloned();
        let work = move |r: &Reader<'_>| r.page_mv(object_type.as_ref(), after, limit);
        self.readers.read("read metaverse objects", work).await
    }

    async fn cs_counts(&self, connector: ConnectorId) -> Result<CsCounts, StoreError> {
        self.readers.read("count objects", move |r| r.cs_counts(connector)).await
    }

    async fn cs_types(&self, connector: ConnectorId) -> Result<BTreeMap<Name, u64>, StoreError> {
        self.readers.read("count objects by type", move |r| r.cs_types(connector)).await
    }

    async fn mv_counts(&self) -> Result<BTreeMap<Name, u64>, StoreError> {
        self.readers.read("count metaverse objects", |r| r.mv_counts()).await
    }
}

fn sorted<T: Copy + Ord>(ids: &[T]) -> Vec<T> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn connector_id(writer: &Writer, name: &Name) -> Result<ConnectorId, Failure> {
    let conn = &writer.conn;
    let known: Option<u16> = conn
        .prepare_cached("SELECT id FROM connector WHERE name = ?1")?
        .query_row([name.as_str()], |row| row.get(0))
        .optional()?;
    if let Some(id) = known {
        return Ok(ConnectorId(id));
    }
    let next: i64 =
        conn.query_row("SELECT coalesce(max(id), 0) + 1 FROM connector", [], |row| row.get(0))?;
    let id = u16::try_from(next).map_err(|e| unavailable("number one more connector", e))?;
    conn.execute("INSERT INTO connector (id, name) VALUES (?1, ?2)", params![id, name.as_str()])?;
    Ok(ConnectorId(id))
}

fn connectors(reader: &Reader<'_>) -> Result<BTreeMap<ConnectorId, Name>, Failure> {
    let mut statement = reader.conn.prepare_cached("SELECT id, name FROM connector")?;
    let mut rows = statement.query([])?;
    let mut connectors = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let name: String = row.get(1)?;
        connectors.insert(ConnectorId(row.get(0)?), Name::from(name));
    }
    Ok(connectors)
}

/// Reserves numbers of a space; returns the first.
fn allocate(writer: &Writer, space: i64, count: u32) -> Result<i64, Failure> {
    let sql = "INSERT INTO sequence (space, next) VALUES (?1, 1 + ?2)
        ON CONFLICT (space) DO UPDATE SET next = next + ?2
        RETURNING next - ?2";
    let mut statement = writer.conn.prepare_cached(sql)?;
    Ok(statement.query_row(params![space, count], |row| row.get(0))?)
}
