//! The token endpoint: applications that sign in as themselves (client credentials), and those that
//! redeem what people gave them.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, header};
use axum::response::Json;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::Secret;
use serde_json::{Value, json};

use super::answer::SignInError;
use super::app::{App, SecretCheck};
use super::assertion::check_assertion;
use super::discovery::check_tenant;
use super::intake::Call;
use super::redeem;
use super::world::{World, new_id};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const GRANT_TYPES: [&str; 3] = ["client_credentials", "authorization_code", "refresh_token"];

pub(super) async fn token(
    Shared(world): Shared<Arc<World>>,
    Extension(call): Extension<Call>,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, SignInError> {
    check_tenant(&world, &tenant)?;
    let form = Form::read(&body, &headers);
    let grant_type = form.required("grant_type")?;
    if !GRANT_TYPES.contains(&grant_type) {
        let text = format!("The grant type '{grant_type}' is not supported.");
        return Err(SignInError::new("unsupported_grant_type", 70_003, text));
    }
    let client_id = form.required("client_id")?;
    let app = world.app(client_id).ok_or_else(|| {
        let text = format!("Application '{client_id}' was not found in the directory.");
        SignInError::new("unauthorized_client", 700_016, text)
    })?;
    match grant_type {
        "authorization_code" => redeem::by_code(&form, app, &world, &call),
        "refresh_token" => redeem::by_refresh_token(&form, app, &world, &call),
        _ => by_credentials(&form, app, &world, &call),
    }
    .map(Json)
}

/// Answers `grant_type=client_credentials`.
fn by_credentials(
    form: &Form,
    app: &App,
    world: &World,
    call: &Call,
) -> Result<Value, SignInError> {
    let resource = resource(form.required("scope")?, world, call)?;
    let proof = prove(form, app, world, call)?;
    let claims = claims(world, app, resource, proof);
    let token = world.keys().sign(&claims).ok_or_else(|| {
        SignInError::new("server_error", 90_033, "The token could not be signed.")
    })?;
    Ok(json!({
        "token_type": "Bearer",
        "expires_in": world.token_lifetime_seconds,
        "ext_expires_in": world.token_lifetime_seconds,
        "access_token": token,
    }))
}

/// The fields of a token request; a client may give its id and secret as HTTP Basic too.
pub(super) struct Form(BTreeMap<String, String>);

impl Form {
    fn read(body: &[u8], headers: &HeaderMap) -> Self {
        let mut fields: BTreeMap<String, String> =
            url::form_urlencoded::parse(body).into_owned().collect();
        if let Some((id, secret)) = basic(headers) {
            fields.insert("client_id".to_owned(), id);
            fields.insert("client_secret".to_owned(), secret);
        }
        Self(fields)
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|v| !v.is_empty())
    }

    pub(super) fn required(&self, name: &str) -> Result<&str, SignInError> {
        self.get(name).ok_or_else(|| {
            let text = format!("The request body must contain the parameter '{name}'.");
            SignInError::new("invalid_request", 900_144, text)
        })
    }
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let pair = String::from_utf8(STANDARD.decode(value.strip_prefix("Basic ")?).ok()?).ok()?;
    let decode = |text: &str| {
        percent_encoding::percent_decode_str(text).decode_utf8().ok().map(|t| t.into_owned())
    };
    let (id, secret) = pair.split_once(':')?;
    Some((decode(id)?, decode(secret)?))
}

/// The resource whose `/.default` scope was asked for.
fn resource<'a>(scope: &'a str, world: &World, call: &Call) -> Result<&'a str, SignInError> {
    let resource = scope.strip_suffix("/.default").filter(|r| !r.contains(' '));
    let resource = resource.ok_or_else(|| {
        let text = format!("The scope '{scope}' must be one resource followed by '/.default'.");
        SignInError::new("invalid_scope", 70_011, text)
    })?;
    if !world.is_graph(resource, &call.origin) {
        let text = format!("The resource '{resource}' was not found in the tenant.");
        return Err(SignInError::new("invalid_resource", 500_011, text));
    }
    Ok(resource)
}

/// How an application proved to be itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    Secret,
    Certificate,
}

pub(super) fn prove(
    form: &Form,
    app: &App,
    world: &World,
    call: &Call,
) -> Result<Proof, SignInError> {
    if let Some(assertion) = form.get("client_assertion") {
        if form.required("client_assertion_type")? != ASSERTION_TYPE {
            let text = "The assertion type is not supported.";
            return Err(SignInError::new("invalid_request", 50_027, text));
        }
        let id = check_assertion(assertion, app, &audiences(world, call), world.now())?;
        if !id.is_empty() && !world.is_first_use(&id) {
            let text = "The assertion was used before.";
            return Err(SignInError::new("invalid_client", 50_012, text));
        }
        return Ok(Proof::Certificate);
    }
    let secret = form.get("client_secret").ok_or_else(|| {
        let text = "The request body must contain 'client_assertion' or 'client_secret'.";
        SignInError::new("invalid_client", 7_000_218, text)
    })?;
    let refusal = |number, text: &str| {
        let text = format!("{text} Application '{}'.", app.client_id);
        SignInError::new("invalid_client", number, text)
    };
    match app.check_secret(&Secret::new(secret.to_owned()), world.now()) {
        SecretCheck::Good => Ok(Proof::Secret),
        SecretCheck::Expired => Err(refusal(7_000_222, "The client secret has expired.")),
        SecretCheck::Wrong => Err(refusal(7_000_215, "The client secret is not valid.")),
    }
}

/// Every way to name this tenant's token endpoint or issuer.
fn audiences(world: &World, call: &Call) -> Vec<String> {
    let mut all = Vec::new();
    for origin in [&world.base_url, &call.origin] {
        for tenant in [&world.tenant_id, &world.name] {
            for path in ["oauth2/v2.0/token", "oauth2/token", "v2.0"] {
                all.push(format!("{origin}/{tenant}/{path}"));
            }
        }
    }
    all
}

fn claims(world: &World, app: &App, resource: &str, proof: Proof) -> Value {
    let now = world.now().seconds();
    let issuer = format!("https://sts.windows.net/{}/", world.tenant_id);
    json!({
        "aud": resource,
        "iss": issuer,
        "iat": now,
        "nbf": now,
        "exp": now + world.token_lifetime_seconds,
        "aio": new_id(),
        "app_displayname": "Proxeny",
        "appid": app.client_id,
        "appidacr": match proof { Proof::Secret => "1", Proof::Certificate => "2" },
        "idp": issuer,
        "idtyp": "app",
        "oid": app.service_principal,
        "roles": app.roles,
        "sub": app.service_principal,
        "tenant_region_scope": "EU",
        "tid": world.tenant_id,
        "uti": new_id(),
        "ver": "1.0",
    })
}
