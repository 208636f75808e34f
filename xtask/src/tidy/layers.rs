//! Which crate of ours may use which. Adding an edge here is a reviewed change; the reasons are in
//! `docs/adr/0001-workspace-and-layers.md`.

use super::manifests::manifests;
use crate::tree::Tree;

/// Every crate with what it may use outside its tests.
const LAYERS: [(&str, &[&str]); 24] = [
    ("model", &[]),
    ("expr", &["model"]),
    ("connector", &["model"]),
    ("rules", &["model", "expr", "connector"]),
    ("store", &["model"]),
    ("store-sql", &["model", "store"]),
    ("service", &["model", "store"]),
    ("engine", &["model", "expr", "rules", "connector", "store"]),
    ("flowtest", &["model", "expr", "rules", "connector", "store", "engine"]),
    ("net", &["model"]),
    ("connector-graph", &["connector", "model", "net"]),
    ("connector-ldap", &["connector", "model", "net"]),
    ("connector-service", &["connector", "model", "service"]),
    ("sim", &["model"]),
    ("testad", &["model"]),
    ("kerberos", &["model"]),
    ("oidc", &["model", "net"]),
    ("gateway", &["model", "net", "oidc", "kerberos", "rules"]),
    ("api", &["model", "net", "oidc", "kerberos", "rules", "store", "service", "engine"]),
    ("simulate", &["model", "expr", "rules", "connector", "store", "engine"]),
    ("bench", EVERYTHING_BUT_CLI),
    ("cli", EVERYTHING_BUT_CLI),
    ("xtask", &[]),
    // A workspace of its own.
    ("fuzz", &["model", "expr"]),
];

const EVERYTHING_BUT_CLI: &[&str] = &[
    "model",
    "expr",
    "connector",
    "rules",
    "store",
    "store-sql",
    "service",
    "engine",
    "flowtest",
    "net",
    "connector-graph",
    "connector-ldap",
    "connector-service",
    "sim",
    "testad",
    "kerberos",
    "oidc",
    "gateway",
    "api",
];

pub(super) fn check(tree: &Tree) -> Vec<String> {
    let manifests = manifests(tree);
    let mut problems = Vec::new();
    for manifest in &manifests {
        let (path, name) = (manifest.path, &manifest.name);
        let Some((_, may_use)) = LAYERS.iter().find(|(known, _)| known == name) else {
            problems.push(format!("{path}: {name} has no place in the table of layers"));
            continue;
        };
        for dependency in manifest.dependencies() {
            let used = dependency.name;
            let is_ours = LAYERS.iter().any(|(known, _)| *known == used);
            let allowed = if dependency.is_dev {
                may_use_in_tests(name, used)
            } else {
                may_use.contains(&used)
            };
            if is_ours && !allowed {
                problems.push(format!("{path}: {name} may not depend on {used}"));
            }
        }
    }
    problems
}

/// Tests may reach further, but the simulators never know a connector, or both could share a
/// mistake, and nothing uses the program.
fn may_use_in_tests(name: &str, used: &str) -> bool {
    let is_connector = used == "connector" || used.starts_with("connector-");
    used != "cli" && !(name == "sim" && is_connector)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(name: &str, section: &str, used: &str) -> Vec<String> {
        let text = format!("[package]\nname = '{name}'\n[{section}]\n{used}.workspace = true\n");
        check(&Tree::of(&[("x/Cargo.toml", &text)]))
    }

    #[test]
    fn an_edge_upwards_is_refused() {
        assert!(problems("engine", "dependencies", "store").is_empty());
        assert_eq!(
            problems("store", "dependencies", "engine"),
            ["x/Cargo.toml: store may not depend on engine"]
        );
        assert_eq!(problems("connector-graph", "dependencies", "connector-ldap").len(), 1);
        assert_eq!(problems("connector-graph", "dependencies", "sim").len(), 1);
        assert!(problems("connector-graph", "dev-dependencies", "sim").is_empty());
        assert_eq!(problems("sim", "dev-dependencies", "connector-ldap").len(), 1);
        assert_eq!(problems("model", "build-dependencies", "store").len(), 1);
    }

    #[test]
    fn a_crate_without_a_place_is_refused_and_others_crates_are_no_matter() {
        assert_eq!(problems("newcomer", "dependencies", "serde").len(), 1);
        assert!(problems("model", "dependencies", "serde").is_empty());
    }

    #[test]
    fn the_table_has_no_circles() {
        for (place, (name, used)) in LAYERS.iter().enumerate() {
            for other in *used {
                let below = LAYERS.iter().position(|(known, _)| known == other);
                assert!(below.is_some_and(|below| below < place), "{name} uses {other}");
            }
        }
    }
}
