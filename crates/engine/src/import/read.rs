//! The import step: reads pages, stages them in batches, and keeps the watermark with the data.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use connector::{
    Completeness, Connector, DiscoveryErrorType, ImportEntry, ImportKind, ImportPage, ImportSession,
};
use model::{CsId, Image};
use roaring::RoaringBitmap;
use store::{Batch, CsObject, CsWrite, KeyEntry, Parts, RunError};

use super::gather::{self, Gathered, Latest, Part};
use super::missing;
use super::stage::{self, Context, Staged};
use crate::counters::staging;
use crate::error::StepError;
use crate::limits::{IMPORT_BATCH_ENTRIES, OBJECT_ERRORS_MAX};
use crate::result::StepResult;
use crate::run::ActiveRun;
use crate::setup::ConnectorSetup;

/// The keys of a connector space, for telling in memory that nothing changed.
pub(super) struct Keys {
    by_anchor: HashMap<u64, Vec<KeyEntry>>,
}

impl Keys {
    fn new(entries: Vec<KeyEntry>) -> Self {
        let mut by_anchor: HashMap<u64, Vec<KeyEntry>> = HashMap::with_capacity(entries.len());
        for entry in entries {
            by_anchor.entry(entry.anchor_hash).or_default().push(entry);
        }
        Self { by_anchor }
    }

    fn get(&self, anchor_hash: u64) -> &[KeyEntry] {
        self.by_anchor.get(&anchor_hash).map(Vec::as_slice).unwrap_or_default()
    }

    fn put(&mut self, entry: KeyEntry) {
        let entries = self.by_anchor.entry(entry.anchor_hash).or_default();
        entries.retain(|e| e.id != entry.id);
        entries.push(entry);
    }

    /// Every object that has been imported.
    pub(super) fn ids(&self) -> BTreeSet<CsId> {
        self.by_anchor.values().flatten().map(|entry| entry.id).collect()
    }
}

/// An import in progress.
pub(super) struct Import<'a, 'r> {
    pub(super) run: &'a mut ActiveRun<'r>,
    pub(super) setup: &'a ConnectorSetup,
    pub(super) keys: Keys,
    /// Objects this read has shown. A resumed run reads from the start again, so what an attempt
    /// before it has seen does not count: it may be gone since.
    pub(super) seen: RoaringBitmap,
    /// Objects that this run has counted, in earlier attempts too.
    counted: RoaringBitmap,
    /// Deletions are kept back until the whole read is known.
    deleted: BTreeSet<String>,
    discovery_errors: u64,
    full: bool,
}

/// Runs the step.
pub(crate) async fn run(
    run: &mut ActiveRun<'_>,
    setup: &ConnectorSetup,
    connector: &dyn Connector,
    full: bool,
) -> Result<(StepResult, Option<String>), StepError> {
    let kind = if full {
        ImportKind::Full
    } else {
        match run.store.watermark(setup.id).await? {
            Some(watermark) => ImportKind::Delta { watermark },
            None => return Err(StepError::full_import_required(&setup.name)),
        }
    };
    let mut session = connector.open_import(kind).await.map_err(StepError::before_start)?;
    let known = run.store.key_map(setup.id).await?;
    if full {
        run.observer.expect(known.len() as u64);
    }
    let keys = Keys::new(known);
    let counted = run.store.seen(&run.lease).await?;
    let mut import = Import {
        run,
        setup,
        keys,
        seen: RoaringBitmap::new(),
        counted,
        deleted: BTreeSet::new(),
        discovery_errors: 0,
        full,
    };
    let end = import.read(session.as_mut()).await?;
    import.finish(end).await
}

impl Import<'_, '_> {
    pub(super) fn context(&self) -> Context {
        let style = self.setup.dn_style;
        Context { run: self.run.lease.run, now: self.run.clock.now(), style }
    }

    async fn read(&mut self, session: &mut dyn ImportSession) -> Result<Completeness, StepError> {
        let mut gathered: Vec<ImportEntry> = Vec::new();
        let mut errors: Vec<RunError> = Vec::new();
        loop {
            let page = session.next_page().await.map_err(StepError::while_reading)?;
            let ImportPage { entries, errors: discovery, end } = page;
            gathered.extend(entries);
            self.discovery_errors += discovery.len() as u64;
            errors.extend(discovery.into_iter().map(|error| RunError {
                object: None,
                name: error.object,
                error_type: error.error_type.as_str().to_owned(),
                step: "staging".to_owned(),
                message: error.message,
                code: None,
                rule: None,
            }));
            let end = if self.has_too_many_errors() {
                Some(Completeness::Incomplete { reason: "too many errors".to_owned() })
            } else {
                end
            };
            if end.is_some() || gathered.len() >= IMPORT_BATCH_ENTRIES {
                let entries = std::mem::take(&mut gathered);
                self.stage(entries, std::mem::take(&mut errors), session).await?;
            }
            if let Some(end) = end {
                return Ok(end);
            }
        }
    }

    const fn has_too_many_errors(&self) -> bool {
        self.discovery_errors > OBJECT_ERRORS_MAX
    }

    /// Stages what was gathered in one transaction.
    async fn stage(
        &mut self,
        entries: Vec<ImportEntry>,
        errors: Vec<RunError>,
        session: &mut dyn ImportSession,
    ) -> Result<(), StepError> {
        let count = entries.len();
        let mut batch = Batch { errors, ..Batch::default() };
        let mut gathered = Gathered::default();
        for entry in entries {
            if let Err(name) = gathered.take(entry) {
                self.refuse(unidentified(name), &mut batch);
            }
        }
        let mut images = Vec::new();
        let mut changes = Vec::new();
        let mut unknown = Vec::new();
        for (anchor, latest) in gathered {
            let was_gone = self.deleted.remove(&anchor);
            match latest {
                Latest::Whole(image) => images.push(image),
                Latest::Changed(parts) if !was_gone => changes.push((anchor, parts)),
                Latest::Changed(_) | Latest::Back => unknown.push(anchor),
                Latest::Gone => {
                    self.deleted.insert(anchor);
                }
            }
        }
        if !changes.is_empty() {
            self.patch(changes, &mut images, &mut unknown).await?;
        }
        if !unknown.is_empty() {
            self.fetch(&unknown, &mut images, session, &mut batch).await?;
        }
        let (changed, seen) = self.drop_unchanged(images);
        batch.seen = seen;
        self.stage_changed(changed, &mut batch).await?;
        self.run.commit(batch, count).await?;
        Ok(())
    }

    fn refuse(&mut self, error: RunError, batch: &mut Batch) {
        self.discovery_errors += 1;
        batch.errors.push(error);
    }

    /// Turns partial changes into whole images; objects that are not known are left over.
    async fn patch(
        &self,
        changes: Vec<(String, Vec<Part>)>,
        images: &mut Vec<Image>,
        unknown: &mut Vec<String>,
    ) -> Result<(), StepError> {
        let anchors: Vec<String> = changes.iter().map(|(anchor, _)| anchor.clone()).collect();
        let found = self.run.store.find_cs_by_anchor(self.setup.id, &anchors).await?;
        let ids: Vec<CsId> = found.values().copied().collect();
        let known: BTreeMap<CsId, CsObject> =
            self.run.store.load_cs(&ids).await?.into_iter().map(|o| (o.id, o)).collect();
        for (anchor, parts) in changes {
            let before = found.get(&anchor).and_then(|id| known.get(id));
            match before.and_then(stage::last_image) {
                Some(mut image) => {
                    parts.into_iter().for_each(|part| gather::apply(&mut image, part));
                    images.push(image);
                }
                None => unknown.push(anchor),
            }
        }
        Ok(())
    }

    /// Reads objects whole.
    async fn fetch(
        &mut self,
        anchors: &[String],
        images: &mut Vec<Image>,
        session: &mut dyn ImportSession,
        batch: &mut Batch,
    ) -> Result<(), StepError> {
        for entry in session.fetch(anchors).await.map_err(StepError::while_reading)? {
            match entry {
                ImportEntry::Object(image) if image.anchor.is_some() => images.push(image),
                ImportEntry::Object(image) => self.refuse(unidentified(image.dn), batch),
                ImportEntry::Deleted { anchor } => {
                    self.deleted.insert(anchor);
                }
                ImportEntry::Change { anchor, .. } => self.refuse(need_full_object(anchor), batch),
            }
        }
        Ok(())
    }

    /// Counts objects whose content hash is as stored and leaves the others.
    fn drop_unchanged(&mut self, images: Vec<Image>) -> (Vec<Image>, RoaringBitmap) {
        let hasher = self.run.store.hasher();
        let mut newly = RoaringBitmap::new();
        let mut changed = Vec::new();
        for image in images {
            let anchor_hash = image.anchor.as_deref().map(|anchor| hasher.anchor(anchor));
            let entries = anchor_hash.map_or(&[][..], |hash| self.keys.get(hash));
            let hash = if entries.is_empty() { 0 } else { hasher.content(&image) };
            match entries.iter().find(|e| e.content_hash == hash && e.settled) {
                Some(entry) => {
                    let sequence = entry.id.sequence();
                    self.seen.insert(sequence);
                    if self.counted.insert(sequence) {
                        newly.insert(sequence);
                        self.run.tally.count(staging::NO_CHANGE);
                    }
                }
                None => changed.push(image),
            }
        }
        (changed, newly)
    }

    async fn stage_changed(
        &mut self,
        images: Vec<Image>,
        batch: &mut Batch,
    ) -> Result<(), StepError> {
        if images.is_empty() {
            return Ok(());
        }
        let known = self.load_known(&images).await?;
        let by_anchor: HashMap<&str, &CsObject> =
            known.iter().filter_map(|o| Some((o.anchor.as_deref()?, o))).collect();
        let newcomers: Vec<String> = images
            .iter()
            .filter(|i| !i.anchor.as_deref().is_some_and(|a| by_anchor.contains_key(a)))
            .map(|image| self.setup.dn_style.key(&image.dn))
            .collect();
        let waiting = self.load_waiting(&newcomers).await?;
        let mut adopted: BTreeSet<CsId> = BTreeSet::new();
        for image in images {
            let dn_key = self.setup.dn_style.key(&image.dn);
            let known = image.anchor.as_deref().and_then(|a| by_anchor.get(a)).copied();
            let before = known.or_else(|| {
                let waiting = waiting.iter().find(|o| o.dn_key == dn_key);
                waiting.filter(|o| adopted.insert(o.id))
            });
            let context = self.context();
            let staged = match before {
                Some(before) => stage::stage_known(before, dn_key, image, context),
                None => {
                    let id = self.run.ids.next(self.run.store, self.setup.id).await?;
                    stage::stage_new(id, dn_key, image, context)
                }
            };
            self.take_staged(before, staged, batch);
        }
        Ok(())
    }

    /// The objects with the images' anchors.
    async fn load_known(&self, images: &[Image]) -> Result<Vec<CsObject>, StepError> {
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

    /// Provisioned objects without an anchor that were sent, and placeholders, at these DNs.
    async fn load_waiting(&self, dn_keys: &[String]) -> Result<Vec<CsObject>, StepError> {
        let found = self.run.store.find_cs_by_dn(self.setup.id, dn_keys).await?;
        let ids: Vec<CsId> = found.into_values().flatten().collect();
        let mut objects = self.run.store.load_cs(&ids).await?;
        objects.retain(|object| {
            object.imported.is_none() && object.anchor.is_none() && !is_unsent(object)
        });
        Ok(objects)
    }

    /// Counts a staged object once, marks it as seen and adds its write to the batch.
    pub(super) fn take_staged(
        &mut self,
        before: Option<&CsObject>,
        staged: Staged,
        batch: &mut Batch,
    ) {
        let id = before.map(|o| o.id).or(staged.object.as_ref().map(|o| o.id));
        let Some(id) = id else { return };
        self.seen.insert(id.sequence());
        if self.counted.insert(id.sequence()) {
            batch.seen.insert(id.sequence());
            self.run.tally.count(staged.counter);
        }
        if !staged.not_reimported.is_empty() {
            let attributes: Vec<&str> = staged.not_reimported.iter().map(|n| n.as_str()).collect();
            batch.errors.push(RunError {
                object: Some(id),
                name: before.map(|o| o.dn.clone()).unwrap_or_default(),
                error_type: "exported-change-not-reimported".to_owned(),
                step: "staging".to_owned(),
                message: format!("not seen in the import: {}", attributes.join(", ")),
                code: None,
                rule: None,
            });
        }
        match (before, staged.object) {
            (None, Some(object)) => {
                self.note_key(&object);
                batch.cs.push(CsWrite::Insert(object));
            }
            (Some(before), Some(object)) => {
                self.note_key(&object);
                let parts = Parts::between(before, &object);
                if !parts.is_empty() {
                    batch.cs.push(CsWrite::Update(object, parts));
                }
            }
            (Some(before), None) => batch.cs.push(CsWrite::Remove(before.id)),
            (None, None) => {}
        }
    }

    /// Counts an object that is gone, although an earlier attempt may have counted it as present.
    pub(super) fn take_absent(&mut self, before: &CsObject, staged: Staged, batch: &mut Batch) {
        self.counted.remove(before.id.sequence());
        self.take_staged(Some(before), staged, batch);
    }

    fn note_key(&mut self, object: &CsObject) {
        let (Some(anchor), Some(attributes)) = (&object.anchor, &object.imported) else { return };
        let hasher = self.run.store.hasher();
        let image = Image {
            object_type: object.object_type.clone(),
            anchor: object.anchor.clone(),
            dn: object.dn.clone(),
            attributes: attributes.clone(),
        };
        self.keys.put(KeyEntry {
            id: object.id,
            anchor_hash: hasher.anchor(anchor),
            content_hash: hasher.content(&image),
            settled: object.is_settled(),
        });
    }

    async fn finish(
        mut self,
        end: Completeness,
    ) -> Result<(StepResult, Option<String>), StepError> {
        let incomplete = match &end {
            Completeness::Incomplete { reason } => Some(reason.clone()),
            Completeness::Complete { .. } | Completeness::Delta { .. } => None,
        };
        if let Some(reason) = incomplete {
            let message =
                format!("the read was not complete ({reason}); nothing counts as deleted");
            let result = if self.has_too_many_errors() {
                StepResult::StoppedErrorLimit
            } else {
                StepResult::StoppedImportRead
            };
            return Ok((result, Some(message)));
        }
        if self.discovery_errors > 0 {
            let message = format!(
                "{} entries could not be read; missing objects were not looked for",
                self.discovery_errors
            );
            return Ok((StepResult::CompletedDiscoveryErrors, Some(message)));
        }
        let deleted = std::mem::take(&mut self.deleted);
        let complete = self.full && matches!(end, Completeness::Complete { .. });
        let absent = missing::find(&mut self, deleted, complete).await?;
        let limits = self.setup.document.limits;
        let total = self.run.store.cs_counts(self.setup.id).await?.total;
        let deletions = missing::deletions(&absent);
        if limits.deletes.exceeded(deletions, total) {
            let message = format!(
                "of {total} objects {deletions} would be deleted, more than the limit allows; \
                 nothing was deleted"
            );
            return Ok((StepResult::StoppedDeletionLimit, Some(message)));
        }
        missing::stage(&mut self, absent).await?;
        let watermark = match end {
            Completeness::Complete { watermark } => watermark,
            Completeness::Delta { watermark } => Some(watermark),
            Completeness::Incomplete { .. } => None,
        };
        let batch = Batch { watermark: Some((self.setup.id, watermark)), ..Batch::default() };
        self.run.commit(batch, 0).await?;
        let warned = self.run.errors.iter().any(|e| e.object.is_some());
        let result = if warned { StepResult::CompletedWarnings } else { StepResult::Success };
        Ok((result, None))
    }
}

/// True for an object that exists only in a pending export that was never tried.
const fn is_unsent(object: &CsObject) -> bool {
    matches!(object.state, store::CsState::Connector { .. })
        && object.export.escrow.is_none()
        && object.export.unconfirmed.is_none()
}

fn need_full_object(anchor: String) -> RunError {
    let message = "a change to an object that is not known came without the whole object";
    discovery_error(DiscoveryErrorType::NeedFullObject, anchor, message)
}

fn unidentified(dn: String) -> RunError {
    let message = "the object came without an anchor";
    discovery_error(DiscoveryErrorType::MissingAnchorComponent, dn, message)
}

fn discovery_error(error_type: DiscoveryErrorType, name: String, message: &str) -> RunError {
    RunError {
        object: None,
        name,
        error_type: error_type.as_str().to_owned(),
        step: "staging".to_owned(),
        message: message.to_owned(),
        code: None,
        rule: None,
    }
}
