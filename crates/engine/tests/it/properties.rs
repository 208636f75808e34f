//! Properties that must always hold, tried with random histories of the tenant.

use proptest::prelude::*;

use crate::world::World;

/// Something that happens in the tenant.
#[derive(Debug, Clone)]
enum Event {
    Invite(u8),
    Mail(u8, u8),
    ClearMail(u8),
    Member(u8),
    Delete(u8),
}

fn id(number: u8) -> String {
    format!("{number:08}-0000-4000-8000-0000000000{number:02}")
}

fn apply(world: &World, event: &Event) {
    let exists = |number: u8| world.graph.list("user").iter().any(|o| o.dn == id(number));
    match event {
        Event::Invite(n) => world.invite(&id(*n), &format!("Guest N{n}"), &format!("g{n}")),
        Event::Mail(n, value) if exists(*n) => {
            world.graph.set(&id(*n), "mail", format!("m{value}@fabrikam.example").as_str());
        }
        Event::ClearMail(n) if exists(*n) => world.graph.set(&id(*n), "mail", ""),
        Event::Member(n) if exists(*n) => world.graph.set(&id(*n), "userType", "Member"),
        Event::Delete(n) if exists(*n) => world.graph.delete(&id(*n)),
        _ => {}
    }
}

fn event() -> impl Strategy<Value = Event> {
    let guest = 0_u8..4;
    prop_oneof![
        3 => guest.clone().prop_map(Event::Invite),
        2 => (guest.clone(), 0_u8..3).prop_map(|(n, v)| Event::Mail(n, v)),
        1 => guest.clone().prop_map(Event::ClearMail),
        1 => guest.clone().prop_map(Event::Member),
        2 => guest.prop_map(Event::Delete),
    ]
}

/// Every value names a rule in force, a linked object and a run; every pending export a rule.
async fn assert_explained(world: &World) {
    let rules = world.engine.rulebook().await.unwrap().rules;
    let last = world.store.runs(store::RunQuery::default()).await.unwrap()[0].id;
    for person in world.people().await {
        let links = world.store.linked_cs(&[person.id]).await.unwrap();
        for (name, attribute) in &person.attributes {
            let lineage = &attribute.lineage;
            assert!(rules.get(&lineage.rule).is_some(), "{name} by {}", lineage.rule);
            assert!(links[&person.id].contains(&lineage.object), "{name} of {}", lineage.object);
            assert!(lineage.run <= last);
        }
    }
    for object in world.space("adma").await.into_iter().chain(world.space("mimma").await) {
        for delta in [object.export.pending, object.export.unconfirmed].into_iter().flatten() {
            assert!(delta.run <= last);
            for (name, change) in &delta.changes {
                assert!(rules.get(&change.rule).is_some(), "{name} by {}", change.rule);
            }
        }
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn delta_runs_end_where_full_runs_end(events in proptest::collection::vec(event(), 1..12)) {
        block_on(async {
            let (delta, full) = (World::documented().await, World::documented().await);
            delta.cycle().await;
            full.cycle().await;
            for event in &events {
                apply(&delta, event);
                delta.settle().await;
                apply(&full, event);
                full.cycle().await;
            }
            let (delta, full) = (delta.portrait().await, full.portrait().await);
            assert_eq!(strip_keys(&delta), strip_keys(&full));
        });
    }

    #[test]
    fn the_size_of_pages_does_not_matter(
        events in proptest::collection::vec(event(), 1..12),
        page in 1_usize..4,
    ) {
        block_on(async {
            let (large, small) = (World::documented().await, World::in_pages(&[], page).await);
            for world in [&large, &small] {
                world.cycle().await;
                for event in &events {
                    apply(world, event);
                }
                world.settle().await;
                world.settle().await;
            }
            assert_eq!(large.portrait().await, small.portrait().await);
        });
    }

    #[test]
    fn unchanged_sources_change_nothing(events in proptest::collection::vec(event(), 1..12)) {
        block_on(async {
            let world = World::documented().await;
            world.cycle().await;
            for event in &events {
                apply(&world, event);
            }
            world.settle().await;
            world.cycle().await;
            let (before, writes) = (world.portrait().await, world.adma.contents.lock().unwrap().writes);
            world.cycle().await;
            assert_eq!(world.portrait().await, before);
            assert_eq!(world.adma.contents.lock().unwrap().writes, writes);
        });
    }

    #[test]
    fn an_account_exists_exactly_while_a_guest_justifies_it(
        events in proptest::collection::vec(event(), 1..12),
    ) {
        block_on(async {
            let world = World::documented().await;
            world.cycle().await;
            for event in &events {
                apply(&world, event);
                for (connector, profile) in [("b2b-graph", "delta-import"), ("b2b-graph", "delta-sync")] {
                    world.run(connector, profile).await;
                }
                assert_explained(&world).await;
                world.settle().await;
                assert_explained(&world).await;
            }
            let guests = world.graph.list("user").into_iter().filter(|o| {
                o.attributes.text("userType") == Some("Guest")
            });
            let mut expected: Vec<String> = guests
                .map(|o| format!("CN={},OU=B2BGuest,DC=contoso,DC=com", o.dn))
                .collect();
            expected.sort();
            let accounts: Vec<String> = world.adma.list("user").into_iter().map(|a| a.dn).collect();
            assert_eq!(accounts, expected);
        });
    }
}

/// Keys that the systems number in the order of creation are no part of the comparison.
fn strip_keys(lines: &[String]) -> Vec<String> {
    let mut kept: Vec<String> = lines
        .iter()
        .map(|line| {
            let words = line.split([' ', ',']).filter(|word| {
                let generated = ["guid-", "objectSid", "Binary"];
                !generated.iter().any(|g| word.contains(g)) && word.parse::<u8>().is_err()
            });
            words.collect::<Vec<_>>().join(" ")
        })
        .collect();
    kept.sort();
    kept
}
