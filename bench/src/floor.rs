//! What nobody can do without: parsing what comes in and writing it once.

use std::io::Write as _;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::Failure;

/// The floor for one set of lines.
pub(crate) struct Floor {
    /// Parsing every line.
    pub(crate) parse: Duration,
    /// Writing every byte to a file and waiting for the disk.
    pub(crate) write: Duration,
}

/// Measures it.
pub(crate) fn measure(lines: &[String]) -> Result<Floor, Failure> {
    let begun = Instant::now();
    let mut members = 0_usize;
    for line in lines {
        let value: Value = serde_json::from_str(line)?;
        members += value.as_object().map_or(0, serde_json::Map::len);
    }
    let parse = begun.elapsed();
    // Keeps the parser's work from being optimised away.
    std::hint::black_box(members);
    let mut file = tempfile::tempfile()?;
    let begun = Instant::now();
    for line in lines {
        file.write_all(line.as_bytes())?;
    }
    file.sync_all()?;
    Ok(Floor { parse, write: begun.elapsed() })
}
