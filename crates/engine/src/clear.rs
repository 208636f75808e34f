//! Emptying a connector space: everything in it counts as gone, with all that follows from it.
//!
//! It is an import of nothing and a synchronization after it, so that limits, recall, deletion rules
//! and the deprovisioning of other connectors apply as to any objects that are gone, and a process
//! that ends in the middle is taken over like any other. The connected system is not asked and not
//! written to.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use connector::{
    Capabilities, Completeness, Connector, ConnectorError, ErrorKind, ExportSession, ImportEntry,
    ImportKind, ImportPage, ImportSession,
};
use model::{ConnectorId, DnStyle, MvId, Schema};
use rules::{ProfileStep, StepType};
use store::Scope;

use crate::engine::Engine;
use crate::request::{EngineError, RunOptions, RunRequest, RunSummary};
use crate::run::Observer;

/// The name in the history of runs that empty a connector space.
pub const CLEAR: &str = "clear";

impl Engine {
    /// Empties a connector space: its links go, and everything that depends on them; the next import
    /// has to be a full one. The limit on deletions counts, and exports that are pending for other
    /// connectors are held by their own limits.
    ///
    /// # Errors
    /// As [`Engine::run`].
    pub async fn clear(
        &self,
        connector: &str,
        observer: &dyn Observer,
        options: &RunOptions,
    ) -> Result<RunSummary, EngineError> {
        let steps: [_; 2] = [StepType::FullImport, StepType::FullSync].map(ProfileStep::new);
        let connection: Option<Arc<dyn Connector>> =
            Some(Arc::new(Nothing { schema: Schema::default() }));
        let request =
            RunRequest { connector, profile: CLEAR, sequence: None, connection, observer };
        self.run_steps(request, options, &steps).await
    }
}

/// What emptying a connector space would mean.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Clearing {
    /// Objects in the space.
    pub objects: u64,
    /// Those that are linked to the metaverse.
    pub linked: u64,
    /// Metaverse objects that would be deleted by their deletion rule.
    pub deleted: u64,
    /// Objects of other connectors that these are linked to, and that would be deprovisioned.
    pub deprovisioned: u64,
    /// Changes for this connected system that would not be sent.
    pub pending_exports: u64,
}

impl Engine {
    /// What emptying a connector space would mean. Nothing is written.
    ///
    /// # Errors
    /// When there is no such connector, or the store fails.
    pub async fn weigh_clearing(&self, connector: &str) -> Result<Clearing, EngineError> {
        let id = self.known(connector)?.id;
        let counts = self.store.cs_counts(id).await?;
        let mut clearing = Clearing {
            objects: counts.total,
            linked: counts.connectors,
            pending_exports: counts.pending_export,
            ..Clearing::default()
        };
        let mut after = None;
        loop {
            let page = self.store.page_cs(id, after, self.sync_page_objects, Scope::All).await?;
            let Some(last) = page.last() else { return Ok(clearing) };
            after = Some(last.id);
            let mvs: BTreeSet<MvId> = page.iter().filter_map(|object| object.state.mv()).collect();
            let mvs: Vec<MvId> = mvs.into_iter().collect();
            let links = self.store.linked_cs(&mvs).await?;
            for object in self.store.load_mv(&mvs).await? {
                let left = links.get(&object.id).into_iter().flatten().map(|cs| cs.connector());
                let left: Vec<ConnectorId> = left.filter(|other| *other != id).collect();
                if self.setup.deletes(&object.object_type, connector, &left) {
                    clearing.deleted += 1;
                    clearing.deprovisioned += left.len() as u64;
                }
            }
        }
    }
}

/// A system in which there is nothing.
#[derive(Debug)]
struct Nothing {
    schema: Schema,
}

#[async_trait]
impl Connector for Nothing {
    fn capabilities(&self) -> Capabilities {
        Capabilities { dn_style: DnStyle::Anchor, delta_import: false, export: false }
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    async fn check_health(&self) -> Result<(), ConnectorError> {
        Ok(())
    }

    async fn open_import(
        &self,
        _kind: ImportKind,
    ) -> Result<Box<dyn ImportSession>, ConnectorError> {
        Ok(Box::new(NothingRead))
    }

    async fn open_export(&self) -> Result<Box<dyn ExportSession>, ConnectorError> {
        let message = "a connector space that is emptied exports nothing";
        Err(ConnectorError::new(ErrorKind::Configuration, message))
    }
}

/// The one page of it.
struct NothingRead;

#[async_trait]
impl ImportSession for NothingRead {
    async fn next_page(&mut self) -> Result<ImportPage, ConnectorError> {
        let end = Some(Completeness::Complete { watermark: None });
        Ok(ImportPage { end, ..ImportPage::default() })
    }

    async fn fetch(&mut self, anchors: &[String]) -> Result<Vec<ImportEntry>, ConnectorError> {
        Ok(anchors.iter().map(|anchor| ImportEntry::Deleted { anchor: anchor.clone() }).collect())
    }
}
