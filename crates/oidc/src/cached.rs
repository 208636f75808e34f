//! A document of the provider that is kept, and fetched again in time, by one caller for all.
//!
//! Whoever asks gets a fresh document without waiting; when it is due, one caller fetches and the
//! others go on with the old one, or wait when there is none. After a failure there is a pause in
//! which nobody tries, so that requests fail at once instead of one by one after the time limit.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::Timestamp;

use crate::OidcError;
use crate::limits::{
    DOCUMENT_FRESH_SECONDS, DOCUMENT_USABLE_SECONDS, PAUSE_SECONDS_MAX, PAUSE_SECONDS_MIN,
    UNKNOWN_KEY_SECONDS,
};
use crate::times::after;

/// A kept document.
#[derive(Debug)]
pub(crate) struct Cached<T> {
    state: Mutex<State<T>>,
    /// Held by whoever fetches.
    flight: tokio::sync::Mutex<()>,
}

#[derive(Debug)]
struct State<T> {
    kept: Option<(Arc<T>, Timestamp)>,
    failure: Option<Failure>,
    forced: Option<Timestamp>,
}

#[derive(Debug, Clone)]
struct Failure {
    error: OidcError,
    pause_until: Timestamp,
    pause_seconds: i64,
}

impl<T> Cached<T> {
    pub(crate) fn new() -> Self {
        let state = State { kept: None, failure: None, forced: None };
        Self { state: Mutex::new(state), flight: tokio::sync::Mutex::new(()) }
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The document; `fetch` is awaited only when this caller is the one to fetch.
    pub(crate) async fn get(
        &self,
        now: Timestamp,
        fetch: impl Future<Output = Result<T, OidcError>> + Send,
    ) -> Result<Arc<T>, OidcError> {
        if let Some(found) = self.state().at_hand(now) {
            return found;
        }
        let usable = self.state().usable(now);
        let _flight = match (self.flight.try_lock(), usable) {
            (Ok(flight), _) => flight,
            (Err(_), Some(usable)) => return Ok(usable),
            (Err(_), None) => self.flight.lock().await,
        };
        // Whoever was in flight before may have brought it.
        if let Some(found) = self.state().at_hand(now) {
            return found;
        }
        let fetched = fetch.await;
        self.state().take(fetched, now)
    }

    /// The document newer than `known`, if it may be fetched for the sake of something that `known`
    /// lacks; `None` when that was tried a short while ago.
    pub(crate) async fn newer(
        &self,
        known: &Arc<T>,
        now: Timestamp,
        fetch: impl Future<Output = Result<T, OidcError>> + Send,
    ) -> Option<Result<Arc<T>, OidcError>> {
        let _flight = self.flight.lock().await;
        {
            let mut state = self.state();
            if let Some((kept, _)) =
                state.kept.as_ref().filter(|(kept, _)| !Arc::ptr_eq(kept, known))
            {
                return Some(Ok(kept.clone()));
            }
            if state.forced.is_some_and(|at| now < after(at, UNKNOWN_KEY_SECONDS) && now >= at) {
                return None;
            }
            state.forced = Some(now);
        }
        let fetched = fetch.await;
        Some(self.state().take(fetched, now))
    }
}

impl<T> State<T> {
    /// What can be said without fetching.
    fn at_hand(&self, now: Timestamp) -> Option<Result<Arc<T>, OidcError>> {
        if let Some((kept, at)) = &self.kept
            && now < after(*at, DOCUMENT_FRESH_SECONDS)
        {
            return Some(Ok(kept.clone()));
        }
        let failure = self.failure.as_ref().filter(|f| now < f.pause_until)?;
        Some(self.usable(now).ok_or_else(|| failure.error.clone()))
    }

    /// The document, fresh or not, while it may be used.
    fn usable(&self, now: Timestamp) -> Option<Arc<T>> {
        let (kept, at) = self.kept.as_ref()?;
        (now < after(*at, DOCUMENT_USABLE_SECONDS)).then(|| kept.clone())
    }

    fn take(&mut self, fetched: Result<T, OidcError>, now: Timestamp) -> Result<Arc<T>, OidcError> {
        match fetched {
            Ok(document) => {
                let document = Arc::new(document);
                (self.kept, self.failure) = (Some((document.clone(), now)), None);
                Ok(document)
            }
            Err(error) => {
                let last = self.failure.as_ref().map_or(0, |f| f.pause_seconds.saturating_mul(2));
                let pause_seconds = last.clamp(PAUSE_SECONDS_MIN, PAUSE_SECONDS_MAX);
                let pause_until = after(now, pause_seconds);
                tracing::warn!(code = error.code(), pause_seconds, "provider not available");
                self.failure = Some(Failure { error: error.clone(), pause_until, pause_seconds });
                self.usable(now).ok_or(error)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(1_795_521_600 + seconds)
    }

    struct Source {
        cached: Cached<u32>,
        fetched: AtomicU32,
    }

    impl Source {
        fn new() -> Self {
            Self { cached: Cached::new(), fetched: AtomicU32::new(0) }
        }

        async fn fetch(&self, is_up: bool) -> Result<u32, OidcError> {
            tokio::task::yield_now().await;
            let count = self.fetched.fetch_add(1, Ordering::SeqCst) + 1;
            if is_up { Ok(count) } else { Err(OidcError::Replayed) }
        }

        async fn get(&self, seconds: i64, is_up: bool) -> Option<u32> {
            self.cached.get(at(seconds), self.fetch(is_up)).await.ok().map(|n| *n)
        }

        fn count(&self) -> u32 {
            self.fetched.load(Ordering::SeqCst)
        }
    }

    #[tokio::test]
    async fn a_document_is_fetched_once_a_day_and_by_one_for_all() {
        let source = Source::new();
        let (a, b, c) = tokio::join!(source.get(0, true), source.get(0, true), source.get(0, true));
        assert_eq!((a, b, c), (Some(1), Some(1), Some(1)));
        assert_eq!(source.get(86_399, false).await, Some(1));
        let (a, b) = tokio::join!(source.get(86_400, true), source.get(86_400, true));
        assert_eq!((a, b), (Some(2), Some(1)), "the other one does not wait");
        assert_eq!(source.count(), 2);
    }

    #[tokio::test]
    async fn failures_are_remembered_for_a_while_that_grows() {
        let source = Source::new();
        let (a, b) = tokio::join!(source.get(0, false), source.get(0, false));
        assert_eq!((a, b, source.count()), (None, None, 1));
        for (seconds, count) in [(0, 1), (1, 2), (2, 2), (3, 3), (6, 3), (7, 4), (500, 5)] {
            assert_eq!(source.get(seconds, false).await, None);
            assert_eq!(source.count(), count, "at {seconds}");
        }
        assert_eq!(source.get(600, true).await, Some(6));
        assert_eq!(source.get(600, false).await, Some(6));
    }

    #[tokio::test]
    async fn an_old_document_serves_while_the_provider_is_away_but_not_for_ever() {
        let source = Source::new();
        assert_eq!(source.get(0, true).await, Some(1));
        assert_eq!(source.get(90_000, false).await, Some(1));
        assert_eq!(source.get(3 * 86_400 - 1, false).await, Some(1));
        assert_eq!(source.get(3 * 86_400 + 100, false).await, None);
    }

    #[tokio::test]
    async fn a_newer_document_is_fetched_for_something_unknown_once_in_five_minutes() {
        let source = Source::new();
        source.get(0, true).await;
        let newer = async |known: u32, seconds: i64| {
            let now = source.state(known);
            let newer = source.cached.newer(&now, at(seconds), source.fetch(true)).await;
            newer.map(|n| n.map_or(0, |n| *n))
        };
        assert_eq!(newer(1, 10).await, Some(2));
        assert_eq!(newer(2, 309).await, None);
        assert_eq!(newer(1, 309).await, Some(2), "somebody else fetched meanwhile");
        assert_eq!(newer(2, 310).await, Some(3));
        assert_eq!(source.count(), 3);
    }

    impl Source {
        /// The kept document if it is `known`, else another one.
        fn state(&self, known: u32) -> Arc<u32> {
            let kept = self.cached.state().kept.as_ref().map(|(kept, _)| kept.clone());
            kept.filter(|kept| **kept == known).unwrap_or_else(|| Arc::new(known))
        }
    }
}
