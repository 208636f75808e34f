//! Known bugs, to prove that the simulation would find them. Without the feature `mutants` none of
//! them is in the program: every question is answered `false` at compile time.

/// A bug that can be switched on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutant {
    /// The watermark is stored before the page it stands for.
    WatermarkBeforePage,
    /// An export counts as sent before it is.
    RecordedBeforeSent,
    /// Objects are synchronized in an order that no two processes share.
    UnstableOrder,
    /// What an incomplete read does not show counts as deleted.
    DeleteOnIncompleteRead,
    /// What an object contributed stays when it goes.
    RecallForgotten,
}

#[cfg(feature = "mutants")]
mod switch {
    use std::hash::{BuildHasher as _, Hash, RandomState};
    use std::sync::{Mutex, PoisonError};

    use super::Mutant;

    static ON: Mutex<Option<Mutant>> = Mutex::new(None);

    impl Mutant {
        /// Every bug with its name.
        pub const ALL: [(&'static str, Self); 5] = [
            ("watermark-before-page", Self::WatermarkBeforePage),
            ("recorded-before-sent", Self::RecordedBeforeSent),
            ("unstable-order", Self::UnstableOrder),
            ("delete-on-incomplete-read", Self::DeleteOnIncompleteRead),
            ("recall-forgotten", Self::RecallForgotten),
        ];

        /// The bug `name`.
        #[must_use]
        pub fn parse(name: &str) -> Option<Self> {
            Self::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, mutant)| mutant)
        }
    }

    /// Switches one bug on and all others off, for the whole process.
    pub fn switch(mutant: Option<Mutant>) {
        *ON.lock().unwrap_or_else(PoisonError::into_inner) = mutant;
    }

    pub(crate) fn is_on(mutant: Mutant) -> bool {
        *ON.lock().unwrap_or_else(PoisonError::into_inner) == Some(mutant)
    }

    /// An order by chance, where the bug of that kind is on.
    pub(crate) fn shuffle<T: Hash>(things: &mut [T]) {
        if is_on(Mutant::UnstableOrder) {
            let chance = RandomState::new();
            things.sort_by_cached_key(|thing| chance.hash_one(thing));
        }
    }
}

#[cfg(not(feature = "mutants"))]
mod switch {
    use super::Mutant;

    pub(crate) const fn is_on(_: Mutant) -> bool {
        false
    }

    pub(crate) const fn shuffle<T>(_: &mut [T]) {}
}

#[cfg(feature = "mutants")]
pub use switch::switch;
pub(crate) use switch::{is_on, shuffle};
