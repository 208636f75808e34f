//! A test's configuration: an ordinary folder, with some of its files changed.

use std::path::{Path, PathBuf};

use rules::{SourceFile, Sources};

use crate::document::{Patch, PatchKind};
use crate::report::Failure;
use crate::similar;

/// What a configuration without a document of its own for the deployment has: tests need no store.
const DEPLOYMENT: &str = "version = 1\n\n[store]\nurl = \"sqlite:proxeny.db\"\n";
const DEPLOYMENT_FILE: &str = "proxeny.toml";

/// Reads the documents of a configuration folder.
pub(crate) fn read(folder: &Path) -> Result<Sources, String> {
    if !folder.is_dir() {
        return Err(format!("there is no folder {}", folder.display()));
    }
    let mut files = Vec::new();
    for part in ["", "connectors", "rules"] {
        let directory = if part.is_empty() { folder.to_owned() } else { folder.join(part) };
        for path in documents(&directory)? {
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
            let name = name.unwrap_or_default();
            let shown = if part.is_empty() { name } else { format!("{part}/{name}") };
            let text = std::fs::read_to_string(&path)
                .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
            files.push(SourceFile { path: shown, text });
        }
    }
    Ok(Sources { folder: folder.to_owned(), files })
}

/// The documents of one folder, in name order, without the tests in it.
fn documents(directory: &Path) -> Result<Vec<PathBuf>, String> {
    let unreadable =
        |error: std::io::Error| format!("cannot read {}: {error}", directory.display());
    if !directory.is_dir() {
        return Ok(Vec::new());
    }
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let is_test = crate::find::is_test_file(&path);
        if path.extension().is_some_and(|e| e == "toml") && !is_test {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// Adds what a configuration may leave out in a test.
pub(crate) fn complete(sources: &mut Sources) {
    if sources.text(DEPLOYMENT_FILE).is_none() {
        let (path, text) = (DEPLOYMENT_FILE.to_owned(), DEPLOYMENT.to_owned());
        sources.files.push(SourceFile { path, text });
    }
}

/// Makes changes to files; `test` is the file that asks for them.
pub(crate) fn patch(sources: &mut Sources, patches: &[Patch], test: &str) -> Vec<Failure> {
    let mut failures = Vec::new();
    for patch in patches {
        if let Err((what, help)) = patch_one(sources, patch) {
            let details = help.map(|help| format!("help: {help}"));
            let file = test.to_owned();
            failures.push(Failure::new(file, patch.line, what, details.into_iter().collect()));
        }
    }
    failures
}

fn patch_one(sources: &mut Sources, patch: &Patch) -> Result<(), (String, Option<String>)> {
    let known: Vec<String> = sources.files.iter().map(|file| file.path.clone()).collect();
    let present = sources.files.iter_mut().find(|file| file.path == patch.file);
    let (file, kind) = match (&patch.kind, present) {
        (PatchKind::Text(text), present) => {
            match present {
                Some(file) => file.text.clone_from(text),
                None => {
                    let (path, text) = (patch.file.clone(), text.clone());
                    sources.files.push(SourceFile { path, text });
                }
            }
            return Ok(());
        }
        (kind, Some(file)) => (file, kind),
        (_, None) => {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let help = similar::advice(&patch.file, &known);
            return Err((format!("the configuration has no {}", patch.file), Some(help)));
        }
    };
    match kind {
        PatchKind::Append(text) => {
            file.text.push('\n');
            file.text.push_str(text);
        }
        PatchKind::Remove => {
            let path = file.path.clone();
            sources.files.retain(|file| file.path != path);
        }
        PatchKind::Replace { find, replace } => match file.text.matches(find.as_str()).count() {
            1 => file.text = file.text.replace(find.as_str(), replace),
            0 => return Err((format!("{} does not say {find:?}", file.path), None)),
            n => {
                let message = format!("{} says {find:?} {n} times", file.path);
                return Err((message, Some("name more of its surroundings".to_owned())));
            }
        },
        PatchKind::Text(_) => {}
    }
    Ok(())
}
