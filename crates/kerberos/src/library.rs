//! The GSS-API library, once loaded.

use crate::KerberosError;
use crate::ffi::{self, Functions};

/// MIT's GSS-API library, loaded into the process for good. Copies are the same library.
#[derive(Debug, Clone, Copy)]
pub struct Library {
    pub(crate) functions: &'static Functions,
}

impl Library {
    /// Loads the library, at the first call; later calls give the same. One that was not there
    /// is looked for again.
    ///
    /// # Errors
    /// [`crate::Kind::LibraryMissing`], [`crate::Kind::LibraryUnusable`].
    pub fn load() -> Result<Self, KerberosError> {
        ffi::functions().map(|functions| Self { functions })
    }
}
