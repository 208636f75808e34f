//! What an import knows of a connector space without reading its objects.

use std::collections::{BTreeSet, HashMap};

use model::CsId;
use store::KeyEntry;

/// The keys of a connector space, for telling in memory that nothing changed.
pub(super) struct Keys {
    by_anchor: HashMap<u64, Vec<KeyEntry>>,
}

impl Keys {
    pub(super) fn new(entries: Vec<KeyEntry>) -> Self {
        let mut by_anchor: HashMap<u64, Vec<KeyEntry>> = HashMap::with_capacity(entries.len());
        for entry in entries {
            by_anchor.entry(entry.anchor_hash).or_default().push(entry);
        }
        Self { by_anchor }
    }

    pub(super) fn get(&self, anchor_hash: u64) -> &[KeyEntry] {
        self.by_anchor.get(&anchor_hash).map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn put(&mut self, entry: KeyEntry) {
        let entries = self.by_anchor.entry(entry.anchor_hash).or_default();
        entries.retain(|e| e.id != entry.id);
        entries.push(entry);
    }

    /// Every object that has been imported.
    pub(super) fn ids(&self) -> BTreeSet<CsId> {
        self.by_anchor.values().flatten().map(|entry| entry.id).collect()
    }
}
