//! Simulates seeds, several at a time, and says which law broke, where, and how to see it again.

mod arguments;

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use arguments::Arguments;
use simulate::Failure;

/// Seeds between two lines of progress.
const PROGRESS_SEEDS: u64 = 500;

fn main() -> ExitCode {
    let arguments = match Arguments::read(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(problem) => {
            tell(&format!("{problem}\n"));
            return ExitCode::from(2);
        }
    };
    if let Err(problem) = switch(arguments.mutant.as_deref()) {
        tell(&format!("{problem}\n"));
        return ExitCode::from(2);
    }
    let start = Instant::now();
    let failures = simulate(&arguments);
    let seconds = start.elapsed().as_secs_f64();
    let (count, from) = (arguments.seeds, arguments.from);
    let Some(first) = failures.first() else {
        say(&format!("simulate: {count} seeds, no violation ({seconds:.1}s)\n"));
        return ExitCode::SUCCESS;
    };
    for failure in &failures {
        say(&format!("{}\n", described(failure, &arguments)));
    }
    let checked = if arguments.goes_on { count } else { first.seed.saturating_sub(from) + 1 };
    let broken = failures.len();
    say(&format!("simulate: {checked} seeds, {broken} with a violation ({seconds:.1}s)\n"));
    ExitCode::FAILURE
}

/// Simulates every seed; stops at the first violation unless told to go on.
fn simulate(arguments: &Arguments) -> Vec<Failure> {
    let end = arguments.from.saturating_add(arguments.seeds);
    let next = AtomicU64::new(arguments.from);
    // No thread begins a seed beyond the first that failed.
    let last = AtomicU64::new(end);
    let failures = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..arguments.jobs {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= last.load(Ordering::Relaxed) {
                        return;
                    }
                    if arguments.talks {
                        say(&simulate::story(seed));
                    }
                    if let Some(failure) = simulate::check(seed) {
                        if !arguments.goes_on {
                            last.fetch_min(seed, Ordering::Relaxed);
                        }
                        let failure = failure.shortest();
                        failures.lock().unwrap_or_else(PoisonError::into_inner).push(failure);
                    }
                    let done = seed + 1 - arguments.from;
                    if done.is_multiple_of(PROGRESS_SEEDS) {
                        tell(&format!("simulate: {done} of {} seeds\n", arguments.seeds));
                    }
                }
            });
        }
    });
    let mut failures = failures.into_inner().unwrap_or_else(PoisonError::into_inner);
    failures.sort_by_key(|failure| failure.seed);
    failures
}

/// A failure, with all that is needed to see it again.
fn described(failure: &Failure, arguments: &Arguments) -> String {
    let commit = arguments.commit.as_deref().unwrap_or("unknown");
    let mutant =
        arguments.mutant.as_ref().map(|name| format!(" --mutant {name}")).unwrap_or_default();
    let Failure { seed, law, detail, history } = failure;
    let history = history.join("\n  ");
    format!(
        "seed {seed} at commit {commit} breaks the law: {law}\n{detail}\nthe shortest history that \
         does:\n  {history}\nto see it again: cargo xtask simulate --seeds 1 --from {seed} -v{mutant}"
    )
}

#[cfg(feature = "mutants")]
fn switch(name: Option<&str>) -> Result<(), String> {
    use engine::mutant::{Mutant, switch};
    let Some(name) = name else { return Ok(()) };
    let known: Vec<&str> = Mutant::ALL.iter().map(|(known, _)| *known).collect();
    let mutant = Mutant::parse(name)
        .ok_or_else(|| format!("there is no mutant `{name}`; known: {}", known.join(", ")))?;
    switch(Some(mutant));
    Ok(())
}

#[cfg(not(feature = "mutants"))]
fn switch(name: Option<&str>) -> Result<(), String> {
    let problem = |_| "this program has no mutants: build it with the feature `mutants`".to_owned();
    name.map_or(Ok(()), |name| Err(problem(name)))
}

/// Writes to the standard output. A reader that has gone away is no reason to fail.
fn say(text: &str) {
    let _closed = std::io::stdout().write_all(text.as_bytes());
}

/// Writes to the standard error.
fn tell(text: &str) {
    let _closed = std::io::stderr().write_all(text.as_bytes());
}
