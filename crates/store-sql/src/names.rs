//! Interned names: the writer's table, which grows, and the table readers see.
//!
//! A name and the first record that uses its id are written in one transaction. The new table is
//! shown to readers before that commits, so whoever sees the record can resolve the id.

use std::sync::{Arc, PoisonError, RwLock};

use model::Name;
use rusqlite::{Connection, params};
use store::StoreError;
use store::codec::{Interner, NameTable};

use crate::failure::{Failure, corrupt};

/// The table readers see.
#[derive(Debug, Clone, Default)]
pub(crate) struct SharedNames(Arc<RwLock<Arc<NameTable>>>);

impl SharedNames {
    /// The table as of now. Take it after the snapshot whose ids it is to resolve.
    pub(crate) fn get(&self) -> Arc<NameTable> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn set(&self, table: &Arc<NameTable>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(table);
    }
}

/// The writer's table.
#[derive(Debug)]
pub(crate) struct WriterNames {
    committed: Arc<NameTable>,
    current: Arc<NameTable>,
    shared: SharedNames,
}

impl WriterNames {
    /// Loads the table.
    pub(crate) fn load(conn: &Connection) -> Result<Self, Failure> {
        let mut table = NameTable::default();
        let mut statement = conn.prepare("SELECT id, name FROM name ORDER BY id")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (id, name): (i64, String) = (row.get(0)?, row.get(1)?);
            if i64::from(table.id(&Name::from(name))?) != id {
                return Err(corrupt("a table of names").into());
            }
        }
        let table = Arc::new(table);
        let shared = SharedNames::default();
        shared.set(&table);
        Ok(Self { committed: Arc::clone(&table), current: table, shared })
    }

    /// The table that readers take.
    pub(crate) fn shared(&self) -> SharedNames {
        self.shared.clone()
    }

    /// The table with the names of the open transaction.
    pub(crate) fn table(&self) -> &NameTable {
        &self.current
    }

    /// Writes the new names and shows them to readers; call before the transaction commits.
    pub(crate) fn write(&self, conn: &Connection) -> Result<(), Failure> {
        let known = self.committed.len();
        if self.current.len() == known {
            return Ok(());
        }
        let mut insert = conn.prepare_cached("INSERT INTO name (id, name) VALUES (?1, ?2)")?;
        for (id, name) in self.current.since(known) {
            insert.execute(params![id, name.as_str()])?;
        }
        self.shared.set(&self.current);
        Ok(())
    }

    /// The transaction has committed.
    pub(crate) fn keep(&mut self) {
        self.committed = Arc::clone(&self.current);
    }

    /// The transaction was rolled back: its names have no ids, and nobody has seen them in use.
    pub(crate) fn revert(&mut self) {
        self.current = Arc::clone(&self.committed);
        self.shared.set(&self.committed);
    }
}

impl Interner for WriterNames {
    fn id(&mut self, name: &Name) -> Result<u16, StoreError> {
        match self.current.get(name) {
            Some(id) => Ok(id),
            None => Arc::make_mut(&mut self.current).id(name),
        }
    }
}
