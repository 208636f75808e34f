//! An in-process source that parses JSON as a tenant's connector does, and a sink that keeps what
//! it is given as a directory does.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use connector::{
    Capabilities, Completeness, Connector, ConnectorError, ErrorKind, ExportBatch, ExportKind,
    ExportOperation, ExportOutcome, ExportSession, ImportEntry, ImportKind, ImportPage,
    ImportSession,
};
use model::{Attributes, DnStyle, Image, Name, Schema};
use serde_json::Value;

const PAGE: usize = 999;

/// Lines of JSON, read in pages.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) lines: Arc<Mutex<Vec<String>>>,
    pub(crate) schema: Schema,
}

#[async_trait]
impl Connector for Source {
    fn capabilities(&self) -> Capabilities {
        Capabilities { dn_style: DnStyle::Anchor, delta_import: false, export: false }
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    async fn check_health(&self) -> Result<(), ConnectorError> {
        Ok(())
    }

    async fn open_import(&self, _: ImportKind) -> Result<Box<dyn ImportSession>, ConnectorError> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Ok(Box::new(Read { lines, next: 0 }))
    }

    async fn open_export(&self) -> Result<Box<dyn ExportSession>, ConnectorError> {
        Err(ConnectorError::new(ErrorKind::Configuration, "the source is read only"))
    }
}

struct Read {
    lines: Vec<String>,
    next: usize,
}

#[async_trait]
impl ImportSession for Read {
    async fn next_page(&mut self) -> Result<ImportPage, ConnectorError> {
        let page = self.lines.iter().skip(self.next).take(PAGE);
        let entries: Option<Vec<ImportEntry>> = page.map(|line| decode(line)).collect();
        let entries = entries.ok_or_else(|| {
            ConnectorError::new(ErrorKind::UnexpectedData, "a line is not a user")
        })?;
        self.next += entries.len();
        let end =
            (self.next >= self.lines.len()).then_some(Completeness::Complete { watermark: None });
        Ok(ImportPage { entries, errors: Vec::new(), end })
    }

    async fn fetch(&mut self, _: &[String]) -> Result<Vec<ImportEntry>, ConnectorError> {
        Ok(Vec::new())
    }
}

fn decode(line: &str) -> Option<ImportEntry> {
    let Value::Object(members) = serde_json::from_str(line).ok()? else { return None };
    let mut attributes = Attributes::new();
    for (name, value) in &members {
        if let Value::String(text) = value {
            attributes.set_one(name, text.as_str());
        }
    }
    let id = attributes.text("id")?.to_owned();
    let object_type = Name::new("user");
    Some(ImportEntry::Object(Image { object_type, anchor: Some(id.clone()), dn: id, attributes }))
}

/// A directory that keeps objects by DN.
#[derive(Debug, Clone)]
pub(crate) struct Sink {
    pub(crate) objects: Arc<Mutex<BTreeMap<String, Image>>>,
    pub(crate) schema: Schema,
}

#[async_trait]
impl Connector for Sink {
    fn capabilities(&self) -> Capabilities {
        Capabilities { dn_style: DnStyle::Ldap, delta_import: false, export: true }
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    async fn check_health(&self) -> Result<(), ConnectorError> {
        Ok(())
    }

    async fn open_import(&self, _: ImportKind) -> Result<Box<dyn ImportSession>, ConnectorError> {
        let objects = self.objects.lock().unwrap_or_else(PoisonError::into_inner);
        let images = objects.values().cloned().collect();
        Ok(Box::new(ReadSink { images }))
    }

    async fn open_export(&self) -> Result<Box<dyn ExportSession>, ConnectorError> {
        Ok(Box::new(Write { sink: self.clone() }))
    }
}

struct ReadSink {
    images: Vec<Image>,
}

#[async_trait]
impl ImportSession for ReadSink {
    async fn next_page(&mut self) -> Result<ImportPage, ConnectorError> {
        let rest = self.images.split_off(PAGE.min(self.images.len()));
        let page = std::mem::replace(&mut self.images, rest);
        let end = self.images.is_empty().then_some(Completeness::Complete { watermark: None });
        let entries = page.into_iter().map(ImportEntry::Object).collect();
        Ok(ImportPage { entries, errors: Vec::new(), end })
    }

    async fn fetch(&mut self, _: &[String]) -> Result<Vec<ImportEntry>, ConnectorError> {
        Ok(Vec::new())
    }
}

struct Write {
    sink: Sink,
}

#[async_trait]
impl ExportSession for Write {
    async fn export(&mut self, operations: &[ExportOperation]) -> ExportBatch {
        let mut objects = self.sink.objects.lock().unwrap_or_else(PoisonError::into_inner);
        let outcomes = operations.iter().map(|operation| {
            let anchor = operation.dn.to_lowercase();
            match &operation.kind {
                ExportKind::Add { attributes } => {
                    let image = Image {
                        object_type: operation.object_type.clone(),
                        anchor: Some(anchor.clone()),
                        dn: operation.dn.clone(),
                        attributes: attributes.clone(),
                    };
                    objects.insert(anchor.clone(), image);
                }
                ExportKind::Update { changes, .. } => {
                    if let Some(image) = objects.get_mut(&anchor) {
                        image.attributes.apply(changes);
                    }
                }
                ExportKind::Delete => {
                    objects.remove(&anchor);
                }
            }
            ExportOutcome::Success { anchor: Some(anchor) }
        });
        ExportBatch { outcomes: outcomes.collect(), stopped: None }
    }
}
