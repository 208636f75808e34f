//! The readers: a few connections that cannot write, each serving one snapshot at a time.

use std::fs::File;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use store::codec::NameTable;
use store::{Hasher, StoreError};
use tokio::sync::Semaphore;

use crate::failure::{Failure, unavailable};
use crate::names::SharedNames;

/// One consistent view of the store.
pub(crate) struct Reader<'c> {
    pub(crate) conn: &'c Connection,
    pub(crate) names: Arc<NameTable>,
    pub(crate) hasher: &'c Hasher,
}

/// The connections that read.
#[derive(Debug)]
pub(crate) struct Readers {
    idle: Mutex<Vec<Connection>>,
    free: Arc<Semaphore>,
    names: SharedNames,
    hasher: Hasher,
    // Last: the lock goes when every connection is closed.
    _lock: File,
}

/// A connection on loan.
struct Lent<'p> {
    conn: Option<Connection>,
    readers: &'p Readers,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if let Some(conn) = self.conn.take() {
            self.readers.idle.lock().unwrap_or_else(PoisonError::into_inner).push(conn);
        }
    }
}

impl Readers {
    pub(crate) fn new(
        connections: Vec<Connection>,
        names: SharedNames,
        hasher: Hasher,
        lock: File,
    ) -> Self {
        let free = Arc::new(Semaphore::new(connections.len()));
        Self { idle: Mutex::new(connections), free, names, hasher, _lock: lock }
    }

    pub(crate) const fn hasher(&self) -> &Hasher {
        &self.hasher
    }

    /// Runs `work` on a snapshot, on a thread where it may block.
    pub(crate) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        action: &'static str,
        work: impl FnOnce(&Reader<'_>) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let permit = Arc::clone(&self.free).acquire_owned().await;
        let permit = permit.map_err(|e| unavailable(action, e))?;
        let readers = Arc::clone(self);
        let task = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let conn = readers.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let lent = Lent { conn, readers: &readers };
            lent.snapshot(work)
        });
        let result = task.await.map_err(|e| unavailable(action, e))?;
        result.map_err(|failure| failure.during(action))
    }
}

impl Lent<'_> {
    fn snapshot<T>(
        &self,
        work: impl FnOnce(&Reader<'_>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        // There is a permit for each connection, so this fails only if one was lost to a panic.
        let conn = self.conn.as_ref().ok_or(rusqlite::Error::InvalidQuery)?;
        let transaction = conn.unchecked_transaction()?;
        // The snapshot begins with the first statement; names taken after it cover all it holds.
        transaction.prepare_cached("SELECT count(*) FROM meta")?.query_row([], |_row| Ok(()))?;
        let names = self.readers.names.get();
        work(&Reader { conn, names, hasher: &self.readers.hasher })
    }
}
