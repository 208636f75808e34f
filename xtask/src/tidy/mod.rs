//! Checks of the tree that neither the compiler nor clippy makes: which crate may use which, what
//! manifests and sources must not hold, and that documents lead somewhere.
//!
//! Every check takes the tree and returns its problems, each with its place.

mod docs;
mod layers;
mod manifests;
mod names;
mod sources;

use crate::failure::Failure;
use crate::tasks::root;
use crate::tell;
use crate::tree::Tree;

/// Runs every check.
pub(crate) fn run() -> Result<(), Failure> {
    let tree = Tree::read(&root())?;
    let checks = [layers::check, manifests::check, sources::check, docs::check, names::check];
    let problems: Vec<String> = checks.iter().flat_map(|check| check(&tree)).collect();
    for problem in &problems {
        tell(&format!("{problem}\n"));
    }
    match problems.len() {
        0 => Ok(()),
        count => Err(Failure::new(format!("{count} things to tidy up"))),
    }
}
