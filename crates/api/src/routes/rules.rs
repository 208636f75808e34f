//! Synchronization rules: those in force and those on their way.

use std::collections::BTreeMap;

use ::rules::{RULE_DEFINITION, RULE_TYPE};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use model::{Name, Values};
use serde::Deserialize;

use crate::app::{App, Shared};
use crate::caller::Reader;
use crate::etag;
use crate::problem::{ApiError, Problem};
use crate::request::Path;
use crate::types::{Rule, RuleDirection};

const PAGE: usize = 500;

/// The documents of one rule.
#[derive(Debug, Default)]
struct Documents {
    applied: Option<String>,
    in_metaverse: Option<String>,
}

async fn documents(app: &Shared) -> Result<BTreeMap<Name, Documents>, ApiError> {
    let deployment = &app.engine.setup().deployment;
    let mut found: BTreeMap<Name, Documents> = BTreeMap::new();
    for (name, text) in &deployment.rules {
        found.entry(name.clone()).or_default().applied = Some(text.clone());
    }
    if deployment.rules_connector().is_none() {
        for documents in found.values_mut() {
            documents.in_metaverse.clone_from(&documents.applied);
        }
        return Ok(found);
    }
    let (rule_type, mut after) = (Name::new(RULE_TYPE), None);
    loop {
        let page = app.engine.store().page_mv(Some(&rule_type), after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(found) };
        after = Some(last.id);
        for object in &page {
            let text =
                |name: &str| object.values(name).and_then(Values::single).map(ToString::to_string);
            if let Some(document) = text(RULE_DEFINITION) {
                let name = text("displayName").unwrap_or_else(|| object.uid.to_string());
                found.entry(Name::from(name)).or_default().in_metaverse = Some(document);
            }
        }
    }
}

/// What a document says of its rule. Whether the rule compiles is no matter here: one that does
/// not is the one that somebody wants to see.
#[derive(Deserialize)]
struct Described {
    #[serde(default)]
    description: String,
    direction: RuleDirection,
    connector: String,
    object: String,
    metaverse: String,
    precedence: i64,
}

/// `None` when the document cannot be read at all.
fn show(name: &Name, documents: &Documents) -> Option<Rule> {
    let Documents { applied, in_metaverse } = documents;
    let document = in_metaverse.as_ref().or(applied.as_ref())?;
    let described: Described = toml::from_str(document).ok()?;
    Some(Rule {
        name: name.to_string(),
        description: described.description,
        direction: described.direction,
        connector: described.connector,
        object_type: described.object,
        metaverse_type: described.metaverse,
        precedence: described.precedence,
        in_metaverse: in_metaverse.is_some(),
        is_newest: in_metaverse.is_some() && in_metaverse == applied,
        document: document.clone(),
    })
}

/// Every rule by name.
#[utoipa::path(get, path = "/api/v1/rules", tag = "rules", operation_id = "listRules",
    security(("cookie" = []), ("token" = [])),
    responses(
        (status = 200, body = Vec<Rule>),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ))]
pub(crate) async fn list_rules(
    State(app): State<App>,
    _reader: Reader,
) -> Result<axum::Json<Vec<Rule>>, ApiError> {
    let documents = documents(&app).await?;
    let shown = documents.iter().filter_map(|(name, documents)| show(name, documents));
    Ok(axum::Json(shown.collect()))
}

/// One rule.
#[utoipa::path(get, path = "/api/v1/rules/{name}", tag = "rules", operation_id = "getRule",
    security(("cookie" = []), ("token" = [])), params(("name" = String, Path)),
    responses(
        (status = 200, body = Rule, headers(("ETag" = String))),
        (status = 304),
        (status = 401, body = Problem, content_type = "application/problem+json"),
        (status = 403, body = Problem, content_type = "application/problem+json"),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ))]
pub(crate) async fn get_rule(
    State(app): State<App>,
    _reader: Reader,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let documents = documents(&app).await?;
    let found = documents.get_key_value(name.as_str());
    let shown = found.and_then(|(name, documents)| show(name, documents));
    Ok(etag::answer(&headers, &shown.ok_or(ApiError::NotFound { what: "such rule" })?))
}
