//! Sign-ins under way, each tied to the browser that began it, each good for one answer.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use model::{Secret, Timestamp};

use crate::compare::{same_hash, sha256};
use crate::limits::LOGIN_SECONDS_MAX;
use crate::times::after;
use crate::{CallbackQuery, OidcError, PendingLogin};

/// Sign-ins under way, in memory, with `T` from the application beside each (where the person
/// wanted to go).
///
/// A sign-in is found by its state and given out only to the browser whose secret it was remembered
/// with, so that nobody can sign a stranger in as somebody else. When there are too many, the oldest
/// goes.
pub struct PendingLogins<T> {
    logins: Mutex<Logins<T>>,
    count_max: usize,
}

struct Logins<T> {
    /// By the hash of the state, so that a lookup says nothing about states.
    by_state: BTreeMap<[u8; 32], Entry<T>>,
    /// Hashes of states with when they were begun, oldest first.
    order: VecDeque<([u8; 32], Timestamp)>,
}

struct Entry<T> {
    browser: [u8; 32],
    /// `None` once it was given out.
    login: Option<(PendingLogin, T)>,
    created: Timestamp,
}

impl<T> fmt::Debug for PendingLogins<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PendingLogins").field("count_max", &self.count_max).finish_non_exhaustive()
    }
}

impl<T> PendingLogins<T> {
    /// Room for `count_max` sign-ins, at least one. One takes about 500 octets.
    #[must_use]
    pub fn new(count_max: usize) -> Self {
        let logins = Logins { by_state: BTreeMap::new(), order: VecDeque::new() };
        Self { logins: Mutex::new(logins), count_max: count_max.max(1) }
    }

    fn logins(&self) -> MutexGuard<'_, Logins<T>> {
        self.logins.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers a sign-in of the browser that holds the secret `browser`: the one of
    /// [`Begun`](crate::Begun), or the one that it has from another sign-in under way.
    pub fn remember(&self, login: PendingLogin, browser: &Secret, beside: T, now: Timestamp) {
        let state = sha256(login.state.expose());
        let created = login.created;
        let mut logins = self.logins();
        logins.forget(self.count_max - 1, now);
        let entry =
            Entry { browser: sha256(browser.expose()), login: Some((login, beside)), created };
        logins.by_state.insert(state, entry);
        logins.order.push_back((state, created));
    }

    /// The sign-in that `query` answers, if the browser with the secret `browser` began it; from
    /// then on it is used up. A wrong browser uses nothing up.
    ///
    /// # Errors
    /// [`OidcError::StateMismatch`], [`OidcError::LoginExpired`], [`OidcError::Replayed`].
    pub fn take(
        &self,
        query: &CallbackQuery,
        browser: &str,
        now: Timestamp,
    ) -> Result<(PendingLogin, T), OidcError> {
        let mut logins = self.logins();
        let entry = logins.by_state.get_mut(&sha256(query.state.expose()));
        let entry = entry.ok_or(OidcError::StateMismatch)?;
        if !same_hash(&entry.browser, &sha256(browser)) {
            return Err(OidcError::StateMismatch);
        }
        if is_over(entry.created, now) {
            return Err(OidcError::LoginExpired);
        }
        entry.login.take().ok_or(OidcError::Replayed)
    }

    /// How many are remembered, used ones included.
    #[must_use]
    pub fn count(&self) -> usize {
        self.logins().by_state.len()
    }
}

impl<T> Logins<T> {
    /// Forgets what is over for long and the oldest above `count_max`. What is over is kept as long
    /// again, so that whoever was slow is told so.
    fn forget(&mut self, count_max: usize, now: Timestamp) {
        while let Some((state, created)) = self.order.front() {
            let is_old = after(*created, 2 * LOGIN_SECONDS_MAX) <= now;
            if !is_old && self.order.len() <= count_max {
                return;
            }
            self.by_state.remove(state);
            self.order.pop_front();
        }
    }
}

/// True if a sign-in that was begun at `created` can no longer be finished.
pub(crate) fn is_over(created: Timestamp, now: Timestamp) -> bool {
    after(created, LOGIN_SECONDS_MAX) <= now
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, bench, callback, seed};
    use crate::{Begun, LoginRequest};

    async fn begin(octet: u8, seconds: i64) -> (Begun, CallbackQuery) {
        let request = LoginRequest::to("https://portal.contoso.example/signed-in");
        let begun = bench().provider.begin(&request, &seed(octet), at(seconds)).await.unwrap();
        let query = callback(&begun);
        (begun, query)
    }

    type Taken = Result<&'static str, OidcError>;

    fn take(
        logins: &PendingLogins<&'static str>,
        query: &CallbackQuery,
        browser: &Secret,
        seconds: i64,
    ) -> Taken {
        logins.take(query, browser.expose(), at(seconds)).map(|(_, beside)| beside)
    }

    #[tokio::test]
    async fn a_sign_in_belongs_to_its_browser_and_is_good_for_one_answer() {
        let logins = PendingLogins::new(10);
        let (ada, answer) = begin(1, 0).await;
        let (eve, stolen) = begin(2, 0).await;
        logins.remember(ada.login, &ada.browser, "/a", at(0));
        logins.remember(eve.login, &eve.browser, "/e", at(0));
        let take = |query, browser| take(&logins, query, browser, 599);
        assert_eq!(take(&stolen, &ada.browser), Err(OidcError::StateMismatch), "login CSRF");
        assert_eq!(take(&answer, &eve.browser), Err(OidcError::StateMismatch));
        let nothing = Secret::new(String::new());
        assert_eq!(take(&answer, &nothing), Err(OidcError::StateMismatch));
        assert_eq!(take(&answer, &ada.browser), Ok("/a"), "the others used nothing up");
        assert_eq!(take(&answer, &ada.browser), Err(OidcError::Replayed));
        let invented = CallbackQuery::parse("code=c&state=mine").unwrap();
        assert_eq!(take(&invented, &ada.browser), Err(OidcError::StateMismatch));
    }

    #[tokio::test]
    async fn two_sign_ins_of_one_browser_go_side_by_side() {
        let logins = PendingLogins::new(10);
        let ((one, first), (two, second)) = (begin(1, 0).await, begin(2, 0).await);
        logins.remember(one.login, &one.browser, "/1", at(0));
        logins.remember(two.login, &one.browser, "/2", at(0));
        assert_eq!(take(&logins, &second, &one.browser, 1), Ok("/2"));
        assert_eq!(take(&logins, &first, &one.browser, 1), Ok("/1"));
    }

    #[tokio::test]
    async fn whoever_takes_too_long_is_told_so_and_forgotten_in_time() {
        let logins = PendingLogins::new(10);
        let (slow, answer) = begin(1, 0).await;
        logins.remember(slow.login, &slow.browser, "/", at(0));
        assert_eq!(take(&logins, &answer, &slow.browser, 600), Err(OidcError::LoginExpired));
        let (next, _) = begin(2, 1200).await;
        logins.remember(next.login, &next.browser, "/", at(1200));
        assert_eq!(logins.count(), 1);
        assert_eq!(take(&logins, &answer, &slow.browser, 1200), Err(OidcError::StateMismatch));
    }

    #[tokio::test]
    async fn when_there_are_too_many_the_oldest_goes() {
        let logins = PendingLogins::new(2);
        let mut begun = Vec::new();
        for octet in 1..=3 {
            let (one, answer) = begin(octet, 0).await;
            logins.remember(one.login, &one.browser, "/", at(0));
            begun.push((one.browser, answer));
        }
        assert_eq!(logins.count(), 2);
        let results: Vec<Taken> =
            begun.iter().map(|(browser, answer)| take(&logins, answer, browser, 1)).collect();
        assert_eq!(results, [Err(OidcError::StateMismatch), Ok("/"), Ok("/")]);
    }
}
