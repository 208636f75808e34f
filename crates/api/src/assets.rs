//! The portal's pages: files built from `web`, embedded in a release and read from disk in a debug
//! build. Paths of the application itself lead to its one page.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::app::App;
use crate::etag;
use crate::headers::page_policy;
use crate::problem::ApiError;
use crate::random::ticket;

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Dist;

/// The application's page, with a place for the nonce.
const PAGE: &str = "index.html";
const NONCE_PLACE: &str = "__CSP_NONCE__";
/// Where the build puts files with a hash in their name.
const HASHED: &str = "assets/";

const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
    <title>Proxeny</title><h1>The portal is not built</h1>\
    <p>Build it with <code>npm ci &amp;&amp; npm run build</code> in the folder <code>web</code>, \
    then start again. The interface for programs works without it.</p>";

/// Serves a file, or the page for everything that is no file.
pub(crate) async fn serve(
    State(app): State<App>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let path = uri.path();
    let missing = ApiError::NotFound { what: "such resource" };
    if path == "/api" || path.starts_with("/api/") || path.starts_with("/health/") {
        return Err(missing);
    }
    if method != Method::GET && method != Method::HEAD {
        return Err(ApiError::MethodNotAllowed);
    }
    let name = file_name(path).ok_or(missing)?;
    match Dist::get(name).filter(|_| name != PAGE) {
        Some(file) => Ok(asset(name, file, &headers)),
        // A file that is gone is not the application's page: scripts would fail on it strangely.
        None if name.starts_with(HASHED) => Err(ApiError::NotFound { what: "such file" }),
        None => page(&app),
    }
}

/// The path as a file's name: no escapes, no way up, no way out, nothing hidden. `None` for
/// everything that only an attack would ask for.
fn file_name(path: &str) -> Option<&str> {
    let name = path.strip_prefix('/')?;
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~:@!$&'()*+,;=/".contains(&b);
    let decoded_is_plain = path.bytes().all(|b| is_plain(b) || b == b'%');
    if !decoded_is_plain {
        return None;
    }
    let lower = path.to_ascii_lowercase();
    let tricks = ["%2e", "%2f", "%5c", "%00", "%25", "//"];
    let goes_up = name.split('/').any(|part| part.starts_with('.'));
    (!goes_up && !tricks.iter().any(|trick| lower.contains(trick))).then_some(name)
}

fn asset(name: &str, file: EmbeddedFile, headers: &HeaderMap) -> Response {
    let tag = etag::tag(&file.metadata.sha256_hash());
    let mut response = if etag::is_known(headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        axum::body::Body::from(file.data).into_response()
    };
    let cache =
        if name.starts_with(HASHED) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let answer = response.headers_mut();
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    for (name, value) in [(header::CONTENT_TYPE, file.metadata.mimetype()), (header::ETAG, &tag)] {
        if let Ok(value) = HeaderValue::from_str(value) {
            answer.insert(name, value);
        }
    }
    response
}

fn page(app: &App) -> Result<Response, ApiError> {
    let nonce = ticket(app.random.as_ref())?;
    let html = match Dist::get(PAGE) {
        Some(file) => String::from_utf8_lossy(&file.data).replace(NONCE_PLACE, &nonce),
        None => NOT_BUILT.to_owned(),
    };
    let html_type = HeaderValue::from_static("text/html; charset=utf-8");
    let mut response = ([(header::CONTENT_TYPE, html_type)], html).into_response();
    if let Ok(policy) = HeaderValue::from_str(&page_policy(&nonce)) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two files as the build leaves them.
    #[derive(RustEmbed)]
    #[folder = "tests/dist"]
    struct Built;

    fn get(name: &str, known: Option<&HeaderValue>) -> Response {
        let known = known.map(|tag| (header::IF_NONE_MATCH, tag.clone()));
        asset(name, Built::get(name).unwrap(), &known.into_iter().collect())
    }

    #[test]
    fn files_with_a_hash_in_their_name_are_kept_for_good_and_others_asked_for() {
        for (name, media, cache) in [
            ("assets/index-1a2b.js", "text/javascript", "public, max-age=31536000, immutable"),
            ("favicon.svg", "image/svg+xml", "no-cache"),
        ] {
            let first = get(name, None);
            let headers = first.headers();
            assert_eq!(
                (first.status(), &headers["content-type"]),
                (StatusCode::OK, &media.parse().unwrap())
            );
            assert_eq!(headers["cache-control"], cache);
            let again = get(name, Some(&headers["etag"]));
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
            assert_eq!(again.headers()["etag"], headers["etag"]);
        }
    }

    #[test]
    fn only_plain_names_below_the_root_are_files() {
        for good in ["/", "/assets/index-1a.js", "/people/0c5e3c0a-12d3", "/metaverse/a%20b"] {
            assert!(file_name(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "/../etc/passwd",
            "/..%2f..%2fetc/passwd",
            "/%2e%2e/etc/passwd",
            "/%2E%2E%5cetc",
            "//etc/passwd",
            "/a//b",
            "/a%00.js",
            "/a\\b",
            "/.git/config",
            "/a/./b",
            "/%252e%252e/x",
            "/\u{e9}",
        ] {
            assert_eq!(file_name(bad), None, "{bad}");
        }
    }
}
