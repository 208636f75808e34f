//! Runs of profiles: steps in order, each a run of its own in the history, until one does not let
//! the next one start.

use connector::Connector;
use model::{Name, RunId};
use rules::{ProfileStep, StepType};
use store::{Counters, NewRun, RunEnd, RunQuery, RunStep, StoreError};
use tracing::Instrument as _;

use crate::counters::with_roll_ups;
use crate::drop_file::StepPath;
use crate::engine::{Engine, Locked};
use crate::error::StepError;
use crate::export::{self, ExportPolicy};
use crate::import;
use crate::request::{EngineError, RunOptions, RunRequest, RunSummary, StepSummary};
use crate::result::StepResult;
use crate::rulebook::{Rulebook, RulebookError};
use crate::run::ActiveRun;
use crate::setup::{ConnectorSetup, Policy};
use crate::sync::{self, SyncMode, SyncStep};

/// One step on its way.
struct Part<'a> {
    setup: &'a ConnectorSetup,
    step: &'a ProfileStep,
    number: u32,
    /// The run of the profile's first step.
    first: Option<RunId>,
}

impl Engine {
    /// Runs a profile. A run that ends badly is no error: its summary says how it ended.
    ///
    /// # Errors
    /// [`EngineError`] when the run cannot be made, or the store fails in the middle of it.
    pub async fn run(&self, request: RunRequest<'_>) -> Result<RunSummary, EngineError> {
        self.run_with(request, &RunOptions::default()).await
    }

    /// Runs a profile with options. A profile that was interrupted goes on with the step that was
    /// left open. At the first place of a sequence the history is rid of what is too old.
    ///
    /// # Errors
    /// As [`Engine::run`].
    pub async fn run_with(
        &self,
        request: RunRequest<'_>,
        options: &RunOptions,
    ) -> Result<RunSummary, EngineError> {
        let steps = self.steps(request.connector, request.profile)?;
        self.run_steps(request, options, &steps).await
    }

    /// Runs steps in the name of a profile, whatever its own steps are.
    ///
    /// # Errors
    /// As [`Engine::run`].
    pub async fn run_steps(
        &self,
        request: RunRequest<'_>,
        options: &RunOptions,
        steps: &[ProfileStep],
    ) -> Result<RunSummary, EngineError> {
        let setup = self.known(request.connector)?;
        self.refuse_abandoned().await?;
        if request.sequence.as_ref().is_some_and(|(_, place)| *place == 0) {
            self.forget_old_runs().await?;
        }
        let (begin, mut first) = self.open_step(setup, request.profile, steps).await?;
        let mut done: Vec<StepSummary> = Vec::new();
        for (number, step) in (1_u32..).zip(steps).skip(begin) {
            let part = Part { setup, step, number, first };
            let summary = self.run_step(&request, options, part).await?;
            first = first.or(Some(summary.run));
            let goes_on = summary.result.lets_sequence_go_on();
            done.push(summary);
            if !goes_on {
                break;
            }
        }
        let left_out = steps.iter().skip(begin + done.len()).map(|step| step.step_type).collect();
        self.summarize(setup, request.profile, done, left_out).await
    }

    /// The steps of a connector's run profile.
    ///
    /// # Errors
    /// When there is no such connector or profile.
    pub fn steps(&self, connector: &str, profile: &str) -> Result<Vec<ProfileStep>, EngineError> {
        let setup = self.known(connector)?;
        setup.document.steps(profile).ok_or_else(|| EngineError::UnknownProfile {
            connector: connector.to_owned(),
            name: profile.to_owned(),
            known: setup.document.profile_names().map(str::to_owned).collect(),
        })
    }

    /// Refuses to go on while there are objects of a connector that is not configured any more: what
    /// they give the metaverse could neither be kept up nor taken back.
    pub(crate) async fn refuse_abandoned(&self) -> Result<(), EngineError> {
        for (id, name) in self.store.connectors().await? {
            if self.setup.connectors.contains_key(&id) {
                continue;
            }
            let objects = self.store.cs_counts(id).await?.total;
            if objects > 0 {
                return Err(EngineError::Abandoned { name: name.to_string(), objects });
            }
        }
        Ok(())
    }

    pub(crate) fn known(&self, connector: &str) -> Result<&ConnectorSetup, EngineError> {
        self.setup.connector(connector).ok_or_else(|| EngineError::UnknownConnector {
            name: connector.to_owned(),
            known: self.setup.connectors.values().map(|c| c.name.to_string()).collect(),
        })
    }

    /// Where a profile begins: at the step that an interrupted run of it left open, unless that has
    /// become another one since; and the run of its first step.
    async fn open_step(
        &self,
        setup: &ConnectorSetup,
        profile: &str,
        steps: &[ProfileStep],
    ) -> Result<(usize, Option<RunId>), StoreError> {
        let newest = self.store.runs(RunQuery { limit: 1, ..RunQuery::default() }).await?;
        let open = newest.first().filter(|run| {
            run.end.is_none() && run.connector == setup.id && run.profile == *profile
        });
        let Some(open) = open else { return Ok((0, None)) };
        let place = usize::try_from(open.step.number).unwrap_or(0).saturating_sub(1);
        let is_same =
            steps.get(place).is_some_and(|step| open.step.step_type == *step.step_type.as_str());
        Ok(if is_same { (place, open.step.first) } else { (0, None) })
    }

    async fn run_step(
        &self,
        request: &RunRequest<'_>,
        options: &RunOptions,
        part: Part<'_>,
    ) -> Result<StepSummary, EngineError> {
        let step_type = part.step.step_type;
        let alone = step_type.is_sync().then(|| self.synchronize()).transpose()?;
        let rules = if step_type.is_import() { None } else { Some(self.rulebook().await) };
        let rules = match rules {
            Some(Err(RulebookError::Store(error))) => return Err(error.into()),
            other => other,
        };
        let now = self.clock.now();
        let new = NewRun {
            connector: part.setup.id,
            profile: Name::new(request.profile),
            step: RunStep {
                number: part.number,
                step_type: Name::new(step_type.as_str()),
                description: describe(part.step, options),
                first: part.first,
            },
            started_by: options.started_by.clone(),
            rules: rules.as_ref().and_then(|book| book.as_ref().ok()).map(|b| b.version.clone()),
            sequence: request.sequence.clone(),
            owner: self.owner.clone(),
            started: now,
            lease_until: ActiveRun::lease_end(now),
        };
        let lease = self.store.begin_run(new).await?;
        let run_id = lease.run;
        request.observer.started(run_id);
        let (connector, profile) = (request.connector, request.profile);
        let span = tracing::info_span!("run", run_id = run_id.0, connector, profile);
        let (store, clock) = (self.store.as_ref(), self.clock.as_ref());
        let mut run = ActiveRun::new(store, clock, request.observer, lease, options);
        let step = self.carry_out(&mut run, &part, request.connection.as_deref(), rules);
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
        drop(alone);
        tracing::info!(run_id = run_id.0, connector, result = result.as_str(), "run ended");
        Ok(StepSummary {
            run: run_id,
            number: part.number,
            step_type,
            result,
            message,
            help,
            code,
            counters: with_roll_ups(&run.tally.to_counters()),
            errors: run.errors,
            warnings: run.warnings,
        })
    }

    async fn carry_out(
        &self,
        run: &mut ActiveRun<'_>,
        part: &Part<'_>,
        connection: Option<&dyn Connector>,
        rules: Option<Result<Rulebook, RulebookError>>,
    ) -> Result<(StepResult, Option<String>), StepError> {
        let Part { setup, step, .. } = part;
        let file = StepPath::of(setup, step);
        match step.step_type {
            StepType::FullImport | StepType::DeltaImport => {
                let import = import::ImportStep { setup, step, file: file.as_ref(), connection };
                import::run(run, import).await
            }
            StepType::FullSync | StepType::DeltaSync => {
                let rules = compiled(rules)?;
                // The very run that brings rules in need not be told that they are on their way.
                if self.setup.deployment.rules_connector() != Some(&setup.name) {
                    run.warnings.extend(rules.warnings);
                }
                let policy = Policy { setup: &self.setup, rules: &rules.rules };
                let is_full = step.step_type == StepType::FullSync;
                let mode = if is_full { SyncMode::Full } else { SyncMode::Delta };
                let (seed, page_objects) = (self.seed(), self.sync_page_objects);
                let rules_version = &rules.version;
                let sync = SyncStep { mode, seed, page_objects, step, rules_version };
                sync::run(run, policy, sync).await
            }
            StepType::Export => {
                let connection = connection.ok_or_else(no_connection)?;
                let rules = compiled(rules)?;
                run.warnings.extend(rules.warnings);
                let policy = Policy { setup: &self.setup, rules: &rules.rules };
                let mut random = Locked(&self.random);
                let export =
                    ExportPolicy { setup, policy, random: &mut random, step, file: file.as_ref() };
                export::run(run, export, connection).await
            }
        }
    }

    async fn summarize(
        &self,
        setup: &ConnectorSetup,
        profile: &str,
        steps: Vec<StepSummary>,
        left_out: Vec<StepType>,
    ) -> Result<RunSummary, EngineError> {
        let mut counters = Counters::new();
        for (name, n) in steps.iter().flat_map(|step| &step.counters) {
            *counters.entry(name.clone()).or_insert(0) += n;
        }
        let last = steps.last();
        Ok(RunSummary {
            run: steps.first().map_or(RunId(0), |step| step.run),
            connector: setup.name.clone(),
            profile: Name::new(profile),
            result: last.map_or(StepResult::CompletedNoObjects, |step| step.result),
            message: last.and_then(|step| step.message.clone()),
            help: last.and_then(|step| step.help.clone()),
            code: last.and_then(|step| step.code),
            counters,
            errors: steps.iter().flat_map(|step| step.errors.iter().cloned()).collect(),
            warnings: steps.iter().flat_map(|step| step.warnings.iter().cloned()).collect(),
            state: self.state().await?,
            metaverse: self.metaverse().await?,
            steps,
            left_out,
        })
    }
}

/// The step in the words of its document, and the limits that do not count for it.
fn describe(step: &ProfileStep, options: &RunOptions) -> String {
    let accepted: Vec<&str> = options.accepted.iter().map(|kind| kind.as_str()).collect();
    if accepted.is_empty() || step.step_type.is_sync() {
        return step.to_string();
    }
    format!("{step}, accepted limits {}", accepted.join(" "))
}

fn compiled(rules: Option<Result<Rulebook, RulebookError>>) -> Result<Rulebook, StepError> {
    let diagnostics = match rules {
        Some(Ok(book)) => return Ok(book),
        Some(Err(RulebookError::Store(error))) => return Err(error.into()),
        Some(Err(RulebookError::Rules(diagnostics))) => diagnostics,
        None => Vec::new(),
    };
    let texts: Vec<String> = diagnostics.iter().map(ToString::to_string).collect();
    let message = format!("the rules in the metaverse do not compile: {}", texts.join("; "));
    Err(StepError::ended(StepResult::NoStartBadConfiguration, "ENG-0102", message))
}

pub(crate) fn no_connection() -> StepError {
    let message = "the run needs a connection and has none".to_owned();
    StepError::ended(StepResult::NoStartConnection, "ENG-0103", message)
}
