//! What an expression may grow to. Each limit is checked where the growth happens.

/// Bytes of source text.
pub const SOURCE_BYTES_MAX: usize = 64 * 1024;

/// Parentheses and argument lists inside one another. Keeps every recursive pass off the end of
/// the stack.
pub const DEPTH_MAX: usize = 128;

/// Nodes of one syntax tree.
pub const NODES_MAX: usize = 4096;

/// Steps of one evaluation: a part evaluated is one, each time, and what it gives counts too, two
/// for an element of a list and one for every [`BYTES_PER_STEP`]. What bounds loops inside loops,
/// and long values handled again and again, in time and in memory.
pub const STEPS_MAX: u32 = 5_000_000;

/// Bytes of text or octets that are one step of work.
pub const BYTES_PER_STEP: usize = 16;

/// Pieces that a text may be cut into.
pub const PIECES_MAX: usize = 1 << 20;

/// Parts evaluated while one constant part is computed as the expression is bound: binding stays
/// quick while somebody types.
pub const FOLDING_STEPS_MAX: u32 = 10_000;

/// Bytes of one value kept in a bound expression in place of the part that computes it.
pub const FOLDED_BYTES_MAX: usize = 4096;

/// Bytes of any text computed on the way or at the end.
pub const RESULT_BYTES_MAX: usize = 10 * 1024 * 1024;

/// UTF-16 code units that padding may fill up to.
pub const PAD_LENGTH_MAX: i64 = 1_048_576;

/// Shortest and longest generated password, in characters.
pub const PASSWORD_LENGTH: std::ops::RangeInclusive<i64> = 8..=128;

/// UTF-16 code units of an account name; Active Directory allows a user no more.
pub const ACCOUNT_NAME_LENGTH: usize = 20;

/// The greatest number that `UniqueName` may try; each costs a look at the names of others.
pub const UNIQUE_SUFFIX: std::ops::RangeInclusive<i64> = 1..=1000;
