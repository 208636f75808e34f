//! Reading resources: all of them, or those changed since a version.

use async_trait::async_trait;
use connector::{Completeness, ConnectorError, ImportEntry, ImportPage, ImportSession};
use model::{Guid, Image, Schema};
use service::{Resource, Service};

use crate::connector::failed;

const PAGE: usize = 1_000;

/// A read in progress.
pub(crate) struct Import {
    pub(crate) service: Service,
    pub(crate) schema: Schema,
    /// The newest version when a full read began; `None` for a delta.
    pub(crate) began_at: Option<i64>,
    /// The version up to which everything has been read.
    pub(crate) after: i64,
}

impl Import {
    /// A resource as an entry; `None` for types that are not selected.
    fn entry(&self, resource: Resource) -> Option<ImportEntry> {
        let schema = self.schema.types.get(&resource.resource_type)?;
        let id = resource.id.to_string();
        if resource.deleted {
            return Some(ImportEntry::Deleted { anchor: id });
        }
        let selected =
            resource.attributes.into_iter().filter(|(name, _)| schema.contains_key(name));
        Some(ImportEntry::Object(Image {
            object_type: resource.resource_type,
            anchor: Some(id.clone()),
            dn: id,
            attributes: selected.collect(),
        }))
    }
}

#[async_trait]
impl ImportSession for Import {
    async fn next_page(&mut self) -> Result<ImportPage, ConnectorError> {
        let page = self.service.changes_since(self.after, PAGE).await.map_err(failed)?;
        let is_last = page.len() < PAGE;
        if let Some(last) = page.last() {
            self.after = last.version;
        }
        let is_full = self.began_at.is_some();
        // A full read has no use for the traces of what is gone.
        let live = page.into_iter().filter(|resource| !(is_full && resource.deleted));
        let entries: Vec<ImportEntry> = live.filter_map(|resource| self.entry(resource)).collect();
        let end = is_last.then(|| match self.began_at {
            // What was read and then deleted between two pages is told by the next delta.
            Some(version) => Completeness::Complete { watermark: Some(version.to_string()) },
            None => Completeness::Delta { watermark: self.after.to_string() },
        });
        Ok(ImportPage { entries, errors: Vec::new(), end })
    }

    async fn fetch(&mut self, anchors: &[String]) -> Result<Vec<ImportEntry>, ConnectorError> {
        let mut entries = Vec::new();
        for anchor in anchors {
            let found = match Guid::parse(anchor) {
                Ok(id) => self.service.get(&[id]).await.map_err(failed)?.pop(),
                Err(_) => None,
            };
            let entry = found.and_then(|resource| self.entry(resource));
            entries.push(entry.unwrap_or_else(|| ImportEntry::Deleted { anchor: anchor.clone() }));
        }
        Ok(entries)
    }
}
