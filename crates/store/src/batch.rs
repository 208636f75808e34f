//! A batch: everything one transaction writes.

use model::{ConnectorId, CsId, MvId, Timestamp};
use roaring::RoaringBitmap;

use crate::{Counters, CsObject, MvObject, RunError, Steady};

/// Which parts of a connector-space object a write changes; the others are as stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Parts {
    /// Type, anchor and DN.
    pub identity: bool,
    /// State, link, import error, whether it needs synchronization or a retry of its references.
    pub core: bool,
    /// The imported attributes.
    pub imported: bool,
    /// The pending import.
    pub pending_import: bool,
    /// The export stages.
    pub export: bool,
}

impl Parts {
    /// Everything.
    pub const ALL: Self =
        Self { identity: true, core: true, imported: true, pending_import: true, export: true };

    /// What differs between the stored object and its successor.
    #[must_use]
    pub fn between(before: &CsObject, after: &CsObject) -> Self {
        Self {
            identity: before.object_type != after.object_type
                || before.anchor != after.anchor
                || before.dn != after.dn
                || before.dn_key != after.dn_key,
            core: before.state != after.state
                || before.linked_by != after.linked_by
                || before.import_error != after.import_error
                || before.needs_sync != after.needs_sync
                || before.reference_retry != after.reference_retry,
            imported: before.imported != after.imported,
            pending_import: before.pending_import != after.pending_import,
            export: before.export != after.export,
        }
    }

    /// True when nothing differs.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        !(self.identity || self.core || self.imported || self.pending_import || self.export)
    }
}

/// One write to a connector space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CsWrite {
    /// The object is new.
    Insert(CsObject),
    /// The object changed in these parts.
    Update(CsObject, Parts),
    /// The object goes.
    Remove(CsId),
}

/// One write to the metaverse.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MvWrite {
    /// The object is new or changed.
    Put(MvObject),
    /// The object goes.
    Remove(MvId),
}

/// How far the run has come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// The counters so far, in whole.
    pub counters: Counters,
    /// Where a resumed run goes on, in the engine's own words.
    pub cursor: Option<String>,
}

/// Everything one transaction writes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Batch {
    /// Connector-space writes; at most one per object.
    pub cs: Vec<CsWrite>,
    /// Metaverse writes; at most one per object.
    pub mv: Vec<MvWrite>,
    /// What is known to be steady after this batch; comes after its writes.
    pub steady: Vec<Steady>,
    /// Sequence numbers that this batch's import entries belong to.
    pub seen: RoaringBitmap,
    /// Object errors to append to the run.
    pub errors: Vec<RunError>,
    /// A new watermark for a connector; `None` inside forgets it.
    pub watermark: Option<(ConnectorId, Option<String>)>,
    /// The run's progress after this batch.
    pub progress: Progress,
    /// The lease is renewed until then.
    pub lease_until: Option<Timestamp>,
}
