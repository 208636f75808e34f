//! A synchronization step over one connector space: page by page, in id order, deletions first.

use model::CsId;
use rules::ProfileStep;
use store::{CsObject, Scope};

use super::batch::SyncBatch;
use super::draft::Moment;
use super::names::StagedNames;
use crate::counters::inbound;
use crate::error::StepError;
use crate::limits::OBJECT_ERRORS_MAX;
use crate::result::StepResult;
use crate::run::ActiveRun;
use crate::setup::{Policy, is_within};

/// Which objects a step visits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SyncMode {
    /// All of the connector space.
    Full,
    /// Pending imports, normal disconnectors and objects that failed.
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

/// Runs the step. Deletions go first so that what takes their place finds it free.
pub(crate) async fn run(
    run: &mut ActiveRun<'_>,
    policy: Policy<'_>,
    step: SyncStep<'_>,
) -> Result<(StepResult, Option<String>), StepError> {
    let SyncStep { mode, seed, page_objects, step } = step;
    let mut room =
        step.object_limit.map_or(usize::MAX, |n| usize::try_from(n).unwrap_or(usize::MAX));
    let counts = run.store.cs_counts(run.lease.connector).await?;
    run.observer.expect(match mode {
        SyncMode::Full => counts.total,
        SyncMode::Delta => counts.pending_import.max(counts.disconnectors),
    });
    let mut pass = match run.cursor.as_deref().and_then(parse_cursor) {
        Some((pass, _)) => pass,
        None => Pass::Deletions,
    };
    let mut after = run.cursor.as_deref().and_then(parse_cursor).map(|(_, after)| after);
    let mut staged = StagedNames::default();
    loop {
        let scope = match (pass, mode) {
            (Pass::Others, SyncMode::Full) => Scope::All,
            _ => Scope::DeltaSync,
        };
        let store = run.store;
        let page = store.page_cs(run.lease.connector, after, page_objects.max(1), scope).await?;
        let Some(last) = page.last().map(|object| object.id) else {
            if pass == Pass::Others {
                let failed = run.tally.get(inbound::FLOW_FAILURE) > 0;
                return Ok((
                    match (failed, run.errors.is_empty()) {
                        (true, _) => StepResult::CompletedSyncErrors,
                        (false, false) => StepResult::CompletedWarnings,
                        (false, true) => StepResult::Success,
                    },
                    None,
                ));
            }
            (pass, after) = (Pass::Others, None);
            continue;
        };
        let seen = page.len();
        let partition = step.partition.as_ref();
        let takes = |o: &CsObject| pass.takes(o) && is_within(&o.dn, partition);
        let mut work: Vec<CsObject> = page.into_iter().filter(takes).collect();
        let is_cut = work.len() > room;
        work.truncate(room);
        room -= work.len();
        let moment = Moment { run: run.lease.run, now: run.clock.now(), seed };
        let batch = SyncBatch::new(store, policy, moment, &mut staged);
        let stop = &run.options.stop;
        let mut batch = batch.run(work, &mut run.ids, &mut run.tally, stop).await?;
        batch.progress.cursor = Some(format!("{}:{}", pass.word(), last.0));
        run.commit(batch, seen).await?;
        if run.tally.get(inbound::FLOW_FAILURE) > OBJECT_ERRORS_MAX {
            let message = "too many objects failed".to_owned();
            return Ok((StepResult::StoppedErrorLimit, Some(message)));
        }
        if run.is_to_stop() {
            return Ok(run.stopped());
        }
        if is_cut {
            let limit = step.object_limit.unwrap_or_default();
            let message = format!("the step takes {limit} objects, and there are more");
            return Ok((StepResult::StoppedObjectLimit, Some(message)));
        }
        after = Some(last);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pass {
    Deletions,
    Others,
}

impl Pass {
    const fn word(self) -> &'static str {
        match self {
            Self::Deletions => "deletions",
            Self::Others => "others",
        }
    }

    fn takes(self, object: &CsObject) -> bool {
        object.is_gone() == (self == Self::Deletions)
    }
}

fn parse_cursor(cursor: &str) -> Option<(Pass, CsId)> {
    let (word, id) = cursor.split_once(':')?;
    let pass = if word == "deletions" { Pass::Deletions } else { Pass::Others };
    Some((pass, CsId(id.parse().ok()?)))
}
