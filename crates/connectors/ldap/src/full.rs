//! Full import: every object of the selected containers.
//!
//! The `DirSync` cookie is taken before the first object is read, so what changes during the read
//! is told again by the next delta.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use async_trait::async_trait;
use connector::{Completeness, ConnectorError, ImportEntry, ImportPage, ImportSession};

use crate::decode::Entry;
use crate::dirsync::Question;
use crate::reader::{Reader, Source};
use crate::schema::{self, CONTAINER};
use crate::scope::Scope;
use crate::watermark::{Watermark, selection};

/// A full import in progress.
pub(crate) struct FullImport {
    reader: Reader,
    filter: String,
    /// Container objects to read one by one.
    ancestors: VecDeque<String>,
    /// Containers to search.
    containers: VecDeque<String>,
    /// Where the search of the first of them goes on.
    page_cookie: Vec<u8>,
    watermark: String,
}

impl FullImport {
    /// Connects and takes the cookies.
    ///
    /// # Errors
    /// Whatever keeps the import from beginning.
    pub(crate) async fn open(source: Arc<Source>) -> Result<Self, ConnectorError> {
        let reader = Reader::open(source).await?;
        let Source { schema, scope, clock, .. } = &*reader.source;
        let now = clock.now();
        let question = Question::changes(schema);
        let mut cookies = BTreeMap::new();
        for partition in &scope.partitions {
            let cookie = question.present_cookie(&reader.connection, &partition.dn).await;
            let what = "reading changes (DirSync)";
            let cookie = cookie.map_err(|f| crate::health::explained(reader.failed(f, what)))?;
            cookies.insert(partition.dn.clone(), cookie);
        }
        let selection = selection(schema, scope);
        let watermark =
            Watermark::new(reader.identity.clone(), selection, now, &cookies).write()?;
        let filter = schema::filter(schema.types.keys().map(|name| name.as_str()));
        let has_containers = schema.types.contains_key(CONTAINER);
        let ancestors = scope.partitions.iter().filter(|_| has_containers);
        Ok(Self {
            ancestors: ancestors.flat_map(Scope::ancestors_of).collect(),
            containers: scope.partitions.iter().flat_map(|p| p.containers.clone()).collect(),
            page_cookie: Vec::new(),
            filter,
            watermark,
            reader,
        })
    }

    async fn read_ancestors(&mut self) -> Result<Vec<Entry>, ConnectorError> {
        let mut found = Vec::new();
        while let Some(dn) = self.ancestors.pop_front() {
            let entry = self.reader.read(&dn).await;
            let what = format!("reading {dn}");
            found.extend(entry.map_err(|failure| self.reader.failed(failure, &what))?);
        }
        Ok(found)
    }

    async fn read_page(&mut self) -> Result<Vec<Entry>, ConnectorError> {
        let Some(container) = self.containers.front() else { return Ok(Vec::new()) };
        let page = self.reader.page(container, &self.filter, &self.page_cookie).await;
        let what = format!("searching {container}");
        let (entries, next) = page.map_err(|failure| self.reader.failed(failure, &what))?;
        if next.is_empty() {
            self.containers.pop_front();
        }
        self.page_cookie = next;
        Ok(entries)
    }
}

#[async_trait]
impl ImportSession for FullImport {
    async fn next_page(&mut self) -> Result<ImportPage, ConnectorError> {
        let mut entries = self.read_ancestors().await?;
        entries.extend(self.read_page().await?);
        let mut page = ImportPage::default();
        for entry in &entries {
            match self.reader.take(entry) {
                // Moved away while we read.
                None | Some(Ok(ImportEntry::Deleted { .. })) => {}
                Some(Ok(object)) => page.entries.push(object),
                Some(Err(error)) => page.errors.push(error),
            }
        }
        if self.containers.is_empty() {
            let watermark = Some(std::mem::take(&mut self.watermark));
            page.end = Some(Completeness::Complete { watermark });
        }
        Ok(page)
    }

    async fn fetch(&mut self, anchors: &[String]) -> Result<Vec<ImportEntry>, ConnectorError> {
        self.reader.fetch(anchors).await
    }
}
