//! Automation tokens.

use std::collections::BTreeSet;

use ::rules::Role;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use model::Timestamp;
use store::{Credential, CredentialKind};

use super::session::role_name;
use crate::app::App;
use crate::caller::Administrator;
use crate::problem::{ApiError, Problem};
use crate::request::{Json, Path, guid};
use crate::sign_in::make_token;
use crate::types::{NewToken, RoleName, Token, TokenCreated};

/// Characters of a name at most.
const NAME_CHARACTERS_MAX: usize = 64;
/// Days a token lasts unless said otherwise, and at most.
const DAYS: u32 = 90;
const DAYS_MAX: u32 = 366;
const SECONDS_PER_DAY: i64 = 86_400;
/// Tokens at a time.
const TOKENS_MAX: usize = 1_000;

fn show(credential: &Credential) -> Token {
    let roles = credential.roles.iter().filter_map(|role| Role::parse(role));
    Token {
        id: credential.id.to_string(),
        name: credential.name.clone(),
        roles: roles.map(role_name).collect(),
        created: credential.created.to_string(),
        expires: credential.expires.unwrap_or(credential.created).to_string(),
        last_used: credential.last_used.map(|moment| moment.to_string()),
    }
}

/// Every token, oldest first.
#[utoipa::path(get, path = "/api/v1/tokens", tag = "tokens", operation_id = "listTokens",
    security(("cookie" = []), ("token" = [])),
    responses(
        (status = 200, body = Vec<Token>),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ))]
pub(crate) async fn list_tokens(
    State(app): State<App>,
    Administrator(_caller): Administrator,
) -> Result<axum::Json<Vec<Token>>, ApiError> {
    let found = app.access.credentials(CredentialKind::Token).await?;
    Ok(axum::Json(found.iter().map(show).collect()))
}

/// Makes a token and shows its secret, once.
#[utoipa::path(post, path = "/api/v1/tokens", tag = "tokens", operation_id = "makeToken",
    security(("cookie" = []), ("token" = [])), request_body = NewToken,
    responses(
        (status = 201, body = TokenCreated),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ))]
pub(crate) async fn make(
    State(app): State<App>,
    Administrator(caller): Administrator,
    Json(body): Json<NewToken>,
) -> Result<Response, ApiError> {
    let bad = |problem: &str| ApiError::BadBody { problem: problem.to_owned() };
    let name = body.name.trim();
    let is_name = (1..=NAME_CHARACTERS_MAX).contains(&name.chars().count())
        && !name.chars().any(char::is_control);
    if !is_name {
        return Err(bad("name takes 1 to 64 characters"));
    }
    let role = |role: &RoleName| match role {
        RoleName::Administrator => Ok(Role::Administrator),
        RoleName::Operator => Ok(Role::Operator),
        RoleName::Auditor => Ok(Role::Auditor),
        RoleName::Person => Err(bad("a token is no person: roles takes the others")),
    };
    let roles: BTreeSet<Role> = body.roles.iter().map(role).collect::<Result<_, _>>()?;
    let days = body.expires_in_days.unwrap_or(DAYS);
    if roles.is_empty() || !(1..=DAYS_MAX).contains(&days) {
        return Err(bad("it takes at least one role and 1 to 366 days"));
    }
    let present = app.access.credentials(CredentialKind::Token).await?;
    if present.len() >= TOKENS_MAX {
        return Err(bad("there are too many tokens; delete some"));
    }
    if present.iter().any(|token| token.name.to_lowercase() == name.to_lowercase()) {
        return Err(bad("there is a token of this name already"));
    }
    let created = app.clock.now();
    let seconds = created.seconds() + i64::from(days) * SECONDS_PER_DAY;
    let expires = Timestamp::from_seconds(seconds);
    let roles: Vec<Role> = roles.into_iter().collect();
    let (secret, credential) = make_token(app.random.as_ref(), name, &roles, created, expires)?;
    let shown = TokenCreated { token: show(&credential), secret: secret.expose().to_owned() };
    let by = caller.person.map(|id| id.to_string());
    tracing::info!(token = %credential.id, by, "a token was made");
    app.access.put_credential(credential).await?;
    Ok((StatusCode::CREATED, axum::Json(shown)).into_response())
}

/// Deletes a token, which is good for nothing from then on.
#[utoipa::path(delete, path = "/api/v1/tokens/{id}", tag = "tokens", operation_id = "deleteToken",
    security(("cookie" = []), ("token" = [])), params(("id" = String, Path, format = "uuid")),
    responses(
        (status = 204),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ))]
pub(crate) async fn delete(
    State(app): State<App>,
    Administrator(caller): Administrator,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let missing = || ApiError::NotFound { what: "such token" };
    let id = guid(&id, "such token")?;
    let tokens = app.access.credentials(CredentialKind::Token).await?;
    if !tokens.iter().any(|token| token.id == id) || !app.access.delete_credential(id).await? {
        return Err(missing());
    }
    let by = caller.person.map(|id| id.to_string());
    tracing::info!(token = %id, by, "a token was deleted");
    Ok(StatusCode::NO_CONTENT)
}
