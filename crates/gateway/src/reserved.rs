//! Phase 3: what lies below `/.proxeny/` of every published host is the gateway's own and never
//! forwarded.

use std::sync::Arc;
use std::time::Duration;

use hyper::{Method, Response, StatusCode};
use oidc::EndSession;

use crate::audit::{self, Subject};
use crate::body::GatewayBody;
use crate::cookies;
use crate::gateway::{Asked, Inner};
use crate::login::{self, Errand, set_cookie};
use crate::pages::{self, Next, Page};
use crate::refusal::{Refusal, Refused};
use crate::route::Route;
use crate::session::Shown;

/// Where all of it lies.
const FOLDER: &str = "/.proxeny";
/// Where the provider sends people back to.
pub(crate) const CALLBACK_PATH: &str = "/.proxeny/callback";
const SIGN_IN_PATH: &str = "/.proxeny/sign-in";
const SIGN_OUT_PATH: &str = "/.proxeny/sign-out";
const SIGNED_OUT_PATH: &str = "/.proxeny/signed-out";

/// The rest of a path that is the gateway's own, whatever the case of its letters.
pub(crate) fn name(path: &str) -> Option<&str> {
    let collapsed = path.trim_start_matches('/');
    let path = path.get(path.len() - collapsed.len() - 1..)?;
    let (folder, rest) = path.split_at_checked(FOLDER.len())?;
    let is_folder = folder.eq_ignore_ascii_case(FOLDER);
    match rest.strip_prefix('/') {
        Some(name) if is_folder => Some(name),
        None if is_folder && rest.is_empty() => Some(""),
        _ => None,
    }
}

/// Answers for the gateway itself.
pub(crate) async fn answer(
    inner: &Arc<Inner>,
    asked: &Asked,
    name: &str,
) -> Result<Response<GatewayBody>, Refusal> {
    let is_get = asked.method == Method::GET || asked.method == Method::HEAD;
    match name {
        "health/live" if is_get => return Ok(pages::text(StatusCode::OK, "live\n")),
        "health/ready" if is_get => {
            let problem = inner.readiness.problem(inner, asked.now).await;
            return Ok(match problem {
                None => pages::text(StatusCode::OK, "ready\n"),
                Some(problem) => pages::text(StatusCode::SERVICE_UNAVAILABLE, problem),
            });
        }
        _ => {}
    }
    let Some(route) = inner.routes.of_host(&asked.to) else { return Err(nothing()) };
    match name {
        "callback" if is_get => login::finish(inner, asked, &route).await,
        "sign-in" if is_get => {
            let return_to = parameter(asked, "return_to");
            let home = || route.application.external.path.clone();
            let errand = Errand::to(return_to.unwrap_or_else(home));
            login::begin_to(inner, asked, &route, errand).await
        }
        "sign-out" if is_get && !is_meant(asked) => Ok(ask_to_sign_out(inner)),
        "sign-out" if is_get || (asked.method == Method::POST && is_meant(asked)) => {
            sign_out(inner, asked, &route).await
        }
        "signed-out" if is_get => Ok(signed_out(&route)),
        "front-channel-logout" if is_get => front_channel_logout(inner, asked),
        _ => Err(nothing()),
    }
}

fn nothing() -> Refusal {
    Refusal::new(Refused::NotPublished, "not-published", "no such address")
}

fn parameter(asked: &Asked, name: &str) -> Option<String> {
    let query = asked.to.query.as_deref().unwrap_or_default();
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs.find(|(own, _)| own == name).map(|(_, value)| value.into_owned())
}

/// True unless another site made the browser ask.
fn is_meant(asked: &Asked) -> bool {
    let text = |name: &str| asked.headers.get(name).and_then(|v| v.to_str().ok());
    match text("sec-fetch-site") {
        Some(site) => matches!(site, "same-origin" | "none"),
        // A browser that says nothing of this names the origin of what it posts.
        None => text("origin").is_none_or(|origin| {
            origin.split_once("://").is_some_and(|(_, host)| Some(host) == text("host"))
        }),
    }
}

fn ask_to_sign_out(inner: &Inner) -> Response<GatewayBody> {
    let provider = provider_origin(inner);
    Page {
        status: StatusCode::OK,
        title: "Sign out?",
        text: "Another page asked to sign you out of everything that is published here.",
        reference: None,
        next: Next::Button(SIGN_OUT_PATH, "Sign out"),
        framed_by: None,
        leads_to: provider.as_deref(),
    }
    .answer()
}

/// Ends the person's sessions everywhere, here and at the provider.
async fn sign_out(
    inner: &Arc<Inner>,
    asked: &Asked,
    route: &Route,
) -> Result<Response<GatewayBody>, Refusal> {
    let origin = route.origin();
    let return_to = format!("{origin}{SIGNED_OUT_PATH}");
    let cookie = cookies::read(&asked.headers, cookies::SESSION);
    let shown = cookie.map_or(Shown::Nothing, |c| inner.sessions.show(c, &origin, asked.now));
    let mut to = return_to.clone();
    if let Shown::Session(session) = shown {
        inner.sessions.end(cookie.unwrap_or_default());
        if let Some(id) = &session.provider_session {
            inner.sessions.end_provider_session(id);
        }
        let subject = Subject {
            request_id: &asked.request_id,
            person: &session.person.object_id,
            application: &route.application.name,
            service: "",
        };
        audit::done("sign-out", subject, Duration::ZERO);
        let end = EndSession {
            id_token_hint: session.id_token.as_ref(),
            post_logout_redirect_uri: Some(&return_to),
            ..EndSession::default()
        };
        // Being signed out here does not depend on whether the provider answers.
        if let Ok(Some(url)) = inner.provider.end_session_url(&end, asked.now).await {
            to = url.into();
        }
    }
    let mut response = pages::redirect(StatusCode::SEE_OTHER, &to).ok_or_else(nothing)?;
    set_cookie(&mut response, &cookies::clear(cookies::SESSION));
    set_cookie(&mut response, &cookies::clear(cookies::LOGIN));
    Ok(response)
}

fn signed_out(route: &Route) -> Response<GatewayBody> {
    let home = format!("{}{}", route.origin(), route.application.external.path);
    let home: String = url::form_urlencoded::byte_serialize(
        home.strip_prefix(&route.origin()).unwrap_or("/").as_bytes(),
    )
    .collect();
    Page {
        status: StatusCode::OK,
        title: "You are signed out",
        text: "Close the browser if others use this computer.",
        reference: None,
        next: Next::Link(&format!("{SIGN_IN_PATH}?return_to={home}"), "Sign in again"),
        framed_by: None,
        leads_to: None,
    }
    .answer()
}

/// The provider tells, in a frame, that its session ended (OpenID Connect Front-Channel Logout
/// 1.0). The browser sends no cookie with it; the session's id says enough.
fn front_channel_logout(inner: &Inner, asked: &Asked) -> Result<Response<GatewayBody>, Refusal> {
    let query = asked.to.query.as_deref().unwrap_or_default();
    let notice = inner
        .provider
        .front_channel_logout(query)
        .map_err(|error| Refusal::new(Refused::Malformed, error.code(), error.to_string()))?;
    let ended = inner.sessions.end_provider_session(&notice.sid);
    if ended > 0 {
        let subject = Subject { request_id: &asked.request_id, ..Subject::default() };
        audit::done("provider-sign-out", subject, Duration::ZERO);
    }
    let framed_by = provider_origin(inner);
    Ok(Page {
        status: StatusCode::OK,
        title: "You are signed out",
        text: "Your sessions here have ended, too.",
        reference: None,
        next: Next::Nothing,
        framed_by: framed_by.as_deref(),
        leads_to: None,
    }
    .answer())
}

fn provider_origin(inner: &Inner) -> Option<String> {
    let issuer = url::Url::parse(&inner.provider.settings().issuer).ok();
    issuer.map(|url| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_reserved_is_reserved_in_every_spelling() {
        for (path, expected) in [
            ("/.proxeny/callback", Some("callback")),
            ("/.Proxeny/callback", Some("callback")),
            ("//.proxeny/callback", Some("callback")),
            ("/.proxeny", Some("")),
            ("/.proxeny-app/x", None),
            ("/a/.proxeny/x", None),
            ("/", None),
        ] {
            assert_eq!(name(path), expected, "{path}");
        }
    }
}
