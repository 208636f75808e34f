//! Active Directory over LDAPS.
//!
//! [`DESCRIPTOR`] declares the connector type `active-directory`. A full import is a paged search
//! of the selected containers; a delta import asks `DirSync` which objects changed and reads those
//! whole; an export sends one request per object wherever the directory allows it. Works with
//! Windows and Samba domain controllers. The anchor is `objectGUID`.
//!
//! Attributes that the directory computes or keeps to one domain controller (`memberOf`,
//! `lastLogon`, `whenChanged`) are read with their object, but a change to nothing else is not
//! seen by a delta import.
//!
//! Spec: RFC 4511, RFC 2696, [MS-ADTS].
//! Not here: Kerberos binds, plain LDAP, `StartTLS`, directories other than Active Directory.

mod ber;
mod bind;
mod classify;
mod client;
mod config;
mod connector;
mod decode;
mod delta;
mod dirsync;
mod encode;
mod export;
mod failure;
mod full;
mod health;
mod lookup;
mod reader;
mod schema;
mod scope;
mod validate;
mod watermark;
mod write;

pub use connector::DESCRIPTOR;
pub use lookup::{Found, Lookup, filter_value};
