//! Checks of the identity service's resources.

use model::{Attributes, Guid, Value};

use super::samples::name;
use crate::{Resource, ResourceChange, ResourceIndex, ResourceQuery, Store, StoreError};

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

fn person(id: Guid, display_name: &str, account: &str) -> ResourceChange {
    let mut attributes = Attributes::new();
    attributes.set_one("DisplayName", display_name);
    attributes.set_one("AccountName", account);
    attributes.set_one("ObjectSID", Value::binary(id.as_bytes()));
    ResourceChange::Put { id, resource_type: name("person"), attributes }
}

/// Resources are found by the values they hold now, without regard to case, among their type.
pub async fn resources_are_found_by_their_values(store: &dyn Store) -> Result<(), StoreError> {
    let by = async |kind: &str, index: ResourceIndex, value: Value| {
        let found = store.find_resources(&name(kind), index, &value).await?;
        Ok::<_, StoreError>(found.into_iter().map(|resource| resource.id).collect::<Vec<_>>())
    };
    store.change_resources(vec![person(B, "Berg", "B1"), person(A, "Ahl", "b1")]).await?;
    let account = ResourceIndex::AccountName;
    assert_eq!(by("person", account, Value::string("B1")).await?, [A, B]);
    assert_eq!(by("set", account, Value::string("b1")).await?, []);
    assert_eq!(by("person", ResourceIndex::Email, Value::string("b1")).await?, []);
    let sid = Value::binary(A.as_bytes());
    assert_eq!(by("person", ResourceIndex::ObjectSid, sid).await?, [A]);

    let delete = ResourceChange::Delete { id: A };
    store.change_resources(vec![person(B, "Berg", "b2"), delete]).await?;
    assert_eq!(by("person", account, Value::string("b1")).await?, []);
    assert_eq!(by("person", account, Value::string("b2")).await?, [B]);
    store.change_resources(vec![put(B, "b")]).await?;
    assert_eq!(by("person", account, Value::string("b2")).await?, []);
    Ok(())
}

/// Lists are in order of display name, complete, and begin anywhere.
pub async fn resource_lists_are_sorted_pages(store: &dyn Store) -> Result<(), StoreError> {
    let list = async |prefix: Option<&str>, after, limit| {
        let prefix = prefix.map(str::to_owned);
        let query = ResourceQuery { resource_type: name("person"), prefix, after, limit };
        let found = store.search_resources(query).await?;
        Ok::<_, StoreError>(found.into_iter().map(|resource| resource.place()).collect::<Vec<_>>())
    };
    let c = Guid::from_bytes([0xc; 16]);
    let people = vec![person(A, "Zo\u{eb}", "anna"), person(B, "anna", "x"), person(c, "", "y")];
    store.change_resources(people).await?;
    let all = [(String::new(), c), ("anna".to_owned(), B), ("zo\u{eb}".to_owned(), A)];
    assert_eq!(list(None, None, 9).await?, all);
    let mut after = None;
    for place in &all {
        let page = list(None, after, 1).await?;
        assert_eq!(page, std::slice::from_ref(place));
        after = page.into_iter().next();
    }
    assert_eq!(list(None, after, 1).await?, []);
    assert_eq!(Some(list(Some("AN"), None, 9).await?.as_slice()), all.get(1..));
    assert_eq!(Some(list(Some("zo\u{eb}"), None, 9).await?.as_slice()), all.get(2..));
    assert_eq!(list(Some("%"), None, 9).await?, []);
    assert_eq!(list(Some("anna"), Some(("anna".to_owned(), B)), 9).await?.len(), 1);
    Ok(())
}

/// A change from an older state than the present one does nothing.
pub async fn a_resource_is_replaced_only_at_its_version(
    store: &dyn Store,
) -> Result<(), StoreError> {
    store.change_resources(vec![put(A, "a"), put(B, "b")]).await?;
    assert!(!store.replace_resource(A, 2, attributes("late")).await?);
    assert!(store.replace_resource(A, 1, attributes("a2")).await?);
    assert!(!store.replace_resource(A, 1, attributes("a3")).await?);
    assert_eq!(store.resources(&[A]).await?, [live(A, "a2", 3)]);
    store.change_resources(vec![ResourceChange::Delete { id: A }]).await?;
    assert!(!store.replace_resource(A, 4, attributes("a4")).await?);
    assert!(store.resources(&[A]).await?.is_empty());
    Ok(())
}
