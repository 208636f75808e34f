//! The end of a process at a chosen moment: whatever it was doing is never polled again.

use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

/// How a process comes to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It ends, and somebody notices.
    Ended,
    /// It is there and does nothing: its runs stay its own.
    Hanging,
}

/// Where a fault says what became of the process.
#[derive(Debug, Clone, Default)]
pub(crate) struct Signal(Arc<Mutex<Option<Fate>>>);

impl Signal {
    /// Seals the process's fate: never returns.
    pub(crate) async fn seal(&self, fate: Fate) {
        self.set(Some(fate));
        std::future::pending::<()>().await;
    }

    /// Carries a future out until it ends or the process does.
    pub(crate) async fn watch<F: Future>(&self, future: F) -> Result<F::Output, Fate> {
        let mut future = pin!(future);
        std::future::poll_fn(|context| match future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Ok(output)),
            Poll::Pending => match self.set(None) {
                Some(fate) => Poll::Ready(Err(fate)),
                None => Poll::Pending,
            },
        })
        .await
    }

    /// Sets the fate and gives the one before.
    fn set(&self, fate: Option<Fate>) -> Option<Fate> {
        std::mem::replace(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner), fate)
    }
}
