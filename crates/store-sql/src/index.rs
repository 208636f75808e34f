//! The indexes over join values: which attributes they cover, keeping them, building them.
//!
//! A row is attribute, 64-bit hash of the join key, object. Lookups compare with the stored value.

use std::collections::{BTreeMap, BTreeSet};

use model::{ConnectorId, CsId, Name, Values};
use rusqlite::{Connection, params};
use store::codec::{self, Interner as _, NameTable};
use store::{Hasher, IndexedAttributes, StoreError, join_key};

use crate::failure::{Failure, corrupt};
use crate::writer::Writer;

/// The metaverse's number where connectors have their ids.
pub(crate) const METAVERSE: i64 = -1;

/// Reads one attribute out of an encoded record.
type ReadAttribute = fn(&[u8], u16) -> Result<Option<Values>, StoreError>;

/// The statements and the decoder of one index.
pub(crate) struct IndexTable {
    insert: &'static str,
    delete: &'static str,
    read: ReadAttribute,
}

/// Over the imported attributes of connector-space objects.
pub(crate) const CS_INDEX: IndexTable = IndexTable {
    insert: "INSERT OR IGNORE INTO cs_idx (attr, vh, id) VALUES (?1, ?2, ?3)",
    delete: "DELETE FROM cs_idx WHERE attr = ?1 AND vh = ?2 AND id = ?3",
    read: codec::attribute,
};

/// Over the attributes of metaverse objects.
pub(crate) const MV_INDEX: IndexTable = IndexTable {
    insert: "INSERT OR IGNORE INTO mv_idx (attr, vh, id) VALUES (?1, ?2, ?3)",
    delete: "DELETE FROM mv_idx WHERE attr = ?1 AND vh = ?2 AND id = ?3",
    read: codec::mv_attribute,
};

/// The indexed attributes of each space, by name id.
#[derive(Debug, Default)]
pub(crate) struct Indexed(BTreeMap<i64, BTreeSet<u16>>);

impl Indexed {
    /// Loads the list.
    pub(crate) fn load(conn: &Connection, names: &NameTable) -> Result<Self, Failure> {
        let mut indexed = BTreeMap::<i64, BTreeSet<u16>>::new();
        let mut statement = conn.prepare("SELECT space, attr FROM indexed")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (space, attr): (i64, u16) = (row.get(0)?, row.get(1)?);
            if names.name(attr).is_none() {
                return Err(corrupt("a list of indexes").into());
            }
            indexed.entry(space).or_default().insert(attr);
        }
        Ok(Self(indexed))
    }

    /// The attributes indexed in a space.
    pub(crate) fn of(&self, space: i64) -> &BTreeSet<u16> {
        const NONE: &BTreeSet<u16> = &BTreeSet::new();
        self.0.get(&space).unwrap_or(NONE)
    }

    fn pairs(&self) -> BTreeSet<(i64, u16)> {
        self.0.iter().flat_map(|(space, attrs)| attrs.iter().map(|a| (*space, *a))).collect()
    }
}

/// The index hash of every value.
fn value_hashes(hasher: &Hasher, values: Option<&Values>) -> BTreeSet<i64> {
    let values = values.into_iter().flat_map(Values::iter);
    values.map(|value| hasher.text(&join_key(value)).cast_signed()).collect()
}

impl Writer {
    /// Changes an object's rows in an index from those of its old record to those of its new
    /// values.
    pub(crate) fn reindex<'v>(
        &self,
        table: &IndexTable,
        space: i64,
        object: i64,
        old: Option<&[u8]>,
        new: impl Fn(&Name) -> Option<&'v Values>,
    ) -> Result<(), Failure> {
        for &attr in self.indexed.of(space) {
            let old_values = old.map_or(Ok(None), |bytes| (table.read)(bytes, attr))?;
            let before = value_hashes(&self.hasher, old_values.as_ref());
            let after = value_hashes(&self.hasher, self.names.table().name(attr).and_then(&new));
            for hash in before.difference(&after) {
                self.conn.prepare_cached(table.delete)?.execute(params![attr, hash, object])?;
            }
            for hash in after.difference(&before) {
                self.conn.prepare_cached(table.insert)?.execute(params![attr, hash, object])?;
            }
        }
        Ok(())
    }

    /// Makes the indexes those that are wanted.
    pub(crate) fn set_indexed(&mut self, wanted: &IndexedAttributes) -> Result<(), Failure> {
        let built = self.build_indexes(wanted)?;
        self.indexed_next = Some(built);
        Ok(())
    }

    fn build_indexes(&mut self, wanted: &IndexedAttributes) -> Result<Indexed, Failure> {
        let mut list = BTreeMap::<i64, BTreeSet<u16>>::new();
        let mut want = |space: i64, name: &Name| {
            let id = self.names.id(name)?;
            list.entry(space).or_default().insert(id);
            Ok::<_, StoreError>(())
        };
        for name in &wanted.metaverse {
            want(METAVERSE, name)?;
        }
        for (connector, name) in &wanted.connector_space {
            want(i64::from(connector.0), name)?;
        }
        let wanted = Indexed(list);
        let (before, after) = (self.indexed.pairs(), wanted.pairs());
        for &(space, attr) in before.difference(&after) {
            self.drop_index(space, attr)?;
        }
        let mut missing = BTreeMap::<i64, BTreeSet<u16>>::new();
        for &(space, attr) in after.difference(&before) {
            self.conn.execute("INSERT INTO indexed VALUES (?1, ?2)", params![space, attr])?;
            missing.entry(space).or_default().insert(attr);
        }
        for (space, attrs) in &missing {
            self.fill_indexes(*space, attrs)?;
        }
        Ok(wanted)
    }

    fn drop_index(&self, space: i64, attr: u16) -> Result<(), Failure> {
        let key = params![space, attr];
        self.conn.execute("DELETE FROM indexed WHERE space = ?1 AND attr = ?2", key)?;
        if space == METAVERSE {
            self.conn.execute("DELETE FROM mv_idx WHERE attr = ?1", [attr])?;
            return Ok(());
        }
        let (from, to) = range_of(space)?;
        self.conn.execute(
            "DELETE FROM cs_idx WHERE attr = ?1 AND id >= ?2 AND id < ?3",
            params![attr, from, to],
        )?;
        Ok(())
    }

    fn fill_indexes(&self, space: i64, attrs: &BTreeSet<u16>) -> Result<(), Failure> {
        let (table, sql, (from, to)) = if space == METAVERSE {
            let sql = "SELECT id, data FROM mv WHERE id >= ?1 AND id < ?2";
            (MV_INDEX, sql, (i64::MIN, i64::MAX))
        } else {
            let sql = "SELECT id, data FROM cs_imp WHERE id >= ?1 AND id < ?2";
            (CS_INDEX, sql, range_of(space)?)
        };
        let mut statement = self.conn.prepare(sql)?;
        let mut insert = self.conn.prepare(table.insert)?;
        let mut rows = statement.query([from, to])?;
        while let Some(row) = rows.next()? {
            let (object, data): (i64, &[u8]) = (row.get(0)?, row.get_ref(1)?.as_blob()?);
            for &attr in attrs {
                let values = (table.read)(data, attr)?;
                for hash in value_hashes(&self.hasher, values.as_ref()) {
                    insert.execute(params![attr, hash, object])?;
                }
            }
        }
        Ok(())
    }
}

fn range_of(space: i64) -> Result<(i64, i64), Failure> {
    let connector = u16::try_from(space).map_err(|_e| corrupt("a list of indexes"))?;
    let connector = ConnectorId(connector);
    Ok((CsId::first(connector).0, CsId::end(connector).0))
}
