//! What is staged is written while the connected system is read on. Nothing is staged before what was
//! staged last is written, since staging asks the store.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::Poll;

use store::{Batch, RunLease, Store, StoreError};

type Writing<'r> = Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send + 'r>>;

/// A batch on its way to the store.
#[derive(Default)]
pub(super) struct Behind<'r> {
    /// Never locked: only the one who may change it looks.
    writing: Mutex<Option<Writing<'r>>>,
    /// Entries of the batch.
    entries: usize,
}

impl<'r> Behind<'r> {
    /// Hands a batch to the store.
    ///
    /// # Errors
    /// When the store refuses it at once.
    pub(super) async fn begin(
        &mut self,
        store: &'r dyn Store,
        lease: RunLease,
        batch: Batch,
        entries: usize,
    ) -> Result<(), StoreError> {
        let mut writing: Writing<'r> = Box::pin(async move { store.commit(&lease, batch).await });
        // Once asked, the store goes on by itself.
        let begun = poll_fn(|context| Poll::Ready(writing.as_mut().poll(context))).await;
        self.entries = entries;
        self.writing = Mutex::new(match begun {
            Poll::Ready(written) => {
                written?;
                Some(Box::pin(async { Ok(()) }))
            }
            Poll::Pending => Some(writing),
        });
        Ok(())
    }

    /// Waits until the batch is written; how many entries it had, if there was one.
    pub(super) async fn end(&mut self) -> Result<Option<usize>, StoreError> {
        let writing = self.writing.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        let Some(writing) = writing else { return Ok(None) };
        writing.await?;
        Ok(Some(self.entries))
    }
}
