//! Runs: history, errors, starting.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use engine::RunOptions;
use model::{ConnectorId, Name, RunId};
use rules::ChangeKind;
use serde::Deserialize;
use store::{RunQuery, RunRecord};
use utoipa::IntoParams;

use crate::app::{App, Shared};
use crate::caller::{Operator, Reader};
use crate::etag;
use crate::jobs::Work;
use crate::problem::{ApiError, Problem};
use crate::request::{Json, Path, Query, cursor, limit, parse_run};
use crate::show;
use crate::types::{Page, PageQuery, Run, RunError, RunRequest, RunStarted};

const WHAT: &str = "such run";

/// Which runs to list.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct RunsQuery {
    /// Only this connector's, which need not be configured any more.
    connector: Option<String>,
    /// Only those before this run: the `next` of the page before.
    before: Option<String>,
    /// Items on the page.
    #[param(minimum = 1, maximum = 500, default = 50)]
    limit: Option<u32>,
}

/// The record of one run.
pub(crate) async fn record(app: &Shared, id: RunId) -> Result<Option<RunRecord>, ApiError> {
    let before = Some(RunId(id.0.saturating_add(1)));
    let runs = app.engine.store().runs(RunQuery { before, limit: 1, connector: None }).await?;
    Ok(runs.into_iter().find(|run| run.id == id))
}

async fn shown(app: &Shared, id: RunId) -> Result<Run, ApiError> {
    let record = record(app, id).await?.ok_or(ApiError::NotFound { what: WHAT })?;
    let names = app.engine.store().connectors().await?;
    Ok(show::run(&record, &names, app.jobs.current()))
}

/// Runs, newest first.
#[utoipa::path(get, path = "/api/v1/runs", tag = "runs", operation_id = "listRuns",
    security(("cookie" = []), ("token" = [])), params(RunsQuery),
    responses(
        (status = 200, body = Page<Run>),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ))]
pub(crate) async fn list_runs(
    State(app): State<App>,
    _reader: Reader,
    Query(query): Query<RunsQuery>,
) -> Result<axum::Json<Page<Run>>, ApiError> {
    let limit = limit(query.limit)?;
    let before = cursor(query.before.as_deref(), parse_run)?;
    let store = app.engine.store();
    let names = store.connectors().await?;
    let connector = query.connector.map(|wanted| {
        let found = names.iter().find(|(_, name)| **name == *wanted).map(|(id, _)| *id);
        found.ok_or(ApiError::NotFound { what: "such connector" })
    });
    let connector: Option<ConnectorId> = connector.transpose()?;
    let mut runs = store.runs(RunQuery { connector, before, limit: limit + 1 }).await?;
    let is_more = runs.len() > limit;
    runs.truncate(limit);
    let next = runs.last().filter(|_| is_more).map(|last| last.id.to_string());
    let current = app.jobs.current();
    let items = runs.iter().map(|record| show::run(record, &names, current)).collect();
    Ok(axum::Json(Page { items, next }))
}

/// Starts a run or a sequence. One at a time is under way.
#[utoipa::path(post, path = "/api/v1/runs", tag = "runs", operation_id = "startRun",
    security(("cookie" = []), ("token" = [])), request_body = RunRequest,
    responses(
        (status = 202, body = RunStarted, headers(("Location" = String))),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 503, body = Problem, content_type = "application/problem+json"),
    ))]
pub(crate) async fn start_run(
    State(app): State<App>,
    Operator(caller): Operator,
    Json(body): Json<RunRequest>,
) -> Result<Response, ApiError> {
    let work = match (body.connector, body.profile, body.sequence) {
        (Some(connector), Some(profile), None) => {
            Work::Run { connector: connector.into(), profile: profile.into() }
        }
        (None, None, Some(sequence)) => Work::Sequence(sequence.into()),
        _ => {
            let problem = "it names either connector and profile or sequence".to_owned();
            return Err(ApiError::BadBody { problem });
        }
    };
    let sequence = match &work {
        Work::Sequence(name) => Some(name.to_string()),
        Work::Run { .. } => None,
    };
    let unknown = |word: &String| ApiError::BadBody {
        problem: format!("{word:?} is no kind of change that can be limited"),
    };
    let accepted = body.accept_limits.iter();
    let accepted = accepted.map(|word| ChangeKind::parse(word).ok_or_else(|| unknown(word)));
    let accepted = accepted.collect::<Result<_, ApiError>>()?;
    let started_by = Some(caller.name.clone());
    let options = RunOptions { started_by, accepted, ..RunOptions::default() };
    let id = app.jobs.start(work, options).await?;
    let by = caller.person.map(|id| id.to_string());
    tracing::info!(run_id = id.0, by, "a run was started by request");
    let run = shown(&app, id).await?;
    let location = HeaderValue::from_str(&format!("/api/v1/runs/{id}"));
    let body = axum::Json(RunStarted { sequence, run });
    let mut response = (StatusCode::ACCEPTED, body).into_response();
    if let Ok(location) = location {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

fn id(text: &str) -> Result<RunId, ApiError> {
    parse_run(text).ok_or(ApiError::NotFound { what: WHAT })
}

/// One run.
#[utoipa::path(get, path = "/api/v1/runs/{id}", tag = "runs", operation_id = "getRun",
    security(("cookie" = []), ("token" = [])), params(("id" = String, Path)),
    responses(
        (status = 200, body = Run, headers(("ETag" = String))),
        (status = 304),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ))]
pub(crate) async fn get_run(
    State(app): State<App>,
    _reader: Reader,
    Path(text): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    Ok(etag::answer(&headers, &shown(&app, id(&text)?).await?))
}

/// Asks a run that is under way to stop. The object at hand is completed, the rest stays as it is,
/// and a sequence ends with it.
#[utoipa::path(post, path = "/api/v1/runs/{id}/stop", tag = "runs", operation_id = "stopRun",
    security(("cookie" = []), ("token" = [])), params(("id" = String, Path)),
    responses(
        (status = 202, body = Run),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ))]
pub(crate) async fn stop_run(
    State(app): State<App>,
    Operator(caller): Operator,
    Path(text): Path<String>,
) -> Result<Response, ApiError> {
    let id = id(&text)?;
    if !app.jobs.stop(id) {
        return Err(ApiError::NotFound { what: "such run under way" });
    }
    let by = caller.person.map(|id| id.to_string());
    tracing::info!(run_id = id.0, by, "a run was asked to stop");
    Ok((StatusCode::ACCEPTED, axum::Json(shown(&app, id).await?)).into_response())
}

/// The object errors of a run, in order of occurrence.
#[utoipa::path(get, path = "/api/v1/runs/{id}/errors", tag = "runs", operation_id = "listRunErrors",
    security(("cookie" = []), ("token" = [])), params(("id" = String, Path), PageQuery),
    responses(
        (status = 200, body = Page<RunError>),
        (status = 400, body = Problem, content_type = "application/problem+json"),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ))]
pub(crate) async fn list_run_errors(
    State(app): State<App>,
    _reader: Reader,
    Path(text): Path<String>,
    Query(query): Query<PageQuery>,
) -> Result<axum::Json<Page<RunError>>, ApiError> {
    let id = id(&text)?;
    let limit = limit(query.limit)?;
    let begin = cursor(query.after.as_deref(), |text| text.parse::<usize>().ok())?.unwrap_or(0);
    record(&app, id).await?.ok_or(ApiError::NotFound { what: WHAT })?;
    // A step stops at a few thousand errors, so all of them are not too many to read.
    let errors = app.engine.store().run_errors(id).await?;
    let items: Vec<RunError> = errors.iter().skip(begin).take(limit).map(show::run_error).collect();
    let end = begin.saturating_add(items.len());
    let next = (end < errors.len()).then(|| end.to_string());
    Ok(axum::Json(Page { items, next }))
}

/// The names of all connectors, for runs.
pub(crate) async fn names(
    app: &Shared,
) -> Result<std::collections::BTreeMap<ConnectorId, Name>, ApiError> {
    Ok(app.engine.store().connectors().await?)
}
