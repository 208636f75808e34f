//! Checks of metaverse objects and links to them.

use std::collections::BTreeMap;

use model::{CsId, MvId, Value};

use super::samples::{begin, imported, inserts, linked, name, person, puts, update};
use crate::{Batch, CsWrite, MvWrite, Store, StoreError};

/// A put object is there as a whole; a removed one is not.
pub async fn metaverse_objects_are_kept_replaced_and_removed(
    store: &dyn Store,
) -> Result<(), StoreError> {
    let (_, lease) = begin(store, "guests").await?;
    let objects = [person(MvId(1), "a@contoso.example"), person(MvId(2), "b@contoso.example")];
    store.commit(&lease, puts(&objects)).await?;
    let all = [MvId(2), MvId(5), MvId(1), MvId(2)];
    assert_eq!(store.load_mv(&all).await?, objects);
    let mut changed = person(MvId(1), "c@contoso.example");
    changed.object_type = name("guest");
    changed.attributes.remove("mail");
    let batch = Batch {
        mv: vec![MvWrite::Put(changed.clone()), MvWrite::Remove(MvId(2))],
        ..Batch::default()
    };
    store.commit(&lease, batch).await?;
    assert_eq!(store.load_mv(&all).await?, [changed]);
    assert_eq!(store.mv_counts().await?, BTreeMap::from([(name("guest"), 1)]));
    Ok(())
}

/// Pages are in id order, of one type or of all.
pub async fn metaverse_pages_are_of_one_type_or_all(store: &dyn Store) -> Result<(), StoreError> {
    let (_, lease) = begin(store, "guests").await?;
    let mut objects: Vec<_> = (1..=4).map(|n| person(MvId(n), "a@contoso.example")).collect();
    if let Some(third) = objects.get_mut(2) {
        third.object_type = name("group");
    }
    store.commit(&lease, puts(&objects)).await?;
    let page = async |object_type: Option<&str>, after: Option<i64>, limit| {
        let object_type = object_type.map(name);
        let objects = store.page_mv(object_type.as_ref(), after.map(MvId), limit).await?;
        Ok::<_, StoreError>(objects.iter().map(|object| object.id.0).collect::<Vec<_>>())
    };
    assert_eq!(page(None, None, 10).await?, [1, 2, 3, 4]);
    assert_eq!(page(None, Some(1), 2).await?, [2, 3]);
    assert_eq!(page(Some("person"), None, 10).await?, [1, 2, 4]);
    assert_eq!(page(Some("person"), Some(2), 1).await?, [4]);
    assert_eq!(page(Some("robot"), None, 1).await?, [0; 0]);
    let expected = BTreeMap::from([(name("group"), 1), (name("person"), 3)]);
    assert_eq!(store.mv_counts().await?, expected);
    Ok(())
}

/// `object-id` stands for the public identifier.
pub async fn metaverse_objects_are_found_by_public_id(store: &dyn Store) -> Result<(), StoreError> {
    let (_, lease) = begin(store, "guests").await?;
    let object = person(MvId(1), "a@contoso.example");
    store.commit(&lease, puts(std::slice::from_ref(&object))).await?;
    let find = async |object_type: &str, text: &str| {
        let values = [Value::reference(text)];
        let object_type = name(object_type);
        let found = store.find_mv_by_value(&object_type, &name("object-id"), &values).await?;
        Ok::<_, StoreError>(found.concat())
    };
    let uid = object.uid.to_string();
    assert_eq!(find("person", &uid).await?, [MvId(1)]);
    assert_eq!(find("person", &uid.to_uppercase()).await?, [MvId(1)]);
    assert_eq!(find("group", &uid).await?, []);
    assert_eq!(find("person", "no identifier").await?, []);
    Ok(())
}

/// An object is linked as its state says, whether or not the metaverse object exists.
pub async fn links_follow_the_state(store: &dyn Store) -> Result<(), StoreError> {
    let (connector, lease) = begin(store, "guests").await?;
    let (a, b) = (CsId::new(connector, 1), CsId::new(connector, 2));
    let objects = [linked(imported(a, "a"), MvId(1)), linked(imported(b, "b"), MvId(1))];
    store.commit(&lease, inserts(&objects)).await?;
    let all = [MvId(1), MvId(2), MvId(3)];
    assert_eq!(store.linked_cs(&all).await?, BTreeMap::from([(MvId(1), vec![a, b])]));
    let [first, _] = &objects;
    store.commit(&lease, update(first, &linked(first.clone(), MvId(2)))).await?;
    let expected = BTreeMap::from([(MvId(1), vec![b]), (MvId(2), vec![a])]);
    assert_eq!(store.linked_cs(&all).await?, expected);
    let cut = update(&linked(first.clone(), MvId(2)), &imported(a, "a"));
    store.commit(&lease, cut).await?;
    let removed = Batch { cs: vec![CsWrite::Remove(b)], ..Batch::default() };
    store.commit(&lease, removed).await?;
    assert!(store.linked_cs(&all).await?.is_empty());
    Ok(())
}
