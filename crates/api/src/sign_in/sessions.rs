//! Sessions, in memory only: a restart ends them all.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use model::{Guid, Timestamp};
use ring::digest::{SHA256, digest};
use rules::SessionLimits;

use crate::types::Method;

/// Sessions at a time; the one idle for longest goes first.
const SESSIONS_MAX: usize = 50_000;
/// Sessions of one person at a time: programs that keep no cookie push out only their own.
const SESSIONS_PER_PERSON_MAX: usize = 50;

/// What a session is found by: the SHA-256 of its text.
pub(crate) type SessionKey = [u8; 32];

/// Who a session belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Subject {
    /// A person that a ticket or an assertion named.
    Person(Guid),
    /// A local account, by name, and the person it stands for.
    Local(String, Guid),
}

impl Subject {
    pub(crate) const fn person(&self) -> Guid {
        match self {
            Self::Person(id) | Self::Local(_, id) => *id,
        }
    }
}

/// What a session says of its caller. The rest is looked up at every request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) subject: Subject,
    pub(crate) method: Method,
    pub(crate) behind_gateway: bool,
}

#[derive(Debug, Clone)]
struct Entry {
    identity: Identity,
    seen: Timestamp,
    expires: Timestamp,
}

/// The sessions.
#[derive(Debug)]
pub(crate) struct Sessions {
    limits: SessionLimits,
    entries: Mutex<BTreeMap<SessionKey, Entry>>,
}

fn later(moment: Timestamp, seconds: u64) -> Timestamp {
    let micros = i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1_000_000);
    Timestamp(moment.0.saturating_add(micros))
}

fn key(text: &str) -> SessionKey {
    let mut key = [0; 32];
    for (to, from) in key.iter_mut().zip(digest(&SHA256, text.as_bytes()).as_ref()) {
        *to = *from;
    }
    key
}

impl Sessions {
    pub(crate) const fn new(limits: SessionLimits) -> Self {
        Self { limits, entries: Mutex::new(BTreeMap::new()) }
    }

    // Nothing under the lock panics.
    fn entries(&self) -> MutexGuard<'_, BTreeMap<SessionKey, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_over(&self, entry: &Entry, now: Timestamp) -> bool {
        now >= entry.expires || now >= later(entry.seen, self.limits.idle_seconds)
    }

    /// Opens a session under the random `text`; says when it ends at the latest.
    pub(crate) fn open(
        &self,
        text: &str,
        identity: Identity,
        now: Timestamp,
    ) -> (SessionKey, Timestamp) {
        let mut entries = self.entries();
        let person = identity.subject.person();
        let own = entries.values().filter(|e| e.identity.subject.person() == person).count();
        if own >= SESSIONS_PER_PERSON_MAX {
            remove_oldest(&mut entries, |entry| entry.identity.subject.person() == person);
        }
        if entries.len() >= SESSIONS_MAX {
            entries.retain(|_, entry| !self.is_over(entry, now));
        }
        if entries.len() >= SESSIONS_MAX {
            remove_oldest(&mut entries, |_| true);
        }
        let expires = later(now, self.limits.absolute_seconds);
        let key = key(text);
        entries.insert(key, Entry { identity, seen: now, expires });
        (key, expires)
    }

    /// The session of this text, used now.
    pub(crate) fn find(
        &self,
        text: &str,
        now: Timestamp,
    ) -> Option<(SessionKey, Identity, Timestamp)> {
        let mut entries = self.entries();
        let key = key(text);
        let entry = entries.get_mut(&key)?;
        if self.is_over(entry, now) {
            entries.remove(&key);
            return None;
        }
        entry.seen = now.max(entry.seen);
        Some((key, entry.identity.clone(), entry.expires))
    }

    /// True while the session lasts; this is no use of it.
    pub(crate) fn is_open(&self, key: &SessionKey, now: Timestamp) -> bool {
        self.entries().get(key).is_some_and(|entry| !self.is_over(entry, now))
    }

    /// Ends a session.
    pub(crate) fn close(&self, key: &SessionKey) {
        self.entries().remove(key);
    }

    /// Ends every session of a person.
    pub(crate) fn revoke_person(&self, person: Guid) {
        self.entries().retain(|_, entry| entry.identity.subject.person() != person);
    }
}

fn remove_oldest(entries: &mut BTreeMap<SessionKey, Entry>, which: impl Fn(&Entry) -> bool) {
    let candidates = entries.iter().filter(|(_, entry)| which(entry));
    let oldest = candidates.min_by_key(|(_, entry)| entry.seen).map(|(key, _)| *key);
    if let Some(oldest) = oldest {
        entries.remove(&oldest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: SessionLimits = SessionLimits { idle_seconds: 100, absolute_seconds: 250 };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn identity(person: u8) -> Identity {
        let subject = Subject::Person(Guid::from_bytes([person; 16]));
        Identity { subject, method: Method::Kerberos, behind_gateway: false }
    }

    #[test]
    fn a_session_ends_when_it_is_idle_and_when_it_is_old() {
        let sessions = Sessions::new(LIMITS);
        let (key, expires) = sessions.open("a", identity(1), at(0));
        assert_eq!(expires, at(250));
        assert!(sessions.find("a", at(99)).is_some());
        assert!(sessions.is_open(&key, at(198)) && !sessions.is_open(&key, at(199)));
        assert!(sessions.find("a", at(198)).is_some());
        assert!(sessions.find("a", at(250)).is_none());
        sessions.open("b", identity(1), at(0));
        assert!(sessions.find("b", at(100)).is_none());
        assert!(sessions.find("b", at(1)).is_none(), "it is gone for good");
    }

    #[test]
    fn sessions_of_one_person_end_together_and_are_limited() {
        let sessions = Sessions::new(LIMITS);
        sessions.open("other", identity(2), at(0));
        for n in 0..60 {
            sessions.open(&format!("{n}"), identity(1), at(n));
        }
        assert_eq!(sessions.entries().len(), 51);
        assert!(sessions.find("9", at(60)).is_none() && sessions.find("10", at(60)).is_some());
        sessions.revoke_person(Guid::from_bytes([1; 16]));
        assert!(sessions.find("59", at(60)).is_none() && sessions.find("other", at(60)).is_some());
    }
}
