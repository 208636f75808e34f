//! The engine's edge: runs profiles of connectors on a store.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use connector::Connector;
use expr::Random;
use model::{Clock, Name, RunId};
use rules::{RuleSet, Schemas};
use store::{Counters, CsCounts, NewRun, RunEnd, RunError, RunQuery, Store, StoreError};
use tracing::Instrument as _;

use crate::counters::with_roll_ups;
use crate::error::StepError;
use crate::export::{self, ExportPolicy};
use crate::import;
use crate::profile::Profile;
use crate::result::StepResult;
use crate::rulebook::{self, Rulebook, RulebookError};
use crate::run::{ActiveRun, Observer};
use crate::setup::{Policy, Setup};
use crate::sync::{self, SyncMode, SyncStep};

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
    store: Arc<dyn Store>,
    setup: Setup,
    schemas: Schemas,
    clock: Arc<dyn Clock>,
    random: SharedRandom,
    owner: String,
    sync_page_objects: usize,
}

/// What a run did and left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSummary {
    /// Its number.
    pub run: RunId,
    /// The connector.
    pub connector: Name,
    /// The run profile.
    pub profile: Name,
    /// How it ended.
    pub result: StepResult,
    /// Why, for results that are not good.
    pub message: Option<String>,
    /// What to do about it.
    pub help: Option<String>,
    /// The stable code of the error that ended it.
    pub code: Option<&'static str>,
    /// What it counted, with the sums of the operations page.
    pub counters: Counters,
    /// Objects that failed.
    pub errors: Vec<RunError>,
    /// What an operator should know.
    pub warnings: Vec<String>,
    /// The state of every connector space afterwards.
    pub state: BTreeMap<Name, CsCounts>,
    /// The metaverse afterwards.
    pub metaverse: BTreeMap<Name, u64>,
}

/// A run could not be made or kept.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The store failed; the run can be resumed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No such connector.
    #[error("there is no connector {name:?}")]
    UnknownConnector {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// No such profile.
    #[error("the connector {connector} has no run profile {name:?}")]
    UnknownProfile {
        /// The connector.
        connector: String,
        /// The profile asked for.
        name: String,
    },
}

/// A run to make.
pub struct RunRequest<'a> {
    /// The connector's name.
    pub connector: &'a str,
    /// The run profile's name.
    pub profile: &'a str,
    /// The sequence the run belongs to, and its place in it.
    pub sequence: Option<(Name, u32)>,
    /// The connector itself; not needed for synchronization.
    pub connection: Option<Arc<dyn Connector>>,
    /// Hears of progress.
    pub observer: &'a dyn Observer,
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
        Ok(Self { store, setup, schemas, clock, random, owner, sync_page_objects })
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

    /// Runs a profile. A run that ends badly is no error: its summary says how it ended.
    ///
    /// # Errors
    /// [`EngineError`] when the run cannot be made, or the store fails in the middle of it.
    pub async fn run(&self, request: RunRequest<'_>) -> Result<RunSummary, EngineError> {
        let connector = request.connector;
        let setup =
            self.setup.connector(connector).ok_or_else(|| EngineError::UnknownConnector {
                name: connector.to_owned(),
                known: self.setup.connectors.values().map(|c| c.name.to_string()).collect(),
            })?;
        let profile =
            Profile::parse(request.profile).ok_or_else(|| EngineError::UnknownProfile {
                connector: connector.to_owned(),
                name: request.profile.to_owned(),
            })?;
        let now = self.clock.now();
        let new = NewRun {
            connector: setup.id,
            profile: Name::new(request.profile),
            sequence: request.sequence.clone(),
            owner: self.owner.clone(),
            started: now,
            lease_until: ActiveRun::lease_end(now),
        };
        let lease = self.store.begin_run(new).await?;
        let run_id = lease.run;
        request.observer.started(run_id);
        let span =
            tracing::info_span!("run", run_id = run_id.0, connector, profile = request.profile);
        let mut run =
            ActiveRun::new(self.store.as_ref(), self.clock.as_ref(), request.observer, lease);
        let mut warnings = Vec::new();
        let connection = request.connection.as_deref();
        let step = self.step(&mut run, profile, connection, &mut warnings);
        let outcome = step.instrument(span).await;
        let (result, message, help, code) = match outcome {
            Ok((result, message)) => (result, message, None, None),
            Err(StepError::Store(error)) => return Err(error.into()),
            Err(StepError::Ended { result, message, help, code }) => {
                (result, Some(message), help, Some(code))
            }
        };
        let end = RunEnd {
            result: result.as_str().to_owned(),
            message: message.clone(),
            counters: run.tally.to_counters(),
            ended: self.clock.now(),
        };
        self.store.end_run(&run.lease, end).await?;
        tracing::info!(run_id = run_id.0, connector, result = result.as_str(), "run ended");
        Ok(RunSummary {
            run: run_id,
            connector: setup.name.clone(),
            profile: Name::new(request.profile),
            result,
            message,
            help,
            code,
            counters: with_roll_ups(&run.tally.to_counters()),
            errors: run.errors,
            warnings,
            state: self.state().await?,
            metaverse: self.metaverse().await?,
        })
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

    async fn step(
        &self,
        run: &mut ActiveRun<'_>,
        profile: Profile,
        connection: Option<&dyn Connector>,
        warnings: &mut Vec<String>,
    ) -> Result<(StepResult, Option<String>), StepError> {
        let setup = self.setup.connectors.get(&run.lease.connector).ok_or_else(no_connection)?;
        match profile {
            Profile::FullImport | Profile::DeltaImport => {
                let connection = connection.ok_or_else(no_connection)?;
                let full = profile == Profile::FullImport;
                if !full && !connection.capabilities().delta_import {
                    let message = format!("{} offers no delta import", setup.name);
                    return Ok((StepResult::NoStartDeltaStepTypeNotConfigured, Some(message)));
                }
                import::run(run, setup, connection, full).await
            }
            Profile::FullSync | Profile::DeltaSync => {
                // The very run that brings rules in need not be told that they are on their way.
                let brings_rules = self.setup.deployment.rules_connector() == Some(&setup.name);
                let rules = self.rules(warnings).await?;
                if brings_rules {
                    warnings.clear();
                }
                let policy = Policy { setup: &self.setup, rules: &rules };
                let mode =
                    if profile == Profile::FullSync { SyncMode::Full } else { SyncMode::Delta };
                let mode =
                    SyncStep { mode, seed: self.seed(), page_objects: self.sync_page_objects };
                sync::run(run, policy, mode).await
            }
            Profile::Export => {
                let connection = connection.ok_or_else(no_connection)?;
                let rules = self.rules(warnings).await?;
                let policy = Policy { setup: &self.setup, rules: &rules };
                let mut random = Locked(&self.random);
                let export = ExportPolicy { setup, policy, random: &mut random };
                export::run(run, export, connection).await
            }
        }
    }

    async fn rules(&self, warnings: &mut Vec<String>) -> Result<RuleSet, StepError> {
        match self.rulebook().await {
            Ok(book) => {
                warnings.extend(book.warnings);
                Ok(book.rules)
            }
            Err(RulebookError::Store(error)) => Err(error.into()),
            Err(RulebookError::Rules(diagnostics)) => {
                let texts: Vec<String> = diagnostics.iter().map(ToString::to_string).collect();
                let message =
                    format!("the rules in the metaverse do not compile: {}", texts.join("; "));
                Err(StepError::ended(StepResult::NoStartBadConfiguration, "ENG-0102", message))
            }
        }
    }

    fn seed(&self) -> u64 {
        Locked(&self.random).below(u64::MAX)
    }
}

fn no_connection() -> StepError {
    let message = "the run needs a connection and has none".to_owned();
    StepError::ended(StepResult::NoStartConnection, "ENG-0103", message)
}

/// Draws from the shared source.
struct Locked<'a>(&'a SharedRandom);

impl Random for Locked<'_> {
    fn below(&mut self, bound: u64) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).below(bound)
    }
}
