//! The gateway and the way of a request through its phases.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{self, HeaderMap};
use hyper::http::request::Parts;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use model::{Clock, Secret, Timestamp};
use net::{Peer, ServeOptions};
use oidc::{Fetch, PendingLogins, Provider, ProviderSettings};
use rules::GatewayConfig;
use tokio::net::TcpListener;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::accept::{self, Addressed};
use crate::accounts::Accounts;
use crate::application::{Application, Surroundings};
use crate::audit::{self, Subject};
use crate::backend::Pool;
use crate::body::GatewayBody;
use crate::forward::Forwarded;
use crate::hygiene::Protected;
use crate::known::Known;
use crate::limits::LOGINS_MAX;
use crate::login::{self, Beside};
use crate::random::{Random, request_id};
use crate::ready::Readiness;
use crate::refusal::{Refusal, Refused};
use crate::route::{Route, Routed, Routes};
use crate::session::{Session, Sessions, Shown};
use crate::tickets::Tickets;
use crate::visit::Visit;
use crate::{GatewayError, assigned, cookies, forward, pages, reserved, step_up};

/// What a gateway is made of.
pub struct GatewayParts {
    /// The configuration.
    pub config: GatewayConfig,
    /// What files in the configuration are relative to.
    pub folder: PathBuf,
    /// The gateway's secret at the provider.
    pub client_secret: Secret,
    /// The secrets of signed assertions, by application.
    pub assertion_secrets: BTreeMap<String, Secret>,
    /// How the provider is asked: [`net::Client`] but in tests.
    pub fetch: Arc<dyn Fetch>,
    /// Where accounts are looked up.
    pub accounts: Arc<dyn Accounts>,
    /// Where tickets come from; needed when an application signs people in by Kerberos.
    pub tickets: Option<Arc<dyn Tickets>>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where unguessable octets come from.
    pub random: Arc<dyn Random>,
}

impl std::fmt::Debug for GatewayParts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GatewayParts").field("config", &self.config).finish_non_exhaustive()
    }
}

/// The gateway. Copies share everything.
#[derive(Clone)]
pub struct Gateway(Arc<Inner>);

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gateway").field("routes", &self.0.routes).finish_non_exhaustive()
    }
}

/// What all phases share.
pub(crate) struct Inner {
    pub(crate) routes: Routes,
    pub(crate) protected: Protected,
    pub(crate) provider: Provider,
    pub(crate) logins: PendingLogins<Beside>,
    pub(crate) sessions: Sessions,
    pub(crate) known: Known,
    pub(crate) tickets: Option<Arc<dyn Tickets>>,
    pub(crate) pool: Pool,
    pub(crate) readiness: Readiness,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) ending: CancellationToken,
}

/// A request that is understood.
pub(crate) struct Asked {
    pub(crate) request_id: String,
    pub(crate) now: Timestamp,
    pub(crate) client: IpAddr,
    pub(crate) method: Method,
    pub(crate) headers: HeaderMap,
    pub(crate) to: Addressed,
}

impl Asked {
    /// True when a person looks at the answer, and not a script.
    pub(crate) fn is_navigation(&self) -> bool {
        is_navigation(&self.headers)
    }
}

impl Gateway {
    /// Reads the configuration with the files it names. Asks nobody yet.
    ///
    /// # Errors
    /// [`GatewayError`] for what cannot work.
    pub fn new(parts: GatewayParts) -> Result<Self, GatewayError> {
        let around = Surroundings {
            folder: &parts.folder,
            secrets: &parts.assertion_secrets,
            has_tickets: parts.tickets.is_some(),
        };
        let read = |config| Application::read(config, &around).map(Arc::new);
        let applications = parts.config.applications.iter().map(read);
        let routes = Routes::new(applications.collect::<Result<_, _>>()?)?;
        let mut scopes = vec!["openid".to_owned(), "profile".to_owned(), "email".to_owned()];
        scopes.extend(parts.config.provider.scopes.iter().cloned());
        let settings = ProviderSettings {
            issuer: parts.config.provider.issuer.clone(),
            client_id: parts.config.provider.client_id.clone(),
            client_secret: parts.client_secret,
            scopes,
        };
        let provider = Provider::new(settings, parts.fetch).map_err(GatewayError::Provider)?;
        Ok(Self(Arc::new(Inner {
            protected: Protected::new(routes.applications().iter().map(AsRef::as_ref)),
            routes,
            provider,
            logins: PendingLogins::new(LOGINS_MAX),
            sessions: Sessions::new(parts.config.session),
            known: Known::new(parts.accounts),
            tickets: parts.tickets,
            pool: Pool::default(),
            readiness: Readiness::default(),
            clock: parts.clock,
            random: parts.random,
            ending: CancellationToken::new(),
        })))
    }

    /// Serves until `shutdown` is done; requests under way may then finish.
    pub async fn serve(
        &self,
        listener: TcpListener,
        options: ServeOptions,
        shutdown: impl Future<Output = ()>,
    ) {
        let gateway = self.clone();
        let service = service_fn(move |request| {
            let gateway = gateway.clone();
            async move { Ok::<_, Infallible>(gateway.answer(request).await) }
        });
        let ending = self.0.ending.clone();
        net::serve(listener, service, options, async move {
            shutdown.await;
            ending.cancel();
        })
        .await;
    }

    /// Drops what is kept of a person's account, tickets and connections: the next request looks
    /// them up anew. For changes of identity.
    pub fn forget(&self, object_id: &str) {
        self.0.forget(object_id);
    }

    /// Looks every account up anew at its next request. For runs that may have changed any.
    pub fn accounts_changed(&self) {
        self.0.known.forget_all();
    }

    /// Ends every session of a person, and drops what [`forget`](Self::forget) drops. Says how many
    /// sessions there were.
    pub fn revoke_person(&self, object_id: &str) -> usize {
        self.0.forget(object_id);
        let ended = self.0.sessions.end_person(object_id);
        if ended > 0 {
            let about = Subject { person: object_id, ..Subject::default() };
            audit::done("revocation", about, Duration::ZERO);
        }
        ended
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<GatewayBody> {
        let (inner, began) = (&self.0, Instant::now());
        let now = inner.clock.now();
        let Ok(id) = request_id(inner.random.as_ref(), now) else {
            return pages::refusal(&Refusal::no_randomness(), "none", false);
        };
        let for_people = is_navigation(request.headers());
        let mut about = About::default();
        let answered = inner.answer(request, (&id, now), &mut about).await;
        answered.unwrap_or_else(|refusal| {
            let subject = Subject {
                request_id: &id,
                person: &about.person,
                application: &about.application,
                service: "",
            };
            audit::refused("refusal", subject, (refusal.code, &refusal.reason), began.elapsed());
            pages::refusal(&refusal, &id, for_people)
        })
    }
}

/// What is known of a request that may be refused.
#[derive(Debug, Default)]
pub(crate) struct About {
    pub(crate) person: String,
    pub(crate) application: String,
}

impl Inner {
    fn forget(&self, object_id: &str) {
        self.known.forget(object_id);
        self.pool.forget(object_id);
        if let Some(tickets) = &self.tickets {
            tickets.forget(object_id);
        }
    }

    async fn answer(
        self: &Arc<Self>,
        request: Request<Incoming>,
        (id, now): (&str, Timestamp),
        about: &mut About,
    ) -> Result<Response<GatewayBody>, Refusal> {
        let (parts, body) = request.into_parts();
        let asked = asked(&parts, id, now)?;
        let request = Request::from_parts(parts, body);
        if let Some(name) = reserved::name(&asked.to.path) {
            return reserved::answer(self, &asked, name).await;
        }
        let route = match self.routes.find(&asked.to) {
            Routed::To(route) => route,
            Routed::AddSlash(route) => return add_slash(&asked, &route),
            Routed::Ambiguous => {
                let reason = "with slashes taken together the path is another application's";
                return Err(Refusal::new(Refused::Malformed, "ambiguous-path", reason));
            }
            Routed::NoHost | Routed::NoPath => {
                return Err(Refusal::new(
                    Refused::NotPublished,
                    "not-published",
                    "no such address",
                ));
            }
        };
        about.application.clone_from(&route.application.name);
        if let Some(text) = &route.application.maintenance {
            let refusal = Refusal::new(Refused::Maintenance, "maintenance", "maintenance is set");
            return Err(if text.is_empty() { refusal } else { refusal.with_text(text) });
        }
        let Some(session) = self.session(&asked, &route) else {
            return login::begin(self, &asked, &route).await;
        };
        session.touch(now);
        about.person.clone_from(&session.person.object_id);
        if !assigned::may_use(&route.application.assigned, &session.person) {
            let reason = if session.person.has_more_groups {
                "not assigned; the token leaves groups out, because there are too many"
            } else {
                "neither the person nor a group or role of theirs is assigned"
            };
            return Err(Refusal::new(Refused::NotAssigned, "not-assigned", reason));
        }
        let by = route.application.find_by;
        let account = self.known.account(by, &session.person, now).await?;
        let visit = Visit {
            request_id: asked.request_id.clone(),
            now,
            client: asked.client,
            method: asked.method.clone(),
            may_go_away: asked.method == Method::GET && asked.is_navigation(),
            to: asked.to.clone(),
            route,
            session,
            account,
        };
        match forward::forward(self, &visit, request).await? {
            Forwarded::Answer(response) => Ok(*response),
            Forwarded::StepUp(claims) => {
                step_up::begin(self, &asked, &visit.route, &visit.session, claims).await
            }
        }
    }
}

impl Inner {
    /// The session that a request shows at the application's host.
    fn session(&self, asked: &Asked, route: &Route) -> Option<Arc<Session>> {
        let cookie = cookies::read(&asked.headers, cookies::SESSION)?;
        match self.sessions.show(cookie, &route.origin(), asked.now) {
            Shown::Session(session) => Some(session),
            Shown::Nothing => None,
            Shown::Foreign => {
                let subject = Subject {
                    request_id: &asked.request_id,
                    application: &route.application.name,
                    ..Subject::default()
                };
                let reason = "the session was shown at a host it does not belong to";
                audit::refused("session", subject, ("foreign-session", reason), Duration::ZERO);
                None
            }
        }
    }
}

fn asked(parts: &Parts, id: &str, now: Timestamp) -> Result<Asked, Refusal> {
    let to = accept::check(parts).map_err(|malformed| {
        Refusal::new(Refused::Malformed, "malformed", malformed.to_string())
    })?;
    let peer = parts.extensions.get::<Peer>();
    Ok(Asked {
        request_id: id.to_owned(),
        now,
        client: peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.address.ip()),
        method: parts.method.clone(),
        headers: parts.headers.clone(),
        to,
    })
}

fn add_slash(asked: &Asked, route: &Route) -> Result<Response<GatewayBody>, Refusal> {
    let query = asked.to.query.as_ref().map_or_else(String::new, |query| format!("?{query}"));
    let to = format!("{}{}{query}", route.origin(), route.application.external.path);
    pages::redirect(StatusCode::PERMANENT_REDIRECT, &to)
        .ok_or_else(|| Refusal::new(Refused::Malformed, "malformed", "the query is not plain"))
}

/// True when a browser opens a page: it says so itself, and older ones want HTML.
fn is_navigation(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    match text("sec-fetch-mode") {
        Some(mode) => mode.eq_ignore_ascii_case("navigate"),
        None => {
            let is_script = text("x-requested-with").is_some();
            !is_script && text(header::ACCEPT.as_str()).is_some_and(|a| a.contains("text/html"))
        }
    }
}
