//! The contract between the engine and a connected system.
//!
//! A connector talks to its system and nothing else: pages of objects in, operations out. It knows
//! no rules, no metaverse and no store. A connector type is declared by a [`Descriptor`]; its
//! settings are validated offline into a [`Validated`], which connects into a [`Connector`].
//! Every type is held to the same behaviour by [`conformance`].

pub mod conformance;
mod disabled;
mod error;
mod export;
mod import;
mod settings;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use model::{DnStyle, Schema};

pub use disabled::DisabledMark;
pub use error::{ConnectorError, ErrorKind};
pub use export::{
    ExportBatch, ExportError, ExportErrorType, ExportKind, ExportOperation, ExportOutcome,
    ExportSession,
};
pub use import::{
    Completeness, DiscoveryError, DiscoveryErrorType, ImportEntry, ImportKind, ImportPage,
    ImportSession,
};
pub use settings::{
    ConnectorConfig, ObjectSelection, Problem, SecretError, SecretSource, Secrets, Setting,
    SettingReader,
};

/// A connector type: its name in configuration files and the pure check of its settings.
#[derive(Debug, Clone, Copy)]
pub struct Descriptor {
    /// The word after `type =`.
    pub type_name: &'static str,
    /// Checks settings without any I/O. Reports every problem, not the first.
    pub validate: fn(&ConnectorConfig) -> Validation,
}

/// Settings that passed their check, or everything that is wrong with them.
pub type Validation = Result<Arc<dyn Validated>, Vec<Problem>>;

/// What a connector can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// How objects are named.
    pub dn_style: DnStyle,
    /// Delta import is offered.
    pub delta_import: bool,
    /// Export is offered and allowed by the configuration.
    pub export: bool,
}

/// Settings that passed their check.
#[async_trait]
pub trait Validated: fmt::Debug + Send + Sync {
    /// What the connector will be able to do.
    fn capabilities(&self) -> Capabilities;

    /// The selected object types and attributes with their types, as far as they are known without
    /// asking the connected system.
    fn schema(&self) -> &Schema;

    /// Resolves secrets and files and makes the connector. Does not yet talk to the system.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] or [`ErrorKind::Credentials`] when a secret or file is missing.
    async fn build(&self, secrets: &dyn Secrets) -> Result<Arc<dyn Connector>, ConnectorError>;
}

/// A connected system.
#[async_trait]
pub trait Connector: fmt::Debug + Send + Sync {
    /// What the connector can do.
    fn capabilities(&self) -> Capabilities;

    /// The selected object types and attributes.
    fn schema(&self) -> &Schema;

    /// What tells that an object is disabled; `None` where the system knows no such thing.
    fn disabled_mark(&self) -> Option<DisabledMark> {
        None
    }

    /// Connects, signs in and proves the rights that a full import needs.
    ///
    /// # Errors
    /// The first thing that would stop a run.
    async fn check_health(&self) -> Result<(), ConnectorError>;

    /// Connects and begins to read.
    ///
    /// # Errors
    /// [`ErrorKind::FullImportRequired`] when a delta is asked for and `watermark` cannot be
    /// continued; otherwise whatever stops the run before the first page.
    async fn open_import(&self, kind: ImportKind)
    -> Result<Box<dyn ImportSession>, ConnectorError>;

    /// Connects and prepares to write.
    ///
    /// # Errors
    /// Whatever stops the run before the first operation.
    async fn open_export(&self) -> Result<Box<dyn ExportSession>, ConnectorError>;
}
