//! Metaverse objects.

use std::collections::BTreeMap;

use model::{Guid, MvId, Name, Value};
use rusqlite::{OptionalExtension as _, Row, params};
use store::codec::{self, Interner as _};
use store::{MvObject, MvWrite, join_key};

use crate::cs_read::{name_of, sql_limit};
use crate::failure::{Failure, in_record};
use crate::index::{METAVERSE, MV_INDEX};
use crate::reader::Reader;
use crate::writer::Writer;

/// The attribute that stands for the public identifier.
const PUBLIC_ID: &str = "object-id";

const PUT: &str = "INSERT INTO mv (id, uid, otype, data) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (id) DO UPDATE
    SET uid = excluded.uid, otype = excluded.otype, data = excluded.data";

const BY_VALUE_INDEXED: &str = "SELECT mv.id, mv.data
    FROM mv_idx CROSS JOIN mv ON mv.id = mv_idx.id
    WHERE mv_idx.attr = ?1 AND mv_idx.vh = ?2 AND mv.otype = ?3
    ORDER BY mv_idx.id";
const BY_VALUE_SCAN: &str = "SELECT id, data FROM mv INDEXED BY mv_otype
    WHERE otype = ?3 AND ?1 = ?1 AND ?2 = ?2
    ORDER BY id";

/// A metaverse object as it is stored: public identifier, type and record.
type StoredMv = ([u8; 16], u16, Vec<u8>);

impl Writer {
    /// Applies the metaverse part of a batch.
    pub(crate) fn write_mv(&mut self, writes: Vec<MvWrite>) -> Result<(), Failure> {
        for write in writes {
            match write {
                MvWrite::Put(object) => {
                    self.unsettle(object.id)?;
                    self.put_mv(&object)?;
                }
                MvWrite::Remove(id) => {
                    self.unsettle(id)?;
                    self.unindex_mv(id)?;
                    self.conn.prepare_cached("DELETE FROM mv WHERE id = ?1")?.execute([id.0])?;
                }
            }
        }
        Ok(())
    }

    fn put_mv(&mut self, object: &MvObject) -> Result<(), Failure> {
        let otype = self.names.id(&object.object_type)?;
        let data = codec::encode_mv(&object.attributes, &object.shares, &mut self.names)?;
        let uid = object.uid.as_bytes();
        let old = self.stored_mv(object.id)?;
        let old_data = old.as_ref().map(|(.., data)| data.as_slice());
        let values = |name: &Name| object.values(name);
        self.reindex(&MV_INDEX, METAVERSE, object.id.0, old_data, values)?;
        let is_same = old.as_ref().is_some_and(|(of, is, _)| of == uid && *is == otype);
        // What does not name the columns of an index leaves it alone.
        if is_same {
            let sql = "UPDATE mv SET data = ?2 WHERE id = ?1";
            self.conn.prepare_cached(sql)?.execute(params![object.id.0, data])?;
        } else {
            self.conn.prepare_cached(PUT)?.execute(params![object.id.0, uid, otype, data])?;
        }
        Ok(())
    }

    fn stored_mv(&self, id: MvId) -> Result<Option<StoredMv>, Failure> {
        let mut select =
            self.conn.prepare_cached("SELECT uid, otype, data FROM mv WHERE id = ?1")?;
        let row = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        Ok(select.query_row([id.0], row).optional()?)
    }

    fn unindex_mv(&self, id: MvId) -> Result<(), Failure> {
        let old = self.stored_mv(id)?;
        let old_data = old.as_ref().map(|(.., data)| data.as_slice());
        self.reindex(&MV_INDEX, METAVERSE, id.0, old_data, |_| None)
    }
}

impl Reader<'_> {
    /// The objects with these ids, which are in order.
    pub(crate) fn load_mv(&self, ids: &[MvId]) -> Result<Vec<MvObject>, Failure> {
        let sql = "SELECT id, uid, otype, data FROM mv WHERE id = ?1";
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut objects = Vec::with_capacity(ids.len());
        for id in ids {
            let mut rows = statement.query([id.0])?;
            if let Some(row) = rows.next()? {
                objects.push(self.read_mv(row)?);
            }
        }
        Ok(objects)
    }

    pub(crate) fn page_mv(
        &self,
        object_type: Option<&Name>,
        after: Option<MvId>,
        limit: usize,
    ) -> Result<Vec<MvObject>, Failure> {
        let from = after.map_or(i64::MIN, |id| id.0.saturating_add(1));
        let limit = sql_limit(limit);
        let mut objects = Vec::new();
        let Some(object_type) = object_type else {
            let sql = "SELECT id, uid, otype, data FROM mv NOT INDEXED
                WHERE id >= ?1 ORDER BY id LIMIT ?2";
            let mut statement = self.conn.prepare_cached(sql)?;
            let mut rows = statement.query([from, limit])?;
            while let Some(row) = rows.next()? {
                objects.push(self.read_mv(row)?);
            }
            return Ok(objects);
        };
        let Some(otype) = self.names.get(object_type) else { return Ok(objects) };
        let sql = "SELECT id, uid, otype, data FROM mv INDEXED BY mv_otype
            WHERE otype = ?3 AND id >= ?1 ORDER BY id LIMIT ?2";
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query(params![from, limit, otype])?;
        while let Some(row) = rows.next()? {
            objects.push(self.read_mv(row)?);
        }
        Ok(objects)
    }

    /// By way of the index if there is one, else slowly. `object-id` is the public identifier.
    pub(crate) fn find_mv_by_value(
        &self,
        object_type: &Name,
        attribute: &Name,
        value: &Value,
    ) -> Result<Vec<MvId>, Failure> {
        let key = join_key(value);
        let Some(otype) = self.names.get(object_type) else { return Ok(Vec::new()) };
        if *attribute == PUBLIC_ID {
            return self.find_mv_by_uid(otype, &key);
        }
        let Some(attr) = self.names.get(attribute) else { return Ok(Vec::new()) };
        let is_indexed = self.is_indexed(METAVERSE, attr)?;
        let sql = if is_indexed { BY_VALUE_INDEXED } else { BY_VALUE_SCAN };
        let hash = self.hasher.text(&key).cast_signed();
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query(params![attr, hash, otype])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let values = codec::mv_attribute(row.get_ref(1)?.as_blob()?, attr)?;
            if values.is_some_and(|values| values.iter().any(|v| join_key(v) == key)) {
                found.push(MvId(row.get(0)?));
            }
        }
        Ok(found)
    }

    fn find_mv_by_uid(&self, otype: u16, text: &str) -> Result<Vec<MvId>, Failure> {
        let uid = Guid::parse(text).ok().filter(|uid| uid.to_string() == text);
        let Some(uid) = uid else { return Ok(Vec::new()) };
        let sql = "SELECT id FROM mv INDEXED BY mv_uid WHERE uid = ?1 AND otype = ?2 ORDER BY id";
        let mut statement = self.conn.prepare_cached(sql)?;
        let found =
            statement.query_map(params![uid.as_bytes(), otype], |row| row.get(0).map(MvId))?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    pub(crate) fn mv_counts(&self) -> Result<BTreeMap<Name, u64>, Failure> {
        let sql = "SELECT otype, count(*) FROM mv INDEXED BY mv_otype GROUP BY otype";
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        let mut counts = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let count: i64 = row.get(1)?;
            counts.insert(name_of(&self.names, row.get(0)?)?, count.unsigned_abs());
        }
        Ok(counts)
    }

    fn read_mv(&self, row: &Row<'_>) -> Result<MvObject, Failure> {
        let id = MvId(row.get(0)?);
        let (attributes, shares) = codec::decode_mv(row.get_ref(3)?.as_blob()?, &self.names)
            .map_err(|error| in_record(error, || id.to_string()))?;
        let object_type = name_of(&self.names, row.get(2)?)?;
        let uid = Guid::from_bytes(row.get(1)?);
        Ok(MvObject { id, uid, object_type, attributes, shares })
    }
}
