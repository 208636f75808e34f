//! Assertions that were seen, so that none counts twice.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Mutex, PoisonError};

use model::Timestamp;

use super::{Assertion, AssertionError};
use crate::compare::sha256;
use crate::limits::ASSERTION_SKEW_SECONDS;
use crate::times::after;

/// The assertions of the last minutes, in memory.
pub struct SeenAssertions {
    seen: Mutex<Seen>,
    count_max: usize,
}

#[derive(Default)]
struct Seen {
    ids: BTreeSet<[u8; 32]>,
    /// By when they can be forgotten.
    by_end: BTreeMap<Timestamp, Vec<[u8; 32]>>,
}

impl fmt::Debug for SeenAssertions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SeenAssertions").field("count_max", &self.count_max).finish_non_exhaustive()
    }
}

impl SeenAssertions {
    /// Room for `count_max` assertions; those of a minute and a half are remembered.
    #[must_use]
    pub fn new(count_max: usize) -> Self {
        Self { seen: Mutex::default(), count_max }
    }

    /// Remembers an assertion that was verified.
    ///
    /// # Errors
    /// [`AssertionError::Replayed`] when it was here before, [`AssertionError::TooMany`] when there
    /// is no room: forgetting one early would let it in again.
    pub fn admit(&self, assertion: &Assertion, now: Timestamp) -> Result<(), AssertionError> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.forget(now);
        let id = sha256(&assertion.id);
        if seen.ids.contains(&id) {
            return Err(AssertionError::Replayed);
        }
        if seen.ids.len() >= self.count_max {
            return Err(AssertionError::TooMany);
        }
        seen.ids.insert(id);
        let end = after(assertion.expires, ASSERTION_SKEW_SECONDS);
        seen.by_end.entry(end).or_default().push(id);
        Ok(())
    }
}

impl Seen {
    fn forget(&mut self, now: Timestamp) {
        while let Some(entry) = self.by_end.first_entry().filter(|entry| *entry.key() <= now) {
            for id in entry.remove() {
                self.ids.remove(&id);
            }
        }
    }
}
