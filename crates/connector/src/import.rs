//! Reading a connected system: pages of objects, and how complete the read was.

use async_trait::async_trait;
use model::{Changes, Image};

use crate::ConnectorError;

/// What an import asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportKind {
    /// Every object.
    Full,
    /// What changed since the watermark that an earlier import returned.
    Delta {
        /// Opaque to everybody but the connector.
        watermark: String,
    },
}

/// One thing read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportEntry {
    /// The whole object as it is now; its anchor is present.
    Object(Image),
    /// Some attributes of an object changed; the others are as they were. Where the system does
    /// not tell new objects from changed ones, the object may be one that was never delivered: the
    /// engine then asks for it whole, with [`ImportSession::fetch`].
    Change {
        /// The object's anchor.
        anchor: String,
        /// Its present DN, when the system said it.
        dn: Option<String>,
        /// The changed attributes.
        changes: Changes,
    },
    /// The object is gone, or is no longer within the connector's scope.
    Deleted {
        /// The object's anchor.
        anchor: String,
    },
}

/// The kinds of discovery errors: they belong to the run and keep missing objects from being
/// taken for deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DiscoveryErrorType {
    /// The entry has no DN.
    MissingDn,
    /// The DN cannot be parsed.
    InvalidDn,
    /// The anchor attribute has no value.
    MissingAnchorComponent,
    /// The same anchor came twice in one read.
    DuplicateObject,
    /// The entry's type cannot be told.
    MissingObjectType,
    /// A value does not have its attribute's type.
    InvalidAttributeValue,
    /// Several values for a single-valued attribute.
    MultiSingleMismatch,
    /// A change to an object that is not known and cannot be read.
    NeedFullObject,
    /// Anything else that keeps an entry from being read.
    ReadError,
}

impl DiscoveryErrorType {
    /// The name MIM gives it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MissingDn => "missing-dn",
            Self::InvalidDn => "invalid-dn",
            Self::MissingAnchorComponent => "missing-anchor-component",
            Self::DuplicateObject => "duplicate-object",
            Self::MissingObjectType => "missing-object-type",
            Self::InvalidAttributeValue => "invalid-attribute-value",
            Self::MultiSingleMismatch => "multi-single-mismatch",
            Self::NeedFullObject => "need-full-object",
            Self::ReadError => "read-error",
        }
    }
}

/// One entry that could not be read; the rest of the page is fine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiscoveryError {
    /// What is wrong with it.
    pub error_type: DiscoveryErrorType,
    /// The object, as far as it can be named (anchor or DN).
    pub object: String,
    /// What exactly, without attribute values.
    pub message: String,
}

/// How complete a read was. Only [`Completeness::Complete`] lets missing objects count as deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Completeness {
    /// Every object in scope was delivered.
    Complete {
        /// Where a delta import goes on from; `None` where the system offers no delta.
        watermark: Option<String>,
    },
    /// Every change since the watermark was delivered.
    Delta {
        /// Where the next delta import goes on from.
        watermark: String,
    },
    /// The read ended early.
    Incomplete {
        /// Why.
        reason: String,
    },
}

/// One page of a read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImportPage {
    /// What was read, in the system's order. The same object may come again on a later page.
    pub entries: Vec<ImportEntry>,
    /// Entries that could not be read.
    pub errors: Vec<DiscoveryError>,
    /// Present on the last page, and only there.
    pub end: Option<Completeness>,
}

/// A read in progress.
#[async_trait]
pub trait ImportSession: Send {
    /// The next page. Not called again after a page with an `end`.
    ///
    /// # Errors
    /// When the read cannot go on; what was delivered stays valid, nothing counts as deleted.
    async fn next_page(&mut self) -> Result<ImportPage, ConnectorError>;

    /// Reads whole objects by anchor: those found and within scope as [`ImportEntry::Object`], the
    /// others as [`ImportEntry::Deleted`].
    ///
    /// # Errors
    /// When the system cannot be asked.
    async fn fetch(&mut self, anchors: &[String]) -> Result<Vec<ImportEntry>, ConnectorError>;

    /// True if a full read may show an object several times, each later entry being the newer one.
    /// Where it is false, the second entry of an anchor is an error of the connected system.
    fn repeats_objects(&self) -> bool {
        false
    }
}
