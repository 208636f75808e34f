//! Everything that is logged in this process.

use std::io::{self, Write};
use std::sync::{Mutex, Once, PoisonError};

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static LISTEN: Once = Once::new();

struct Log;

impl Write for Log {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(crate) fn listen() {
    LISTEN.call_once(|| {
        let filter = tracing_subscriber::EnvFilter::new("info,gateway=trace,oidc=trace");
        tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(|| Log).init();
    });
}

/// Lines of the audit that mention `text`.
pub(crate) fn audit(text: &str) -> Vec<String> {
    lines().into_iter().filter(|l| l.contains("proxeny::audit") && l.contains(text)).collect()
}

pub(crate) fn lines() -> Vec<String> {
    let log = LOG.lock().unwrap_or_else(PoisonError::into_inner).clone();
    String::from_utf8(log).unwrap().lines().map(str::to_owned).collect()
}
