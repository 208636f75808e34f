//! How fast the access gateway is with Kerberos tickets from a real distribution centre, beside the
//! bare back end in the same run.
//!
//! Gateway, back end and load generator are one process on one machine, on threads of their own.
//! `cargo xtask bench gateway` takes `--seconds N` (for each row), `--connections N` and
//! `--guests N` (for the first requests).

mod backend;
mod client;
mod cold;
mod cpu;
mod domain;
mod kerberos_file;
mod load;
mod rows;
mod stage;
mod visitor;

use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

use self::domain::Domain;
use self::kerberos_file::KerberosFile;
use self::stage::Stage;
use crate::{Failure, print_line};

/// How much is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Options {
    /// How long each row counts.
    seconds: u64,
    /// Connections at a time.
    connections: usize,
    /// People whose first request is measured.
    guests: usize,
}

/// Measures what `arguments` say.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    let options = read(arguments)?;
    let file = KerberosFile::of_this_process()?;
    print_line("starting a domain controller with its guests");
    let domain = Domain::start(&file)?;
    for number in 0..options.guests {
        domain.create_guest(number)?;
    }
    // The gateway has as many threads as it would have alone on this machine.
    let gateway = runtime(cpu::GATEWAY, cores())?;
    let backend = runtime("backend", 1)?;
    let load = runtime("load", 1)?;
    load.block_on(async {
        tokio::select! {
            measured = measure(&domain, options, (&gateway, &backend)) => measured,
            _asked = tokio::signal::ctrl_c() => Err("interrupted".into()),
        }
    })
}

async fn measure(
    domain: &Domain,
    options: Options,
    (gateway, backend): (&Runtime, &Runtime),
) -> Result<(), Failure> {
    let handles = (gateway.handle(), backend.handle());
    let stage = Stage::start(domain, options.guests, handles).await?;
    let counted = Duration::from_secs(options.seconds);
    print_line(&format!(
        "{} cores, load average {} before; {} build; gateway, back end and load share the machine",
        cores(),
        cpu::load_average(),
        if cfg!(debug_assertions) { "UNOPTIMISED" } else { "release" },
    ));
    let reached = rows::measure(&stage, options.connections, counted).await?;
    cold::measure(&stage, domain).await?;
    rows::judge(&reached);
    Ok(())
}

fn runtime(name: &str, threads: usize) -> Result<Runtime, Failure> {
    Ok(Builder::new_multi_thread()
        .worker_threads(threads)
        .thread_name(name)
        .enable_all()
        .build()?)
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, Into::into)
}

fn read(arguments: &[String]) -> Result<Options, Failure> {
    let mut options = Options { seconds: 10, connections: 64, guests: 100 };
    let mut rest = arguments.iter();
    while let Some(name) = rest.next() {
        let value = rest.next().and_then(|value| value.parse::<u32>().ok()).filter(|n| *n > 0);
        let value = value.ok_or_else(|| format!("{name} wants a number"))?;
        match name.as_str() {
            "--seconds" => options.seconds = value.into(),
            "--connections" => options.connections = value.try_into()?,
            "--guests" => options.guests = value.try_into()?,
            _ => return Err(format!("{name} is none of --seconds, --connections, --guests").into()),
        }
    }
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(line: &str) -> Option<Options> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        read(&words).ok()
    }

    #[test]
    fn what_is_measured_is_said_in_numbers() {
        let usual = Options { seconds: 10, connections: 64, guests: 100 };
        assert_eq!(options(""), Some(usual));
        let wanted = Options { seconds: 2, guests: 5, ..usual };
        assert_eq!(options("--seconds 2 --guests 5"), Some(wanted));
        for line in ["--seconds", "--seconds 0", "--guests many", "--people 3"] {
            assert_eq!(options(line), None, "{line}");
        }
    }
}
