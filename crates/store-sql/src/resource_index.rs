//! The index that resources are found and listed by.

use std::collections::BTreeSet;

use model::{Attributes, Guid, Name, Value};
use rusqlite::{Connection, params};
use store::codec::{self, NameTable};
use store::{Resource, ResourceIndex, ResourceQuery, join_key};

use crate::cs_read::sql_limit;
use crate::failure::{Failure, in_record};
use crate::reader::Reader;

/// The number of an index in the file. Numbers are never used for another.
const fn code(index: ResourceIndex) -> i64 {
    match index {
        ResourceIndex::DisplayName => 1,
        ResourceIndex::AccountName => 2,
        ResourceIndex::Email => 3,
        ResourceIndex::ObjectSid => 4,
    }
}

/// The rows of a live resource: number of the index, key.
pub(crate) fn index_rows(attributes: &Attributes) -> BTreeSet<(i64, String)> {
    let keys = |index: ResourceIndex| {
        index.keys(attributes).into_iter().map(move |key| (code(index), key))
    };
    ResourceIndex::ALL.into_iter().flat_map(keys).collect()
}

/// Adds the rows of a resource that has none.
pub(crate) fn add_rows(
    conn: &Connection,
    id: Guid,
    resource_type: u16,
    rows: &BTreeSet<(i64, String)>,
) -> Result<(), Failure> {
    let sql = "INSERT INTO resource_value (type, attr, key, id) VALUES (?1, ?2, ?3, ?4)";
    let mut insert = conn.prepare_cached(sql)?;
    for (attr, key) in rows {
        insert.execute(params![resource_type, attr, key, id.as_bytes()])?;
    }
    Ok(())
}

/// Takes away the rows of a resource.
pub(crate) fn remove_rows(conn: &Connection, id: Guid) -> Result<(), Failure> {
    let sql = "DELETE FROM resource_value WHERE id = ?1";
    conn.prepare_cached(sql)?.execute([id.as_bytes()])?;
    Ok(())
}

/// Makes the rows of every resource in a file that had none yet.
pub(crate) fn fill(conn: &Connection, names: &NameTable) -> Result<(), Failure> {
    let mut statement = conn.prepare("SELECT id, type, data FROM resource WHERE deleted = 0")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let id = Guid::from_bytes(row.get(0)?);
        let attributes = codec::decode_attributes(row.get_ref(2)?.as_blob()?, names)
            .map_err(|error| in_record(error, || format!("resource {id}")))?;
        add_rows(conn, id, row.get(1)?, &index_rows(&attributes))?;
    }
    Ok(())
}

/// The first text after all that begin with `prefix`; `None` when nothing comes after them.
fn after_all(prefix: &str) -> Option<String> {
    let mut text = prefix.to_owned();
    while let Some(last) = text.pop() {
        let next = (u32::from(last) + 1..=u32::from(char::MAX)).find_map(char::from_u32);
        if let Some(next) = next {
            text.push(next);
            return Some(text);
        }
    }
    None
}

impl Reader<'_> {
    pub(crate) fn find_resources(
        &self,
        resource_type: &Name,
        attribute: ResourceIndex,
        value: &Value,
    ) -> Result<Vec<Resource>, Failure> {
        let Some(resource_type) = self.names.get(resource_type) else { return Ok(Vec::new()) };
        let sql = "SELECT id FROM resource_value
            WHERE type = ?1 AND attr = ?2 AND key = ?3 AND key <> '' ORDER BY id";
        let mut statement = self.conn.prepare_cached(sql)?;
        let key = params![resource_type, code(attribute), join_key(value)];
        let found = statement.query_map(key, |row| row.get(0).map(Guid::from_bytes))?;
        self.resources(&found.collect::<Result<Vec<_>, _>>()?)
    }

    /// The places come from the index alone, then the records are read.
    pub(crate) fn search_resources(&self, query: &ResourceQuery) -> Result<Vec<Resource>, Failure> {
        let Some(resource_type) = self.names.get(&query.resource_type) else {
            return Ok(Vec::new());
        };
        let nowhere = (String::new(), Guid::from_bytes([0; 16]));
        let is_first = query.after.is_none();
        let (key, id) = query.after.as_ref().unwrap_or(&nowhere);
        let limit = sql_limit(query.limit);
        let read = |row: &rusqlite::Row<'_>| row.get(0).map(Guid::from_bytes);
        let Some(prefix) = query.prefix.as_ref().map(|prefix| prefix.to_lowercase()) else {
            let mut statement = self.conn.prepare_cached(LIST)?;
            let values = params![resource_type, key, id.as_bytes(), is_first, limit];
            let found = statement.query_map(values, read)?;
            return self.resources(&found.collect::<Result<Vec<_>, _>>()?);
        };
        // No text is as large as an octet string, so this end is after every key.
        let end = after_all(&prefix)
            .map_or_else(|| rusqlite::types::Value::Blob(Vec::new()), rusqlite::types::Value::Text);
        let mut count = self.conn.prepare_cached(COUNT)?;
        let matches: i64 = count
            .query_row(params![resource_type, prefix, end, MATCHES_SORTED_MAX], |r| r.get(0))?;
        let sql = if matches < MATCHES_SORTED_MAX { SORT } else { WALK };
        let mut statement = self.conn.prepare_cached(sql)?;
        let values = params![resource_type, key, id.as_bytes(), is_first, limit, prefix, end];
        let found = statement.query_map(values, read)?;
        self.resources(&found.collect::<Result<Vec<_>, _>>()?)
    }
}

const LIST: &str = "SELECT id FROM resource_value
    WHERE type = ?1 AND attr = 1 AND key >= ?2 AND (?4 OR key > ?2 OR id > ?3)
    ORDER BY key, id LIMIT ?5";

/// Matches up to which it is quicker to sort them than to walk through the list for them.
const MATCHES_SORTED_MAX: i64 = 5_000;

const COUNT: &str = "SELECT count(*) FROM (
        SELECT 1 FROM resource_value WHERE type = ?1 AND attr = 1 AND key >= ?2 AND key < ?3
        UNION ALL
        SELECT 1 FROM resource_value WHERE type = ?1 AND attr = 2 AND key >= ?2 AND key < ?3
        UNION ALL
        SELECT 1 FROM resource_value WHERE type = ?1 AND attr = 3 AND key >= ?2 AND key < ?3
        LIMIT ?4)";

/// For few matches: all of them, brought into order.
const SORT: &str = "SELECT place.id FROM (
        SELECT id FROM resource_value WHERE type = ?1 AND attr = 1 AND key >= ?6 AND key < ?7
        UNION SELECT id FROM resource_value WHERE type = ?1 AND attr = 2 AND key >= ?6 AND key < ?7
        UNION SELECT id FROM resource_value WHERE type = ?1 AND attr = 3 AND key >= ?6 AND key < ?7
    ) AS found CROSS JOIN resource_value AS place ON place.id = found.id AND place.attr = 1
    WHERE place.key >= ?2 AND (?4 OR place.key > ?2 OR place.id > ?3)
    ORDER BY place.key, place.id LIMIT ?5";

/// For many matches: the list in its order, each resource looked at.
const WALK: &str = "SELECT place.id FROM resource_value AS place
    WHERE place.type = ?1 AND place.attr = 1
        AND place.key >= ?2 AND (?4 OR place.key > ?2 OR place.id > ?3)
        AND EXISTS (SELECT 1 FROM resource_value AS value INDEXED BY resource_value_id
            WHERE value.id = place.id AND value.attr IN (1, 2, 3)
                AND value.key >= ?6 AND value.key < ?7)
    ORDER BY place.key, place.id LIMIT ?5";

#[cfg(test)]
mod tests {
    use super::after_all;

    #[test]
    fn the_end_of_a_prefix_is_the_next_text_that_lacks_it() {
        assert_eq!(after_all("ab"), Some("ac".to_owned()));
        assert_eq!(after_all("a\u{10ffff}"), Some("b".to_owned()));
        assert_eq!(after_all("\u{d7ff}"), Some("\u{e000}".to_owned()));
        assert_eq!(after_all("\u{10ffff}"), None);
    }
}
