//! The bytes in which stores keep attribute sets and change stacks.
//!
//! Every record is `version octet, body`; the version is 1, but for metaverse objects with shares, where it is 2. Names are interned: a record holds the
//! 16-bit id that the store gave the name, and a [`NameTable`] leads back. One attribute set has
//! exactly one encoding, so equal octets mean equal sets. Decoding accepts nothing but what
//! encoding produces up to the order of map entries, and fails with [`StoreError::Corrupt`] on
//! everything else.
//!
//! Not here: where the octets are kept (`store-sql`), and hashes ([`crate::Hasher`]).

mod names;
mod objects;
mod stages;
mod values;
mod wire;

#[cfg(test)]
mod tests;

pub use names::{Interner, NameTable};
pub use objects::{
    MvAttributes, decode_counters, decode_mv, decode_object_error, decode_pending_import,
    encode_counters, encode_mv, encode_object_error, encode_pending_import, mv_attribute,
};
pub use stages::{decode_export, encode_export};
pub use values::{attribute, decode_attributes, decode_changes, encode_attributes, encode_changes};

#[cfg(doc)]
use crate::StoreError;
