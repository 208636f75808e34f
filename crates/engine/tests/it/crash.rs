//! A run is dropped at every point where it waits, as a killed process would be; another process
//! takes over and comes to the same end.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use model::{Name, Timestamp};
use store::{Batch, NewRun, RunStep};

use crate::world::{CYCLE, G1, World};

/// Polls a future so many times and drops it if it has not ended by then. The systems yield at
/// every operation, so each poll is a place to die.
pub(crate) fn poll_at_most<F: Future>(future: F, polls: usize) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..polls {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return Some(output);
        }
    }
    None
}

#[tokio::test]
async fn killed_anywhere_and_resumed_the_end_is_the_same() {
    let reference = World::documented().await;
    reference.cycle().await;
    let expected = reference.portrait().await;
    for (killed, (connector, profile)) in CYCLE.iter().enumerate() {
        for polls in 0.. {
            let world = World::documented().await;
            for (connector, profile) in &CYCLE[..killed] {
                world.run(connector, profile).await;
            }
            let ended = poll_at_most(world.run(connector, profile), polls).is_some();
            let world = world.restarted(&[]).await;
            for (connector, profile) in &CYCLE[killed..] {
                let summary = world.run(connector, profile).await;
                assert!(summary.result.is_clean(), "{summary:#?}");
            }
            assert_eq!(world.adma.list("user").len(), 2);
            assert_eq!(
                world.portrait().await,
                expected,
                "{connector} {profile} after {polls} polls"
            );
            if ended {
                break;
            }
        }
    }
}

#[tokio::test]
async fn what_an_interrupted_import_has_seen_may_be_gone_when_it_is_resumed() {
    let world = World::documented().await;
    world.cycle().await;
    let space = world.space("b2b-graph").await;
    let run = NewRun {
        connector: space[0].id.connector(),
        profile: Name::new("full-import"),
        step: RunStep::only(Name::new("full-import")),
        started_by: None,
        rules: None,
        sequence: None,
        owner: "a process that died".to_owned(),
        started: Timestamp(0),
        lease_until: Timestamp(0),
    };
    let lease = world.store.begin_run(run).await.unwrap();
    let seen = space.iter().map(|object| object.id.sequence()).collect();
    world.store.commit(&lease, Batch { seen, ..Batch::default() }).await.unwrap();
    world.graph.delete(G1);
    let import = world.run("b2b-graph", "full-import").await;
    assert_eq!(import.run, lease.run, "the run goes on");
    assert_eq!(import.counters["stage-delete"], 1);
    assert_eq!(import.state["b2b-graph"].pending_import, 1);
}
