//! Asking a run to stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A request to stop, shared by whoever may ask and the run that looks. The object at hand is
/// completed; the rest is left as it was.
#[derive(Debug, Clone)]
pub struct Stop(Arc<AtomicU64>);

impl Stop {
    /// Asks for the stop by itself once so many objects are done: imported, synchronized or exported.
    #[must_use]
    pub fn after(objects: u64) -> Self {
        Self(Arc::new(AtomicU64::new(objects)))
    }

    /// Asks for the stop. It cannot be taken back.
    pub fn request(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// True once somebody has asked.
    #[must_use]
    pub fn is_requested(&self) -> bool {
        self.0.load(Ordering::Relaxed) == 0
    }

    /// So many more objects are done.
    pub(crate) fn count(&self, objects: usize) {
        let count = objects as u64;
        let left = |left: u64| Some(left.saturating_sub(count));
        let _before = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, left);
    }
}

impl Default for Stop {
    fn default() -> Self {
        Self::after(u64::MAX)
    }
}
