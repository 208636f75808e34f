//! Signing out: the end-session endpoint (OpenID Connect RP-Initiated Logout 1.0) and the notice to
//! the other applications of the session through the browser (Front-Channel Logout 1.0).

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use url::Url;

use super::authorize::{session_cookie, set_session_cookie};
use super::discovery::check_tenant;
use super::fields::Fields;
use super::intake::Call;
use super::pages;
use super::sessions::Session;
use super::world::World;

pub(super) async fn logout(
    Shared(world): Shared<Arc<World>>,
    Extension(call): Extension<Call>,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    fields: Fields,
) -> Response {
    if let Err(error) = check_tenant(&world, &tenant) {
        return pages::refusal(&error);
    }
    let next = fields
        .get("post_logout_redirect_uri")
        .filter(|uri| world.is_registered(uri))
        .and_then(|uri| Url::parse(uri).ok());
    let next = next.map(|mut url| {
        if let Some(state) = fields.get("state") {
            url.query_pairs_mut().append_pair("state", state);
        }
        url
    });
    let session = world.signins().sign_out(session_cookie(&headers), world.now().seconds());
    let issuer = format!("{}/{}/v2.0", call.origin, world.tenant_id);
    let told = session.map(|s| logout_urls(&world, &s, &issuer)).unwrap_or_default();
    let mut response = match next {
        Some(next) if told.is_empty() => {
            (StatusCode::FOUND, [(header::LOCATION, String::from(next))]).into_response()
        }
        next => pages::signed_out(&told, next.as_ref()),
    };
    set_session_cookie(&mut response, "", "; Max-Age=0");
    response
}

/// Where the applications of a session hear that it ended.
fn logout_urls(world: &World, session: &Session, issuer: &str) -> Vec<Url> {
    let registered = session.clients.iter().filter_map(|id| world.registration(id).logout_url);
    let urls = registered.filter_map(|url| Url::parse(&url).ok());
    let urls = urls.map(|mut url| {
        url.query_pairs_mut().append_pair("iss", issuer).append_pair("sid", &session.sid);
        url
    });
    urls.collect()
}
