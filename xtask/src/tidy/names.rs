//! Names that people meet are explained: results, counters and error codes of the sources and the
//! dependencies of the manifests are on their pages.

use std::collections::{BTreeMap, BTreeSet};

use super::manifests::{Manifest, manifests};
use crate::tree::Tree;

/// A source whose quoted names must be on a page.
const PAGES: [(&str, &str); 2] = [
    ("crates/engine/src/result.rs", "docs/run-results.md"),
    ("crates/engine/src/counters.rs", "docs/counters.md"),
];
const CODES_PAGE: &str = "docs/error-codes.md";
const DEPENDENCIES_PAGE: &str = "docs/dependencies.md";

pub(super) fn check(tree: &Tree) -> Vec<String> {
    let mut problems = Vec::new();
    for (source, page) in PAGES {
        let text = tree.get(page).unwrap_or_default();
        for name in quoted(tree.get(source).unwrap_or_default()) {
            if !text.contains(&format!("`{name}`")) {
                problems.push(format!("{page}: `{name}` of {source} is not explained"));
            }
        }
    }
    let text = tree.get(CODES_PAGE).unwrap_or_default();
    for (code, path) in codes(tree) {
        if !text.contains(code) {
            problems.push(format!("{CODES_PAGE}: {code} of {path} is not explained"));
        }
    }
    let text = tree.get(DEPENDENCIES_PAGE).unwrap_or_default();
    for name in dependencies(tree) {
        if !text.contains(&format!("`{name}`")) {
            problems.push(format!("{DEPENDENCIES_PAGE}: `{name}` is not explained"));
        }
    }
    problems
}

/// Every crate of others that a crate of ours uses.
fn dependencies(tree: &Tree) -> BTreeSet<String> {
    let manifests = manifests(tree);
    let ours: BTreeSet<&str> = manifests.iter().map(|manifest| manifest.name.as_str()).collect();
    let used = manifests.iter().flat_map(Manifest::dependencies).map(|d| d.name.to_owned());
    used.filter(|name| !ours.contains(name.as_str())).collect()
}

/// Every error code of the sources with the first file that has it.
fn codes(tree: &Tree) -> BTreeMap<&str, &str> {
    let is_source = |path: &str| path.contains("/src/") && !path.contains("/tests");
    let mut found = BTreeMap::new();
    for file in tree.ending(".rs").filter(|file| is_source(&file.path)) {
        for code in quoted(&file.text).into_iter().filter(|word| is_code(word)) {
            found.entry(code).or_insert(file.path.as_str());
        }
    }
    found
}

/// Quoted words before the tests of a file.
fn quoted(source: &str) -> BTreeSet<&str> {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with(['/', '#']));
    let words = lines.flat_map(|line| line.split('"').skip(1).step_by(2));
    let is_word = |word: &&str| {
        word.contains('-') && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            || matches!(*word, "success" | "joins" | "projections" | "disconnectors")
    };
    words.filter(is_word).collect()
}

/// Three capitals, a hyphen, four digits.
fn is_code(word: &str) -> bool {
    word.split_once('-').is_some_and(|(area, number)| {
        area.len() == 3
            && number.len() == 4
            && area.chars().all(|c| c.is_ascii_uppercase())
            && number.chars().all(|c| c.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_without_explanation_is_named() {
        let source = "const A: &str = \"stage-add\";\nconst B: &str = \"stage-new\";\n\
                      #[cfg(test)]\nmod tests { const C: &str = \"not-this\"; }\n";
        let page = "| `stage-add` | an object is new |";
        let problems = check(&Tree::of(&[
            ("crates/engine/src/counters.rs", source),
            ("docs/counters.md", page),
        ]));
        let expected =
            "docs/counters.md: `stage-new` of crates/engine/src/counters.rs is not explained";
        assert_eq!(problems, [expected]);
    }

    #[test]
    fn every_dependency_is_explained() {
        let manifest = |name: &str, used: &str| {
            format!("[package]\nname = '{name}'\n[dependencies]\n{used}.workspace = true\n")
        };
        let (a, b) = (manifest("a", "b"), manifest("b", "tokio"));
        let problems = check(&Tree::of(&[("a/Cargo.toml", &a), ("b/Cargo.toml", &b)]));
        assert_eq!(problems, ["docs/dependencies.md: `tokio` is not explained"]);
    }

    #[test]
    fn every_code_is_explained() {
        let source = "Self::A => \"CON-0101\", Self::B => \"CON-0102\", _ => \"AES-1280x\"";
        let files = [("crates/x/src/error.rs", source), ("docs/error-codes.md", "## CON-0101")];
        let expected = "docs/error-codes.md: CON-0102 of crates/x/src/error.rs is not explained";
        assert_eq!(check(&Tree::of(&files)), [expected]);
    }
}
