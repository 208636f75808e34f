//! Which path leads where, and what surrounds every handler.

use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::problem::ApiError;
use crate::routes::{
    connectors, events, health, me, metaverse, objects, pending, people, rules, runs, session,
    tokens,
};
use crate::sign_in::authenticate;
use crate::{assets, headers, openapi};

/// Octets of a request body at most.
const BODY_OCTETS_MAX: usize = 1024 * 1024;
/// How long an answer may take, streams aside.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
/// The path whose answer is a stream.
const EVENTS: &str = "/api/v1/events";

/// The routes that know who calls, with their descriptions.
fn resources() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(openapi::skeleton())
        .routes(routes!(session::get_session, session::sign_in, session::sign_out))
        .routes(routes!(me::get_me))
        .routes(routes!(people::list_people))
        .routes(routes!(people::get_person, people::change_person))
        .routes(routes!(connectors::list_connectors))
        .routes(routes!(connectors::get_connector))
        .routes(routes!(connectors::list_sequences))
        .routes(routes!(objects::list_objects))
        .routes(routes!(objects::get_object))
        .routes(routes!(pending::list_pending_exports))
        .routes(routes!(runs::list_runs, runs::start_run))
        .routes(routes!(runs::get_run))
        .routes(routes!(runs::stop_run))
        .routes(routes!(runs::list_run_errors))
        .routes(routes!(events::listen))
        .routes(routes!(metaverse::get_metaverse))
        .routes(routes!(metaverse::list_metaverse_objects))
        .routes(routes!(metaverse::get_metaverse_object))
        .routes(routes!(rules::list_rules))
        .routes(routes!(rules::get_rule))
        .routes(routes!(tokens::list_tokens, tokens::make))
        .routes(routes!(tokens::delete))
}

/// The routes that are for everybody.
fn open() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(health::description))
}

/// Every route, for the description.
pub(crate) fn routes() -> OpenApiRouter<App> {
    resources().merge(open())
}

/// The whole interface with the portal's pages around it.
pub(crate) fn router(app: App) -> Router {
    let (resources, _) = resources().split_for_parts();
    let (open, _) = open().split_for_parts();
    resources
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn_with_state(app.clone(), authenticate))
        .merge(open.method_not_allowed_fallback(method_not_allowed))
        .fallback(assets::serve)
        .layer(DefaultBodyLimit::max(BODY_OCTETS_MAX))
        .layer(from_fn(in_time))
        .layer(from_fn_with_state(app.clone(), headers::add))
        .with_state(app)
}

async fn method_not_allowed() -> ApiError {
    ApiError::MethodNotAllowed
}

async fn in_time(request: Request, next: Next) -> Response {
    if request.uri().path() == EVENTS {
        return next.run(request).await;
    }
    match tokio::time::timeout(ANSWER_TIMEOUT, next.run(request)).await {
        Ok(response) => response,
        Err(_elapsed) => ApiError::TimedOut.into_response(),
    }
}
