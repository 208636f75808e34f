//! Runs on one object: what an administrator decides about it in the account joiner, and previews that
//! are carried out. Each is a run in the history, with who asked for it.

use model::{CsId, MvId, Name};
use rules::{ProfileStep, StepType};
use store::{CsObject, CsState, NewRun, RunEnd, RunLease, RunStep, StoreError};

use crate::counters::with_roll_ups;
use crate::engine::Engine;
use crate::error::StepError;
use crate::request::{EngineError, RunOptions, RunSummary};
use crate::rulebook::RulebookError;
use crate::run::{ActiveRun, NoObserver};
use crate::setup::{ConnectorSetup, Policy};
use crate::sync::{self, Decision, JoinCandidates, SyncMode, SyncStep};

/// The run profile that the account joiner's runs have in the history.
const JOINER: &str = "joiner";
/// How a run ends that its process did not live to end.
const LEFT_BEHIND: &str = "stopped-server-down";

/// Something that was asked of one object was not done, or not even tried.
#[derive(Debug, thiserror::Error)]
pub enum SingleError {
    /// The store failed, or the engine was busy.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The rules in force cannot be had.
    #[error(transparent)]
    Rules(#[from] RulebookError),
    /// There is no such object.
    #[error("there is no object {object}")]
    UnknownObject {
        /// The object asked for.
        object: CsId,
    },
    /// There is no such metaverse object.
    #[error("there is no metaverse object {object}")]
    UnknownMetaverseObject {
        /// The object asked for.
        object: MvId,
    },
    /// The metaverse has no such object type.
    #[error("there is no metaverse type {name:?}")]
    UnknownType {
        /// The type asked for.
        name: String,
        /// The types there are.
        known: Vec<String>,
    },
    /// A link would take the place of another one.
    #[error("{dn} is linked to {mv} already")]
    Connector {
        /// The object's name.
        dn: String,
        /// What it is linked to.
        mv: MvId,
    },
    /// There is no link to be cut.
    #[error("{dn} is not linked to any metaverse object")]
    Disconnector {
        /// The object's name.
        dn: String,
    },
    /// The object is none that can be linked, or kept from it.
    #[error("{dn} {reason}")]
    Unfit {
        /// The object's name.
        dn: String,
        /// Why.
        reason: &'static str,
    },
}

impl From<StoreError> for SingleError {
    fn from(error: StoreError) -> Self {
        Self::Engine(error.into())
    }
}

impl SingleError {
    /// The stable code an administrator can look up.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Engine(error) => error.code(),
            Self::Rules(RulebookError::Store(error)) => error.code(),
            Self::Rules(RulebookError::Rules(_)) => "ENG-0102",
            Self::UnknownObject { .. } | Self::UnknownMetaverseObject { .. } => "ENG-0122",
            Self::UnknownType { .. } => "ENG-0123",
            Self::Connector { .. } => "ENG-0124",
            Self::Disconnector { .. } => "ENG-0125",
            Self::Unfit { .. } => "ENG-0126",
        }
    }
}

/// What is to be done to one object.
pub(crate) struct Single<'a> {
    pub(crate) setup: &'a ConnectorSetup,
    pub(crate) object: CsObject,
    /// The run profile that the history shows.
    pub(crate) profile: &'static str,
    pub(crate) step_type: &'static str,
    pub(crate) description: String,
    pub(crate) mode: SyncMode,
    pub(crate) decision: Option<&'a Decision>,
}

impl Engine {
    /// Carries out what an administrator decides about an object. If a rule cannot do what follows
    /// from it, nothing changes, and the summary says why.
    ///
    /// # Errors
    /// [`SingleError`] when the decision makes no sense for the object, or the run cannot be made.
    pub async fn decide(
        &self,
        object: CsId,
        decision: &Decision,
        options: &RunOptions,
    ) -> Result<RunSummary, SingleError> {
        let _alone = self.synchronize()?;
        self.refuse_abandoned().await?;
        let (setup, object) = self.single(object).await?;
        self.check(&object, decision).await?;
        let (step_type, description) = describe(&object, decision);
        let single = Single {
            setup,
            object,
            profile: JOINER,
            step_type,
            description,
            mode: SyncMode::Full,
            decision: Some(decision),
        };
        self.run_single(single, options).await
    }

    /// What the relationships of the rules in force find for an object, whatever its state.
    ///
    /// # Errors
    /// When there is no such object, or the rules cannot be had.
    pub async fn join_candidates(&self, object: CsId) -> Result<Vec<JoinCandidates>, SingleError> {
        let (setup, object) = self.single(object).await?;
        let book = self.rulebook().await?;
        let policy = Policy { setup: &self.setup, rules: &book.rules };
        Ok(sync::candidates(self.store.as_ref(), policy, setup, &object).await?)
    }

    /// An object with the setup of its connector.
    pub(crate) async fn single(
        &self,
        id: CsId,
    ) -> Result<(&ConnectorSetup, CsObject), SingleError> {
        let unknown = || SingleError::UnknownObject { object: id };
        let setup = self.setup.connectors.get(&id.connector()).ok_or_else(unknown)?;
        let object = self.store.load_cs(&[id]).await?.into_iter().next().ok_or_else(unknown)?;
        Ok((setup, object))
    }

    /// Refuses what makes no sense.
    async fn check(&self, object: &CsObject, decision: &Decision) -> Result<(), SingleError> {
        let dn = || object.dn.clone();
        if object.state == CsState::Placeholder {
            let reason = "is a placeholder: no import has shown it yet";
            return Err(SingleError::Unfit { dn: dn(), reason });
        }
        if let Decision::Disconnect { .. } = decision {
            let is_linked = object.state.mv().is_some();
            return is_linked.then_some(()).ok_or_else(|| SingleError::Disconnector { dn: dn() });
        }
        if object.is_gone() {
            let reason = "is gone from the connected system";
            return Err(SingleError::Unfit { dn: dn(), reason });
        }
        if let Decision::Set { .. } = decision {
            return Ok(());
        }
        if let Some(mv) = object.state.mv() {
            return Err(SingleError::Connector { dn: dn(), mv });
        }
        if object.is_transient() {
            let reason = "has a name that another object has taken; import again";
            return Err(SingleError::Unfit { dn: dn(), reason });
        }
        match decision {
            Decision::Join(mv) => {
                let found = self.store.load_mv(&[*mv]).await?;
                let unknown = || SingleError::UnknownMetaverseObject { object: *mv };
                found.first().map(|_| ()).ok_or_else(unknown)
            }
            Decision::Project(object_type) => {
                let types = &self.setup.deployment.metaverse.types;
                let known = || types.keys().map(ToString::to_string).collect();
                let unknown =
                    || SingleError::UnknownType { name: object_type.to_string(), known: known() };
                types.get(object_type).map(|_| ()).ok_or_else(unknown)
            }
            Decision::Disconnect { .. } | Decision::Set { .. } => Ok(()),
        }
    }

    pub(crate) async fn run_single(
        &self,
        single: Single<'_>,
        options: &RunOptions,
    ) -> Result<RunSummary, SingleError> {
        let book = self.rulebook().await?;
        let (connector, profile) = (single.setup.name.clone(), single.profile);
        let lease = self.begin_single(&single, &book.version, options).await?;
        let run_id = lease.run;
        let (store, clock) = (self.store.as_ref(), self.clock.as_ref());
        let mut run = ActiveRun::new(store, clock, &NoObserver, lease, options);
        let policy = Policy { setup: &self.setup, rules: &book.rules };
        let step = ProfileStep::new(StepType::FullSync);
        let (mode, seed, page_objects) = (single.mode, self.seed(), self.sync_page_objects);
        let rules_version = &book.version;
        let step = SyncStep { mode, seed, page_objects, step: &step, rules_version };
        let work = (single.object, single.decision);
        let (result, message) = match sync::run_one(&mut run, policy, step, work).await {
            Ok(ended) => ended,
            Err(StepError::Store(error)) => return Err(error.into()),
            Err(StepError::Ended { result, message, .. }) => (result, Some(message)),
        };
        let end = RunEnd {
            result: result.as_str().to_owned(),
            message: message.clone(),
            counters: run.tally.to_counters(),
            ended: self.clock.now(),
        };
        self.store.end_run(&run.lease, end).await?;
        tracing::info!(run_id = run_id.0, profile, result = result.as_str(), "run ended");
        Ok(RunSummary {
            run: run_id,
            connector,
            profile: Name::new(profile),
            result,
            message,
            help: None,
            code: None,
            counters: with_roll_ups(&run.tally.to_counters()),
            errors: run.errors,
            warnings: run.warnings,
            state: self.state().await?,
            metaverse: self.metaverse().await?,
            steps: Vec::new(),
            left_out: Vec::new(),
        })
    }

    /// A run of its own: one that a process left behind is never gone on with, since it was about
    /// something else.
    async fn begin_single(
        &self,
        single: &Single<'_>,
        rules: &str,
        options: &RunOptions,
    ) -> Result<RunLease, SingleError> {
        loop {
            let now = self.clock.now();
            let new = NewRun {
                connector: single.setup.id,
                profile: Name::new(single.profile),
                step: RunStep {
                    number: 0,
                    step_type: Name::new(single.step_type),
                    description: single.description.clone(),
                    first: None,
                },
                started_by: options.started_by.clone(),
                rules: Some(rules.to_owned()),
                sequence: None,
                owner: self.owner.clone(),
                started: now,
                lease_until: ActiveRun::lease_end(now),
            };
            let lease = self.store.begin_run(new).await?;
            let Some((counters, _)) = lease.resumed.clone() else { return Ok(lease) };
            let (result, message) = (LEFT_BEHIND.to_owned(), None);
            self.store.end_run(&lease, RunEnd { result, message, counters, ended: now }).await?;
        }
    }
}

/// A decision for the history: the word for it, and the whole of it.
fn describe(object: &CsObject, decision: &Decision) -> (&'static str, String) {
    let dn = &object.dn;
    let kind = |is_explicit: bool| if is_explicit { "explicit" } else { "normal" };
    match decision {
        Decision::Join(mv) => ("join", format!("join {dn} to {mv}")),
        Decision::Project(object_type) => ("project", format!("project {dn} as {object_type}")),
        Decision::Disconnect { is_explicit } => {
            ("disconnect", format!("disconnect {dn}, {} disconnector then", kind(*is_explicit)))
        }
        Decision::Set { is_explicit } => ("set", format!("make {dn} {}", kind(*is_explicit))),
    }
}
