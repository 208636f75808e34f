//! The process's peak of resident memory, per step (Linux).

/// Mebibytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peak(pub(crate) f64);

/// Begins a new peak; where the system does not allow it, the peak is that of the whole process.
pub(crate) fn reset() {
    let _allowed = std::fs::write("/proc/self/clear_refs", "5");
}

/// The peak since the last reset.
pub(crate) fn peak() -> Peak {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|l| l.split_whitespace().next()).and_then(|n| n.parse().ok());
    Peak(kibibytes.unwrap_or(0.0) / 1024.0)
}
