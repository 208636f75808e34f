//! Faults that wait for their event.

use crate::document::{Effect, Event, Fault};

/// Faults, and how often each may still happen.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<(Fault, Option<u64>)>);

impl Faults {
    /// One more.
    pub(crate) fn add(&mut self, fault: Fault) {
        let left = fault.times;
        self.0.push((fault, left));
    }

    /// None any more.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
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
        for (fault, left) in &mut self.0 {
            let meets = fault.on == on
                && fault.number.is_none_or(|n| n == number)
                && fault.object.as_deref().is_none_or(&is_object)
                && *left != Some(0);
            if meets {
                *left = left.map(|left| left - 1);
                effects.push(fault.effect.clone());
            }
        }
        effects
    }
}
