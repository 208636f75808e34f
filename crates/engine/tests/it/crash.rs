//! A run is dropped at every point where it waits, as a killed process would be; another process
//! takes over and comes to the same end.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use crate::world::{CYCLE, World};

/// Polls a future so many times and drops it if it has not ended by then. The systems yield at
/// every operation, so each poll is a place to die.
fn poll_at_most<F: Future>(future: F, polls: usize) -> Option<F::Output> {
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
