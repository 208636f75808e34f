//! Developer tasks, run as `cargo xtask TASK`.
//!
//! Each task ends with a failure that says what to do; nothing is changed outside the build folder
//! except that missing Debian packages are installed when the user is root.

mod deny;
mod failure;
mod fuzz;
mod licence;
mod packages;
mod tasks;
mod tidy;
mod tree;
mod web;

use std::io::Write as _;
use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask TASK [-- ARGUMENTS]

tasks:
  demo    build the program and run `proxeny demo ARGUMENTS`
  test    install what the tests need and run all of them; ARGUMENTS go to `cargo test`
  web     build the portal's pages; `web check` checks types and style, `web test` runs the
          browser tests against a played interface, `web generate` writes the interface's types
  bench   measure in a release build: `bench engine` the engine, `bench gateway` the access gateway,
          `bench expr` the evaluation of expressions; further ARGUMENTS go to the benchmark
  fuzz    feed random inputs to what reads expressions, stored rules and vectors:
          `fuzz --minutes 10 --target parse`
  simulate  simulate whole deployments with faults and check what comes out: `--seeds N`, `--from S`,
          `--jobs J`, `-v` for the whole story, `--mutant NAME` with a known bug
  tidy    check layers, manifests, sources and documents
  deny    check licences, sources and banned crates of all dependencies
";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let task = arguments.next().unwrap_or_default();
    // `cargo xtask demo -- --once` and `cargo xtask demo --once` mean the same.
    let mut rest: Vec<String> = arguments.collect();
    if rest.first().is_some_and(|first| first == "--") {
        rest.remove(0);
    }
    let done = match task.as_str() {
        "demo" => tasks::demo(&rest),
        "test" => tasks::test(&rest),
        "web" => tasks::web(&rest),
        "bench" => tasks::bench(&rest),
        "fuzz" => fuzz::run(&rest),
        "simulate" => tasks::simulate(&rest),
        "tidy" => tidy::run(),
        "deny" => deny::run(),
        _ => {
            tell(USAGE);
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            tell(&format!("{failure}\n"));
            ExitCode::FAILURE
        }
    }
}

/// Writes to the standard error. A reader that has gone away is no reason to fail.
fn tell(text: &str) {
    let _closed = std::io::stderr().write_all(text.as_bytes());
}
