//! Objects that are gone: those a delta names, and after a complete full read those it does not
//! show.

use std::collections::BTreeSet;

use model::CsId;
use rules::ChangeKind;
use store::{Batch, CsObject, CsState, Scope};

use super::read::Import;
use super::stage::{self, Staged};
use crate::counters::staging;
use crate::error::StepError;
use crate::guard::Planned;
use crate::limits::IMPORT_BATCH_ENTRIES;
use crate::setup::is_within;

/// An object that is gone, and what that does to it.
pub(super) struct Absent {
    before: CsObject,
    staged: Staged,
}

impl Absent {
    /// True for a deletion that somebody else made; our own, confirmed, is none.
    pub(super) fn is_deletion(&self) -> bool {
        self.staged.counter == staging::DELETE && self.staged.object.is_some()
    }
}

/// The deletions among them.
pub(super) fn deletions(absent: &[Absent]) -> Planned {
    let mut planned = Planned::default();
    for Absent { before, .. } in absent.iter().filter(|absent| absent.is_deletion()) {
        planned.count(ChangeKind::Delete, &before.object_type, &before.dn);
    }
    planned
}

/// Finds the gone objects. Nothing is written yet.
pub(super) async fn find(
    import: &mut Import<'_, '_>,
    deleted: BTreeSet<String>,
    complete: bool,
) -> Result<Vec<Absent>, StepError> {
    let anchors: Vec<String> = deleted.into_iter().collect();
    let found = import.run.store.find_cs_by_anchor(import.setup.id, &anchors).await?;
    import.run.tally.add(staging::FILTERED_DELETIONS, (anchors.len() - found.len()) as u64);
    let mut ids: BTreeSet<CsId> = found.into_values().collect();
    if complete {
        let unseen = import.keys.ids();
        ids.extend(unseen.filter(|id| !import.seen.contains(id.sequence())));
    }
    let context = import.context();
    let partition = import.partition.clone();
    let is_other = |object: &CsObject| !is_within(&object.dn, partition.as_ref());
    let ids: Vec<CsId> = ids.into_iter().collect();
    let mut absent = Vec::new();
    for before in import.run.store.load_cs(&ids).await? {
        if before.state != CsState::Placeholder && !is_other(&before) {
            let staged = stage::stage_deleted(&before, context);
            absent.push(Absent { before, staged });
        }
    }
    if complete {
        find_unseen(import, &mut absent).await?;
    }
    Ok(absent)
}

/// Objects that no import has ever shown, and the complete read does not either.
async fn find_unseen(import: &Import<'_, '_>, absent: &mut Vec<Absent>) -> Result<(), StepError> {
    let (store, id, context) = (import.run.store, import.setup.id, import.context());
    let partition = import.partition.as_ref();
    let mut after = None;
    loop {
        let page =
            store.page_cs(id, after, IMPORT_BATCH_ENTRIES, Scope::AwaitingConfirmation).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.id);
        for before in page {
            let is_absent =
                !import.seen.contains(before.id.sequence()) && is_within(&before.dn, partition);
            if let Some(staged) = stage::stage_unseen(&before, context).filter(|_| is_absent) {
                absent.push(Absent { before, staged });
            }
        }
    }
}

/// Writes the deletions.
pub(super) async fn stage(
    import: &mut Import<'_, '_>,
    absent: Vec<Absent>,
) -> Result<(), StepError> {
    let mut absent = absent.into_iter().peekable();
    while absent.peek().is_some() {
        let mut batch = Batch::default();
        let chunk: Vec<Absent> = absent.by_ref().take(IMPORT_BATCH_ENTRIES).collect();
        let count = chunk.len();
        for Absent { before, staged } in chunk {
            import.take_absent(&before, staged, &mut batch);
        }
        import.run.commit(batch, count).await?;
    }
    Ok(())
}
