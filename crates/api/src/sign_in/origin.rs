//! Whether a request that changes something comes from our own pages.

use axum::http::{HeaderMap, Method, header};
use rules::ApiConfig;

const SEC_FETCH_SITE: &str = "sec-fetch-site";

/// True if the request may change something. One that carries a cookie or anything else a browser
/// adds by itself must prove where it comes from; one without may come from a program, which says
/// nothing.
pub(super) fn is_allowed(
    method: &Method,
    headers: &HeaderMap,
    config: &ApiConfig,
    is_ambient: bool,
) -> bool {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE) {
        return true;
    }
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    let (site, origin) = (text(SEC_FETCH_SITE), text(header::ORIGIN.as_str()));
    if matches!(site, Some("same-origin" | "none")) {
        return true;
    }
    match origin {
        Some(origin) => is_ours(origin, config),
        None => site.is_none() && !is_ambient,
    }
}

fn is_ours(origin: &str, config: &ApiConfig) -> bool {
    let scheme = if config.tls.is_some() { "https" } else { "http" };
    let listen = format!("{scheme}://{}", config.listen);
    origin == listen || config.origins.iter().any(|ours| ours.trim_end_matches('/') == origin)
}
