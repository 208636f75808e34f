//! Interned names: attributes, object types and rules as 16-bit ids.

use std::collections::BTreeMap;

use model::Name;

use crate::StoreError;

/// Gives names their ids while records are encoded.
pub trait Interner {
    /// The id of `name`; a new one at first use.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when no id is left.
    fn id(&mut self, name: &Name) -> Result<u16, StoreError>;
}

/// Names and their ids. Ids count from 0 in order of first use and never change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NameTable {
    by_id: Vec<Name>,
    by_name: BTreeMap<Name, u16>,
}

/// Every one of the 65 536 ids is taken.
#[derive(Debug, thiserror::Error)]
#[error("all 65536 ids of names are taken")]
struct Exhausted;

impl NameTable {
    /// The id of a name, if it has one.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<u16> {
        self.by_name.get(name).copied()
    }

    /// The name of an id.
    #[must_use]
    pub fn name(&self, id: u16) -> Option<&Name> {
        self.by_id.get(usize::from(id))
    }

    /// How many names have ids, which are those below.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.by_id.len()
    }

    /// True when no name has an id.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Names from the id `first` on, with their ids.
    pub fn since(&self, first: usize) -> impl Iterator<Item = (u16, &Name)> {
        (0..=u16::MAX).zip(&self.by_id).skip(first)
    }
}

impl Interner for NameTable {
    fn id(&mut self, name: &Name) -> Result<u16, StoreError> {
        if let Some(id) = self.get(name) {
            return Ok(id);
        }
        let id = u16::try_from(self.by_id.len()).map_err(|_e| StoreError::Unavailable {
            action: "give a new name an id".to_owned(),
            source: Box::new(Exhausted),
        })?;
        self.by_id.push(name.clone());
        self.by_name.insert(name.clone(), id);
        Ok(id)
    }
}
