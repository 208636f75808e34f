//! What sources and documents must not hold, and how long a source file may be.

use std::collections::BTreeMap;

use crate::tree::{TextFile, Tree};

/// Lines of a source file; above 400 it should be looked at, above this it is a problem.
const LINES_MAX: usize = 600;
const ALLOWED: &str = "xtask/tidy-allow.txt";

/// In Rust sources: the text and what is wrong with it.
const BANNED_IN_RUST: [(&str, &str); 5] = [
    (concat!("to", "do!("), "finish it, or leave it out whole"),
    (concat!("unimplemen", "ted!("), "finish it, or leave it out whole"),
    (concat!("db", "g!("), "remove it"),
    (concat!("#[ig", "nore"), "a test runs or is not there"),
    (concat!("[al", "low("), "use `#[expect(lint, reason = \"…\")]`"),
];

/// In every text file: places that only some machines have.
const BANNED_ANYWHERE: [(&str, &str); 3] = [
    (concat!("/wo", "rk/"), "a folder of one machine"),
    (concat!("../sha", "red"), "a folder outside the project"),
    (concat!("/tmp/br", "ief"), "a folder of one machine"),
];

pub(super) fn check(tree: &Tree) -> Vec<String> {
    let mut problems = Vec::new();
    for file in &tree.files {
        problems.extend(banned(file, &BANNED_ANYWHERE));
    }
    for file in tree.ending(".rs") {
        problems.extend(banned(file, &BANNED_IN_RUST));
    }
    problems.extend(lengths(tree));
    problems
}

fn banned(file: &TextFile, list: &[(&str, &str)]) -> Vec<String> {
    let mut problems = Vec::new();
    for (number, line) in file.text.lines().enumerate() {
        for (text, advice) in list {
            if line.contains(text) {
                problems.push(format!("{}:{}: `{text}`: {advice}", file.path, number + 1));
            }
        }
    }
    problems
}

/// Files above the limit must be listed with their exact length; a list with room in it would let
/// them grow.
fn lengths(tree: &Tree) -> Vec<String> {
    let listed: BTreeMap<&str, usize> = tree
        .get(ALLOWED)
        .unwrap_or_default()
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(path, lines)| Some((path, lines.trim().parse().ok()?)))
        .collect();
    let mut problems = Vec::new();
    for path in listed.keys() {
        if tree.get(path).is_none() {
            problems.push(format!("{ALLOWED}: {path} does not exist; take it off the list"));
        }
    }
    for file in tree.ending(".rs") {
        let (path, lines) = (&file.path, file.text.lines().count());
        match listed.get(path.as_str()) {
            None if lines > LINES_MAX => {
                problems.push(format!("{path}: {lines} lines are more than {LINES_MAX}; split it"));
            }
            Some(_) if lines <= LINES_MAX => {
                problems.push(format!("{ALLOWED}: {path} is short enough; take it off the list"));
            }
            Some(known) if *known != lines => {
                problems.push(format!("{ALLOWED}: {path} has {lines} lines, not {known}"));
            }
            _ => {}
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn banned_text_is_found_with_its_line() {
        let bad = format!("fn f() {{\n    {}\n}}\n", BANNED_IN_RUST[0].0);
        let problems = check(&Tree::of(&[("a.rs", &bad), ("a.md", &bad)]));
        assert_eq!(problems.len(), 1);
        assert!(problems[0].starts_with("a.rs:2: "), "{problems:?}");
        let place = format!("see {}x", BANNED_ANYWHERE[0].0);
        assert_eq!(check(&Tree::of(&[("a.md", &place)])).len(), 1);
    }

    #[test]
    fn a_long_file_must_be_listed_with_its_length() {
        let long = "\n".repeat(700);
        let with = |list: &str| check(&Tree::of(&[("a.rs", &long), (ALLOWED, list)])).len();
        assert_eq!(with(""), 1);
        assert_eq!(with("a.rs 700\n"), 0);
        assert_eq!(with("a.rs 701\n"), 1);
        assert_eq!(with("a.rs 700\nb.rs 800\n"), 1);
        assert_eq!(check(&Tree::of(&[("a.rs", "\n"), (ALLOWED, "a.rs 700\n")])).len(), 1);
    }
}
