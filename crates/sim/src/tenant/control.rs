//! Control endpoints under `/_sim`, for people and scripts on the same machine. They ask for no
//! token; the tenant listens on loopback only.
//!
//! | request | body | answer |
//! |---|---|---|
//! | `POST /_sim/invite` | `{"name": …, "mail": …}` | 201 `{"id": …, "userPrincipalName": …}` |
//! | `POST /_sim/users` | properties of a user | 201 `{"id": …}` |
//! | `GET /_sim/users` | | 200 every live user with all properties |
//! | `PATCH /_sim/users/{key}` | properties, null clears | 204 |
//! | `DELETE /_sim/users/{key}` | | 204, restorable |
//! | `POST /_sim/users/{id}/restore` | | 204 |
//! | `POST /_sim/users/{key}/purge` | | 204, deleted for good |
//! | `POST /_sim/faults` | a [`Fault`] | 204 |
//! | `DELETE /_sim/faults` | | 204, queue emptied |
//! | `POST /_sim/throttle` | `{"times": 2, "retry_after": 1}` | 204 |
//! | `POST /_sim/delta/reset` | | 204, all delta tokens answer 410 |
//! | `PUT /_sim/apps/{client_id}` | what [`AppOptions`] has for the sign-in of people | 204 |
//! | `POST /_sim/keys/rotate` | | 204, tokens are signed with a new key |
//! | `GET /_sim/requests` | | 200 `[{"method": …, "path": …, "count": …}]` |
//!
//! ```sh
//! curl --cacert ca.pem --json '{"name": "Ada Lind", "mail": "ada@partner.example"}' \
//!      https://localhost:18443/_sim/invite
//! ```

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State as Shared};
use axum::http::StatusCode;
use axum::response::Json;
use axum::routing::{get, patch, post, put};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::answer::GraphError;
use super::faults::Fault;
use super::handle::rotate_keys;
use super::options::{AppOptions, TenantError};
use super::sessions::Registration;
use super::state::Invitation;
use super::world::{World, new_id};

pub(super) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/invite", post(invite))
        .route("/users", get(users).post(create))
        .route("/users/{key}", patch(update).delete(remove))
        .route("/users/{key}/restore", post(restore))
        .route("/users/{key}/purge", post(purge))
        .route("/faults", post(inject).delete(clear))
        .route("/throttle", post(throttle))
        .route("/delta/reset", post(reset))
        .route("/apps/{client_id}", put(register))
        .route("/keys/rotate", post(rotate))
        .route("/requests", get(requests))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Guest {
    #[serde(default)]
    name: String,
    mail: String,
}

async fn invite(
    Shared(world): Shared<Arc<World>>,
    Json(guest): Json<Guest>,
) -> Result<(StatusCode, Json<Value>), GraphError> {
    let invitation = Invitation { name: &guest.name, mail: &guest.mail, user_type: "Guest" };
    let id = world.state().invite(new_id(), &invitation, world.now())?;
    let name = world.state().user(&id)?.get("userPrincipalName").cloned();
    Ok((StatusCode::CREATED, Json(json!({ "id": id, "userPrincipalName": name }))))
}

async fn users(Shared(world): Shared<Arc<World>>) -> Json<Value> {
    let page = world.state().list(None, usize::MAX, u64::MAX, &|_| true);
    Json(page.items.into_iter().map(Value::Object).collect())
}

async fn create(
    Shared(world): Shared<Arc<World>>,
    Json(properties): Json<Map<String, Value>>,
) -> Result<(StatusCode, Json<Value>), GraphError> {
    let id = world.state().create(new_id(), properties, world.now())?;
    Ok((StatusCode::CREATED, Json(json!({ "id": id }))))
}

async fn update(
    Shared(world): Shared<Arc<World>>,
    Path(key): Path<String>,
    Json(properties): Json<Map<String, Value>>,
) -> Result<StatusCode, GraphError> {
    world.state().update(&key, properties)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn remove(
    Shared(world): Shared<Arc<World>>,
    Path(key): Path<String>,
) -> Result<StatusCode, GraphError> {
    world.state().soft_delete(&key)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn restore(
    Shared(world): Shared<Arc<World>>,
    Path(key): Path<String>,
) -> Result<StatusCode, GraphError> {
    world.state().restore(&key)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn purge(
    Shared(world): Shared<Arc<World>>,
    Path(key): Path<String>,
) -> Result<StatusCode, GraphError> {
    world.state().purge(&key)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn inject(Shared(world): Shared<Arc<World>>, Json(fault): Json<Fault>) -> StatusCode {
    world.traffic().inject(fault);
    StatusCode::NO_CONTENT
}

async fn clear(Shared(world): Shared<Arc<World>>) -> StatusCode {
    world.traffic().clear_faults();
    StatusCode::NO_CONTENT
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Throttle {
    times: u32,
    retry_after: u32,
}

async fn throttle(Shared(world): Shared<Arc<World>>, Json(throttle): Json<Throttle>) -> StatusCode {
    world.throttle_next(throttle.times, throttle.retry_after);
    StatusCode::NO_CONTENT
}

async fn reset(Shared(world): Shared<Arc<World>>) -> StatusCode {
    world.begin_epoch();
    StatusCode::NO_CONTENT
}

/// The part of [`AppOptions`] that is about the sign-in of people.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SignInOptions {
    redirect_uris: Vec<String>,
    logout_url: Option<String>,
    #[serde(default)]
    assignment_required: bool,
    #[serde(default)]
    assigned_users: Vec<String>,
    #[serde(default)]
    public: bool,
}

async fn register(
    Shared(world): Shared<Arc<World>>,
    Path(client_id): Path<String>,
    Json(given): Json<SignInOptions>,
) -> Result<StatusCode, GraphError> {
    let options = AppOptions {
        client_id: client_id.clone(),
        redirect_uris: given.redirect_uris,
        logout_url: given.logout_url,
        assignment_required: given.assignment_required,
        assigned_users: given.assigned_users,
        public: given.public,
        ..AppOptions::default()
    };
    let registration =
        Registration::new(&options).map_err(|e| GraphError::bad_request(e.to_string()))?;
    world.change_registration(&client_id, |app| *app = registration)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn rotate(Shared(world): Shared<Arc<World>>) -> Result<StatusCode, GraphError> {
    let failed = |error: TenantError| {
        GraphError::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", error.to_string())
    };
    rotate_keys(world).await.map_err(failed)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn requests(Shared(world): Shared<Arc<World>>) -> Json<Value> {
    let counts = world.traffic().counts();
    let show =
        |c: &super::RequestCount| json!({ "method": c.method, "path": c.path, "count": c.count });
    Json(counts.iter().map(show).collect())
}
