//! What happens to every request before and after its handler: counting, faults, the headers every
//! answer has, and the rendering of refusals.

use std::io;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::{Request, State as Shared};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::Response;

use super::answer::{add_header, render_refusal};
use super::faults::Fault;
use super::world::{World, new_id};

/// What a handler may want to know of the request as a whole.
#[derive(Debug, Clone)]
pub(super) struct Call {
    /// `https://host:port` as the client reached us; links lead back there.
    pub(super) origin: String,
    /// The first segment of the path: the Graph version.
    pub(super) version: String,
}

pub(super) async fn intake(
    Shared(world): Shared<Arc<World>>,
    mut request: Request,
    next: Next,
) -> Response {
    let request_id = new_id();
    let client_request_id = text(request.headers(), "client-request-id")
        .map_or_else(|| request_id.clone(), str::to_owned);
    let origin = text(request.headers(), "host")
        .map_or_else(|| world.base_url.clone(), |h| format!("https://{h}"));
    let path = request.uri().path().to_owned();
    let version = path.split('/').nth(1).unwrap_or_default().to_owned();

    let fault = if version == "_sim" {
        None
    } else {
        world.traffic().take(request.method().as_str(), &path)
    };
    let mut response = if let Some(fault) = fault {
        faulty(&fault)
    } else {
        request.extensions_mut().insert(Call { origin, version });
        let mut response = next.run(request).await;
        render_refusal(&mut response, &request_id, &client_request_id, world.now());
        response
    };
    add_header(&mut response, "request-id", &request_id);
    add_header(&mut response, "client-request-id", &client_request_id);
    add_header(&mut response, "odata-version", "4.0");
    add_header(&mut response, "cache-control", "no-store, no-cache");
    add_header(&mut response, "x-ms-ags-diagnostic", DIAGNOSTIC);
    response
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|v| v.to_str().ok())
}

const DIAGNOSTIC: &str = "{\"ServerInfo\":{\"DataCenter\":\"SIM\",\"Slice\":\"E\",\"Ring\":\"1\",\
                          \"ScaleUnit\":\"000\",\"RoleInstance\":\"SIM1\"}}";

fn faulty(fault: &Fault) -> Response {
    let body = if fault.cut {
        let begin = Bytes::from(fault.body.clone());
        let end = io::Error::from(io::ErrorKind::ConnectionReset);
        Body::from_stream(futures_util::stream::iter([Ok(begin), Err(end)]))
    } else {
        Body::from(fault.body.clone())
    };
    let mut response = Response::new(body);
    *response.status_mut() =
        StatusCode::from_u16(fault.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    for (name, value) in &fault.headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse()) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// Brings the spellings of a path that clients use into one: no doubled slashes, and
/// `/users('key')` as `/users/key`.
pub(super) fn with_plain_path<B>(mut request: axum::http::Request<B>) -> axum::http::Request<B> {
    let uri = request.uri();
    let mut path = String::with_capacity(uri.path().len());
    for c in uri.path().chars() {
        if c != '/' || !path.ends_with('/') {
            path.push(c);
        }
    }
    if let Some((collection, key)) = path.split_once("/users('")
        && let Some(key) = key.strip_suffix("')")
    {
        path = format!("{collection}/users/{key}");
    }
    if path == uri.path() {
        return request;
    }
    let query = uri.query().map(|q| format!("?{q}")).unwrap_or_default();
    if let Ok(plain) = format!("{path}{query}").parse::<Uri>() {
        *request.uri_mut() = plain;
    }
    request
}
