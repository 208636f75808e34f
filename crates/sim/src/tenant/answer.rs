//! Answers: JSON in the shapes of Graph and of the sign-in service.
//!
//! Handlers return errors as values; the intake renders them, because only it knows the request's
//! ids.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::Timestamp;
use serde_json::{Value, json};

use super::state::StateError;

const GRAPH_JSON: &str = "application/json;odata.metadata=minimal;odata.streaming=true;\
                          IEEE754Compatible=false;charset=utf-8";

/// JSON as Graph sends it.
pub(super) struct GraphJson(pub(super) StatusCode, pub(super) Value);

impl IntoResponse for GraphJson {
    fn into_response(self) -> Response {
        let Self(status, body) = self;
        (status, [(header::CONTENT_TYPE, GRAPH_JSON)], body.to_string()).into_response()
    }
}

/// A refusal by Graph.
#[derive(Debug, Clone)]
pub(super) struct GraphError {
    status: StatusCode,
    code: &'static str,
    message: String,
    conflict: Option<&'static str>,
    location: Option<String>,
}

impl GraphError {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), conflict: None, location: None }
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Request_BadRequest", message)
    }

    pub(super) fn unsupported_query(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Request_UnsupportedQuery", message)
    }

    pub(super) fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", message)
    }

    pub(super) fn denied() -> Self {
        let message = "The application lacks the permission for this.";
        Self::new(StatusCode::FORBIDDEN, "Authorization_RequestDenied", message)
    }

    pub(super) fn not_implemented(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message)
    }

    pub(super) fn gone(location: String) -> Self {
        let message = "The state behind the token is gone; start again.";
        let mut error = Self::new(StatusCode::GONE, "resyncRequired", message);
        error.location = Some(location);
        error
    }

    /// The whole error object.
    pub(super) fn render(
        &self,
        request_id: &str,
        client_request_id: &str,
        now: Timestamp,
    ) -> Value {
        let date = now.to_string();
        let mut error = json!({
            "code": self.code,
            "message": self.message,
            "innerError": {
                "date": date.trim_end_matches('Z'),
                "request-id": request_id,
                "client-request-id": client_request_id,
            }
        });
        if let (Some(target), Some(error)) = (self.conflict, error.as_object_mut()) {
            let details =
                json!([{ "code": "ObjectConflict", "message": self.message, "target": target }]);
            error.insert("details".to_owned(), details);
        }
        json!({ "error": error })
    }
}

impl From<StateError> for GraphError {
    fn from(error: StateError) -> Self {
        match &error {
            StateError::NoUser(key) | StateError::NotDeleted(key) | StateError::NoApp(key) => {
                Self::new(
                    StatusCode::NOT_FOUND,
                    "Request_ResourceNotFound",
                    format!("Resource '{key}' does not exist or cannot be seen."),
                )
            }
            StateError::NameTaken => {
                let message = "The userPrincipalName is taken by another object.";
                Self { conflict: Some("userPrincipalName"), ..Self::bad_request(message) }
            }
            StateError::BadAddress => {
                Self::new(StatusCode::BAD_REQUEST, "BadRequest", "The address is not valid.")
            }
        }
    }
}

impl IntoResponse for GraphError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Body::empty()).into_response();
        if let Some(location) = self.location.as_deref().and_then(|l| l.parse().ok()) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// A refusal by the sign-in service.
#[derive(Debug, Clone)]
pub(super) struct SignInError {
    status: StatusCode,
    error: &'static str,
    number: u32,
    text: String,
}

impl SignInError {
    pub(super) fn new(error: &'static str, number: u32, text: impl Into<String>) -> Self {
        let is_client = error == "invalid_client";
        let status = if is_client { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
        Self { status, error, number, text: text.into() }
    }

    /// The same refusal with another status.
    pub(super) fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// The same refusal under another error.
    pub(super) fn with_error(self, error: &'static str) -> Self {
        Self { error, ..self }
    }

    pub(super) const fn error(&self) -> &'static str {
        self.error
    }

    /// The number and the text, for people and redirects.
    pub(super) fn message(&self) -> String {
        format!("AADSTS{}: {}", self.number, self.text)
    }

    /// The whole error object.
    pub(super) fn render(&self, trace_id: &str, correlation_id: &str, now: Timestamp) -> Value {
        let timestamp = Timestamp::from_seconds(now.seconds()).to_string();
        let timestamp = timestamp.replace('T', " ");
        let number = self.number;
        json!({
            "error": self.error,
            "error_description": format!(
                "{} Trace ID: {trace_id} Correlation ID: {correlation_id} Timestamp: {timestamp}",
                self.message()
            ),
            "error_codes": [number],
            "timestamp": timestamp,
            "trace_id": trace_id,
            "correlation_id": correlation_id,
            "error_uri": format!("/error?code={number}"),
        })
    }
}

impl IntoResponse for SignInError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Body::empty()).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Puts `value` into `response` as a JSON body.
pub(super) fn set_json(response: &mut Response, content_type: &'static str, value: &Value) {
    *response.body_mut() = Body::from(value.to_string());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
}

/// Renders the refusal a handler left in `response`, if it left one.
pub(super) fn render_refusal(
    response: &mut Response,
    request_id: &str,
    client_request_id: &str,
    now: Timestamp,
) {
    if let Some(error) = response.extensions_mut().remove::<GraphError>() {
        set_json(response, GRAPH_JSON, &error.render(request_id, client_request_id, now));
    } else if let Some(error) = response.extensions_mut().remove::<SignInError>() {
        let body = error.render(request_id, client_request_id, now);
        set_json(response, "application/json; charset=utf-8", &body);
    }
}

/// Adds a header whose value may not be a valid one.
pub(super) fn add_header(response: &mut Response, name: &'static str, value: &str) {
    if let Ok(value) = value.parse() {
        response.headers_mut().insert(HeaderName::from_static(name), value);
    }
}
