//! What an import knows of a connector space without reading its objects.

use std::collections::HashMap;

use model::CsId;
use store::KeyEntry;

/// The keys of a connector space, for telling in memory that nothing changed.
pub(super) struct Keys {
    /// What the store had, by anchor: a list takes the least memory.
    stored: Vec<KeyEntry>,
    /// What this import has written, with everything else of the same anchor.
    written: HashMap<u64, Vec<KeyEntry>>,
}

impl Keys {
    pub(super) fn new(mut entries: Vec<KeyEntry>) -> Self {
        entries.sort_unstable_by_key(|entry| (entry.anchor_hash, entry.id));
        Self { stored: entries, written: HashMap::new() }
    }

    pub(super) fn get(&self, anchor_hash: u64) -> &[KeyEntry] {
        match self.written.get(&anchor_hash) {
            Some(entries) => entries,
            None => self.stored(anchor_hash),
        }
    }

    fn stored(&self, anchor_hash: u64) -> &[KeyEntry] {
        let first = self.stored.partition_point(|entry| entry.anchor_hash < anchor_hash);
        let rest = self.stored.get(first..).unwrap_or_default();
        let count = rest.iter().take_while(|entry| entry.anchor_hash == anchor_hash).count();
        rest.get(..count).unwrap_or_default()
    }

    pub(super) fn put(&mut self, entry: KeyEntry) {
        let mut entries = match self.written.remove(&entry.anchor_hash) {
            Some(entries) => entries,
            None => self.stored(entry.anchor_hash).to_vec(),
        };
        entries.retain(|e| e.id != entry.id);
        // Nearly always the only one: no room for more.
        entries.reserve_exact(1);
        entries.push(entry);
        self.written.insert(entry.anchor_hash, entries);
    }

    /// Every object that has been imported.
    pub(super) fn ids(&self) -> impl Iterator<Item = CsId> {
        let stored = self.stored.iter().filter(|e| !self.written.contains_key(&e.anchor_hash));
        stored.chain(self.written.values().flatten()).map(|entry| entry.id)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use model::ConnectorId;

    use super::*;

    fn entry(number: u32, anchor_hash: u64, content_hash: u128) -> KeyEntry {
        let id = CsId::new(ConnectorId(1), number);
        KeyEntry { id, anchor_hash, content_hash, settled: true }
    }

    #[test]
    fn what_was_written_takes_the_place_of_what_was_stored() {
        let mut keys = Keys::new(vec![entry(1, 9, 0), entry(2, 3, 0), entry(3, 9, 0)]);
        assert_eq!(keys.get(9), [entry(1, 9, 0), entry(3, 9, 0)]);
        assert_eq!(keys.get(4), []);
        keys.put(entry(3, 9, 7));
        keys.put(entry(4, 4, 7));
        assert_eq!(keys.get(9), [entry(1, 9, 0), entry(3, 9, 7)]);
        assert_eq!(keys.get(4), [entry(4, 4, 7)]);
        let ids: BTreeSet<u32> = keys.ids().map(CsId::sequence).collect();
        assert_eq!((ids, keys.ids().count()), (BTreeSet::from([1, 2, 3, 4]), 4));
    }
}
