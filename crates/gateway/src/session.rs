//! Phase 4: sessions. The browser has a random value, here is only its hash; what a session is
//! good for stays here, too.
//!
//! A session belongs to the origin where its cookie was set: shown elsewhere it is nothing.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::{Secret, Timestamp};
use ring::digest::{SHA256, digest};
use rules::SessionLimits;
use tokio_util::sync::CancellationToken;

use crate::accounts::Person;
use crate::limits::SESSIONS_MAX;

/// A value's SHA-256.
pub(crate) type Hash = [u8; 32];

/// A signed-in browser.
#[derive(Debug)]
pub(crate) struct Session {
    /// Where it belongs.
    pub(crate) origin: String,
    /// Who signed in.
    pub(crate) person: Person,
    /// The session at the provider.
    pub(crate) provider_session: Option<String>,
    /// The hint for signing out.
    pub(crate) id_token: Option<Secret>,
    /// The claims that a back end demanded for it.
    pub(crate) stepped_up: Option<Hash>,
    /// Cancelled with the session: tunnels hang on it.
    pub(crate) ended: CancellationToken,
    created: Timestamp,
    last_used: AtomicI64,
}

impl Session {
    pub(crate) fn touch(&self, now: Timestamp) {
        self.last_used.fetch_max(now.0, Ordering::Relaxed);
    }

    fn is_over(&self, limits: SessionLimits, now: Timestamp) -> bool {
        let past = |since: i64, seconds: u64| {
            let limit = i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1_000_000);
            now.0.saturating_sub(since) >= limit
        };
        past(self.created.0, limits.absolute_seconds)
            || past(self.last_used.load(Ordering::Relaxed), limits.idle_seconds)
    }
}

/// A session to begin.
pub(crate) struct NewSession {
    pub(crate) origin: String,
    pub(crate) person: Person,
    pub(crate) provider_session: Option<String>,
    pub(crate) id_token: Option<Secret>,
    pub(crate) stepped_up: Option<Hash>,
}

/// What a cookie is good for.
#[derive(Debug)]
pub(crate) enum Shown {
    /// A session.
    Session(Arc<Session>),
    /// A session of another origin.
    Foreign,
    /// Nothing.
    Nothing,
}

/// Every session.
#[derive(Debug)]
pub(crate) struct Sessions {
    limits: SessionLimits,
    by_hash: Mutex<BTreeMap<Hash, Arc<Session>>>,
}

impl Sessions {
    pub(crate) fn new(limits: SessionLimits) -> Self {
        Self { limits, by_hash: Mutex::default() }
    }

    pub(crate) fn begin(&self, value: &str, new: NewSession, now: Timestamp) {
        let session = Session {
            origin: new.origin,
            person: new.person,
            provider_session: new.provider_session,
            id_token: new.id_token,
            stepped_up: new.stepped_up,
            ended: CancellationToken::new(),
            created: now,
            last_used: AtomicI64::new(now.0),
        };
        let mut all = self.lock();
        if all.len() >= SESSIONS_MAX {
            all.retain(|_, s| keep(s, !s.is_over(self.limits, now)));
        }
        if all.len() >= SESSIONS_MAX {
            let idlest = all.iter().min_by_key(|(_, s)| s.last_used.load(Ordering::Relaxed));
            if let Some(idlest) = idlest.map(|(hash, _)| *hash) {
                remove(&mut all, &idlest);
            }
        }
        all.insert(hash(value), Arc::new(session));
    }

    /// The session that a cookie shows at `origin`.
    pub(crate) fn show(&self, value: &str, origin: &str, now: Timestamp) -> Shown {
        let hash = hash(value);
        let mut all = self.lock();
        let Some(session) = all.get(&hash).cloned() else { return Shown::Nothing };
        if session.is_over(self.limits, now) {
            remove(&mut all, &hash);
            return Shown::Nothing;
        }
        if session.origin != origin {
            return Shown::Foreign;
        }
        Shown::Session(session)
    }

    /// True while a session that was shown goes on.
    pub(crate) fn goes_on(&self, session: &Session, now: Timestamp) -> bool {
        let is_over = session.is_over(self.limits, now);
        if is_over {
            session.ended.cancel();
        }
        !is_over && !session.ended.is_cancelled()
    }

    /// Ends the session that a cookie shows.
    pub(crate) fn end(&self, value: &str) {
        remove(&mut self.lock(), &hash(value));
    }

    /// Ends every session of a person; says how many.
    pub(crate) fn end_person(&self, object_id: &str) -> usize {
        self.end_where(|s| s.person.object_id == object_id)
    }

    /// Ends every session that came from one at the provider; says how many.
    pub(crate) fn end_provider_session(&self, id: &str) -> usize {
        self.end_where(|s| s.provider_session.as_deref() == Some(id))
    }

    fn end_where(&self, is_over: impl Fn(&Session) -> bool) -> usize {
        let mut all = self.lock();
        let before = all.len();
        all.retain(|_, s| keep(s, !is_over(s)));
        before - all.len()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Hash, Arc<Session>>> {
        self.by_hash.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn keep(session: &Session, is_kept: bool) -> bool {
    if !is_kept {
        session.ended.cancel();
    }
    is_kept
}

fn remove(all: &mut BTreeMap<Hash, Arc<Session>>, hash: &Hash) {
    if let Some(session) = all.remove(hash) {
        session.ended.cancel();
    }
}

/// What is kept of a value that a browser shows.
pub(crate) fn hash(value: &str) -> Hash {
    let mut result = [0; 32];
    result.iter_mut().zip(digest(&SHA256, value.as_bytes()).as_ref()).for_each(|(r, d)| *r = *d);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sessions() -> Sessions {
        let sessions = Sessions::new(SessionLimits { idle_seconds: 60, absolute_seconds: 600 });
        let new = NewSession {
            origin: "https://a.contoso.com".to_owned(),
            person: Person { object_id: "o-1".to_owned(), ..Person::default() },
            provider_session: Some("sid-1".to_owned()),
            id_token: None,
            stepped_up: None,
        };
        sessions.begin("value", new, at(0));
        sessions
    }

    const fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn shown(sessions: &Sessions, value: &str, origin: &str, seconds: i64) -> &'static str {
        match sessions.show(value, origin, at(seconds)) {
            Shown::Session(session) => {
                session.touch(at(seconds));
                "session"
            }
            Shown::Foreign => "foreign",
            Shown::Nothing => "nothing",
        }
    }

    #[test]
    fn g5_078_a_session_ends_when_idle_and_at_its_limit() {
        let sessions = sessions();
        for seconds in (0..600).step_by(50) {
            assert_eq!(shown(&sessions, "value", "https://a.contoso.com", seconds), "session");
        }
        assert_eq!(shown(&sessions, "value", "https://a.contoso.com", 600), "nothing");
        let sessions = self::sessions();
        assert_eq!(shown(&sessions, "value", "https://a.contoso.com", 60), "nothing");
        assert_eq!(shown(&sessions, "value", "https://a.contoso.com", 1), "nothing");
    }

    #[test]
    fn a_cookie_is_worth_nothing_elsewhere() {
        let sessions = sessions();
        assert_eq!(shown(&sessions, "value", "https://b.contoso.com", 1), "foreign");
        assert_eq!(shown(&sessions, "other", "https://a.contoso.com", 1), "nothing");
        assert_eq!(shown(&sessions, "value", "https://a.contoso.com", 1), "session");
    }

    #[test]
    fn g5_078_sessions_are_ended_from_here() {
        let sessions = sessions();
        let Shown::Session(session) = sessions.show("value", "https://a.contoso.com", at(1)) else {
            panic!("no session")
        };
        assert!(sessions.goes_on(&session, at(1)));
        assert_eq!(sessions.end_person("somebody else"), 0);
        assert_eq!(sessions.end_person("o-1"), 1);
        assert!(!sessions.goes_on(&session, at(1)) && session.ended.is_cancelled());
        assert_eq!(shown(&sessions, "value", "https://a.contoso.com", 1), "nothing");
        assert_eq!(self::sessions().end_provider_session("sid-1"), 1);
    }
}
