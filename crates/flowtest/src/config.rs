//! A test's configuration: an ordinary folder, with some of its files changed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use connector::{Descriptor, Validated};
use model::Name;
use rules::{Checked, Deployment, SourceFile, Sources};

use crate::compare::unmet_by_text;
use crate::document::{Config, DiagnosticExpect, Patch, PatchKind};
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

/// The files with a test's changes to them; `test` is the file that asks for them.
pub(crate) fn patched(
    mut sources: Sources,
    config: &Config,
    test: &str,
) -> Result<Sources, Vec<Failure>> {
    let failures = patch(&mut sources, &config.patches, test);
    complete(&mut sources);
    if failures.is_empty() { Ok(sources) } else { Err(failures) }
}

/// A configuration that can be used.
pub(crate) type Usable = (Deployment, BTreeMap<Name, Arc<dyn Validated>>);

/// What came of a configuration.
pub(crate) enum Checking {
    /// It can be used.
    Usable(Box<Usable>),
    /// It is refused, as the test says.
    Refused,
    /// It is not as the test says.
    Failed(Vec<Failure>),
}

/// Checks a configuration. Errors that nobody expects are the test's own mistake.
pub(crate) fn check(
    sources: &Sources,
    descriptors: &[&'static Descriptor],
    expected: &[DiagnosticExpect],
    test: &str,
) -> Result<Checking, Vec<Failure>> {
    let Checked { deployment, validated, diagnostics } = rules::check(sources, descriptors);
    let unmet = expected.iter().filter(|expected| !diagnostics.iter().any(|d| is_met(expected, d)));
    let unmet: Vec<Failure> = unmet
        .map(|expected| {
            let kind = if expected.is_error { "error" } else { "warning" };
            let what = format!("the configuration does not have the expected {kind}");
            let details = diagnostics.iter().map(ToString::to_string).collect();
            Failure::new(test.to_owned(), expected.line, what, details)
        })
        .collect();
    if !unmet.is_empty() {
        return Ok(Checking::Failed(unmet));
    }
    if let Some(deployment) = deployment {
        return Ok(Checking::Usable(Box::new((deployment, validated))));
    }
    if expected.iter().any(|expected| expected.is_error) {
        return Ok(Checking::Refused);
    }
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error());
    let failure = |diagnostic: &rules::Diagnostic| {
        let rendered = diagnostic.render(sources.text(&diagnostic.file));
        let details = rendered.lines().map(ToOwned::to_owned).collect();
        let file = sources.folder.join(&diagnostic.file).display().to_string();
        let what = "the configuration has an error".to_owned();
        Failure::new(file, diagnostic.line, what, details)
    };
    Err(errors.map(failure).collect())
}

fn is_met(expected: &DiagnosticExpect, found: &rules::Diagnostic) -> bool {
    expected.is_error == found.is_error()
        && expected.code.as_ref().is_none_or(|code| code == found.code)
        && expected.file.as_ref().is_none_or(|file| *file == found.file)
        && unmet_by_text(&expected.message, &found.message).is_none()
}

/// Adds what a configuration may leave out in a test.
fn complete(sources: &mut Sources) {
    if sources.text(DEPLOYMENT_FILE).is_none() {
        let (path, text) = (DEPLOYMENT_FILE.to_owned(), DEPLOYMENT.to_owned());
        sources.files.push(SourceFile { path, text });
    }
}

/// Makes changes to files.
fn patch(sources: &mut Sources, patches: &[Patch], test: &str) -> Vec<Failure> {
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
