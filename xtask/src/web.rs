//! The portal's pages: npm packages, the build, the checks.
//!
//! Nothing is done again while what it depends on is the same: a stamp beside each result holds a
//! digest of its sources.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, output, succeed};
use crate::tasks::root;

/// What Vite asks for.
const NODE_LEAST: (u32, u32) = (20, 19);

/// What the pages are made of, within `web`.
const SOURCES: [&str; 7] = [
    "index.html",
    "package-lock.json",
    "package.json",
    "public",
    "src",
    "tsconfig.json",
    "vite.config.ts",
];

fn folder() -> PathBuf {
    root().join("web")
}

/// Installs the npm packages that the lock file names, if they are not there yet.
pub(crate) fn packages() -> Result<(), Failure> {
    check_node()?;
    let folder = folder();
    let digest = digest(&[folder.join("package-lock.json")])?;
    let stamp = folder.join("node_modules/.stamp");
    if is_stamped(&stamp, &digest) {
        return Ok(());
    }
    succeed(npm().args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]))?;
    write(&stamp, &digest)
}

/// Builds the pages, if their sources have changed.
pub(crate) fn build() -> Result<(), Failure> {
    packages()?;
    let folder = folder();
    let digest = digest(&SOURCES.map(|name| folder.join(name)))?;
    let stamp = folder.join("dist/.stamp");
    if is_stamped(&stamp, &digest) {
        return Ok(());
    }
    succeed(npm().args(["run", "--silent", "build"]))?;
    write(&stamp, &digest)
}

/// Types, style and unit tests.
pub(crate) fn check() -> Result<(), Failure> {
    packages()?;
    succeed(npm().args(["run", "--silent", "check"]))
}

/// The pages in a real browser, against an interface that the tests play.
pub(crate) fn test() -> Result<(), Failure> {
    build()?;
    succeed(npm().args(["run", "--silent", "test"]))
}

/// Writes the types of the interface anew from its description.
pub(crate) fn generate() -> Result<(), Failure> {
    packages()?;
    succeed(npm().args(["run", "--silent", "generate"]))
}

fn npm() -> Command {
    let mut command = Command::new("npm");
    // The browser is the system's: Playwright need not fetch one.
    command.current_dir(folder()).env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    command
}

fn check_node() -> Result<(), Failure> {
    let (major, minor) = NODE_LEAST;
    let wanted = format!("Node.js {major}.{minor} or newer with npm");
    let found = output(Command::new("node").arg("--version"))
        .map_err(|_| Failure::new(format!("missing; please install {wanted}")))?;
    if node_version(&found) < Some(NODE_LEAST) {
        return Err(Failure::new(format!("Node.js is {}; please install {wanted}", found.trim())));
    }
    Ok(())
}

/// `v20.20.2` as (20, 20).
fn node_version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.trim().trim_start_matches('v').split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

fn is_stamped(stamp: &Path, digest: &str) -> bool {
    fs::read_to_string(stamp).is_ok_and(|text| text == digest)
}

fn write(stamp: &Path, digest: &str) -> Result<(), Failure> {
    let failed = |e| Failure::new(format!("cannot write {}: {e}", stamp.display()));
    fs::write(stamp, digest).map_err(failed)
}

/// A digest of the names and contents of files and folders; what is not there counts as nothing.
fn digest(paths: &[PathBuf]) -> Result<String, Failure> {
    let mut hasher = DefaultHasher::new();
    paths.iter().try_for_each(|path| add(path, &mut hasher))?;
    Ok(format!("{:016x}", hasher.finish()))
}

fn add(path: &Path, hasher: &mut DefaultHasher) -> Result<(), Failure> {
    let failed = |e| Failure::new(format!("cannot read {}: {e}", path.display()));
    if path.is_dir() {
        let entries = fs::read_dir(path).map_err(failed)?;
        let mut inner: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        inner.sort();
        return inner.iter().try_for_each(|path| add(path, hasher));
    }
    if path.is_file() {
        path.hash(hasher);
        fs::read(path).map_err(failed)?.hash(hasher);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_of_node_is_two_numbers_and_more() {
        assert_eq!(node_version("v20.20.2\n"), Some((20, 20)));
        assert!(node_version("v18.19.0") < Some(NODE_LEAST));
        assert!(node_version("v22.1.0") > Some(NODE_LEAST));
        assert_eq!(node_version("nonsense"), None);
    }

    #[test]
    fn a_digest_changes_with_any_file_in_a_folder() {
        let folder = std::env::temp_dir().join(format!("xtask-digest-{}", std::process::id()));
        fs::create_dir_all(folder.join("inner")).unwrap();
        fs::write(folder.join("inner/a"), "1").unwrap();
        let of = |folder: &PathBuf| digest(std::slice::from_ref(folder)).unwrap();
        let before = of(&folder);
        assert_eq!(before, of(&folder));
        fs::write(folder.join("inner/a"), "2").unwrap();
        let after = of(&folder);
        fs::remove_dir_all(&folder).unwrap();
        assert_ne!(before, after);
    }
}
