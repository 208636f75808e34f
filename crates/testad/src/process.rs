//! The daemon: started in the foreground, watched until it is ready, stopped by closing its input.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::SambaError;
use crate::template::CONFIGURATION;
use crate::tools::{not_run, samba};

const POLL_INTERVAL: Duration = Duration::from_millis(20);
const READY_MAX: Duration = Duration::from_secs(30);
const STOP_MAX: Duration = Duration::from_secs(5);
const LOG_END_MAX: usize = 2000;

/// A running daemon, stopped on drop.
///
/// The daemon ends by itself when its standard input is closed, so it does not outlive us even if
/// we are killed.
#[derive(Debug)]
pub(crate) struct Daemon {
    child: Child,
    log: PathBuf,
}

impl Daemon {
    /// Starts the daemon of `folder`.
    pub(crate) fn start(folder: &Path) -> Result<Self, SambaError> {
        let log = folder.join("daemon.log");
        let file = fs::File::create(&log).map_err(SambaError::file(&log))?;
        let errors = file.try_clone().map_err(SambaError::file(&log))?;
        let child = samba()
            .args(["--interactive", "--model=single", "--debuglevel=1"])
            .arg(format!("--configfile={}", folder.join(CONFIGURATION).display()))
            .stdin(Stdio::piped())
            .stdout(file)
            .stderr(errors)
            // A Ctrl-C meant for us must not take the domain controller away under our feet.
            .process_group(0)
            .spawn()
            .map_err(not_run("samba"))?;
        Ok(Self { child, log })
    }

    /// Waits until `bind` succeeds on a daemon that listens on `ip`.
    pub(crate) fn wait_ready(
        &mut self,
        ip: Ipv4Addr,
        mut bind: impl FnMut() -> Result<(), SambaError>,
    ) -> Result<(), SambaError> {
        let port = SocketAddr::from((ip, 636));
        let limit = deadline(READY_MAX);
        loop {
            let reason = match TcpStream::connect_timeout(&port, POLL_INTERVAL) {
                Err(error) => error.to_string(),
                Ok(_) => match bind() {
                    Ok(()) => return Ok(()),
                    Err(missing @ SambaError::NotInstalled { .. }) => return Err(missing),
                    Err(error) => error.to_string(),
                },
            };
            let has_ended = matches!(self.child.try_wait(), Ok(Some(_)));
            if has_ended || is_past(limit) {
                return Err(SambaError::NotReady { reason, log: self.log_end() });
            }
            pause();
        }
    }

    fn log_end(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let skip = text.chars().count().saturating_sub(LOG_END_MAX);
        text.chars().skip(skip).collect()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let limit = deadline(STOP_MAX);
        while matches!(self.child.try_wait(), Ok(None)) {
            if is_past(limit) {
                // It is gone already if this fails.
                let _gone = self.child.kill();
                let _status = self.child.wait();
                return;
            }
            pause();
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a process says only by being polled that it is up")]
fn pause() {
    std::thread::sleep(POLL_INTERVAL);
}

fn deadline(after: Duration) -> Instant {
    Instant::now() + after
}

fn is_past(limit: Instant) -> bool {
    Instant::now() >= limit
}
