//! Futures without a runtime: polled by hand, so that every point where one waits is a place where
//! the process can be made to die.

use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

/// Polls a future to its end, at most so many times. `None` if it was dropped before its end.
pub(crate) fn poll_at_most<F: Future>(future: F, polls: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..polls {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return Some(output);
        }
    }
    None
}

/// A point to die at: waits once.
#[derive(Debug, Default)]
pub(crate) struct Pause(bool);

impl Future for Pause {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if std::mem::replace(&mut self.0, true) { Poll::Ready(()) } else { Poll::Pending }
    }
}
