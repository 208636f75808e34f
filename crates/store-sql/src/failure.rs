//! Errors on their way to a [`StoreError`]: the database's own get the action that was tried.

use store::StoreError;

/// What went wrong inside a transaction.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The database failed.
    Sql(rusqlite::Error),
    /// Anything else, said in full.
    Store(StoreError),
}

impl Failure {
    /// The error for the caller who tried to `action`.
    pub(crate) fn during(self, action: &str) -> StoreError {
        match self {
            Self::Sql(source) => unavailable(action, source),
            Self::Store(error) => error,
        }
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<rusqlite::types::FromSqlError> for Failure {
    fn from(error: rusqlite::types::FromSqlError) -> Self {
        Self::Sql(error.into())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// The store cannot `action` because of `source`.
pub(crate) fn unavailable(
    action: &str,
    source: impl std::error::Error + Send + Sync + 'static,
) -> StoreError {
    StoreError::Unavailable { action: action.to_owned(), source: Box::new(source) }
}

/// The store holds `what` that cannot be read.
pub(crate) fn corrupt(what: impl Into<String>) -> StoreError {
    StoreError::Corrupt { what: what.into() }
}

/// Gives a decoding error the name of the record it happened in.
pub(crate) fn in_record(error: StoreError, record: impl FnOnce() -> String) -> StoreError {
    match error {
        StoreError::Corrupt { what } => corrupt(format!("{what} of {}", record())),
        other => other,
    }
}
