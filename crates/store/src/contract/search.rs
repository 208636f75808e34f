//! Checks of lookups by anchor, DN and value.

use std::collections::{BTreeMap, BTreeSet};

use model::{CsId, MvId, Name, Value};

use super::samples::{begin, imported, inserts, name, person, puts, update, values};
use crate::{Batch, CsWrite, IndexedAttributes, MvWrite, Store, StoreError};

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// Anchors and DN keys are compared exactly, within one connector.
pub async fn anchors_and_dns_lead_to_objects_of_their_connector(
    store: &dyn Store,
) -> Result<(), StoreError> {
    let (connector, lease) = begin(store, "guests").await?;
    let other = store.connector_id(&name("directory")).await?;
    let (a, b) = (CsId::new(connector, 1), CsId::new(connector, 2));
    let mut same_dn = imported(b, "b");
    same_dn.dn_key = imported(a, "a").dn_key;
    let objects = [imported(a, "a"), same_dn.clone(), imported(CsId::new(other, 1), "c")];
    store.commit(&lease, inserts(&objects)).await?;

    let found = store.find_cs_by_anchor(connector, &texts(&["a", "b", "c", "A"])).await?;
    assert_eq!(found, BTreeMap::from([("a".to_owned(), a), ("b".to_owned(), b)]));
    let keys = texts(&["cn=a,dc=contoso", "cn=b,dc=contoso", "cn=c,dc=contoso"]);
    let found = store.find_cs_by_dn(connector, &keys).await?;
    assert_eq!(found, BTreeMap::from([("cn=a,dc=contoso".to_owned(), vec![a, b])]));

    let moved = imported(b, "b2");
    store.commit(&lease, update(&same_dn, &moved)).await?;
    let found = store.find_cs_by_anchor(connector, &texts(&["b", "b2"])).await?;
    assert_eq!(found, BTreeMap::from([("b2".to_owned(), b)]));
    let found = store.find_cs_by_dn(connector, &texts(&["cn=a,dc=contoso"])).await?;
    assert_eq!(found, BTreeMap::from([("cn=a,dc=contoso".to_owned(), vec![a])]));
    Ok(())
}

/// A name is below another one if that one's key is its end, component by component.
pub async fn what_lies_below_a_name_is_found(store: &dyn Store) -> Result<(), StoreError> {
    let (connector, lease) = begin(store, "directory").await?;
    let other = store.connector_id(&name("guests")).await?;
    let keys = ["ou=a,dc=x", "cn=b,ou=a,dc=x", "cn=c,cn=b,ou=a,dc=x", "cn=d\\,ou=a,dc=x", "ou=a"];
    let at = |(key, number): (&str, u32)| {
        let mut object = imported(CsId::new(connector, number), key);
        key.clone_into(&mut object.dn_key);
        object
    };
    let mut objects: Vec<_> = keys.into_iter().zip(1..).map(at).collect();
    let mut foreign = imported(CsId::new(other, 1), "f");
    "cn=f,ou=a,dc=x".clone_into(&mut foreign.dn_key);
    objects.push(foreign);
    store.commit(&lease, inserts(&objects)).await?;
    let found = store.find_cs_below(connector, &texts(&["ou=a,dc=x", "cn=b,ou=a,dc=x"])).await?;
    let id = |number| CsId::new(connector, number);
    let expected = BTreeMap::from([
        ("cn=b,ou=a,dc=x".to_owned(), vec![id(3)]),
        ("ou=a,dc=x".to_owned(), vec![id(2), id(3)]),
    ]);
    assert_eq!(found, expected);
    assert_eq!(store.find_cs_below(connector, &[]).await?, BTreeMap::new());
    Ok(())
}

fn indexed(connector: model::ConnectorId) -> IndexedAttributes {
    IndexedAttributes {
        metaverse: BTreeSet::from([name("mail")]),
        connector_space: BTreeSet::from([(connector, name("mail"))]),
    }
}

/// Text joins without regard to case, any one of several values does, and type restricts.
pub async fn values_are_found_without_regard_to_case(store: &dyn Store) -> Result<(), StoreError> {
    let (connector, lease) = begin(store, "guests").await?;
    store.set_indexed(&indexed(connector)).await?;
    let (a, b) = (CsId::new(connector, 1), CsId::new(connector, 2));
    let mut several = imported(b, "b");
    if let Some(attributes) = &mut several.imported {
        attributes.set(name("mail"), values(&["B1@Contoso.example", "A@CONTOSO.example"]));
    }
    let objects = [imported(a, "a"), several.clone()];
    store.commit(&lease, inserts(&objects)).await?;
    store.commit(&lease, puts(&[person(MvId(1), "A@Contoso.example")])).await?;

    let cs = async |object_type: &str, text: &str| {
        let (object_type, value) = (name(object_type), Value::from(text));
        store.find_cs_by_value(connector, &object_type, &name("mail"), &value).await
    };
    let mv = async |object_type: &str, text: &str| {
        let values = [Value::from("nobody@contoso.example"), Value::from(text)];
        let found = store.find_mv_by_value(&name(object_type), &name("mail"), &values).await?;
        // One answer per value, in their order.
        assert_eq!((found.len(), found.first()), (2, Some(&Vec::new())));
        Ok::<_, StoreError>(found.concat())
    };
    assert_eq!(cs("user", "a@contoso.EXAMPLE").await?, [a, b]);
    assert_eq!(cs("user", "b1@contoso.example").await?, [b]);
    assert_eq!(cs("group", "a@contoso.example").await?, []);
    assert_eq!(mv("person", "a@contoso.example").await?, [MvId(1)]);
    assert_eq!(mv("group", "a@contoso.example").await?, []);

    let changed = imported(b, "b");
    store.commit(&lease, update(&several, &changed)).await?;
    let gone = Batch {
        cs: vec![CsWrite::Remove(a)],
        mv: vec![MvWrite::Put(person(MvId(1), "else@contoso.example"))],
        ..Batch::default()
    };
    store.commit(&lease, gone).await?;
    assert_eq!(cs("user", "a@contoso.example").await?, []);
    assert_eq!(cs("user", "b@contoso.example").await?, [b]);
    assert_eq!(mv("person", "a@contoso.example").await?, []);
    assert_eq!(mv("person", "ELSE@contoso.example").await?, [MvId(1)]);
    Ok(())
}

/// Declaring an index builds it over what is there; changes while none is declared are not missed.
pub async fn indexes_can_come_and_go(store: &dyn Store) -> Result<(), StoreError> {
    let (connector, lease) = begin(store, "guests").await?;
    let (a, mv) = (CsId::new(connector, 1), MvId(1));
    let find = async |text: &str| {
        let (user, person, mail): (Name, Name, Name) = (name("user"), name("person"), name("mail"));
        let value = Value::from(text);
        let cs = store.find_cs_by_value(connector, &user, &mail, &value).await?;
        Ok::<_, StoreError>((
            cs,
            store.find_mv_by_value(&person, &mail, std::slice::from_ref(&value)).await?.concat(),
        ))
    };
    let nothing = (vec![], vec![]);
    let mut before = imported(a, "a");
    store.commit(&lease, inserts(std::slice::from_ref(&before))).await?;
    store.commit(&lease, puts(&[person(mv, "a@contoso.example")])).await?;
    for round in 0..3 {
        store.set_indexed(&indexed(connector)).await?;
        store.set_indexed(&indexed(connector)).await?;
        assert_eq!(find("a@contoso.example").await?, (vec![a], vec![mv]));
        store.set_indexed(&IndexedAttributes::default()).await?;
        // Away and back while no index sees it.
        let mut after = before.clone();
        if let Some(attributes) = &mut after.imported {
            attributes.set_one("mail", "b@contoso.example");
        }
        store.commit(&lease, update(&before, &after)).await?;
        store.commit(&lease, puts(&[person(mv, "b@contoso.example")])).await?;
        if round == 1 {
            store.set_indexed(&indexed(connector)).await?;
        }
        assert_eq!(find("a@contoso.example").await?, nothing);
        assert_eq!(find("B@contoso.example").await?, (vec![a], vec![mv]));
        before = imported(a, "a");
        store.commit(&lease, update(&after, &before)).await?;
        store.commit(&lease, puts(&[person(mv, "a@contoso.example")])).await?;
    }
    Ok(())
}
