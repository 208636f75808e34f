//! The engine of one deployment: a store, its setup, and everything that comes from outside.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use expr::Random;
use model::{Clock, Name, Timestamp};
use rules::Schemas;
use store::{CsCounts, RunQuery, Store, StoreError};

use crate::request::EngineError;
use crate::rulebook::{self, Rulebook, RulebookError};
use crate::setup::Setup;

/// A day in microseconds.
const DAY_MICROS: i64 = 86_400_000_000;

/// A source of randomness that can be handed between threads.
pub type SharedRandom = Mutex<Box<dyn Random + Send>>;

/// Everything the engine needs from outside.
pub struct Parts {
    /// The store.
    pub store: Arc<dyn Store>,
    /// The deployment.
    pub setup: Setup,
    /// The schemas that rules are compiled against.
    pub schemas: Schemas,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Unpredictable randomness, for secrets.
    pub random: Box<dyn Random + Send>,
    /// Text that tells this process from others.
    pub owner: String,
    /// Objects that one synchronization transaction covers; [`crate::SYNC_PAGE_OBJECTS`] is a good
    /// number. It has no bearing on the result.
    pub sync_page_objects: usize,
}

/// The engine of one deployment.
pub struct Engine {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) setup: Setup,
    schemas: Schemas,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: SharedRandom,
    pub(crate) owner: String,
    pub(crate) sync_page_objects: usize,
    synchronizing: AtomicBool,
}

impl Engine {
    /// The engine of `parts`. Tells the store which attributes to index.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn new(parts: Parts) -> Result<Self, StoreError> {
        let Parts { store, setup, schemas, clock, random, owner, sync_page_objects } = parts;
        store.set_indexed(&setup.indexed()).await?;
        let random = Mutex::new(random);
        let synchronizing = AtomicBool::new(false);
        Ok(Self { store, setup, schemas, clock, random, owner, sync_page_objects, synchronizing })
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The deployment.
    #[must_use]
    pub const fn setup(&self) -> &Setup {
        &self.setup
    }

    /// The schemas that rules are compiled against.
    #[must_use]
    pub const fn schemas(&self) -> &Schemas {
        &self.schemas
    }

    /// The rules in force.
    ///
    /// # Errors
    /// When they do not compile.
    pub async fn rulebook(&self) -> Result<Rulebook, RulebookError> {
        rulebook::load(self.store.as_ref(), &self.setup, &self.schemas).await
    }

    /// Where an interrupted run of `sequence` stands: the place of the run that was left open.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn interrupted(&self, sequence: &str) -> Result<Option<u32>, StoreError> {
        let newest = self.store.runs(RunQuery { limit: 1, ..RunQuery::default() }).await?;
        let open = newest.first().filter(|run| run.end.is_none());
        let place = open.and_then(|run| run.sequence.as_ref());
        Ok(place.filter(|(name, _)| *name == *sequence).map(|(_, place)| *place))
    }

    /// The state of every connector space.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn state(&self) -> Result<BTreeMap<Name, CsCounts>, StoreError> {
        let mut state = BTreeMap::new();
        for setup in self.setup.connectors.values() {
            state.insert(setup.name.clone(), self.store.cs_counts(setup.id).await?);
        }
        Ok(state)
    }

    /// Metaverse objects by type; every configured type is there.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn metaverse(&self) -> Result<BTreeMap<Name, u64>, StoreError> {
        let mut counts: BTreeMap<Name, u64> =
            self.setup.deployment.metaverse.types.keys().map(|name| (name.clone(), 0)).collect();
        counts.extend(self.store.mv_counts().await?);
        Ok(counts)
    }

    /// Forgets the runs that are older than the configuration keeps them, and says how many. Nothing
    /// but the history changes.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn forget_old_runs(&self) -> Result<u64, StoreError> {
        let Some(days) = self.setup.deployment.history.keep_days else { return Ok(0) };
        let kept = i64::from(days).saturating_mul(DAY_MICROS);
        let before = Timestamp(self.clock.now().0.saturating_sub(kept));
        let forgotten = self.store.purge_runs(before).await?;
        if forgotten > 0 {
            tracing::info!(runs = forgotten, "old runs were forgotten");
        }
        Ok(forgotten)
    }

    /// The right to be the only synchronization of this process, as long as it is held.
    ///
    /// # Errors
    /// While another one has it.
    pub(crate) fn synchronize(&self) -> Result<Synchronizing<'_>, EngineError> {
        let is_free = !self.synchronizing.swap(true, Ordering::AcqRel);
        is_free.then(|| Synchronizing(&self.synchronizing)).ok_or(EngineError::Synchronizing)
    }

    pub(crate) fn seed(&self) -> u64 {
        Locked(&self.random).below(u64::MAX)
    }
}

/// Held while the metaverse changes.
pub(crate) struct Synchronizing<'a>(&'a AtomicBool);

impl Drop for Synchronizing<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// Draws from the shared source.
pub(crate) struct Locked<'a>(pub(crate) &'a SharedRandom);

impl Random for Locked<'_> {
    fn below(&mut self, bound: u64) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).below(bound)
    }
}
