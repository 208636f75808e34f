//! What an expression may grow to. Each limit is checked where the growth happens.

/// Bytes of source text.
pub const SOURCE_BYTES_MAX: usize = 64 * 1024;

/// Parentheses and argument lists inside one another. Keeps every recursive pass off the end of
/// the stack.
pub const DEPTH_MAX: usize = 128;

/// Nodes of one syntax tree.
pub const NODES_MAX: usize = 4096;

/// Parts evaluated, each time counted: what bounds loops inside loops.
pub const STEPS_MAX: u32 = 10_000_000;

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
