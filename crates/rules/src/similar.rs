//! The guess at what a wrong name was meant to be.

use strsim::damerau_levenshtein;

/// The candidate closest to `name`: one that differs only in case, else one within a third of its
/// length in edits, else one that begins like it.
pub(crate) fn closest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let lower = name.to_lowercase();
    let tolerated = (name.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (damerau_levenshtein(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| {
            let candidate = candidate.to_lowercase();
            let begins_alike = lower.starts_with(&candidate) || candidate.starts_with(&lower);
            *distance <= tolerated || (begins_alike && !lower.is_empty() && !candidate.is_empty())
        })
        .min()
        .map(|(_, candidate)| candidate)
}

/// Advice for a name that is none of the candidates: the one that was meant, or all of them.
pub(crate) fn advice(name: &str, candidates: &[&str]) -> String {
    match closest(name, candidates.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None if candidates.is_empty() => "there is none".to_owned(),
        None => format!("possible: {}", list(candidates)),
    }
}

/// Names in a row.
pub(crate) fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}
