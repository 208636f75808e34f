//! An import in progress: follows the links of a delta query, page by page.
//!
//! Invariant: a session ends with a watermark only after every page of its round was delivered;
//! whatever goes wrong before is an error, so that nothing counts as deleted.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use connector::{
    Completeness, ConnectorError, DiscoveryError, ImportEntry, ImportPage, ImportSession,
};
use model::{Clock, ObjectSchema};

use crate::client::{Failure, GraphClient, unexpected};
use crate::decode::{Link, decode_change, decode_object, decode_page};
use crate::limits::EMPTY_PAGES_MAX;
use crate::watermark::{Scope, Watermark, full_import_required};

/// What every session needs.
#[derive(Clone)]
pub(crate) struct Reader {
    pub(crate) client: GraphClient,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) user: ObjectSchema,
    /// The value of `$select`.
    pub(crate) select: String,
    pub(crate) scope: Scope,
}

impl Reader {
    fn first_link(&self) -> String {
        self.client.url(&["users", "delta"], &format!("$select={}", self.select))
    }
}

/// The round being read.
enum Round {
    /// The initial one, with the anchors delivered so far.
    Initial { delivered: BTreeSet<String> },
    /// The initial one begun anew, with the anchors that the broken-off one had delivered and this
    /// one has not yet.
    InitialAgain { delivered: BTreeSet<String>, left_over: BTreeSet<String> },
    /// A later one.
    Later,
}

/// An import of users.
pub(crate) struct UserImport {
    reader: Reader,
    round: Round,
    link: String,
    /// The links followed so far: none may come again.
    followed: BTreeSet<String>,
    empty_pages: u32,
    has_errors: bool,
}

impl UserImport {
    /// An import of everybody.
    pub(crate) fn full(reader: Reader) -> Self {
        let link = reader.first_link();
        Self::new(reader, Round::Initial { delivered: BTreeSet::new() }, link)
    }

    /// An import of what changed since `watermark`.
    pub(crate) fn delta(reader: Reader, watermark: Watermark) -> Self {
        Self::new(reader, Round::Later, watermark.link)
    }

    const fn new(reader: Reader, round: Round, link: String) -> Self {
        Self { reader, round, link, followed: BTreeSet::new(), empty_pages: 0, has_errors: false }
    }

    /// Fetches the page behind the present link; starts an initial round anew, once, when the
    /// service has lost its place.
    async fn fetch_page(&mut self) -> Result<serde_json::Value, ConnectorError> {
        loop {
            if !self.reader.client.is_own(&self.link) {
                return Err(unexpected("sent a link that leads to another server"));
            }
            if !self.followed.insert(self.link.clone()) {
                return Err(unexpected("sent a link it had sent before"));
            }
            match self.reader.client.get(&self.link).await {
                Ok(body) => return Ok(body),
                Err(Failure::Resync) => self.begin_again()?,
                Err(failure) => return Err(failure.into_error()),
            }
        }
    }

    fn begin_again(&mut self) -> Result<(), ConnectorError> {
        match std::mem::replace(&mut self.round, Round::Later) {
            Round::Initial { delivered } if self.followed.len() > 1 => {
                tracing::warn!(pages = self.followed.len(), "full import begins again");
                self.round =
                    Round::InitialAgain { delivered: BTreeSet::new(), left_over: delivered };
                self.link = self.reader.first_link();
                self.followed.clear();
                Ok(())
            }
            Round::Initial { .. } | Round::InitialAgain { .. } => {
                Err(unexpected("does not let a full import come to its end"))
            }
            Round::Later => {
                Err(full_import_required("Graph no longer knows the state of the last import"))
            }
        }
    }

    fn decode(&mut self, item: &serde_json::Value) -> Result<ImportEntry, DiscoveryError> {
        let user = &self.reader.user;
        let delivered = match &mut self.round {
            Round::Later => return decode_change(item, user),
            Round::Initial { delivered } | Round::InitialAgain { delivered, .. } => delivered,
        };
        let entry = decode_object(item, user)?;
        match &entry {
            ImportEntry::Object(image) => delivered.extend(image.anchor.clone()),
            ImportEntry::Change { .. } => {}
            ImportEntry::Deleted { anchor } => {
                delivered.remove(anchor);
            }
        }
        Ok(entry)
    }

    /// Users that the broken-off round delivered and the complete one did not: they went in
    /// between, and no later round will say so.
    fn gone_meanwhile(&self) -> Vec<ImportEntry> {
        let Round::InitialAgain { delivered, left_over } = &self.round else {
            return Vec::new();
        };
        // An entry that could not be read may be any of them.
        if self.has_errors {
            return Vec::new();
        }
        let gone = left_over.iter().filter(|anchor| !delivered.contains(*anchor));
        gone.map(|anchor| ImportEntry::Deleted { anchor: anchor.clone() }).collect()
    }

    fn end(&self, link: &str) -> Completeness {
        let watermark = Watermark {
            link: link.to_owned(),
            issued_at_seconds: self.reader.clock.now().seconds(),
            scope: self.reader.scope.clone(),
        };
        let watermark = watermark.to_text();
        match self.round {
            Round::Later => Completeness::Delta { watermark },
            Round::Initial { .. } | Round::InitialAgain { .. } => {
                Completeness::Complete { watermark: Some(watermark) }
            }
        }
    }
}

#[async_trait]
impl ImportSession for UserImport {
    async fn next_page(&mut self) -> Result<ImportPage, ConnectorError> {
        let body = self.fetch_page().await?;
        let (items, link) = decode_page(&body).map_err(unexpected)?;
        self.empty_pages = if items.is_empty() { self.empty_pages + 1 } else { 0 };
        if self.empty_pages > EMPTY_PAGES_MAX {
            return Err(unexpected("sends empty pages without end"));
        }
        let mut page = ImportPage::default();
        for item in items {
            match self.decode(item) {
                Ok(entry) => page.entries.push(entry),
                Err(error) => page.errors.push(error),
            }
        }
        self.has_errors |= !page.errors.is_empty();
        match link {
            Link::Next(next) => next.clone_into(&mut self.link),
            Link::Delta(delta) => {
                if !self.reader.client.is_own(delta) {
                    return Err(unexpected("sent a link that leads to another server"));
                }
                page.entries.extend(self.gone_meanwhile());
                page.end = Some(self.end(delta));
            }
        }
        tracing::debug!(
            entries = page.entries.len(),
            errors = page.errors.len(),
            is_last = page.end.is_some(),
            "page read"
        );
        Ok(page)
    }

    async fn fetch(&mut self, anchors: &[String]) -> Result<Vec<ImportEntry>, ConnectorError> {
        let mut entries = Vec::with_capacity(anchors.len());
        let query = format!("$select={}", self.reader.select);
        for anchor in anchors {
            let url = self.reader.client.url(&["users", anchor], &query);
            entries.push(match self.reader.client.get(&url).await {
                Ok(user) => decode_object(&user, &self.reader.user)
                    .map_err(|error| unexpected(&format!("sent a bad user: {}", error.message)))?,
                Err(Failure::NotFound) => ImportEntry::Deleted { anchor: anchor.clone() },
                Err(failure) => return Err(failure.into_error()),
            });
        }
        Ok(entries)
    }

    /// Delta queries show what changes while they are read once more, and a round that begins anew
    /// shows everybody again.
    fn repeats_objects(&self) -> bool {
        true
    }
}
