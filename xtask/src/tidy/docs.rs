//! Documents: links lead somewhere, and every page is in the table of contents.

use crate::tree::{TextFile, Tree};

const CONTENTS: &str = "docs/SUMMARY.md";

pub(super) fn check(tree: &Tree) -> Vec<String> {
    let mut problems = Vec::new();
    for file in tree.ending(".md") {
        for (line, target) in links(&file.text) {
            if let Some(problem) = broken(tree, file, target) {
                problems.push(format!("{}:{line}: {problem}", file.path));
            }
        }
    }
    let contents = tree.get(CONTENTS).unwrap_or_default();
    let listed: Vec<&str> = links(contents).into_iter().map(|(_, target)| target).collect();
    for file in tree.ending(".md") {
        if let Some(page) = file.path.strip_prefix("docs/")
            && file.path != CONTENTS
            && !listed.contains(&page)
        {
            problems.push(format!("{}: the page is not in {CONTENTS}", file.path));
        }
    }
    problems
}

/// What is wrong with a link, if anything. Links to other sites are not followed.
fn broken(tree: &Tree, file: &TextFile, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, heading) = target.split_once('#').unwrap_or((target, ""));
    let path = if path.is_empty() { file.path.clone() } else { resolve(&file.path, path)? };
    if !tree.paths.contains(&path) {
        return Some(format!("{target} does not exist"));
    }
    let text = tree.get(&path).unwrap_or_default();
    let found = heading.is_empty() || headings(text).any(|known| known == heading);
    (!found).then(|| format!("{path} has no heading {heading}"))
}

/// The path that `target` means when `from` links to it; a path out of the tree stays as it is, so
/// that it is found nowhere.
fn resolve(from: &str, target: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in target.trim_end_matches('/').split('/') {
        match part {
            "." => {}
            ".." if parts.is_empty() => parts.push(".."),
            ".." => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/")).filter(|path| !path.is_empty())
}

/// The targets of inline links with their lines, code left out.
fn links(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for (number, line) in prose(text) {
        // Between backticks is code; every second piece is.
        for piece in line.split('`').step_by(2) {
            let mut rest = piece;
            while let Some((_, after)) = rest.split_once("](") {
                let Some((target, after)) = after.split_once(')') else { break };
                found.push((number, target));
                rest = after;
            }
        }
        // A link whose text is code ends in a piece of its own.
        for piece in line.split('`').skip(1).step_by(2).zip(line.split('`').skip(2).step_by(2)) {
            let target = piece.1.strip_prefix("](").and_then(|after| after.split_once(')'));
            let known = target.filter(|(target, _)| !found.contains(&(number, target)));
            found.extend(known.map(|(target, _)| (number, target)));
        }
    }
    found
}

/// The anchors of a page's headings, as mdBook and GitHub make them.
fn headings(text: &str) -> impl Iterator<Item = String> {
    prose(text).filter(|(_, line)| line.starts_with('#')).map(|(_, line)| {
        let title = line.trim_start_matches('#').trim().to_lowercase();
        let kept = title.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    })
}

/// The lines outside fenced code, with their numbers.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter_map(move |(index, line)| {
        let is_fence = line.trim_start().starts_with("```");
        fenced ^= is_fence;
        (!fenced && !is_fence).then_some((index + 1, line))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_page(text: &str) -> Vec<String> {
        let contents = "[a](a.md) [b](adr/b.md)";
        check(&Tree::of(&[
            ("docs/SUMMARY.md", contents),
            ("docs/a.md", text),
            ("docs/adr/b.md", "# On `x` and y\n"),
            ("README.md", "see [docs](docs/a.md)"),
        ]))
    }

    #[test]
    fn links_lead_to_files_and_headings() {
        assert!(
            check_page("[b](adr/b.md#on-x-and-y), [r](../README.md), [w](https://x.example)")
                .is_empty()
        );
        assert_eq!(check_page("\n[c](c.md)"), ["docs/a.md:2: c.md does not exist"]);
        assert_eq!(check_page("[b](adr/b.md#z)"), ["docs/a.md:1: docs/adr/b.md has no heading z"]);
        assert_eq!(check_page("[`b`](b.md)").len(), 1);
        assert_eq!(check_page("[o](../../x.md)").len(), 1);
    }

    #[test]
    fn code_is_no_link() {
        assert!(check_page("`a[0](x)`\n```\n[c](c.md)\n```\n").is_empty());
    }

    #[test]
    fn a_page_outside_the_contents_is_named() {
        let problems = check(&Tree::of(&[("docs/SUMMARY.md", ""), ("docs/a.md", "")]));
        assert_eq!(problems, ["docs/a.md: the page is not in docs/SUMMARY.md"]);
    }
}
