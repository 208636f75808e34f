//! Connections that nobody uses at the moment.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::Connection;
use crate::limits::{IDLE_CONNECTION_SECONDS, IDLE_CONNECTIONS_MAX, IDLE_POOLS_MAX};

/// Which connections are alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PoolKey {
    /// The application's place among all.
    pub(crate) application: usize,
    /// What the star in its host stands for.
    pub(crate) label: String,
    /// The person, where a connection knows one: such a connection is for nobody else.
    pub(crate) person: Option<String>,
}

/// Idle connections.
#[derive(Clone)]
pub(crate) struct Pool(Arc<Mutex<Pools>>);

struct Pools {
    idle: BTreeMap<PoolKey, Vec<Idle>>,
    /// When connections that nobody came back for were last dropped.
    swept: Instant,
}

struct Idle {
    connection: Connection,
    since: Instant,
}

impl Default for Pool {
    fn default() -> Self {
        let pools = Pools { idle: BTreeMap::new(), swept: Instant::now() };
        Self(Arc::new(Mutex::new(pools)))
    }
}

impl Pools {
    fn sweep(&mut self) {
        self.swept = Instant::now();
        self.idle.retain(|_, idle| {
            idle.retain(Idle::is_good);
            !idle.is_empty()
        });
    }
}

impl Pool {
    /// The connection that was used last, if one is good.
    pub(crate) fn take(&self, key: &PoolKey) -> Option<Connection> {
        let mut pools = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let idle = pools.idle.get_mut(key)?;
        let mut taken = None;
        while let Some(last) = idle.pop() {
            if last.is_good() {
                taken = Some(last.connection);
                break;
            }
        }
        if idle.is_empty() {
            pools.idle.remove(key);
        }
        taken
    }

    /// Keeps a connection once its answer has been read to the end.
    pub(crate) fn keep_when_ready(&self, key: PoolKey, mut connection: Connection) {
        let pool = self.clone();
        tokio::spawn(async move {
            if connection.sender.ready().await.is_ok() {
                connection.is_reused = true;
                pool.put(key, connection);
            }
        });
    }

    /// Drops the connections of a person.
    pub(crate) fn forget(&self, person: &str) {
        let mut pools = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pools.idle.retain(|key, _| key.person.as_deref() != Some(person));
    }

    fn put(&self, key: PoolKey, connection: Connection) {
        let mut pools = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if pools.swept.elapsed() >= Duration::from_secs(IDLE_CONNECTION_SECONDS) {
            pools.sweep();
        }
        if pools.idle.len() >= IDLE_POOLS_MAX && !pools.idle.contains_key(&key) {
            pools.sweep();
            if pools.idle.len() >= IDLE_POOLS_MAX {
                return;
            }
        }
        let idle = pools.idle.entry(key).or_default();
        if idle.len() >= IDLE_CONNECTIONS_MAX {
            idle.retain(Idle::is_good);
        }
        if idle.len() < IDLE_CONNECTIONS_MAX {
            idle.push(Idle { connection, since: Instant::now() });
        }
    }
}

impl Idle {
    fn is_good(&self) -> bool {
        self.since.elapsed() < Duration::from_secs(IDLE_CONNECTION_SECONDS)
            && self.connection.sender.is_ready()
    }
}
