//! The running demo: somebody is invited from a second terminal and gets an account.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

/// Ends the demo whatever becomes of the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to kill.
        let _gone = self.0.kill();
        let _status = self.0.wait();
    }
}

#[test]
fn a_guest_invited_from_a_second_terminal_gets_an_account() {
    let runtime = tempfile::tempdir().unwrap();
    let command = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_proxeny"));
        command.args(arguments).env("XDG_RUNTIME_DIR", runtime.path()).stdin(Stdio::null());
        command
    };
    let invitation = ["demo", "invite", "Ines Moreau", "ines@fabrikam.example"];
    let nobody = command(&invitation).output().unwrap();
    assert_eq!(nobody.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&nobody.stderr).contains("no demo is running"));

    let mut demo = Running(command(&["demo"]).stdout(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(demo.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    // The demo says when it is ready; a test that never hears it ends with the demo's output.
    assert!(lines.any(|line| line.contains("Ctrl-C ends the demo")));
    let invited = command(&invitation).output().unwrap();
    assert_eq!(invited.status.code(), Some(0), "{invited:?}");
    let account = lines.find(|line| line.starts_with("Ines Moreau ")).unwrap();
    assert!(account.contains("OU=B2BGuest,DC=contoso,DC=com"), "{account}");
    assert!(account.contains("S-1-5-21-"), "{account}");
    let again = command(&invitation).output().unwrap();
    assert_eq!(again.status.code(), Some(0), "{again:?}");
}
