//! The simulation finds every known bug, and soon. Which bug is on is a matter of the whole
//! process, so this is one test in a program of its own.

use engine::mutant::{Mutant, switch};

/// Seeds within which each bug has to be found.
const SEEDS_MAX: u64 = 1_000;

#[test]
fn every_known_bug_is_found() {
    for (name, mutant) in Mutant::ALL {
        switch(Some(mutant));
        let found = (1..=SEEDS_MAX).find_map(simulate::check);
        switch(None);
        let Some(found) = found else { panic!("{name} was not found in {SEEDS_MAX} seeds") };
        assert_eq!(simulate::check(found.seed), None, "without {name} the seed is fine");
    }
}
