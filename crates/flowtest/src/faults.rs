//! Faults that wait for their event.

use crate::document::{Effect, Event, Fault};

/// A fault, and what became of it.
#[derive(Debug)]
struct Waiting {
    fault: Fault,
    /// The test's file.
    file: String,
    /// How often it may still happen; `None` for ever.
    left: Option<u64>,
    has_happened: bool,
}

/// Faults, and how often each may still happen.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    waiting: Vec<Waiting>,
    /// Places of faults that were mended before they happened.
    in_vain: Vec<(String, usize)>,
}

impl Faults {
    /// One more, of a test in `file`.
    pub(crate) fn add(&mut self, fault: Fault, file: &str) {
        let (left, file) = (fault.times, file.to_owned());
        self.waiting.push(Waiting { fault, file, left, has_happened: false });
    }

    /// None any more.
    pub(crate) fn clear(&mut self) {
        self.in_vain = self.never_happened();
        self.waiting.clear();
    }

    /// The places of faults that never happened: their tests do not test what they say.
    pub(crate) fn never_happened(&self) -> Vec<(String, usize)> {
        let never = self.waiting.iter().filter(|waiting| !waiting.has_happened);
        let places = never.map(|waiting| (waiting.file.clone(), waiting.fault.line));
        self.in_vain.iter().cloned().chain(places).collect()
    }

    /// What happens at the event with this number in its run; `is_object` says whether a name is
    /// that of the object at hand.
    pub(crate) fn strike(
        &mut self,
        on: Event,
        number: u64,
        is_object: impl Fn(&str) -> bool,
    ) -> Vec<Effect> {
        let mut effects = Vec::new();
        for Waiting { fault, left, has_happened, .. } in &mut self.waiting {
            let meets = fault.on == on
                && fault.number.is_none_or(|n| n == number)
                && fault.object.as_deref().is_none_or(&is_object)
                && *left != Some(0);
            if meets {
                *left = left.map(|left| left - 1);
                *has_happened = true;
                effects.push(fault.effect.clone());
            }
        }
        effects
    }
}
