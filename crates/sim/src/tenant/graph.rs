//! Graph: users and invitations.

use std::sync::Arc;

use axum::Extension;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State as Shared};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use serde_json::{Map, Value, json};

use super::answer::{GraphError, GraphJson};
use super::delta::delta;
use super::intake::Call;
use super::links::Place;
use super::properties::{self, Shape};
use super::query::Query;
use super::state::Invitation;
use super::world::{World, new_id};

/// How far the clocks may be apart, in seconds.
const SKEW_SECONDS: i64 = 300;

/// Any of these lets an application read users.
pub(super) const READ: &[&str] =
    &["User.Read.All", "User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"];
const WRITE: &[&str] = &["User.ReadWrite.All", "Directory.ReadWrite.All"];
const INVITE: &[&str] = &["User.Invite.All", "User.ReadWrite.All", "Directory.ReadWrite.All"];

pub(super) fn routes() -> Router<Arc<World>> {
    let mut router = Router::new()
        .route("/users", get(list).post(create))
        .route("/users/{key}", get(read).patch(update).delete(remove))
        .route("/invitations", post(invite));
    for spelling in ["delta", "delta()", "microsoft.graph.delta", "microsoft.graph.delta()"] {
        router = router.route(&format!("/users/{spelling}"), get(delta));
    }
    router
}

/// Checks the access token and that it carries one of `roles`.
pub(super) fn authorize(
    world: &World,
    call: &Call,
    headers: &HeaderMap,
    roles: &[&str],
) -> Result<(), GraphError> {
    let claims = claims(world, call, headers)?;
    let granted = claims.get("roles").and_then(Value::as_array).into_iter().flatten();
    if granted.filter_map(Value::as_str).any(|role| roles.contains(&role)) {
        return Ok(());
    }
    Err(GraphError::denied())
}

/// The claims of the access token, if it is good.
pub(super) fn claims(world: &World, call: &Call, headers: &HeaderMap) -> Result<Value, GraphError> {
    let value = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
    let token = value.and_then(|v| v.strip_prefix("Bearer ")).filter(|t| !t.is_empty());
    let token = token.ok_or_else(|| GraphError::unauthorized("There is no access token."))?;
    let claims = world
        .keys()
        .verify(token)
        .ok_or_else(|| GraphError::unauthorized("The access token cannot be verified."))?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    if !world.is_graph(text("aud"), &call.origin) {
        return Err(GraphError::unauthorized("The access token is for another audience."));
    }
    if text("tid") != world.tenant_id {
        return Err(GraphError::unauthorized("The access token is of another tenant."));
    }
    let now = world.now().seconds();
    let moment = |name: &str| claims.get(name).and_then(Value::as_i64);
    if moment("exp").is_none_or(|exp| exp + SKEW_SECONDS < now)
        || moment("nbf").is_some_and(|nbf| nbf - SKEW_SECONDS > now)
    {
        let message = "The access token is expired or not valid yet.";
        return Err(GraphError::unauthorized(message));
    }
    Ok(claims)
}

async fn list(
    Shared(world): Shared<Arc<World>>,
    Extension(call): Extension<Call>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<GraphJson, GraphError> {
    authorize(&world, &call, &headers, READ)?;
    let query = Query::parse(raw.as_deref());
    query.only(&["select", "filter", "top", "skiptoken", "count"])?;
    let (select, filter) = (query.select(true)?, query.filter()?);
    let paging = world.paging();
    let size = query.top()?.unwrap_or(usize::MAX).min(paging.list);
    let (after, had_blank) = match query.get("skiptoken").map(|t| world.sealer.open(t)) {
        None => (None, false),
        Some(Some(Place::List { after, had_blank })) => (after, had_blank),
        Some(_) => return Err(bad_page_token()),
    };
    let link = |place| next_link(&world, &call, raw.as_deref(), &place);
    let context = context(&call, &select, "");
    if paging.with_blanks && !had_blank {
        let next = link(Place::List { after, had_blank: true });
        let body = json!({ "@odata.context": context, "@odata.nextLink": next, "value": [] });
        return Ok(GraphJson(StatusCode::OK, body));
    }
    let wanted = |user: &Map<String, Value>| filter.as_ref().is_none_or(|f| f.matches(user));
    let page = world.state().list(after.as_deref(), size, u64::MAX, &wanted);
    let value: Vec<Value> = page.items.iter().map(|user| shown(user, &select)).collect();
    let mut body = json!({ "@odata.context": context });
    if let Some(body) = body.as_object_mut() {
        if page.go_on_after.is_some() {
            let next = link(Place::List { after: page.go_on_after, had_blank: false });
            body.insert("@odata.nextLink".to_owned(), next.into());
        }
        body.insert("value".to_owned(), value.into());
    }
    Ok(GraphJson(StatusCode::OK, body))
}

async fn read(
    Shared(world): Shared<Arc<World>>,
    Extension(call): Extension<Call>,
    Path(key): Path<String>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<GraphJson, GraphError> {
    authorize(&world, &call, &headers, READ)?;
    let query = Query::parse(raw.as_deref());
    query.only(&["select"])?;
    let select = query.select(false)?;
    let user = shown(world.state().user(&key)?, &select);
    Ok(GraphJson(StatusCode::OK, with_context(&user, &context(&call, &select, "/$entity"))))
}

async fn create(
    Shared(world): Shared<Arc<World>>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, GraphError> {
    authorize(&world, &call, &headers, WRITE)?;
    let mut properties = writable(&body)?;
    const REQUIRED: [&str; 5] =
        ["accountEnabled", "displayName", "mailNickname", "userPrincipalName", "passwordProfile"];
    if let Some(missing) = REQUIRED.iter().find(|p| properties.get(**p).is_none_or(Value::is_null))
    {
        let message = format!("Resource 'User' needs a value for '{missing}'.");
        return Err(GraphError::bad_request(message));
    }
    properties.remove("passwordProfile");
    properties.entry("userType").or_insert_with(|| json!("Member"));
    let id = world.state().create(new_id(), properties, world.now())?;
    let user = shown(world.state().user(&id)?, &[]);
    let location = format!("{}/{}/users/{id}", call.origin, call.version);
    let body = with_context(&user, &context(&call, &[], "/$entity"));
    Ok(([(header::LOCATION, location)], GraphJson(StatusCode::CREATED, body)).into_response())
}

async fn update(
    Shared(world): Shared<Arc<World>>,
    Extension(call): Extension<Call>,
    Path(key): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, GraphError> {
    authorize(&world, &call, &headers, WRITE)?;
    let mut properties = writable(&body)?;
    for required in ["displayName", "userPrincipalName"] {
        if properties.get(required).is_some_and(Value::is_null) {
            let message = format!("The property '{required}' cannot be cleared.");
            return Err(GraphError::bad_request(message));
        }
    }
    properties.remove("passwordProfile");
    world.state().update(&key, properties)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn remove(
    Shared(world): Shared<Arc<World>>,
    Extension(call): Extension<Call>,
    Path(key): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, GraphError> {
    authorize(&world, &call, &headers, WRITE)?;
    world.state().soft_delete(&key)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn invite(
    Shared(world): Shared<Arc<World>>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<GraphJson, GraphError> {
    authorize(&world, &call, &headers, INVITE)?;
    let request = object(&body)?;
    let text = |name: &str| request.get(name).and_then(Value::as_str).unwrap_or_default();
    let (mail, redirect) = (text("invitedUserEmailAddress"), text("inviteRedirectUrl"));
    if mail.is_empty() || !(redirect.starts_with("https://") || redirect.starts_with("http://")) {
        let message = "invitedUserEmailAddress and an absolute inviteRedirectUrl are required.";
        return Err(GraphError::new(StatusCode::BAD_REQUEST, "BadRequest", message));
    }
    let user_type = if text("invitedUserType") == "Member" { "Member" } else { "Guest" };
    let invitation = Invitation { name: text("invitedUserDisplayName"), mail, user_type };
    let user_id = world.state().invite(new_id(), &invitation, world.now())?;
    let id = new_id();
    let redeem = format!("{}/redeem?tenant={}&user={id}", call.origin, world.tenant_id);
    let body = json!({
        "@odata.context":
            format!("{}/{}/$metadata#invitations/$entity", call.origin, call.version),
        "id": id,
        "inviteRedeemUrl": redeem,
        "invitedUserDisplayName": text("invitedUserDisplayName"),
        "invitedUserType": user_type,
        "invitedUserEmailAddress": mail,
        "sendInvitationMessage": request.get("sendInvitationMessage") == Some(&json!(true)),
        "inviteRedirectUrl": redirect,
        "status": "PendingAcceptance",
        "invitedUser": { "id": user_id },
    });
    Ok(GraphJson(StatusCode::CREATED, body))
}

/// The answer for anything else.
pub(super) async fn nothing_here() -> GraphError {
    let message = "The resource is not part of this simulator.";
    GraphError::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message)
}

/// The answer for a method that does not go with the path.
pub(super) async fn wrong_method() -> GraphError {
    let message = "The HTTP method is not allowed for this target.";
    GraphError::new(StatusCode::METHOD_NOT_ALLOWED, "Request_BadRequest", message)
}

pub(super) fn bad_page_token() -> GraphError {
    let message = "The page token is expired or was not made here.";
    GraphError::new(StatusCode::BAD_REQUEST, "Directory_ExpiredPageToken", message)
}

/// The selected properties of a user, null where unset; the default ones when none is selected.
fn shown(user: &Map<String, Value>, select: &[String]) -> Value {
    let value = |name: &str| user.get(name).cloned().unwrap_or(Value::Null);
    let mut shown = Map::new();
    if select.is_empty() {
        shown.extend(properties::defaults().map(|name| (name.to_owned(), value(name))));
    } else {
        shown.extend(select.iter().map(|name| (name.clone(), value(name))));
    }
    Value::Object(shown)
}

fn context(call: &Call, select: &[String], suffix: &str) -> String {
    let Call { origin, version } = call;
    let selected =
        if select.is_empty() { String::new() } else { format!("({})", select.join(",")) };
    format!("{origin}/{version}/$metadata#users{selected}{suffix}")
}

fn with_context(user: &Value, context: &str) -> Value {
    let mut body = Map::from_iter([("@odata.context".to_owned(), json!(context))]);
    body.extend(user.as_object().cloned().unwrap_or_default());
    Value::Object(body)
}

/// The link to the page at `place`, with the options of the request it belongs to.
fn next_link(world: &World, call: &Call, raw: Option<&str>, place: &Place) -> String {
    let is_token = |option: &&str| {
        let name = option.split('=').next().unwrap_or_default().to_lowercase();
        name.trim_start_matches("%24").trim_start_matches('$') == "skiptoken"
    };
    let options = raw.unwrap_or_default().split('&').filter(|o| !o.is_empty());
    let mut options: Vec<String> = options.filter(|o| !is_token(o)).map(str::to_owned).collect();
    options.push(format!("$skiptoken={}", world.sealer.seal(place)));
    format!("{}/{}/users?{}", call.origin, call.version, options.join("&"))
}

fn object(body: &[u8]) -> Result<Map<String, Value>, GraphError> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        _ => {
            let message = "The body is not a JSON object.";
            Err(GraphError::new(StatusCode::BAD_REQUEST, "BadRequest", message))
        }
    }
}

/// The properties a client wants to write, without annotations; refuses what cannot be written.
fn writable(body: &[u8]) -> Result<Map<String, Value>, GraphError> {
    let mut properties = object(body)?;
    properties.retain(|name, _| !name.starts_with("@odata"));
    for (name, value) in &properties {
        let Some(property) = properties::find(name) else {
            let message = format!("There is no property '{name}' on resource 'User'.");
            return Err(GraphError::bad_request(message));
        };
        if !property.is_writable {
            return Err(GraphError::bad_request(format!("Property '{name}' is read-only.")));
        }
        let is_wrong_null = property.shape == Shape::Texts && value.is_null();
        if is_wrong_null || !properties::fits(property.shape, value) {
            return Err(GraphError::bad_request(format!("Property '{name}' is invalid.")));
        }
    }
    Ok(properties)
}
