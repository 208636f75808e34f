//! The writer thread: the only connection that writes, one transaction at a time.

use std::thread::JoinHandle;

use model::RunId;
use rusqlite::Connection;
use store::{Hasher, StoreError};
use tokio::sync::{mpsc, oneshot};

use crate::failure::{Failure, unavailable};
use crate::index::Indexed;
use crate::names::WriterNames;

/// Transactions that may wait for the writer before callers have to.
const QUEUE_LENGTH_MAX: usize = 64;

/// The writer thread has ended, which only a bug in it can cause.
#[derive(Debug, thiserror::Error)]
#[error("the writer thread has ended")]
pub(crate) struct WriterEnded;

type Job = Box<dyn FnOnce(&mut Writer) + Send>;

/// What the writer thread owns. The fields are open so that a statement on `conn` can run while a
/// record is encoded with `names`.
pub(crate) struct Writer {
    pub(crate) conn: Connection,
    pub(crate) names: WriterNames,
    pub(crate) indexed: Indexed,
    /// What `indexed` becomes when the open transaction commits.
    pub(crate) indexed_next: Option<Indexed>,
    pub(crate) hasher: Hasher,
    /// The run beside which no other has been open since it began.
    pub(crate) alone: Option<RunId>,
}

impl Writer {
    /// Runs `work` in one transaction, which is rolled back when `work` fails.
    pub(crate) fn transaction<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.conn.execute_batch("BEGIN IMMEDIATE")?;
        let result = work(self).and_then(|value| {
            self.names.write(&self.conn)?;
            self.conn.execute_batch("COMMIT")?;
            Ok(value)
        });
        if result.is_ok() {
            self.names.keep();
            if let Some(indexed) = self.indexed_next.take() {
                self.indexed = indexed;
            }
            return result;
        }
        // The database has already rolled back by itself after some errors, e.g. a full disk.
        if !self.conn.is_autocommit()
            && let Err(error) = self.conn.execute_batch("ROLLBACK")
        {
            tracing::error!(error = %error, "a failed transaction could not be rolled back");
        }
        self.names.revert();
        self.indexed_next = None;
        result
    }
}

/// The way to the writer thread. Dropping it waits for the transactions already queued.
#[derive(Debug)]
pub(crate) struct WriterThread {
    queue: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl WriterThread {
    /// Starts the thread.
    pub(crate) fn start(mut writer: Writer) -> Result<Self, StoreError> {
        let (queue, mut jobs) = mpsc::channel::<Job>(QUEUE_LENGTH_MAX);
        let work = move || {
            while let Some(job) = jobs.blocking_recv() {
                job(&mut writer);
            }
        };
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(work)
            .map_err(|e| unavailable("start its writer thread", e))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Runs `work` in one transaction on the writer thread. Dropping the future does not stop it.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        action: &'static str,
        work: impl FnOnce(&mut Writer) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, StoreError> {
        let ended = || unavailable(action, WriterEnded);
        let (answer, result) = oneshot::channel();
        let job: Job = Box::new(move |writer| {
            let result = writer.transaction(work);
            // The caller may have gone; the transaction stands all the same.
            drop(answer.send(result));
        });
        let queue = self.queue.as_ref().ok_or_else(ended)?;
        queue.send(job).await.map_err(|_e| ended())?;
        result.await.map_err(|_e| ended())?.map_err(|failure| failure.during(action))
    }
}

impl Drop for WriterThread {
    fn drop(&mut self) {
        drop(self.queue.take());
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the writer thread of the store ended in a panic");
        }
    }
}

#[cfg(test)]
mod tests {
    use model::{Attributes, Guid, Name};
    use store::{ResourceChange, ResourceStore as _, StoreError};

    use crate::{Options, SqliteStore};

    fn put(id: u8, text: &str) -> ResourceChange {
        let mut attributes = Attributes::new();
        attributes.set_one(&format!("attribute-{id}"), text);
        let id = Guid::from_bytes([id; 16]);
        ResourceChange::Put { id, resource_type: Name::new("note"), attributes }
    }

    #[tokio::test]
    async fn a_full_disk_fails_the_batch_and_not_the_store() {
        let folder = tempfile::TempDir::new().unwrap();
        let store = SqliteStore::open(&folder.path().join("store.db"), &Options::default());
        let store = store.unwrap();
        let limit_pages = async |pages: i64| {
            let set = move |writer: &mut super::Writer| {
                Ok(writer.conn.pragma_update(None, "max_page_count", pages)?)
            };
            store.writer.write("limit the file", set).await.unwrap();
        };
        store.change_resources(vec![put(1, "small")]).await.unwrap();
        // Less than the file has means: no more than it has.
        limit_pages(1).await;
        let large = "x".repeat(1_000_000);
        let full = store.change_resources(vec![put(2, "small"), put(3, &large)]).await;
        assert!(matches!(full, Err(StoreError::Unavailable { .. })), "{full:?}");
        assert_eq!(store.resource_version().await.unwrap(), 1);
        limit_pages(1_000_000).await;
        store.change_resources(vec![put(3, &large), put(2, "small")]).await.unwrap();
        assert_eq!(store.resources_since(0, 10).await.unwrap().len(), 3);
        store.check().await.unwrap();
    }
}
