//! The import step: reads pages, stages them in batches, and keeps the watermark with the data.

use std::collections::{BTreeMap, BTreeSet};

use connector::{Completeness, Connector, ImportEntry, ImportKind, ImportPage, ImportSession};
use model::{CsId, Dn, Image};
use roaring::RoaringBitmap;
use rules::{ChangeKind, ProfileStep, StepType};
use store::{Batch, CsObject, CsWrite, KeyEntry, Parts, RunError};

use super::arrival;
use super::behind::Behind;
use super::discovery::{self, discovered, need_full_object};
use super::file::{self, FileSession};
use super::gather::{self, Gathered, Latest, Part, Refused};
use super::keys::Keys;
use super::renames::Inherited;
use super::stage::{self, Context, Staged};
use crate::counters::staging;
use crate::drop_file::{LineWriter, StepPath, write_page};
use crate::error::StepError;
use crate::limits::{IMPORT_BATCH_ENTRIES, OBJECT_ERRORS_MAX};
use crate::mutant::{Mutant, is_on};
use crate::profile_run::no_connection;
use crate::result::StepResult;
use crate::run::ActiveRun;
use crate::setup::ConnectorSetup;

/// An import in progress.
pub(super) struct Import<'a, 'r> {
    pub(super) run: &'a mut ActiveRun<'r>,
    pub(super) setup: &'a ConnectorSetup,
    pub(super) keys: Keys,
    /// Objects this read has shown. A resumed run reads from the start again, so what an attempt
    /// before it has seen does not count: it may be gone since.
    pub(super) seen: RoaringBitmap,
    /// Those of them that it has shown whole.
    pub(super) whole: RoaringBitmap,
    /// Those of them of which it told changes only, and no name.
    pub(super) unnamed: BTreeSet<String>,
    /// Objects that this run has counted, in earlier attempts too.
    counted: RoaringBitmap,
    /// Deletions are kept back until the whole read is known.
    pub(super) deleted: BTreeSet<String>,
    /// Objects that lost values are kept back likewise, where a limit wants them counted first.
    pub(super) held: BTreeMap<String, Image>,
    pub(super) holds_blanking: bool,
    pub(super) discovery_errors: u64,
    pub(super) full: bool,
    pub(super) step: &'a ProfileStep,
    /// The partition that is imported, where there are others.
    pub(super) partition: Option<Dn>,
    /// What is read goes into this file, too.
    audit: Option<LineWriter>,
    /// What is staged and not yet written.
    behind: Behind<'r>,
    /// Entries so far.
    taken: u64,
    /// Why the read ended before its end.
    pub(super) early: Option<Early>,
}

/// Why a read ended before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Early {
    /// Somebody asked for it.
    Stopped,
    /// The step's limit of objects was reached.
    ObjectLimit,
}

/// An import step.
pub(crate) struct ImportStep<'a> {
    pub(crate) setup: &'a ConnectorSetup,
    pub(crate) step: &'a ProfileStep,
    pub(crate) file: Option<&'a StepPath>,
    pub(crate) connection: Option<&'a dyn Connector>,
}

/// Runs the step.
pub(crate) async fn run(
    run: &mut ActiveRun<'_>,
    import: ImportStep<'_>,
) -> Result<(StepResult, Option<String>), StepError> {
    let ImportStep { setup, step, file, connection } = import;
    let full = step.step_type == StepType::FullImport;
    let mut session: Box<dyn ImportSession> = match file.filter(|file| !file.is_written) {
        Some(file) => Box::new(FileSession::open(file)?),
        None => {
            let connection = connection.ok_or_else(no_connection)?;
            if !full && !connection.capabilities().delta_import {
                let message = format!("{} offers no delta import", setup.name);
                return Ok((StepResult::NoStartDeltaStepTypeNotConfigured, Some(message)));
            }
            let kind = kind(run, setup, full).await?;
            connection.open_import(kind).await.map_err(StepError::before_start)?
        }
    };
    let audit = match file.filter(|file| file.is_written) {
        Some(file) if !file.is_carried_out => {
            return file::write(run, session.as_mut(), file, step).await;
        }
        Some(file) => Some(file.create()?),
        None => None,
    };
    let known = run.store.key_map(setup.id).await?;
    if full {
        run.observer.expect(known.len() as u64);
    }
    let keys = Keys::new(known);
    let counted = run.store.seen(&run.lease).await?;
    let others = setup.partitions.len() > 1;
    let mut import = Import {
        run,
        setup,
        keys,
        seen: RoaringBitmap::new(),
        whole: RoaringBitmap::new(),
        unnamed: BTreeSet::new(),
        counted,
        deleted: BTreeSet::new(),
        held: BTreeMap::new(),
        holds_blanking: setup.document.limits.has(ChangeKind::AttributeBlanking),
        discovery_errors: 0,
        full,
        step,
        partition: step.partition.clone().filter(|_| others),
        audit,
        behind: Behind::default(),
        taken: 0,
        early: None,
    };
    let end = import.read(session.as_mut()).await;
    // However the read ends, what it has shown so far is kept.
    import.catch_up().await?;
    import.finish(end?).await
}

/// Where the connector is to begin.
async fn kind(
    run: &ActiveRun<'_>,
    setup: &ConnectorSetup,
    full: bool,
) -> Result<ImportKind, StepError> {
    if full {
        return Ok(ImportKind::Full);
    }
    match run.store.watermark(setup.id).await? {
        Some(watermark) => Ok(ImportKind::Delta { watermark }),
        None => Err(StepError::full_import_required(&setup.name)),
    }
}

impl Import<'_, '_> {
    /// The sequence numbers of known objects of this anchor.
    pub(super) fn sequences(&self, anchor: &str) -> Vec<u32> {
        let hash = self.run.store.hasher().anchor(anchor);
        self.keys.get(hash).iter().map(|entry| entry.id.sequence()).collect()
    }

    pub(super) fn context(&self) -> Context {
        let style = self.setup.dn_style;
        Context { run: self.run.lease.run, now: self.run.clock.now(), style }
    }

    async fn read(&mut self, session: &mut dyn ImportSession) -> Result<Completeness, StepError> {
        let batch_entries = self.step.batch_size.unwrap_or(IMPORT_BATCH_ENTRIES);
        let mut gathered: Vec<ImportEntry> = Vec::new();
        let mut errors: Vec<RunError> = Vec::new();
        loop {
            let mut page = if self.run.is_to_stop() {
                self.early = Some(Early::Stopped);
                ImportPage::default()
            } else {
                session.next_page().await.map_err(StepError::while_reading)?
            };
            self.cut(&mut page);
            self.run.options.stop.count(page.entries.len());
            if let Some(audit) = &mut self.audit {
                write_page(audit, &page)?;
            }
            let ImportPage { entries, errors: discovery, end } = page;
            gathered.extend(entries);
            self.discovery_errors += discovery.len() as u64;
            errors.extend(discovery.into_iter().map(discovered));
            let end =
                if self.has_too_many_errors() { Some(incomplete("too many errors")) } else { end };
            if let Some(end) = end.as_ref().filter(|_| is_on(Mutant::WatermarkBeforePage)) {
                self.catch_up().await?;
                self.go_on_from(end).await?;
            }
            while gathered.len() > batch_entries {
                let rest = gathered.split_off(batch_entries);
                let entries = std::mem::replace(&mut gathered, rest);
                self.stage(entries, std::mem::take(&mut errors), session).await?;
            }
            if end.is_some() || gathered.len() == batch_entries {
                let entries = std::mem::take(&mut gathered);
                self.stage(entries, std::mem::take(&mut errors), session).await?;
            }
            if let Some(end) = end {
                if let Some(audit) = self.audit.take() {
                    audit.finish()?;
                }
                return Ok(end);
            }
        }
    }

    /// Cuts a page where the step ends.
    fn cut(&mut self, page: &mut ImportPage) {
        if let Some(limit) = self.step.object_limit {
            let room = usize::try_from(limit - self.taken).unwrap_or(usize::MAX);
            if page.entries.len() > room {
                page.entries.truncate(room);
                self.early = Some(Early::ObjectLimit);
            }
        }
        self.taken += page.entries.len() as u64;
        match self.early {
            None => {}
            Some(Early::Stopped) => page.end = Some(incomplete("the run was asked to stop")),
            Some(Early::ObjectLimit) => page.end = Some(incomplete("the limit of objects")),
        }
    }

    pub(super) const fn has_too_many_errors(&self) -> bool {
        self.discovery_errors > OBJECT_ERRORS_MAX
    }

    /// Stages what was gathered in one transaction, which is under way after that.
    async fn stage(
        &mut self,
        entries: Vec<ImportEntry>,
        errors: Vec<RunError>,
        session: &mut dyn ImportSession,
    ) -> Result<(), StepError> {
        self.catch_up().await?;
        let count = entries.len();
        let mut batch = Batch { errors, ..Batch::default() };
        let once = self.full && !session.repeats_objects();
        let mut gathered = Gathered::new(once);
        for entry in entries {
            if let Err(refused) = gathered.take(entry) {
                self.refuse(discovery::refused(refused), &mut batch);
            }
        }
        let mut images = Vec::new();
        let mut changes = Vec::new();
        let mut unknown = Vec::new();
        for (anchor, latest) in gathered {
            let was_gone = self.deleted.remove(&anchor);
            let twice = once && !was_gone && self.has_seen(&anchor);
            if let Latest::Whole(image) = &latest
                && twice
            {
                let refused = Refused::Duplicate(image.dn.clone());
                self.refuse(discovery::refused(refused), &mut batch);
                continue;
            }
            let held = self.held.remove(&anchor);
            self.unnamed.remove(&anchor);
            match latest {
                Latest::Whole(image) => images.push(image),
                Latest::Changed(parts) if held.is_some() => images.extend(patched(held, parts)),
                Latest::Changed(parts) if !was_gone => changes.push((anchor, parts)),
                Latest::Changed(_) | Latest::Back => unknown.push(anchor),
                Latest::Gone => {
                    self.deleted.insert(anchor);
                }
            }
        }
        let mut inherited = Inherited::new();
        if !changes.is_empty() {
            inherited = self.patch(changes, &mut images, &mut unknown).await?;
        }
        if !unknown.is_empty() {
            self.fetch(&unknown, &mut images, session, &mut batch).await?;
        }
        let mut images = self.within_partition(images);
        for error in discovery::refuse_names(&mut images, self.setup.dn_style) {
            self.refuse(error, &mut batch);
        }
        let (changed, seen) = self.drop_unchanged(images, &inherited);
        batch.seen = seen;
        self.stage_changed(changed, &inherited, &mut batch).await?;
        let batch = self.run.prepare(batch);
        let (store, lease) = (self.run.store, self.run.lease.clone());
        self.behind.begin(store, lease, batch, count).await?;
        Ok(())
    }

    /// Waits until everything that was staged is written.
    async fn catch_up(&mut self) -> Result<(), StepError> {
        if let Some(entries) = self.behind.end().await? {
            self.run.advance(entries);
        }
        Ok(())
    }

    /// True if this read has shown an object of this anchor in a batch before.
    fn has_seen(&self, anchor: &str) -> bool {
        let known = self.keys.get(self.run.store.hasher().anchor(anchor));
        known.iter().any(|entry| self.seen.contains(entry.id.sequence()))
    }

    fn refuse(&mut self, error: RunError, batch: &mut Batch) {
        self.discovery_errors += 1;
        batch.errors.push(error);
    }

    /// Turns partial changes into whole images; objects that are not known are left over. Returns
    /// the references that the changes do not speak of.
    async fn patch(
        &mut self,
        changes: Vec<(String, Vec<Part>)>,
        images: &mut Vec<Image>,
        unknown: &mut Vec<String>,
    ) -> Result<Inherited, StepError> {
        let mut inherited = Inherited::new();
        let anchors: Vec<String> = changes.iter().map(|(anchor, _)| anchor.clone()).collect();
        let found = self.run.store.find_cs_by_anchor(self.setup.id, &anchors).await?;
        let ids: Vec<CsId> = found.values().copied().collect();
        let known: BTreeMap<CsId, CsObject> =
            self.run.store.load_cs(&ids).await?.into_iter().map(|o| (o.id, o)).collect();
        for (anchor, parts) in changes {
            let before = found.get(&anchor).and_then(|id| known.get(id));
            match before.and_then(stage::last_image) {
                Some(mut image) => {
                    if parts.iter().all(|(dn, _)| dn.is_none()) {
                        self.unnamed.insert(anchor.clone());
                    }
                    let mut silent = self.reference_attributes(&image.object_type);
                    silent.retain(|name| !parts.iter().any(|(_, c)| c.contains_key(name)));
                    inherited.insert(anchor, silent);
                    parts.into_iter().for_each(|part| gather::apply(&mut image, part));
                    images.push(image);
                }
                None => unknown.push(anchor),
            }
        }
        Ok(inherited)
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
                ImportEntry::Object(image) => {
                    let refused = Refused::Unidentified(image.dn);
                    self.refuse(discovery::refused(refused), batch);
                }
                ImportEntry::Deleted { anchor } => {
                    self.deleted.insert(anchor);
                }
                ImportEntry::Change { anchor, .. } => {
                    self.refuse(need_full_object(anchor), batch);
                }
            }
        }
        Ok(())
    }

    /// Counts objects whose content hash is as stored and leaves the others.
    fn drop_unchanged(
        &mut self,
        images: Vec<Image>,
        inherited: &Inherited,
    ) -> (Vec<Image>, RoaringBitmap) {
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
                    if arrival::is_whole(&image, inherited) {
                        self.whole.insert(sequence);
                    }
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
        let warnings = staged.warnings();
        batch.errors.extend(warnings.map(|(error_type, message)| RunError {
            object: Some(id),
            name: before.map(|o| o.dn.clone()).unwrap_or_default(),
            error_type: error_type.to_owned(),
            step: "staging".to_owned(),
            message,
            code: None,
            rule: None,
        }));
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

    pub(super) fn note_key(&mut self, object: &CsObject) {
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
}

fn incomplete(reason: &str) -> Completeness {
    Completeness::Incomplete { reason: reason.to_owned() }
}

/// An object that was kept back, as later entries of the same read change it.
fn patched(held: Option<Image>, parts: Vec<Part>) -> Option<Image> {
    let mut image = held?;
    parts.into_iter().for_each(|part| gather::apply(&mut image, part));
    Some(image)
}
