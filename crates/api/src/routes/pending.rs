//! What waits to be exported.

use axum::extract::State;
use engine::ConnectorSetup;
use model::CsId;
use serde::Deserialize;
use store::Scope;
use utoipa::IntoParams;

use super::connectors::connector;
use crate::app::App;
use crate::caller::Reader;
use crate::problem::{ApiError, Problem};
use crate::request::{Query, cs_text, cursor, limit, parse_cs};
use crate::show::{CsContext, pending_export};
use crate::types::{Page, PendingExport};

/// Which pending exports to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PendingQuery {
    /// Only this connector's.
    connector: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// Items on the page.
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: Option<u32>,
}

/// What waits to be exported, connector by connector.
#[utoipa::path(get, path = "/api/v1/pending-exports", tag = "connectors",
    operation_id = "listPendingExports", security(("cookie" = []), ("token" = [])),
    params(PendingQuery),
    responses(
        (status = 200, body = Page<PendingExport>),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ))]
pub(crate) async fn list_pending_exports(
    State(app): State<App>,
    _reader: Reader,
    Query(query): Query<PendingQuery>,
) -> Result<axum::Json<Page<PendingExport>>, ApiError> {
    let limit = limit(query.limit)?;
    let mut after: Option<CsId> = cursor(query.after.as_deref(), parse_cs)?;
    let setups: Vec<&ConnectorSetup> = match &query.connector {
        Some(name) => vec![connector(&app, name)?],
        None => app.engine.setup().connectors.values().collect(),
    };
    let store = app.engine.store();
    let mut items = Vec::new();
    // Connectors come in order of their number, as identifiers do.
    for setup in setups {
        let context = CsContext { connector: setup, hasher: store.hasher() };
        if after.is_some_and(|after| after.connector() > setup.id) {
            continue;
        }
        let begin = after.filter(|after| after.connector() == setup.id);
        let wanted = limit + 1 - items.len();
        for object in store.page_cs(setup.id, begin, wanted, Scope::PendingExport).await? {
            if items.len() == limit {
                return Ok(axum::Json(Page { items, next: after.map(cs_text) }));
            }
            after = Some(object.id);
            items.extend(pending_export(context, &object));
        }
    }
    Ok(axum::Json(Page { items, next: None }))
}
