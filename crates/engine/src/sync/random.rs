//! Randomness inside plans: none for persistent flows, a seeded sequence for initial ones.

use expr::Random;

/// Persistent flows must give the same value at every synchronization; the configuration check
/// warns about those that ask for randomness, and they get this constant instead.
pub(super) struct NoRandom;

impl Random for NoRandom {
    fn below(&mut self, _bound: u64) -> u64 {
        0
    }
}

/// A sequence that a seed fixes (SplitMix64), so that a plan worked out twice is the same plan. Not
/// for secrets: those are drawn from the system at the moment of sending.
pub(super) struct SeededRandom(u64);

impl SeededRandom {
    /// The sequence of `seed` and `stream`.
    pub(super) const fn new(seed: u64, stream: u64) -> Self {
        Self(seed ^ stream.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

impl Random for SeededRandom {
    fn below(&mut self, bound: u64) -> u64 {
        // Rejection keeps the distribution even; a bound of zero has only one answer.
        let Some(limit) = u64::MAX.checked_rem(bound).map(|rest| u64::MAX - rest) else { return 0 };
        loop {
            let number = self.next();
            if number < limit {
                return number % bound;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_fixes_the_sequence() {
        let draw = |seed, stream| {
            let mut random = SeededRandom::new(seed, stream);
            (0..5).map(|_| random.below(1000)).collect::<Vec<_>>()
        };
        assert_eq!(draw(1, 2), draw(1, 2));
        assert_ne!(draw(1, 2), draw(1, 3));
        assert_ne!(draw(1, 2), draw(2, 2));
        assert_eq!(SeededRandom::new(1, 1).below(0), 0);
        assert_eq!(SeededRandom::new(1, 1).below(1), 0);
    }
}
