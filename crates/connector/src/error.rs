//! Why a connector call failed as a whole. An object's own error never takes this way.

/// What went wrong, in the classes a run distinguishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The configuration names something that is not there or cannot be.
    Configuration,
    /// The system refused who we say we are.
    Credentials,
    /// The system knows us but refuses what we ask for.
    Permission,
    /// The system cannot be reached or went away.
    Connection,
    /// The system's certificate is not trusted.
    Certificate,
    /// A container or partition named in the configuration is not in the system.
    PartitionMissing,
    /// A delta import cannot continue from its watermark.
    FullImportRequired,
    /// The system is slowing us down for longer than a run may wait.
    Throttled,
    /// The system answered something no rule of its protocol allows.
    UnexpectedData,
}

/// A connector call failed.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct ConnectorError {
    /// The class of the failure.
    pub kind: ErrorKind,
    /// What happened, in one sentence without secrets, with the system's own code if it gave one.
    pub message: String,
    /// What the administrator can do about it.
    pub help: Option<String>,
    /// The cause, if another library reported it.
    #[source]
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl ConnectorError {
    /// An error of `kind` that says `message`.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), help: None, source: None }
    }

    /// The same error with advice.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same error with its cause.
    #[must_use]
    pub fn with_source(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The stable code an administrator can look up.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self.kind {
            ErrorKind::Configuration => "CON-0101",
            ErrorKind::Credentials => "CON-0102",
            ErrorKind::Permission => "CON-0103",
            ErrorKind::Connection => "CON-0104",
            ErrorKind::Certificate => "CON-0105",
            ErrorKind::PartitionMissing => "CON-0106",
            ErrorKind::FullImportRequired => "CON-0107",
            ErrorKind::Throttled => "CON-0108",
            ErrorKind::UnexpectedData => "CON-0109",
        }
    }
}
