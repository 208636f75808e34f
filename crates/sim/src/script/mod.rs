//! Scripts: faults written down beforehand, as a TOML document with one `[[fault]]` for each.
//!
//! [`tenant_faults`] and [`directory_faults`] read a document's text, in the order in which the
//! faults are to be queued; every key is checked, and an error names the entry and the key.
//! No file is opened here, and nothing is started.

mod directory;
mod entry;
mod tenant;
#[cfg(test)]
mod tests;

pub use directory::directory_faults;
pub use tenant::tenant_faults;

/// What is wrong with a script. Entries count from 1.
#[derive(Debug, thiserror::Error)]
pub enum ScriptError {
    /// It is not TOML.
    #[error("the script is not a TOML document")]
    Syntax(#[source] toml_edit::TomlError),
    /// It holds something beside faults.
    #[error("a script has only [[fault]] entries, not {0:?}")]
    TopLevel(String),
    /// An entry lacks something.
    #[error("fault {entry} has no {key}")]
    Missing {
        /// The entry.
        entry: usize,
        /// The key.
        key: String,
    },
    /// An entry has a key that means nothing.
    #[error("fault {entry} has a key {key:?}; there are {known}")]
    UnknownKey {
        /// The entry.
        entry: usize,
        /// The key.
        key: String,
        /// The keys that there are.
        known: String,
    },
    /// A value cannot be used.
    #[error("fault {entry}: {key} must be {expected}")]
    Value {
        /// The entry.
        entry: usize,
        /// The key.
        key: String,
        /// What would do.
        expected: String,
    },
}
