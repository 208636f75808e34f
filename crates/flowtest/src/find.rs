//! Where the tests are: files called `test.toml` or `NAME.test.toml`, in whatever depth.

use std::path::{Path, PathBuf};

/// True for the file of a flow test.
pub(crate) fn is_test_file(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
    name.is_some_and(|name| name == "test.toml" || name.ends_with(".test.toml"))
}

/// The test files in a folder and those below it, in order of path; a file that is one itself.
///
/// # Errors
/// When a folder cannot be read.
pub fn find(root: &Path) -> std::io::Result<Vec<PathBuf>> {
    if root.is_file() {
        return Ok(vec![root.to_owned()]);
    }
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            let path = entry.path();
            // Links are not followed: they could lead in a circle.
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else if is_test_file(&path) {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// What a test is called: its file, or for `test.toml` its folder, below the folder that was asked
/// for.
#[must_use]
pub fn name(root: &Path, file: &Path) -> String {
    let below = file.strip_prefix(root).unwrap_or(file);
    let text = below.to_string_lossy().replace('\\', "/");
    let text = text.strip_suffix(".test.toml").or(text.strip_suffix("/test.toml")).unwrap_or(&text);
    if text == "test.toml" || text.is_empty() {
        let folder = file.parent().and_then(Path::file_name).or(file.file_stem());
        return folder.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    }
    text.to_owned()
}
