//! What nobody can do without: parsing what comes in and writing it once.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::Failure;

/// Octets written at once.
const CHUNK: usize = 1 << 20;

/// The floor for one file of lines.
pub(crate) struct Floor {
    /// Parsing every line.
    pub(crate) parse: Duration,
    /// Writing every byte to a file and waiting for the disk.
    pub(crate) write: Duration,
}

/// Measures it.
pub(crate) fn measure(lines: &Path) -> Result<Floor, Failure> {
    let begun = Instant::now();
    let mut members = 0_usize;
    for line in BufReader::new(File::open(lines)?).lines() {
        let value: Value = serde_json::from_str(&line?)?;
        members += value.as_object().map_or(0, serde_json::Map::len);
    }
    let parse = begun.elapsed();
    // Keeps the parser's work from being optimised away.
    std::hint::black_box(members);
    Ok(Floor { parse, write: write(lines)? })
}

/// The time of writing alone: what is written comes from memory.
fn write(lines: &Path) -> Result<Duration, Failure> {
    let mut from = File::open(lines)?;
    let mut to = tempfile::tempfile()?;
    let mut chunk = vec![0; CHUNK];
    let mut took = Duration::ZERO;
    loop {
        let length = from.read(&mut chunk)?;
        let begun = Instant::now();
        if length == 0 {
            to.sync_all()?;
            return Ok(took + begun.elapsed());
        }
        to.write_all(chunk.get(..length).unwrap_or_default())?;
        took += begun.elapsed();
    }
}
