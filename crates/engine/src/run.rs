//! A run in progress: its lease, counters and commits.

use model::{Clock, RunId, Timestamp};
use store::{Batch, RunError, RunLease, Store, StoreError};

use crate::counters::Tally;
use crate::ids::NewIds;
use crate::limits::LEASE_MICROS;
use crate::request::RunOptions;
use crate::result::StepResult;

/// Hears how a run comes along.
pub trait Observer: Send + Sync {
    /// The run has its number and its lease.
    fn started(&self, _run: RunId) {}

    /// About so many objects are to come, as far as the store can tell.
    fn expect(&self, objects: u64);

    /// So many objects are done.
    fn progress(&self, objects: u64);
}

/// Nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoObserver;

impl Observer for NoObserver {
    fn expect(&self, _objects: u64) {}

    fn progress(&self, _objects: u64) {}
}

/// A run that holds its lease.
pub(crate) struct ActiveRun<'a> {
    pub(crate) store: &'a dyn Store,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) observer: &'a dyn Observer,
    pub(crate) lease: RunLease,
    pub(crate) tally: Tally,
    pub(crate) cursor: Option<String>,
    pub(crate) ids: NewIds,
    /// Object errors so far, to be shown with the result.
    pub(crate) errors: Vec<RunError>,
    pub(crate) done: u64,
    /// What an operator should know.
    pub(crate) warnings: Vec<String>,
    pub(crate) options: &'a RunOptions,
}

impl<'a> ActiveRun<'a> {
    pub(crate) fn new(
        store: &'a dyn Store,
        clock: &'a dyn Clock,
        observer: &'a dyn Observer,
        mut lease: RunLease,
        options: &'a RunOptions,
    ) -> Self {
        let (counters, cursor) = lease.resumed.take().unwrap_or_default();
        Self {
            store,
            clock,
            observer,
            lease,
            tally: Tally::resume(counters),
            cursor,
            ids: NewIds::default(),
            errors: Vec::new(),
            done: 0,
            warnings: Vec::new(),
            options,
        }
    }

    /// Keeps the run's lease and counters where nothing else is written.
    pub(crate) async fn renew(&mut self) -> Result<(), StoreError> {
        self.commit(Batch::default(), 0).await
    }

    /// True once somebody has asked the run to stop.
    pub(crate) fn is_to_stop(&self) -> bool {
        self.options.stop.is_requested()
    }

    /// The end of a run that was asked to stop.
    pub(crate) fn stopped(&self) -> (StepResult, Option<String>) {
        let message = "the run was asked to stop; what is done stays, the rest is left as it was";
        (StepResult::StoppedUserTermination, Some(message.to_owned()))
    }

    /// When a lease taken now ends.
    pub(crate) const fn lease_end(now: Timestamp) -> Timestamp {
        Timestamp(now.0 + LEASE_MICROS)
    }

    /// Writes a batch with the run's counters; `objects` more are done.
    pub(crate) async fn commit(&mut self, batch: Batch, objects: usize) -> Result<(), StoreError> {
        let batch = self.prepare(batch);
        self.store.commit(&self.lease, batch).await?;
        self.advance(objects);
        Ok(())
    }

    /// Gives a batch the run's counters as they are.
    pub(crate) fn prepare(&mut self, mut batch: Batch) -> Batch {
        batch.progress.counters = self.tally.to_counters();
        self.cursor.clone_from(&batch.progress.cursor);
        batch.lease_until = Some(Self::lease_end(self.clock.now()));
        self.errors.extend(batch.errors.iter().cloned());
        batch
    }

    /// So many more objects are written.
    pub(crate) fn advance(&mut self, objects: usize) {
        self.done += objects as u64;
        self.observer.progress(self.done);
    }
}
