//! Tasks that build and run something.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, succeed};
use crate::packages;

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Runs the demonstration. Only with a real directory does it need more than a compiler.
pub(crate) fn demo(arguments: &[String]) -> Result<(), Failure> {
    let mut needed = packages::COMPILER.to_vec();
    if wants_samba(arguments) {
        needed.extend(packages::SAMBA);
    }
    packages::ensure(&needed)?;
    let mut command = cargo();
    command.args(["run", "--package", "cli", "--bin", "proxeny", "--", "demo"]).args(arguments);
    Err(replace(&mut command))
}

/// Runs every test. The program is built first, because tests of the command line run it.
pub(crate) fn test(arguments: &[String]) -> Result<(), Failure> {
    let mut needed = packages::COMPILER.to_vec();
    needed.extend(packages::SAMBA);
    packages::ensure(&needed)?;
    succeed(cargo().args(["build", "--package", "cli", "--bin", "proxeny"]))?;
    succeed(cargo().args(["test", "--workspace"]).args(arguments))
}

/// Runs the benchmark.
pub(crate) fn bench(arguments: &[String]) -> Result<(), Failure> {
    let mut command = cargo();
    command.args(["run", "--release", "--package", "bench", "--"]).args(arguments);
    Err(replace(&mut command))
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
}
