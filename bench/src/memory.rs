//! What the process has used: its peak of resident memory per step, and processor time (Linux).

/// Begins a new peak; where the system does not allow it, the peak is that of the whole process.
pub(crate) fn reset() {
    let _allowed = std::fs::write("/proc/self/clear_refs", "5");
}

/// The peak since the last reset, in mebibytes.
pub(crate) fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kibibytes = line.and_then(|l| l.split_whitespace().next()).and_then(|n| n.parse().ok());
    kibibytes.unwrap_or(0.0) / 1024.0
}

/// Processor time of all threads so far, in seconds. The system counts in hundredths.
pub(crate) fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The program's name comes first, in brackets, and may hold anything.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest).split_whitespace();
    let ticks: f64 = fields.skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    ticks / 100.0
}
