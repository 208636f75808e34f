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
/// length in edits, and with something in common.
pub(crate) fn closest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let lower = name.to_lowercase();
    let length = lower.chars().count();
    let tolerated = (length / 3).max(1).min(length.saturating_sub(1));
    candidates
        .into_iter()
        .map(|candidate| (candidate.to_lowercase(), candidate))
        // Edits are at least as many as the lengths differ; long names are quickly told apart.
        .filter(|(lowered, _)| lowered.chars().count().abs_diff(length) <= tolerated)
        .map(|(lowered, candidate)| (damerau_levenshtein(&lower, &lowered), candidate))
        .filter(|(distance, _)| *distance <= tolerated)
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn a_suggestion_has_something_in_common_with_the_name() {
        for (name, candidate, is_close) in [
            ("a", "b", false),
            ("a", "A", true),
            ("sm", "sn", true),
            ("mial", "mail", true),
            ("Mail", "mail", true),
            ("mail", "male", false),
            ("department", "departement", true),
        ] {
            assert_eq!(closest(name, [candidate]).is_some(), is_close, "{name} {candidate}");
        }
    }
}
