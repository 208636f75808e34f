//! How fast the engine moves guests through an embedded store, beside what the same machine needs
//! at the very least: to parse the same JSON and to write the same bytes once.
//!
//! `cargo xtask bench` runs 10,000 and 100,000 guests; `-- N…` runs other numbers.
//! `cargo xtask bench gateway` measures the access gateway instead, beside the bare back end, and
//! `cargo xtask bench expr` the evaluation of expressions, beside hand-written code.

mod expressions;
mod floor;
mod gateway;
mod memory;
mod setup;
mod source;

use std::time::{Duration, Instant};

use engine::{Engine, NoObserver, RunRequest};

use crate::memory::Peak;
use crate::setup::Bench;

/// Errors end a benchmark; nobody handles them.
type Failure = Box<dyn std::error::Error + Send + Sync>;

const SIZES: [usize; 2] = [10_000, 100_000];

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.split_first() {
        Some((first, rest)) if first == "gateway" => gateway::run(rest),
        Some((first, _)) if first == "expr" => expressions::run(),
        _ => tokio::runtime::Runtime::new()?.block_on(engine(&arguments)),
    }
}

async fn engine(arguments: &[String]) -> Result<(), Failure> {
    let wanted: Vec<usize> = arguments.iter().filter_map(|a| a.parse().ok()).collect();
    let sizes = if wanted.is_empty() { SIZES.to_vec() } else { wanted };
    print_line("guests   step                      objects/s     seconds   peak MiB   x floor");
    for size in sizes {
        measure(size).await?;
    }
    Ok(())
}

async fn measure(size: usize) -> Result<(), Failure> {
    let bench = Bench::new(size).await?;
    let floor = floor::measure(&bench.lines)?;
    print_row(size, "floor: parse JSON", floor.parse, size, None, None);
    print_row(size, "floor: write bytes, sync", floor.write, size, None, None);
    let base = Some(floor.parse + floor.write);
    let steps = [
        ("import, first", "source", "full-import"),
        ("full sync, first", "source", "full-sync"),
        ("export", "sink", "export"),
        ("import, confirming", "sink", "full-import"),
        ("delta sync, confirming", "sink", "delta-sync"),
        ("import, unchanged", "source", "full-import"),
        ("full sync, unchanged", "source", "full-sync"),
        ("delta sync, nothing", "source", "delta-sync"),
    ];
    for (title, connector, profile) in steps {
        let (took, peak) = step(&bench, connector, profile).await?;
        print_row(size, title, took, size, Some(peak), base);
    }
    let changed = bench.change_one_percent();
    for (title, profile) in
        [("import, 1 % changed", "full-import"), ("delta sync, 1 %", "delta-sync")]
    {
        let (took, peak) = step(&bench, "source", profile).await?;
        let objects = if profile == "delta-sync" { changed } else { size };
        print_row(size, title, took, objects, Some(peak), base.filter(|_| objects == size));
    }
    Ok(())
}

async fn step(bench: &Bench, connector: &str, profile: &str) -> Result<(Duration, Peak), Failure> {
    memory::reset();
    let begun = Instant::now();
    run(&bench.engine, bench, connector, profile).await?;
    Ok((begun.elapsed(), memory::peak()))
}

async fn run(
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

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn print_row(
    size: usize,
    title: &str,
    took: Duration,
    objects: usize,
    peak: Option<Peak>,
    floor: Option<Duration>,
) {
    let seconds = took.as_secs_f64();
    let rate = objects as f64 / seconds.max(1e-9);
    let peak = peak.map_or_else(String::new, |peak| format!("{:.0}", peak.0));
    let ratio = floor.map_or_else(String::new, |f| format!("{:.1}", seconds / f.as_secs_f64()));
    print_line(&format!(
        "{size:<8} {title:<25} {rate:>10.0} {seconds:>11.3} {peak:>10} {ratio:>9}"
    ));
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn print_line(line: &str) {
    println!("{line}");
}
