//! Whether the program lives and can serve, and its own description.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::etag;
use crate::problem::{ApiError, Problem};

/// That all is well.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub(crate) struct Health {
    /// `ok`.
    status: String,
}

fn ok() -> axum::Json<Health> {
    axum::Json(Health { status: "ok".to_owned() })
}

/// The program lives.
#[utoipa::path(get, path = "/health/live", tag = "health", operation_id = "getLive",
    responses((status = 200, body = Health)))]
pub(crate) async fn live() -> axum::Json<Health> {
    ok()
}

/// The program can serve: the store answers and the program is not about to end.
#[utoipa::path(get, path = "/health/ready", tag = "health", operation_id = "getReady",
    responses(
        (status = 200, body = Health),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    ))]
pub(crate) async fn ready(State(app): State<App>) -> Result<axum::Json<Health>, ApiError> {
    if app.jobs.is_ending() {
        return Err(ApiError::Ending);
    }
    app.service.version().await.map_err(|error| {
        tracing::error!(error = %error, code = error.code(), "the store does not answer");
        ApiError::NotReady
    })?;
    Ok(ok())
}

/// This description.
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "health", operation_id = "getDescription",
    responses((status = 200, body = serde_json::Value), (status = 304)))]
pub(crate) async fn description(State(app): State<App>, headers: HeaderMap) -> Response {
    let tag = etag::tag(&app.document);
    if etag::is_known(&headers, &tag) {
        return etag::answer_tagged(&headers, Vec::new(), &tag);
    }
    let json = HeaderValue::from_static("application/json");
    let mut response = ([(header::CONTENT_TYPE, json)], app.document.clone()).into_response();
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}
