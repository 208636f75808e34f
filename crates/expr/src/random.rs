//! Where randomness comes from.

/// A source of random numbers, given by the caller: the system's for real runs, a seeded one for
/// previews and tests.
pub trait Random {
    /// A number from zero up to, not including, `bound`, each equally likely. Never called with
    /// zero.
    fn below(&mut self, bound: u64) -> u64;
}

/// An index below `length`; zero when there is nothing to choose from.
pub(crate) fn index(random: &mut dyn Random, length: usize) -> usize {
    let bound = u64::try_from(length).unwrap_or(u64::MAX).max(1);
    usize::try_from(random.below(bound)).unwrap_or_default()
}
