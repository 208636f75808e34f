//! The parameters of a request by a browser: in the query, or in a form that it posts.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, Request};
use axum::http::Method;

use super::answer::SignInError;

/// Parameters by name; of one that is there twice, the last counts.
#[derive(Debug, Clone)]
pub(super) struct Fields(BTreeMap<String, String>);

impl<S: Send + Sync> FromRequest<S> for Fields {
    type Rejection = BytesRejection;

    async fn from_request(request: Request, state: &S) -> Result<Self, Self::Rejection> {
        let raw = if request.method() == Method::POST {
            Bytes::from_request(request, state).await?
        } else {
            request.uri().query().unwrap_or_default().to_owned().into()
        };
        Ok(Self(url::form_urlencoded::parse(&raw).into_owned().collect()))
    }
}

impl Fields {
    /// The value of a parameter that is there and not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|v| !v.is_empty())
    }

    pub(super) fn owned(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    pub(super) fn required(&self, name: &str) -> Result<&str, SignInError> {
        self.get(name).ok_or_else(|| {
            let text = format!("The request must contain the parameter '{name}'.");
            SignInError::new("invalid_request", 900_144, text)
        })
    }
}
