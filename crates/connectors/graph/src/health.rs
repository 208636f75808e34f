//! Proves, before a run, that a run could read: sign-in, permission, selection.

use connector::ConnectorError;

use crate::client::Failure;
use crate::import::Reader;

/// Signs in and reads one user with every selected property.
///
/// # Errors
/// The first thing that would stop a full import. Nothing is tried twice: somebody is waiting.
pub(crate) async fn check(reader: &Reader) -> Result<(), ConnectorError> {
    let client = reader.client.impatient();
    let query = format!("$top=1&$select={}", reader.select);
    let url = client.url(&["users"], &query);
    client.get(&url).await.map(drop).map_err(Failure::into_error)
}
