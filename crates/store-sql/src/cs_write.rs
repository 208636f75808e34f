//! Writing connector-space objects.

use model::{CsId, Image, Name};
use rusqlite::{OptionalExtension as _, params};
use store::codec::{self, Interner as _};
use store::{ConnectorKind, CsObject, CsState, CsWrite, DisconnectorKind, Parts};

use crate::failure::{Failure, corrupt};
use crate::index::CS_INDEX;
use crate::writer::Writer;

/// The bits of `cs.work`. Partial indexes in the schema name some of them as numbers.
pub(crate) mod work {
    pub(crate) const DELTA_SYNC: i64 = 1;
    pub(crate) const EXPORT: i64 = 2;
    pub(crate) const SETTLED: i64 = 4;
    pub(crate) const PENDING_IMPORT: i64 = 8;
    pub(crate) const AWAITING_CONFIRMATION: i64 = 16;
    pub(crate) const NEEDS_SYNC: i64 = 32;
    pub(crate) const REFERENCE_RETRY: i64 = 64;
}

const PUT_IMPORTED: &str = "INSERT INTO cs_imp (id, data) VALUES (?1, ?2)
    ON CONFLICT (id) DO UPDATE SET data = excluded.data";
const PUT_PENDING: &str = "INSERT INTO cs_pimp (id, data) VALUES (?1, ?2)
    ON CONFLICT (id) DO UPDATE SET data = excluded.data";
const PUT_EXPORT: &str = "INSERT INTO cs_pexp (id, data) VALUES (?1, ?2)
    ON CONFLICT (id) DO UPDATE SET data = excluded.data";

const INSERT: &str = "INSERT INTO cs
    (id, otype, state, work, ah, dh, hash, mv, rule, anchor, dn, dn_key, error)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
const UPDATE: &str = "UPDATE cs
    SET otype = ?2, state = ?3, work = ?4, ah = ?5, dh = ?6, hash = ?7, mv = ?8, rule = ?9,
        anchor = ?10, dn = ?11, dn_key = ?12, error = ?13
    WHERE id = ?1";
// What does not name the columns of an index leaves it alone.
const UPDATE_CORE: &str =
    "UPDATE cs SET state = ?2, work = ?3, mv = ?4, rule = ?5, error = ?6 WHERE id = ?1";

impl Writer {
    /// Applies the connector-space part of a batch.
    pub(crate) fn write_cs(&mut self, writes: Vec<CsWrite>) -> Result<(), Failure> {
        for write in writes {
            match write {
                CsWrite::Insert(object) => self.put_cs(object, None)?,
                CsWrite::Update(_, parts) if parts.is_empty() => {}
                CsWrite::Update(object, parts) => self.put_cs(object, Some(parts))?,
                CsWrite::Remove(id) => self.remove_cs(id)?,
            }
        }
        Ok(())
    }

    /// Inserts an object, or updates parts of it.
    fn put_cs(&mut self, mut object: CsObject, update: Option<Parts>) -> Result<(), Failure> {
        let parts = update.unwrap_or(Parts::ALL);
        let bits = work_bits(&object);
        if parts.core && update.is_some() {
            self.unsettle_linked(object.id)?;
        }
        if let Some(mv) = object.state.mv() {
            self.unsettle(mv)?;
        }
        if parts.imported && !(update.is_none() && object.imported.is_none()) {
            self.put_imported(&object, update.is_some())?;
        }
        // An object that is new has nothing to delete.
        let is_new = update.is_none();
        if parts.pending_import && !(is_new && object.pending_import.is_none()) {
            let pending = object.pending_import.as_ref();
            let data = pending.map(|p| codec::encode_pending_import(p, &mut self.names));
            self.put_part(
                object.id,
                data.transpose()?,
                PUT_PENDING,
                "DELETE FROM cs_pimp WHERE id = ?1",
            )?;
        }
        if parts.export && !(is_new && object.export.is_empty()) {
            let data = if object.export.is_empty() {
                None
            } else {
                Some(codec::encode_export(&object.export, &mut self.names)?)
            };
            self.put_part(object.id, data, PUT_EXPORT, "DELETE FROM cs_pexp WHERE id = ?1")?;
        }
        let id = object.id;
        let mut rows = 0;
        if parts.identity {
            let hash = self.content_hash(&mut object);
            let sql = if update.is_some() { UPDATE } else { INSERT };
            rows = self.put_identity(&object, bits, hash, sql)?;
        } else {
            if parts.core {
                rows = self.put_core(&object, bits)?;
            }
            if parts.imported {
                let hash = self.content_hash(&mut object);
                let sql = "UPDATE cs SET work = ?2, hash = ?3 WHERE id = ?1";
                rows = self.conn.prepare_cached(sql)?.execute(params![id.0, bits, hash])?;
            } else if !parts.core {
                let sql = "UPDATE cs SET work = ?2 WHERE id = ?1";
                rows = self.conn.prepare_cached(sql)?.execute(params![id.0, bits])?;
            }
        }
        // An update of an object that is gone would leave parts without a whole.
        if rows == 1 {
            Ok(())
        } else {
            Err(corrupt(format!("no object {id} for an update")).into())
        }
    }

    fn put_core(&mut self, object: &CsObject, bits: i64) -> Result<usize, Failure> {
        let (rule, error) = self.encode_core(object)?;
        let rows = self.conn.prepare_cached(UPDATE_CORE)?.execute(params![
            object.id.0,
            state_number(object.state),
            bits,
            object.state.mv().map(|mv| mv.0),
            rule,
            error,
        ])?;
        Ok(rows)
    }

    /// The rule that linked the object, and its error.
    fn encode_core(
        &mut self,
        object: &CsObject,
    ) -> Result<(Option<u16>, Option<Vec<u8>>), Failure> {
        let rule = object.linked_by.as_ref().map(|name| self.names.id(name)).transpose()?;
        let error = object.import_error.as_ref();
        let error = error.map(|e| codec::encode_object_error(e, &mut self.names)).transpose()?;
        Ok((rule, error))
    }

    fn put_identity(
        &mut self,
        object: &CsObject,
        bits: i64,
        hash: Option<[u8; 16]>,
        sql: &str,
    ) -> Result<usize, Failure> {
        let (rule, error) = self.encode_core(object)?;
        let rows = self.conn.prepare_cached(sql)?.execute(params![
            object.id.0,
            self.names.id(&object.object_type)?,
            state_number(object.state),
            bits,
            object.anchor.as_deref().map(|anchor| self.hasher.anchor(anchor).cast_signed()),
            self.hasher.text(&object.dn_key).cast_signed(),
            hash,
            object.state.mv().map(|mv| mv.0),
            rule,
            object.anchor,
            object.dn,
            (object.dn_key != object.dn).then_some(&object.dn_key),
            error,
        ])?;
        Ok(rows)
    }

    /// The hash of what was imported. Takes parts of the object, only for the moment.
    fn content_hash(&self, object: &mut CsObject) -> Option<[u8; 16]> {
        let attributes = object.imported.take()?;
        let image = Image {
            object_type: object.object_type.clone(),
            anchor: object.anchor.take(),
            dn: std::mem::take(&mut object.dn),
            attributes,
        };
        let hash = self.hasher.content(&image).to_be_bytes();
        object.anchor = image.anchor;
        object.dn = image.dn;
        object.imported = Some(image.attributes);
        Some(hash)
    }

    fn put_imported(&mut self, object: &CsObject, may_exist: bool) -> Result<(), Failure> {
        let new = object.imported.as_ref();
        let data = new.map(|set| codec::encode_attributes(set, &mut self.names)).transpose()?;
        let space = i64::from(object.id.connector().0);
        if !self.indexed.of(space).is_empty() {
            let old = if may_exist { self.imported_data(object.id)? } else { None };
            let values = |name: &Name| new?.get(name);
            self.reindex(&CS_INDEX, space, object.id.0, old.as_deref(), values)?;
        }
        self.put_part(object.id, data, PUT_IMPORTED, "DELETE FROM cs_imp WHERE id = ?1")
    }

    fn imported_data(&self, id: CsId) -> Result<Option<Vec<u8>>, Failure> {
        let mut select = self.conn.prepare_cached("SELECT data FROM cs_imp WHERE id = ?1")?;
        Ok(select.query_row([id.0], |row| row.get(0)).optional()?)
    }

    fn put_part(
        &self,
        id: CsId,
        data: Option<Vec<u8>>,
        put: &str,
        delete: &str,
    ) -> Result<(), Failure> {
        match data {
            Some(data) => self.conn.prepare_cached(put)?.execute(params![id.0, data])?,
            None => self.conn.prepare_cached(delete)?.execute([id.0])?,
        };
        Ok(())
    }

    fn remove_cs(&self, id: CsId) -> Result<(), Failure> {
        self.unsettle_linked(id)?;
        let space = i64::from(id.connector().0);
        if !self.indexed.of(space).is_empty()
            && let Some(old) = self.imported_data(id)?
        {
            self.reindex(&CS_INDEX, space, id.0, Some(&old), |_| None)?;
        }
        for sql in [
            "DELETE FROM cs WHERE id = ?1",
            "DELETE FROM cs_imp WHERE id = ?1",
            "DELETE FROM cs_pimp WHERE id = ?1",
            "DELETE FROM cs_pexp WHERE id = ?1",
        ] {
            self.conn.prepare_cached(sql)?.execute([id.0])?;
        }
        Ok(())
    }
}

fn work_bits(object: &CsObject) -> i64 {
    [
        (object.is_delta_sync_work(), work::DELTA_SYNC),
        (object.is_export_work(), work::EXPORT),
        (object.is_settled(), work::SETTLED),
        (object.pending_import.is_some(), work::PENDING_IMPORT),
        (object.export.unconfirmed.is_some(), work::AWAITING_CONFIRMATION),
        (object.needs_sync, work::NEEDS_SYNC),
        (object.reference_retry, work::REFERENCE_RETRY),
    ]
    .into_iter()
    .filter_map(|(is_so, bit)| is_so.then_some(bit))
    .sum()
}

const fn state_number(state: CsState) -> i64 {
    match state {
        CsState::Placeholder => 0,
        CsState::Disconnector(DisconnectorKind::Normal) => 1,
        CsState::Disconnector(DisconnectorKind::Explicit) => 2,
        CsState::Disconnector(DisconnectorKind::Filtered) => 3,
        CsState::Connector { kind: ConnectorKind::Normal, .. } => 4,
        CsState::Connector { kind: ConnectorKind::Explicit, .. } => 5,
    }
}
