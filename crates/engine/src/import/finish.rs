//! The end of an import: what was kept back is counted, compared with the limits and staged, and the
//! watermark moves, if the read was good enough for that.

use connector::Completeness;
use model::Image;
use store::Batch;

use super::missing;
use super::read::{Early, Import};
use super::renames::Inherited;
use crate::error::StepError;
use crate::guard::{self, Planned, Side, Totals};
use crate::limits::IMPORT_BATCH_ENTRIES;
use crate::mutant::{Mutant, is_on};
use crate::result::StepResult;

impl Import<'_, '_> {
    pub(super) async fn finish(
        mut self,
        end: Completeness,
    ) -> Result<(StepResult, Option<String>), StepError> {
        self.release_held().await?;
        if let Some(unfinished) = self.unfinished(&end) {
            return Ok(unfinished);
        }
        let deleted = std::mem::take(&mut self.deleted);
        let complete = self.full && !matches!(end, Completeness::Delta { .. });
        let absent = missing::find(&mut self, deleted, complete).await?;
        let planned = missing::deletions(&absent);
        self.guard(&planned, Side::Import).await?;
        let deletions = absent.iter().filter(|absent| absent.is_deletion()).count() as u64;
        if self.step.deletion_limit.is_some_and(|limit| deletions > limit) {
            let limit = self.step.deletion_limit.unwrap_or_default();
            let message = format!(
                "{deletions} objects are gone, and the step allows {limit} deletions; none was \
                 staged"
            );
            return Ok((StepResult::StoppedDeletionLimit, Some(message)));
        }
        missing::stage(&mut self, absent).await?;
        self.go_on_from(&end).await?;
        self.remove_unused_placeholders().await?;
        let transient = self.count_transient().await?;
        if transient > 0 {
            let message = format!(
                "others have taken the names of {transient} objects, and nothing says yet what \
                 became of these; they are neither synchronized nor exported until then"
            );
            return Ok((StepResult::CompletedTransientObjects, Some(message)));
        }
        let warned = self.run.errors.iter().any(|e| e.object.is_some());
        let result = if warned { StepResult::CompletedWarnings } else { StepResult::Success };
        Ok((result, None))
    }

    /// Keeps the place from which the next delta import goes on.
    pub(super) async fn go_on_from(&mut self, end: &Completeness) -> Result<(), StepError> {
        let watermark = match end {
            Completeness::Complete { watermark } => watermark.clone(),
            Completeness::Delta { watermark } => Some(watermark.clone()),
            Completeness::Incomplete { .. } => None,
        };
        // One watermark stands for all partitions: the other ones still have to be read.
        let watermark = self.partition.is_none().then_some((self.setup.id, watermark));
        let batch = Batch { watermark, ..Batch::default() };
        self.run.commit(batch, 0).await?;
        Ok(())
    }

    /// The result of a read that says nothing about what is missing.
    fn unfinished(&self, end: &Completeness) -> Option<(StepResult, Option<String>)> {
        match self.early {
            Some(Early::Stopped) => return Some(self.run.stopped()),
            Some(Early::ObjectLimit) => {
                let limit = self.step.object_limit.unwrap_or_default();
                let message = format!(
                    "the step takes {limit} objects, and there are more; nothing counts as deleted"
                );
                return Some((StepResult::StoppedObjectLimit, Some(message)));
            }
            None => {}
        }
        if let Completeness::Incomplete { reason } = end
            && !is_on(Mutant::DeleteOnIncompleteRead)
        {
            let message =
                format!("the read was not complete ({reason}); nothing counts as deleted");
            let result = if self.has_too_many_errors() {
                StepResult::StoppedErrorLimit
            } else {
                StepResult::StoppedImportRead
            };
            return Some((result, Some(message)));
        }
        (self.discovery_errors > 0).then(|| {
            let message = format!(
                "obsoletion was skipped because of {} discovery errors: missing objects do not \
                 count as deleted until an import is without them",
                self.discovery_errors
            );
            (StepResult::CompletedDiscoveryErrors, Some(message))
        })
    }

    /// Compares what is about to be staged with the connector's limits.
    pub(super) async fn guard(&mut self, planned: &Planned, side: Side) -> Result<(), StepError> {
        let limits = &self.setup.document.limits;
        if limits.is_empty() || planned.is_empty() {
            return Ok(());
        }
        let by_type = self.run.store.cs_types(self.setup.id).await?;
        let totals = Totals { all: by_type.values().sum(), by_type };
        let accepted = &self.run.options.accepted;
        let released = guard::check(limits, planned, &totals, side, accepted)?;
        self.run.warnings.extend(released);
        Ok(())
    }

    /// Stages whole objects, in batches.
    pub(super) async fn stage_whole(&mut self, images: Vec<Image>) -> Result<(), StepError> {
        let mut images = images.into_iter().peekable();
        while images.peek().is_some() {
            let chunk: Vec<Image> = images.by_ref().take(IMPORT_BATCH_ENTRIES).collect();
            let mut batch = Batch::default();
            self.stage_changed(chunk, &Inherited::new(), &mut batch).await?;
            self.run.commit(batch, 0).await?;
        }
        Ok(())
    }

    /// The objects of the step's partition. The others are seen, and left as they are.
    pub(super) fn within_partition(&mut self, images: Vec<Image>) -> Vec<Image> {
        let Some(partition) = self.partition.clone() else { return images };
        let (within, outside): (Vec<Image>, Vec<Image>) = images
            .into_iter()
            .partition(|image| crate::setup::is_within(&image.dn, Some(&partition)));
        let anchors = outside.iter().filter_map(|image| image.anchor.as_deref());
        let known: Vec<u32> = anchors.flat_map(|anchor| self.sequences(anchor)).collect();
        self.seen.extend(known);
        within
    }
}
