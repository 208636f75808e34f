//! What is known to be steady is passed over, and nobody can tell.

use crate::world::{CYCLE, World};

#[tokio::test]
async fn what_is_passed_over_is_counted_as_if_it_had_been_looked_at() {
    for page in [1, 5_000] {
        let world = World::in_pages(&[], page).await;
        for (connector, profile) in CYCLE.into_iter().chain(CYCLE) {
            world.run(connector, profile).await;
        }
        for connector in ["b2b-graph", "adma"] {
            let looked_at = world.run(connector, "full-sync").await;
            let before = (world.space(connector).await, world.people().await);
            let passed_over = world.run(connector, "full-sync").await;
            assert_eq!(passed_over.counters, looked_at.counters);
            assert!(passed_over.counters.contains_key("connector-no-flow"), "{passed_over:#?}");
            assert_eq!((world.space(connector).await, world.people().await), before);
        }
    }
}
