//! The interface as a whole: its parts, its state.

use std::sync::Arc;

use engine::Engine;
use model::{Clock, Secret};
use rules::ApiConfig;
use service::Service;
use store::AccessStore;

use crate::jobs::{Jobs, Runner};
use crate::random::SecureRandom;
use crate::sign_in::{
    AssertionVerifier, FailureLimiter, NegotiateAcceptor, RoleTable, Sessions, StandIn,
};

/// What the interface is made of.
pub struct ApiParts {
    /// The engine.
    pub engine: Arc<Engine>,
    /// The identity service on the same store.
    pub service: Service,
    /// Carries runs out.
    pub runner: Arc<dyn Runner>,
    /// The configuration.
    pub config: ApiConfig,
    /// The portal's name, as its visitors know it.
    pub portal_name: String,
    /// Accepts Kerberos tickets; without it nobody is asked for one.
    pub acceptor: Option<Arc<dyn NegotiateAcceptor>>,
    /// Checks the gateway's assertions; without it their header is ignored.
    pub assertion: Option<Arc<dyn AssertionVerifier>>,
    /// The credentials.
    pub access: Arc<dyn AccessStore>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Unpredictable randomness.
    pub random: Arc<dyn SecureRandom>,
}

/// The interface of one deployment. Cheap to clone.
#[derive(Clone)]
pub struct Api(pub(crate) App);

/// The state that every handler shares.
pub(crate) type App = Arc<Shared>;

pub(crate) struct Shared {
    pub(crate) engine: Arc<Engine>,
    pub(crate) service: Service,
    pub(crate) jobs: Jobs,
    pub(crate) config: ApiConfig,
    pub(crate) portal_name: String,
    pub(crate) acceptor: Option<Arc<dyn NegotiateAcceptor>>,
    pub(crate) assertion: Option<Arc<dyn AssertionVerifier>>,
    pub(crate) access: Arc<dyn AccessStore>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn SecureRandom>,
    pub(crate) sessions: Sessions,
    pub(crate) failures: FailureLimiter,
    pub(crate) roles: RoleTable,
    pub(crate) stand_in: StandIn,
    pub(crate) document: bytes::Bytes,
}

impl std::fmt::Debug for Api {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Api")
    }
}

impl Api {
    /// The interface of `parts`.
    #[must_use]
    pub fn new(parts: ApiParts) -> Self {
        let jobs = Jobs::new(parts.engine.clone(), parts.runner, parts.clock.clone());
        Self(Arc::new(Shared {
            jobs,
            engine: parts.engine,
            service: parts.service,
            sessions: Sessions::new(parts.config.session),
            roles: RoleTable::new(&parts.config.roles),
            config: parts.config,
            portal_name: parts.portal_name,
            acceptor: parts.acceptor,
            assertion: parts.assertion,
            access: parts.access,
            clock: parts.clock,
            stand_in: StandIn::default(),
            random: parts.random,
            failures: FailureLimiter::default(),
            document: crate::openapi::document_text().into(),
        }))
    }

    /// The queue of runs, for schedules and the end of the program.
    #[must_use]
    pub fn jobs(&self) -> &Jobs {
        &self.0.jobs
    }

    /// Ends every session of a person, for example when the account was blocked.
    pub fn revoke_person(&self, person: model::Guid) {
        self.0.sessions.revoke_person(person);
    }

    /// Serves requests that `net::serve` hands on.
    pub fn router(&self) -> axum::Router {
        crate::router::router(self.0.clone())
    }
}

/// Makes the local administrator on the first start: an account and a password drawn at random,
/// which is returned for the only time. `None` when there is one already.
///
/// # Errors
/// When the store fails or the system gives no randomness.
pub async fn ensure_local_administrator(
    access: &dyn AccessStore,
    random: &dyn SecureRandom,
    clock: &dyn Clock,
) -> Result<Option<(String, Secret)>, crate::ApiError> {
    crate::sign_in::ensure_local_administrator(access, random, clock.now()).await
}
