//! Load: so many connections, each asking again as soon as it is answered.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

use super::client::{Address, Client};
use super::cpu;
use crate::Failure;

/// Before anything is counted.
const WARM_UP: Duration = Duration::from_secs(1);
/// An answer that takes longer ends the benchmark.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is asked.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) address: Address,
    /// The request, octet by octet.
    pub(super) request: Vec<u8>,
    /// How long the answer's body is.
    pub(super) body_octets: usize,
}

/// What came of it.
pub(super) struct Load {
    pub(super) latencies: Latencies,
    /// How long was counted.
    pub(super) seconds: f64,
    /// The gateway's processor time.
    pub(super) gateway_cpu: Duration,
}

/// Latencies in order.
pub(super) struct Latencies(Vec<Duration>);

impl Latencies {
    pub(super) fn new(mut all: Vec<Duration>) -> Self {
        all.sort_unstable();
        Self(all)
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// The latency that so many of a hundred requests keep.
    pub(super) fn percentile(&self, percent: usize) -> Duration {
        let place = (self.0.len() * percent).div_ceil(100).saturating_sub(1);
        self.0.get(place).copied().unwrap_or_default()
    }
}

/// Asks with `connections` at a time and counts for `counted`.
pub(super) async fn run(
    target: &Target,
    connections: usize,
    counted: Duration,
) -> Result<Load, Failure> {
    let mut clients = Vec::new();
    for _ in 0..connections {
        clients.push(Client::connect(&target.address).await?);
    }
    let from = Instant::now() + WARM_UP;
    let until = from + counted;
    let mut asking = JoinSet::new();
    for client in clients {
        asking.spawn(ask(client, target.clone(), from, until));
    }
    sleep_until(from).await;
    let before = cpu::gateway()?;
    sleep_until(until).await;
    let gateway_cpu = cpu::gateway()?.saturating_sub(before);
    let mut all = Vec::new();
    while let Some(asked) = asking.join_next().await {
        all.extend(asked??);
    }
    Ok(Load { latencies: Latencies::new(all), seconds: counted.as_secs_f64(), gateway_cpu })
}

/// The latencies of the requests that were answered between `from` and `until`.
async fn ask(
    mut client: Client,
    target: Target,
    from: Instant,
    until: Instant,
) -> Result<Vec<Duration>, Failure> {
    let mut latencies = Vec::new();
    loop {
        let began = Instant::now();
        let length = timeout(PATIENCE, client.get(&target.request)).await??;
        if length != target.body_octets {
            return Err(format!("an answer of {length} octets").into());
        }
        let ended = Instant::now();
        if ended >= until {
            return Ok(latencies);
        }
        if ended >= from {
            latencies.push(ended - began);
        }
    }
}
