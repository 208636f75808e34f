//! The delta query over users: an initial round of everybody, then rounds of changes.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{RawQuery, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};

use super::answer::{GraphError, GraphJson};
use super::graph::{READ, authorize, bad_page_token};
use super::intake::Call;
use super::links::{DeltaQuery, Place, Round};
use super::properties;
use super::query::Query;
use super::state::{DeltaItem, Page};
use super::world::World;

/// How long a delta token lives, in seconds: seven days.
const TOKEN_LIFE_SECONDS: i64 = 7 * 86_400;

pub(super) async fn delta(
    Shared(world): Shared<Arc<World>>,
    Extension(call): Extension<Call>,
    RawQuery(raw): RawQuery,
    headers: HeaderMap,
) -> Result<GraphJson, GraphError> {
    authorize(&world, &call, &headers, READ)?;
    let query = Query::parse(raw.as_deref());
    query.only(&["select", "skiptoken", "deltatoken", "top"])?;
    let is_latest = query.get("deltatoken").is_some_and(|t| t.eq_ignore_ascii_case("latest"));
    if is_latest {
        let query = DeltaQuery { version: call.version.clone(), select: query.select(true)? };
        let position = world.state().position();
        let body = page_body(&call, &[], end_link(&world, &call, query, position));
        return Ok(GraphJson(StatusCode::OK, body));
    }
    let round = requested_round(&world, &call, &query)?;
    let paging = world.paging();
    if paging.with_blanks && !round.had_blank {
        let blank = Round { had_blank: true, ..round };
        let body = page_body(&call, &[], next_link(&world, &call, blank));
        return Ok(GraphJson(StatusCode::OK, body));
    }
    let prefer = headers.get("prefer").and_then(|p| p.to_str().ok()).unwrap_or_default();
    let is_minimal = prefer.contains("return=minimal") && round.from.is_some();
    let page = page_of(&world, &round, paging.delta);
    let items: Vec<Value> =
        page.items.iter().map(|i| shown(i, &round.query.select, is_minimal)).collect();
    let link = match page.go_on_after {
        Some(id) => next_link(&world, &call, Round { after: Some(id), had_blank: false, ..round }),
        None => end_link(&world, &call, round.query, round.upper),
    };
    Ok(GraphJson(StatusCode::OK, page_body(&call, &items, link)))
}

/// The round, and the place in it, that the request asks for.
fn requested_round(world: &World, call: &Call, query: &Query) -> Result<Round, GraphError> {
    let upper = world.state().position();
    let begin = |query, from| Round {
        query,
        from,
        upper,
        after: None,
        epoch: world.epoch(),
        had_blank: false,
    };
    if let Some(token) = query.get("skiptoken") {
        if query.get("select").is_some() {
            return Err(GraphError::bad_request("$select cannot be combined with $skiptoken."));
        }
        let Some(Place::Round(round)) = world.sealer.open(token) else {
            return Err(bad_page_token());
        };
        check_token(world, call, &round.query, round.epoch)?;
        return Ok(round);
    }
    let Some(token) = query.get("deltatoken").filter(|t| !t.is_empty()) else {
        let select = query.select(true)?;
        return Ok(begin(DeltaQuery { version: call.version.clone(), select }, None));
    };
    let Some(Place::Rest { query: mut earlier, position, issued_at_seconds, epoch }) =
        world.sealer.open(token)
    else {
        return Err(bad_page_token());
    };
    check_token(world, call, &earlier, epoch)?;
    if world.now().seconds() - issued_at_seconds > TOKEN_LIFE_SECONDS {
        let message = "The delta token is too old.";
        return Err(GraphError::new(StatusCode::BAD_REQUEST, "syncStateNotFound", message));
    }
    if query.get("select").is_some() {
        earlier.select = query.select(true)?;
    }
    Ok(begin(earlier, Some(position)))
}

fn check_token(
    world: &World,
    call: &Call,
    query: &DeltaQuery,
    epoch: u64,
) -> Result<(), GraphError> {
    if epoch != world.epoch() {
        let Call { origin, version } = call;
        return Err(GraphError::gone(format!("{origin}/{version}/users/delta?$deltatoken=")));
    }
    if query.version != call.version {
        return Err(bad_page_token());
    }
    Ok(())
}

fn page_of(world: &World, round: &Round, size: usize) -> Page<DeltaItem> {
    let after = round.after.as_deref();
    let state = world.state();
    let Some(from) = round.from else {
        let users = state.list(after, size, round.upper, &|_| true);
        let present = |properties| DeltaItem::Present { properties, changed: None };
        let items = users.items.into_iter().map(present).collect();
        return Page { items, go_on_after: users.go_on_after };
    };
    let tracks = |name: &str| is_selected(&round.query.select, name);
    state.changes((from, round.upper), after, size, &tracks)
}

fn is_selected(select: &[String], name: &str) -> bool {
    if select.is_empty() {
        return properties::defaults().any(|d| d == name);
    }
    select.iter().any(|s| s == name)
}

/// An item of a page: what was never set is absent, what was cleared is null.
fn shown(item: &DeltaItem, select: &[String], is_minimal: bool) -> Value {
    match item {
        DeltaItem::Removed { id, for_good } => {
            let reason = if *for_good { "deleted" } else { "changed" };
            json!({ "id": id, "@removed": { "reason": reason } })
        }
        DeltaItem::Present { properties, changed } => {
            let changed = changed.as_ref().filter(|_| is_minimal);
            let is_shown = |name: &str| {
                name == "id"
                    || (is_selected(select, name) && changed.is_none_or(|c| c.contains(name)))
            };
            let shown = properties.iter().filter(|(name, _)| is_shown(name));
            Value::Object(shown.map(|(n, v)| (n.clone(), v.clone())).collect::<Map<_, _>>())
        }
    }
}

fn next_link(world: &World, call: &Call, round: Round) -> (&'static str, String) {
    let token = world.sealer.seal(&Place::Round(round));
    ("@odata.nextLink", link(call, &format!("$skiptoken={token}")))
}

fn end_link(
    world: &World,
    call: &Call,
    query: DeltaQuery,
    position: u64,
) -> (&'static str, String) {
    let issued_at_seconds = world.now().seconds();
    let rest = Place::Rest { query, position, issued_at_seconds, epoch: world.epoch() };
    ("@odata.deltaLink", link(call, &format!("$deltatoken={}", world.sealer.seal(&rest))))
}

fn link(call: &Call, option: &str) -> String {
    format!("{}/{}/users/delta?{option}", call.origin, call.version)
}

fn page_body(call: &Call, items: &[Value], (name, link): (&str, String)) -> Value {
    let context = format!("{}/{}/$metadata#users", call.origin, call.version);
    json!({ "@odata.context": context, name: link, "value": items })
}
