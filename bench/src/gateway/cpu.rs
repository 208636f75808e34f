//! The gateway's share of the processors: its threads have a name of their own (Linux).

use std::time::Duration;

use crate::Failure;

/// The name of the gateway's threads.
pub(super) const GATEWAY: &str = "gateway";

/// Processor time of the gateway's threads so far.
pub(super) fn gateway() -> Result<Duration, Failure> {
    let mut sum = 0_u64;
    for entry in std::fs::read_dir("/proc/self/task")? {
        let folder = entry?.path();
        // A thread may end while we look.
        let name = std::fs::read_to_string(folder.join("comm")).unwrap_or_default();
        if name.trim_end() == GATEWAY {
            let text = std::fs::read_to_string(folder.join("schedstat")).unwrap_or_default();
            let own = text.split_whitespace().next().and_then(|n| n.parse().ok());
            sum = sum.saturating_add(own.unwrap_or(0));
        }
    }
    Ok(Duration::from_nanos(sum))
}

/// Processes that wanted to run in the last minute, on average.
pub(super) fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().unwrap_or_default().to_owned()
}
