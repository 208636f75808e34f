//! A connection for reading: who answers, whole objects, pages of objects.
//!
//! Spec: RFC 2696 (paging); [MS-ADTS] 3.1.1.3.1.3.3 (range retrieval), 3.1.1.3.2 (root DSE).

use std::sync::Arc;

use connector::{ConnectorError, DiscoveryError, ErrorKind, ImportEntry};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use ldap3::Scope as Depth;
use ldap3::controls::RawControl;
use model::{Clock, DnStyle, Guid, Schema};

use crate::ber;
use crate::client::{Connection, Search, Target};
use crate::decode::{self, Entry};
use crate::dirsync;
use crate::failure::Failure;
use crate::scope::Scope;
use crate::watermark::Identity;

/// Controls ([MS-ADTS] 3.1.1.3.4.1.1 and 3.1.1.3.4.1.4).
const PAGED_RESULTS: &str = "1.2.840.113556.1.4.319";
const DOMAIN_SCOPE: &str = "1.2.840.113556.1.4.1339";
/// The capability that says Active Directory ([MS-ADTS] 3.1.1.3.4.3.1).
const ACTIVE_DIRECTORY: &str = "1.2.840.113556.1.4.800";
/// Objects per page; domain controllers send at most 1000.
const PAGE_SIZE: u32 = 500;
/// Single reads that may be under way at once on a connection.
const READS_MAX: usize = 8;
/// Partial answers to one attribute before we take the server for mad.
const RANGES_MAX: usize = 100_000;

/// What a read needs to know.
pub(crate) struct Source {
    pub(crate) target: Target,
    pub(crate) schema: Arc<Schema>,
    pub(crate) scope: Arc<Scope>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// A connection for reading.
pub(crate) struct Reader {
    pub(crate) source: Arc<Source>,
    pub(crate) connection: Connection,
    pub(crate) identity: Identity,
    attributes: Vec<String>,
}

/// What became of an entry: an object or news of one, or what is wrong with it.
pub(crate) type Read = Result<ImportEntry, DiscoveryError>;

impl Reader {
    /// Connects and makes sure that what is selected is there.
    ///
    /// # Errors
    /// [`ErrorKind::PartitionMissing`] when a partition or container is not; whatever keeps us from
    /// asking.
    pub(crate) async fn open(source: Arc<Source>) -> Result<Self, ConnectorError> {
        let connection = Connection::open(&source.target).await?;
        let root = root_dse(&connection).await?;
        let identity = identity(&connection, &root).await?;
        check_selection(&connection, &root, &source.scope).await?;
        let attributes = attributes(&source.schema);
        Ok(Self { source, connection, identity, attributes })
    }

    /// The objects below `base` that match `filter`, from where `cookie` says on; the cookie that
    /// comes back is empty after the last page.
    pub(crate) async fn page(
        &self,
        base: &str,
        filter: &str,
        cookie: &[u8],
    ) -> Result<(Vec<Entry>, Vec<u8>), Failure> {
        let control = |oid: &str, crit, val| RawControl { ctype: oid.to_owned(), crit, val };
        let controls = vec![
            control(PAGED_RESULTS, true, Some(ber::encode(&[PAGE_SIZE], cookie))),
            // Keeps references to other domains out of the answer.
            control(DOMAIN_SCOPE, false, None),
        ];
        let attributes = &self.attributes;
        let search = Search { base, scope: Depth::Subtree, filter, attributes, controls };
        let mut entries = Vec::new();
        let controls = self.connection.search_each(search, |entry| entries.push(entry)).await?;
        let answer = controls.iter().find(|control| control.ctype == PAGED_RESULTS);
        let value = answer.and_then(|control| ber::decode(control.val.as_deref()?));
        // Without the control in the answer we would not know whether there is more.
        let (_, next) = value.ok_or(Failure::Odd("it lacks the paging control"))?;
        if !next.is_empty() && entries.is_empty() {
            return Err(Failure::Odd("paging does not move on"));
        }
        for entry in &mut entries {
            self.complete(entry).await?;
        }
        Ok((entries, next))
    }

    /// The whole object with this DN or `<GUID=...>`.
    pub(crate) async fn read(&self, dn: &str) -> Result<Option<Entry>, Failure> {
        let mut found = self.connection.read(dn, &self.attributes).await?;
        if let Some(entry) = &mut found {
            self.complete(entry).await?;
        }
        Ok(found)
    }

    /// The whole objects with these anchors, each in its place.
    pub(crate) async fn read_anchors(
        &self,
        anchors: &[String],
    ) -> Result<Vec<Option<Entry>>, Failure> {
        let reads = anchors.iter().map(|anchor| async move {
            match by_anchor(anchor) {
                Some(dn) => self.read(&dn).await,
                None => Ok(None),
            }
        });
        let reads: Vec<_> = reads.collect();
        stream::iter(reads).buffered(READS_MAX).try_collect().await
    }

    /// Reads whole objects by anchor; what is gone, out of scope or of no selected type is deleted.
    ///
    /// # Errors
    /// When the directory cannot be asked.
    pub(crate) async fn fetch(
        &self,
        anchors: &[String],
    ) -> Result<Vec<ImportEntry>, ConnectorError> {
        let found = self.read_anchors(anchors).await;
        let found = found.map_err(|failure| self.failed(failure, "reading objects"))?;
        let mut entries = Vec::new();
        for (anchor, entry) in anchors.iter().zip(found) {
            match entry.and_then(|entry| self.take(&entry)) {
                Some(Ok(entry)) => entries.push(entry),
                // It is there, but cannot be read: nothing to report.
                Some(Err(_)) => {}
                None => entries.push(ImportEntry::Deleted { anchor: anchor.clone() }),
            }
        }
        Ok(entries)
    }

    /// What an entry read whole means: an object in scope, one outside of it (deleted), or
    /// nothing, for types that are not selected.
    pub(crate) fn take(&self, entry: &Entry) -> Option<Read> {
        let object_type = decode::object_type(entry)?;
        if !self.source.schema.types.contains_key(object_type) {
            return None;
        }
        let dn = entry.dn.as_deref().unwrap_or_default();
        // A name that cannot be read is an error, not an absence.
        if !self.source.scope.contains(dn, object_type)
            && model::Dn::parse(dn).is_ok_and(|d| !d.rdns.is_empty())
        {
            return entry.anchor().map(|anchor| Ok(ImportEntry::Deleted { anchor }));
        }
        Some(decode::image(entry, object_type, &self.source.schema).map(ImportEntry::Object))
    }

    /// The error of a run that failed in `what`.
    pub(crate) fn failed(&self, failure: Failure, what: &str) -> ConnectorError {
        failure.into_error(&self.connection.server, what)
    }

    /// Reads the values that the server held back.
    async fn complete(&self, entry: &mut Entry) -> Result<(), Failure> {
        for _ in 0..RANGES_MAX {
            let Some((name, next)) = entry.incomplete() else { return Ok(()) };
            let name = name.to_owned();
            let dn = entry.anchor().and_then(|anchor| by_anchor(&anchor));
            let Some(dn) = dn else { return Ok(()) };
            let range = [format!("{name};range={next}-*")];
            let part = self.connection.read(&dn, &range).await?.unwrap_or_default();
            entry.extend(&name, &part);
        }
        Err(Failure::Odd("an attribute has no last value"))
    }
}

/// The object with this anchor as a DN ([MS-ADTS] 3.1.1.3.1.2.4); `None` if it is not an anchor of
/// ours.
pub(crate) fn by_anchor(anchor: &str) -> Option<String> {
    Guid::parse(anchor).ok().map(|guid| format!("<GUID={guid}>"))
}

/// What a read asks for.
fn attributes(schema: &Schema) -> Vec<String> {
    let mut names = vec!["objectClass".to_owned(), "objectGUID".to_owned()];
    let readable = schema.types.values().flatten().filter(|(_, attribute)| !attribute.secret);
    for (name, _) in readable {
        if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            names.push(name.to_string());
        }
    }
    names
}

/// What the domain controller says of itself.
///
/// # Errors
/// When it cannot be asked, or is not a domain controller.
pub(crate) async fn root_dse(connection: &Connection) -> Result<Entry, ConnectorError> {
    let names = ["dsServiceName", "namingContexts", "supportedCapabilities", "supportedControl"];
    let names = names.map(ToOwned::to_owned);
    let found = connection.read("", &names).await;
    let what = "reading the root entry";
    let root = found.map_err(|failure| failure.into_error(&connection.server, what))?;
    let root = root.unwrap_or_default();
    let is_active_directory = root.texts("supportedcapabilities").contains(&ACTIVE_DIRECTORY)
        && root.texts("supportedcontrol").contains(&dirsync::OID);
    if is_active_directory {
        return Ok(root);
    }
    let message = format!("{} is not an Active Directory domain controller", connection.server);
    Err(ConnectorError::new(ErrorKind::Configuration, message))
}

async fn identity(connection: &Connection, root: &Entry) -> Result<Identity, ConnectorError> {
    let service = root.text("dsservicename").unwrap_or_default().to_owned();
    let names = ["invocationId".to_owned()];
    let found = match connection.read(&service, &names).await {
        Err(Failure::Refused(_)) => None,
        other => {
            let what = "reading the domain controller's settings";
            other.map_err(|failure| failure.into_error(&connection.server, what))?
        }
    };
    let invocation = found
        .and_then(|entry| Guid::from_directory(entry.values("invocationid").first()?).ok())
        .map(|guid| guid.to_string());
    Ok(Identity { service, invocation })
}

async fn check_selection(
    connection: &Connection,
    root: &Entry,
    scope: &Scope,
) -> Result<(), ConnectorError> {
    let key = |dn: &str| DnStyle::Ldap.key(dn);
    let contexts = root.texts("namingcontexts");
    for partition in &scope.partitions {
        if !contexts.iter().any(|context| key(context) == key(&partition.dn)) {
            let message = format!("{} has no partition {}", connection.server, partition.dn);
            return Err(ConnectorError::new(ErrorKind::PartitionMissing, message)
                .with_help(format!("its partitions: {}", contexts.join("; "))));
        }
        for container in &partition.containers {
            let found = connection.read(container, &["objectClass".to_owned()]).await;
            let what = format!("reading {container}");
            let found = found.map_err(|f| f.into_error(&connection.server, &what))?;
            if found.is_none() {
                let message = format!("the container {container} is not in the directory");
                return Err(ConnectorError::new(ErrorKind::PartitionMissing, message).with_help(
                    "create it, correct partitions.containers, or give the account the right \
                         to see it",
                ));
            }
        }
    }
    Ok(())
}
