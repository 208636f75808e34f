//! People: list, one, change.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use model::{AttributeChange, Changes, Guid, Name, Sid, Timestamp, Value, ValueType, Values};
use serde::Deserialize;
use service::{PERSON, Resource, ResourcePlace, ResourceQuery, attribute};
use utoipa::IntoParams;

use crate::app::App;
use crate::caller::{Administrator, Caller, Insider};
use crate::etag;
use crate::problem::{ApiError, Problem};
use crate::request::{Json, Path, Query, TEXT_OCTETS_MAX, cursor, guid, limit, search_text};
use crate::show::{own_attributes, person_summary, selected_attributes};
use crate::types::{Page, Person, PersonChanges, PersonSummary};

const WHAT: &str = "such person";

/// Which people to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PeopleQuery {
    /// What a display name, account name or mail address begins with.
    search: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// Items on the page.
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: Option<u32>,
}

fn place_text((key, id): &ResourcePlace) -> String {
    URL_SAFE_NO_PAD.encode(format!("{id}{key}"))
}

fn parse_place(text: &str) -> Option<ResourcePlace> {
    if text.len() > 2 * TEXT_OCTETS_MAX {
        return None;
    }
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let (id, key) = text.split_at_checked(36)?;
    Some((key.to_owned(), Guid::parse(id).ok()?))
}

/// People in order of display name. Who is no administrator, operator or auditor sees selected
/// attributes; guests see nobody.
#[utoipa::path(get, path = "/api/v1/people", tag = "people", operation_id = "listPeople",
    security(("cookie" = []), ("token" = [])), params(PeopleQuery),
    responses(
        (status = 200, body = Page<PersonSummary>),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ))]
pub(crate) async fn list_people(
    State(app): State<App>,
    Insider(_caller): Insider,
    Query(query): Query<PeopleQuery>,
) -> Result<axum::Json<Page<PersonSummary>>, ApiError> {
    let limit = limit(query.limit)?;
    let wanted = ResourceQuery {
        resource_type: Name::new(PERSON),
        prefix: search_text(query.search.as_deref())?,
        after: cursor(query.after.as_deref(), parse_place)?,
        limit: limit + 1,
    };
    let mut found = app.service.search(wanted).await?;
    let is_more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| is_more).map(|last| place_text(&last.place()));
    Ok(axum::Json(Page { items: found.iter().map(person_summary).collect(), next }))
}

async fn load(app: &App, id: &str) -> Result<Resource, ApiError> {
    let id = guid(id, WHAT)?;
    let found = app.service.get(&[id]).await?.into_iter().find(|r| r.resource_type == *PERSON);
    found.ok_or(ApiError::NotFound { what: WHAT })
}

fn answer(headers: &HeaderMap, caller: &Caller, person: &Resource) -> Response {
    let sees_all = caller.may_read_all() || caller.person == Some(person.id);
    let attributes = if sees_all { own_attributes(person) } else { selected_attributes(person) };
    let shown = Person { summary: person_summary(person), attributes, version: person.version };
    let body = serde_json::to_vec(&shown).unwrap_or_default();
    etag::answer_tagged(headers, body, &tag(person, sees_all))
}

fn tag(person: &Resource, sees_all: bool) -> String {
    let view = if sees_all { "" } else { "-selected" };
    format!("\"{}{view}\"", person.version)
}

/// One person.
#[utoipa::path(get, path = "/api/v1/people/{id}", tag = "people", operation_id = "getPerson",
    security(("cookie" = []), ("token" = [])), params(("id" = String, Path, format = "uuid")),
    responses(
        (status = 200, body = Person, headers(("ETag" = String))),
        (status = 304),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ))]
pub(crate) async fn get_person(
    State(app): State<App>,
    Insider(caller): Insider,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let person = load(&app, &id).await?;
    Ok(answer(&headers, &caller, &person))
}

/// Changes a person. `If-Match` carries the ETag that the change starts from.
#[utoipa::path(patch, path = "/api/v1/people/{id}", tag = "people", operation_id = "changePerson",
    security(("cookie" = []), ("token" = [])), request_body = PersonChanges,
    params(("id" = String, Path, format = "uuid"), ("If-Match" = String, Header)),
    responses(
        (status = 200, body = Person, headers(("ETag" = String))),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 412, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
        (status = 428, body = Problem, content_type = "application/problem+json"),
    ))]
pub(crate) async fn change_person(
    State(app): State<App>,
    Administrator(caller): Administrator,
    Path(id): Path<String>,
    headers: HeaderMap,
    Json(body): Json<PersonChanges>,
) -> Result<Response, ApiError> {
    let person = load(&app, &id).await?;
    etag::require(&headers, &tag(&person, true))?;
    let mut changes = Changes::new();
    for (name, value) in &body.attributes {
        changes.insert(Name::new(name), change(name, value)?);
    }
    if !app.service.modify_at(person.id, person.version, &changes).await? {
        return Err(ApiError::Stale);
    }
    let by = caller.person.map(|id| id.to_string());
    tracing::info!(person = %person.id, by, attributes = changes.len(), "a person was changed");
    let changed = load(&app, &id).await?;
    Ok(answer(&HeaderMap::new(), &caller, &changed))
}

fn change(name: &str, value: &serde_json::Value) -> Result<AttributeChange, ApiError> {
    let list = match value {
        serde_json::Value::Null => Vec::new(),
        serde_json::Value::Array(list) => list.iter().collect(),
        single => vec![single],
    };
    let expected = attribute(PERSON, name).map(|schema| schema.value_type);
    let values: Result<Vec<Value>, ApiError> =
        list.into_iter().map(|value| read(name, expected, value)).collect();
    let set = Values::from_vec(values?).map(AttributeChange::Set);
    Ok(set.unwrap_or(AttributeChange::Clear))
}

/// A value of the attribute's type. Of an unknown attribute any value will do: the service refuses
/// it by name.
fn read(
    name: &str,
    expected: Option<ValueType>,
    value: &serde_json::Value,
) -> Result<Value, ApiError> {
    let text = value.as_str();
    let read = match expected.unwrap_or(ValueType::String) {
        ValueType::String => text.map(Value::string),
        ValueType::Reference => {
            text.and_then(|t| Guid::parse(t).ok()).map(|id| Value::reference(&id.to_string()))
        }
        ValueType::DateTime => text.and_then(|t| Timestamp::parse(t).ok()).map(Value::DateTime),
        ValueType::Integer => value.as_i64().map(Value::Integer),
        ValueType::Boolean => value.as_bool().map(Value::Boolean),
        ValueType::Binary => text.and_then(octets),
    };
    let kind = expected.map_or("text", ValueType::as_str);
    let bad = || ApiError::BadBody { problem: format!("{name} takes {kind} values") };
    read.ok_or_else(bad)
}

fn octets(text: &str) -> Option<Value> {
    let sid = Sid::parse(text).ok().map(|sid| sid.to_bytes());
    sid.or_else(|| STANDARD.decode(text).ok()).map(|octets| Value::binary(&octets))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_survive_the_way_through_a_cursor() {
        for key in ["", "anna bérg", "\u{10ffff}"] {
            let place = (key.to_owned(), Guid::from_bytes([7; 16]));
            assert_eq!(parse_place(&place_text(&place)), Some(place));
        }
        for bad in ["", "x", "AAAA", "€"] {
            assert_eq!(parse_place(bad), None);
        }
    }

    #[test]
    fn values_are_read_by_the_type_of_their_attribute() {
        let sid = Sid::parse("S-1-5-21-1-2-3-500").unwrap();
        let read = change("ObjectSID", &serde_json::json!("S-1-5-21-1-2-3-500")).unwrap();
        assert_eq!(read, AttributeChange::Set(Values::one(Value::binary(&sid.to_bytes()))));
        assert_eq!(change("Email", &serde_json::json!(null)).unwrap(), AttributeChange::Clear);
        assert!(change("Email", &serde_json::json!(5)).is_err());
        assert!(change("EmployeeEndDate", &serde_json::json!("tomorrow")).is_err());
        assert!(change("Manager", &serde_json::json!("CN=Boss")).is_err());
    }
}
