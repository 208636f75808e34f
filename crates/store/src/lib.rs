//! Records of the connector spaces, the metaverse, runs, service resources and credentials; the [`Store`] trait
//! of batches; an in-memory store; and the suite every store must pass.
//!
//! A store is the only shared mutable state. A batch happens as a whole or not at all, together
//! with the progress of the run that wrote it. No SQL here: that is `store-sql`.

mod access;
mod batch;
pub mod codec;
pub mod contract;
mod cs;
mod error;
mod hash;
mod memory;
mod mv;
mod resource;
mod run;
mod steady;

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use model::{ConnectorId, CsId, MvId, Name, RunId, Timestamp, Value};
use roaring::RoaringBitmap;

pub use access::{AccessStore, Credential, CredentialKind};
pub use batch::{Batch, CsWrite, MvWrite, Parts, Progress};
pub use cs::{
    ConnectorKind, CsObject, CsState, DisconnectorKind, ExportChange, ExportDelta, ExportStages,
    ExportValue, ImportOperation, ObjectError, PendingImport, TRANSIENT_DN_KEY, Undo,
    WriteOperation,
};
pub use error::StoreError;
pub use hash::{HASH_KEY_OCTETS, Hasher, fingerprint, join_key};
pub use memory::MemoryStore;
pub use mv::{Lineage, MvAttribute, MvObject, Share, Shares};
pub use resource::{
    Resource, ResourceChange, ResourceIndex, ResourcePlace, ResourceQuery, ResourceStore,
};
pub use run::{Counters, NewRun, RunEnd, RunError, RunLease, RunQuery, RunRecord, RunStep};
pub use steady::{STEADY_PAGE_MAX, Steady, SteadyScope, UnsteadyPage};

/// What an import needs to know of an object to see that nothing changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyEntry {
    /// The object.
    pub id: CsId,
    /// [`Hasher::anchor`] of its anchor.
    pub anchor_hash: u64,
    /// [`Hasher::content`] of the image last imported.
    pub content_hash: u128,
    /// True when an equal content hash means that there is nothing to do: no export awaits its
    /// confirmation and no deletion is staged.
    pub settled: bool,
}

/// Which objects of a connector space to page through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Every object.
    All,
    /// What a delta synchronization visits: pending imports, normal disconnectors, objects whose
    /// last synchronization failed or whose references are to be tried again.
    DeltaSync,
    /// Objects with a pending or escrowed export.
    PendingExport,
    /// Objects with an exported change that no import has shown yet.
    AwaitingConfirmation,
    /// Objects whose references lead elsewhere than at their last synchronization.
    ReferenceRetry,
    /// Placeholders. Looks at every object.
    Placeholders,
}

/// The seven numbers of a connector space's state. Placeholders count in none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CsCounts {
    /// All objects.
    pub total: u64,
    /// Linked to a metaverse object.
    pub connectors: u64,
    /// Normal disconnectors.
    pub disconnectors: u64,
    /// Filtered disconnectors.
    pub filtered: u64,
    /// With an import not yet synchronized.
    pub pending_import: u64,
    /// With a change not yet exported.
    pub pending_export: u64,
    /// With an exported change not yet seen in an import.
    pub awaiting_confirmation: u64,
}

/// Attributes whose values joins look up; the store keeps an index over them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IndexedAttributes {
    /// Metaverse attributes.
    pub metaverse: BTreeSet<Name>,
    /// Connector-space attributes, of any object type.
    pub connector_space: BTreeSet<(ConnectorId, Name)>,
}

/// The store of one deployment. Methods take and return batches; every write belongs to a run and
/// is refused once another process has taken that run over.
///
/// # Errors
/// Every method fails with [`StoreError::Unavailable`] when the database does.
#[async_trait]
pub trait Store: ResourceStore + AccessStore + Send + Sync {
    /// The keyed hash functions of this store.
    fn hasher(&self) -> &Hasher;

    /// The number of the connector `name`; given at first use.
    async fn connector_id(&self, name: &Name) -> Result<ConnectorId, StoreError>;

    /// Every connector that ever had a number, with its name.
    async fn connectors(&self) -> Result<BTreeMap<ConnectorId, Name>, StoreError>;

    /// Declares the indexed attributes; builds what is missing, drops what is no longer named.
    async fn set_indexed(&self, indexed: &IndexedAttributes) -> Result<(), StoreError>;

    /// Reserves `count` sequence numbers in a connector's range; returns the first.
    async fn allocate_cs(&self, connector: ConnectorId, count: u32) -> Result<u32, StoreError>;

    /// Reserves `count` metaverse ids; returns the first.
    async fn allocate_mv(&self, count: u32) -> Result<MvId, StoreError>;

    /// Begins a run, or takes over the newest run when it is of the same connector, profile and step
    /// and was left open (the new lease then has `resumed`); older open runs are closed as
    /// `stopped-server-down`.
    ///
    /// # Errors
    /// [`StoreError::Busy`] while another owner holds the lease of a run of the connector, or of a
    /// synchronization of any connector if this is one ([`RunStep::is_synchronization`]).
    async fn begin_run(&self, run: NewRun) -> Result<RunLease, StoreError>;

    /// Writes a batch and the run's progress in one transaction.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when the run was taken over; nothing is written then.
    async fn commit(&self, lease: &RunLease, batch: Batch) -> Result<(), StoreError>;

    /// Ends a run. The seen-set is forgotten.
    ///
    /// # Errors
    /// [`StoreError::Fenced`] when the run was taken over.
    async fn end_run(&self, lease: &RunLease, end: RunEnd) -> Result<(), StoreError>;

    /// Runs, newest first.
    async fn runs(&self, query: RunQuery) -> Result<Vec<RunRecord>, StoreError>;

    /// The object errors of a run, in order of occurrence.
    async fn run_errors(&self, run: RunId) -> Result<Vec<RunError>, StoreError>;

    /// Forgets the runs that ended before a moment, with their errors, and says how many. The newest
    /// run stays whatever its age, so that no number is given twice. Nothing else goes: watermarks
    /// and objects are as they were.
    async fn purge_runs(&self, before: Timestamp) -> Result<u64, StoreError>;

    /// The sequence numbers that the run's batches have marked as seen.
    async fn seen(&self, lease: &RunLease) -> Result<RoaringBitmap, StoreError>;

    /// Where a connector's next delta import goes on from.
    async fn watermark(&self, connector: ConnectorId) -> Result<Option<String>, StoreError>;

    /// The keys of every object of the connector that has been imported, in id order.
    async fn key_map(&self, connector: ConnectorId) -> Result<Vec<KeyEntry>, StoreError>;

    /// The objects with these ids, in id order; unknown ids are left out.
    async fn load_cs(&self, ids: &[CsId]) -> Result<Vec<CsObject>, StoreError>;

    /// The objects with these anchors.
    async fn find_cs_by_anchor(
        &self,
        connector: ConnectorId,
        anchors: &[String],
    ) -> Result<BTreeMap<String, CsId>, StoreError>;

    /// The objects whose DN has one of these keys (see [`model::DnStyle::key`]). Several objects
    /// can share a DN for a moment: in order of id.
    async fn find_cs_by_dn(
        &self,
        connector: ConnectorId,
        dn_keys: &[String],
    ) -> Result<BTreeMap<String, Vec<CsId>>, StoreError>;

    /// The objects that lie below one of these DN keys, at whatever depth, in order of id. Looks at
    /// every object: ask for several keys at once.
    async fn find_cs_below(
        &self,
        connector: ConnectorId,
        dn_keys: &[String],
    ) -> Result<BTreeMap<String, Vec<CsId>>, StoreError>;

    /// The imported objects of a type that hold one of the values in an indexed attribute, compared
    /// by [`join_key`], in order of id.
    async fn find_cs_by_value(
        &self,
        connector: ConnectorId,
        object_type: &Name,
        attribute: &Name,
        value: &Value,
    ) -> Result<Vec<CsId>, StoreError>;

    /// A page of a connector space in id order, after `after`.
    async fn page_cs(
        &self,
        connector: ConnectorId,
        after: Option<CsId>,
        limit: usize,
        scope: Scope,
    ) -> Result<Vec<CsObject>, StoreError>;

    /// A page of a connector space in id order, after `after`, without the objects linked to
    /// metaverse objects that are steady. At most `limit` objects are left in it, and
    /// at most [`STEADY_PAGE_MAX`] left out.
    async fn page_unsteady(
        &self,
        connector: ConnectorId,
        after: Option<CsId>,
        limit: usize,
        known: SteadyScope,
    ) -> Result<UnsteadyPage, StoreError>;
    /// The metaverse objects with these ids, in id order; unknown ids are left out.
    async fn load_mv(&self, ids: &[MvId]) -> Result<Vec<MvObject>, StoreError>;

    /// The connector-space objects linked to these metaverse objects, in id order.
    async fn linked_cs(&self, ids: &[MvId]) -> Result<BTreeMap<MvId, Vec<CsId>>, StoreError>;

    /// For each value, the metaverse objects of a type that hold it in an indexed attribute, compared
    /// by [`join_key`], in order of id. The attribute `object-id` stands for the public identifier
    /// and is always indexed.
    async fn find_mv_by_value(
        &self,
        object_type: &Name,
        attribute: &Name,
        values: &[Value],
    ) -> Result<Vec<Vec<MvId>>, StoreError>;

    /// A page of the metaverse in id order, after `after`, of one type or all.
    async fn page_mv(
        &self,
        object_type: Option<&Name>,
        after: Option<MvId>,
        limit: usize,
    ) -> Result<Vec<MvObject>, StoreError>;

    /// The state of one connector space.
    async fn cs_counts(&self, connector: ConnectorId) -> Result<CsCounts, StoreError>;

    /// The objects of one connector space by type, without placeholders.
    async fn cs_types(&self, connector: ConnectorId) -> Result<BTreeMap<Name, u64>, StoreError>;

    /// Metaverse objects by type.
    async fn mv_counts(&self) -> Result<BTreeMap<Name, u64>, StoreError>;
}
