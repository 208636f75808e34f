//! The watermark of a delta import: the link to go on from, and what it is good for.
//!
//! The service binds a link to a tenant, a version and a selection, and keeps it for seven days. A
//! watermark that does not fit is refused here, before the service would misunderstand it.

use connector::{ConnectorError, ErrorKind};
use model::Timestamp;
use serde::{Deserialize, Serialize};

use crate::limits::WATERMARK_SECONDS_MAX;

/// What a link depends on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Scope {
    /// The tenant as configured.
    pub(crate) tenant: String,
    /// The Graph root with its version.
    pub(crate) root: String,
    /// A digest of the selected properties.
    pub(crate) select: String,
}

/// A link with its scope and age.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Watermark {
    /// The delta link, byte for byte.
    pub(crate) link: String,
    /// When it was issued, in seconds since 1970.
    pub(crate) issued_at_seconds: i64,
    #[serde(flatten)]
    pub(crate) scope: Scope,
}

impl Watermark {
    /// The text to store.
    pub(crate) fn to_text(&self) -> String {
        // Strings and a number cannot fail to serialize; an empty text would be refused on reading.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads a stored text.
    ///
    /// # Errors
    /// [`ErrorKind::FullImportRequired`] when the link cannot be used for `scope` at `now`.
    pub(crate) fn read(text: &str, scope: &Scope, now: Timestamp) -> Result<Self, ConnectorError> {
        let watermark: Self = serde_json::from_str(text)
            .map_err(|_syntax| full_import_required("the watermark is not readable"))?;
        let refusal = if watermark.scope.tenant != scope.tenant {
            "the watermark is of another tenant"
        } else if watermark.scope.root != scope.root {
            "the watermark is of another Graph address or version"
        } else if watermark.scope.select != scope.select {
            "the selected attributes have changed since the last import"
        } else if now.seconds() - watermark.issued_at_seconds > WATERMARK_SECONDS_MAX {
            "the last import is more than six and a half days ago; Graph forgets changes after seven"
        } else {
            return Ok(watermark);
        };
        Err(full_import_required(refusal))
    }
}

/// The error that ends a delta import which cannot go on.
pub(crate) fn full_import_required(why: &str) -> ConnectorError {
    ConnectorError::new(ErrorKind::FullImportRequired, why)
        .with_help("run a full import; delta imports go on from there")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        Scope { tenant: "t".to_owned(), root: "r".to_owned(), select: "s".to_owned() }
    }

    fn refusal(text: &str, scope: &Scope, now: i64) -> String {
        let error = Watermark::read(text, scope, Timestamp::from_seconds(now)).unwrap_err();
        assert_eq!(error.kind, ErrorKind::FullImportRequired);
        error.message
    }

    #[test]
    fn a_watermark_is_good_for_its_scope_and_age_alone() {
        let mark = Watermark { link: "l".to_owned(), issued_at_seconds: 1000, scope: scope() };
        let text = mark.to_text();
        let limit = 1000 + WATERMARK_SECONDS_MAX;
        let read = |now| Watermark::read(&text, &scope(), Timestamp::from_seconds(now));
        assert_eq!(read(limit).unwrap(), mark);
        assert!(refusal(&text, &scope(), limit + 1).contains("days"));
        let tenant = Scope { tenant: "x".to_owned(), ..scope() };
        assert!(refusal(&text, &tenant, 1000).contains("tenant"));
        let root = Scope { root: "x".to_owned(), ..scope() };
        assert!(refusal(&text, &root, 1000).contains("address"));
        let select = Scope { select: "x".to_owned(), ..scope() };
        assert!(refusal(&text, &select, 1000).contains("attributes"));
        assert!(refusal("", &scope(), 1000).contains("readable"));
        assert!(refusal("{}", &scope(), 1000).contains("readable"));
    }
}
