//! Tests that need a Kerberos configuration of their own.
//!
//! libkrb5 finds its configuration by the environment variable `KRB5_CONFIG`, which is one for the
//! whole process and cannot be changed safely once there are threads. So such a test runs its own
//! binary again, for itself alone, with the variable set.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Set in the process that runs the test's body, to the test's name.
const MARKER: &str = "PROXENY_TESTAD_ISOLATED";
/// Where libkrb5 looks for its configuration.
const KRB5_CONFIG: &str = "KRB5_CONFIG";
const RAN: &str = "ran";

/// Runs `body` in a process of its own, with `KRB5_CONFIG` set to a path that `body` is given and
/// where it writes the configuration before it first uses Kerberos.
///
/// `test` is the calling test's full name within its binary, module path included, as
/// `cargo test` prints it.
///
/// # Panics
/// When the body does, when there is no test of this name, or when the process cannot be started.
#[expect(clippy::panic, reason = "this is how a test fails")]
pub fn isolated(test: &str, body: impl FnOnce(&Path)) {
    if std::env::var_os(MARKER).as_deref() == Some(OsStr::new(test)) {
        let config = PathBuf::from(std::env::var_os(KRB5_CONFIG).unwrap_or_default());
        let ran = config.with_file_name(RAN);
        if let Err(error) = std::fs::write(&ran, "") {
            panic!("cannot write {}: {error}", ran.display());
        }
        return body(&config);
    }
    if let Err(text) = run(test) {
        panic!("{text}");
    }
}

fn run(test: &str) -> Result<(), String> {
    let words = |error: std::io::Error| format!("the test cannot run itself: {error}");
    let folder = tempfile::tempdir().map_err(words)?;
    let output = Command::new(std::env::current_exe().map_err(words)?)
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(MARKER, test)
        .env(KRB5_CONFIG, folder.path().join("krb5.conf"))
        .output()
        .map_err(words)?;
    if !folder.path().join(RAN).exists() {
        return Err(format!("there is no test {test:?}"));
    }
    if output.status.success() {
        return Ok(());
    }
    let (out, err) = (&output.stdout, &output.stderr);
    Err(format!("{}\n{}", String::from_utf8_lossy(out), String::from_utf8_lossy(err)))
}
