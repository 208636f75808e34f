//! What results depend on beside their arguments, and whether they may be shown.

use std::ops::BitOr;

/// What a result depends on beside the arguments, and whether it may be shown. A whole has every
/// mark that one of its parts has, in whatever branch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Purity(u8);

impl Purity {
    /// Equal arguments always give equal results.
    pub const DETERMINISTIC: Self = Self(0);
    /// The present moment is an argument, too.
    pub const READS_CLOCK: Self = Self(1);
    /// What other objects there are is an argument, too.
    pub const ASKS_OTHERS: Self = Self(2);
    /// Every evaluation draws anew.
    pub const RANDOM: Self = Self(4);
    /// What comes out must not be shown, nor be in a log or an error.
    pub const SECRET: Self = Self(8);

    /// The marks of both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// True if the present moment matters.
    #[must_use]
    pub const fn reads_clock(self) -> bool {
        self.has(Self::READS_CLOCK)
    }

    /// True if other objects matter.
    #[must_use]
    pub const fn asks_others(self) -> bool {
        self.has(Self::ASKS_OTHERS)
    }

    /// True if evaluations may differ though nothing else does.
    #[must_use]
    pub const fn is_random(self) -> bool {
        self.has(Self::RANDOM)
    }

    /// True if what comes out must not be shown.
    #[must_use]
    pub const fn is_secret(self) -> bool {
        self.has(Self::SECRET)
    }

    const fn has(self, mark: Self) -> bool {
        self.0 & mark.0 != 0
    }
}

impl BitOr for Purity {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.and(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_has_the_marks_of_its_parts_and_no_others() {
        let marks = [Purity::READS_CLOCK, Purity::ASKS_OTHERS, Purity::RANDOM, Purity::SECRET];
        for mark in marks {
            let found =
                [mark.reads_clock(), mark.asks_others(), mark.is_random(), mark.is_secret()];
            assert_eq!(found, marks.map(|known| known == mark));
            assert_eq!(mark | Purity::DETERMINISTIC, mark);
        }
        let both = Purity::READS_CLOCK | Purity::SECRET;
        assert!(both.reads_clock() && both.is_secret());
        assert!(!both.is_random() && !both.asks_others());
    }
}
