//! Delta import: the objects that changed since a watermark, as they are now.
//!
//! Every changed object is read whole. A container that was renamed or moved takes the objects
//! within along without a word from the directory, so those are read, too; when it left the scope,
//! so did they.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use async_trait::async_trait;
use connector::{
    Completeness, ConnectorError, DiscoveryError, DiscoveryErrorType, ImportEntry, ImportPage,
    ImportSession,
};
use model::Timestamp;

use crate::decode::{self, Entry};
use crate::dirsync::{Question, Row};
use crate::failure::{Failure, UNAVAILABLE_CRITICAL_EXTENSION};
use crate::reader::{Reader, Source};
use crate::schema::{self, CONTAINER};
use crate::watermark::{Watermark, full_import_required, selection};

/// Changed objects read for one page.
const PAGE_ROWS: usize = 500;

/// A delta import in progress.
pub(crate) struct DeltaImport {
    reader: Reader,
    question: Question,
    cookies: BTreeMap<String, Vec<u8>>,
    /// Partitions that may have more changes.
    partitions: VecDeque<String>,
    /// Changes not yet looked into.
    rows: VecDeque<Row>,
    /// Containers whose content is to be read, and where that goes on.
    containers: VecDeque<(String, Vec<u8>)>,
    now: Timestamp,
}

impl DeltaImport {
    /// Connects and asks for the first changes.
    ///
    /// # Errors
    /// [`connector::ErrorKind::FullImportRequired`] when the watermark is of no use any more;
    /// whatever keeps the import from beginning.
    pub(crate) async fn open(source: Arc<Source>, text: &str) -> Result<Self, ConnectorError> {
        let now = source.clock.now();
        let selection = selection(&source.schema, &source.scope);
        let watermark = Watermark::read(text, &selection, now)?;
        let reader = Reader::open(source).await?;
        let cookies = watermark.cookies(&reader.identity)?;
        let question = Question::changes(&reader.source.schema);
        let partitions: VecDeque<String> =
            reader.source.scope.partitions.iter().map(|p| p.dn.clone()).collect();
        if partitions.iter().any(|dn| !cookies.contains_key(dn)) {
            return Err(full_import_required("a partition has been added"));
        }
        let (rows, containers) = (VecDeque::new(), VecDeque::new());
        let mut import = Self { reader, question, cookies, partitions, rows, containers, now };
        // A cookie that is refused must show before the first page.
        import.ask().await?;
        Ok(import)
    }

    /// Asks the first partition for more changes.
    async fn ask(&mut self) -> Result<(), ConnectorError> {
        let Some(partition) = self.partitions.front().cloned() else { return Ok(()) };
        let cookie = self.cookies.get(&partition).cloned().unwrap_or_default();
        let answer = match self.question.ask(&self.reader.connection, &partition, &cookie).await {
            Err(Failure::Refused(refusal)) if refusal.code == UNAVAILABLE_CRITICAL_EXTENSION => {
                return Err(full_import_required("the directory does not accept its cookie"));
            }
            Err(failure) => {
                let error = self.reader.failed(failure, "reading changes (DirSync)");
                return Err(crate::health::explained(error));
            }
            Ok(answer) => answer,
        };
        self.rows.extend(answer.rows);
        self.cookies.insert(partition, answer.cookie);
        if !answer.has_more {
            self.partitions.pop_front();
        }
        Ok(())
    }

    /// True if a container object of the row's name would be in scope; containers have the wider
    /// scope.
    fn is_inside(&self, row: &Row) -> bool {
        let scope = &self.reader.source.scope;
        row.dn.as_deref().is_none_or(|dn| scope.contains(dn, CONTAINER))
    }

    async fn look_into_rows(&mut self, page: &mut ImportPage) -> Result<(), ConnectorError> {
        let count = self.rows.len().min(PAGE_ROWS);
        let rows: Vec<Row> = self.rows.drain(..count).collect();
        let (mut changed, mut anchors) = (Vec::new(), Vec::new());
        for row in rows {
            let is_inside = self.is_inside(&row);
            // Other changes outside of the scope are nobody's business.
            if !is_inside && !row.is_moved && !row.is_deleted {
                continue;
            }
            let Some(anchor) = row.anchor.clone() else {
                page.errors.push(DiscoveryError {
                    error_type: DiscoveryErrorType::MissingAnchorComponent,
                    object: row.dn.unwrap_or_default(),
                    message: "a change names no objectGUID".to_owned(),
                });
                continue;
            };
            // What came into being since and lies outside may have been inside for a moment.
            if row.is_deleted || (row.is_new && !is_inside) {
                page.entries.push(ImportEntry::Deleted { anchor });
            } else {
                anchors.push(anchor);
                changed.push(row);
            }
        }
        let found = self.reader.read_anchors(&anchors).await;
        let found = found.map_err(|failure| self.reader.failed(failure, "reading objects"))?;
        for ((row, anchor), entry) in changed.iter().zip(anchors).zip(found) {
            match entry {
                Some(entry) => self.take(row, &entry, page),
                None => page.entries.push(ImportEntry::Deleted { anchor }),
            }
        }
        Ok(())
    }

    fn take(&mut self, row: &Row, entry: &Entry, page: &mut ImportPage) {
        let is_container = decode::object_type(entry) == Some(CONTAINER);
        if is_container && row.is_moved && !row.is_new {
            self.containers.extend(entry.dn.clone().map(|dn| (dn, Vec::new())));
        }
        match self.reader.take(entry) {
            Some(Ok(entry)) => page.entries.push(entry),
            Some(Err(error)) => page.errors.push(error),
            None => {}
        }
    }

    async fn look_into_container(&mut self, page: &mut ImportPage) -> Result<(), ConnectorError> {
        let Some((container, cookie)) = self.containers.pop_front() else { return Ok(()) };
        let types = self.reader.source.schema.types.keys();
        let filter = schema::filter(types.map(|name| name.as_str()));
        let (entries, next) = match self.reader.page(&container, &filter, &cookie).await {
            // Gone again; that is another change.
            Err(Failure::Refused(refusal)) if refusal.is_missing_object() => return Ok(()),
            Err(failure) => {
                return Err(self.reader.failed(failure, &format!("searching {container}")));
            }
            Ok(found) => found,
        };
        // The container itself had a row of its own.
        let within = entries.iter().filter(|entry| entry.dn.as_ref() != Some(&container));
        for read in within.filter_map(|entry| self.reader.take(entry)) {
            match read {
                Ok(entry) => page.entries.push(entry),
                Err(error) => page.errors.push(error),
            }
        }
        if !next.is_empty() {
            self.containers.push_front((container, next));
        }
        Ok(())
    }

    fn end(&self) -> Result<Completeness, ConnectorError> {
        let Source { schema, scope, .. } = &*self.reader.source;
        let identity = self.reader.identity.clone();
        let selection = selection(schema, scope);
        let watermark = Watermark::new(identity, selection, self.now, &self.cookies).write()?;
        Ok(Completeness::Delta { watermark })
    }
}

#[async_trait]
impl ImportSession for DeltaImport {
    async fn next_page(&mut self) -> Result<ImportPage, ConnectorError> {
        let mut page = ImportPage::default();
        if !self.rows.is_empty() {
            self.look_into_rows(&mut page).await?;
        } else if !self.containers.is_empty() {
            self.look_into_container(&mut page).await?;
        } else {
            self.ask().await?;
        }
        if self.rows.is_empty() && self.containers.is_empty() && self.partitions.is_empty() {
            page.end = Some(self.end()?);
        }
        Ok(page)
    }

    async fn fetch(&mut self, anchors: &[String]) -> Result<Vec<ImportEntry>, ConnectorError> {
        self.reader.fetch(anchors).await
    }
}
