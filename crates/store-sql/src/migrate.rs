//! The schema's versions. A file is brought up to the newest one when it is opened; each step is
//! one transaction together with the version number it leads to.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, params};
use store::{HASH_KEY_OCTETS, StoreError};

use crate::failure::{Failure, corrupt, unavailable};
use crate::names::WriterNames;
use crate::resource_index;

/// Marks the file as ours in the header field SQLite reserves for that: "Prox" in ASCII.
const APPLICATION_ID: i32 = 0x5072_6f78;

/// The scripts in order; the first leads to version 1.
const MIGRATIONS: [&str; 5] = [
    include_str!("../migrations/0001_initial.sql"),
    include_str!("../migrations/0002_access.sql"),
    include_str!("../migrations/0003_run_steps.sql"),
    include_str!("../migrations/0004_references.sql"),
    include_str!("../migrations/0005_steady.sql"),
];
/// The version whose step also fills the index over resources.
const RESOURCE_INDEX: usize = 2;

/// What is in the file.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Found {
    /// Nothing at all.
    Nothing,
    /// A store of ours with the schema of this version.
    Version(usize),
}

/// Makes the schema of the file the newest one and returns the hash key. A new file gets
/// `new_key`, or a random one.
pub(crate) fn migrate(
    conn: &Connection,
    found: Found,
    new_key: Option<[u8; HASH_KEY_OCTETS]>,
) -> Result<[u8; HASH_KEY_OCTETS], StoreError> {
    let action = "bring its schema up to date";
    let version = match found {
        Found::Nothing => {
            let key = new_key.map_or_else(random_key, Ok)?;
            create(conn, &key).map_err(|f| f.during("create its tables"))?;
            1
        }
        Found::Version(version) => version,
    };
    for (done, script) in MIGRATIONS.iter().enumerate().skip(version) {
        step(conn, script, done + 1).map_err(|f| f.during(action))?;
    }
    read_key(conn).map_err(|f| f.during("read its hash key"))
}

/// Looks at the file without changing it.
///
/// # Errors
/// [`StoreError::NotAStore`], [`StoreError::NewerVersion`].
pub(crate) fn identify(conn: &Connection, path: &Path) -> Result<Found, StoreError> {
    let header = || {
        let application: i32 = conn.pragma_query_value(None, "application_id", |r| r.get(0))?;
        let version: u32 = conn.pragma_query_value(None, "user_version", |r| r.get(0))?;
        let is_empty =
            conn.query_row("SELECT count(*) = 0 FROM sqlite_schema", [], |r| r.get(0))?;
        Ok((application, version, is_empty))
    };
    let not_ours = || StoreError::NotAStore { store: path.display().to_string() };
    let (application, found, is_empty) =
        header().map_err(|error: rusqlite::Error| match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => not_ours(),
            _ => unavailable("read its header", error),
        })?;
    match application {
        0 if is_empty && found == 0 => return Ok(Found::Nothing),
        APPLICATION_ID => {}
        _ => return Err(not_ours()),
    }
    let known = u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX);
    if found > known {
        let store = path.display().to_string();
        return Err(StoreError::NewerVersion { store, found, known });
    }
    Ok(Found::Version(usize::try_from(found).unwrap_or(usize::MAX)))
}

fn create(conn: &Connection, key: &[u8; HASH_KEY_OCTETS]) -> Result<(), Failure> {
    let [first, ..] = MIGRATIONS;
    let transaction = conn.unchecked_transaction()?;
    conn.pragma_update(None, "application_id", APPLICATION_ID)?;
    conn.pragma_update(None, "user_version", 1)?;
    conn.execute_batch(first)?;
    conn.execute("INSERT INTO meta (key, value) VALUES ('hash-key', ?1)", params![key])?;
    transaction.commit()?;
    Ok(())
}

fn step(conn: &Connection, script: &str, version: usize) -> Result<(), Failure> {
    let transaction = conn.unchecked_transaction()?;
    conn.execute_batch(script)?;
    if version == RESOURCE_INDEX {
        resource_index::fill(conn, WriterNames::load(conn)?.table())?;
    }
    conn.pragma_update(None, "user_version", i64::try_from(version).unwrap_or(i64::MAX))?;
    transaction.commit()?;
    Ok(())
}

fn random_key() -> Result<[u8; HASH_KEY_OCTETS], StoreError> {
    let mut key = [0; HASH_KEY_OCTETS];
    getrandom::fill(&mut key).map_err(|e| unavailable("draw a random hash key", e))?;
    Ok(key)
}

fn read_key(conn: &Connection) -> Result<[u8; HASH_KEY_OCTETS], Failure> {
    let key: Vec<u8> =
        conn.query_row("SELECT value FROM meta WHERE key = 'hash-key'", [], |row| row.get(0))?;
    key.try_into().map_err(|_e| corrupt("a hash key").into())
}
