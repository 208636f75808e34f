//! Objects whose names others have taken.
//!
//! A read can show that an object has a name before it shows what became of the one that had it. That
//! one gives up its place in the tree and waits for its own rename or deletion, in this import or a
//! later one; a full import that does not show it finds it gone like any other.

use std::collections::{BTreeMap, BTreeSet};

use model::{CsId, Image};
use store::{Batch, CsObject, CsState, CsWrite, Parts, TRANSIENT_DN_KEY};

use super::read::Import;
use crate::error::StepError;

/// The objects that have to give up their names, since `images` have them; `there` is everything at
/// these names.
pub(super) fn displaced<'o>(
    there: &'o [CsObject],
    images: &[Image],
    known: &BTreeSet<CsId>,
) -> Vec<&'o CsObject> {
    let anchors: BTreeSet<&str> = images.iter().filter_map(|i| i.anchor.as_deref()).collect();
    let stays = |object: &CsObject| {
        object.state == CsState::Placeholder
            || object.imported.is_none()
            || object.is_gone()
            || known.contains(&object.id)
            || object.anchor.as_deref().is_none_or(|anchor| anchors.contains(anchor))
    };
    there.iter().filter(|object| !stays(object)).collect()
}

impl Import<'_, '_> {
    /// Takes the names from objects.
    pub(super) fn displace(&mut self, objects: &[&CsObject], batch: &mut Batch) {
        for before in objects {
            let dn_key = TRANSIENT_DN_KEY.to_owned();
            let after = CsObject { dn_key, ..CsObject::clone(before) };
            self.note_key(&after);
            let parts = Parts::between(before, &after);
            batch.cs.push(CsWrite::Update(after, parts));
        }
    }

    /// How many objects have no name at the end.
    pub(super) async fn count_transient(&self) -> Result<usize, StepError> {
        let key = TRANSIENT_DN_KEY.to_owned();
        let found: BTreeMap<String, Vec<CsId>> =
            self.run.store.find_cs_by_dn(self.setup.id, &[key]).await?;
        let ids: Vec<CsId> = found.into_values().flatten().collect();
        let objects = self.run.store.load_cs(&ids).await?;
        Ok(objects.iter().filter(|object| object.is_transient()).count())
    }
}
