//! An in-process sink that keeps accounts as a directory does: on disk, found by name.

use std::collections::HashMap;
use std::fs::File;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use connector::{
    Capabilities, Completeness, Connector, ConnectorError, ExportBatch, ExportKind,
    ExportOperation, ExportOutcome, ExportSession, ImportEntry, ImportKind, ImportPage,
    ImportSession,
};
use model::{Attributes, DnStyle, Image, Name, Schema, Value as Held};
use serde_json::{Map, Value};

use crate::Failure;
use crate::source::{PAGE, unreadable};

/// The accounts: records in a file, and where each one's newest is.
#[derive(Debug)]
pub(crate) struct Accounts {
    file: File,
    end: u64,
    places: HashMap<u64, (u64, usize)>,
}

impl Accounts {
    /// None yet.
    pub(crate) fn create(path: &Path) -> Result<Self, Failure> {
        let file = File::options().read(true).write(true).create_new(true).open(path)?;
        Ok(Self { file, end: 0, places: HashMap::new() })
    }

    fn put(&mut self, key: u64, image: &Image) -> Option<()> {
        let record = encode(image);
        self.file.write_all_at(record.as_bytes(), self.end).ok()?;
        self.places.insert(key, (self.end, record.len()));
        self.end += record.len() as u64;
        Some(())
    }

    fn get(&self, (at, length): (u64, usize)) -> Option<Image> {
        let mut record = vec![0; length];
        self.file.read_exact_at(&mut record, at).ok()?;
        decode(&record)
    }

    fn carry_out(&mut self, operation: &ExportOperation, anchor: &str) -> Option<()> {
        let key = key(anchor);
        match &operation.kind {
            ExportKind::Add { attributes } => {
                let image = Image {
                    object_type: operation.object_type.clone(),
                    anchor: None,
                    dn: operation.dn.clone(),
                    attributes: attributes.clone(),
                };
                self.put(key, &image)?;
            }
            ExportKind::Update { changes, .. } => {
                let mut image = self.get(*self.places.get(&key)?)?;
                image.attributes.apply(changes);
                self.put(key, &image)?;
            }
            ExportKind::Delete => {
                self.places.remove(&key);
            }
        }
        Some(())
    }
}

fn key(anchor: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    anchor.hash(&mut hasher);
    hasher.finish()
}

fn encode(image: &Image) -> String {
    let members = image.attributes.iter().filter_map(|(name, values)| {
        let value = match values.single()? {
            Held::Integer(number) => Value::from(*number),
            other => Value::from(other.to_string()),
        };
        Some((name.to_string(), value))
    });
    let members: Map<String, Value> = members.collect();
    serde_json::json!([image.object_type.as_str(), image.dn, members]).to_string()
}

fn decode(record: &[u8]) -> Option<Image> {
    let (object_type, dn, members): (String, String, Map<String, Value>) =
        serde_json::from_slice(record).ok()?;
    let mut attributes = Attributes::new();
    for (name, value) in &members {
        match value {
            Value::Number(number) => attributes.set_one(name, number.as_i64()?),
            Value::String(text) => attributes.set_one(name, text.as_str()),
            _ => return None,
        }
    }
    let anchor = Some(dn.to_lowercase());
    Some(Image { object_type: Name::from(object_type), anchor, dn, attributes })
}

/// A directory.
#[derive(Debug, Clone)]
pub(crate) struct Sink {
    pub(crate) accounts: Arc<Mutex<Accounts>>,
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
        let accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let mut places: Vec<(u64, usize)> = accounts.places.values().copied().collect();
        places.sort_unstable_by(|a, b| b.cmp(a));
        Ok(Box::new(Read { sink: self.clone(), places }))
    }

    async fn open_export(&self) -> Result<Box<dyn ExportSession>, ConnectorError> {
        Ok(Box::new(Write { sink: self.clone() }))
    }
}

struct Read {
    sink: Sink,
    /// What is still to be read, the last one first.
    places: Vec<(u64, usize)>,
}

#[async_trait]
impl ImportSession for Read {
    async fn next_page(&mut self) -> Result<ImportPage, ConnectorError> {
        let rest = self.places.len().saturating_sub(PAGE);
        let page = self.places.split_off(rest);
        let accounts = self.sink.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let images = page.into_iter().rev().map(|place| accounts.get(place));
        let entries: Option<Vec<ImportEntry>> =
            images.map(|image| image.map(ImportEntry::Object)).collect();
        let entries = entries.ok_or_else(unreadable)?;
        let end = self.places.is_empty().then_some(Completeness::Complete { watermark: None });
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
        let mut accounts = self.sink.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let outcomes = operations.iter().map(|operation| {
            let anchor = operation.dn.to_lowercase();
            match accounts.carry_out(operation, &anchor) {
                Some(()) => ExportOutcome::Success { anchor: Some(anchor) },
                None => ExportOutcome::InDoubt,
            }
        });
        ExportBatch { outcomes: outcomes.collect(), stopped: None }
    }
}
