//! A connected system made of memory. It names new objects, keeps a log of changes for delta
//! imports, refuses what a directory refuses, and has the faults it is told to have.
//!
//! Its objects are delivered in the order in which they came.

mod administrator;
mod contents;
mod read;
mod scope;
mod write;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use connector::{
    Capabilities, Connector, ConnectorError, ExportSession, ImportKind, ImportSession,
};
use model::{Image, Name, Schema};

use crate::crash::{Fate, Signal};
use crate::document::{Effect, Event};

pub(crate) use contents::{Contents, Nature, Refused};
pub(crate) use scope::Scope;

/// The system. Clones are the same system.
#[derive(Debug, Clone)]
pub(crate) struct System {
    contents: Arc<Mutex<Contents>>,
    signal: Signal,
}

impl System {
    pub(crate) fn new(nature: Nature, signal: Signal) -> Self {
        Self { contents: Arc::new(Mutex::new(Contents::new(nature))), signal }
    }

    pub(crate) fn contents(&self) -> MutexGuard<'_, Contents> {
        self.contents.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything in it, in order of arrival.
    pub(crate) fn objects(&self) -> Vec<Image> {
        self.contents().objects().cloned().collect()
    }

    /// The secrets it was last sent, by anchor.
    pub(crate) fn secrets(&self) -> BTreeMap<String, BTreeMap<Name, String>> {
        self.contents().secrets.clone()
    }

    /// A connection to it, for one run.
    pub(crate) fn connect(&self) -> Arc<dyn Connector> {
        let contents = self.contents();
        let nature = &contents.nature;
        Arc::new(Connection {
            system: self.clone(),
            schema: nature.selected.clone(),
            capabilities: nature.capabilities,
        })
    }

    /// What the faults do at an event that has no object.
    fn strike(&self, on: Event, number: u64) -> Vec<Effect> {
        self.contents().faults.strike(on, number, |_| false)
    }
}

#[derive(Debug)]
struct Connection {
    system: System,
    schema: Schema,
    capabilities: Capabilities,
}

impl Connection {
    fn open(&self, on: Event) -> Result<(), ConnectorError> {
        failed(&self.system.strike(on, 1)).map_or(Ok(()), Err)
    }
}

/// What the effects of an event do to the process, before or after it.
pub(crate) fn fate(effects: &[Effect], after: bool) -> Option<Fate> {
    effects.iter().find_map(|effect| match effect {
        Effect::Crash { is_after, fate } if *is_after == after => Some(*fate),
        _ => None,
    })
}

/// The failure among the effects of an event.
fn failed(effects: &[Effect]) -> Option<ConnectorError> {
    effects.iter().find_map(|effect| match effect {
        Effect::Error { kind, message } => Some(ConnectorError::new(*kind, message.clone())),
        _ => None,
    })
}

#[async_trait]
impl Connector for Connection {
    fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    async fn check_health(&self) -> Result<(), ConnectorError> {
        Ok(())
    }

    async fn open_import(
        &self,
        kind: ImportKind,
    ) -> Result<Box<dyn ImportSession>, ConnectorError> {
        self.open(Event::OpenImport)?;
        Ok(Box::new(read::Read::begin(&self.system, &kind)?))
    }

    async fn open_export(&self) -> Result<Box<dyn ExportSession>, ConnectorError> {
        self.open(Event::OpenExport)?;
        Ok(Box::new(write::Write::begin(&self.system)))
    }
}
