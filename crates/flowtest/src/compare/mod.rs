//! Compares what is with what is expected.

mod cs;
mod demand;
mod mv;
mod run;
mod system;

use model::{Attributes, Name};

use crate::describe;
use crate::document::{Expect, Literals, Of, Selector};
use crate::report::Failure;
use crate::similar;
use crate::world::{State, World};
use demand::equals;

pub(crate) use demand::unmet_by_text;
pub(crate) use mv::mv_matches;
pub(crate) use run::{Ran, check_runs};

/// What is compared, and what was found to be otherwise.
pub(crate) struct Comparison<'a> {
    pub(crate) file: &'a str,
    pub(crate) world: &'a World,
    pub(crate) state: &'a State,
    pub(crate) failures: Vec<Failure>,
}

/// Lines that one failure shows: whoever wants all of them asks for the states.
const DETAILS_MAX: usize = 100;

/// How one thing differs.
pub(super) struct Difference {
    pub(super) line: usize,
    pub(super) what: String,
    pub(super) expected: String,
    pub(super) found: String,
}

impl Comparison<'_> {
    fn fail(&mut self, line: usize, what: String, mut details: Vec<String>) {
        let left = details.len().saturating_sub(DETAILS_MAX);
        if left > 0 {
            details.truncate(DETAILS_MAX);
            details.push(format!("… and {left} more lines"));
        }
        self.failures.push(Failure::new(self.file.to_owned(), line, what, details));
    }

    /// Reports how an object differs, with the object as it is.
    fn differ(&mut self, line: usize, what: &str, found: &[Difference], object: Vec<String>) {
        if found.is_empty() {
            return;
        }
        let mut details = Vec::new();
        for Difference { line, what, expected, found } in found {
            details.push(format!("{what} (line {line})"));
            details.push(format!("  - expected: {expected}"));
            details.push(format!("  + found:    {found}"));
        }
        if !object.is_empty() {
            details.push("as it is:".to_owned());
            details.extend(object.into_iter().map(|line| format!("  {line}")));
        }
        self.fail(line, format!("{what} is not as expected"), details);
    }

    /// Compares everything but runs.
    pub(crate) fn check(&mut self, expect: &Expect, before: Option<&State>) {
        if let Some(before) = before {
            self.check_unchanged(expect.line, before);
        }
        for cs in &expect.cs {
            self.check_cs(cs);
        }
        for mv in &expect.mv {
            self.check_mv(mv);
        }
        for system in &expect.systems {
            self.check_system(system);
        }
        for Of { line, name, expected } in &expect.counts {
            self.check_counts(*line, name, expected);
        }
        for Of { line, name, expected } in &expect.metaverse {
            self.check_metaverse_count(*line, name, *expected);
        }
        for Of { line, name, expected } in &expect.operations {
            self.check_operations(*line, name, expected);
        }
    }

    fn check_unchanged(&mut self, line: usize, before: &State) {
        let (before, after) = (describe::everything(before), describe::everything(self.state));
        if before == after {
            return;
        }
        let gone = before.iter().filter(|line| !after.contains(line)).map(|l| format!("- {l}"));
        let new = after.iter().filter(|line| !before.contains(line)).map(|l| format!("+ {l}"));
        self.fail(line, "the step changed something".to_owned(), gone.chain(new).collect());
    }

    fn check_metaverse_count(&mut self, line: usize, object_type: &str, count: u64) {
        let types = &self.world.deployment().metaverse.types;
        if !types.contains_key(object_type) {
            let known: Vec<&str> = types.keys().map(Name::as_str).collect();
            let help = similar::advice(object_type, &known);
            self.fail(line, format!("the metaverse has no type {object_type}"), vec![help]);
            return;
        }
        let of_type = |o: &&store::MvObject| o.object_type == *object_type;
        let found: Vec<&store::MvObject> = self.state.metaverse.iter().filter(of_type).collect();
        if found.len() as u64 != count {
            let details =
                found.iter().flat_map(|object| describe::mv(object, self.state)).collect();
            let what = format!(
                "the metaverse has {} objects of type {object_type}, not {count}",
                found.len()
            );
            self.fail(line, what, details);
        }
    }
}

impl Comparison<'_> {
    /// Fails for names that the schema does not have, which could never be there.
    pub(super) fn check_names<'n>(
        &mut self,
        line: usize,
        owner: &str,
        known: &[&str],
        names: impl IntoIterator<Item = &'n str>,
    ) -> bool {
        let mut all_known = true;
        for name in names {
            if !known.contains(&name) {
                all_known = false;
                let help = similar::advice(name, known);
                self.fail(line, format!("{owner} has no attribute {name}"), vec![help]);
            }
        }
        all_known
    }

    /// Fails for a system that is not there.
    pub(super) fn check_system_name(&mut self, line: usize, name: &str) -> bool {
        if let Err((what, help)) = self.world.system(name) {
            self.fail(line, what, vec![help]);
            return false;
        }
        true
    }

    /// Every attribute an object of a system can have, of whatever type.
    pub(super) fn system_attributes(&self, system: &str) -> Vec<String> {
        let Some(system) = self.world.systems.get(system) else { return Vec::new() };
        let contents = system.contents();
        let types = contents.nature.full.types.values();
        types.flat_map(|schema| schema.keys().map(ToString::to_string)).collect()
    }

    /// The only object that is meant, or a failure.
    pub(super) fn only<'o, T>(
        &mut self,
        line: usize,
        what: &str,
        is_absent: bool,
        (found, all): (Vec<&'o T>, Vec<String>),
        show: impl Fn(&T) -> Vec<String>,
    ) -> Option<&'o T> {
        match (found.as_slice(), is_absent) {
            ([], true) => None,
            ([], false) => {
                let mut details = vec!["there are:".to_owned()];
                details.extend(all.into_iter().map(|line| format!("  {line}")));
                self.fail(line, format!("{what} is not there"), details);
                None
            }
            (found, true) => {
                let details = found.iter().flat_map(|object| show(object)).collect();
                self.fail(line, format!("{what} is there"), details);
                None
            }
            ([only], false) => Some(only),
            (found, false) => {
                let details = found.iter().flat_map(|object| show(object)).collect();
                self.fail(line, format!("{what} is {} objects", found.len()), details);
                None
            }
        }
    }
}

/// True if attributes have all the values of a key.
pub(super) fn has_key(key: &Literals, attributes: &Attributes) -> bool {
    key.iter().all(|(name, literals)| equals(literals, attributes.get(name)))
}

/// How one word differs from another.
pub(super) fn word(
    what: &str,
    line: usize,
    expected: Option<&str>,
    found: &str,
) -> Option<Difference> {
    let expected = expected.filter(|expected| *expected != found)?;
    let (expected, found) = (expected.to_owned(), found.to_owned());
    Some(Difference { line, what: what.to_owned(), expected, found })
}

/// An object in words, as the test names it.
pub(super) fn name_of(selector: &Selector) -> String {
    let mut parts = Vec::new();
    parts.extend(selector.dn.clone());
    parts.extend(selector.anchor.as_ref().map(|anchor| format!("with anchor {anchor}")));
    for (name, literals) in &selector.key {
        let shown: Vec<String> = literals.iter().map(crate::document::Literal::show).collect();
        parts.push(format!("with {name} {}", shown.join(", ")));
    }
    parts.join(" ")
}
