//! The guess at what a wrong name was meant to be.

use strsim::damerau_levenshtein;

/// Advice for a name that is none of the candidates: the one that was meant, or all of them.
pub(crate) fn advice(name: &str, candidates: &[&str]) -> String {
    let lower = name.to_lowercase();
    let tolerated = (name.chars().count() / 3).max(1);
    let distance = |candidate: &str| {
        let candidate = candidate.to_lowercase();
        let begins = candidate.starts_with(&lower) || lower.starts_with(&candidate);
        let distance = damerau_levenshtein(&lower, &candidate);
        (distance <= tolerated || begins && !lower.is_empty()).then_some(distance)
    };
    let near = candidates.iter().filter_map(|c| Some((distance(c)?, *c))).min();
    match near {
        Some((_, meant)) => format!("did you mean `{meant}`?"),
        None if candidates.is_empty() => "there is none".to_owned(),
        None => {
            let quoted: Vec<String> = candidates.iter().map(|c| format!("`{c}`")).collect();
            format!("possible: {}", quoted.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_offered_or_else_all_of_them() {
        assert_eq!(advice("resullt", &["result", "errors"]), "did you mean `result`?");
        assert_eq!(advice("xyz", &["result", "errors"]), "possible: `result`, `errors`");
        assert_eq!(advice("xyz", &[]), "there is none");
    }
}
