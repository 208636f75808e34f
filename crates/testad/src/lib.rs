//! A real Samba AD domain controller on an address of its own, for tests and demonstrations.
//!
//! [`SambaDc::start`] clones a domain `contoso.com` that was provisioned once, runs `samba` on a
//! free address of 127.0.0.0/8 and answers when it accepts a bind. Dropping it stops it and
//! removes its files. Needs the Debian packages of [`PACKAGES`] and the right to listen below
//! port 1024.
//!
//! For Kerberos, [`SambaDc::prepare_delegation`] adds what a gateway needs, and [`isolated`] gives
//! a test the process-wide configuration it wants.
//!
//! Everything here blocks: asynchronous callers use a blocking task. The domain is for throwing
//! away: its database is not synced to disk.

mod address;
mod certificate;
mod domain;
mod error;
mod isolated;
mod kerberos;
mod process;
mod template;
mod tools;

pub use domain::{Account, PasswordPolicy, SambaDc, SambaOptions};
pub use error::{PACKAGES, SambaError};
pub use isolated::isolated;
pub use kerberos::{DelegationFixture, NewUser, REALM, ServiceAccount, UPN_SUFFIX, UserState};
