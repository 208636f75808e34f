//! The end of a process at a chosen moment: whatever it was doing is never polled again.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

/// Where a fault says that the process has ended.
#[derive(Debug, Clone, Default)]
pub(crate) struct Signal(Arc<AtomicBool>);

impl Signal {
    /// Ends the process: never returns.
    pub(crate) async fn crash(&self) {
        self.0.store(true, Ordering::SeqCst);
        std::future::pending::<()>().await;
    }

    /// Carries a future out until it ends or the process does; `None` in the second case.
    pub(crate) async fn watch<F: Future>(&self, future: F) -> Option<F::Output> {
        let mut future = pin!(future);
        std::future::poll_fn(|context| match future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if self.0.swap(false, Ordering::SeqCst) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        })
        .await
    }
}
