//! The export step: additions and changes first, parents before children and what is referred to
//! before what refers to it; then deletions, children before parents; then references whose targets
//! came too late for the first round.

use std::collections::{BTreeMap, VecDeque};

use connector::{
    Connector, DisabledMark, ExportBatch, ExportError, ExportErrorType, ExportOperation,
    ExportOutcome, ExportSession,
};
use expr::Random;
use model::{CsId, MvId};
use rules::ProfileStep;
use store::{
    Batch, CsObject, CsWrite, ExportDelta, MvObject, Parts, RunError, Scope, WriteOperation,
};

use super::circles;
use super::operation::{self, Making, Work};
use super::order::{self, Coming, Split};
use super::outcome;
use super::planned::planned;
use crate::counters::{FILE_OBJECTS, export as counter};
use crate::drop_file::{StepPath, describe, object_of};
use crate::error::StepError;
use crate::guard::{self, Side, Totals};
use crate::limits::{EXPORT_BATCH_OBJECTS_MAX, IMPORT_BATCH_ENTRIES, OBJECT_ERRORS_MAX};
use crate::mutant::{Mutant, is_on};
use crate::result::StepResult;
use crate::run::ActiveRun;
use crate::setup::{ConnectorSetup, Policy, is_within};

/// What an export works with.
pub(crate) struct ExportPolicy<'a> {
    pub(crate) setup: &'a ConnectorSetup,
    pub(crate) policy: Policy<'a>,
    pub(crate) random: &'a mut (dyn Random + Send),
    pub(crate) step: &'a ProfileStep,
    pub(crate) file: Option<&'a StepPath>,
}

/// Runs the step.
pub(crate) async fn run(
    run: &mut ActiveRun<'_>,
    export: ExportPolicy<'_>,
    connector: &dyn Connector,
) -> Result<(StepResult, Option<String>), StepError> {
    if !connector.capabilities().export {
        let message = format!("{} does not export", export.setup.name);
        return Ok((StepResult::StoppedExportDisabled, Some(message)));
    }
    let (setup, step) = (export.setup, export.step);
    let mut work = gather(run, setup).await?;
    // Of all that waits: what this step leaves alone is not there either.
    let coming = Coming::of(&work, setup.dn_style);
    work.retain(|(object, _)| is_within(&object.dn, step.partition.as_ref()));
    let mut is_stale = false;
    if let Some(file) = export.file {
        work = match file.is_written {
            true => written(run, file, work)?,
            false => {
                let (kept, left_alone) = as_in_file(run, setup, file, work)?;
                is_stale = left_alone > 0;
                kept
            }
        };
        if !file.is_carried_out {
            return Ok((StepResult::Success, None));
        }
    }
    if export.policy.setup.deployment.is_staging && !work.is_empty() {
        let waiting = work.len();
        run.warnings.push(format!("{waiting} objects wait: in staging mode nothing is exported"));
        return Ok((StepResult::CompletedNoObjects, None));
    }
    if work.is_empty() {
        return Ok((
            if is_stale { StepResult::CompletedWarnings } else { StepResult::Success },
            None,
        ));
    }
    guard(run, setup, &work, connector.disabled_mark()).await?;
    let work = order::in_order(work, setup.dn_style);
    let (work, ending) = limited(work, step);
    let aside = circles::standing_aside(&work, setup.dn_style);
    run.observer.expect(work.len() as u64);
    let session = connector.open_export().await.map_err(StepError::before_start)?;
    let batch = step.batch_size.unwrap_or(EXPORT_BATCH_OBJECTS_MAX);
    let batch = batch.clamp(1, EXPORT_BATCH_OBJECTS_MAX);
    let mut exporting =
        Exporting { run, export, session, batch, coming, aside, waiting: Vec::new() };
    let mut early = exporting.send_all(work.into()).await?;
    if early.is_none() {
        let due = exporting.take_due();
        early = exporting.send_all(due).await?;
    }
    if let Some(early) = early {
        return Ok(early);
    }
    if let Some((result, message)) = ending {
        return Ok((result, Some(message)));
    }
    let failed = exporting.run.tally.get(counter::FAILURE) > 0;
    let done = if is_stale { StepResult::CompletedWarnings } else { StepResult::Success };
    Ok((if failed { StepResult::CompletedExportErrors } else { done }, None))
}

/// Compares everything that is planned with the connector's limits.
async fn guard(
    run: &mut ActiveRun<'_>,
    setup: &ConnectorSetup,
    work: &[Work],
    mark: Option<DisabledMark>,
) -> Result<(), StepError> {
    let limits = &setup.document.limits;
    if limits.is_empty() {
        return Ok(());
    }
    let planned = planned(work, &setup.schema, mark);
    let by_type = run.store.cs_types(setup.id).await?;
    let totals = Totals { all: by_type.values().sum(), by_type };
    let accepted = &run.options.accepted;
    let released = guard::check(limits, &planned, &totals, Side::Export, accepted)?;
    run.warnings.extend(released);
    Ok(())
}

/// A result with its message.
type Ending = Option<(StepResult, String)>;

/// What of the work the step's own limits let through, and how the step then ends. Deletions come
/// last, so everything before them is done.
fn limited(mut work: Vec<Work>, step: &ProfileStep) -> (Vec<Work>, Ending) {
    let mut ending = None;
    let total = work.len();
    let deletions = work.iter().filter(|(_, delta)| order::is_delete(delta)).count() as u64;
    if let Some(limit) = step.deletion_limit.filter(|limit| deletions > *limit) {
        work.retain(|(_, delta)| !order::is_delete(delta));
        let message = format!(
            "{deletions} objects wait to be deleted, and the step allows {limit} deletions; none \
             was deleted"
        );
        ending = Some((StepResult::StoppedDeletionLimit, message));
    }
    let most = step.object_limit.and_then(|limit| usize::try_from(limit).ok());
    if let Some(limit) = most.filter(|limit| work.len() > *limit) {
        work.truncate(limit);
        let message = format!("the step takes {limit} objects, and {} stay", total - limit);
        ending = Some((StepResult::StoppedObjectLimit, message));
    }
    (work, ending)
}

/// Writes the work to the file.
fn written(
    run: &mut ActiveRun<'_>,
    file: &StepPath,
    work: Vec<Work>,
) -> Result<Vec<Work>, StepError> {
    let mut writer = file.create()?;
    for (object, delta) in &work {
        writer.line(&describe(object, delta))?;
    }
    writer.finish()?;
    run.tally.add(FILE_OBJECTS, work.len() as u64);
    Ok(work)
}

/// The work that the file holds and that is still as it says. What waits beside that stays.
fn as_in_file(
    run: &mut ActiveRun<'_>,
    setup: &ConnectorSetup,
    file: &StepPath,
    work: Vec<Work>,
) -> Result<(Vec<Work>, usize), StepError> {
    let mut reader = file.open()?;
    let wrong =
        |text: String| StepError::ended(StepResult::StoppedUnexpectedData, "ENG-0107", text);
    let mut wanted = BTreeMap::new();
    while let Some(line) = reader.next_line().map_err(wrong)? {
        let object = object_of(setup.id, &line);
        let object = object.ok_or_else(|| wrong(reader.wrong("it names no object")))?;
        wanted.insert(object, line);
    }
    let total = wanted.len();
    let mut kept = Vec::new();
    for (object, delta) in work {
        let is_same = wanted.remove(&object.id).is_some_and(|l| l == describe(&object, &delta));
        if is_same {
            kept.push((object, delta));
        }
    }
    let left_alone = total - kept.len();
    if left_alone > 0 {
        run.warnings.push(format!(
            "{left_alone} of the {total} objects in the file wait for something else now, or for nothing; \
             they were left alone"
        ));
    }
    Ok((kept, left_alone))
}

/// Everything to send, without the objects' attributes.
async fn gather(run: &ActiveRun<'_>, setup: &ConnectorSetup) -> Result<Vec<Work>, StepError> {
    let mut work = Vec::new();
    let mut after = None;
    loop {
        let page =
            run.store.page_cs(setup.id, after, IMPORT_BATCH_ENTRIES, Scope::PendingExport).await?;
        let Some(last) = page.last() else { return Ok(work) };
        after = Some(last.id);
        // Nobody knows under which name a transient object would be found.
        for object in page.into_iter().filter(|object| !object.is_transient()) {
            let delta =
                operation::merge(object.export.escrow.clone(), object.export.pending.clone());
            work.extend(delta.map(|delta| (object, delta)));
        }
    }
}

/// How an export ends before everything is sent.
type Early = Option<(StepResult, Option<String>)>;

/// An export in progress.
struct Exporting<'a, 'r, 'p> {
    run: &'a mut ActiveRun<'r>,
    export: ExportPolicy<'p>,
    session: Box<dyn ExportSession>,
    /// Objects in a batch at most.
    batch: usize,
    coming: Coming,
    /// The names under which objects stand aside while others take theirs.
    aside: BTreeMap<CsId, String>,
    /// Objects whose references wait for their targets, with how many do.
    waiting: Vec<(Work, usize)>,
}

/// An operation as it is sent.
struct Sending {
    object: CsObject,
    delta: ExportDelta,
    in_doubt: bool,
    /// What had to be left out, and how many references of it.
    later: Option<(ExportDelta, usize)>,
}

impl Exporting<'_, '_, '_> {
    /// Sends everything, one batch after the other; how the step ends if it has to end before.
    async fn send_all(&mut self, mut queue: VecDeque<Work>) -> Result<Early, StepError> {
        loop {
            let chunk = self.coming.next_chunk(&mut queue, self.batch);
            if chunk.is_empty() {
                return Ok(None);
            }
            if self.run.is_to_stop() {
                return Ok(Some(self.run.stopped()));
            }
            let count = chunk.len();
            self.send(chunk).await?;
            self.run.options.stop.count(count);
            if self.run.tally.get(counter::FAILURE) > OBJECT_ERRORS_MAX {
                let message = "too many objects failed".to_owned();
                return Ok(Some((StepResult::StoppedErrorLimit, Some(message))));
            }
        }
    }

    /// What waited for a target that is there by now.
    fn take_due(&mut self) -> VecDeque<Work> {
        let waiting = std::mem::take(&mut self.waiting).into_iter();
        let due = waiting.filter(|((_, delta), open)| self.coming.open(delta) < *open);
        due.map(|(work, _)| work).collect()
    }

    async fn send(&mut self, chunk: Vec<Work>) -> Result<(), StepError> {
        let (sent, operations) = self.escrow(chunk).await?;
        if sent.is_empty() {
            return Ok(());
        }
        let ExportBatch { outcomes, stopped } = self.session.export(&operations).await;
        let outcomes = outcomes.into_iter().chain(std::iter::repeat(ExportOutcome::InDoubt));
        let count = sent.len();
        let outcomes = refuse_known(self.run, &sent, outcomes.take(count).collect()).await?;
        let mut batch = Batch::default();
        for (sending, outcome) in sent.into_iter().zip(outcomes) {
            self.record(sending, &outcome, &mut batch);
        }
        self.run.commit(batch, count).await?;
        stopped.map_or(Ok(()), |error| Err(StepError::while_reading(error)))
    }

    /// Makes the operations and puts what they send into escrow.
    async fn escrow(
        &mut self,
        chunk: Vec<Work>,
    ) -> Result<(Vec<Sending>, Vec<ExportOperation>), StepError> {
        let sources = load_sources(self.run, &chunk).await?;
        let (mut sent, mut operations) = (Vec::new(), Vec::new());
        let mut batch = Batch::default();
        for (before, delta) in chunk {
            let Split { now, later } = self.coming.split(&delta);
            let open = self.coming.open(&delta);
            let Some(mut now) = now else {
                self.waiting.push(((before, delta), open));
                continue;
            };
            let later = match self.aside.remove(&before.id) {
                Some(name) => Some(circles::step_aside(&mut now, later, name)),
                None => later,
            };
            let in_doubt = before.export.escrow.is_some();
            let mv = now.mv.and_then(|id| sources.get(&id));
            let (setup, policy) = (self.export.setup, self.export.policy);
            let making = Making { setup, policy, now: self.run.clock.now(), in_doubt };
            match operation::make(&before, &now, mv, making, self.export.random) {
                Ok(operation) => {
                    let mut object = before.clone();
                    object.export.pending.clone_from(&later);
                    object.export.escrow = Some(now.clone());
                    let mut stored = object.clone();
                    if is_on(Mutant::RecordedBeforeSent) {
                        let sent = ExportOutcome::Success { anchor: None };
                        stored = outcome::record(&object, &sent, in_doubt, self.run.clock.now());
                    }
                    let parts = Parts { export: true, ..Parts::default() };
                    batch.cs.push(CsWrite::Update(stored, parts));
                    let later = later.map(|later| (later, open));
                    sent.push(Sending { object, delta: now, in_doubt, later });
                    operations.push(operation);
                }
                Err(refused) => self.refuse(&before, refused.message, &mut batch),
            }
        }
        self.run.commit(batch, 0).await?;
        Ok((sent, operations))
    }

    fn refuse(&mut self, before: &CsObject, message: String, batch: &mut Batch) {
        let error_type = ExportErrorType::MissingProvisioningAttribute;
        let error = ExportError { error_type, code: None, message };
        let failed = outcome::refuse(before, &error, self.run.clock.now());
        note_failure(self.run, &failed, batch);
        batch.cs.push(CsWrite::Update(failed, Parts::ALL));
    }

    /// Writes down what became of an operation.
    fn record(&mut self, sending: Sending, outcome: &ExportOutcome, batch: &mut Batch) {
        let Sending { object: before, delta, in_doubt, later } = sending;
        let after = outcome::record(&before, outcome, in_doubt, self.run.clock.now());
        match outcome {
            ExportOutcome::Success { .. } => {
                self.run.tally.count(success_counter(&before));
                self.coming.arrived(&before, &delta);
                if let Some((later, open)) = later {
                    self.waiting.push(((after.clone(), later), open));
                }
            }
            ExportOutcome::Failed(_) => note_failure(self.run, &after, batch),
            ExportOutcome::InDoubt | ExportOutcome::NotSent => {}
        }
        let parts = Parts::between(&before, &after);
        if outcome::is_gone_for_good(&after) {
            batch.cs.push(CsWrite::Remove(after.id));
        } else if !parts.is_empty() {
            batch.cs.push(CsWrite::Update(after, parts));
        }
    }
}

/// An attempt in doubt takes what it finds under the new object's name for its own. What is in the
/// connector space as another object is not.
async fn refuse_known(
    run: &ActiveRun<'_>,
    sent: &[Sending],
    mut outcomes: Vec<ExportOutcome>,
) -> Result<Vec<ExportOutcome>, StepError> {
    let mut found: Vec<(CsId, String, &mut ExportOutcome)> = Vec::new();
    for (Sending { object, in_doubt, .. }, outcome) in sent.iter().zip(&mut outcomes) {
        if let ExportOutcome::Success { anchor: Some(anchor) } = outcome
            && *in_doubt
            && object.anchor.is_none()
        {
            found.push((object.id, anchor.clone(), outcome));
        }
    }
    if found.is_empty() {
        return Ok(outcomes);
    }
    let anchors: Vec<String> = found.iter().map(|(_, anchor, _)| anchor.clone()).collect();
    let known = run.store.find_cs_by_anchor(run.lease.connector, &anchors).await?;
    for (id, anchor, outcome) in found {
        if known.get(&anchor).is_some_and(|other| *other != id) {
            *outcome = ExportOutcome::Failed(ExportError {
                error_type: ExportErrorType::CdExistingObject,
                code: None,
                message: "another object, which is known already, has the name".to_owned(),
            });
        }
    }
    Ok(outcomes)
}

async fn load_sources(
    run: &ActiveRun<'_>,
    chunk: &[Work],
) -> Result<BTreeMap<MvId, MvObject>, StepError> {
    let ids: Vec<MvId> = chunk.iter().filter_map(|(_, delta)| delta.mv).collect();
    Ok(run.store.load_mv(&ids).await?.into_iter().map(|mv| (mv.id, mv)).collect())
}

fn success_counter(object: &CsObject) -> &'static str {
    match &object.export.escrow {
        Some(delta) => match delta.operation {
            WriteOperation::Add => counter::ADD,
            WriteOperation::Delete => counter::DELETE,
            WriteOperation::Update if delta.new_dn.is_some() => counter::RENAME,
            WriteOperation::Update => counter::UPDATE,
        },
        None => counter::UPDATE,
    }
}

fn note_failure(run: &mut ActiveRun<'_>, object: &CsObject, batch: &mut Batch) {
    run.tally.count(counter::FAILURE);
    let Some(error) = &object.export.error else { return };
    batch.errors.push(RunError {
        object: Some(object.id),
        name: object.dn.clone(),
        error_type: error.error_type.clone(),
        step: error.step.clone(),
        message: error.message.clone(),
        code: error.code.clone(),
        rule: error.rule.clone(),
    });
}
