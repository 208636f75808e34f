//! Which known objects the images of a batch may be about.

use model::{CsId, Image};
use store::CsObject;

use super::read::Import;
use crate::error::StepError;

impl Import<'_, '_> {
    /// The objects with the images' anchors.
    pub(super) async fn load_known(&self, images: &[Image]) -> Result<Vec<CsObject>, StepError> {
        let hasher = self.run.store.hasher();
        let anchors = images.iter().filter_map(|image| image.anchor.as_deref());
        let ids: Vec<CsId> = anchors
            .flat_map(|anchor| self.keys.get(hasher.anchor(anchor)))
            .map(|entry| entry.id)
            .collect();
        let mut known = self.run.store.load_cs(&ids).await?;
        // Objects whose anchor an export returned have not been imported, so they have no key yet.
        let missing: Vec<String> = images
            .iter()
            .filter_map(|image| image.anchor.clone())
            .filter(|a| !known.iter().any(|o| o.anchor.as_deref() == Some(a)))
            .collect();
        let found = self.run.store.find_cs_by_anchor(self.setup.id, &missing).await?;
        let ids: Vec<CsId> = found.into_values().collect();
        known.extend(self.run.store.load_cs(&ids).await?);
        Ok(known)
    }

    /// The objects at these DNs.
    pub(super) async fn load_at(&self, dn_keys: &[String]) -> Result<Vec<CsObject>, StepError> {
        let found = self.run.store.find_cs_by_dn(self.setup.id, dn_keys).await?;
        let ids: Vec<CsId> = found.into_values().flatten().collect();
        Ok(self.run.store.load_cs(&ids).await?)
    }
}

/// True for a provisioned object without an anchor that was sent, and for a placeholder.
pub(super) const fn is_waiting(object: &CsObject) -> bool {
    object.imported.is_none() && object.anchor.is_none() && !is_unsent(object)
}

/// True for an object that exists only in a pending export that was never tried.
const fn is_unsent(object: &CsObject) -> bool {
    matches!(object.state, store::CsState::Connector { .. })
        && object.export.escrow.is_none()
        && object.export.unconfirmed.is_none()
}
