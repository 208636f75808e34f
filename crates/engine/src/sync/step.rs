//! A synchronization step over one connector space: page by page, in id order, deletions first.

use model::CsId;
use rules::ProfileStep;
use store::{CsObject, Scope};

use super::batch::SyncBatch;
use super::by_hand::Decision;
use super::draft::Moment;
use super::names::StagedNames;
use super::references::References;
use crate::counters::inbound;
use crate::error::StepError;
use crate::limits::{OBJECT_ERRORS_MAX, REFERENCE_ROUNDS_MAX};
use crate::result::StepResult;
use crate::run::ActiveRun;
use crate::setup::{Policy, is_within};

/// Which objects a step visits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SyncMode {
    /// All of the connector space.
    Full,
    /// Pending imports, normal disconnectors, objects that failed and those whose references are to
    /// be tried again.
    Delta,
}

/// One step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SyncStep<'a> {
    /// Which objects it visits.
    pub(crate) mode: SyncMode,
    /// What initial flows that ask for randomness start from.
    pub(crate) seed: u64,
    /// Objects per transaction; at least one.
    pub(crate) page_objects: usize,
    /// Partition and limit of objects.
    pub(crate) step: &'a ProfileStep,
}

/// Runs the step. Deletions go first so that what takes their place finds it free; references that
/// lead elsewhere by then come last.
pub(crate) async fn run(
    run: &mut ActiveRun<'_>,
    policy: Policy<'_>,
    step: SyncStep<'_>,
) -> Result<(StepResult, Option<String>), StepError> {
    let counts = run.store.cs_counts(run.lease.connector).await?;
    run.observer.expect(match step.mode {
        SyncMode::Full => counts.total,
        SyncMode::Delta => counts.pending_import.max(counts.disconnectors),
    });
    let cursor = run.cursor.as_deref().and_then(parse_cursor);
    let mut after = cursor.map(|(_, after)| after);
    let limit = step.step.object_limit;
    let mut visits = Visits {
        policy,
        step,
        room: limit.map_or(usize::MAX, |n| usize::try_from(n).unwrap_or(usize::MAX)),
        references: References::of(policy),
        staged: StagedNames::default(),
        decision: None,
    };
    for pass in Pass::ALL {
        if cursor.is_some_and(|(reached, _)| pass < reached) {
            continue;
        }
        let early = match pass {
            Pass::References => visits.complete_references(run).await?,
            _ => visits.visit(run, pass, after.take()).await?,
        };
        if let Some(early) = early {
            return Ok(early);
        }
    }
    Ok((result(run), None))
}

/// Synchronizes one object as the step would, or carries out what an administrator decides about it.
/// References that lead elsewhere by then follow.
pub(crate) async fn run_one(
    run: &mut ActiveRun<'_>,
    policy: Policy<'_>,
    step: SyncStep<'_>,
    (object, decision): (CsObject, Option<&Decision>),
) -> Result<(StepResult, Option<String>), StepError> {
    let mut visits = Visits {
        policy,
        step,
        room: 1,
        references: References::of(policy),
        staged: StagedNames::default(),
        decision,
    };
    let pass = if object.is_gone() { Pass::Deletions } else { Pass::Others };
    let cursor = format!("{}:{}", pass.word(), object.id.0);
    let early = match visits.carry_out(run, (pass, vec![object]), cursor, 1).await? {
        Some(early) => Some(early),
        None => visits.complete_references(run).await?,
    };
    Ok(early.unwrap_or_else(|| (result(run), None)))
}

/// How a step ends that has visited everything.
fn result(run: &ActiveRun<'_>) -> StepResult {
    match (run.tally.get(inbound::FLOW_FAILURE) > 0, run.errors.is_empty()) {
        (true, _) => StepResult::CompletedSyncErrors,
        (false, false) => StepResult::CompletedWarnings,
        (false, true) => StepResult::Success,
    }
}

/// How a step ends before it has visited everything.
type Early = Option<(StepResult, Option<String>)>;

/// What the pages of a step share.
struct Visits<'a> {
    policy: Policy<'a>,
    step: SyncStep<'a>,
    /// So many more objects the step may take.
    room: usize,
    references: References,
    staged: StagedNames,
    /// What an administrator decides about the only object, instead of rules.
    decision: Option<&'a Decision>,
}

impl Visits<'_> {
    /// Visits the objects of a pass.
    async fn visit(
        &mut self,
        run: &mut ActiveRun<'_>,
        pass: Pass,
        mut after: Option<CsId>,
    ) -> Result<Early, StepError> {
        let scope = match (pass, self.step.mode) {
            (Pass::Others, SyncMode::Full) => Scope::All,
            _ => Scope::DeltaSync,
        };
        let connector = run.lease.connector;
        loop {
            let page = run.store.page_cs(connector, after, self.page_objects(), scope).await?;
            let Some(last) = page.last().map(|object| object.id) else { return Ok(None) };
            let seen = page.len();
            let partition = self.step.step.partition.as_ref();
            let takes = |o: &CsObject| pass.takes(o) && is_within(&o.dn, partition);
            let mut work: Vec<CsObject> = page.into_iter().filter(takes).collect();
            let is_cut = work.len() > self.room;
            work.truncate(self.room);
            self.room -= work.len();
            let cursor = format!("{}:{}", pass.word(), last.0);
            let early = self.carry_out(run, (pass, work), cursor, seen).await?;
            if early.is_some() {
                return Ok(early);
            }
            if is_cut {
                let limit = self.step.step.object_limit.unwrap_or_default();
                let message = format!("the step takes {limit} objects, and there are more");
                return Ok(Some((StepResult::StoppedObjectLimit, Some(message))));
            }
            after = Some(last);
        }
    }

    /// Runs the flows of everything flagged, of whatever connector, until nothing is flagged. What
    /// is left after so many rounds waits for the next step.
    async fn complete_references(&mut self, run: &mut ActiveRun<'_>) -> Result<Early, StepError> {
        let (pass, cursor) = (Pass::References, format!("{}:0", Pass::References.word()));
        for _ in 0..REFERENCE_ROUNDS_MAX {
            let mut any = false;
            for connector in self.policy.setup.connectors.keys() {
                let (mut after, limit) = (None, self.page_objects());
                loop {
                    let scope = Scope::ReferenceRetry;
                    let page = run.store.page_cs(*connector, after, limit, scope).await?;
                    let Some(last) = page.last() else { break };
                    (after, any) = (Some(last.id), true);
                    let early = self.carry_out(run, (pass, page), cursor.clone(), 0).await?;
                    if early.is_some() {
                        return Ok(early);
                    }
                }
            }
            if !any {
                break;
            }
        }
        Ok(None)
    }

    /// Synchronizes one page in one transaction.
    async fn carry_out(
        &mut self,
        run: &mut ActiveRun<'_>,
        (pass, work): (Pass, Vec<CsObject>),
        cursor: String,
        seen: usize,
    ) -> Result<Early, StepError> {
        let moment = Moment {
            run: run.lease.run,
            now: run.clock.now(),
            seed: self.step.seed,
            hasher: run.store.hasher(),
            full: self.step.mode == SyncMode::Full && pass != Pass::References,
            retry: pass == Pass::References,
            decision: self.decision.filter(|_| pass != Pass::References),
        };
        let shared = (&self.references, &mut self.staged);
        let batch = SyncBatch::new(run.store, self.policy, moment, shared);
        let stop = &run.options.stop;
        let mut batch = batch.run(work, &mut run.ids, &mut run.tally, stop).await?;
        batch.progress.cursor = Some(cursor);
        run.commit(batch, seen).await?;
        if run.tally.get(inbound::FLOW_FAILURE) > OBJECT_ERRORS_MAX {
            let message = "too many objects failed".to_owned();
            return Ok(Some((StepResult::StoppedErrorLimit, Some(message))));
        }
        Ok(run.is_to_stop().then(|| run.stopped()))
    }

    fn page_objects(&self) -> usize {
        self.step.page_objects.max(1)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Pass {
    Deletions,
    Others,
    References,
}

impl Pass {
    const ALL: [Self; 3] = [Self::Deletions, Self::Others, Self::References];

    const fn word(self) -> &'static str {
        match self {
            Self::Deletions => "deletions",
            Self::Others => "others",
            Self::References => "references",
        }
    }

    fn takes(self, object: &CsObject) -> bool {
        object.is_gone() == (self == Self::Deletions) && !object.is_transient()
    }
}

fn parse_cursor(cursor: &str) -> Option<(Pass, CsId)> {
    let (word, id) = cursor.split_once(':')?;
    let pass = Pass::ALL.into_iter().find(|pass| pass.word() == word)?;
    Some((pass, CsId(id.parse().ok()?)))
}
