//! The store in one SQLite file, behind the [`store::Store`] trait.
//!
//! One writer thread owns the writing connection and does one transaction at a time; a few
//! read-only connections serve everything else from consistent snapshots. A commit is durable when
//! its future is ready. An advisory lock beside the file keeps other processes out. This is the
//! only crate that names SQL; what records look like as octets is `store::codec`.
//!
//! Spec: SQLite's write-ahead log, <https://sqlite.org/wal.html>.

mod credential;
mod cs_read;
mod cs_write;
mod facade;
mod failure;
mod index;
mod migrate;
mod mv;
mod names;
mod open;
mod reader;
mod resource;
mod resource_index;
mod run;
mod steady;
mod writer;

pub use facade::SqliteStore;
pub use open::Options;
