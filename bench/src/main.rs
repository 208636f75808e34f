//! How fast the engine moves guests through an embedded store, beside what the same machine needs
//! at the very least: to parse the same JSON and to write the same bytes once.
//!
//! `cargo xtask bench engine` runs 100,000 and 1,000,000 guests; `engine N…` runs other numbers.
//! `cargo xtask bench gateway` measures the access gateway instead, beside the bare back end, and
//! `cargo xtask bench expr` the evaluation of expressions, beside hand-written code.

mod accounts;
mod engine_steps;
mod expressions;
mod floor;
mod gateway;
mod goals;
mod memory;
mod setup;
mod source;

/// Errors end a benchmark; nobody handles them.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// The program's own allocator: objects are made on one thread and freed on another.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.split_first() {
        Some((first, rest)) if first == "gateway" => gateway::run(rest),
        Some((first, _)) if first == "expr" => expressions::run(),
        Some((first, rest)) if first == "engine" => {
            tokio::runtime::Runtime::new()?.block_on(engine_steps::run(rest))
        }
        _ => tokio::runtime::Runtime::new()?.block_on(engine_steps::run(&arguments)),
    }
}

#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn print_line(line: &str) {
    println!("{line}");
}
