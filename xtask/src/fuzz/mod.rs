//! Fuzzing what reads text from outside: builds the targets in `fuzz`, runs each under libFuzzer
//! for its share of the time, and fails with the input that crashed, hung or took too much memory.
//!
//! The instructions that count coverage come from a pass of the stable compiler; nothing needs to
//! be installed but a C++ compiler for libFuzzer itself.

mod seeds;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::{Failure, output, succeed};
use crate::tasks::root;
use crate::{packages, tell};

/// What cargo-fuzz sets, too, where it uses no sanitizer.
const FLAGS: &str = "-Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares \
    -Ccodegen-units=1 --cfg fuzzing";

/// The targets, binaries of the package in `fuzz`.
const TARGETS: [&str; 6] = ["parse", "bind", "evaluate", "agree", "stored", "vectors"];

/// Seconds after which an input counts as hanging. That one takes no more than a second of the
/// processor's time the targets see to.
const TIMEOUT_SECONDS: u32 = 20;

/// Megabytes of the whole process: what the fuzzer itself needs, and above it what an input may
/// take. That the targets count exactly.
const PROCESS_MEGABYTES: u32 = 256 + 512;

/// The longest input, in bytes.
const INPUT_BYTES_MAX: u32 = 4096;

/// What was asked for.
#[derive(Debug, PartialEq, Eq)]
struct Plan {
    seconds: u64,
    targets: Vec<&'static str>,
}

/// How a target went.
#[derive(Debug, Default, PartialEq, Eq)]
struct Report {
    executions: u64,
    /// Places in the code that were reached.
    coverage: u64,
}

/// Builds and runs the targets.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    let plan = plan(arguments)?;
    packages::ensure(&packages::CXX_COMPILER)?;
    let programs = build()?;
    let share = plan.seconds.checked_div(count(&plan.targets)).unwrap_or_default().max(1);
    let mut total = 0;
    for target in &plan.targets {
        let report = fuzz(&programs.join(target), target, share)?;
        let Report { executions, coverage } = report;
        tell(&format!("{target}: {executions} executions, {coverage} places reached\n"));
        total += executions;
    }
    let targets = plan.targets.len();
    tell(&format!(
        "fuzz: {targets} targets, {total} executions, no crash, hang or memory above the limit\n"
    ));
    Ok(())
}

fn count(targets: &[&str]) -> u64 {
    u64::try_from(targets.len()).unwrap_or(u64::MAX)
}

fn plan(arguments: &[String]) -> Result<Plan, Failure> {
    let mut plan = Plan { seconds: 10 * 60, targets: TARGETS.to_vec() };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let value = rest.next().map(String::as_str).unwrap_or_default();
        match argument.as_str() {
            "--minutes" => {
                let minutes: Option<u64> = value.parse().ok().filter(|m| (1..=10_000).contains(m));
                plan.seconds = 60
                    * minutes.ok_or_else(|| {
                        Failure::new("--minutes takes a whole number of minutes, at least one")
                    })?;
            }
            "--target" => {
                let known = TARGETS.iter().find(|target| **target == value);
                plan.targets = vec![known.ok_or_else(|| {
                    Failure::new(format!("--target takes one of {}", TARGETS.join(", ")))
                })?];
            }
            other => return Err(Failure::new(format!("`fuzz {other}` is no option"))),
        }
    }
    Ok(plan)
}

/// Builds the targets and returns the folder they are in. The platform is named so that the flags
/// do not reach build scripts and macros.
fn build() -> Result<PathBuf, Failure> {
    let version =
        output(Command::new("rustc").args(["--version", "--verbose"]).current_dir(root()))?;
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .ok_or_else(|| Failure::new("rustc does not say which platform this is"))?;
    let folder = folder();
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--release", "--manifest-path", "fuzz/Cargo.toml"]);
    cargo.args(["--target", host, "--target-dir"]).arg(&folder);
    succeed(cargo.env("RUSTFLAGS", FLAGS).current_dir(root()))?;
    Ok(folder.join(host).join("release"))
}

fn folder() -> PathBuf {
    root().join("target/fuzz")
}

/// Runs one target. Inputs that reached something new stay in its folder for the next time.
fn fuzz(program: &Path, target: &str, seconds: u64) -> Result<Report, Failure> {
    let folder = folder().join("inputs").join(target);
    let (found, given, failed) =
        (folder.join("found"), folder.join("given"), folder.join("failed"));
    for each in [&found, &given, &failed] {
        let failed = |e| Failure::new(format!("cannot make {}: {e}", each.display()));
        fs::create_dir_all(each).map_err(failed)?;
    }
    let words = folder.join("words");
    for (i, seed) in seeds::of(target).iter().enumerate() {
        write(&given.join(i.to_string()), seed)?;
    }
    write(&words, &seeds::dictionary())?;
    let mut command = Command::new(program);
    command
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-timeout={TIMEOUT_SECONDS}"))
        .arg(format!("-rss_limit_mb={PROCESS_MEGABYTES}"))
        .arg(format!("-max_len={INPUT_BYTES_MAX}"))
        .arg(format!("-dict={}", words.display()))
        .arg(format!("-artifact_prefix={}/", failed.display()))
        .arg("-print_final_stats=1")
        .args([&found, &given])
        .stdin(Stdio::null());
    let output = command
        .output()
        .map_err(|e| Failure::new(format!("cannot run {}: {e}", program.display())))?;
    let log = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(Failure::new(format!("{target} failed:\n{}", last_lines(&log, 40))));
    }
    Ok(report(&log))
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    fs::write(path, text).map_err(|e| Failure::new(format!("cannot write {}: {e}", path.display())))
}

/// What libFuzzer says at the end.
fn report(log: &str) -> Report {
    let mut report = Report::default();
    for line in log.lines() {
        if let Some(count) = line.strip_prefix("stat::number_of_executed_units:") {
            report.executions = count.trim().parse().unwrap_or_default();
        }
        let after = line.split_once(" cov: ").map_or("", |(_, after)| after);
        if let Some(Ok(coverage)) = after.split(' ').next().map(str::parse) {
            report.coverage = coverage;
        }
    }
    report
}

fn last_lines(log: &str, count: usize) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines.get(lines.len().saturating_sub(count)..).unwrap_or_default().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(line: &str) -> Result<Plan, String> {
        let words = line.split_whitespace().map(str::to_owned).collect::<Vec<String>>();
        plan(&words).map_err(|failure| failure.to_string())
    }

    #[test]
    fn time_and_target_can_be_chosen() {
        assert_eq!(planned("").map(|plan| plan.targets.len()), Ok(TARGETS.len()));
        let plan = planned("--minutes 3 --target stored").unwrap();
        assert_eq!(plan, Plan { seconds: 180, targets: vec!["stored"] });
        for line in ["--minutes", "--minutes 0", "--minutes x", "--target", "--target x", "parse"] {
            assert!(planned(line).is_err(), "{line}");
        }
    }

    #[test]
    fn counts_are_those_of_the_last_line() {
        let log = "#2\tINITED cov: 12 ft: 13 corp: 1/1b\n#9\tDONE   cov: 345 ft: 9 corp: 2/9b\n\
                   stat::number_of_executed_units: 6789\nstat::peak_rss_mb: 29\n";
        assert_eq!(report(log), Report { executions: 6789, coverage: 345 });
        assert_eq!(report(""), Report::default());
    }

    #[test]
    fn every_target_is_a_binary_with_seeds() {
        let manifest = fs::read_to_string(root().join("fuzz/Cargo.toml")).unwrap();
        for target in TARGETS {
            assert!(manifest.contains(&format!("name = \"{target}\"")), "{target}");
            assert!(!seeds::of(target).is_empty(), "{target}");
        }
    }
}
