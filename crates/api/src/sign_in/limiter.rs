//! Holds up guessing of passwords.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use model::Timestamp;

/// Failures in a window after which an account is held up.
const FAILURES_MAX: u32 = 10;
/// The window.
const WINDOW_SECONDS: i64 = 60;
/// Accounts watched at a time; the oldest windows go first.
const ACCOUNTS_MAX: usize = 10_000;

/// Counts failed sign-ins by account, whether or not the account exists.
#[derive(Debug, Default)]
pub(crate) struct FailureLimiter(Mutex<BTreeMap<String, Window>>);

#[derive(Debug, Clone, Copy)]
struct Window {
    begun: Timestamp,
    failures: u32,
}

impl Window {
    const fn seconds_left(self, now: Timestamp) -> i64 {
        self.begun.seconds() + WINDOW_SECONDS - now.seconds()
    }
}

impl FailureLimiter {
    /// How long `account` has to wait, if it does.
    pub(crate) fn wait_seconds(&self, account: &str, now: Timestamp) -> Option<u64> {
        let windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let window = windows.get(&account.to_lowercase())?;
        let left = u64::try_from(window.seconds_left(now)).ok().filter(|left| *left > 0)?;
        (window.failures >= FAILURES_MAX).then_some(left)
    }

    /// Counts a failure. Called before the password is checked, so that guesses at the same time
    /// count each other.
    pub(crate) fn count(&self, account: &str, now: Timestamp) {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let account = account.to_lowercase();
        if windows.len() >= ACCOUNTS_MAX && !windows.contains_key(&account) {
            windows.retain(|_, window| window.seconds_left(now) > 0);
            if windows.len() >= ACCOUNTS_MAX {
                let oldest = windows.iter().min_by_key(|(_, window)| window.begun);
                if let Some(oldest) = oldest.map(|(account, _)| account.clone()) {
                    windows.remove(&oldest);
                }
            }
        }
        let fresh = Window { begun: now, failures: 0 };
        let window = windows.entry(account).or_insert(fresh);
        if window.seconds_left(now) <= 0 {
            *window = fresh;
        }
        window.failures = window.failures.saturating_add(1);
    }

    /// Forgets the failures of an account that has signed in.
    pub(crate) fn forget(&self, account: &str) {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        windows.remove(&account.to_lowercase());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eleventh_guess_in_a_minute_waits_for_the_minute_to_end() {
        let limiter = FailureLimiter::default();
        let at = Timestamp::from_seconds;
        for _ in 0..10 {
            assert_eq!(limiter.wait_seconds("Admin", at(100)), None);
            limiter.count("admin", at(100));
        }
        assert_eq!(limiter.wait_seconds("ADMIN", at(130)), Some(30));
        assert_eq!(limiter.wait_seconds("other", at(130)), None);
        assert_eq!(limiter.wait_seconds("admin", at(160)), None);
        limiter.count("admin", at(160));
        assert_eq!(limiter.wait_seconds("admin", at(161)), None);
        limiter.forget("admin");
        assert!(limiter.0.lock().unwrap().is_empty());
    }

    #[test]
    fn the_list_of_accounts_does_not_grow_without_end() {
        let limiter = FailureLimiter::default();
        for n in 0..ACCOUNTS_MAX + 100 {
            limiter.count(&n.to_string(), Timestamp::from_seconds(1));
        }
        assert_eq!(limiter.0.lock().unwrap().len(), ACCOUNTS_MAX);
    }
}
