//! Parts of requests, read so that a bad one becomes a problem: query, body, identifiers.

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use model::{ConnectorId, CsId, Guid, RunId};
use serde::de::DeserializeOwned;

use crate::problem::ApiError;

/// Items on a page unless the request says otherwise.
pub(crate) const PAGE_ITEMS: usize = 50;
/// Items on a page at most.
pub(crate) const PAGE_ITEMS_MAX: usize = 500;
/// Octets of a cursor or search text at most.
pub(crate) const TEXT_OCTETS_MAX: usize = 2_048;

/// The query string.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let read = axum::extract::Query::<T>::try_from_uri(&parts.uri);
        let bad = |error: axum::extract::rejection::QueryRejection| ApiError::BadParameter {
            name: "list",
            problem: format!("does not make sense: {}", error.body_text()),
        };
        read.map(|query| Self(query.0)).map_err(bad)
    }
}

/// The path's last parameter; one that is not UTF-8 names nothing.
#[derive(Debug)]
pub(crate) struct Path<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let read = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        let missing = |_rejection| ApiError::NotFound { what: "such resource" };
        read.map(|path| Self(path.0)).map_err(missing)
    }
}

/// A JSON body.
#[derive(Debug)]
pub(crate) struct Json<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(ApiError::NotJson);
        }
        let bytes =
            Bytes::from_request(request, state).await.map_err(|rejection| match rejection {
                BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => {
                    ApiError::TooLarge
                }
                other => ApiError::BadBody { problem: other.body_text() },
            })?;
        // The library's text repeats no values but unknown names, so it is safe to show.
        let read = serde_json::from_slice(&bytes);
        read.map(Self).map_err(|error| ApiError::BadBody { problem: category(&error) })
    }
}

fn category(error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    match error.classify() {
        serde_json::error::Category::Data => {
            format!(
                "a member is missing, unknown or of the wrong type at line {line} column {column}"
            )
        }
        _ => format!("it is no JSON at line {line} column {column}"),
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = value.and_then(|value| value.split(';').next()).unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

/// The page length a request asks for.
pub(crate) fn limit(wanted: Option<u32>) -> Result<usize, ApiError> {
    let Some(wanted) = wanted else { return Ok(PAGE_ITEMS) };
    let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
    if (1..=PAGE_ITEMS_MAX).contains(&wanted) {
        return Ok(wanted);
    }
    Err(ApiError::BadParameter {
        name: "limit",
        problem: format!("must be from 1 to {PAGE_ITEMS_MAX}"),
    })
}

/// A search text, without surrounding blanks; `None` when nothing is left.
pub(crate) fn search_text(text: Option<&str>) -> Result<Option<String>, ApiError> {
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    if text.is_some_and(|text| text.len() > TEXT_OCTETS_MAX) {
        return Err(ApiError::BadParameter { name: "search", problem: "is too long".to_owned() });
    }
    Ok(text.map(str::to_lowercase))
}

/// The cursor of a list.
pub(crate) fn cursor<T>(
    text: Option<&str>,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, ApiError> {
    let bad = || ApiError::BadParameter {
        name: "after",
        problem: "is not one that this list has given".to_owned(),
    };
    text.map(|text| parse(text).ok_or_else(bad)).transpose()
}

/// A connector-space object's identifier as it is written on the wire.
pub(crate) fn cs_text(id: CsId) -> String {
    format!("{}:{}", id.connector().0, id.sequence())
}

/// Reads what [`cs_text`] writes.
pub(crate) fn parse_cs(text: &str) -> Option<CsId> {
    let (connector, sequence) = text.split_once(':')?;
    let is_number = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    if !is_number(connector) || !is_number(sequence) {
        return None;
    }
    Some(CsId::new(ConnectorId(connector.parse().ok()?), sequence.parse().ok()?))
}

/// Reads a run's number.
pub(crate) fn parse_run(text: &str) -> Option<RunId> {
    text.parse().ok().filter(|id| *id > 0).map(RunId)
}

/// Reads an identifier from a path.
pub(crate) fn guid(text: &str, what: &'static str) -> Result<Guid, ApiError> {
    Guid::parse(text).map_err(|_error| ApiError::NotFound { what })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_of_objects_read_as_they_are_written() {
        let id = CsId::new(ConnectorId(2), 17);
        assert_eq!(cs_text(id), "2:17");
        assert_eq!(parse_cs("2:17"), Some(id));
        for bad in ["", "2", "2:", ":17", "+2:17", "2:-1", "2:17:1", "99999999:1", "2:99999999999"]
        {
            assert_eq!(parse_cs(bad), None, "{bad}");
        }
    }

    #[test]
    fn page_lengths_have_limits() {
        assert_eq!(limit(None).unwrap(), 50);
        assert_eq!(limit(Some(500)).unwrap(), 500);
        assert!(limit(Some(0)).is_err() && limit(Some(501)).is_err());
    }
}
