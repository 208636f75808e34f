//! Tasks that build and run something.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, succeed};
use crate::{packages, web};

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Runs the demonstration. Only with a real directory, or where it shows pages, does it need more
/// than a compiler.
pub(crate) fn demo(arguments: &[String]) -> Result<(), Failure> {
    let mut needed = packages::COMPILER.to_vec();
    if wants_samba(arguments) {
        needed.extend(packages::SAMBA);
        needed.extend(packages::KERBEROS);
    }
    let shows_pages = shows_pages(arguments);
    if shows_pages {
        needed.extend(packages::NODE);
    }
    packages::ensure(&needed)?;
    if shows_pages {
        web::build()?;
    }
    let mut command = cargo();
    command.args(["run", "--package", "cli", "--bin", "proxeny", "--", "demo"]).args(arguments);
    Err(replace(&mut command))
}

/// Runs every test. The program is built first, because tests of the command line run it.
pub(crate) fn test(arguments: &[String]) -> Result<(), Failure> {
    let mut needed = packages::COMPILER.to_vec();
    needed.extend(packages::SAMBA);
    needed.extend(packages::KERBEROS);
    needed.extend(packages::CLOCK);
    needed.extend(packages::NODE);
    needed.extend(packages::BROWSER);
    packages::ensure(&needed)?;
    web::build()?;
    succeed(cargo().args(["build", "--package", "cli", "--bin", "proxeny"]))?;
    succeed(cargo().args(["test", "--workspace"]).args(arguments))?;
    // The known bugs are no part of the workspace's build.
    let mutants = ["--package", "simulate", "--features", "mutants", "--test", "mutants"];
    succeed(cargo().arg("test").args(mutants))?;
    web::test()
}

/// Does something with the portal's pages.
pub(crate) fn web(arguments: &[String]) -> Result<(), Failure> {
    packages::ensure(&packages::NODE)?;
    match arguments.first().map(String::as_str) {
        None | Some("build") => web::build(),
        Some("check") => web::check(),
        Some("generate") => web::generate(),
        Some("test") => {
            packages::ensure(&packages::BROWSER)?;
            web::test()
        }
        Some(other) => Err(Failure::new(format!("`web {other}` is no task"))),
    }
}

/// Runs the benchmark. Only that of the gateway needs more than a compiler.
pub(crate) fn bench(arguments: &[String]) -> Result<(), Failure> {
    let mut needed = packages::COMPILER.to_vec();
    if arguments.first().is_some_and(|first| first == "gateway") {
        needed.extend(packages::SAMBA);
        needed.extend(packages::KERBEROS);
    }
    packages::ensure(&needed)?;
    let mut command = cargo();
    command.args(["run", "--release", "--package", "bench", "--"]).args(arguments);
    Err(replace(&mut command))
}

/// Runs the simulation. The known bugs are in the program only when one is asked for.
pub(crate) fn simulate(arguments: &[String]) -> Result<(), Failure> {
    packages::ensure(&packages::COMPILER)?;
    let mut command = cargo();
    command.args(["run", "--quiet", "--release", "--package", "simulate"]);
    if arguments.iter().any(|argument| argument == "--mutant") {
        command.args(["--features", "mutants"]);
    }
    command.arg("--").args(arguments);
    if let Some(commit) = commit() {
        command.args(["--commit", &commit]);
    }
    Err(replace(&mut command))
}

/// The commit that is checked out, with a mark if something was changed since. `None` outside a
/// repository.
fn commit() -> Option<String> {
    let mut git = Command::new("git");
    git.current_dir(root()).args(["describe", "--always", "--dirty", "--abbrev=12"]);
    let output = git.output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.trim().to_owned())
}

fn cargo() -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(root());
    command
}

/// Becomes the command, so that its exit code and the terminal's signals are its own.
fn replace(command: &mut Command) -> Failure {
    Failure::new(format!("cannot run cargo: {}", command.exec()))
}

/// The demonstration goes on to the portal unless it ends at once or is a second terminal's part.
fn shows_pages(arguments: &[String]) -> bool {
    !arguments.iter().any(|a| a == "--once" || a == "invite" || a == "--help")
}

fn wants_samba(arguments: &[String]) -> bool {
    let together = arguments.iter().any(|a| a == "--directory=samba");
    let mut pairs = arguments.iter().zip(arguments.iter().skip(1));
    together || pairs.any(|(name, value)| name == "--directory" && value == "samba")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_real_directory_needs_samba() {
        let asked =
            |line: &str| wants_samba(&line.split(' ').map(str::to_owned).collect::<Vec<String>>());
        assert!(asked("--once --directory samba"));
        assert!(asked("--directory=samba"));
        assert!(!asked("--directory simulated"));
        assert!(!asked("invite samba samba@fabrikam.com"));
    }

    #[test]
    fn only_a_demonstration_that_stays_shows_pages() {
        let shows =
            |line: &str| shows_pages(&line.split(' ').map(str::to_owned).collect::<Vec<String>>());
        assert!(shows("--directory samba"));
        assert!(!shows("--once --json"));
        assert!(!shows("invite Ines ines@fabrikam.example"));
    }
}
