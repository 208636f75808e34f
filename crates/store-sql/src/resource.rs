//! Resources of the identity service, with their change sequence.

use std::collections::BTreeSet;

use model::{Attributes, Guid};
use rusqlite::{OptionalExtension as _, Row, params};
use store::codec::{self, Interner as _};
use store::{Resource, ResourceChange};

use crate::cs_read::{name_of, sql_limit};
use crate::failure::{Failure, in_record};
use crate::reader::Reader;
use crate::resource_index::{add_rows, index_rows, remove_rows};
use crate::writer::Writer;

/// A resource as its row has it.
#[derive(PartialEq, Eq)]
struct Stored {
    resource_type: u16,
    deleted: bool,
    data: Vec<u8>,
}

impl Writer {
    pub(crate) fn change_resources(&mut self, changes: Vec<ResourceChange>) -> Result<(), Failure> {
        let sql = "SELECT coalesce(max(version), 0) FROM resource";
        let mut version: i64 = self.conn.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
        for change in changes {
            let (ResourceChange::Put { id, .. } | ResourceChange::Delete { id }) = &change;
            let id = *id;
            let before = self.stored_resource(id)?;
            let after = match change {
                ResourceChange::Put { resource_type, attributes, .. } => Stored {
                    resource_type: self.names.id(&resource_type)?,
                    deleted: false,
                    data: codec::encode_attributes(&attributes, &mut self.names)?,
                },
                ResourceChange::Delete { .. } => match &before {
                    Some(live) if !live.deleted => Stored {
                        resource_type: live.resource_type,
                        deleted: true,
                        data: codec::encode_attributes(&Attributes::new(), &mut self.names)?,
                    },
                    _ => continue,
                },
            };
            // One set has one encoding, so equal rows are equal resources.
            if before.as_ref() != Some(&after) {
                version += 1;
                self.put_resource(id, &after, version)?;
                self.index_resource(id, before.as_ref(), &after)?;
            }
        }
        Ok(())
    }

    /// Gives a resource new attributes if its last change is still at `version`.
    pub(crate) fn replace_resource(
        &mut self,
        id: Guid,
        version: i64,
        attributes: Attributes,
    ) -> Result<bool, Failure> {
        let sql = "SELECT type FROM resource WHERE id = ?1 AND version = ?2 AND deleted = 0";
        let mut select = self.conn.prepare_cached(sql)?;
        let found: Option<u16> =
            select.query_row(params![id.as_bytes(), version], |row| row.get(0)).optional()?;
        drop(select);
        let Some(resource_type) = found else { return Ok(false) };
        let resource_type = name_of(self.names.table(), resource_type)?;
        self.change_resources(vec![ResourceChange::Put { id, resource_type, attributes }])?;
        Ok(true)
    }

    /// Makes the index rows of a resource those of its new row.
    fn index_resource(
        &self,
        id: Guid,
        before: Option<&Stored>,
        after: &Stored,
    ) -> Result<(), Failure> {
        let rows = |resource: &Stored| {
            if resource.deleted {
                return Ok::<_, Failure>(BTreeSet::new());
            }
            let attributes = codec::decode_attributes(&resource.data, self.names.table())
                .map_err(|error| in_record(error, || format!("resource {id}")))?;
            Ok(index_rows(&attributes))
        };
        let old = before.map(rows).transpose()?.unwrap_or_default();
        let new = rows(after)?;
        let same_type = before.is_none_or(|before| before.resource_type == after.resource_type);
        if old != new || !same_type {
            if !old.is_empty() {
                remove_rows(&self.conn, id)?;
            }
            add_rows(&self.conn, id, after.resource_type, &new)?;
        }
        Ok(())
    }

    fn stored_resource(&self, id: Guid) -> Result<Option<Stored>, Failure> {
        let sql = "SELECT type, deleted, data FROM resource WHERE id = ?1";
        let mut select = self.conn.prepare_cached(sql)?;
        let stored = select.query_row([id.as_bytes()], |row| {
            Ok(Stored { resource_type: row.get(0)?, deleted: row.get(1)?, data: row.get(2)? })
        });
        Ok(stored.optional()?)
    }

    fn put_resource(&self, id: Guid, resource: &Stored, version: i64) -> Result<(), Failure> {
        let Stored { resource_type, deleted, data } = resource;
        self.conn
            .prepare_cached(
                "INSERT INTO resource (id, type, version, deleted, data)
                VALUES (?1, ?2, ?3, ?4, ?5)
                ON CONFLICT (id) DO UPDATE SET type = excluded.type, version = excluded.version,
                    deleted = excluded.deleted, data = excluded.data",
            )?
            .execute(params![id.as_bytes(), resource_type, version, deleted, data])?;
        Ok(())
    }
}

impl Reader<'_> {
    pub(crate) fn resources(&self, ids: &[Guid]) -> Result<Vec<Resource>, Failure> {
        let sql = "SELECT id, type, version, deleted, data FROM resource
            WHERE id = ?1 AND deleted = 0";
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            let mut rows = statement.query([id.as_bytes()])?;
            if let Some(row) = rows.next()? {
                found.push(self.read_resource(row)?);
            }
        }
        Ok(found)
    }

    pub(crate) fn resources_since(
        &self,
        version: i64,
        limit: usize,
    ) -> Result<Vec<Resource>, Failure> {
        let sql = "SELECT id, type, version, deleted, data FROM resource
            WHERE version > ?1 ORDER BY version LIMIT ?2";
        let mut statement = self.conn.prepare_cached(sql)?;
        let mut rows = statement.query([version, sql_limit(limit)])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(self.read_resource(row)?);
        }
        Ok(found)
    }

    pub(crate) fn resource_version(&self) -> Result<i64, Failure> {
        let sql = "SELECT coalesce(max(version), 0) FROM resource";
        Ok(self.conn.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
    }

    fn read_resource(&self, row: &Row<'_>) -> Result<Resource, Failure> {
        let id = Guid::from_bytes(row.get(0)?);
        let attributes = codec::decode_attributes(row.get_ref(4)?.as_blob()?, &self.names)
            .map_err(|error| in_record(error, || format!("resource {id}")))?;
        Ok(Resource {
            id,
            resource_type: name_of(&self.names, row.get(1)?)?,
            attributes,
            version: row.get(2)?,
            deleted: row.get(3)?,
        })
    }
}
