//! Licences, sources, banned and doubled crates of all dependencies, as `deny.toml` says.
//!
//! Where cargo-deny is installed it does the work, advisories included. Otherwise the same lists
//! are checked here over `cargo metadata`, and a line says that advisories were not looked up.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};

use serde::Deserialize;

use crate::failure::{Failure, output, succeed};
use crate::licence::satisfied;
use crate::tasks::root;
use crate::tell;

/// Checks the dependencies.
pub(crate) fn run() -> Result<(), Failure> {
    let mut probe = Command::new("cargo");
    probe.args(["deny", "--version"]).stdout(Stdio::null()).stderr(Stdio::null());
    if probe.status().is_ok_and(|status| status.success()) {
        return succeed(Command::new("cargo").args(["deny", "check"]).current_dir(root()));
    }
    let text = std::fs::read_to_string(root().join("deny.toml"))
        .map_err(|e| Failure::new(format!("cannot read deny.toml: {e}")))?;
    let rules: Rules =
        toml::from_str(&text).map_err(|e| Failure::new(format!("deny.toml: {e}")))?;
    let mut problems = BTreeSet::new();
    for target in &rules.graph.targets {
        problems.extend(check(&rules, &metadata(target)?));
    }
    for problem in &problems {
        tell(&format!("{problem}\n"));
    }
    if !problems.is_empty() {
        return Err(Failure::new(format!("{} problems with dependencies", problems.len())));
    }
    tell(
        "licences, sources and bans are as deny.toml says; cargo-deny is not installed, so \
         advisories were not looked up\n",
    );
    Ok(())
}

fn metadata(target: &str) -> Result<Metadata, Failure> {
    let mut command = Command::new("cargo");
    command.args(["metadata", "--format-version", "1", "--locked", "--filter-platform", target]);
    let text = output(command.current_dir(root()))?;
    serde_json::from_str(&text).map_err(|e| Failure::new(format!("cargo metadata: {e}")))
}

/// The part of `deny.toml` that is checked here.
#[derive(Deserialize)]
struct Rules {
    graph: Graph,
    licenses: Licences,
    bans: Bans,
    sources: Sources,
}

#[derive(Deserialize)]
struct Graph {
    targets: Vec<String>,
}

#[derive(Deserialize)]
struct Licences {
    allow: Vec<String>,
    exceptions: Vec<Exception>,
}

#[derive(Deserialize)]
struct Exception {
    #[serde(rename = "crate")]
    name: String,
    allow: Vec<String>,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Ban>,
    skip: Vec<Skip>,
}

/// A crate nobody may use but its wrappers.
#[derive(Deserialize)]
struct Ban {
    #[serde(rename = "crate")]
    name: String,
    #[serde(default)]
    wrappers: Vec<String>,
}

/// A version, as `name@version`, that may stand beside another one.
#[derive(Deserialize)]
struct Skip {
    #[serde(rename = "crate")]
    version: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Sources {
    allow_registry: Vec<String>,
}

/// The part of `cargo metadata` that is looked at.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    /// `None` for crates of ours.
    source: Option<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Edge>,
}

#[derive(Deserialize)]
struct Edge {
    pkg: String,
}

fn check(rules: &Rules, metadata: &Metadata) -> Vec<String> {
    let mut problems = Vec::new();
    for package in &metadata.packages {
        problems.extend(licence(&rules.licenses, package));
        problems.extend(source(&rules.sources, package));
    }
    problems.extend(banned(&rules.bans, metadata));
    problems.extend(doubled(&rules.bans, metadata));
    problems
}

fn licence(rules: &Licences, package: &Package) -> Option<String> {
    let exceptions = rules.exceptions.iter().filter(|e| e.name == package.name);
    let extra: Vec<&String> = exceptions.flat_map(|e| &e.allow).collect();
    let allowed =
        |name: &str| rules.allow.iter().chain(extra.iter().copied()).any(|licence| licence == name);
    let expression = package.license.as_deref().unwrap_or_default();
    (!satisfied(expression, &allowed)).then(|| {
        format!("{} {}: the licence {expression:?} is not allowed", package.name, package.version)
    })
}

fn source(rules: &Sources, package: &Package) -> Option<String> {
    let source = package.source.as_deref()?;
    let known = source.strip_prefix("registry+").unwrap_or_default();
    let allowed = rules.allow_registry.iter().any(|registry| registry == known);
    (!allowed).then(|| format!("{} {}: comes from {source}", package.name, package.version))
}

fn banned(rules: &Bans, metadata: &Metadata) -> Vec<String> {
    let names: BTreeMap<&str, &str> =
        metadata.packages.iter().map(|p| (p.id.as_str(), p.name.as_str())).collect();
    let mut problems = Vec::new();
    for node in &metadata.resolve.nodes {
        let user = names.get(node.id.as_str()).copied().unwrap_or_default();
        for edge in &node.deps {
            let used = names.get(edge.pkg.as_str()).copied().unwrap_or_default();
            let ban = rules.deny.iter().find(|ban| ban.name == used);
            if ban.is_some_and(|ban| !ban.wrappers.iter().any(|wrapper| wrapper == user)) {
                problems.push(format!("{user} may not depend on {used}"));
            }
        }
    }
    problems
}

/// Crates that are there in several versions, those skipped left out.
fn doubled(rules: &Bans, metadata: &Metadata) -> Vec<String> {
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in &metadata.packages {
        versions.entry(&package.name).or_default().insert(&package.version);
    }
    let skipped = |name: &str, version: &str| {
        rules.skip.iter().any(|skip| skip.version == format!("{name}@{version}"))
    };
    let mut problems = Vec::new();
    for (name, found) in versions {
        let counted: Vec<&str> =
            found.into_iter().filter(|version| !skipped(name, version)).collect();
        if counted.len() > 1 {
            problems.push(format!("{name} is there in versions {}", counted.join(" and ")));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = r#"
        graph = { targets = ["x"] }
        sources = { allow-registry = ["https://registry.example/index"] }
        [licenses]
        allow = ["MIT"]
        exceptions = [{ crate = "ldap", allow = ["MPL-2.0"] }]
        [bans]
        deny = [{ crate = "http", wrappers = ["net"] }, { crate = "openssl" }]
        skip = [{ crate = "old@1.0.0" }]
    "#;

    /// Packages as `name version licence`, edges as `user used`.
    fn check_graph(packages: &[&str], edges: &[(&str, &str)]) -> Vec<String> {
        let rules: Rules = toml::from_str(RULES).unwrap();
        let packages = packages.iter().map(|text| {
            let parts: Vec<&str> = text.split(' ').collect();
            Package {
                id: parts[0].to_owned(),
                name: parts[0].to_owned(),
                version: parts[1].to_owned(),
                license: Some(parts[2].to_owned()),
                source: Some("registry+https://registry.example/index".to_owned()),
            }
        });
        let nodes = edges.iter().map(|(user, used)| Node {
            id: (*user).to_owned(),
            deps: vec![Edge { pkg: (*used).to_owned() }],
        });
        let resolve = Resolve { nodes: nodes.collect() };
        check(&rules, &Metadata { packages: packages.collect(), resolve })
    }

    #[test]
    fn licences_are_those_listed() {
        assert!(check_graph(&["a 1.0.0 MIT", "ldap 1.0.0 MPL-2.0"], &[]).is_empty());
        assert_eq!(
            check_graph(&["a 1.0.0 MPL-2.0"], &[]),
            ["a 1.0.0: the licence \"MPL-2.0\" is not allowed"]
        );
    }

    #[test]
    fn banned_crates_are_used_by_their_wrappers_alone() {
        let all = ["net 1.0.0 MIT", "http 1.0.0 MIT", "app 1.0.0 MIT", "openssl 1.0.0 MIT"];
        assert!(check_graph(&all, &[("net", "http"), ("app", "net")]).is_empty());
        assert_eq!(check_graph(&all, &[("app", "http")]), ["app may not depend on http"]);
        assert_eq!(check_graph(&all, &[("net", "openssl")]), ["net may not depend on openssl"]);
    }

    #[test]
    fn a_second_version_needs_a_reason() {
        assert!(check_graph(&["old 1.0.0 MIT", "old 2.0.0 MIT"], &[]).is_empty());
        assert_eq!(
            check_graph(&["new 1.0.0 MIT", "new 2.0.0 MIT"], &[]),
            ["new is there in versions 1.0.0 and 2.0.0"]
        );
    }

    #[test]
    fn other_registries_are_refused() {
        let rules: Rules = toml::from_str(RULES).unwrap();
        let package = |source: &str| Package {
            id: String::new(),
            name: "a".to_owned(),
            version: "1.0.0".to_owned(),
            license: None,
            source: Some(source.to_owned()),
        };
        assert!(source(&rules.sources, &package("git+https://git.example/a")).is_some());
        assert!(
            source(&rules.sources, &package("registry+https://registry.example/index")).is_none()
        );
    }
}
