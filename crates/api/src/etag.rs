//! Entity tags: answers that did not change, and changes that must not be lost (RFC 9110 section
//! 13).

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::digest::{SHA256, digest};
use serde::Serialize;

use crate::problem::ApiError;

/// Octets of the hash that a tag keeps.
const TAG_OCTETS: usize = 18;

/// The tag of these octets.
pub(crate) fn tag(octets: &[u8]) -> String {
    let hash = digest(&SHA256, octets);
    let part = hash.as_ref().get(..TAG_OCTETS).unwrap_or_default();
    format!("\"{}\"", URL_SAFE_NO_PAD.encode(part))
}

/// True if the header lists the tag, or is `*`. `If-None-Match` compares weakly.
fn lists(headers: &HeaderMap, name: &header::HeaderName, tag: &str) -> bool {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    let mut tags = values.flat_map(|value| value.split(',')).map(str::trim);
    tags.any(|listed| listed == "*" || listed.trim_start_matches("W/") == tag)
}

/// True if the caller has these octets already.
pub(crate) fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    lists(headers, &header::IF_NONE_MATCH, tag)
}

/// Fails unless `If-Match` names this one tag.
///
/// # Errors
/// [`ApiError::ConditionMissing`] without the header, [`ApiError::Stale`] for another tag.
pub(crate) fn require(headers: &HeaderMap, tag: &str) -> Result<(), ApiError> {
    let mut values = headers.get_all(header::IF_MATCH).iter();
    let value = values.next().ok_or(ApiError::ConditionMissing)?;
    // "*" would be a change without having read.
    if values.next().is_none() && value.as_bytes() == tag.as_bytes() {
        Ok(())
    } else {
        Err(ApiError::Stale)
    }
}

/// A single resource with its tag, or only the tag when the caller has it already.
pub(crate) fn answer<T: Serialize>(headers: &HeaderMap, resource: &T) -> Response {
    let body = serde_json::to_vec(resource).unwrap_or_default();
    let tag = tag(&body);
    answer_tagged(headers, body, &tag)
}

/// [`answer`] with a tag of one's own.
pub(crate) fn answer_tagged(headers: &HeaderMap, body: Vec<u8>, tag: &str) -> Response {
    let mut response = if is_known(headers, tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let json = HeaderValue::from_static("application/json");
        ([(header::CONTENT_TYPE, json)], body).into_response()
    };
    if let Ok(value) = HeaderValue::from_str(tag) {
        response.headers_mut().insert(header::ETAG, value);
    }
    response
}
