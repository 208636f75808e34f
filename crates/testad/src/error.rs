//! Why there is no domain controller.

use std::path::PathBuf;

/// The Debian packages a domain controller needs.
pub const PACKAGES: &str = "samba samba-ad-dc samba-ad-provision samba-dsdb-modules ldap-utils";

/// A domain controller could not be started or did not do what it was told.
#[derive(Debug, thiserror::Error)]
pub enum SambaError {
    /// A program is missing.
    #[error("the program {program} is not installed; on Debian: apt-get install {PACKAGES}")]
    NotInstalled {
        /// The program.
        program: &'static str,
    },
    /// We may not listen on the ports of a domain controller.
    #[error(
        "a domain controller listens on ports below 1024, which takes root or the capability \
         CAP_NET_BIND_SERVICE"
    )]
    Ports(#[source] std::io::Error),
    /// All addresses of the pool are taken.
    #[error("none of the addresses 127.0.0.2 to 127.0.0.40 is free for a domain controller")]
    NoAddress,
    /// A file or folder could not be used.
    #[error("cannot use {}", path.display())]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// A program could not be run.
    #[error("cannot run {program}")]
    Run {
        /// The program.
        program: &'static str,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// A program failed.
    #[error("{program} failed: {output}")]
    Failed {
        /// The program.
        program: &'static str,
        /// What it wrote.
        output: String,
    },
    /// The domain controller did not come up.
    #[error("the domain controller did not come up: {reason}; its log ends with: {log}")]
    NotReady {
        /// What was still missing.
        reason: String,
        /// The end of its log.
        log: String,
    },
    /// No certificate could be made.
    #[error("cannot make the domain controller's certificate")]
    Certificate(#[from] rcgen::Error),
    /// The system has no randomness to offer.
    #[error("cannot draw a password")]
    Random(#[source] getrandom::Error),
}

impl SambaError {
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}
