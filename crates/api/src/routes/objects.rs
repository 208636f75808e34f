//! Objects of connector spaces.

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use model::CsId;
use serde::Deserialize;
use store::{CsObject as Stored, CsState, Scope};
use utoipa::{IntoParams, ToSchema};

use super::connectors::connector;
use super::{SCAN_OBJECTS_MAX, SCAN_PAGE};
use crate::app::App;
use crate::caller::Reader;
use crate::etag;
use crate::problem::{ApiError, Problem};
use crate::request::{Path, Query, cs_text, cursor, limit, parse_cs, search_text};
use crate::show::{CsContext, cs_object, cs_summary};
use crate::types::{CsObject, CsObjectSummary, Page};

/// Which objects of a connector space.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ObjectScope {
    /// All of them.
    #[default]
    All,
    /// With an import not yet synchronized.
    PendingImport,
    /// With a change not yet exported.
    PendingExport,
    /// With an exported change that no import has shown yet.
    Unconfirmed,
    /// Not linked to the metaverse, whatever the reason.
    Disconnectors,
    /// Whose last synchronization or export failed.
    Errors,
}

impl ObjectScope {
    /// The narrowest list of the store that has them all.
    const fn store_scope(self) -> Scope {
        match self {
            Self::All | Self::Disconnectors | Self::Errors => Scope::All,
            Self::PendingImport => Scope::DeltaSync,
            Self::PendingExport => Scope::PendingExport,
            Self::Unconfirmed => Scope::AwaitingConfirmation,
        }
    }

    const fn includes(self, object: &Stored) -> bool {
        match self {
            Self::All | Self::PendingExport | Self::Unconfirmed => true,
            Self::PendingImport => object.pending_import.is_some(),
            Self::Disconnectors => matches!(object.state, CsState::Disconnector(_)),
            Self::Errors => object.import_error.is_some() || object.export.error.is_some(),
        }
    }
}

/// Which objects to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ObjectsQuery {
    /// Which objects.
    #[serde(default)]
    #[param(inline, default = "all")]
    scope: ObjectScope,
    /// Text in the DN, the anchor or a value.
    search: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// Items on the page.
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: Option<u32>,
}

fn contains(object: &Stored, text: &str) -> bool {
    let holds = |value: &str| value.to_lowercase().contains(text);
    holds(&object.dn)
        || object.anchor.as_deref().is_some_and(holds)
        || object
            .imported
            .iter()
            .flat_map(|attributes| attributes.iter())
            .any(|(_, values)| values.iter().any(|value| holds(&value.to_string())))
}

/// Objects of a connector space in order of arrival.
#[utoipa::path(get, path = "/api/v1/connectors/{name}/objects", tag = "connectors",
    operation_id = "listObjects", security(("cookie" = []), ("token" = [])),
    params(("name" = String, Path), ObjectsQuery),
    responses(
        (status = 200, body = Page<CsObjectSummary>),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ))]
pub(crate) async fn list_objects(
    State(app): State<App>,
    _reader: Reader,
    Path(name): Path<String>,
    Query(query): Query<ObjectsQuery>,
) -> Result<axum::Json<Page<CsObjectSummary>>, ApiError> {
    let setup = connector(&app, &name)?;
    let limit = limit(query.limit)?;
    let text = search_text(query.search.as_deref())?;
    let own = |text: &str| parse_cs(text).filter(|id| id.connector() == setup.id);
    let mut after: Option<CsId> = cursor(query.after.as_deref(), own)?;
    let store = app.engine.store();
    let context = CsContext { connector: setup, hasher: store.hasher() };
    let (mut items, mut scanned) = (Vec::new(), 0);
    loop {
        let scope = query.scope.store_scope();
        let size = SCAN_PAGE.min(limit + 1);
        let page = store.page_cs(setup.id, after, size, scope).await?;
        let is_last = page.len() < size;
        for object in page {
            if items.len() == limit || scanned == SCAN_OBJECTS_MAX {
                return Ok(axum::Json(Page { items, next: after.map(cs_text) }));
            }
            scanned += 1;
            after = Some(object.id);
            if query.scope.includes(&object) && text.as_ref().is_none_or(|t| contains(&object, t)) {
                items.push(cs_summary(context, &object));
            }
        }
        if is_last {
            return Ok(axum::Json(Page { items, next: None }));
        }
    }
}

/// One object with everything that is known of it.
#[utoipa::path(get, path = "/api/v1/connectors/{name}/objects/{id}", tag = "connectors",
    operation_id = "getObject", security(("cookie" = []), ("token" = [])),
    params(("name" = String, Path), ("id" = String, Path)),
    responses(
        (status = 200, body = CsObject, headers(("ETag" = String))),
        (status = 304),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ))]
pub(crate) async fn get_object(
    State(app): State<App>,
    _reader: Reader,
    Path((name, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let setup = connector(&app, &name)?;
    let missing = || ApiError::NotFound { what: "such object" };
    let id = parse_cs(&id).filter(|id| id.connector() == setup.id).ok_or_else(missing)?;
    let store = app.engine.store();
    let object = store.load_cs(&[id]).await?.pop().ok_or_else(missing)?;
    let context = CsContext { connector: setup, hasher: store.hasher() };
    Ok(etag::answer(&headers, &cs_object(context, &object)))
}
