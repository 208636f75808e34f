//! Everything the handlers share: the state behind locks, and what is fixed at start.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::{Clock, Timestamp};

use super::app::App;
use super::faults::{Fault, Traffic, throttled_body};
use super::keys::{KeyRing, SigningKey};
use super::links::Sealer;
use super::options::{TenantError, TenantOptions};
use super::person::Person;
use super::sessions::{Registration, SignIns};
use super::state::{State, StateError};

/// How long the id of an assertion is remembered, in seconds; longer than one can be valid.
const ASSERTION_MEMORY_SECONDS: i64 = 1200;

/// How pages are cut.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paging {
    pub(super) list: usize,
    pub(super) delta: usize,
    /// An empty page comes before every page.
    pub(super) with_blanks: bool,
}

/// A running tenant.
pub(super) struct World {
    pub(super) name: String,
    pub(super) tenant_id: String,
    pub(super) base_url: String,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) apps: Vec<App>,
    pub(super) sealer: Sealer,
    pub(super) token_lifetime_seconds: i64,
    keys: Mutex<KeyRing>,
    signins: Mutex<SignIns>,
    state: Mutex<State>,
    traffic: Mutex<Traffic>,
    paging: Mutex<Paging>,
    epoch: Mutex<u64>,
    assertions: Mutex<BTreeMap<String, i64>>,
}

impl World {
    pub(super) fn new(options: &TenantOptions, base_url: String) -> Result<Self, TenantError> {
        let mut signins = SignIns::default();
        for app in &options.apps {
            let registration = Registration::new(app)?;
            signins.registrations.insert(app.client_id.to_lowercase(), registration);
        }
        Ok(Self {
            name: options.name.clone(),
            tenant_id: options.tenant_id.to_lowercase(),
            base_url,
            clock: options.clock.clone(),
            apps: options.apps.iter().map(App::new).collect::<Result<_, _>>()?,
            sealer: Sealer::new().ok_or(TenantError::SigningKey)?,
            token_lifetime_seconds: options.token_lifetime_seconds,
            keys: Mutex::new(KeyRing::new()?),
            signins: Mutex::new(signins),
            state: Mutex::new(State::new(options.name.clone())),
            traffic: Mutex::default(),
            paging: Mutex::new(Paging {
                list: options.list_page_size.max(1),
                delta: options.delta_page_size.max(1),
                with_blanks: false,
            }),
            epoch: Mutex::new(0),
            assertions: Mutex::default(),
        })
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }

    pub(super) fn keys(&self) -> MutexGuard<'_, KeyRing> {
        locked(&self.keys)
    }

    /// Signs with a new key from now on. Making it takes a while, and until then nobody waits.
    pub(super) fn rotate_keys(&self) -> Result<(), TenantError> {
        let place = self.keys().next_place();
        let key = SigningKey::of_process(place)?;
        self.keys().rotate_to(place, key);
        Ok(())
    }

    pub(super) fn signins(&self) -> MutexGuard<'_, SignIns> {
        locked(&self.signins)
    }

    /// The application with this client id, in any case.
    pub(super) fn app(&self, client_id: &str) -> Option<&App> {
        self.apps.iter().find(|a| a.client_id.eq_ignore_ascii_case(client_id))
    }

    /// What an application registered for the sign-in of people.
    pub(super) fn registration(&self, client_id: &str) -> Registration {
        self.signins().registrations.get(client_id).cloned().unwrap_or_default()
    }

    /// Changes what an application registered.
    pub(super) fn change_registration(
        &self,
        client_id: &str,
        change: impl FnOnce(&mut Registration),
    ) -> Result<(), StateError> {
        let mut signins = self.signins();
        let registration = signins.registrations.get_mut(&client_id.to_lowercase());
        change(registration.ok_or_else(|| StateError::NoApp(client_id.to_owned()))?);
        Ok(())
    }

    /// True if an application registered `uri`.
    pub(super) fn is_registered(&self, uri: &str) -> bool {
        let signins = self.signins();
        signins.registrations.values().any(|r| r.redirect_uris.iter().any(|u| u == uri))
    }

    /// Everybody who is there.
    pub(super) fn people(&self) -> Vec<Person> {
        let users = self.state().list(None, usize::MAX, u64::MAX, &|_| true).items;
        users.into_iter().map(Person).collect()
    }

    /// The live user with this id or user principal name.
    pub(super) fn person(&self, key: &str) -> Option<Person> {
        self.state().user(key).ok().cloned().map(Person)
    }

    pub(super) fn traffic(&self) -> MutexGuard<'_, Traffic> {
        locked(&self.traffic)
    }

    pub(super) fn paging(&self) -> Paging {
        *locked(&self.paging)
    }

    pub(super) fn change_paging(&self, change: impl FnOnce(&mut Paging)) {
        change(&mut locked(&self.paging));
    }

    /// Answers the next `times` requests to Graph v1.0 with 429.
    pub(super) fn throttle_next(&self, times: u32, retry_after_seconds: u32) {
        let fault = Fault {
            method: None,
            ..Fault::new("", "/v1.0/", 429)
                .header("Retry-After", &retry_after_seconds.to_string())
                .body(&throttled_body())
                .times(times)
        };
        self.traffic().inject(fault);
    }

    /// The age of delta tokens; tokens of an earlier one are refused.
    pub(super) fn epoch(&self) -> u64 {
        *locked(&self.epoch)
    }

    pub(super) fn begin_epoch(&self) {
        *locked(&self.epoch) += 1;
    }

    /// Remembers an assertion's id; false if it was used before.
    pub(super) fn is_first_use(&self, assertion_id: &str) -> bool {
        let now = self.now().seconds();
        let mut seen = locked(&self.assertions);
        seen.retain(|_, at| now - *at < ASSERTION_MEMORY_SECONDS);
        seen.insert(assertion_id.to_owned(), now).is_none()
    }

    /// True if `name` is the tenant's id or domain.
    pub(super) fn is_tenant(&self, name: &str) -> bool {
        name.eq_ignore_ascii_case(&self.name) || name.eq_ignore_ascii_case(&self.tenant_id)
    }

    /// The audiences and scopes that mean Graph, for a client that reached us at `origin`.
    pub(super) fn is_graph(&self, resource: &str, origin: &str) -> bool {
        let resource = resource.trim_end_matches('/');
        [self.base_url.as_str(), origin, GRAPH_ROOT, GRAPH_ID].contains(&resource)
    }
}

/// The real service's root, which software with a fixed scope asks for.
const GRAPH_ROOT: &str = "https://graph.microsoft.com";
/// The real service's application id.
const GRAPH_ID: &str = "00000003-0000-0000-c000-000000000000";

/// A new random id.
pub(super) fn new_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

/// A new random text that nobody guesses.
pub(super) fn new_secret() -> String {
    [uuid::Uuid::new_v4(), uuid::Uuid::new_v4()].map(|id| id.simple().to_string()).concat()
}

// A panic of another thread leaves nothing half-done in these plain structures.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
