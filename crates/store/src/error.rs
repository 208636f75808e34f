//! Why a store call failed.

use model::RunId;

/// A store call failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database could not be read or written.
    #[error("the store cannot {action}")]
    Unavailable {
        /// What was tried.
        action: String,
        /// Why it failed.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Another process has the store open.
    #[error("the store {store} is in use by another process")]
    Locked {
        /// The store's URL or file.
        store: String,
    },
    /// The store was written by a newer version of the program.
    #[error(
        "the store {store} has schema version {found}; this program knows versions up to {known}"
    )]
    NewerVersion {
        /// The store's URL or file.
        store: String,
        /// The version found.
        found: u32,
        /// The newest version known.
        known: u32,
    },
    /// The file is no store of ours.
    #[error("{store} is not a Proxeny store")]
    NotAStore {
        /// The file.
        store: String,
    },
    /// Stored data cannot be understood.
    #[error("the store holds {what} that cannot be read")]
    Corrupt {
        /// Which record.
        what: String,
    },
    /// The connector is running already, or a synchronization is.
    #[error("run {run} is going on, and this one cannot begin beside it")]
    Busy {
        /// The run.
        run: RunId,
    },
    /// The run was taken over by another process.
    #[error("run {run} was taken over by another process")]
    Fenced {
        /// The run.
        run: RunId,
    },
}

impl StoreError {
    /// The stable code an administrator can look up.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unavailable { .. } => "STO-0101",
            Self::Locked { .. } => "STO-0102",
            Self::NewerVersion { .. } => "STO-0103",
            Self::NotAStore { .. } => "STO-0104",
            Self::Corrupt { .. } => "STO-0105",
            Self::Busy { .. } => "STO-0106",
            Self::Fenced { .. } => "STO-0107",
        }
    }
}
