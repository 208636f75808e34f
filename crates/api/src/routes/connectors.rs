//! Connectors and sequences.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use engine::ConnectorSetup;
use model::{ConnectorId, Name};
use store::{CsCounts, RunQuery};

use crate::app::{App, Shared};
use crate::caller::Reader;
use crate::etag;
use crate::problem::{ApiError, Problem};
use crate::request::Path;
use crate::show::run;
use crate::types::{Connector, Schedule, Sequence, SpaceCounts, Step};

/// The connector called `name`.
pub(crate) fn connector<'a>(app: &'a Shared, name: &str) -> Result<&'a ConnectorSetup, ApiError> {
    let found = app.engine.setup().connector(name);
    found.ok_or(ApiError::NotFound { what: "such connector" })
}

const fn counts(counts: &CsCounts) -> SpaceCounts {
    SpaceCounts {
        total: counts.total,
        connectors: counts.connectors,
        disconnectors: counts.disconnectors,
        filtered: counts.filtered,
        pending_import: counts.pending_import,
        pending_export: counts.pending_export,
        awaiting_confirmation: counts.awaiting_confirmation,
    }
}

async fn show(
    app: &Shared,
    setup: &ConnectorSetup,
    names: &BTreeMap<ConnectorId, Name>,
) -> Result<Connector, ApiError> {
    let store = app.engine.store();
    let query = RunQuery { connector: Some(setup.id), limit: 1, ..RunQuery::default() };
    let last = store.runs(query).await?;
    Ok(Connector {
        name: setup.name.to_string(),
        connector_type: setup.document.type_name.clone(),
        description: setup.document.description.clone(),
        profiles: setup.document.profile_names().map(str::to_owned).collect(),
        counts: counts(&store.cs_counts(setup.id).await?),
        last_run: last.first().map(|last| run(last, names, app.jobs.current())),
    })
}

/// Every connector by name.
#[utoipa::path(get, path = "/api/v1/connectors", tag = "connectors",
    operation_id = "listConnectors", security(("cookie" = []), ("token" = [])),
    responses(
        (status = 200, body = Vec<Connector>),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ))]
pub(crate) async fn list_connectors(
    State(app): State<App>,
    _reader: Reader,
) -> Result<axum::Json<Vec<Connector>>, ApiError> {
    let names = app.engine.store().connectors().await?;
    let mut shown = Vec::new();
    for setup in app.engine.setup().connectors.values() {
        shown.push(show(&app, setup, &names).await?);
    }
    shown.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(axum::Json(shown))
}

/// One connector.
#[utoipa::path(get, path = "/api/v1/connectors/{name}", tag = "connectors",
    operation_id = "getConnector", security(("cookie" = []), ("token" = [])),
    params(("name" = String, Path)),
    responses(
        (status = 200, body = Connector, headers(("ETag" = String))),
        (status = 304),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ))]
pub(crate) async fn get_connector(
    State(app): State<App>,
    _reader: Reader,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let setup = connector(&app, &name)?;
    let names = app.engine.store().connectors().await?;
    Ok(etag::answer(&headers, &show(&app, setup, &names).await?))
}

/// Every sequence by name.
#[utoipa::path(get, path = "/api/v1/sequences", tag = "runs", operation_id = "listSequences",
    security(("cookie" = []), ("token" = [])),
    responses(
        (status = 200, body = Vec<Sequence>),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ))]
pub(crate) async fn list_sequences(
    State(app): State<App>,
    _reader: Reader,
) -> axum::Json<Vec<Sequence>> {
    let deployment = &app.engine.setup().deployment;
    let shown = deployment.sequences.iter().map(|(name, steps)| {
        let step = |(connector, profile): &(Name, Name)| Step {
            connector: connector.to_string(),
            profile: profile.to_string(),
        };
        let own = deployment.schedules.iter().filter(|schedule| schedule.sequence == *name);
        Sequence {
            name: name.to_string(),
            steps: steps.iter().map(step).collect(),
            schedules: own.map(|s| Schedule { every_seconds: s.every_seconds }).collect(),
        }
    });
    axum::Json(shown.collect())
}
