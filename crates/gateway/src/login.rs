//! Phase 4, the way in: to the provider, and back with a session.

use std::sync::Arc;

use hyper::header::{self, HeaderValue};
use hyper::{Method, Response, StatusCode};
use model::Secret;
use oidc::{CallbackQuery, LoginRequest, SEED_LENGTH};
use tokio::time::Instant;

use crate::accounts::Person;
use crate::audit::{self, Subject};
use crate::body::GatewayBody;
use crate::gateway::{Asked, Inner};
use crate::limits::LOGIN_SECONDS;
use crate::refusal::{Refusal, Refused};
use crate::route::Route;
use crate::session::{Hash, NewSession, hash};
use crate::{cookies, pages, random, reserved};

/// What is remembered beside a sign-in under way.
#[derive(Debug, Clone)]
pub(crate) struct Beside {
    /// The origin where it began.
    origin: String,
    /// Path and query to go on to.
    return_to: String,
    /// The claims that a back end demanded.
    stepped_up: Option<Hash>,
}

/// Where a sign-in leads, and what it must bring.
pub(crate) struct Errand {
    /// Path and query to go on to.
    pub(crate) return_to: String,
    /// Claims that a back end demands (JSON, OpenID Connect Core 5.5).
    pub(crate) claims: Option<String>,
}

impl Errand {
    /// To a page, with nothing in particular.
    pub(crate) const fn to(return_to: String) -> Self {
        Self { return_to, claims: None }
    }
}

/// Sends a browser to the provider, and tells everything else that a session is needed.
///
/// Only for pages that are fetched: a form's content would be lost on the way.
pub(crate) async fn begin(
    inner: &Arc<Inner>,
    asked: &Asked,
    route: &Route,
) -> Result<Response<GatewayBody>, Refusal> {
    let is_read = asked.method == Method::GET || asked.method == Method::HEAD;
    if !is_read || !asked.is_navigation() {
        let reason = "a session is needed";
        let again = format!("{}{}", route.origin(), route.application.external.path);
        let refusal = Refusal::new(Refused::SessionNeeded, "session-needed", reason);
        return Err(refusal.with_again(again));
    }
    begin_to(inner, asked, route, Errand::to(asked.to.path_and_query())).await
}

/// Sends a browser to the provider on an errand.
pub(crate) async fn begin_to(
    inner: &Arc<Inner>,
    asked: &Asked,
    route: &Route,
    errand: Errand,
) -> Result<Response<GatewayBody>, Refusal> {
    let Errand { return_to, claims } = errand;
    if !is_own_path(&return_to) {
        let reason = "the address to return to is not of this host";
        return Err(Refusal::new(Refused::Malformed, "foreign-return", reason));
    }
    let origin = route.origin();
    let stepped_up = claims.as_deref().map(hash);
    let redirect_uri = format!("{origin}{}", reserved::CALLBACK_PATH);
    let request = LoginRequest { claims, ..LoginRequest::to(&redirect_uri) };
    let mut seed = [0; SEED_LENGTH];
    inner.random.fill(&mut seed).map_err(|_none| Refusal::no_randomness())?;
    let begun = inner.provider.begin(&request, &seed, asked.now).await?;
    // One secret for all windows of a browser, so that sign-ins in several do not end each other.
    let known = cookies::read(&asked.headers, cookies::LOGIN).filter(|c| c.len() == 43);
    let browser = known.map_or(begun.browser, |c| Secret::new(c.to_owned()));
    let cookie = cookies::set(cookies::LOGIN, browser.expose(), Some(LOGIN_SECONDS));
    let beside = Beside { origin, return_to, stepped_up };
    inner.logins.remember(begun.login, &browser, beside, asked.now);
    let mut response = go_to(begun.url.as_str())?;
    set_cookie(&mut response, &cookie);
    Ok(response)
}

/// Takes what the browser brings back from the provider.
pub(crate) async fn finish(
    inner: &Arc<Inner>,
    asked: &Asked,
    route: &Route,
) -> Result<Response<GatewayBody>, Refusal> {
    let began = Instant::now();
    let again = format!("{}{}", route.origin(), route.application.external.path);
    let refused = |refusal: Refusal| {
        let subject = Subject { request_id: &asked.request_id, ..Subject::default() };
        audit::refused("sign-in", subject, (refusal.code, &refusal.reason), began.elapsed());
        refusal.with_again(again.clone())
    };
    let query = CallbackQuery::parse(asked.to.query.as_deref().unwrap_or_default());
    let query = query.map_err(|error| refused(error.into()))?;
    let browser = cookies::read(&asked.headers, cookies::LOGIN).unwrap_or_default();
    let taken = inner.logins.take(&query, browser, asked.now);
    let (login, beside) = taken.map_err(|error| refused(error.into()))?;
    let origin = route.origin();
    if beside.origin != origin {
        let reason = "the sign-in began at another host";
        return Err(refused(Refusal::new(Refused::SignInNotBelieved, "other-host", reason)));
    }
    let signed_in = inner.provider.finish(query, login, asked.now).await;
    let signed_in = signed_in.map_err(|error| refused(error.into()))?;
    let person = Person::from(&signed_in.claims);
    if person.object_id.is_empty() {
        let reason = "the id token has no object id";
        return Err(refused(Refusal::new(Refused::SignInNotBelieved, "no-object-id", reason)));
    }
    // What the browser had before is worth nothing from now on.
    if let Some(old) = cookies::read(&asked.headers, cookies::SESSION) {
        inner.sessions.end(old);
    }
    let value = random::token(inner.random.as_ref()).map_err(|_none| Refusal::no_randomness())?;
    let subject = Subject {
        request_id: &asked.request_id,
        person: &person.object_id,
        application: &route.application.name,
        service: "",
    };
    audit::done("sign-in", subject, began.elapsed());
    let new = NewSession {
        origin: origin.clone(),
        person,
        provider_session: signed_in.claims.sid.clone(),
        id_token: Some(signed_in.id_token),
        stepped_up: beside.stepped_up,
    };
    inner.sessions.begin(&value, new, asked.now);
    let mut response = go_to(&format!("{origin}{}", beside.return_to))?;
    set_cookie(&mut response, &cookies::set(cookies::SESSION, &value, None));
    Ok(response)
}

fn go_to(url: &str) -> Result<Response<GatewayBody>, Refusal> {
    pages::redirect(StatusCode::SEE_OTHER, url)
        .ok_or_else(|| Refusal::new(Refused::Malformed, "malformed", "the address is not plain"))
}

pub(crate) fn set_cookie(response: &mut Response<GatewayBody>, cookie: &str) {
    if let Ok(mut value) = HeaderValue::try_from(cookie) {
        value.set_sensitive(true);
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// True for a path of the same origin: nothing that a browser takes for another host.
pub(crate) fn is_own_path(path: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_graphic() && b != b'\\';
    path.starts_with('/') && path.bytes().all(is_plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn g5_082_only_own_paths_are_returned_to() {
        for path in ["/", "/a/b?c=d&e=%2F", "/a//b"] {
            assert!(is_own_path(path), "{path}");
        }
        for path in ["", "a", "/\\evil.example", "https://evil.example", "/a\r\nb", "/a b"] {
            assert!(!is_own_path(path), "{path:?}");
        }
    }
}
