//! Signing in and out.

use ::rules::Role;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use model::Secret;
use serde::Deserialize;
use service::ADMINISTRATOR;
use store::CredentialKind;
use utoipa::IntoParams;

use crate::app::{App, Shared};
use crate::caller::{Authentication, Caller, SignedIn};
use crate::problem::{ApiError, Problem};
use crate::request::{Json, Query};
use crate::sign_in::{Identity, Subject, clear_cookie, open_session, verify_password};
use crate::types::{Method, Portal, RoleName, Session, SignIn};

/// Where the gateway ends its own session.
const GATEWAY_SIGN_OUT: &str = "/.proxeny/sign-out";
/// Octets of an account and of a password at most.
const ACCOUNT_OCTETS_MAX: usize = 64;
const PASSWORD_OCTETS_MAX: usize = 1_024;

pub(crate) const fn role_name(role: Role) -> RoleName {
    match role {
        Role::Administrator => RoleName::Administrator,
        Role::Operator => RoleName::Operator,
        Role::Auditor => RoleName::Auditor,
        Role::Person => RoleName::Person,
    }
}

pub(crate) fn session(app: &Shared, caller: &Caller) -> Session {
    Session {
        name: caller.name.clone(),
        account: caller.account.clone(),
        domain: caller.domain.clone(),
        person_id: caller.person.map(|id| id.to_string()),
        roles: caller.roles.iter().copied().map(role_name).collect(),
        method: caller.method,
        expires: caller.expires.to_string(),
        is_guest: caller.is_guest,
        portal: Portal { name: app.portal_name.clone() },
        sign_out_url: caller.behind_gateway.then(|| GATEWAY_SIGN_OUT.to_owned()),
    }
}

/// How to be asked.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SessionQuery {
    /// Asks the browser for a Kerberos ticket when nobody is signed in.
    #[serde(default)]
    negotiate: bool,
}

/// Who is signed in.
#[utoipa::path(get, path = "/api/v1/session", tag = "session", operation_id = "getSession",
    params(SessionQuery),
    responses(
        (status = 200, body = Session),
        (status = 401, body = Problem, content_type = "application/problem+json"),
    ))]
pub(crate) async fn get_session(
    State(app): State<App>,
    Query(query): Query<SessionQuery>,
    axum::Extension(authentication): axum::Extension<Authentication>,
) -> Result<axum::Json<Session>, ApiError> {
    match authentication {
        Authentication::SignedIn(caller) => Ok(axum::Json(session(&app, &caller))),
        Authentication::Anonymous => {
            let negotiate = query.negotiate && app.acceptor.is_some();
            Err(ApiError::NotSignedIn { negotiate })
        }
    }
}

/// Signs a local account in.
#[utoipa::path(post, path = "/api/v1/session", tag = "session", operation_id = "signIn",
    request_body = SignIn,
    responses(
        (status = 201, body = Session),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
    ))]
pub(crate) async fn sign_in(
    State(app): State<App>,
    axum::Extension(authentication): axum::Extension<Authentication>,
    Json(body): Json<SignIn>,
) -> Result<Response, ApiError> {
    let SignIn { account, password } = body;
    let password = Secret::new(password);
    let now = app.clock.now();
    if account.len() > ACCOUNT_OCTETS_MAX || password.expose().len() > PASSWORD_OCTETS_MAX {
        return Err(ApiError::WrongPassword);
    }
    if let Some(wait_seconds) = app.failures.wait_seconds(&account, now) {
        return Err(ApiError::TooManyFailures { wait_seconds });
    }
    app.failures.count(&account, now);
    let found = app.access.credential_by_name(CredentialKind::Password, &account).await?;
    let found = found.filter(|credential| credential.expires.is_none_or(|end| now < end));
    if !verify_password(&app.stand_in, found.as_ref(), password).await {
        tracing::warn!(target: "proxeny::api::sign_in", method = "password", code = "API-0102", "refused");
        return Err(ApiError::WrongPassword);
    }
    let credential = found.ok_or(ApiError::WrongPassword)?;
    app.failures.forget(&account);
    let person = credential.person.unwrap_or(ADMINISTRATOR);
    let identity = Identity {
        subject: Subject::Local(credential.name, person),
        method: Method::Password,
        behind_gateway: false,
    };
    let (caller, cookie) = open_session(&app, identity).await?;
    // Whoever was signed in before is not any more.
    if let Authentication::SignedIn(before) = authentication
        && let Some(key) = before.session
    {
        app.sessions.close(&key);
    }
    app.access.touch_credential(credential.id, now).await?;
    tracing::info!(target: "proxeny::api::sign_in", method = "password", person = %person, "signed in");
    let mut response = (StatusCode::CREATED, axum::Json(session(&app, &caller))).into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// Signs out.
#[utoipa::path(delete, path = "/api/v1/session", tag = "session", operation_id = "signOut",
    responses(
        (status = 204),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
    ))]
pub(crate) async fn sign_out(State(app): State<App>, SignedIn(caller): SignedIn) -> Response {
    if let Some(key) = caller.session {
        app.sessions.close(&key);
        let person = caller.person.map(|id| id.to_string());
        tracing::info!(target: "proxeny::api::sign_in", person, "signed out");
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(cookie) = clear_cookie(app.config.tls.is_some()) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}
