//! The export step: additions and changes first, parents before children; then deletions, children
//! before parents.

use std::collections::BTreeMap;

use connector::{
    Connector, ExportBatch, ExportError, ExportErrorType, ExportOperation, ExportOutcome,
    ExportSession,
};
use expr::Random;
use model::{Dn, DnStyle, MvId};
use store::{
    Batch, CsObject, CsWrite, ExportDelta, MvObject, Parts, RunError, Scope, WriteOperation,
};

use super::operation::{self, Making};
use super::outcome;
use crate::counters::export as counter;
use crate::error::StepError;
use crate::limits::{EXPORT_BATCH_OBJECTS_MAX, IMPORT_BATCH_ENTRIES, OBJECT_ERRORS_MAX};
use crate::result::StepResult;
use crate::run::ActiveRun;
use crate::setup::{ConnectorSetup, Policy};

/// What an export works with.
pub(crate) struct ExportPolicy<'a> {
    pub(crate) setup: &'a ConnectorSetup,
    pub(crate) policy: Policy<'a>,
    pub(crate) random: &'a mut (dyn Random + Send),
}

/// Runs the step.
pub(crate) async fn run(
    run: &mut ActiveRun<'_>,
    mut export: ExportPolicy<'_>,
    connector: &dyn Connector,
) -> Result<(StepResult, Option<String>), StepError> {
    if !connector.capabilities().export {
        let message = format!("{} does not export", export.setup.name);
        return Ok((StepResult::StoppedExportDisabled, Some(message)));
    }
    let work = gather(run, export.setup).await?;
    if work.is_empty() {
        return Ok((StepResult::Success, None));
    }
    run.observer.expect(work.len() as u64);
    let deletions = work.iter().filter(|(_, delta)| is_delete(delta)).count() as u64;
    let total = run.store.cs_counts(export.setup.id).await?.total;
    if export.setup.document.limits.deletes.exceeded(deletions, total) {
        let message = format!(
            "of {total} objects {deletions} wait to be deleted, more than the limit allows; \
             nothing was exported"
        );
        return Ok((StepResult::StoppedDeletionLimit, Some(message)));
    }
    let mut session = connector.open_export().await.map_err(StepError::before_start)?;
    for chunk in in_order(work, export.setup.dn_style).chunks(EXPORT_BATCH_OBJECTS_MAX) {
        send(run, &mut export, session.as_mut(), chunk).await?;
        if run.tally.get(counter::FAILURE) > OBJECT_ERRORS_MAX {
            return Ok((StepResult::StoppedErrorLimit, Some("too many objects failed".to_owned())));
        }
    }
    let failed = run.tally.get(counter::FAILURE) > 0;
    Ok((if failed { StepResult::CompletedExportErrors } else { StepResult::Success }, None))
}

/// Everything to send, without the objects' attributes.
async fn gather(
    run: &ActiveRun<'_>,
    setup: &ConnectorSetup,
) -> Result<Vec<(CsObject, ExportDelta)>, StepError> {
    let mut work = Vec::new();
    let mut after = None;
    loop {
        let page =
            run.store.page_cs(setup.id, after, IMPORT_BATCH_ENTRIES, Scope::PendingExport).await?;
        let Some(last) = page.last() else { return Ok(work) };
        after = Some(last.id);
        for object in page {
            let delta =
                operation::merge(object.export.escrow.clone(), object.export.pending.clone());
            work.extend(delta.map(|delta| (object, delta)));
        }
    }
}

const fn is_delete(delta: &ExportDelta) -> bool {
    matches!(delta.operation, WriteOperation::Delete)
}

fn in_order(
    mut work: Vec<(CsObject, ExportDelta)>,
    style: DnStyle,
) -> Vec<(CsObject, ExportDelta)> {
    let depth = |object: &CsObject| match style {
        DnStyle::Ldap => Dn::parse(&object.dn).map_or(0, |dn| dn.rdns.len()),
        DnStyle::Anchor => 0,
    };
    work.sort_by_cached_key(|(object, delta)| {
        let level = i64::try_from(depth(object)).unwrap_or(i64::MAX);
        if is_delete(delta) { (1, -level, object.id) } else { (0, level, object.id) }
    });
    work
}

async fn send(
    run: &mut ActiveRun<'_>,
    export: &mut ExportPolicy<'_>,
    session: &mut dyn ExportSession,
    chunk: &[(CsObject, ExportDelta)],
) -> Result<(), StepError> {
    let sources = load_sources(run, chunk).await?;
    let mut batch = Batch::default();
    let mut escrowed = Vec::new();
    let mut operations: Vec<ExportOperation> = Vec::new();
    for (before, delta) in chunk {
        let in_doubt = before.export.escrow.is_some();
        let mv = delta.mv.and_then(|id| sources.get(&id));
        let (setup, policy) = (export.setup, export.policy);
        let making = Making { setup, policy, now: run.clock.now(), in_doubt };
        match operation::make(before, delta, mv, making, export.random) {
            Ok(operation) => {
                let mut object = before.clone();
                object.export.pending = None;
                object.export.escrow = Some(delta.clone());
                batch.cs.push(CsWrite::Update(object.clone(), Parts::between(before, &object)));
                escrowed.push((object, in_doubt));
                operations.push(operation);
            }
            Err(refused) => {
                let error = ExportError {
                    error_type: ExportErrorType::MissingProvisioningAttribute,
                    code: None,
                    message: refused.message,
                };
                let failed = outcome::refuse(before, &error, run.clock.now());
                note_failure(run, &failed, &mut batch);
                batch.cs.push(CsWrite::Update(failed, Parts::ALL));
            }
        }
    }
    run.commit(batch, 0).await?;
    let ExportBatch { outcomes, stopped } = session.export(&operations).await;
    let outcomes = outcomes.into_iter().chain(std::iter::repeat(ExportOutcome::InDoubt));
    let mut batch = Batch::default();
    for ((before, in_doubt), outcome) in escrowed.iter().zip(outcomes) {
        let after = outcome::record(before, &outcome, *in_doubt, run.clock.now());
        match &outcome {
            ExportOutcome::Success { .. } => run.tally.count(success_counter(before)),
            ExportOutcome::Failed(_) => note_failure(run, &after, &mut batch),
            ExportOutcome::InDoubt | ExportOutcome::NotSent => {}
        }
        let parts = Parts::between(before, &after);
        if outcome::is_gone_for_good(&after) {
            batch.cs.push(CsWrite::Remove(after.id));
        } else if !parts.is_empty() {
            batch.cs.push(CsWrite::Update(after, parts));
        }
    }
    run.commit(batch, escrowed.len()).await?;
    stopped.map_or(Ok(()), |error| Err(StepError::while_reading(error)))
}

async fn load_sources(
    run: &ActiveRun<'_>,
    chunk: &[(CsObject, ExportDelta)],
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
