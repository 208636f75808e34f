//! Tickets kept for people, so that a request costs a token and not an exchange.
//!
//! Kept until shortly before they end, at most as long as configuration says. A distribution
//! centre is asked once for everybody who waits for the same, by few threads at a time, and nobody
//! waits longer than [`TICKET_SECONDS`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use model::{Clock, Timestamp};
use tokio::sync::{OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout_at};

use super::{Exchange, LoginName, TicketError, TicketErrorKind, TicketRequest, Tickets, Token};
use crate::limits::{EXCHANGES_MAX, PEOPLE_MAX, TICKET_SECONDS};

/// So long before its end a ticket is no longer used: clocks differ by so much, at most.
const BEFORE_END_SECONDS: u64 = 300;

/// Tickets of people, kept.
pub struct TicketCache<E: Exchange> {
    exchange: Arc<E>,
    seconds_max: u64,
    clock: Arc<dyn Clock>,
    places: Arc<Semaphore>,
    people: Mutex<BTreeMap<String, People<E>>>,
}

/// A person's tickets by the name they were asked under.
type People<E> = BTreeMap<LoginName, Arc<Slot<E>>>;

struct Slot<E: Exchange> {
    /// Held by whoever asks.
    flight: Arc<tokio::sync::Mutex<()>>,
    state: Mutex<State<E>>,
}

struct State<E: Exchange> {
    kept: Option<Kept<E>>,
    /// The last refusal by service, for those who waited for it.
    failures: BTreeMap<String, (Instant, TicketError)>,
}

struct Kept<E: Exchange> {
    delegated: Arc<E::Delegated>,
    until: Timestamp,
    /// Services for which nobody needs to be asked any more.
    services: BTreeSet<String>,
}

impl<E: Exchange> std::fmt::Debug for TicketCache<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TicketCache")
            .field("seconds_max", &self.seconds_max)
            .finish_non_exhaustive()
    }
}

impl<E: Exchange> TicketCache<E> {
    /// Keeps what `exchange` gives for at most `seconds_max`.
    #[must_use]
    pub fn new(exchange: E, seconds_max: u64, clock: Arc<dyn Clock>) -> Self {
        Self {
            exchange: Arc::new(exchange),
            seconds_max,
            clock,
            places: Arc::new(Semaphore::new(EXCHANGES_MAX)),
            people: Mutex::default(),
        }
    }

    fn slot(&self, request: &TicketRequest) -> Arc<Slot<E>> {
        let mut people = lock(&self.people);
        if people.len() >= PEOPLE_MAX && !people.contains_key(&request.object_id) {
            let now = self.clock.now();
            people.retain(|_, logins| logins.values().any(|s| s.is_kept(now)));
            if people.len() >= PEOPLE_MAX {
                people.pop_first();
            }
        }
        let logins = people.entry(request.object_id.clone()).or_default();
        logins.entry(request.login.clone()).or_insert_with(|| Arc::new(Slot::new())).clone()
    }

    /// Whatever is needed, asked of the distribution centre on a thread of its own.
    async fn ask(
        &self,
        slot: &Arc<Slot<E>>,
        request: &TicketRequest,
    ) -> Result<Token, TicketError> {
        let began = Instant::now();
        let until = began + Duration::from_secs(TICKET_SECONDS);
        let flight = timeout_at(until, slot.flight.clone().lock_owned()).await;
        let flight = flight.map_err(|_elapsed| busy())?;
        if let Some(token) = self.warm(slot, request)? {
            return Ok(token);
        }
        if let Some(error) = slot.failure_since(&request.service, began) {
            return Err(error);
        }
        let place = timeout_at(until, self.places.clone().acquire_owned()).await;
        let place = place.ok().and_then(Result::ok).ok_or_else(busy)?;
        let work = Work {
            exchange: self.exchange.clone(),
            slot: slot.clone(),
            request: request.clone(),
            now: self.clock.now(),
            seconds_max: self.seconds_max,
            _held: (flight, place),
        };
        let asking = timeout_at(until, spawn_blocking(move || work.run()));
        asking.await.ok().and_then(Result::ok).unwrap_or_else(|| Err(busy()))
    }

    /// A token for which nobody needs to be asked.
    fn warm(&self, slot: &Slot<E>, request: &TicketRequest) -> Result<Option<Token>, TicketError> {
        let Some(delegated) = slot.warm(&request.service, self.clock.now()) else {
            return Ok(None);
        };
        let binding = request.channel_binding.as_deref();
        let octets = self.exchange.token(&delegated, &request.service, request.form, binding)?;
        Ok(Some(Token { octets, is_fresh: false }))
    }
}

#[async_trait]
impl<E: Exchange> Tickets for TicketCache<E> {
    async fn token(&self, request: &TicketRequest) -> Result<Token, TicketError> {
        let mut request = request.clone();
        request.service = canonical(&request.service);
        let slot = self.slot(&request);
        match self.warm(&slot, &request) {
            Ok(Some(token)) => Ok(token),
            Ok(None) => self.ask(&slot, &request).await,
            // What was kept is no good any more.
            Err(_) => {
                lock(&slot.state).kept = None;
                self.ask(&slot, &request).await
            }
        }
    }

    fn forget(&self, object_id: &str) {
        lock(&self.people).remove(object_id);
    }

    async fn check(&self) -> Result<(), TicketError> {
        let exchange = self.exchange.clone();
        let until = Instant::now() + Duration::from_secs(TICKET_SECONDS);
        let place = timeout_at(until, self.places.clone().acquire_owned()).await;
        let place = place.ok().and_then(Result::ok).ok_or_else(busy)?;
        let asking = spawn_blocking(move || {
            let _place = place;
            exchange.check()
        });
        timeout_at(until, asking).await.ok().and_then(Result::ok).unwrap_or_else(|| Err(busy()))
    }
}

/// An exchange, with what is held while it lasts, even when nobody waits for it any more.
struct Work<E: Exchange> {
    exchange: Arc<E>,
    slot: Arc<Slot<E>>,
    request: TicketRequest,
    now: Timestamp,
    seconds_max: u64,
    _held: (OwnedMutexGuard<()>, OwnedSemaphorePermit),
}

impl<E: Exchange> Work<E> {
    fn run(self) -> Result<Token, TicketError> {
        let result = self.exchange_now();
        let mut state = lock(&self.slot.state);
        match &result {
            Ok(_) => state.failures.clear(),
            Err(error) => {
                // A ticket that was good for nothing yet says how the account was when it was got.
                if state.kept.as_ref().is_some_and(|kept| kept.services.is_empty()) {
                    state.kept = None;
                }
                let service = self.request.service.clone();
                state.failures.insert(service, (Instant::now(), error.clone()));
            }
        }
        result
    }

    fn exchange_now(&self) -> Result<Token, TicketError> {
        if let Some(kept) = self.slot.delegated(self.now) {
            match self.token(&kept) {
                // Under keys that have changed since it was got, it buys nothing new.
                Err(error) if error.kind.wants_new_ticket() => {}
                answered => return answered,
            }
        }
        let delegated = Arc::new(self.exchange.impersonate(&self.request.login)?);
        let lifetime = self.exchange.lifetime_seconds(&delegated);
        let seconds = lifetime.saturating_sub(BEFORE_END_SECONDS).min(self.seconds_max);
        let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
        let until = Timestamp::from_seconds(self.now.seconds().saturating_add(seconds));
        let (services, kept) = (BTreeSet::new(), delegated.clone());
        lock(&self.slot.state).kept = Some(Kept { delegated: kept, until, services });
        self.token(&delegated)
    }

    fn token(&self, delegated: &E::Delegated) -> Result<Token, TicketError> {
        let request = &self.request;
        let binding = request.channel_binding.as_deref();
        let octets = self.exchange.token(delegated, &request.service, request.form, binding)?;
        if let Some(kept) = &mut lock(&self.slot.state).kept {
            kept.services.insert(request.service.clone());
        }
        Ok(Token { octets, is_fresh: true })
    }
}

impl<E: Exchange> Slot<E> {
    fn new() -> Self {
        let state = State { kept: None, failures: BTreeMap::new() };
        Self { flight: Arc::default(), state: Mutex::new(state) }
    }

    fn is_kept(&self, now: Timestamp) -> bool {
        self.delegated(now).is_some()
    }

    fn delegated(&self, now: Timestamp) -> Option<Arc<E::Delegated>> {
        let state = lock(&self.state);
        state.kept.as_ref().filter(|k| now < k.until).map(|k| k.delegated.clone())
    }

    fn warm(&self, service: &str, now: Timestamp) -> Option<Arc<E::Delegated>> {
        let state = lock(&self.state);
        let kept = state.kept.as_ref().filter(|k| now < k.until && k.services.contains(service));
        kept.map(|k| k.delegated.clone())
    }

    fn failure_since(&self, service: &str, began: Instant) -> Option<TicketError> {
        let state = lock(&self.state);
        let failure = state.failures.get(service).filter(|(at, _)| *at >= began);
        failure.map(|(_, error)| error.clone())
    }
}

/// Service names are one for Kerberos whatever the case of their host.
fn canonical(service: &str) -> String {
    match service.split_once('/') {
        Some((class, host)) => format!("{class}/{}", host.to_ascii_lowercase()),
        None => service.to_owned(),
    }
}

fn busy() -> TicketError {
    TicketError {
        kind: TicketErrorKind::Busy,
        code: "GWY-0301",
        message: "the distribution centre takes too long".to_owned(),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
