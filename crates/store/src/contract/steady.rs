//! Checks of what is known to be steady.

use std::collections::{BTreeMap, BTreeSet};

use model::{ConnectorId, CsId, MvId, Timestamp};

use super::samples::{begin, imported, inserts, linked, person, puts, update};
use crate::{
    Batch, Counters, CsWrite, MvWrite, Parts, RunEnd, Steady, SteadyScope, Store, StoreError,
    UnsteadyPage,
};

const STAMP: u64 = u64::MAX - 1;

fn steady(mv: i64, targets: &[u16]) -> Steady {
    let targets = targets.iter().copied().map(ConnectorId).collect();
    Steady { mv: MvId(mv), stamp: STAMP, targets }
}

fn noted(steady: Vec<Steady>) -> Batch {
    Batch { steady, ..Batch::default() }
}

/// Pages hold what is not linked to a steady metaverse object, and count the rest.
pub async fn what_is_steady_is_left_out_of_pages(store: &dyn Store) -> Result<(), StoreError> {
    let (connector, lease) = begin(store, "guests").await?;
    let id = |number: u32| CsId::new(connector, number);
    let objects = [
        linked(imported(id(1), "a"), MvId(1)),
        linked(imported(id(2), "b"), MvId(1)),
        imported(id(3), "c"),
        linked(imported(id(4), "d"), MvId(2)),
        linked(imported(id(5), "e"), MvId(3)),
    ];
    store.commit(&lease, inserts(&objects)).await?;
    store.commit(&lease, noted(vec![steady(1, &[7, 300, 7]), steady(3, &[])])).await?;
    let page = async |after: Option<u32>, limit, stamp| {
        let known = SteadyScope { stamp, ..SteadyScope::default() };
        store.page_unsteady(connector, after.map(id), limit, known).await
    };
    let [a, b, c, d, e] = objects;
    let all = page(None, 10, STAMP).await?;
    let targets = BTreeMap::from([(ConnectorId(7), 4), (ConnectorId(300), 2)]);
    let left = vec![c.clone(), d.clone()];
    let expected = UnsteadyPage { objects: left, last: Some(id(5)), steady: 3, targets };
    assert_eq!(all, expected);
    let short = page(Some(1), 1, STAMP).await?;
    let targets = BTreeMap::from([(ConnectorId(7), 2), (ConnectorId(300), 1)]);
    let left = vec![c.clone()];
    assert_eq!(short, UnsteadyPage { objects: left, last: Some(id(3)), steady: 1, targets });
    assert_eq!(page(Some(5), 10, STAMP).await?, UnsteadyPage::default());
    let other = page(None, 10, STAMP + 1).await?;
    let all = vec![a.clone(), b.clone(), c.clone(), d.clone(), e];
    assert_eq!((other.objects, other.steady), (all, 0));
    let known = SteadyScope { stamp: STAMP, except: BTreeSet::from([MvId(1)]) };
    let excepted = store.page_unsteady(connector, None, 10, known).await?;
    assert_eq!((excepted.objects, excepted.steady), (vec![a, b, c, d], 1));
    Ok(())
}

/// A batch that writes a metaverse object, an object that is linked to it, or one that was, makes it
/// unsteady; what the batch itself finds steady is so after its writes.
pub async fn a_write_unsettles_what_it_concerns(store: &dyn Store) -> Result<(), StoreError> {
    let (connector, lease) = begin(store, "guests").await?;
    let id = |number: u32| CsId::new(connector, number);
    let [a, b] = [imported(id(1), "a"), imported(id(2), "b")];
    let [first, second] = [linked(a.clone(), MvId(1)), linked(b.clone(), MvId(2))];
    store.commit(&lease, inserts(&[first.clone(), second.clone()])).await?;
    store.commit(&lease, puts(&[person(MvId(1), "a@contoso.example")])).await?;
    let settle = async || store.commit(&lease, noted(vec![steady(1, &[]), steady(2, &[])])).await;
    let left = async || {
        let known = SteadyScope { stamp: STAMP, ..SteadyScope::default() };
        let page = store.page_unsteady(connector, None, 10, known).await?;
        Ok::<_, StoreError>(page.objects.iter().map(|o| o.id.sequence()).collect::<Vec<_>>())
    };
    settle().await?;
    assert_eq!(left().await?, [0; 0]);
    let staged = Parts { export: true, ..Parts::default() };
    let cs = |write| Batch { cs: vec![write], ..Batch::default() };
    store.commit(&lease, cs(CsWrite::Update(first.clone(), staged))).await?;
    assert_eq!(left().await?, [1]);
    settle().await?;
    store.commit(&lease, puts(&[person(MvId(1), "c@contoso.example")])).await?;
    assert_eq!(left().await?, [1]);
    settle().await?;
    let removed = Batch { mv: vec![MvWrite::Remove(MvId(1))], ..Batch::default() };
    store.commit(&lease, removed).await?;
    assert_eq!(left().await?, [1]);
    settle().await?;
    // The one object leaves for the other's metaverse object: both are concerned.
    store.commit(&lease, update(&first, &linked(a.clone(), MvId(2)))).await?;
    assert_eq!(left().await?, [1, 2]);
    settle().await?;
    store.commit(&lease, update(&linked(a.clone(), MvId(2)), &a)).await?;
    assert_eq!(left().await?, [1, 2]);
    settle().await?;
    store.commit(&lease, cs(CsWrite::Remove(id(2)))).await?;
    let again = CsWrite::Insert(second.clone());
    let both = Batch { steady: vec![steady(2, &[])], ..cs(again) };
    store.commit(&lease, both).await?;
    assert_eq!(left().await?, [1]);
    Ok(())
}

/// Nothing is noted by a run beside which another one is open, or was.
pub async fn a_run_beside_another_notes_nothing_steady(
    store: &dyn Store,
) -> Result<(), StoreError> {
    let (connector, lease) = begin(store, "guests").await?;
    let id = CsId::new(connector, 1);
    store.commit(&lease, inserts(&[linked(imported(id, "a"), MvId(1))])).await?;
    let count = async || {
        let known = SteadyScope { stamp: STAMP, ..SteadyScope::default() };
        Ok::<_, StoreError>(store.page_unsteady(connector, None, 10, known).await?.steady)
    };
    let (_, other) = begin(store, "accounts").await?;
    store.commit(&lease, noted(vec![steady(1, &[])])).await?;
    store.commit(&other, noted(vec![steady(1, &[])])).await?;
    assert_eq!(count().await?, 0);
    let end = |result: &str| RunEnd {
        result: result.to_owned(),
        message: None,
        counters: Counters::new(),
        ended: Timestamp(200),
    };
    store.end_run(&other, end("success")).await?;
    store.commit(&lease, noted(vec![steady(1, &[])])).await?;
    assert_eq!(count().await?, 0);
    store.end_run(&lease, end("success")).await?;
    let (_, alone) = begin(store, "guests").await?;
    store.commit(&alone, noted(vec![steady(1, &[])])).await?;
    assert_eq!(count().await?, 1);
    Ok(())
}
