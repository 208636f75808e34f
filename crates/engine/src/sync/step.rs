//! A synchronization step over one connector space: page by page, in id order, deletions first.

use std::collections::BTreeMap;

use model::{ConnectorId, CsId};
use rules::ProfileStep;
use store::{Batch, CsObject, STEADY_PAGE_MAX, Scope, SteadyScope, UnsteadyPage};

use super::ahead::both;
use super::batch::{Shared, SyncBatch};
use super::by_hand::Decision;
use super::changed::Recent;
use super::draft::Moment;
use crate::counters::{inbound, outbound};
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
    /// The version of the rules in force.
    pub(crate) rules_version: &'a str,
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
        shared: Shared::new(policy, step.rules_version, run.store.hasher()),
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
        shared: Shared::new(policy, step.rules_version, run.store.hasher()),
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

/// A page that is planned and not yet written.
struct Ahead {
    batch: Batch,
    /// Objects of the page, whatever became of them.
    seen: usize,
    /// The last of them.
    last: CsId,
    /// What it changes.
    recent: Recent,
    /// How the step ends with it, if it does.
    early: Early,
}

/// What the pages of a step share.
struct Visits<'a> {
    policy: Policy<'a>,
    step: SyncStep<'a>,
    /// So many more objects the step may take.
    room: usize,
    shared: Shared<'a>,
    /// What an administrator decides about the only object, instead of rules.
    decision: Option<&'a Decision>,
}

impl Visits<'_> {
    /// Visits the objects of a pass. While one page is written the next one is planned, on top of what
    /// the written one changes.
    async fn visit(
        &mut self,
        run: &mut ActiveRun<'_>,
        pass: Pass,
        after: Option<CsId>,
    ) -> Result<Early, StepError> {
        let mut ahead = Box::pin(self.plan_next(run, pass, after, Recent::default())).await?;
        while let Some(Ahead { batch, seen, last, recent, early }) = ahead {
            let batch = run.prepare(batch);
            let (store, lease) = (run.store, run.lease.clone());
            let writing = store.commit(&lease, batch);
            if early.is_some() {
                writing.await?;
                run.advance(seen);
                return Ok(early);
            }
            let tally = run.tally.clone();
            let planning = Box::pin(self.plan_next(run, pass, Some(last), recent));
            let (written, next) = both(writing, planning).await;
            written?;
            run.advance(seen);
            // What is planned and not written has not happened.
            if run.is_to_stop() {
                run.tally = tally;
                return Ok(Some(run.stopped()));
            }
            ahead = next?;
        }
        Ok(None)
    }

    /// Plans the next page of a pass; `None` after the last one.
    async fn plan_next(
        &mut self,
        run: &mut ActiveRun<'_>,
        pass: Pass,
        after: Option<CsId>,
        recent: Recent,
    ) -> Result<Option<Ahead>, StepError> {
        let scope = match (pass, self.step.mode) {
            (Pass::Others, SyncMode::Full) => Scope::All,
            _ => Scope::DeltaSync,
        };
        let UnsteadyPage { objects: page, last, steady, targets } =
            self.page(run, (after, scope), &recent).await?;
        let Some(last) = last else { return Ok(None) };
        let seen = page.len() + steady;
        self.count_steady(run, steady as u64, targets);
        let partition = self.step.step.partition.as_ref();
        let takes = |o: &CsObject| pass.takes(o) && is_within(&o.dn, partition);
        let mut work: Vec<CsObject> = page.into_iter().filter(takes).collect();
        let is_cut = work.len() > self.room;
        work.truncate(self.room);
        self.room -= work.len();
        let cursor = format!("{}:{}", pass.word(), last.0);
        let (batch, recent) = self.plan(run, (pass, work), cursor, recent).await?;
        let mut early = Self::early(run);
        if is_cut {
            let limit = self.step.step.object_limit.unwrap_or_default();
            let message = format!("the step takes {limit} objects, and there are more");
            early = early.or(Some((StepResult::StoppedObjectLimit, Some(message))));
        }
        Ok(Some(Ahead { batch, seen, last, recent, early }))
    }

    /// The next page as it is with what the batch before has changed. What is steady is left out
    /// where every object of the connector space is taken.
    async fn page(
        &self,
        run: &ActiveRun<'_>,
        (after, scope): (Option<CsId>, Scope),
        recent: &Recent,
    ) -> Result<UnsteadyPage, StepError> {
        let (connector, limit) = (run.lease.connector, self.page_objects());
        let ProfileStep { partition, object_limit, .. } = self.step.step;
        let mut page = if scope == Scope::All && partition.is_none() && object_limit.is_none() {
            let known =
                SteadyScope { stamp: self.shared.steadiness.stamp, except: recent.unsettled() };
            run.store.page_unsteady(connector, after, limit, known).await?
        } else {
            let objects = run.store.page_cs(connector, after, limit, scope).await?;
            let last = objects.last().map(|object| object.id);
            UnsteadyPage { objects, last, ..UnsteadyPage::default() }
        };
        let is_full = page.objects.len() >= limit || page.steady >= STEADY_PAGE_MAX;
        let until = page.last.filter(|_| is_full);
        recent.correct(&mut page.objects, (connector, scope), (after, until));
        page.last = page.last.max(page.objects.last().map(|object| object.id));
        Ok(page)
    }

    /// Counts what was left out as synchronizing it would have counted it.
    fn count_steady(
        &self,
        run: &mut ActiveRun<'_>,
        steady: u64,
        targets: BTreeMap<ConnectorId, u64>,
    ) {
        run.tally.add(inbound::CONNECTOR_NO_FLOW, steady);
        for (connector, count) in targets {
            if let Some(setup) = self.policy.setup.connectors.get(&connector) {
                run.tally.add(&format!("{}@{}", outbound::NO_FLOW, setup.name), count);
            }
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
        work: (Pass, Vec<CsObject>),
        cursor: String,
        seen: usize,
    ) -> Result<Early, StepError> {
        let (batch, _) = self.plan(run, work, cursor, Recent::default()).await?;
        run.commit(batch, seen).await?;
        Ok(Self::early(run))
    }

    /// Works out what synchronizing a page changes.
    async fn plan(
        &mut self,
        run: &mut ActiveRun<'_>,
        (pass, work): (Pass, Vec<CsObject>),
        cursor: String,
        recent: Recent,
    ) -> Result<(Batch, Recent), StepError> {
        let moment = Moment {
            run: run.lease.run,
            now: run.clock.now(),
            seed: self.step.seed,
            hasher: run.store.hasher(),
            full: self.step.mode == SyncMode::Full && pass != Pass::References,
            retry: pass == Pass::References,
            decision: self.decision.filter(|_| pass != Pass::References),
        };
        let batch = SyncBatch::new(run.store, self.policy, moment, &mut self.shared, recent);
        let stop = &run.options.stop;
        let planning = batch.run(work, &mut run.ids, &mut run.tally, stop);
        let (mut batch, recent) = Box::pin(planning).await?;
        batch.progress.cursor = Some(cursor);
        Ok((batch, recent))
    }

    /// How the step ends after what was planned so far, if it has to end.
    fn early(run: &ActiveRun<'_>) -> Early {
        if run.tally.get(inbound::FLOW_FAILURE) > OBJECT_ERRORS_MAX {
            let message = "too many objects failed".to_owned();
            return Some((StepResult::StoppedErrorLimit, Some(message)));
        }
        run.is_to_stop().then(|| run.stopped())
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
