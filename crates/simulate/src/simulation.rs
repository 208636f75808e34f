//! One seed: a scenario, its history, and rest; with the laws checked after every step.

use std::collections::BTreeMap;

use engine::StepResult;

use crate::dice::Dice;
use crate::faults::{Faults, Weather};
use crate::history::{self, Step};
use crate::oracle::{
    Ran, Verdict, Violation, after_run, always, at_rest, has_trouble, portrait, settled, still,
};
use crate::scenario::{self, Scenario};
use crate::world::{Came, Picture, World};

/// Cycles within which everything has to come to rest.
const CYCLES_MAX: usize = 8;

/// Everything that one seed says.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// The deployment.
    pub(crate) scenario: Scenario,
    /// What happens.
    pub(crate) steps: Vec<Step>,
    /// What goes wrong.
    pub(crate) weather: Weather,
}

/// How a simulation came out.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// What happened, line by line.
    pub(crate) log: Vec<String>,
    /// The store at the end, comparable with other ways there.
    pub(crate) portrait: Vec<String>,
    /// The store at the end, number by number.
    pub(crate) end: Picture,
    /// The law that was broken.
    pub(crate) verdict: Verdict,
}

/// The plan of a seed.
pub(crate) fn plan(seed: u64) -> Plan {
    let mut dice = Dice::new(seed, 1);
    let scenario = scenario::generate(&mut dice);
    let weather = match dice.number(8) {
        0 | 1 => Weather::Fair,
        2 => Weather::Deaths,
        _ => Weather::Foul,
    };
    let steps = history::generate(&mut Dice::new(seed, 2), &scenario, weather);
    Plan { scenario, steps, weather }
}

impl Plan {
    /// Nobody dies.
    pub(crate) fn survive(&mut self) {
        for step in &mut self.steps {
            if let Step::Run { faults, .. } = step {
                *faults = faults.survived();
            }
        }
    }
}

struct Simulation {
    world: World,
    picture: Picture,
    log: Vec<String>,
    talks: bool,
}

/// Carries a plan out. `talks` keeps a log.
pub(crate) fn simulate(plan: &Plan, talks: bool) -> Outcome {
    let picture = Picture { cs: BTreeMap::new(), mv: BTreeMap::new() };
    let (log, end) = (Vec::new(), picture.clone());
    let mut outcome = Outcome { log, portrait: Vec::new(), end, verdict: Ok(()) };
    let world = match World::new(plan.scenario.clone()) {
        Ok(world) => world,
        Err(error) => {
            outcome.verdict = broke(error);
            return outcome;
        }
    };
    let mut simulation = Simulation { world, picture, log: Vec::new(), talks };
    outcome.verdict = simulation.go(plan);
    outcome.portrait = portrait(&simulation.world, &simulation.picture);
    outcome.end = simulation.picture;
    outcome.log = simulation.log;
    outcome
}

fn broke<T>(detail: String) -> Result<T, Violation> {
    Err(Violation { law: "the simulation goes on", detail })
}

impl Simulation {
    fn note(&mut self, line: impl FnOnce() -> String) {
        if self.talks {
            self.log.push(line());
        }
    }

    fn go(&mut self, plan: &Plan) -> Verdict {
        for step in &plan.steps {
            match step {
                Step::Change { place, change } => {
                    self.note(|| step.to_string());
                    if let Some(system) = self.world.systems.get(*place) {
                        history::apply(system, change);
                    }
                }
                Step::Run { place, profile, faults } => {
                    let died = self.run(*place, profile, *faults)?.is_none();
                    if died && plan.weather == Weather::Deaths {
                        self.run(*place, profile, faults.survived())?;
                    }
                }
            }
        }
        self.come_to_rest()?;
        let texts = self.world.history().or_else(broke)?;
        if texts.contains(scenario::SECRET_MARK) {
            return Err(Violation { law: "no secret is stored", detail: texts });
        }
        Ok(())
    }

    /// A run, and the laws after it. Its result, if it came to its end.
    fn run(
        &mut self,
        place: usize,
        profile: &'static str,
        faults: Faults,
    ) -> Result<Option<StepResult>, Violation> {
        let versions: Vec<u64> =
            self.world.systems.iter().map(|s| s.contents().version()).collect();
        let written = self.world.systems.get(place).map_or(0, |s| s.contents().writes.len());
        let came = self.world.run(place, profile, faults).or_else(broke)?;
        let after = self.world.picture().or_else(broke)?;
        let result = match &came {
            Came::Ended(summary) => Some(summary.result),
            Came::Broke(_) | Came::Died => None,
        };
        let writes = self.world.systems.get(place).map_or_else(Vec::new, |system| {
            system.contents().writes.get(written..).unwrap_or_default().to_vec()
        });
        self.note(|| {
            let how = match &came {
                Came::Ended(summary) => {
                    format!(
                        "{} {:?} {:?}",
                        summary.result.as_str(),
                        summary.counters,
                        summary.errors
                    )
                }
                Came::Broke(error) => format!("broke off: {error}"),
                Came::Died => "the process died".to_owned(),
            };
            format!("at place {place}: {profile}{faults}: {how}; written: {writes:?}")
        });
        always(&self.world, &after)?;
        let before = std::mem::replace(&mut self.picture, after);
        let ran = Ran {
            place,
            profile,
            result,
            before: &before,
            after: &self.picture,
            versions: &versions,
            writes: &writes,
        };
        after_run(&self.world, &ran)?;
        Ok(result)
    }

    /// Faults and changes are over: deltas first, then everything in full.
    fn come_to_rest(&mut self) -> Verdict {
        self.note(|| "nothing more happens".to_owned());
        self.world.lift_limits().or_else(broke)?;
        self.cycles("delta-import", "delta-sync")?;
        settled(&self.world, &self.picture)?;
        let by_deltas = portrait(&self.world, &self.picture);
        self.cycles("full-import", "full-sync")?;
        at_rest(&self.world, &self.picture)?;
        let in_full = portrait(&self.world, &self.picture);
        // What an error keeps back, and what only an outbound rule would find, is for full runs.
        let is_plain = !has_trouble(&self.picture) && !has_outbound_joins(&self.world.scenario);
        if by_deltas != in_full && is_plain {
            let detail = difference(&by_deltas, &in_full);
            return Err(Violation { law: "deltas end where full runs end", detail });
        }
        Ok(())
    }

    /// Cycles until one of them changes nothing.
    fn cycles(&mut self, import: &'static str, sync: &'static str) -> Verdict {
        let mut earlier = Vec::new();
        for _ in 0..CYCLES_MAX {
            let before = still(&self.picture);
            let written = self.written();
            for place in 0..self.world.systems.len() {
                self.run(place, "export", Faults::default())?;
                let result = self.run(place, import, Faults::default())?;
                if result == Some(StepResult::NoStartFullImportRequired) {
                    self.run(place, "full-import", Faults::default())?;
                }
                self.run(place, sync, Faults::default())?;
            }
            let after = still(&self.picture);
            if before == after && written == self.written() {
                return Ok(());
            }
            earlier = vec![before, after];
        }
        let detail = match earlier.as_slice() {
            [before, after] => difference(&before.lines(), &after.lines()),
            _ => String::new(),
        };
        Err(Violation { law: "everything comes to rest", detail })
    }

    fn written(&self) -> usize {
        self.world.systems.iter().map(|system| system.contents().writes.len()).sum()
    }
}

/// The lines that only one side has.
pub(crate) fn difference(before: &[String], after: &[String]) -> String {
    let gone = before.iter().filter(|line| !after.contains(line)).map(|line| format!("- {line}"));
    let new = after.iter().filter(|line| !before.contains(line)).map(|line| format!("+ {line}"));
    gone.chain(new).collect::<Vec<_>>().join("\n")
}

/// True if some outbound rule finds objects that are there already.
fn has_outbound_joins(scenario: &Scenario) -> bool {
    scenario.rules.iter().any(|rule| !rule.inbound && rule.joins)
}
