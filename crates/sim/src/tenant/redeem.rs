//! What the token endpoint gives for an authorization code or a refresh token: access token, id
//! token and a new refresh token (OpenID Connect Core 1.0 sections 3.1.3 and 12).

use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use serde_json::{Map, Value, json};

use super::answer::SignInError;
use super::app::App;
use super::authorize::{admit, client_info};
use super::intake::Call;
use super::person::Person;
use super::sessions::{Grant, Presented, Refused};
use super::signin::{Form, Proof, prove};
use super::world::{World, new_id, new_secret};

/// Answers `grant_type=authorization_code`.
pub(super) fn by_code(
    form: &Form,
    app: &App,
    world: &World,
    call: &Call,
) -> Result<Value, SignInError> {
    let (code, redirect_uri) = (form.required("code")?, form.required("redirect_uri")?);
    let proof = prove_client(form, app, world, call)?;
    let verifier = form.get("code_verifier");
    let presented = Presented { client_id: &app.client_id, redirect_uri, verifier };
    let redeemed = world.signins().redeem(code, presented, world.now().seconds());
    let grant = redeemed.map_err(|why| refusal(why, "authorization code"))?;
    tokens(&grant, proof, world, call)
}

/// Answers `grant_type=refresh_token`.
pub(super) fn by_refresh_token(
    form: &Form,
    app: &App,
    world: &World,
    call: &Call,
) -> Result<Value, SignInError> {
    let token = form.required("refresh_token")?;
    let proof = prove_client(form, app, world, call)?;
    let grant = world.signins().refresh(token, &app.client_id, world.now().seconds());
    let grant = grant.map_err(|why| refusal(why, "refresh token"))?;
    tokens(&grant, proof, world, call)
}

/// How the client proved to be itself; `None` for one that is registered as public, which cannot.
fn prove_client(
    form: &Form,
    app: &App,
    world: &World,
    call: &Call,
) -> Result<Option<Proof>, SignInError> {
    if !world.registration(&app.client_id).is_public {
        return prove(form, app, world, call).map(Some);
    }
    if form.get("client_secret").is_some() || form.get("client_assertion").is_some() {
        let text = "The client is public and must present neither a secret nor an assertion.";
        return Err(SignInError::new("invalid_client", 700_025, text));
    }
    Ok(None)
}

fn refusal(why: Refused, what: &str) -> SignInError {
    let is_refresh = what == "refresh token";
    let (error, number, text) = match why {
        Refused::Unknown => ("invalid_request", 9_002_313, format!("The {what} is malformed.")),
        Refused::Used => ("invalid_grant", 54_005, format!("The {what} was redeemed already.")),
        Refused::Expired if is_refresh => {
            ("invalid_grant", 700_082, format!("The {what} was not used for too long."))
        }
        Refused::Expired => ("invalid_grant", 70_008, format!("The {what} has expired.")),
        Refused::OtherClient => {
            ("invalid_grant", 70_000, format!("The {what} was issued to another application."))
        }
        Refused::OtherRedirect => {
            let text = "The redirect URI is not the one of the authorization request.";
            ("invalid_client", 50_011, text.to_owned())
        }
        Refused::WrongVerifier => {
            let text = "The code verifier does not match the code challenge.";
            ("invalid_grant", 501_481, text.to_owned())
        }
    };
    SignInError::new(error, number, text).with_status(StatusCode::BAD_REQUEST)
}

fn tokens(
    grant: &Grant,
    proof: Option<Proof>,
    world: &World,
    call: &Call,
) -> Result<Value, SignInError> {
    let person = world.person(&grant.user).ok_or_else(|| {
        let text = "The user account does not exist in the directory.";
        SignInError::new("invalid_grant", 50_034, text)
    })?;
    let admitted = admit(world, &grant.client_id, &person);
    admitted.map_err(|error| error.with_error("invalid_grant"))?;
    let sign = |claims: &Value| {
        world.keys().sign(claims).ok_or_else(|| {
            SignInError::new("server_error", 90_033, "The token could not be signed.")
        })
    };
    let shown = grant.scopes.iter().filter(|s| *s != "offline_access");
    let scope = shown.map(String::as_str).collect::<Vec<_>>().join(" ");
    let access = access_claims(grant, &person, proof, &scope, world);
    let mut answer = Map::from_iter([
        ("token_type".to_owned(), json!("Bearer")),
        ("scope".to_owned(), json!(scope)),
        ("expires_in".to_owned(), json!(world.token_lifetime_seconds)),
        ("ext_expires_in".to_owned(), json!(world.token_lifetime_seconds)),
        ("access_token".to_owned(), json!(sign(&access)?)),
        ("client_info".to_owned(), json!(client_info(world, &person))),
    ]);
    if grant.has("openid") {
        let claims = id_claims(grant, &person, world, call);
        answer.insert("id_token".to_owned(), json!(sign(&claims)?));
    }
    if grant.has("offline_access") {
        let token = new_secret();
        world.signins().keep(token.clone(), grant.clone(), world.now().seconds());
        answer.insert("refresh_token".to_owned(), json!(token));
    }
    Ok(Value::Object(answer))
}

/// The claims of an access token for Graph with delegated permissions.
fn access_claims(
    grant: &Grant,
    person: &Person,
    proof: Option<Proof>,
    scope: &str,
    world: &World,
) -> Value {
    let now = world.now().seconds();
    let issuer = format!("https://sts.windows.net/{}/", world.tenant_id);
    json!({
        "aud": world.base_url,
        "iss": issuer,
        "iat": now,
        "nbf": now,
        "exp": now + world.token_lifetime_seconds,
        "acct": i32::from(person.is_guest()),
        "aio": new_id(),
        "app_displayname": "Proxeny",
        "appid": grant.client_id,
        "appidacr": match proof {
            None => "0",
            Some(Proof::Secret) => "1",
            Some(Proof::Certificate) => "2",
        },
        "idp": person.identity_provider().unwrap_or(issuer),
        "idtyp": "user",
        "name": person.name(),
        "oid": person.id(),
        "scp": scope,
        "sid": grant.sid,
        "sub": pairwise(world, &grant.client_id, person),
        "tenant_region_scope": "EU",
        "tid": world.tenant_id,
        "unique_name": person.username(),
        "uti": new_id(),
        "ver": "1.0",
    })
}

/// The claims of an id token, version 2.0.
fn id_claims(grant: &Grant, person: &Person, world: &World, call: &Call) -> Value {
    let now = world.now().seconds();
    let mut claims = json!({
        "ver": "2.0",
        "iss": format!("{}/{}/v2.0", call.origin, world.tenant_id),
        "sub": pairwise(world, &grant.client_id, person),
        "aud": grant.client_id,
        "exp": now + world.token_lifetime_seconds,
        "iat": now,
        "nbf": now,
        "acct": i32::from(person.is_guest()),
        "aio": new_id(),
        "oid": person.id(),
        "rh": new_id(),
        "sid": grant.sid,
        "tid": world.tenant_id,
        "uti": new_id(),
    });
    let mut add = |name: &str, value: Option<&str>| {
        if let (Some(value), Some(claims)) = (value, claims.as_object_mut()) {
            claims.insert(name.to_owned(), json!(value));
        }
    };
    add("nonce", grant.nonce.as_deref());
    add("idp", person.identity_provider().as_deref());
    if grant.has("profile") {
        add("name", Some(person.name()));
        add("preferred_username", Some(person.username()));
    }
    // The address of guests is told without being asked for.
    if grant.has("email") || person.is_external() {
        add("email", person.email());
    }
    claims
}

/// The subject by which one application, and no other, knows a person.
pub(super) fn pairwise(world: &World, client_id: &str, person: &Person) -> String {
    let parts = format!("{} {client_id} {}", world.tenant_id, person.id());
    URL_SAFE_NO_PAD.encode(digest(&SHA256, parts.as_bytes()))
}
