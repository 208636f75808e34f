//! `proxeny`: guests of your tenant get, and lose, the accounts that on-premises applications ask
//! of everybody.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use clap::Parser as _;
use cli::args::Arguments;
use cli::commands;
use cli::failure::Exit;
use cli::kerberos_config;
use cli::output::Output;

/// Objects are made on one thread and freed on another, which the system's allocator does slowly.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let exit = if error.use_stderr() { Exit::Usage } else { Exit::Done };
            // The terminal may be gone; there is nobody left to tell then.
            let _printed = error.print();
            return exit.into();
        }
    };
    let output = Output::new(arguments.json);
    if arguments.command.wants_kerberos()
        && let Err(failure) = kerberos_config::start_with_own()
    {
        output.failure(&failure);
        return failure.exit.into();
    }
    start_tracing(arguments.verbose);
    // Only the first call can fail, and this is it.
    let _installed = rustls::crypto::ring::default_provider().install_default();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            output.error(&format!("cannot start: {error}"), None, None);
            return Exit::Failed.into();
        }
    };
    match runtime.block_on(commands::run(arguments.command, &output)) {
        Ok(exit) => exit.into(),
        Err(failure) => {
            output.failure(&failure);
            failure.exit.into()
        }
    }
}

fn start_tracing(verbose: u8) {
    let level = match verbose {
        0 => "warn",
        1 => "info",
        2 => "debug",
        _ => "trace",
    };
    // The LDAP library logs every late answer of an abandoned search.
    let filter = tracing_subscriber::EnvFilter::try_from_env("PROXENY_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(format!("{level},ldap3=error")));
    // Colours are for eyes: a journal or a file would keep their control characters.
    let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal() && !no_color)
        .with_writer(std::io::stderr)
        // Otherwise a log that nobody reads any more would end the process.
        .log_internal_errors(false)
        .init();
}
