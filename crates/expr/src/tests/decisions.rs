//! What we decided where documents are silent: each decision of the page has vectors, and they
//! hold.

use std::collections::BTreeSet;
use std::path::Path;

use model::Timestamp;

use super::Sequence;
use crate::vectors::{self, Outcome};

fn project(path: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    std::fs::read_to_string(file).unwrap()
}

/// The names in the last column of the tables that name decisions.
fn named(page: &str) -> BTreeSet<String> {
    let section = page.split_once("\n## What we decided").unwrap().1.split_once("\n## ").unwrap().0;
    let rows = section.lines().filter(|line| line.starts_with("| "));
    let cells = rows.filter_map(|row| row.trim_end_matches(" |").rsplit(" | ").next());
    let names = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    names.map(str::to_owned).collect()
}

#[test]
fn every_decision_is_tested_by_a_vector_and_every_vector_is_explained() {
    let vectors = vectors::read(&project("examples/expressions/decisions.json")).unwrap();
    let now = Timestamp::from_seconds(1_772_000_000);
    for vector in &vectors {
        let outcome = vector.run(now, &mut Sequence(3));
        assert_eq!(outcome, Outcome::Passed, "{}: {}", vector.id, vector.source);
    }
    let ids: BTreeSet<String> = vectors.iter().map(|vector| vector.id.clone()).collect();
    assert_eq!(ids.len(), vectors.len());
    assert_eq!(named(&project("docs/expression-dialects.md")), ids);
}
