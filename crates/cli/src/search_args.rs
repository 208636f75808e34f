//! The part of the command line that says which objects to find: `cs search`, `mv search` and
//! `status`.

use std::num::NonZeroUsize;

use clap::{Args, ValueEnum};

use crate::args::Config;

/// `status`.
#[derive(Debug, Args)]
pub struct Status {
    /// Where the configuration is.
    #[command(flatten)]
    pub config: Config,
    /// The statistics of this connector's space alone
    pub connector: Option<String>,
}

/// `cs search`.
#[derive(Debug, Args)]
pub struct CsSearch {
    /// The connector
    pub connector: String,
    /// The text; everything without it
    #[arg(allow_hyphen_values = true)]
    pub text: Option<String>,
    /// Only objects in this state
    #[arg(long, value_enum)]
    pub state: Option<CsFilter>,
    /// Only objects whose last import, synchronization or export failed, with the error
    #[arg(long)]
    pub errors: bool,
    /// Only the object of this name
    #[arg(long)]
    pub dn: Option<String>,
    /// Only objects below this name, at whatever depth, and the one of the name itself
    #[arg(long, value_name = "DN")]
    pub under: Option<String>,
    /// Only the object with this anchor
    #[arg(long)]
    pub anchor: Option<String>,
    /// Only objects with such an import that no synchronization has seen
    #[arg(long, value_enum, value_name = "OPERATION")]
    pub pending_import: Option<Operation>,
    /// Only objects with such an export to be sent
    #[arg(long, value_enum, value_name = "OPERATION")]
    pub pending_export: Option<Operation>,
    /// Only objects whose last synchronization failed, with the error
    #[arg(long)]
    pub import_error: bool,
    /// Only objects whose last export failed, with the error
    #[arg(long)]
    pub export_error: bool,
    /// Only connectors of this kind
    #[arg(long = "connector", value_enum, value_name = "KIND")]
    pub connectors: Option<ConnectorKind>,
    /// Only disconnectors of this kind
    #[arg(long = "disconnector", value_enum, value_name = "KIND", conflicts_with = "connectors")]
    pub disconnectors: Option<DisconnectorKind>,
    /// Only what is known as nothing but the container of others
    #[arg(long)]
    pub placeholder: bool,
    /// Only objects whose name another one has taken
    #[arg(long)]
    pub transient: bool,
    /// At most so many
    #[arg(long, default_value = "100")]
    pub limit: NonZeroUsize,
}

/// `mv search`.
#[derive(Debug, Args)]
pub struct MvSearch {
    /// The object type
    pub object_type: String,
    /// The text; everything without it
    #[arg(allow_hyphen_values = true)]
    pub text: Option<String>,
    /// Only objects of which this is true, such as "mail ends-with contoso.com"; repeated, all of
    /// it. The operators are those of scopes and filters
    #[arg(long = "where", value_name = "ATTRIBUTE OPERATOR VALUE")]
    pub clauses: Vec<String>,
    /// At most so many
    #[arg(long, default_value = "100")]
    pub limit: NonZeroUsize,
}

/// What is pending.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Operation {
    /// A new object
    Add,
    /// Another value or name
    #[value(alias = "update")]
    Modify,
    /// A deletion
    Delete,
    /// A deletion with a new object in its place
    DeleteAdd,
}

/// The kinds of connectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ConnectorKind {
    /// Linked by a rule
    Normal,
    /// Linked by an administrator
    Explicit,
}

/// The kinds of disconnectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DisconnectorKind {
    /// Wanted by no rule, and tried again
    Normal,
    /// Left alone on purpose, or about to be deleted
    Explicit,
    /// Kept out by the connector filter
    Filtered,
}

/// What `cs search` can be limited to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CsFilter {
    /// Linked to a metaverse object
    Connector,
    /// Linked to none, whatever the reason
    Disconnector,
    /// Kept out by the connector filter
    Filtered,
    /// Left alone on purpose, or about to be deleted
    Explicit,
    /// Known only as the container of others
    Placeholder,
    /// With an import that no synchronization has seen
    PendingImport,
    /// With an export to be sent
    PendingExport,
    /// With an export that no import has shown yet
    Unconfirmed,
}
