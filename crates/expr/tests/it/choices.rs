//! Decisions drawn from octets: what proptest shrinks, the generators follow.

/// A source of decisions. Exhausted it always says zero, which every generator takes as the
/// simplest case.
pub(crate) struct Choices {
    octets: Vec<u8>,
    at: usize,
}

impl Choices {
    pub(crate) const fn new(octets: Vec<u8>) -> Self {
        Self { octets, at: 0 }
    }

    /// A number below `count`.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        let octet = self.octets.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        usize::from(octet) % count
    }

    /// True once in `count` times; false when exhausted.
    pub(crate) fn rarely(&mut self, count: usize) -> bool {
        self.below(count) == count - 1
    }

    /// One of these.
    pub(crate) fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }
}
