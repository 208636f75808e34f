//! The userinfo endpoint (OpenID Connect Core 1.0 section 5.3), which belongs to Graph.

use std::sync::Arc;

use axum::Extension;
use axum::extract::State as Shared;
use axum::http::HeaderMap;
use axum::response::Json;
use serde_json::{Map, Value, json};

use super::answer::GraphError;
use super::graph::claims;
use super::intake::Call;
use super::redeem::pairwise;
use super::world::World;

pub(super) async fn userinfo(
    Shared(world): Shared<Arc<World>>,
    Extension(call): Extension<Call>,
    headers: HeaderMap,
) -> Result<Json<Value>, GraphError> {
    let claims = claims(&world, &call, &headers)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    let scopes: Vec<&str> = text("scp").split(' ').collect();
    if !scopes.contains(&"openid") {
        return Err(GraphError::denied());
    }
    let person = world.person(text("oid"));
    let person = person.ok_or_else(|| GraphError::unauthorized("The user is gone."))?;
    let mut info = Map::new();
    info.insert("sub".to_owned(), json!(pairwise(&world, text("appid"), &person)));
    let mut add = |name: &str, value: Option<&str>| {
        value.map(|value| info.insert(name.to_owned(), json!(value)));
    };
    if scopes.contains(&"profile") {
        add("name", Some(person.name()));
        add("given_name", person.given_name());
        add("family_name", person.family_name());
    }
    if scopes.contains(&"email") || person.is_external() {
        add("email", person.email());
    }
    Ok(Json(Value::Object(info)))
}
