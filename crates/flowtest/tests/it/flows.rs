//! The flow tests of the project, each of which has to pass.

use std::path::{Path, PathBuf};

use connector::Descriptor;

/// The connector types of the product.
pub(crate) const CONNECTORS: &[&Descriptor] =
    &[&connector_graph::DESCRIPTOR, &connector_ldap::DESCRIPTOR, &connector_service::DESCRIPTOR];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/flows")
}

fn shown(file: &Path) -> String {
    let below = file.strip_prefix(root()).unwrap_or(file);
    Path::new("tests/flows").join(below).display().to_string()
}

#[tokio::test]
async fn every_flow_test_passes() {
    let files = flowtest::find(&root()).unwrap();
    assert!(!files.is_empty());
    let mut failures = Vec::new();
    for file in &files {
        let report = flowtest::play(file, &shown(file), CONNECTORS, false).await;
        failures.extend(report.failures().iter().map(ToString::to_string));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
