//! The handlers: parse, call, show. A file for each kind of resource.

#![expect(unused_qualifications, reason = "the macro of the description qualifies what it names")]

pub(crate) mod connectors;
pub(crate) mod events;
pub(crate) mod health;
pub(crate) mod me;
pub(crate) mod metaverse;
pub(crate) mod objects;
pub(crate) mod pending;
pub(crate) mod people;
pub(crate) mod rules;
pub(crate) mod runs;
pub(crate) mod session;
pub(crate) mod tokens;

/// Objects that one request looks through for a search; a longer search goes on with the next page.
pub(crate) const SCAN_OBJECTS_MAX: usize = 20_000;
/// Objects read at once while looking through.
pub(crate) const SCAN_PAGE: usize = 1_000;
