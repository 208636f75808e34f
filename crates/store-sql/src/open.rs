//! Opening a store: the lock, the file, the settings of its connections.

use std::ffi::OsString;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};
use store::{HASH_KEY_OCTETS, Hasher, StoreError};

use crate::facade::SqliteStore;
use crate::failure::{Failure, corrupt, unavailable};
use crate::index::Indexed;
use crate::migrate::{identify, migrate};
use crate::names::WriterNames;
use crate::reader::Readers;
use crate::writer::{Writer, WriterThread};

/// Prepared statements kept per connection; more than there are.
const STATEMENTS: usize = 128;
/// How long a statement waits for a lock that SQLite itself holds for a moment.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// How to open a store.
#[derive(Clone)]
pub struct Options {
    /// The hash key of a store that is made now; `None` draws one. A store that exists has its own.
    pub hash_key: Option<[u8; HASH_KEY_OCTETS]>,
    /// How many snapshots can be read at once; at least one.
    pub readers: usize,
    /// The writer's page cache, in mebibytes. Large first imports gain from more.
    pub writer_cache_mebibytes: u16,
    /// Each reader's page cache, in mebibytes.
    pub reader_cache_mebibytes: u16,
}

impl Default for Options {
    fn default() -> Self {
        Self { hash_key: None, readers: 4, writer_cache_mebibytes: 64, reader_cache_mebibytes: 16 }
    }
}

impl SqliteStore {
    /// Opens the store in the file `path`, which is made if it does not exist, readable by its
    /// owner only. Blocks while it brings the schema up to date, and after a crash while it checks
    /// the file. The lock file `path` + `.lock` stays behind; only the lock on it matters.
    ///
    /// Leases of runs that were left open are ended: whoever held them is gone.
    ///
    /// # Errors
    /// [`StoreError::Locked`] when another process, or this one, has the store open;
    /// [`StoreError::NotAStore`], [`StoreError::NewerVersion`], [`StoreError::Corrupt`] for what
    /// is in the file; [`StoreError::Unavailable`] when it cannot be read or written.
    pub fn open(path: &Path, options: &Options) -> Result<Self, StoreError> {
        let lock = lock(path)?;
        let was_closed = std::fs::metadata(beside(path, "-wal")).map_or(true, |m| m.len() == 0);
        create_private(path)?;
        let conn = connect(path).map_err(|f| f.during("open its file"))?;
        // The header says whose file it is before any setting touches it.
        let found = identify(&conn, path)?;
        configure_writer(&conn, options.writer_cache_mebibytes)
            .map_err(|f| f.during("set its file up"))?;
        let hash_key = migrate(&conn, found, options.hash_key)?;
        if !was_closed {
            tracing::info!("the store was not closed; checking it");
            quick_check(&conn).map_err(|f| f.during("check its file"))?;
        }
        conn.execute("UPDATE run SET lease_until = 0 WHERE ended IS NULL", [])
            .map_err(|e| unavailable("end the leases left behind", e))?;
        let connections = (0..options.readers.max(1))
            .map(|_| connect_reader(path, options.reader_cache_mebibytes))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|f| f.during("open its file for reading"))?;
        let hasher = Hasher::new(hash_key);
        let names = WriterNames::load(&conn).map_err(|f| f.during("read its names"))?;
        let indexed = Indexed::load(&conn, names.table());
        let indexed = indexed.map_err(|f| f.during("read its list of indexes"))?;
        let readers = Readers::new(connections, names.shared(), hasher.clone(), lock);
        let writer = WriterThread::start(Writer {
            conn,
            names,
            indexed,
            indexed_next: None,
            hasher,
            alone: None,
        })?;
        Ok(Self::new(writer, Arc::new(readers)))
    }
}

/// Fails unless SQLite finds the file's pages and rows in order.
pub(crate) fn quick_check(conn: &Connection) -> Result<(), Failure> {
    let problem: String = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if problem == "ok" { Ok(()) } else { Err(corrupt(format!("pages ({problem})")).into()) }
}

/// `path` with `suffix` after its name.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

/// Takes the lock that one process at a time can have. The kernel drops it when the process ends.
fn lock(path: &Path) -> Result<File, StoreError> {
    let mut options = OpenOptions::new();
    let file = options.create(true).truncate(false).write(true).open(beside(path, ".lock"));
    let file = file.map_err(|e| unavailable("create its lock file", e))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(StoreError::Locked { store: path.display().to_string() })
        }
        Err(TryLockError::Error(error)) => Err(unavailable("lock its lock file", error)),
    }
}

/// Makes the file, if there is none, before SQLite would make it readable by everyone.
fn create_private(path: &Path) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(unavailable("create its file", error)),
    }
}

fn connect(path: &Path) -> Result<Connection, Failure> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(BUSY_TIMEOUT)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(conn)
}

fn connect_reader(path: &Path, cache_mebibytes: u16) -> Result<Connection, Failure> {
    let conn = connect(path)?;
    conn.pragma_update(None, "query_only", true)?;
    set_cache(&conn, cache_mebibytes)?;
    Ok(conn)
}

fn configure_writer(conn: &Connection, cache_mebibytes: u16) -> Result<(), Failure> {
    // Takes effect in a file that is still empty; larger pages suit the blobs.
    conn.pragma_update(None, "page_size", 8192)?;
    let mode: String =
        conn.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    if mode != "wal" {
        return Err(unavailable("switch its file to a write-ahead log", NoLog { mode }).into());
    }
    conn.pragma_update(None, "synchronous", "full")?;
    conn.pragma_update(None, "wal_autocheckpoint", 16_384)?;
    conn.pragma_update(None, "journal_size_limit", 256 * 1024 * 1024)?;
    set_cache(conn, cache_mebibytes)
}

/// The file system cannot hold a write-ahead log, as on network shares.
#[derive(Debug, thiserror::Error)]
#[error("the journal mode stays {mode}")]
struct NoLog {
    mode: String,
}

fn set_cache(conn: &Connection, mebibytes: u16) -> Result<(), Failure> {
    // Negative: kibibytes, not pages.
    conn.pragma_update(None, "cache_size", -1024 * i64::from(mebibytes))?;
    conn.pragma_update(None, "temp_store", "memory")?;
    conn.pragma_update(None, "mmap_size", 0)?;
    Ok(())
}
