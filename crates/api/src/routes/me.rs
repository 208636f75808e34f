//! The own person.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use service::PERSON;

use super::session::session;
use crate::app::App;
use crate::caller::SignedIn;
use crate::etag;
use crate::problem::{ApiError, Problem};
use crate::show::{own_attributes, person_summary};
use crate::types::{Me, Person};

/// The caller's own person, every attribute included.
#[utoipa::path(get, path = "/api/v1/me", tag = "people", operation_id = "getMe",
    security(("cookie" = [])),
    responses(
        (status = 200, body = Me, headers(("ETag" = String))),
        (status = 304),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json",
            description = "the caller is a token and no person"),
    ))]
pub(crate) async fn get_me(
    State(app): State<App>,
    SignedIn(caller): SignedIn,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let missing = || ApiError::NotFound { what: "person behind this sign-in" };
    let id = caller.person.ok_or_else(missing)?;
    let found = app.service.get(&[id]).await?.into_iter().find(|r| r.resource_type == *PERSON);
    let person = found.ok_or_else(missing)?;
    let me = Me {
        person: Person {
            summary: person_summary(&person),
            attributes: own_attributes(&person),
            version: person.version,
        },
        session: session(&app, &caller),
    };
    Ok(etag::answer(&headers, &me))
}
