//! Kerberos (RFC 4120, RFC 4121, [MS-SFU], [MS-PAC]) through the system's MIT GSS-API library,
//! loaded when it is first needed.
//!
//! A [`Gateway`] acts towards services in its users' names and needs nothing from the users; an
//! [`Acceptor`] checks the tokens that clients send and reads what the KDC says about them.
//! Nothing is written to disk: tickets and replays are remembered in memory. Calls block; what
//! asks the KDC may take seconds.
//!
//! Unsafe code is in `ffi`, `handle`, `cache` and `replay` alone. Not here: HTTP (`gateway`, `api`), and
//! which realms there are: libkrb5 reads the file that `KRB5_CONFIG` names, which the program
//! sets before anything else ([`Krb5Config`] writes its text).

mod acceptor;
mod attempts;
mod cache;
mod classify;
mod config;
mod error;
mod ffi;
mod gateway;
mod handle;
mod help;
pub mod keytab;
mod library;
mod pac;
mod replay;
mod stamp;

pub use acceptor::{Accepted, Acceptor};
pub use config::{Krb5Config, Krb5ConfigError, Realm};
pub use error::{KerberosError, Kind, Reason, Stage};
pub use gateway::{Delegated, Gateway, UserName};
pub use handle::Mechanism;
pub use keytab::{Encryption, KeytabEntry};
pub use library::Library;
pub use pac::{Delegation, Pac};
