//! Which names an expression may use, and the guess at what a wrong one was meant to be.

use strsim::damerau_levenshtein;

/// The attributes an expression may name. A parameter `$name` and a lookup `[//path]` are asked
/// for as `$name` and `//path`.
pub trait Names {
    /// True if there is an attribute of exactly this name.
    fn is_attribute(&self, name: &str) -> bool;

    /// The names to suggest for one that is not there.
    fn suggest(&self) -> Vec<&str>;
}

/// The candidate closest to `name`: one that differs only in case, else one within a third of its
/// length in edits.
pub(crate) fn closest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let lower = name.to_lowercase();
    let tolerated = (name.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (damerau_levenshtein(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= tolerated)
        .min()
        .map(|(_, candidate)| candidate)
}
