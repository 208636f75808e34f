//! The step before every handler: finds the caller, opens a session where a ticket or assertion
//! calls for one, refuses what comes from other sites.

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::Sid;
use service::Resource;

use super::sessions::{Identity, Subject};
use super::{assertion, cookie, negotiate, origin, person, token};
use crate::app::{App, Shared};
use crate::caller::{Authentication, Caller};
use crate::problem::ApiError;
use crate::random::ticket;
use crate::types::Method;

/// What authentication adds to the answer.
#[derive(Default)]
struct Reply {
    cookie: Option<HeaderValue>,
    negotiate: Option<HeaderValue>,
}

/// A person whom something in the request itself names.
struct Proven {
    person: Resource,
    sid: Option<Sid>,
    method: Method,
    reply: Option<Vec<u8>>,
}

/// Finds out who calls and hands the request on.
pub(crate) async fn authenticate(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut reply = Reply::default();
    let (mut parts, body) = request.into_parts();
    let found = identify(&app, &parts, &mut reply).await;
    let response = match found {
        Ok(authentication) => {
            parts.extensions.insert(authentication);
            next.run(Request::from_parts(parts, body)).await
        }
        Err(error) => error.into_response(),
    };
    reply.add_to(response)
}

impl Reply {
    fn add_to(self, mut response: Response) -> Response {
        let headers = response.headers_mut();
        // The handler's own cookie, of a sign-in or sign-out, is newer.
        if let Some(cookie) = self.cookie
            && !headers.contains_key(header::SET_COOKIE)
        {
            headers.insert(header::SET_COOKIE, cookie);
        }
        if let Some(negotiate) = self.negotiate {
            headers.insert(header::WWW_AUTHENTICATE, negotiate);
        }
        response
    }
}

async fn identify(
    app: &Shared,
    request: &Parts,
    reply: &mut Reply,
) -> Result<Authentication, ApiError> {
    let headers = &request.headers;
    let authorization = authorization(headers)?;
    if let Some((scheme, text)) = authorization
        && scheme.eq_ignore_ascii_case("bearer")
    {
        let caller = token::bearer(app, text).await?;
        return Ok(Authentication::SignedIn(Box::new(caller)));
    }
    let proven = prove(app, headers, authorization).await?;
    let text = cookie::read(headers, app.config.tls.is_some());
    let is_ambient = proven.is_some() || text.is_some();
    if !origin::is_allowed(&request.method, headers, &app.config, is_ambient) {
        return Err(ApiError::CrossSite);
    }
    let caller = match proven {
        Some(proven) => Some(adopt(app, headers, proven, text, reply).await?),
        None => resume(app, text).await?,
    };
    Ok(caller.map_or(Authentication::Anonymous, |c| Authentication::SignedIn(Box::new(c))))
}

/// Scheme and value of `Authorization`. Two such headers are nobody's.
fn authorization(headers: &HeaderMap) -> Result<Option<(&str, &str)>, ApiError> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.to_str().ok().filter(|_text| values.next().is_none());
    let pair = text.and_then(|text| text.trim().split_once(' '));
    pair.map(Some).ok_or(ApiError::BadToken)
}

/// The person that a ticket or an assertion names.
async fn prove(
    app: &Shared,
    headers: &HeaderMap,
    authorization: Option<(&str, &str)>,
) -> Result<Option<Proven>, ApiError> {
    if let Some((scheme, text)) = authorization {
        let is_kerberos = ["negotiate", "ntlm"].iter().any(|s| scheme.eq_ignore_ascii_case(s));
        let acceptor = app.acceptor.as_ref().filter(|_| is_kerberos);
        let acceptor = acceptor.ok_or(ApiError::BadTicket { help: None })?;
        let octets = negotiate::token(scheme, text)?;
        let ticket = acceptor.accept(&octets).await.map_err(|refused| {
            let code = refused.code;
            tracing::warn!(target: "proxeny::api::sign_in", code, error = %refused, "ticket refused");
            ApiError::BadTicket { help: refused.help }
        })?;
        let person = match &ticket.sid {
            Some(sid) => person::by_sid(app, sid).await?,
            None => person::by_principal(app, &ticket.client).await?,
        };
        let (sid, reply) = (ticket.sid, ticket.reply);
        return Ok(Some(Proven { person, sid, method: Method::Kerberos, reply }));
    }
    let Some(verifier) = &app.assertion else { return Ok(None) };
    let mut values = headers.get_all(assertion::HEADER).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.to_str().ok().filter(|_text| values.next().is_none());
    let text = text.ok_or(ApiError::BadAssertion)?;
    let said = verifier.verify(text, app.clock.now()).map_err(|refused| {
        let code = "API-0109";
        tracing::warn!(target: "proxeny::api::sign_in", code, error = %refused, "assertion refused");
        ApiError::BadAssertion
    })?;
    let person = match (&said.sid, &said.domain, &said.account) {
        (Some(sid), ..) => person::by_sid(app, sid).await?,
        (None, Some(domain), Some(account)) => person::by_account(app, domain, account).await?,
        _ => return Err(ApiError::UnknownAccount),
    };
    Ok(Some(Proven { person, sid: said.sid, method: Method::Assertion, reply: None }))
}

/// The caller of a session that is open, if it is.
async fn resume(app: &Shared, text: Option<&str>) -> Result<Option<Caller>, ApiError> {
    let Some(text) = text else { return Ok(None) };
    let found = app.sessions.find(text, app.clock.now());
    let Some((key, identity, expires)) = found else { return Ok(None) };
    let caller = person::caller(app, &identity, expires).await?;
    if caller.is_none() {
        app.sessions.close(&key);
    }
    Ok(caller.map(|caller| Caller { session: Some(key), ..caller }))
}

/// The caller that was proven: in the session of the same person, or in a new one.
async fn adopt(
    app: &Shared,
    headers: &HeaderMap,
    proven: Proven,
    text: Option<&str>,
    reply: &mut Reply,
) -> Result<Caller, ApiError> {
    if let Some(octets) = &proven.reply {
        let value = format!("Negotiate {}", STANDARD.encode(octets));
        reply.negotiate = HeaderValue::from_str(&value).ok();
    }
    let id = proven.person.id;
    let present = text.and_then(|text| app.sessions.find(text, app.clock.now()));
    if let Some((key, identity, _)) = present {
        let same = matches!(identity.subject, Subject::Person(person) if person == id);
        if same && let Some(caller) = resume(app, text).await? {
            return Ok(caller);
        }
        app.sessions.close(&key);
    }
    let behind_gateway =
        proven.method == Method::Assertion || headers.contains_key("x-forwarded-host");
    let identity = Identity { subject: Subject::Person(id), method: proven.method, behind_gateway };
    let (caller, cookie) = open_session(app, identity).await?;
    let method = match proven.method {
        Method::Assertion => "assertion",
        _ => "kerberos",
    };
    let sid = proven.sid.map(|sid| sid.to_string());
    tracing::info!(target: "proxeny::api::sign_in", method, person = %id, sid, "signed in");
    reply.cookie = cookie;
    Ok(caller)
}

/// Opens a session and returns its caller with the cookie to set.
pub(crate) async fn open_session(
    app: &Shared,
    identity: Identity,
) -> Result<(Caller, Option<HeaderValue>), ApiError> {
    let text = ticket(app.random.as_ref())?;
    let (key, expires) = app.sessions.open(&text, identity.clone(), app.clock.now());
    match person::caller(app, &identity, expires).await? {
        Some(caller) => {
            let caller = Caller { session: Some(key), ..caller };
            Ok((caller, cookie::set(&text, app.config.tls.is_some())))
        }
        None => {
            app.sessions.close(&key);
            Err(ApiError::UnknownAccount)
        }
    }
}
