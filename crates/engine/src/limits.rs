//! The engine's limits.

/// Objects that one synchronization transaction covers, unless told otherwise.
pub const SYNC_PAGE_OBJECTS: usize = 5_000;
/// Objects that a thread plans at least: fewer take no longer than starting it.
pub(crate) const PLANS_PER_THREAD_MIN: usize = 250;
/// Import entries that are collected before they are staged in one transaction.
pub(crate) const IMPORT_BATCH_ENTRIES: usize = 5_000;
/// Objects that one export transaction covers: small, since a crash leaves them in doubt.
pub(crate) const EXPORT_BATCH_OBJECTS_MAX: usize = 50;
/// Object errors after which a step stops.
pub(crate) const OBJECT_ERRORS_MAX: u64 = 5_000;
/// Levels that the name of an object may have, as in MIM: the depth of every tree has a bound.
pub(crate) const DN_LEVELS_MAX: usize = 59;
/// Characters of a text in an indexed attribute of the metaverse, as in MIM.
pub(crate) const INDEXED_CHARACTERS_MAX: usize = 448;
/// Octets of a binary value there, as in MIM.
pub(crate) const INDEXED_OCTETS_MAX: usize = 900;
/// How long a lease lasts without a commit, in microseconds.
pub(crate) const LEASE_MICROS: i64 = 60_000_000;
/// Sequence numbers reserved at once.
pub(crate) const CS_ID_BLOCK: u32 = 64;
/// Likewise after many.
pub(crate) const CS_ID_BLOCK_MAX: u32 = 1 << 16;
/// How often a synchronization step tries references again that its own tries led elsewhere; what is
/// left waits for the next step.
pub(crate) const REFERENCE_ROUNDS_MAX: usize = 10;
/// How often connecting an object, or letting one go, may bring another one within or out of reach,
/// for one metaverse object.
pub(crate) const CONNECT_ROUNDS_MAX: usize = 10;
