//! Objects whose names others have taken.
//!
//! A read can show that an object has a name before it shows what became of the one that had it. That
//! one gives up its place in the tree, with all that lies below it, and waits for its own rename or
//! deletion, in this import or a later one; a full import that does not show it finds it gone like any
//! other.

use std::collections::BTreeSet;

use model::{CsId, Image};
use store::{CsObject, CsState, TRANSIENT_DN_KEY};

use super::read::Import;
use crate::error::StepError;

/// Those of `objects` that have to give up their names: imported ones of which neither `images` nor
/// `settled` say what they are called.
fn nameless<'o>(
    objects: &'o [CsObject],
    images: &[Image],
    settled: &BTreeSet<CsId>,
) -> Vec<&'o CsObject> {
    let anchors: BTreeSet<&str> = images.iter().filter_map(|i| i.anchor.as_deref()).collect();
    let stays = |object: &CsObject| {
        object.state == CsState::Placeholder
            || object.imported.is_none()
            || object.is_gone()
            || settled.contains(&object.id)
            || object.anchor.as_deref().is_none_or(|anchor| anchors.contains(anchor))
    };
    objects.iter().filter(|object| !stays(object)).collect()
}

impl Import<'_, '_> {
    /// What gives up its name because `images` have it: of the objects `there`, and of what lies
    /// below these.
    pub(super) async fn displaced(
        &self,
        there: &[CsObject],
        images: &[Image],
        settled: &BTreeSet<CsId>,
    ) -> Result<Vec<CsObject>, StepError> {
        let mut displaced: Vec<CsObject> =
            nameless(there, images, settled).into_iter().cloned().collect();
        if displaced.is_empty() {
            return Ok(displaced);
        }
        let keys: Vec<String> = displaced.iter().map(|object| object.dn_key.clone()).collect();
        let below = self.run.store.find_cs_below(self.setup.id, &keys).await?;
        let own: BTreeSet<CsId> = displaced.iter().map(|object| object.id).collect();
        let ids: BTreeSet<CsId> = below.into_values().flatten().collect();
        let ids: Vec<CsId> = ids.difference(&own).copied().collect();
        let below = self.run.store.load_cs(&ids).await?;
        let below = nameless(&below, images, settled).into_iter().filter(|o| !self.was_shown(o));
        displaced.extend(below.cloned());
        Ok(displaced)
    }

    /// How many objects have no name at the end.
    pub(super) async fn count_transient(&self) -> Result<usize, StepError> {
        let key = TRANSIENT_DN_KEY.to_owned();
        let found = self.run.store.find_cs_by_dn(self.setup.id, &[key]).await?;
        let ids: Vec<CsId> = found.into_values().flatten().collect();
        let objects = self.run.store.load_cs(&ids).await?;
        Ok(objects.iter().filter(|object| object.is_transient()).count())
    }
}
