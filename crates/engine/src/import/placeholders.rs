//! Placeholders that nothing needs any more.

use std::collections::BTreeSet;

use store::{Batch, CsObject, CsWrite, Scope};

use super::read::Import;
use crate::error::StepError;
use crate::limits::IMPORT_BATCH_ENTRIES;

impl Import<'_, '_> {
    /// Removes the placeholders that nothing lies below, and those whose place an object has taken.
    pub(super) async fn remove_unused_placeholders(&mut self) -> Result<(), StepError> {
        let mut after = None;
        loop {
            let (store, id) = (self.run.store, self.setup.id);
            let page = store.page_cs(id, after, IMPORT_BATCH_ENTRIES, Scope::Placeholders).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.id);
            let unused = self.unused(&page).await?;
            if !unused.is_empty() {
                let cs = unused.into_iter().map(|object| CsWrite::Remove(object.id)).collect();
                self.run.commit(Batch { cs, ..Batch::default() }, 0).await?;
            }
        }
    }

    async fn unused<'o>(
        &self,
        placeholders: &'o [CsObject],
    ) -> Result<Vec<&'o CsObject>, StepError> {
        let (store, id) = (self.run.store, self.setup.id);
        let keys: BTreeSet<&String> = placeholders.iter().map(|object| &object.dn_key).collect();
        let keys: Vec<String> = keys.into_iter().cloned().collect();
        let below = store.find_cs_below(id, &keys).await?;
        let there = store.find_cs_by_dn(id, &keys).await?;
        let is_needed = |object: &&CsObject| {
            let others = there.get(&object.dn_key).map_or(0, Vec::len);
            below.contains_key(&object.dn_key) && others < 2
        };
        Ok(placeholders.iter().filter(|object| !is_needed(object)).collect())
    }
}
