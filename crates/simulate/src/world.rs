//! A deployment at work: connected systems, a store that outlives processes, and the process that
//! is running now.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use connector::Connector;
use engine::{Engine, EngineError, NoObserver, Parts, RunRequest, RunSummary, Setup};
use model::{Clock, ConnectorId, CsId, DnStyle, MvId, Name, Schema, Timestamp};
use store::{CsObject, MvObject, RunQuery, Scope, Store as _};

use crate::connection::Connection;
use crate::dice::Dice;
use crate::faults::Faults;
use crate::fragile::FragileStore;
use crate::scenario::{DESCRIPTORS, Scenario, documents, profile_name};
use crate::system::System;
use crate::waiting::poll_at_most;

/// Polls after which a run that has not ended never will.
const POLLS_MAX: usize = 100_000;
/// How long after a death the next process comes: longer than any lease.
const PAUSE_SECONDS: i64 = 300;

/// Time that passes only when it is looked at, or when told to.
#[derive(Debug)]
struct VirtualClock(AtomicI64);

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.fetch_add(1_000, Ordering::Relaxed))
    }
}

/// The store's contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    /// The connector spaces.
    pub(crate) cs: BTreeMap<CsId, CsObject>,
    /// The metaverse.
    pub(crate) mv: BTreeMap<MvId, MvObject>,
}

/// How a run came out.
#[derive(Debug)]
pub(crate) enum Came {
    /// It ended.
    Ended(Box<RunSummary>),
    /// The store failed under it.
    Broke(EngineError),
    /// The process died.
    Died,
}

/// The deployment at work.
pub(crate) struct World {
    /// What it is.
    pub(crate) scenario: Scenario,
    /// Its systems, by the connectors' places.
    pub(crate) systems: Vec<System>,
    store: Arc<FragileStore>,
    clock: Arc<VirtualClock>,
    engine: Engine,
    ids: BTreeMap<ConnectorId, usize>,
    processes: u64,
    has_limits: bool,
}

/// The future never waits for anything outside; the simulation would otherwise stand still.
pub(crate) fn finish<F: Future>(future: F) -> Result<F::Output, String> {
    poll_at_most(future, POLLS_MAX).ok_or_else(|| "a call never came back".to_owned())
}

impl Picture {
    /// Every object as a line.
    pub(crate) fn lines(&self) -> Vec<String> {
        let cs = self.cs.values().map(|object| format!("{object:?}"));
        cs.chain(self.mv.values().map(|object| format!("{object:?}"))).collect()
    }
}

impl World {
    /// The scenario with empty systems.
    ///
    /// # Errors
    /// When its documents are not a deployment.
    pub(crate) fn new(scenario: Scenario) -> Result<Self, String> {
        let systems = scenario.connectors.iter().map(|c| System::new(c.style)).collect();
        let store = Arc::new(FragileStore::default());
        let clock = Arc::new(VirtualClock(AtomicI64::new(1_800_000_000_000_000)));
        let (engine, ids) = process(&scenario, &store, &clock, (0, true))?;
        let (processes, has_limits) = (0, true);
        Ok(Self { scenario, systems, store, clock, engine, ids, processes, has_limits })
    }

    /// Another process takes over.
    ///
    /// # Errors
    /// When it cannot start.
    pub(crate) fn restart(&mut self) -> Result<(), String> {
        self.clock.0.fetch_add(PAUSE_SECONDS * 1_000_000, Ordering::Relaxed);
        self.processes += 1;
        let place = (self.processes, self.has_limits);
        (self.engine, self.ids) = process(&self.scenario, &self.store, &self.clock, place)?;
        Ok(())
    }

    /// The administrator lifts all limits.
    ///
    /// # Errors
    /// When the process with the new configuration cannot start.
    pub(crate) fn lift_limits(&mut self) -> Result<(), String> {
        self.has_limits = false;
        self.restart()
    }

    /// The limit on deletions in force for a connector.
    pub(crate) fn deletions_max(&self, place: usize) -> Option<usize> {
        let connector = self.scenario.connectors.get(place).filter(|_| self.has_limits);
        connector.and_then(|connector| connector.deletions_max)
    }

    /// Runs a profile of the connector at a place, with faults. After a death another process is
    /// there.
    ///
    /// # Errors
    /// When the simulation itself cannot go on.
    pub(crate) fn run(
        &mut self,
        place: usize,
        profile: &str,
        faults: Faults,
    ) -> Result<Came, String> {
        let connector = self.scenario.connectors.get(place).map(|c| c.name.clone());
        let (Some(connector), Some(system)) = (connector, self.systems.get(place)) else {
            return Err(format!("there is no connector at place {place}"));
        };
        system.contents().faults = faults;
        self.store.fail(faults.commit);
        let connection: Arc<dyn Connector> = Arc::new(Connection::new(system));
        let name = profile_name(&self.scenario, profile);
        let request = RunRequest {
            connector: &connector,
            profile: &name,
            sequence: None,
            connection: Some(connection),
            observer: &NoObserver,
        };
        let polls = faults.death.map_or(POLLS_MAX, |death| death + 1);
        let outcome = poll_at_most(self.engine.run(request), polls);
        self.store.fail(None);
        match outcome {
            Some(Ok(summary)) => Ok(Came::Ended(Box::new(summary))),
            Some(Err(error)) => Ok(Came::Broke(error)),
            None if faults.death.is_none() => Err(format!("{connector}/{profile} never ended")),
            None => {
                self.restart()?;
                Ok(Came::Died)
            }
        }
    }

    /// The place of the connector that an object belongs to.
    pub(crate) fn place_of(&self, id: CsId) -> usize {
        self.ids.get(&id.connector()).copied().unwrap_or(usize::MAX)
    }

    /// Everything in the store that objects are made of.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn picture(&self) -> Result<Picture, String> {
        let mut cs = BTreeMap::new();
        for id in self.ids.keys() {
            let page = finish(self.store.page_cs(*id, None, usize::MAX, Scope::All))?;
            cs.extend(page.map_err(|e| e.to_string())?.into_iter().map(|o| (o.id, o)));
        }
        let mv = finish(self.store.page_mv(None, None, usize::MAX))?.map_err(|e| e.to_string())?;
        Ok(Picture { cs, mv: mv.into_iter().map(|o| (o.id, o)).collect() })
    }

    /// Every run so far with its errors, as text.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) fn history(&self) -> Result<String, String> {
        let runs = finish(self.store.runs(RunQuery::default()))?.map_err(|e| e.to_string())?;
        let mut text = format!("{runs:?}");
        for run in runs {
            let errors = finish(self.store.run_errors(run.id))?.map_err(|e| e.to_string())?;
            text.push_str(&format!("{errors:?}"));
        }
        Ok(text)
    }
}

type Numbered = (Engine, BTreeMap<ConnectorId, usize>);

/// Starts a process on the store: its number, and whether limits are in force.
fn process(
    scenario: &Scenario,
    store: &Arc<FragileStore>,
    clock: &Arc<VirtualClock>,
    (number, limits): (u64, bool),
) -> Result<Numbered, String> {
    let checked = rules::check(&documents(scenario, limits), &DESCRIPTORS);
    let Some(deployment) = checked.deployment else {
        let texts: Vec<String> = checked.diagnostics.iter().map(ToString::to_string).collect();
        return Err(format!("the scenario is no deployment: {}", texts.join("; ")));
    };
    let described: BTreeMap<Name, (Schema, DnStyle)> = checked
        .validated
        .iter()
        .map(|(name, v)| (name.clone(), (v.schema().clone(), v.capabilities().dn_style)))
        .collect();
    let schemas = deployment.schemas(&checked.validated);
    let setup = finish(Setup::new(deployment, &described, store.as_ref()))?;
    let setup = setup.map_err(|e| e.to_string())?;
    let place = |id: &ConnectorId, name: &Name| Some((*id, scenario.place(name)?));
    let ids = setup.connectors.iter().filter_map(|(id, c)| place(id, &c.name)).collect();
    let parts = Parts {
        store: store.clone(),
        setup,
        schemas,
        clock: clock.clone(),
        random: Box::new(Dice::new(number, 77)),
        owner: format!("process {number}"),
        sync_page_objects: scenario.batch_objects,
    };
    let engine = finish(Engine::new(parts))?.map_err(|e| e.to_string())?;
    Ok((engine, ids))
}
