//! Plays a test: given objects, then step by step.

use std::path::Path;

use connector::Descriptor;
use model::Name;

use crate::compare::{Comparison, Ran, check_runs};
use crate::describe;
use crate::document::{self, Step, Test};
use crate::reader::Page;
use crate::report::{Failure, Report, Verdict};
use crate::system::Refused;
use crate::world::{RunOutcome, Surroundings, World};

/// Plays the test in `file`, which failures call `shown`. Connectors of the types in `descriptors`,
/// and those of the type `test`, can be configured.
pub async fn play(file: &Path, shown: &str, descriptors: &[&'static Descriptor]) -> Report {
    let folder = file.parent().unwrap_or(Path::new("."));
    let malformed = |failures| Report {
        file: shown.to_owned(),
        description: String::new(),
        ids: Vec::new(),
        verdict: Verdict::Malformed(failures),
        states: Vec::new(),
    };
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => {
            let what = format!("cannot be read: {error}");
            return malformed(vec![Failure::new(shown.to_owned(), 0, what, Vec::new())]);
        }
    };
    let test = match read(shown, &text) {
        Ok(test) => test,
        Err(failures) => return malformed(failures),
    };
    let around = Surroundings { file: shown, folder, descriptors };
    let mut states = Vec::new();
    let verdict = match play_read(&test, &around, &mut states).await {
        Ok(failures) if failures.is_empty() => Verdict::Passed,
        Ok(failures) => Verdict::Failed(failures),
        Err(failures) => Verdict::Malformed(failures),
    };
    let Test { description, ids, .. } = test;
    Report { file: shown.to_owned(), description, ids, verdict, states }
}

fn read(shown: &str, text: &str) -> Result<Test, Vec<Failure>> {
    let page = Page::new(shown, text);
    let test = document::read(&page);
    let found = page.into_findings();
    let failures: Vec<Failure> = found
        .iter()
        .map(|finding| {
            let rendered = finding.render(Some(text));
            let details = rendered.lines().skip(1).map(ToOwned::to_owned).collect();
            let what = format!("{}: {}", finding.code, finding.message);
            Failure::new(shown.to_owned(), finding.line, what, details)
        })
        .collect();
    test.filter(|_| failures.is_empty()).ok_or(failures)
}

/// What is not as expected; the error says why the test makes no sense.
async fn play_read(
    test: &Test,
    around: &Surroundings<'_>,
    states: &mut Vec<String>,
) -> Result<Vec<Failure>, Vec<Failure>> {
    let mut world = World::new(test, around).await?;
    for given in &test.given {
        let put = world
            .system(&given.system)
            .map_err(|(message, help)| Refused { message, help: Some(help) });
        let put = put.and_then(|system| system.contents().give(&given.object));
        put.map_err(|refused| vec![refusal(around, given.line, refused)])?;
    }
    for (number, step) in (1..).zip(&test.steps) {
        let failures = play_step(&mut world, step, around).await?;
        let title = step.name.clone().unwrap_or_default();
        states.push(format!("step {number} (line {}) {title}", step.line));
        states.extend(
            describe::everything(&world.state().await).into_iter().map(|l| format!("  {l}")),
        );
        if !failures.is_empty() {
            return Ok(failures);
        }
    }
    Ok(Vec::new())
}

fn refusal(around: &Surroundings<'_>, line: usize, refused: Refused) -> Failure {
    let details = refused.help.map(|help| format!("help: {help}"));
    Failure::new(around.file.to_owned(), line, refused.message, details.into_iter().collect())
}

/// Gives failures that have no place that of the step.
fn at(line: usize, failures: Vec<Failure>) -> Vec<Failure> {
    let place = |failure: Failure| {
        let line = if failure.line == 0 { line } else { failure.line };
        Failure { line, ..failure }
    };
    failures.into_iter().map(place).collect()
}

async fn play_step(
    world: &mut World,
    step: &Step,
    around: &Surroundings<'_>,
) -> Result<Vec<Failure>, Vec<Failure>> {
    let before = world.state().await;
    prepare(world, step, around).await.map_err(|failures| at(step.line, failures))?;
    let ran = run_all(world, step, around).await.map_err(|failures| at(step.line, failures))?;
    let state = world.state().await;
    let mut comparison =
        Comparison { file: around.file, world, state: &state, failures: Vec::new() };
    check_runs(&mut comparison, step, &ran);
    if let Some(expect) = &step.expect {
        comparison.check(expect, &before);
    }
    Ok(comparison.failures)
}

/// Everything of a step that comes before its runs.
async fn prepare(
    world: &mut World,
    step: &Step,
    around: &Surroundings<'_>,
) -> Result<(), Vec<Failure>> {
    if step.config.is_some() || step.restarts {
        world.restart(step.config.as_ref(), around).await?;
    }
    if step.applies {
        world.apply();
    }
    world.advance(step.advance_micros);
    for system in world.systems.values() {
        system.contents().operations.clear();
    }
    let unknown = |line: usize, (what, help): (String, String)| {
        let details = vec![format!("help: {help}")];
        vec![Failure::new(around.file.to_owned(), line, what, details)]
    };
    for name in &step.mended {
        let system = world.system(name).map_err(|error| unknown(step.line, error))?;
        system.contents().faults.clear();
    }
    for change in &step.changes {
        let system = world.system(&change.system).map_err(|e| unknown(change.line, e))?;
        let made = system.contents().change(change);
        made.map_err(|refused| vec![refusal(around, change.line, refused)])?;
    }
    for fault in &step.faults {
        match &fault.system {
            Some(name) => {
                let system = world.system(name).map_err(|e| unknown(fault.line, e))?;
                system.contents().faults.add(fault.clone());
            }
            None => world.store().with_faults(|faults| faults.add(fault.clone())),
        }
    }
    if let Some(action) = step.joiner.first() {
        let what = format!(
            "{} {} of {}: the engine cannot do this by hand yet",
            action.verb, action.dn, action.system
        );
        let what = match &action.target {
            Some(_) => format!("{what}, nor with a target"),
            None => what,
        };
        return Err(vec![Failure::new(around.file.to_owned(), action.line, what, Vec::new())]);
    }
    Ok(())
}

async fn run_all(
    world: &mut World,
    step: &Step,
    around: &Surroundings<'_>,
) -> Result<Vec<Ran>, Vec<Failure>> {
    let mut ran = Vec::new();
    for (connector, profile) in &step.runs {
        ran.push(run(world, (connector, profile), None, around).await?);
    }
    let Some(name) = &step.sequence else { return Ok(ran) };
    let Some(sequence) = world.deployment().sequences.get(name.as_str()).cloned() else {
        let known: Vec<&str> = world.deployment().sequences.keys().map(Name::as_str).collect();
        let what = format!("there is no sequence {name}");
        let details = vec![crate::similar::advice(name, &known)];
        return Err(vec![Failure::new(around.file.to_owned(), step.line, what, details)]);
    };
    let begin = world.interrupted(name).await;
    for (place, (connector, profile)) in (0_u32..).zip(&sequence) {
        if place < begin {
            continue;
        }
        let part = Some((Name::new(name), place));
        let one = run(world, (connector, profile), part, around).await?;
        let goes_on = one.summary.as_ref().is_some_and(|s| s.result.lets_sequence_go_on());
        ran.push(one);
        if !goes_on {
            break;
        }
    }
    Ok(ran)
}

async fn run(
    world: &mut World,
    (connector, profile): (&str, &str),
    sequence: Option<(Name, u32)>,
    around: &Surroundings<'_>,
) -> Result<Ran, Vec<Failure>> {
    let name = format!("{connector}/{profile}");
    let summary = match world.run(connector, profile, sequence, around).await? {
        RunOutcome::Ended(summary) => Some(summary),
        RunOutcome::Crashed => None,
    };
    Ok(Ran { name, summary })
}
