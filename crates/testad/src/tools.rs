//! Running programs and saying what went wrong.

use std::ffi::OsStr;
use std::io::{ErrorKind, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::SambaError;

/// Debian keeps `samba` where the search path of ordinary users does not look.
const SAMBA: &str = "/usr/sbin/samba";

/// The program `samba`.
pub(crate) fn samba() -> Command {
    Command::new(if Path::new(SAMBA).exists() { SAMBA } else { "samba" })
}

/// Turns the failure to start `program` into words.
pub(crate) fn not_run(program: &'static str) -> impl FnOnce(std::io::Error) -> SambaError {
    move |source| match source.kind() {
        ErrorKind::NotFound => SambaError::NotInstalled { program },
        _ => SambaError::Run { program, source },
    }
}

/// Runs `program` to its end and returns what it wrote to standard output.
pub(crate) fn run<S: AsRef<OsStr>>(
    program: &'static str,
    arguments: &[S],
) -> Result<String, SambaError> {
    let mut command = Command::new(program);
    command.args(arguments);
    finish(program, &mut command, "")
}

/// Runs `command` to its end with `input` on its standard input.
pub(crate) fn finish(
    program: &'static str,
    command: &mut Command,
    input: &str,
) -> Result<String, SambaError> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(not_run(program))?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that ends without reading says itself why.
        let _unread = stdin.write_all(input.as_bytes());
    }
    let failed = |source| SambaError::Run { program, source };
    let output = child.wait_with_output().map_err(failed)?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    let output = format!("{} {}", errors.trim(), text.trim()).trim().to_owned();
    Err(SambaError::Failed { program, output })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_program_is_named_with_the_packages_to_install() {
        let error = run("proxeny-no-such-program", &["x"]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the program proxeny-no-such-program is not installed; on Debian: apt-get install \
             samba samba-ad-dc samba-ad-provision samba-dsdb-modules ldap-utils"
        );
    }

    #[test]
    fn a_failure_says_what_the_program_said() {
        let error = run("ls", &["/proxeny-no-such-folder"]).unwrap_err();
        assert!(error.to_string().contains("/proxeny-no-such-folder"), "{error}");
    }
}
