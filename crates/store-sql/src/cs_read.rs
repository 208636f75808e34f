//! Reading connector-space objects.

use std::collections::{BTreeMap, BTreeSet};

use model::{ConnectorId, CsId, MvId, Name, Value};
use rusqlite::types::ValueRef;
use rusqlite::{OptionalExtension as _, Row, params};
use store::codec::{self, NameTable};
use store::{
    ConnectorKind, CsCounts, CsObject, CsState, DisconnectorKind, ExportStages, KeyEntry, Scope,
    StoreError, join_key,
};

use crate::cs_write::work;
use crate::failure::{Failure, corrupt, in_record};
use crate::reader::Reader;

/// Selects whole objects. `INDEXED BY` and conditions follow.
macro_rules! select_objects {
    ($hint:literal, $conditions:literal) => {
        concat!(
            "SELECT cs.id, cs.otype, cs.state, cs.mv, cs.rule, cs.anchor, cs.dn, cs.dn_key,
                cs.error, cs_imp.data, cs_pimp.data, cs_pexp.data, cs.work
            FROM cs ",
            $hint,
            " LEFT JOIN cs_imp ON cs_imp.id = cs.id
            LEFT JOIN cs_pimp ON cs_pimp.id = cs.id
            LEFT JOIN cs_pexp ON cs_pexp.id = cs.id
            WHERE ",
            $conditions
        )
    };
}

const BY_ID: &str = select_objects!("NOT INDEXED", "cs.id = ?1");
const PAGE_ALL: &str =
    select_objects!("NOT INDEXED", "cs.id >= ?1 AND cs.id < ?2 ORDER BY cs.id LIMIT ?3");
const PAGE_DELTA_SYNC: &str = select_objects!(
    "INDEXED BY cs_delta_sync",
    "(cs.work & 1) <> 0 AND cs.id >= ?1 AND cs.id < ?2 ORDER BY cs.id LIMIT ?3"
);
const PAGE_EXPORT: &str = select_objects!(
    "INDEXED BY cs_export",
    "(cs.work & 2) <> 0 AND cs.id >= ?1 AND cs.id < ?2 ORDER BY cs.id LIMIT ?3"
);
const PAGE_UNCONFIRMED: &str = select_objects!(
    "INDEXED BY cs_unconfirmed",
    "(cs.work & 16) <> 0 AND cs.id >= ?1 AND cs.id < ?2 ORDER BY cs.id LIMIT ?3"
);

const PAGE_REFERENCE_RETRY: &str = select_objects!(
    "INDEXED BY cs_reference_retry",
    "(cs.work & 64) <> 0 AND cs.id >= ?1 AND cs.id < ?2 ORDER BY cs.id LIMIT ?3"
);

const PAGE_PLACEHOLDERS: &str = select_objects!(
    "NOT INDEXED",
    "cs.state = 0 AND cs.id >= ?1 AND cs.id < ?2 ORDER BY cs.id LIMIT ?3"
);

const BY_VALUE_INDEXED: &str = "SELECT cs.id, cs_imp.data
    FROM cs_idx CROSS JOIN cs ON cs.id = cs_idx.id CROSS JOIN cs_imp ON cs_imp.id = cs.id
    WHERE cs_idx.attr = ?1 AND cs_idx.vh = ?2 AND cs_idx.id >= ?3 AND cs_idx.id < ?4
        AND cs.otype = ?5
    ORDER BY cs_idx.id";
const BY_VALUE_SCAN: &str = "SELECT cs.id, cs_imp.data
    FROM cs NOT INDEXED CROSS JOIN cs_imp ON cs_imp.id = cs.id
    WHERE cs.id >= ?3 AND cs.id < ?4 AND cs.otype = ?5 AND ?1 = ?1 AND ?2 = ?2
    ORDER BY cs.id";

impl Reader<'_> {
    pub(crate) fn key_map(&self, connector: ConnectorId) -> Result<Vec<KeyEntry>, Failure> {
        let mut statement = self.conn.prepare_cached(
            "SELECT id, ah, hash, work FROM cs NOT INDEXED
            WHERE id >= ?1 AND id < ?2 AND ah IS NOT NULL AND hash IS NOT NULL
            ORDER BY id",
        )?;
        let mut rows = statement.query(bounds(connector))?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next()? {
            let anchor_hash: i64 = row.get(1)?;
            let hash: [u8; 16] = row.get(2)?;
            let bits: i64 = row.get(3)?;
            entries.push(KeyEntry {
                id: CsId(row.get(0)?),
                anchor_hash: anchor_hash.cast_unsigned(),
                content_hash: u128::from_be_bytes(hash),
                settled: bits & work::SETTLED != 0,
            });
        }
        Ok(entries)
    }

    /// The objects with these ids, which are in order.
    pub(crate) fn load_cs(&self, ids: &[CsId]) -> Result<Vec<CsObject>, Failure> {
        let mut statement = self.conn.prepare_cached(BY_ID)?;
        let mut objects = Vec::with_capacity(ids.len());
        for id in ids {
            let mut rows = statement.query([id.0])?;
            if let Some(row) = rows.next()? {
                objects.push(read_object(row, &self.names)?);
            }
        }
        Ok(objects)
    }

    pub(crate) fn page_cs(
        &self,
        connector: ConnectorId,
        after: Option<CsId>,
        limit: usize,
        scope: Scope,
    ) -> Result<Vec<CsObject>, Failure> {
        let [first, end] = bounds(connector);
        let from = after.map_or(first, |id| first.max(id.0.saturating_add(1)));
        let mut statement = self.conn.prepare_cached(match scope {
            Scope::All => PAGE_ALL,
            Scope::DeltaSync => PAGE_DELTA_SYNC,
            Scope::PendingExport => PAGE_EXPORT,
            Scope::AwaitingConfirmation => PAGE_UNCONFIRMED,
            Scope::ReferenceRetry => PAGE_REFERENCE_RETRY,
            Scope::Placeholders => PAGE_PLACEHOLDERS,
        })?;
        let mut rows = statement.query([from, end, sql_limit(limit)])?;
        let mut objects = Vec::new();
        while let Some(row) = rows.next()? {
            objects.push(read_object(row, &self.names)?);
        }
        Ok(objects)
    }

    pub(crate) fn find_by_anchor(
        &self,
        connector: ConnectorId,
        anchors: &[String],
    ) -> Result<BTreeMap<String, CsId>, Failure> {
        let [first, end] = bounds(connector);
        let mut statement = self.conn.prepare_cached(
            "SELECT id FROM cs INDEXED BY cs_anchor
            WHERE ah = ?1 AND id >= ?2 AND id < ?3 AND anchor = ?4
            ORDER BY id DESC LIMIT 1",
        )?;
        let mut found = BTreeMap::new();
        for anchor in anchors {
            let hash = self.hasher.anchor(anchor).cast_signed();
            let key = params![hash, first, end, anchor];
            let id: Option<i64> = statement.query_row(key, |row| row.get(0)).optional()?;
            if let Some(id) = id {
                found.insert(anchor.clone(), CsId(id));
            }
        }
        Ok(found)
    }

    pub(crate) fn find_by_dn(
        &self,
        connector: ConnectorId,
        dn_keys: &[String],
    ) -> Result<BTreeMap<String, Vec<CsId>>, Failure> {
        let [first, end] = bounds(connector);
        let mut statement = self.conn.prepare_cached(
            "SELECT id FROM cs INDEXED BY cs_dn
            WHERE dh = ?1 AND id >= ?2 AND id < ?3 AND coalesce(dn_key, dn) = ?4
            ORDER BY id",
        )?;
        let mut found = BTreeMap::new();
        for dn_key in dn_keys {
            let hash = self.hasher.text(dn_key).cast_signed();
            let mut rows = statement.query(params![hash, first, end, dn_key])?;
            let mut ids = Vec::new();
            while let Some(row) = rows.next()? {
                ids.push(CsId(row.get(0)?));
            }
            if !ids.is_empty() {
                found.insert(dn_key.clone(), ids);
            }
        }
        Ok(found)
    }

    /// The objects below these names.
    pub(crate) fn find_below(
        &self,
        connector: ConnectorId,
        dn_keys: &[String],
    ) -> Result<BTreeMap<String, Vec<CsId>>, Failure> {
        let wanted: BTreeSet<&str> = dn_keys.iter().map(String::as_str).collect();
        let mut found: BTreeMap<String, Vec<CsId>> = BTreeMap::new();
        if wanted.is_empty() {
            return Ok(found);
        }
        let mut statement = self.conn.prepare_cached(
            "SELECT id, coalesce(dn_key, dn) FROM cs NOT INDEXED
            WHERE id >= ?1 AND id < ?2 ORDER BY id",
        )?;
        let mut rows = statement.query(bounds(connector))?;
        while let Some(row) = rows.next()? {
            let key = row.get_ref(1)?.as_str()?;
            for above in model::keys_above(key).filter(|above| wanted.contains(above)) {
                found.entry(above.to_owned()).or_default().push(CsId(row.get(0)?));
            }
        }
        Ok(found)
    }

    /// By way of the index if there is one, else slowly.
    pub(crate) fn find_cs_by_value(
        &self,
        connector: ConnectorId,
        object_type: &Name,
        attribute: &Name,
        value: &Value,
    ) -> Result<Vec<CsId>, Failure> {
        let ids = (self.names.get(object_type), self.names.get(attribute));
        let (Some(otype), Some(attr)) = ids else { return Ok(Vec::new()) };
        let is_indexed = self.is_indexed(i64::from(connector.0), attr)?;
        let sql = if is_indexed { BY_VALUE_INDEXED } else { BY_VALUE_SCAN };
        let key = join_key(value);
        let [first, end] = bounds(connector);
        let hash = self.hasher.text(&key).cast_signed();
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query(params![attr, hash, first, end, otype])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let values = codec::attribute(row.get_ref(1)?.as_blob()?, attr)?;
            if values.is_some_and(|values| values.iter().any(|v| join_key(v) == key)) {
                found.push(CsId(row.get(0)?));
            }
        }
        Ok(found)
    }

    /// True if the index of a space covers an attribute.
    pub(crate) fn is_indexed(&self, space: i64, attr: u16) -> Result<bool, Failure> {
        let sql = "SELECT EXISTS (SELECT 1 FROM indexed WHERE space = ?1 AND attr = ?2)";
        let mut statement = self.conn.prepare_cached(sql)?;
        Ok(statement.query_row(params![space, attr], |row| row.get(0))?)
    }

    pub(crate) fn linked_cs(&self, ids: &[MvId]) -> Result<BTreeMap<MvId, Vec<CsId>>, Failure> {
        let mut statement = self
            .conn
            .prepare_cached("SELECT id FROM cs INDEXED BY cs_mv WHERE mv = ?1 ORDER BY id")?;
        let mut linked = BTreeMap::new();
        for id in ids {
            let mut rows = statement.query([id.0])?;
            let mut objects = Vec::new();
            while let Some(row) = rows.next()? {
                objects.push(CsId(row.get(0)?));
            }
            if !objects.is_empty() {
                linked.insert(*id, objects);
            }
        }
        Ok(linked)
    }

    pub(crate) fn cs_counts(&self, connector: ConnectorId) -> Result<CsCounts, Failure> {
        let mut statement = self.conn.prepare_cached(
            "SELECT count(*),
                count(*) FILTER (WHERE state >= 4),
                count(*) FILTER (WHERE state = 1),
                count(*) FILTER (WHERE state = 3),
                count(*) FILTER (WHERE (work & 8) <> 0),
                count(*) FILTER (WHERE (work & 2) <> 0),
                count(*) FILTER (WHERE (work & 16) <> 0)
            FROM cs NOT INDEXED WHERE id >= ?1 AND id < ?2 AND state <> 0",
        )?;
        let counts = statement.query_row(bounds(connector), |row| {
            let count = |column| row.get(column).map(i64::unsigned_abs);
            Ok(CsCounts {
                total: count(0)?,
                connectors: count(1)?,
                disconnectors: count(2)?,
                filtered: count(3)?,
                pending_import: count(4)?,
                pending_export: count(5)?,
                awaiting_confirmation: count(6)?,
            })
        })?;
        Ok(counts)
    }

    pub(crate) fn cs_types(&self, connector: ConnectorId) -> Result<BTreeMap<Name, u64>, Failure> {
        let mut statement = self.conn.prepare_cached(
            "SELECT otype, count(*) FROM cs NOT INDEXED
            WHERE id >= ?1 AND id < ?2 AND state <> 0 GROUP BY otype",
        )?;
        let mut rows = statement.query(bounds(connector))?;
        let mut types = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let count: i64 = row.get(1)?;
            types.insert(name_of(&self.names, row.get(0)?)?, count.unsigned_abs());
        }
        Ok(types)
    }
}

/// The first id of a connector and the first after its last.
pub(crate) const fn bounds(connector: ConnectorId) -> [i64; 2] {
    [CsId::first(connector).0, CsId::end(connector).0]
}

/// A limit as SQL has it.
pub(crate) fn sql_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// The name of an id in a column.
pub(crate) fn name_of(names: &NameTable, id: u16) -> Result<Name, StoreError> {
    names.name(id).cloned().ok_or_else(|| corrupt(format!("a name with the unknown id {id}")))
}

fn read_object(row: &Row<'_>, names: &NameTable) -> Result<CsObject, Failure> {
    let id = CsId(row.get(0)?);
    read_columns(row, id, names).map_err(|failure| match failure {
        Failure::Store(error) => in_record(error, || id.to_string()).into(),
        sql @ Failure::Sql(_) => sql,
    })
}

fn read_columns(row: &Row<'_>, id: CsId, names: &NameTable) -> Result<CsObject, Failure> {
    let rule: Option<u16> = row.get(4)?;
    let dn: String = row.get(6)?;
    let dn_key: Option<String> = row.get(7)?;
    let import_error = optional_blob(row.get_ref(8)?)?;
    let imported = optional_blob(row.get_ref(9)?)?;
    let pending_import = optional_blob(row.get_ref(10)?)?;
    let export = optional_blob(row.get_ref(11)?)?;
    let bits: i64 = row.get(12)?;
    Ok(CsObject {
        id,
        object_type: name_of(names, row.get(1)?)?,
        anchor: row.get(5)?,
        dn_key: dn_key.unwrap_or_else(|| dn.clone()),
        dn,
        state: state_of(row.get(2)?, row.get::<_, Option<i64>>(3)?.map(MvId))?,
        linked_by: rule.map(|rule| name_of(names, rule)).transpose()?,
        imported: imported.map(|b| codec::decode_attributes(b, names)).transpose()?,
        pending_import: pending_import
            .map(|b| codec::decode_pending_import(b, names))
            .transpose()?,
        export: export
            .map_or_else(|| Ok(ExportStages::default()), |b| codec::decode_export(b, names))?,
        import_error: import_error.map(|b| codec::decode_object_error(b, names)).transpose()?,
        needs_sync: bits & work::NEEDS_SYNC != 0,
        reference_retry: bits & work::REFERENCE_RETRY != 0,
    })
}

fn optional_blob(value: ValueRef<'_>) -> Result<Option<&[u8]>, Failure> {
    Ok(value.as_blob_or_null()?)
}

fn state_of(number: i64, mv: Option<MvId>) -> Result<CsState, StoreError> {
    Ok(match (number, mv) {
        (0, None) => CsState::Placeholder,
        (1, None) => CsState::Disconnector(DisconnectorKind::Normal),
        (2, None) => CsState::Disconnector(DisconnectorKind::Explicit),
        (3, None) => CsState::Disconnector(DisconnectorKind::Filtered),
        (4, Some(mv)) => CsState::Connector { mv, kind: ConnectorKind::Normal },
        (5, Some(mv)) => CsState::Connector { mv, kind: ConnectorKind::Explicit },
        _ => return Err(corrupt("a state")),
    })
}
