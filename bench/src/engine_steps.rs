//! The steps of a deployment from the first import on, each timed beside the floors.

use std::time::{Duration, Instant};

use engine::{Engine, NoObserver, RunRequest};

use crate::goals::{self, Growth};
use crate::setup::Bench;
use crate::{Failure, floor, memory, print_line};

const SIZES: [usize; 2] = [100_000, 1_000_000];

/// Title, connector and profile.
const STEPS: [(&str, &str, &str); 8] = [
    ("import, first", "source", "full-import"),
    ("full sync, first", "source", "full-sync"),
    ("export", "sink", "export"),
    ("import, confirming", "sink", "full-import"),
    ("delta sync, confirming", "sink", "delta-sync"),
    ("import, unchanged", "source", "full-import"),
    ("full sync, unchanged", "source", "full-sync"),
    ("delta sync, nothing", "source", "delta-sync"),
];

/// Measures everything.
pub(crate) async fn run(arguments: &[String]) -> Result<(), Failure> {
    let wanted: Vec<usize> = arguments.iter().filter_map(|a| a.parse().ok()).collect();
    let sizes = if wanted.is_empty() { SIZES.to_vec() } else { wanted };
    print_line(
        "guests   step                      objects/s     seconds   peak MiB   x floor   goal",
    );
    let mut growth = Growth::default();
    for size in sizes {
        measure(size, &mut growth).await?;
    }
    growth.lines().iter().for_each(|line| print_line(line));
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
async fn measure(size: usize, growth: &mut Growth) -> Result<(), Failure> {
    let bench = Bench::new(size).await?;
    let floor = floor::measure(&bench.lines)?;
    print_row((size, size), "floor: parse JSON", Used::of_one(floor.parse), None);
    print_row((size, size), "floor: write bytes, sync", Used::of_one(floor.write), None);
    let base = Some(floor.parse + floor.write);
    let mut highest = 0.0_f64;
    for (title, connector, profile) in STEPS {
        let used = step(&bench, connector, profile).await?;
        print_row((size, size), title, used, base);
        growth.note(title, size, used.took);
        highest = highest.max(used.peak);
    }
    let changed = bench.change_one_percent()?;
    for (title, profile, objects) in
        [("import, 1 % changed", "full-import", size), ("delta sync, 1 %", "delta-sync", changed)]
    {
        let used = step(&bench, "source", profile).await?;
        print_row((size, objects), title, used, base.filter(|_| objects == size));
        growth.note(title, size, used.took);
        highest = highest.max(used.peak);
    }
    let each = std::fs::metadata(&bench.database)?.len() as f64 / size as f64;
    print_line(&format!("{size:<8} memory: {highest:.0} MiB   {}", goals::peak(size, highest)));
    print_line(&format!(
        "{size:<8} database: {each:.0} octets a guest   {}",
        goals::database(each)
    ));
    Ok(())
}

/// What a step took.
#[derive(Debug, Clone, Copy)]
struct Used {
    took: Duration,
    /// Processor time of all threads, in seconds.
    processor: f64,
    /// Mebibytes.
    peak: f64,
}

impl Used {
    /// A floor runs on one thread and holds nothing.
    const fn of_one(took: Duration) -> Self {
        Self { took, processor: took.as_secs_f64(), peak: 0.0 }
    }
}

async fn step(bench: &Bench, connector: &str, profile: &str) -> Result<Used, Failure> {
    memory::reset();
    let (begun, before) = (Instant::now(), memory::processor_seconds());
    run_profile(&bench.engine, bench, connector, profile).await?;
    let processor = memory::processor_seconds() - before;
    Ok(Used { took: begun.elapsed(), processor, peak: memory::peak() })
}

async fn run_profile(
    engine: &Engine,
    bench: &Bench,
    connector: &str,
    profile: &str,
) -> Result<(), Failure> {
    let request = RunRequest {
        connector,
        profile,
        sequence: None,
        connection: Some(bench.connection(connector)),
        observer: &NoObserver,
    };
    let summary = engine.run(request).await?;
    if !summary.result.is_clean() {
        return Err(format!("{connector} {profile}: {summary:#?}").into());
    }
    Ok(())
}

/// A row: guests and objects, title, what it took, floor.
#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn print_row(
    (size, objects): (usize, usize),
    title: &str,
    Used { took, processor, peak }: Used,
    floor: Option<Duration>,
) {
    let seconds = took.as_secs_f64();
    let rate = objects as f64 / seconds.max(1e-9);
    let peak = if peak > 0.0 { format!("{peak:.0}") } else { String::new() };
    let ratio = floor.map_or_else(String::new, |f| format!("{:.1}", seconds / f.as_secs_f64()));
    let goal = goals::step(title, size, took);
    let row = format!(
        "{size:<8} {title:<25} {rate:>10.0} {seconds:>11.3} {processor:>10.2} {peak:>10} {ratio:>9}   {goal}"
    );
    print_line(row.trim_end());
}
