//! The examples of the documentation are tests that pass.

use std::path::Path;

use crate::flows::CONNECTORS;

/// The files that the page shows: each a name in a line of its own, and its text.
fn files(page: &str) -> Vec<(&str, String)> {
    let mut files: Vec<(&str, String)> = Vec::new();
    let mut name = None;
    let mut is_inside = false;
    for line in page.lines() {
        if is_inside && line == "```" {
            is_inside = false;
        } else if is_inside && let Some((_, text)) = files.last_mut() {
            text.push_str(line);
            text.push('\n');
        } else if let Some(file) = line.strip_prefix('`').and_then(|l| l.strip_suffix("`:")) {
            name = Some(file);
        } else if line == "```toml"
            && let Some(name) = name.take()
        {
            files.push((name, String::new()));
            is_inside = true;
        }
    }
    files
}

#[tokio::test]
async fn the_examples_of_the_documentation_pass() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/flow-tests.md");
    let page = std::fs::read_to_string(page).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files(&page) {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let tests = flowtest::find(folder.path()).unwrap();
    assert_eq!(tests.len(), 2);
    for test in tests {
        let report =
            flowtest::play(&test, &flowtest::name(folder.path(), &test), CONNECTORS, false).await;
        let failures: Vec<String> = report.failures().iter().map(ToString::to_string).collect();
        assert!(failures.is_empty(), "{}", failures.join("\n"));
        assert!(!report.description.is_empty());
    }
}
