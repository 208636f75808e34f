//! The queue of runs: one at a time in a deployment, whoever starts it.
//!
//! A run or a whole sequence is carried out by a task of its own through a [`Runner`]; what happens
//! is broadcast to whoever listens. Listeners that are too slow miss events, never hold a run up.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use engine::{Engine, Observer, RunOptions, RunSummary, Stop};
use model::{Clock, Name, RunId, Timestamp};
use tokio::sync::{broadcast, oneshot, watch};

use crate::problem::ApiError;

/// Events that wait for a slow listener before it misses some.
const EVENTS_MAX: usize = 256;
/// Microseconds between two progress events of a run.
const PROGRESS_MICROS: i64 = 500_000;

/// Carries runs out.
#[async_trait]
pub trait Runner: Send + Sync {
    /// Runs a profile of a connector.
    ///
    /// # Errors
    /// When the run cannot be made or kept. A run that ends badly is no error.
    async fn run(
        &self,
        order: RunOrder<'_>,
        observer: &dyn Observer,
    ) -> Result<RunSummary, RunFailure>;
}

/// A run to carry out.
#[derive(Debug, Clone)]
pub struct RunOrder<'a> {
    /// The connector.
    pub connector: &'a str,
    /// The run profile.
    pub profile: &'a str,
    /// The sequence the run belongs to, and its place in it.
    pub sequence: Option<(Name, u32)>,
    /// Who asks, and whatever else the run is told.
    pub options: &'a RunOptions,
}

/// A run could not be made or kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RunFailure {
    /// What happened, its causes included.
    pub message: String,
    /// The stable code.
    pub code: Option<&'static str>,
    /// What to do about it.
    pub help: Option<String>,
}

/// What to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    /// A profile of a connector.
    Run {
        /// The connector.
        connector: Name,
        /// The run profile.
        profile: Name,
    },
    /// A sequence, from where an interrupted one stood or from its beginning.
    Sequence(Name),
}

impl std::fmt::Display for Work {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Run { connector, profile } => write!(f, "{connector} {profile}"),
            Self::Sequence(name) => write!(f, "the sequence {name}"),
        }
    }
}

/// Work was not begun.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JobError {
    /// Something runs already.
    #[error("{what} is under way")]
    Busy {
        /// What runs.
        what: String,
    },
    /// The program is about to end.
    #[error("the program is ending")]
    Ending,
    /// There is no such connector, run profile or sequence.
    #[error("there is no {0}")]
    Unknown(Work),
    /// The first run could not be made.
    #[error(transparent)]
    Failed(#[from] RunFailure),
}

impl From<JobError> for ApiError {
    fn from(error: JobError) -> Self {
        match error {
            JobError::Busy { what } => Self::Busy { what },
            JobError::Ending => Self::Ending,
            JobError::Unknown(Work::Sequence(_)) => Self::NotFound { what: "such sequence" },
            JobError::Unknown(Work::Run { .. }) => {
                Self::NotFound { what: "such connector or run profile" }
            }
            JobError::Failed(RunFailure { code: Some("STO-0106"), message, .. }) => {
                Self::Busy { what: message }
            }
            JobError::Failed(RunFailure { message, code, help }) => {
                Self::NotStarted { message, code, help }
            }
        }
    }
}

/// What happened to a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobEventKind {
    /// It has begun.
    Started,
    /// It has come along.
    Progress,
    /// It has ended.
    Ended,
}

/// Something happened to a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobEvent {
    /// The run.
    pub run: RunId,
    /// What happened.
    pub kind: JobEventKind,
    /// About so many objects are to come.
    pub expected: Option<u64>,
    /// So many are done.
    pub done: Option<u64>,
}

/// The queue.
#[derive(Clone)]
pub struct Jobs(Arc<Inner>);

struct Inner {
    engine: Arc<Engine>,
    runner: Arc<dyn Runner>,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    events: broadcast::Sender<JobEvent>,
    busy: watch::Sender<bool>,
    /// True once nothing will happen any more.
    is_over: watch::Sender<bool>,
}

#[derive(Default)]
struct State {
    work: Option<Work>,
    run: Option<RunId>,
    /// Ends the work early.
    stop: Option<Stop>,
    is_ending: bool,
}

impl std::fmt::Debug for Jobs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Jobs").field("work", &self.0.state().work).finish_non_exhaustive()
    }
}

type Started = oneshot::Sender<Result<RunId, RunFailure>>;

impl Jobs {
    pub(crate) fn new(engine: Arc<Engine>, runner: Arc<dyn Runner>, clock: Arc<dyn Clock>) -> Self {
        let (events, _) = broadcast::channel(EVENTS_MAX);
        let (busy, _) = watch::channel(false);
        let (is_over, _) = watch::channel(false);
        let state = Mutex::default();
        Self(Arc::new(Inner { engine, runner, clock, state, events, busy, is_over }))
    }

    /// Begins work in a task of its own and returns its first run once that has begun. Dropping the
    /// future does not stop the work.
    ///
    /// # Errors
    /// [`JobError`] when nothing was begun.
    pub async fn start(&self, work: Work, options: RunOptions) -> Result<RunId, JobError> {
        let steps = self.steps(&work)?;
        self.claim(&work, &options.stop)?;
        let (started, first) = oneshot::channel();
        let inner = self.0.clone();
        tokio::spawn(async move {
            // Gives the place up even if the runner panics.
            let _claim = Claim(inner.clone());
            inner.carry_out(&work, &steps, &options, started).await;
        });
        match first.await {
            Ok(result) => Ok(result?),
            Err(_gone) => Err(JobError::Failed(RunFailure {
                message: "the run ended before it began".to_owned(),
                code: None,
                help: Some("report it, with the log".to_owned()),
            })),
        }
    }

    /// The run that is under way.
    #[must_use]
    pub fn current(&self) -> Option<RunId> {
        self.0.state().run
    }

    /// Asks the run to stop after the object at hand, and a sequence with it; false if that run is
    /// not under way.
    #[must_use]
    pub fn stop(&self, run: RunId) -> bool {
        let state = self.0.state();
        let stop = state.stop.as_ref().filter(|_| state.run == Some(run));
        if let Some(stop) = stop {
            stop.request();
        }
        stop.is_some()
    }

    /// True while work is under way.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.0.state().work.is_some()
    }

    /// What happens from now on.
    #[must_use]
    pub fn subscribe(&self) -> broadcast::Receiver<JobEvent> {
        self.0.events.subscribe()
    }

    /// Waits until nothing is under way.
    pub async fn idle(&self) {
        let mut busy = self.0.busy.subscribe();
        // The sender lives as long as we do.
        let _idle = busy.wait_for(|busy| !busy).await;
    }

    /// Takes no more work and waits for what is under way; a sequence ends with its present run.
    /// Then the streams of events end.
    pub async fn shutdown(&self) {
        self.0.state().is_ending = true;
        let mut busy = self.0.busy.subscribe();
        // The sender lives as long as we do.
        let _ended = busy.wait_for(|busy| !busy).await;
        self.0.is_over.send_replace(true);
    }

    /// Done once nothing will happen any more.
    pub(crate) async fn over(&self) {
        let mut is_over = self.0.is_over.subscribe();
        let _over = is_over.wait_for(|over| *over).await;
    }

    pub(crate) fn is_ending(&self) -> bool {
        self.0.state().is_ending
    }

    fn steps(&self, work: &Work) -> Result<Vec<(Name, Name)>, JobError> {
        let setup = self.0.engine.setup();
        let unknown = || JobError::Unknown(work.clone());
        match work {
            Work::Run { connector, profile } => {
                let document = setup.connector(connector).map(|setup| &setup.document);
                document.and_then(|d| d.steps(profile)).ok_or_else(unknown)?;
                Ok(vec![(connector.clone(), profile.clone())])
            }
            Work::Sequence(name) => {
                setup.deployment.sequences.get(name).cloned().ok_or_else(unknown)
            }
        }
    }

    fn claim(&self, work: &Work, stop: &Stop) -> Result<(), JobError> {
        let mut state = self.0.state();
        if state.is_ending {
            return Err(JobError::Ending);
        }
        if let Some(present) = &state.work {
            return Err(JobError::Busy { what: present.to_string() });
        }
        state.work = Some(work.clone());
        state.stop = Some(stop.clone());
        self.0.busy.send_replace(true);
        Ok(())
    }
}

/// The right to run, given back on drop.
struct Claim(Arc<Inner>);

impl Drop for Claim {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.work = None;
        state.run = None;
        state.stop = None;
        self.0.busy.send_replace(false);
    }
}

impl Inner {
    // Nothing under the lock panics.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn carry_out(
        &self,
        work: &Work,
        steps: &[(Name, Name)],
        options: &RunOptions,
        started: Started,
    ) {
        let sequence = match work {
            Work::Run { .. } => None,
            Work::Sequence(name) => Some(name),
        };
        let begin = match sequence {
            None => 0,
            Some(name) => match self.engine.interrupted(name).await {
                Ok(place) => place.unwrap_or(0),
                Err(error) => {
                    let (message, code) = (error.to_string(), Some(error.code()));
                    let _told = started.send(Err(RunFailure { message, code, help: None }));
                    return;
                }
            },
        };
        let mut started = Some(started);
        for (place, (connector, profile)) in (0_u32..).zip(steps) {
            if place < begin || (place > begin && self.state().is_ending) {
                continue;
            }
            let watcher = Watcher::new(self, started.take());
            let sequence = sequence.map(|name| (name.clone(), place));
            let order = RunOrder { connector, profile, sequence, options };
            let result = self.runner.run(order, &watcher).await;
            match watcher.ended(result) {
                Some(summary) if summary.result.lets_sequence_go_on() => {}
                _ => return,
            }
        }
    }
}

/// Hears of one run and tells everybody.
struct Watcher<'a> {
    inner: &'a Inner,
    state: Mutex<Watched>,
}

struct Watched {
    started: Option<Started>,
    run: Option<RunId>,
    expected: Option<u64>,
    done: Option<u64>,
    told: Timestamp,
}

impl<'a> Watcher<'a> {
    fn new(inner: &'a Inner, started: Option<Started>) -> Self {
        let told = Timestamp(i64::MIN);
        let state = Watched { started, run: None, expected: None, done: None, told };
        Self { inner, state: Mutex::new(state) }
    }

    fn watched(&self) -> MutexGuard<'_, Watched> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, watched: &Watched, kind: JobEventKind) {
        let Some(run) = watched.run else { return };
        let (expected, done) = (watched.expected, watched.done);
        // Nobody listening is no failure.
        let _heard = self.inner.events.send(JobEvent { run, kind, expected, done });
    }

    fn ended(&self, result: Result<RunSummary, RunFailure>) -> Option<RunSummary> {
        let mut watched = self.watched();
        // What comes after is no longer "running".
        self.inner.state().run = None;
        self.tell(&watched, JobEventKind::Ended);
        match result {
            Ok(summary) => Some(summary),
            Err(failure) => {
                let code = failure.code;
                tracing::error!(code, error = %failure, "a run could not be made or kept");
                if let Some(started) = watched.started.take() {
                    let _told = started.send(Err(failure));
                }
                None
            }
        }
    }
}

impl Observer for Watcher<'_> {
    fn started(&self, run: RunId) {
        self.inner.state().run = Some(run);
        let mut watched = self.watched();
        // A step of the same profile went before: nobody else says that it has ended.
        self.tell(&watched, JobEventKind::Ended);
        (watched.expected, watched.done) = (None, None);
        watched.run = Some(run);
        if let Some(started) = watched.started.take() {
            let _told = started.send(Ok(run));
        }
        self.tell(&watched, JobEventKind::Started);
    }

    fn expect(&self, objects: u64) {
        self.watched().expected = (objects > 0).then_some(objects);
    }

    fn progress(&self, objects: u64) {
        let now = self.inner.clock.now();
        let mut watched = self.watched();
        watched.done = Some(objects);
        if now.0.saturating_sub(watched.told.0) >= PROGRESS_MICROS {
            watched.told = now;
            self.tell(&watched, JobEventKind::Progress);
        }
    }
}
