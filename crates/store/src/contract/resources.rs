//! Checks of the identity service's resources.

use model::{Attributes, Guid};

use super::samples::name;
use crate::{Resource, ResourceChange, Store, StoreError};

const A: Guid = Guid::from_bytes([0xa; 16]);
const B: Guid = Guid::from_bytes([0xb; 16]);

fn attributes(display_name: &str) -> Attributes {
    let mut attributes = Attributes::new();
    attributes.set_one("display-name", display_name);
    attributes.set_one("rank", 3_i64);
    attributes
}

fn put(id: Guid, display_name: &str) -> ResourceChange {
    let attributes = attributes(display_name);
    ResourceChange::Put { id, resource_type: name("set"), attributes }
}

fn live(id: Guid, display_name: &str, version: i64) -> Resource {
    let attributes = attributes(display_name);
    Resource { id, resource_type: name("set"), attributes, version, deleted: false }
}

/// Every change takes the next place; readers see each resource once, at its last change.
pub async fn changes_take_places_in_one_sequence(store: &dyn Store) -> Result<(), StoreError> {
    assert_eq!(store.resource_version().await?, 0);
    store.change_resources(vec![put(A, "a"), put(B, "b"), put(A, "a2")]).await?;
    assert_eq!(store.resource_version().await?, 3);
    let all = [live(B, "b", 2), live(A, "a2", 3)];
    assert_eq!(store.resources_since(0, 10).await?, all);
    assert_eq!(Some(store.resources_since(0, 1).await?.as_slice()), all.get(..1));
    assert_eq!(Some(store.resources_since(2, 10).await?.as_slice()), all.get(1..));
    assert!(store.resources_since(3, 10).await?.is_empty());
    assert_eq!(store.resources(&[A]).await?, [live(A, "a2", 3)]);
    assert_eq!(store.resources(&[A, B, Guid::from_bytes([1; 16])]).await?.len(), 2);
    Ok(())
}

/// A deleted resource is gone for readers by id and stays as a tombstone for readers of changes.
pub async fn deleted_resources_leave_tombstones(store: &dyn Store) -> Result<(), StoreError> {
    store.change_resources(vec![put(A, "a"), put(B, "b")]).await?;
    store.change_resources(vec![ResourceChange::Delete { id: A }]).await?;
    assert!(store.resources(&[A]).await?.is_empty());
    let tombstone = Resource { attributes: Attributes::new(), deleted: true, ..live(A, "a", 3) };
    assert_eq!(store.resources_since(2, 10).await?, [tombstone]);
    store.change_resources(vec![put(A, "again")]).await?;
    assert_eq!(store.resources(&[A]).await?, [live(A, "again", 4)]);
    Ok(())
}

/// What changes nothing is no change.
pub async fn no_change_takes_no_place(store: &dyn Store) -> Result<(), StoreError> {
    store.change_resources(vec![put(A, "a"), put(A, "a")]).await?;
    store.change_resources(vec![ResourceChange::Delete { id: B }]).await?;
    assert_eq!(store.resource_version().await?, 1);
    let delete = ResourceChange::Delete { id: A };
    store.change_resources(vec![delete.clone(), delete]).await?;
    assert_eq!(store.resource_version().await?, 2);
    assert_eq!(store.resources_since(0, 10).await?.len(), 1);
    Ok(())
}
