//! The connector to a [`System`]: pages, deltas in whole and in part, and the faults of the run.

use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use connector::{
    Capabilities, Completeness, Connector, ConnectorError, DiscoveryError, DiscoveryErrorType,
    ErrorKind, ExportBatch, ExportError, ExportErrorType, ExportOperation, ExportOutcome,
    ExportSession, ImportEntry, ImportKind, ImportPage, ImportSession,
};
use model::{AttributeChange, Changes, Image, Name, Schema};

use crate::faults::Faults;
use crate::scenario::{TAGS, TEXTS};
use crate::system::{Contents, System};
use crate::waiting::Pause;

/// Entries of one page.
const PAGE_ENTRIES: usize = 3;

/// A connection for one run.
#[derive(Debug)]
pub(crate) struct Connection {
    system: System,
    schema: Schema,
    faults: Faults,
}

impl Connection {
    /// A connection with the faults that the system was told of.
    pub(crate) fn new(system: &System) -> Self {
        let faults = system.contents().faults;
        Self { system: system.clone(), schema: Schema::default(), faults }
    }

    fn open(&self) -> Result<(), ConnectorError> {
        self.faults.closed.map_or(Ok(()), |kind| Err(ConnectorError::new(kind, "closed")))
    }
}

#[async_trait]
impl Connector for Connection {
    fn capabilities(&self) -> Capabilities {
        Capabilities { dn_style: self.system.style, delta_import: true, export: true }
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    async fn check_health(&self) -> Result<(), ConnectorError> {
        self.open()
    }

    async fn open_import(
        &self,
        kind: ImportKind,
    ) -> Result<Box<dyn ImportSession>, ConnectorError> {
        Pause::default().await;
        self.open()?;
        let contents = self.system.contents();
        let (entries, full) = match kind {
            ImportKind::Full => {
                (contents.objects.values().cloned().map(ImportEntry::Object).collect(), true)
            }
            ImportKind::Delta { watermark } => match watermark.parse::<u64>() {
                Ok(since) if since <= contents.version() => (changes(&contents, since), false),
                _ => {
                    let message = "no such watermark";
                    return Err(ConnectorError::new(ErrorKind::FullImportRequired, message));
                }
            },
        };
        Ok(Box::new(Reading {
            watermark: contents.version().to_string(),
            system: self.system.clone(),
            faults: self.faults,
            entries,
            full,
            page: 0,
        }))
    }

    async fn open_export(&self) -> Result<Box<dyn ExportSession>, ConnectorError> {
        Pause::default().await;
        self.open()?;
        let sent = AtomicUsize::new(0);
        Ok(Box::new(Writing { system: self.system.clone(), faults: self.faults, sent }))
    }
}

/// What the log says since a place. Of some objects only what may have changed is told.
fn changes(contents: &Contents, since: u64) -> Vec<ImportEntry> {
    let logged = contents.log.iter().filter(|line| line.version > since);
    logged
        .filter_map(|line| match contents.objects.get(&line.anchor) {
            _ if line.deleted => Some(ImportEntry::Deleted { anchor: line.anchor.clone() }),
            Some(image) if line.version % 3 == 0 && !contents.told_whole.contains(&line.anchor) => {
                Some(part(&line.anchor, image))
            }
            Some(image) => Some(ImportEntry::Object(image.clone())),
            None => None,
        })
        .collect()
}

/// An object told as a change of everything it has.
fn part(anchor: &str, image: &Image) -> ImportEntry {
    let changes: Changes = TEXTS
        .into_iter()
        .chain([TAGS])
        .map(|name| {
            let values = image.attributes.get(name).cloned();
            (Name::new(name), values.map_or(AttributeChange::Clear, AttributeChange::Set))
        })
        .collect();
    ImportEntry::Change { anchor: anchor.to_owned(), dn: Some(image.dn.clone()), changes }
}

struct Reading {
    system: System,
    faults: Faults,
    entries: Vec<ImportEntry>,
    watermark: String,
    full: bool,
    page: usize,
}

#[async_trait]
impl ImportSession for Reading {
    async fn next_page(&mut self) -> Result<ImportPage, ConnectorError> {
        Pause::default().await;
        let page = self.page;
        self.page += 1;
        if self.faults.broken_page == Some(page) {
            return Err(ConnectorError::new(ErrorKind::Connection, "the connection broke"));
        }
        let first = page * PAGE_ENTRIES;
        let shown_from =
            if self.faults.repeats { first.saturating_sub(PAGE_ENTRIES) } else { first };
        let mut entries = Vec::new();
        let mut errors = Vec::new();
        let until = first + PAGE_ENTRIES;
        for (number, entry) in self.entries.iter().enumerate().take(until).skip(shown_from) {
            if self.faults.unreadable == Some(number) {
                errors.push(unreadable());
            } else {
                entries.push(entry.clone());
            }
        }
        let end = if self.faults.incomplete_after == Some(page) {
            Some(Completeness::Incomplete { reason: "the server went away".to_owned() })
        } else if until >= self.entries.len() {
            let watermark = self.watermark.clone();
            Some(if self.full {
                Completeness::Complete { watermark: Some(watermark) }
            } else {
                Completeness::Delta { watermark }
            })
        } else {
            None
        };
        Ok(ImportPage { entries, errors, end })
    }

    async fn fetch(&mut self, anchors: &[String]) -> Result<Vec<ImportEntry>, ConnectorError> {
        Pause::default().await;
        let contents = self.system.contents();
        let entry = |anchor: &String| match contents.objects.get(anchor) {
            Some(image) => ImportEntry::Object(image.clone()),
            None => ImportEntry::Deleted { anchor: anchor.clone() },
        };
        Ok(anchors.iter().map(entry).collect())
    }
}

fn unreadable() -> DiscoveryError {
    DiscoveryError {
        error_type: DiscoveryErrorType::ReadError,
        object: "?".to_owned(),
        message: "garbled".to_owned(),
    }
}

struct Writing {
    system: System,
    faults: Faults,
    sent: AtomicUsize,
}

impl Writing {
    fn write(&self, operation: &ExportOperation) -> ExportOutcome {
        let number = self.sent.fetch_add(1, Ordering::Relaxed);
        if self.faults.refused == Some(number) {
            let message = "refused".to_owned();
            let error_type = ExportErrorType::CdError;
            return ExportOutcome::Failed(ExportError { error_type, code: None, message });
        }
        let lost = self.faults.lost.filter(|(lost, _)| *lost == number);
        if lost.is_some_and(|(_, carried_out)| !carried_out) {
            return ExportOutcome::InDoubt;
        }
        let outcome = self.system.contents().write(self.system.style, operation);
        if lost.is_some() { ExportOutcome::InDoubt } else { outcome }
    }
}

#[async_trait]
impl ExportSession for Writing {
    async fn export(&mut self, operations: &[ExportOperation]) -> ExportBatch {
        let mut outcomes = Vec::new();
        for operation in operations {
            Pause::default().await;
            let outcome = self.write(operation);
            let is_lost = outcome == ExportOutcome::InDoubt;
            outcomes.push(outcome);
            if is_lost {
                outcomes.resize(operations.len(), ExportOutcome::NotSent);
                let stopped = ConnectorError::new(ErrorKind::Connection, "connection lost");
                return ExportBatch { outcomes, stopped: Some(stopped) };
            }
            Pause::default().await;
        }
        ExportBatch { outcomes, stopped: None }
    }
}
