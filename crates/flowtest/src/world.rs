//! A deployment in action: the real engine on a store in memory, and systems made of memory.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use connector::{Descriptor, Validated};
use engine::{
    Engine, EngineError, NoObserver, Parts, RunOptions, RunRequest, RunSummary, Setup, Stop,
};
use expr::Random;
use model::{Attributes, Clock, CsId, Image, Name, Schema, Timestamp, Value};
use rules::{Deployment, Direction, RULE_TYPE, Sources};
use store::{CsObject, MvObject, Scope, Store as _, StoreError};

use crate::config::{self, Checking, Usable, check};
use crate::crash::{Fate, Signal};
use crate::document::{Config, DiagnosticExpect, Habits, Run, Test};
use crate::interruptible::Interruptible;
use crate::kind;
use crate::report::Failure;
use crate::similar;
use crate::system::{self, Nature, System};

/// How long a process that ended keeps its runs to itself, and then some.
const AFTER_CRASH_MICROS: i64 = 3_600_000_000;

/// Time that stands still unless it is told to move.
#[derive(Debug, Clone)]
struct Still(Arc<AtomicI64>);

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

/// Numbers that look random and are the same in every run of a test.
#[derive(Debug)]
struct Seeded(u64);

impl Random for Seeded {
    /// Steele, Lea, Flood: Fast splittable pseudorandom number generators (2014).
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound.max(1)
    }
}

/// How a run ended.
#[derive(Debug)]
pub(crate) enum RunOutcome {
    /// It came back.
    Ended(Box<RunSummary>),
    /// Its process did not.
    Lost(Fate),
    /// Another run of its connector is going on.
    Refused,
}

/// How a test can begin.
pub(crate) enum Beginning {
    /// With a deployment in action.
    World(Box<World>),
    /// With a configuration that is refused, as the test says.
    Refused,
    /// With one that is not as the test says.
    Failed(Vec<Failure>),
}

/// Everything there is at a moment.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) spaces: BTreeMap<Name, Vec<CsObject>>,
    pub(crate) metaverse: Vec<MvObject>,
    pub(crate) systems: BTreeMap<Name, Vec<Image>>,
}

impl State {
    /// An object of a connector space.
    pub(crate) fn object(&self, id: CsId) -> Option<(&Name, &CsObject)> {
        let named = |(name, space): (_, &'_ Vec<CsObject>)| {
            Some((name, space.iter().position(|object| object.id == id)?))
        };
        let (name, at) = self.spaces.iter().find_map(named)?;
        Some((name, self.spaces.get(name)?.get(at)?))
    }
}

/// The deployment in action.
pub(crate) struct World {
    store: Arc<Interruptible>,
    pub(crate) engine: Engine,
    validated: BTreeMap<Name, Arc<dyn Validated>>,
    pub(crate) systems: BTreeMap<Name, System>,
    sources: Sources,
    clock: Still,
    signal: Signal,
    habits: Vec<Habits>,
    descriptors: Vec<&'static Descriptor>,
    page_objects: usize,
    seed: u64,
}

/// What a world is made of beside the test.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Surroundings<'a> {
    /// The test's file, as failures name it.
    pub(crate) file: &'a str,
    /// The folder that paths in the test start from.
    pub(crate) folder: &'a Path,
    pub(crate) descriptors: &'a [&'static Descriptor],
}

impl World {
    /// The world that a test, and those that go on from it, begin with; without given objects.
    pub(crate) async fn begin(
        test: &Test,
        around: &Surroundings<'_>,
        later: &[(&Test, Surroundings<'_>)],
    ) -> Result<Beginning, Vec<Failure>> {
        let base = around.folder.join(test.config.folder.as_deref().unwrap_or("config"));
        let is_inline = test.config.folder.is_none() && !base.is_dir();
        let sources = if is_inline { Ok(Sources::default()) } else { config::read(&base) };
        let sources = sources.map_err(|what| vec![whole(around, what)])?;
        let mut sources = config::patched(sources, &test.config, around.file)?;
        let mut habits = test.systems.clone();
        let mut expected = test.diagnostics.clone();
        for (test, around) in later {
            sources = config::patched(sources, &test.config, around.file)?;
            habits.splice(0..0, test.systems.iter().cloned());
            expected.extend(test.diagnostics.iter().cloned());
        }
        let mut descriptors = around.descriptors.to_vec();
        descriptors.push(&kind::DESCRIPTOR);
        let last = later.last().map_or(around, |(_, around)| around);
        let checked = match check(&sources, &descriptors, &expected, last.file)? {
            Checking::Usable(checked) => *checked,
            Checking::Refused => return Ok(Beginning::Refused),
            Checking::Failed(failures) => return Ok(Beginning::Failed(failures)),
        };
        let signal = Signal::default();
        let store = Arc::new(Interruptible::new(signal.clone()));
        let clock = Still(Arc::new(AtomicI64::new(test.start.0)));
        let page_objects = test.page_objects.unwrap_or(engine::SYNC_PAGE_OBJECTS);
        let engine = make_engine(&checked, &store, &clock, (page_objects, test.seed)).await;
        let engine = engine.map_err(|what| vec![whole(around, what)])?;
        let mut world = Self {
            store,
            engine,
            validated: checked.1,
            systems: BTreeMap::new(),
            sources,
            clock,
            signal,
            habits,
            descriptors,
            page_objects,
            seed: test.seed,
        };
        world.describe();
        let all = std::iter::once((test, *around)).chain(later.iter().copied());
        for (habits, around) in all.flat_map(|(t, a)| t.systems.iter().map(move |h| (h, a))) {
            world.system(&habits.system).map_err(|(what, help)| {
                let details = vec![format!("help: {help}")];
                vec![Failure::new(around.file.to_owned(), habits.line, what, details)]
            })?;
        }
        world.apply();
        Ok(Beginning::World(Box::new(world)))
    }

    pub(crate) fn deployment(&self) -> &Deployment {
        &self.engine.setup().deployment
    }

    /// The connected system `name`, or what is wrong with the name.
    pub(crate) fn system(&self, name: &str) -> Result<&System, (String, String)> {
        self.systems.get(name).ok_or_else(|| {
            let known: Vec<&str> = self.systems.keys().map(Name::as_str).collect();
            (format!("there is no connector {name}"), similar::advice(name, &known))
        })
    }

    /// Tells the systems what the configuration makes of them; new ones are empty.
    fn describe(&mut self) {
        for (name, validated) in &self.validated {
            let Some(document) = self.engine.setup().deployment.connectors.get(name) else {
                continue;
            };
            let selected = validated.schema().clone();
            let full = kind::full_schema(&document.type_name, &document.config);
            let habits = self.habits.iter().find(|habits| habits.system == name.as_str());
            let objects = document.config.objects.iter();
            let anchors = objects.filter_map(|(name, o)| Some((name.clone(), o.anchor.clone()?)));
            let nature = Nature {
                name: name.clone(),
                full: full.unwrap_or_else(|| selected.clone()),
                selected,
                capabilities: validated.capabilities(),
                scope: system::Scope::new(document.config.settings.get("partitions")),
                anchors: anchors.collect(),
                habits: habits.cloned().unwrap_or_default(),
            };
            match self.systems.get(name) {
                Some(system) => system.contents().nature = nature,
                None => {
                    let system = System::new(nature, self.signal.clone());
                    self.systems.insert(name.clone(), system);
                }
            }
        }
    }

    /// Another process takes over, perhaps with another configuration; one that is refused, as the
    /// test expects, leaves everything as it is. Gives what is not as expected.
    pub(crate) async fn restart(
        &mut self,
        config: Option<&Config>,
        expected: &[DiagnosticExpect],
        around: &Surroundings<'_>,
    ) -> Result<Vec<Failure>, Vec<Failure>> {
        let sources = match config {
            None => self.sources.clone(),
            Some(config) => {
                let base = match &config.folder {
                    Some(folder) => config::read(&around.folder.join(folder))
                        .map_err(|what| vec![whole(around, what)])?,
                    None => self.sources.clone(),
                };
                config::patched(base, config, around.file)?
            }
        };
        let checked = match check(&sources, &self.descriptors, expected, around.file)? {
            Checking::Usable(checked) => *checked,
            Checking::Refused => return Ok(Vec::new()),
            Checking::Failed(failures) => return Ok(failures),
        };
        self.sources = sources;
        self.seed = self.seed.wrapping_add(1);
        let settings = (self.page_objects, self.seed);
        let engine = make_engine(&checked, &self.store, &self.clock, settings).await;
        self.engine = engine.map_err(|what| vec![whole(around, what)])?;
        self.validated = checked.1;
        self.describe();
        Ok(Vec::new())
    }

    /// Makes the configuration's rules those of the identity service, where it has one.
    pub(crate) fn apply(&self) {
        let deployment = self.deployment();
        let Some((name, document)) = deployment
            .connectors
            .iter()
            .find(|(name, _)| deployment.rules_connector() == Some(*name))
        else {
            return;
        };
        let types = document.maps_to.iter().find(|(_, target)| **target == RULE_TYPE);
        let (Some((object_type, _)), Some(system)) = (types, self.systems.get(name)) else {
            return;
        };
        let mut contents = system.contents();
        let schemas = self.engine.schemas();
        let resources = deployment.rules.iter().filter_map(|(name, text)| {
            let rule = rules::compile_rule(name, text, schemas).ok()?;
            Some((format!("rule {name}"), resource(&rule, text)))
        });
        contents.replace_all(object_type, resources.collect());
    }

    pub(crate) fn advance(&self, micros: i64) {
        self.clock.0.fetch_add(micros, Ordering::SeqCst);
    }

    /// Lets somebody look at the faults of the process.
    pub(crate) fn store(&self) -> &Interruptible {
        &self.store
    }

    /// Runs a profile; an error says what is wrong with the request.
    pub(crate) async fn run(
        &mut self,
        asked: &Run,
        sequence: Option<(Name, u32)>,
        around: &Surroundings<'_>,
    ) -> Result<RunOutcome, Vec<Failure>> {
        self.advance(1_000_000);
        let (connector, profile) = (asked.connector.as_str(), asked.profile.as_str());
        let connection = self.systems.get(connector).map(System::connect);
        let request =
            RunRequest { connector, profile, sequence, connection, observer: &NoObserver };
        let options = RunOptions {
            stop: asked.stop_after.map(Stop::after).unwrap_or_default(),
            accepted: asked.accepted.iter().copied().collect(),
            ..RunOptions::default()
        };
        let running = async {
            match profile {
                engine::CLEAR => self.engine.clear(connector, &NoObserver, &options).await,
                _ if asked.changes_steps() => {
                    let steps = asked.changed(self.engine.steps(connector, profile)?);
                    self.engine.run_steps(request, &options, &steps).await
                }
                _ => self.engine.run_with(request, &options).await,
            }
        };
        match self.signal.watch(Box::pin(running)).await {
            Err(fate) => {
                if fate == Fate::Ended {
                    self.advance(AFTER_CRASH_MICROS);
                }
                self.restart(None, &[], around).await?;
                Ok(RunOutcome::Lost(fate))
            }
            Ok(Ok(summary)) => Ok(RunOutcome::Ended(Box::new(summary))),
            Ok(Err(error)) if is_busy(&error) => Ok(RunOutcome::Refused),
            Ok(Err(error)) => Err(vec![whole(around, describe(&error))]),
        }
    }

    /// Where an interrupted sequence goes on.
    pub(crate) async fn interrupted(&self, sequence: &str) -> u32 {
        self.engine.interrupted(sequence).await.ok().flatten().unwrap_or(0)
    }

    /// Everything there is.
    pub(crate) async fn state(&self) -> State {
        let mut spaces = BTreeMap::new();
        for setup in self.engine.setup().connectors.values() {
            let space = self.store.page_cs(setup.id, None, usize::MAX, Scope::All).await;
            spaces.insert(setup.name.clone(), space.unwrap_or_default());
        }
        let metaverse = self.store.page_mv(None, None, usize::MAX).await.unwrap_or_default();
        let objects = |(name, system): (&Name, &System)| (name.clone(), system.objects());
        State { spaces, metaverse, systems: self.systems.iter().map(objects).collect() }
    }
}

/// True if something else is going on that must not be disturbed.
pub(crate) const fn is_busy(error: &EngineError) -> bool {
    matches!(error, EngineError::Store(StoreError::Busy { .. }) | EngineError::Synchronizing)
}

fn whole(around: &Surroundings<'_>, what: String) -> Failure {
    Failure::new(around.file.to_owned(), 0, what, Vec::new())
}

fn describe(error: &EngineError) -> String {
    let (EngineError::UnknownConnector { name, known }
    | EngineError::UnknownProfile { name, known, .. }) = error
    else {
        return error.to_string();
    };
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    format!("{error}; {}", similar::advice(name, &known))
}

async fn make_engine(
    checked: &Usable,
    store: &Arc<Interruptible>,
    clock: &Still,
    (sync_page_objects, seed): (usize, u64),
) -> Result<Engine, String> {
    let (deployment, validated) = checked;
    let described = validated.iter().map(|(name, v)| {
        let described: (Schema, _) = (v.schema().clone(), v.capabilities().dn_style);
        (name.clone(), described)
    });
    let described = described.collect();
    let schemas = deployment.schemas(validated);
    let setup = Setup::new(deployment.clone(), &described, store.as_ref()).await;
    let setup = setup.map_err(|error| error.to_string())?;
    let parts = Parts {
        store: store.clone(),
        setup,
        schemas,
        clock: Arc::new(clock.clone()),
        random: Box::new(Seeded(seed)),
        owner: format!("flow test {seed}"),
        sync_page_objects,
    };
    Engine::new(parts).await.map_err(|error| error.to_string())
}

/// A rule as a resource of the identity service.
fn resource(rule: &rules::Rule, text: &str) -> Attributes {
    let mut attributes = Attributes::new();
    attributes.set_one("DisplayName", rule.name.as_str());
    attributes.set_one("Definition", text);
    attributes.set_one("FlowType", i64::from(rule.direction == Direction::Outbound));
    attributes.set_one("ConnectedSystem", rule.connector.as_str());
    attributes.set_one("ConnectedObjectType", rule.object.as_str());
    attributes.set_one("ILMObjectType", rule.metaverse.as_str());
    attributes.set_one("Precedence", Value::Integer(i64::from(rule.precedence)));
    attributes
}
