//! What the engine is to reach on two cores, with an embedded store whose commits are durable.

use std::collections::BTreeMap;
use std::time::Duration;

/// Objects a second, at least.
const RATES: [(&str, f64); 4] = [
    ("import, first", 80_000.0),
    ("import, unchanged", 200_000.0),
    ("full sync, first", 40_000.0),
    ("full sync, unchanged", 200_000.0),
];
/// The step whose time is limited from so many guests on, and to so many seconds.
const LIMITED: (&str, usize, f64) = ("delta sync, 1 %", 1_000_000, 2.0);
/// Mebibytes of memory at most, from so many guests on.
const PEAK: (usize, f64) = (1_000_000, 512.0);
/// Octets of the database for each guest, all spaces together.
const DATABASE_OCTETS: f64 = 3_000.0;
/// How many times as long a step may take with ten times as many guests.
const GROWTH: f64 = 12.0;

fn judged(goal: &str, is_met: bool) -> String {
    format!("{goal}, {}", if is_met { "met" } else { "not met" })
}

/// What is wanted of a step, and whether it was reached.
#[expect(clippy::cast_precision_loss, reason = "figures for people")]
pub(crate) fn step(title: &str, size: usize, took: Duration) -> String {
    let seconds = took.as_secs_f64();
    if let Some((_, goal)) = RATES.iter().find(|(of, _)| *of == title) {
        return judged(&format!("{goal:.0}/s"), size as f64 / seconds.max(1e-9) >= *goal);
    }
    let (of, from, goal) = LIMITED;
    if of == title && size >= from {
        return judged(&format!("{goal:.0} s"), seconds <= goal);
    }
    String::new()
}

/// Likewise of the memory of all steps.
pub(crate) fn peak(size: usize, mebibytes: f64) -> String {
    let (from, goal) = PEAK;
    if size < from { String::new() } else { judged(&format!("{goal:.0} MiB"), mebibytes <= goal) }
}

/// Likewise of the database.
pub(crate) fn database(octets_each: f64) -> String {
    judged(&format!("{DATABASE_OCTETS:.0} octets"), octets_each <= DATABASE_OCTETS)
}

/// The steps' times by number of guests, to tell how they grow.
#[derive(Debug, Default)]
pub(crate) struct Growth(BTreeMap<(String, usize), Duration>);

impl Growth {
    /// Keeps a time.
    pub(crate) fn note(&mut self, title: &str, size: usize, took: Duration) {
        self.0.insert((title.to_owned(), size), took);
    }

    /// A line for each step that was measured with ten times as many guests, too.
    pub(crate) fn lines(&self) -> Vec<String> {
        let lines = self.0.iter().filter_map(|((title, size), small)| {
            let large = self.0.get(&(title.clone(), size * 10))?;
            let ratio = large.as_secs_f64() / small.as_secs_f64().max(1e-9);
            let goal = judged(&format!("{GROWTH:.0} times"), ratio <= GROWTH);
            Some(format!("{title:<25} {size} to {}: {ratio:.1} times   {goal}", size * 10))
        });
        lines.collect()
    }
}
