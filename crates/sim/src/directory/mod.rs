//! A simulated directory: LDAP over TLS with the behaviour of Active Directory.
//!
//! [`Directory::start`] builds a domain from [`DirectoryOptions`] and serves it on the loopback
//! interface; the [`DirectoryHandle`] gives its address and certificate authority, lets tests look
//! at and change objects, and injects [`Fault`]s. Result codes, messages and rules follow one of
//! two [`Dialect`]s. Everything is in memory and follows from the seed, the clock and the
//! operations.
//! Not here: Kerberos, `NTLM` and other SASL binds, plain LDAP, access control beyond all or
//! reading only, security descriptors, the recycle bin and reanimation, extended DNs, sorting
//! (accepted without effect), ambiguous name resolution, membership in chain, and replication
//! between domain controllers.
//! Spec: RFC 4511, [MS-ADTS], [MS-SAMR].

mod add;
mod bind;
mod codec;
mod controls;
mod core;
mod dirsync;
mod faults;
mod filter;
mod handle;
mod modify;
mod moves;
mod names;
mod object;
mod options;
mod read;
mod refusal;
mod root_dse;
mod rules;
mod schema;
mod search;
mod seed;
mod server;
mod session;
mod state;

pub use faults::{Effect, Fault, Operation};
pub use handle::{Directory, DirectoryError, DirectoryHandle, Entry};
pub use options::{Dialect, DirectoryOptions};
pub use seed::SeedError;

#[cfg(test)]
mod tests;
