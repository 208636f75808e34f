//! How an answer gets back to the application: in the query, in the fragment, or by a form that the
//! browser posts.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use url::Url;
use url::form_urlencoded::Serializer;

use super::answer::SignInError;
use super::pages;

/// How the answer travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Query,
    Fragment,
    FormPost,
}

impl Mode {
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "query" => Some(Self::Query),
            "fragment" => Some(Self::Fragment),
            "form_post" => Some(Self::FormPost),
            _ => None,
        }
    }
}

/// Where the answer goes.
#[derive(Debug, Clone)]
pub(super) struct ReturnTo {
    /// One of the application's registered addresses.
    pub(super) redirect_uri: String,
    pub(super) mode: Mode,
    pub(super) state: Option<String>,
}

impl ReturnTo {
    /// Sends `fields`, and the state of the request, to the application.
    pub(super) fn answer(&self, fields: &[(&str, &str)]) -> Response {
        let state = self.state.as_deref().map(|s| ("state", s));
        let fields = fields.iter().copied().chain(state);
        let Ok(mut url) = Url::parse(&self.redirect_uri) else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        match self.mode {
            Mode::Query => {
                url.query_pairs_mut().extend_pairs(fields);
            }
            Mode::Fragment => {
                let fragment = Serializer::new(String::new()).extend_pairs(fields).finish();
                url.set_fragment(Some(&fragment));
            }
            Mode::FormPost => return pages::form_post(&url, &fields.collect::<Vec<_>>()),
        }
        (StatusCode::FOUND, [(header::LOCATION, String::from(url))]).into_response()
    }

    /// Tells the application that nothing comes of it.
    pub(super) fn refuse(&self, error: &SignInError) -> Response {
        self.answer(&[("error", error.error()), ("error_description", &error.message())])
    }
}
