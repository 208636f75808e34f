//! Plays a test: given objects, then step by step.

use std::path::{Component, Path, PathBuf};

use connector::Descriptor;
use model::Name;

use crate::compare::{Comparison, Ran, check_runs};
use crate::describe;
use crate::document::{self, ByHand, Run, Step, Test};
use crate::reader::Page;
use crate::report::{Failure, Report, Verdict};
use crate::system::Refused;
use crate::world::{Beginning, Surroundings, World};

/// Plays the test in `file`, which failures call `shown`. Connectors of the types in `descriptors`,
/// and those of the type `test`, can be configured. The report has `states` where they are asked for.
pub async fn play(
    file: &Path,
    shown: &str,
    descriptors: &[&'static Descriptor],
    with_states: bool,
) -> Report {
    let malformed = |failures| Report {
        file: shown.to_owned(),
        description: String::new(),
        ids: Vec::new(),
        verdict: Verdict::Malformed(failures),
        states: Vec::new(),
    };
    let parts = match load(file, shown, 0) {
        Ok(parts) => parts,
        Err(failures) => return malformed(failures),
    };
    let mut states = with_states.then(Vec::new);
    let verdict = match Box::pin(play_parts(&parts, descriptors, states.as_mut())).await {
        Ok(failures) if failures.is_empty() => Verdict::Passed,
        Ok(failures) => Verdict::Failed(failures),
        Err(failures) => Verdict::Malformed(failures),
    };
    let test = parts.into_iter().next_back().map(|part| part.test);
    let (description, ids) = test.map(|test| (test.description, test.ids)).unwrap_or_default();
    let states = states.unwrap_or_default();
    Report { file: shown.to_owned(), description, ids, verdict, states }
}

/// How many tests may go on from each other.
const BASES_MAX: usize = 8;

/// A test, or one that it goes on from.
struct Part {
    shown: String,
    folder: PathBuf,
    test: Test,
}

impl Part {
    fn around<'a>(&'a self, descriptors: &'a [&'static Descriptor]) -> Surroundings<'a> {
        Surroundings { file: &self.shown, folder: &self.folder, descriptors }
    }
}

/// Reads a test after those it goes on from.
fn load(file: &Path, shown: &str, depth: usize) -> Result<Vec<Part>, Vec<Failure>> {
    let failed = |what: String| vec![Failure::new(shown.to_owned(), 0, what, Vec::new())];
    let text = std::fs::read_to_string(file)
        .map_err(|error| failed(format!("{} cannot be read: {error}", file.display())))?;
    let test = read(shown, &text)?;
    let folder = file.parent().unwrap_or(Path::new(".")).to_owned();
    let mut parts = Vec::new();
    if let Some(base) = &test.base {
        if depth == BASES_MAX {
            return Err(failed(format!("more than {BASES_MAX} tests go on from each other")));
        }
        let named = Path::new(shown).parent().unwrap_or(Path::new(""));
        parts = load(&folder.join(base), &shorten(&named.join(base)), depth + 1)?;
    }
    parts.push(Part { shown: shown.to_owned(), folder, test });
    Ok(parts)
}

/// A path without the detours in it.
fn shorten(path: &Path) -> String {
    let mut short = PathBuf::new();
    for part in path.components() {
        if part == Component::ParentDir && short.file_name().is_some() {
            short.pop();
        } else {
            short.push(part);
        }
    }
    short.display().to_string()
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
async fn play_parts(
    parts: &[Part],
    descriptors: &[&'static Descriptor],
    mut states: Option<&mut Vec<String>>,
) -> Result<Vec<Failure>, Vec<Failure>> {
    let Some((first, later)) = parts.split_first() else { return Ok(Vec::new()) };
    let later: Vec<_> = later.iter().map(|part| (&part.test, part.around(descriptors))).collect();
    let mut world = match World::begin(&first.test, &first.around(descriptors), &later).await? {
        Beginning::World(world) => *world,
        Beginning::Refused => return Ok(Vec::new()),
        Beginning::Failed(failures) => return Ok(failures),
    };
    for part in parts {
        give(&world, part, &part.around(descriptors))?;
    }
    for part in parts {
        for step in &part.test.steps {
            let failures = play_step(&mut world, step, &part.around(descriptors)).await?;
            if let Some(states) = states.as_deref_mut() {
                let title = step.name.clone().unwrap_or_default();
                states.push(format!("step at {}:{} {title}", part.shown, step.line));
                let state = describe::everything(&world.state().await);
                states.extend(state.into_iter().map(|line| format!("  {line}")));
            }
            if !failures.is_empty() {
                return Ok(failures);
            }
        }
    }
    Ok(never_happened(&world))
}

/// A fault that never happened makes a test that does not test what it says.
fn never_happened(world: &World) -> Vec<Failure> {
    let of_systems = world.systems.values().map(|system| system.contents().faults.never_happened());
    let of_process = world.store().with_faults(|faults| faults.never_happened());
    let failure =
        |(file, line)| Failure::new(file, line, "the fault never happened".to_owned(), Vec::new());
    of_systems.flatten().chain(of_process).map(failure).collect()
}

/// Puts a test's given objects where they belong.
fn give(world: &World, part: &Part, around: &Surroundings<'_>) -> Result<(), Vec<Failure>> {
    for given in &part.test.given {
        let system = world.system(&given.system);
        let system = system.map_err(|(message, help)| Refused { message, help: Some(help) });
        let put = system.and_then(|system| system.contents().give(&given.object));
        put.map_err(|refused| vec![refusal(around, given.line, refused)])?;
    }
    Ok(())
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
    let wants_before = step.expect.as_ref().is_some_and(|expect| expect.is_unchanged);
    let before = if wants_before { Some(world.state().await) } else { None };
    let refused = prepare(world, step, around).await.map_err(|found| at(step.line, found))?;
    if !refused.is_empty() {
        return Ok(refused);
    }
    let ran = run_all(world, step, around).await.map_err(|failures| at(step.line, failures))?;
    let state = world.state().await;
    let mut comparison =
        Comparison { file: around.file, world, state: &state, failures: Vec::new() };
    check_runs(&mut comparison, step, &ran);
    if let Some(expect) = &step.expect {
        comparison.check(expect, before.as_ref());
    }
    Ok(comparison.failures)
}

/// Everything of a step that comes before its runs. Gives what is not as expected.
async fn prepare(
    world: &mut World,
    step: &Step,
    around: &Surroundings<'_>,
) -> Result<Vec<Failure>, Vec<Failure>> {
    if step.config.is_some() || step.restarts {
        let failures = world.restart(step.config.as_ref(), &step.diagnostics, around).await?;
        if !failures.is_empty() {
            return Ok(failures);
        }
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
                let mut contents = system.contents();
                let checked = contents.check_fault(fault);
                checked.map_err(|refused| vec![refusal(around, fault.line, refused)])?;
                contents.faults.add(fault.clone(), around.file);
            }
            None => world.store().with_faults(|faults| faults.add(fault.clone(), around.file)),
        }
    }
    Ok(Vec::new())
}

async fn run_all(
    world: &mut World,
    step: &Step,
    around: &Surroundings<'_>,
) -> Result<Vec<Ran>, Vec<Failure>> {
    let mut ran = Vec::new();
    for look in &step.previews {
        let looked = Box::pin(world.look(look)).await;
        let outcome = looked.map_err(|(what, help)| {
            let details = help.map(|help| format!("help: {help}")).into_iter().collect();
            vec![Failure::new(around.file.to_owned(), look.line, what, details)]
        })?;
        let name = format!("preview {} {}", look.system, look.dn);
        ran.extend(outcome.map(|outcome| Ran { name, outcome }));
    }
    for by_hand in &step.by_hand {
        ran.push(decide(world, by_hand, around).await?);
    }
    for asked in &step.runs {
        ran.push(run(world, asked, None, around).await?);
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
        let (connector, profile) = (connector.to_string(), profile.to_string());
        let asked = Run { connector, profile, ..Run::default() };
        let one = run(world, &asked, part, around).await?;
        let goes_on = one.summary().is_some_and(|s| s.result.lets_sequence_go_on());
        ran.push(one);
        if !goes_on {
            break;
        }
    }
    Ok(ran)
}

async fn decide(
    world: &World,
    by_hand: &ByHand,
    around: &Surroundings<'_>,
) -> Result<Ran, Vec<Failure>> {
    let name = format!("{} {} {}", by_hand.verb.word(), by_hand.system, by_hand.dn);
    let decided = Box::pin(world.decide(by_hand)).await;
    let outcome = decided.map_err(|(what, help)| {
        let details = help.map(|help| format!("help: {help}")).into_iter().collect();
        vec![Failure::new(around.file.to_owned(), by_hand.line, what, details)]
    })?;
    Ok(Ran { name, outcome })
}

async fn run(
    world: &mut World,
    asked: &Run,
    sequence: Option<(Name, u32)>,
    around: &Surroundings<'_>,
) -> Result<Ran, Vec<Failure>> {
    let name = format!("{}/{}", asked.connector, asked.profile);
    let outcome = Box::pin(world.run(asked, sequence, around)).await?;
    Ok(Ran { name, outcome })
}
