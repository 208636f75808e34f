//! The suite run on the in-memory store.

use crate::MemoryStore;

crate::store_contract!(Box::new(MemoryStore::default()));
