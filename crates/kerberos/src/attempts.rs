//! One attempt at a time, whose failure is that of all who waited for it.
//!
//! Without it a silent KDC would hold those who wait one after the other, each for the whole of
//! its own attempt.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What attempts work on, and how the last one ended.
#[derive(Debug)]
pub(crate) struct Attempts<S, E> {
    ended: AtomicU64,
    state: Mutex<(S, Option<E>)>,
}

/// A place in the queue: how many attempts had ended when one came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place(u64);

impl<S, E: Clone> Attempts<S, E> {
    pub(crate) const fn new(state: S) -> Self {
        Self { ended: AtomicU64::new(0), state: Mutex::new((state, None)) }
    }

    /// Takes a place, before waiting.
    pub(crate) fn queue(&self) -> Place {
        Place(self.ended.load(Ordering::Acquire))
    }

    /// Makes an attempt, or gives the failure of the one that ended while this one waited.
    pub(crate) fn attempt<T>(
        &self,
        place: Place,
        attempt: impl FnOnce(&mut S) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut guard = self.lock();
        let (state, failure) = &mut *guard;
        let has_waited = self.ended.load(Ordering::Acquire) != place.0;
        if let (true, Some(failure)) = (has_waited, &*failure) {
            return Err(failure.clone());
        }
        let result = attempt(state);
        *failure = result.as_ref().err().cloned();
        self.ended.fetch_add(1, Ordering::Release);
        result
    }

    /// Changes the state between attempts.
    pub(crate) fn change(&self, change: impl FnOnce(&mut S)) {
        change(&mut self.lock().0);
    }

    fn lock(&self) -> MutexGuard<'_, (S, Option<E>)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waited_for_a_failure_has_it_and_who_comes_later_tries() {
        let attempts = Attempts::<u32, &str>::new(0);
        let (first, second) = (attempts.queue(), attempts.queue());
        assert_eq!(attempts.attempt(first, |_| Err::<(), _>("silent")), Err("silent"));
        let never = |_: &mut u32| -> Result<(), &'static str> { panic!("a second attempt") };
        assert_eq!(attempts.attempt(second, never), Err("silent"));
        let third = attempts.queue();
        assert_eq!(attempts.attempt(third, |_| Ok(3)), Ok(3));
    }

    #[test]
    fn who_waited_for_a_success_works_with_its_state() {
        let attempts = Attempts::<u32, &str>::new(0);
        let (first, second) = (attempts.queue(), attempts.queue());
        let next = |state: &mut u32| {
            *state += 1;
            Ok(*state)
        };
        assert_eq!(attempts.attempt(first, next), Ok(1));
        assert_eq!(attempts.attempt(second, next), Ok(2));
    }
}
