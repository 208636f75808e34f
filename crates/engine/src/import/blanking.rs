//! Objects that have lost the last value of an attribute. Where their number is limited they are kept
//! back like deletions: counted when the whole read is known, staged after that or not at all.

use model::{CsId, Image, Name};
use rules::ChangeKind;
use store::{CsObject, ExportValue};

use super::read::Import;
use crate::error::StepError;
use crate::guard::{Planned, Side};

/// True if the object has lost the last value of an attribute, and not by an export of ours that
/// thereby arrives.
pub(super) fn is_blanked(before: &CsObject, image: &Image) -> bool {
    let sent = [&before.export.unconfirmed, &before.export.escrow];
    let is_ours = |name: &Name| {
        let mut changes = sent.iter().copied().flatten().filter_map(|d| d.changes.get(name));
        changes.any(|change| change.value == ExportValue::Clear)
    };
    let mut attributes = before.imported.iter().flat_map(|attributes| attributes.iter());
    !before.is_gone()
        && attributes.any(|(name, _)| image.attributes.get(name).is_none() && !is_ours(name))
}

impl Import<'_, '_> {
    /// Keeps an object back. It was seen all the same.
    pub(super) fn hold(&mut self, id: CsId, image: Image) {
        self.seen.insert(id.sequence());
        if let Some(anchor) = image.anchor.clone() {
            self.held.insert(anchor, image);
        }
    }

    /// Stages what was kept back, if it is within the limits.
    pub(super) async fn release_held(&mut self) -> Result<(), StepError> {
        if self.held.is_empty() {
            return Ok(());
        }
        let mut planned = Planned::default();
        for image in self.held.values() {
            planned.count(ChangeKind::AttributeBlanking, &image.object_type, &image.dn);
        }
        self.guard(&planned, Side::Import).await?;
        self.holds_blanking = false;
        let images = std::mem::take(&mut self.held).into_values().collect();
        self.stage_whole(images).await
    }
}
