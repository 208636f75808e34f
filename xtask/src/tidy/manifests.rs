//! Every crate takes its lints, its metadata and its dependencies from the workspace.

use toml::{Table, Value};

use crate::tree::Tree;

/// A crate's manifest.
pub(super) struct Manifest<'a> {
    pub(super) path: &'a str,
    pub(super) name: String,
    pub(super) table: Table,
}

/// A dependency as a manifest has it.
pub(super) struct Dependency<'a> {
    pub(super) name: &'a str,
    pub(super) is_dev: bool,
    value: &'a Value,
}

/// The crates of the tree. A manifest that is no TOML is left to cargo to complain about.
pub(super) fn manifests(tree: &Tree) -> Vec<Manifest<'_>> {
    let parse = |path, text: &str| {
        let table: Table = text.parse().ok()?;
        let name = table.get("package")?.get("name")?.as_str()?.to_owned();
        Some(Manifest { path, name, table })
    };
    tree.ending("Cargo.toml").filter_map(|file| parse(&file.path, &file.text)).collect()
}

impl Manifest<'_> {
    /// All dependencies, of every kind and platform.
    pub(super) fn dependencies(&self) -> Vec<Dependency<'_>> {
        let platforms = self.table.get("target").and_then(Value::as_table);
        let mut found = Vec::new();
        for table in std::iter::once(&self.table)
            .chain(platforms.into_iter().flat_map(Table::values).filter_map(Value::as_table))
        {
            for section in ["dependencies", "dev-dependencies", "build-dependencies"] {
                let entries = table.get(section).and_then(Value::as_table);
                let is_dev = section == "dev-dependencies";
                found.extend(entries.into_iter().flatten().map(|(name, value)| Dependency {
                    name: name.as_str(),
                    is_dev,
                    value,
                }));
            }
        }
        found
    }
}

/// What a crate inherits, by table and key.
const INHERITED: [(&str, &str); 4] = [
    ("package", "version"),
    ("package", "edition"),
    ("package", "license"),
    ("package", "publish"),
];

/// Crates with unsafe code. It is forbidden in the workspace's lints, which cannot be relaxed by
/// a crate that inherits them, so these repeat the others.
const UNSAFE: [&str; 1] = ["kerberos"];

pub(super) fn check(tree: &Tree) -> Vec<String> {
    let mut problems = Vec::new();
    for manifest in manifests(tree) {
        let path = manifest.path;
        for (table, key) in INHERITED {
            if !inherits(manifest.table.get(table).and_then(|t| t.get(key))) {
                problems.push(format!("{path}: write `{key}.workspace = true`"));
            }
        }
        let lints = manifest.table.get("lints");
        if UNSAFE.contains(&manifest.name.as_str()) {
            let missing = missing_lints(tree, lints);
            problems.extend(missing.map(|lint| format!("{path}: repeat the lint {lint}")));
        } else if !inherits(lints) {
            problems.push(format!("{path}: write `[lints]` and `workspace = true`"));
        }
        for dependency in manifest.dependencies() {
            if !inherits(Some(dependency.value)) {
                let name = dependency.name;
                problems.push(format!("{path}: {name} must come from the workspace's manifest"));
            }
        }
    }
    problems
}

/// Lints of the workspace that `lints` does not repeat as they are.
fn missing_lints(tree: &Tree, lints: Option<&Value>) -> impl Iterator<Item = String> {
    let workspace: Option<Table> = tree.get("Cargo.toml").and_then(|text| text.parse().ok());
    let wanted = workspace.as_ref().and_then(|table| table.get("workspace")?.get("lints"));
    let groups = wanted.and_then(Value::as_table).into_iter().flatten();
    let mut missing = Vec::new();
    for (group, wanted) in groups {
        for (lint, level) in wanted.as_table().into_iter().flatten() {
            let is_repeated = lints.and_then(|l| l.get(group)?.get(lint)) == Some(level);
            if lint != "unsafe_code" && !is_repeated {
                missing.push(format!("{group}.{lint}"));
            }
        }
    }
    missing.into_iter()
}

fn inherits(value: Option<&Value>) -> bool {
    value.and_then(|v| v.get("workspace")).and_then(Value::as_bool) == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_come_from_the_workspace_is_named() {
        let text = "[package]\nname = 'a'\nversion.workspace = true\nedition.workspace = true\n\
                    license.workspace = true\npublish.workspace = true\n[dependencies]\n\
                    b.workspace = true\nc = '1'\n[target.'cfg(unix)'.dev-dependencies]\nd = '2'\n";
        let problems = check(&Tree::of(&[("a/Cargo.toml", text)]));
        assert_eq!(
            problems,
            [
                "a/Cargo.toml: write `[lints]` and `workspace = true`",
                "a/Cargo.toml: c must come from the workspace's manifest",
                "a/Cargo.toml: d must come from the workspace's manifest",
            ]
        );
    }

    #[test]
    fn a_crate_with_unsafe_code_repeats_all_other_lints() {
        let workspace = "[workspace.lints.rust]\nunsafe_code = 'forbid'\nmissing_docs = 'warn'\n\
                         [workspace.lints.clippy]\npanic = 'warn'\n";
        let text = "[package]\nname = 'kerberos'\nversion.workspace = true\n\
                    edition.workspace = true\nlicense.workspace = true\n\
                    publish.workspace = true\n[lints.rust]\nmissing_docs = 'warn'\n\
                    unsafe_code = 'warn'\n";
        let problems =
            |text: &str| check(&Tree::of(&[("Cargo.toml", workspace), ("k/Cargo.toml", text)]));
        assert_eq!(problems(text), ["k/Cargo.toml: repeat the lint clippy.panic"]);
        let whole = format!("{text}[lints.clippy]\npanic = 'warn'\n");
        assert_eq!(problems(&whole), Vec::<String>::new());
    }
}
