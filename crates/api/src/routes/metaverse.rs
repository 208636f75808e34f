//! The metaverse: types, objects, lineage.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use model::{CsId, MvId, Name, Value};
use serde::Deserialize;
use store::MvObject as Stored;
use utoipa::IntoParams;

use super::{SCAN_OBJECTS_MAX, SCAN_PAGE};
use crate::app::{App, Shared};
use crate::caller::Reader;
use crate::etag;
use crate::problem::{ApiError, Problem};
use crate::request::{Path, Query, cursor, guid, limit, search_text};
use crate::show::{link, mv_attributes, mv_display_name};
use crate::types::{
    MetaverseSchema, MetaverseType, MvObject, MvObjectSummary, Page, TypeAttribute,
};

const WHAT: &str = "such metaverse object";
/// The name under which stores index public identifiers.
const OBJECT_ID: &str = "object-id";

/// The metaverse's types with how many objects there are.
#[utoipa::path(get, path = "/api/v1/metaverse", tag = "metaverse", operation_id = "getMetaverse",
    security(("cookie" = []), ("token" = [])),
    responses(
        (status = 200, body = MetaverseSchema, headers(("ETag" = String))),
        (status = 304),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ))]
pub(crate) async fn get_metaverse(
    State(app): State<App>,
    _reader: Reader,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let deployment = &app.engine.setup().deployment;
    let counts = app.engine.metaverse().await?;
    let types = deployment.metaverse.types.iter().map(|(name, declared)| {
        let attributes = declared.attributes.iter().map(|(name, schema)| TypeAttribute {
            name: name.to_string(),
            value_type: schema.value_type.to_string(),
            multi_valued: schema.multi_valued,
            indexed: deployment.indexed.metaverse.contains(name),
        });
        MetaverseType {
            name: name.to_string(),
            count: counts.get(name).copied().unwrap_or(0),
            attributes: attributes.collect(),
        }
    });
    Ok(etag::answer(&headers, &MetaverseSchema { types: types.collect() }))
}

/// Which metaverse objects to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ObjectsQuery {
    /// Only this type's.
    #[serde(rename = "type")]
    object_type: Option<String>,
    /// Text in the identifier or a value.
    search: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// Items on the page.
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: Option<u32>,
}

fn contains(object: &Stored, text: &str) -> bool {
    object.uid.to_string().contains(text)
        || object.attributes.values().any(|attribute| {
            attribute.values.iter().any(|value| value.to_string().to_lowercase().contains(text))
        })
}

async fn summaries(app: &Shared, objects: &[Stored]) -> Result<Vec<MvObjectSummary>, ApiError> {
    let ids: Vec<MvId> = objects.iter().map(|object| object.id).collect();
    let links = app.engine.store().linked_cs(&ids).await?;
    let shown = objects.iter().map(|object| MvObjectSummary {
        id: object.uid.to_string(),
        object_type: object.object_type.to_string(),
        display_name: mv_display_name(object),
        links: links.get(&object.id).map_or(0, |links| links.len() as u64),
    });
    Ok(shown.collect())
}

/// Metaverse objects in order of projection.
#[utoipa::path(get, path = "/api/v1/metaverse/objects", tag = "metaverse",
    operation_id = "listMetaverseObjects", security(("cookie" = []), ("token" = [])),
    params(ObjectsQuery),
    responses(
        (status = 200, body = Page<MvObjectSummary>),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ))]
pub(crate) async fn list_metaverse_objects(
    State(app): State<App>,
    _reader: Reader,
    Query(query): Query<ObjectsQuery>,
) -> Result<axum::Json<Page<MvObjectSummary>>, ApiError> {
    let limit = limit(query.limit)?;
    let text = search_text(query.search.as_deref())?;
    let parse = |text: &str| text.parse().ok().map(MvId);
    let mut after = cursor(query.after.as_deref(), parse)?;
    let types = &app.engine.setup().deployment.metaverse.types;
    let object_type = query.object_type.as_deref().map(|wanted| {
        let known = types.contains_key(wanted).then(|| Name::new(wanted));
        known.ok_or(ApiError::NotFound { what: "such metaverse type" })
    });
    let object_type = object_type.transpose()?;
    let store = app.engine.store();
    let (mut found, mut scanned) = (Vec::new(), 0);
    let next = 'pages: loop {
        let size = SCAN_PAGE.min(limit + 1);
        let page = store.page_mv(object_type.as_ref(), after, size).await?;
        let is_last = page.len() < size;
        for object in page {
            if found.len() == limit || scanned == SCAN_OBJECTS_MAX {
                break 'pages after.map(|id| id.0.to_string());
            }
            scanned += 1;
            after = Some(object.id);
            if text.as_ref().is_none_or(|text| contains(&object, text)) {
                found.push(object);
            }
        }
        if is_last {
            break None;
        }
    };
    Ok(axum::Json(Page { items: summaries(&app, &found).await?, next }))
}

async fn find(app: &Shared, text: &str) -> Result<Stored, ApiError> {
    let uid = Value::string(&guid(text, WHAT)?.to_string());
    let store = app.engine.store();
    let by = Name::new(OBJECT_ID);
    for object_type in app.engine.setup().deployment.metaverse.types.keys() {
        let found = store.find_mv_by_value(object_type, &by, std::slice::from_ref(&uid)).await?;
        if let Some(id) = found.into_iter().flatten().next() {
            let object = store.load_mv(&[id]).await?.pop();
            return object.ok_or(ApiError::NotFound { what: WHAT });
        }
    }
    Err(ApiError::NotFound { what: WHAT })
}

/// One metaverse object: every value with its lineage, and what it is linked to.
#[utoipa::path(get, path = "/api/v1/metaverse/objects/{id}", tag = "metaverse",
    operation_id = "getMetaverseObject", security(("cookie" = []), ("token" = [])),
    params(("id" = String, Path, format = "uuid")),
    responses(
        (status = 200, body = MvObject, headers(("ETag" = String))),
        (status = 304),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ))]
pub(crate) async fn get_metaverse_object(
    State(app): State<App>,
    _reader: Reader,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let object = find(&app, &id).await?;
    let store = app.engine.store();
    let names = store.connectors().await?;
    let linked = store.linked_cs(&[object.id]).await?.remove(&object.id).unwrap_or_default();
    let sources = object.attributes.values().map(|attribute| attribute.lineage.object);
    let wanted: BTreeSet<CsId> = sources.chain(linked.iter().copied()).collect();
    let wanted: Vec<CsId> = wanted.into_iter().collect();
    let objects = store.load_cs(&wanted).await?;
    let dns: BTreeMap<CsId, String> = objects.iter().map(|o| (o.id, o.dn.clone())).collect();
    // Rules that do not compile flow nothing.
    let rules = app.engine.rulebook().await.ok().map(|book| book.rules);
    let types = &app.engine.setup().deployment.metaverse.types;
    let schema = types.get(&object.object_type).map(|declared| &declared.attributes);
    let links = objects.iter().filter(|o| linked.contains(&o.id));
    let shown = MvObject {
        id: object.uid.to_string(),
        object_type: object.object_type.to_string(),
        attributes: mv_attributes(&object, schema, &names, &dns),
        links: links.map(|o| link(&object, o, &names, rules.as_ref())).collect(),
    };
    Ok(etag::answer(&headers, &shown))
}
