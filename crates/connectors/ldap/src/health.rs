//! Proves, before a run, that a run could read: sign-in, selection, the right to see changes.

use std::sync::Arc;

use connector::{ConnectorError, ErrorKind};

use crate::full::FullImport;
use crate::reader::Source;

/// Does everything that a full import does before its first object.
///
/// # Errors
/// The first thing that would stop a full import.
pub(crate) async fn check(source: Arc<Source>) -> Result<(), ConnectorError> {
    FullImport::open(source).await.map(drop)
}

/// The same error; where a right is missing, with the name of the right.
pub(crate) fn explained(error: ConnectorError) -> ConnectorError {
    match error.kind {
        ErrorKind::Permission => error.with_help(
            "grant the account \"Replicating Directory Changes\" on the partition; it shows \
             deletions and does not show passwords",
        ),
        _ => error,
    }
}
