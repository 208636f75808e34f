//! The text files of the workspace, read once.

use std::fs;
use std::path::Path;

use crate::failure::Failure;

/// Folders that hold nothing of ours.
const SKIPPED: [&str; 7] =
    [".git", ".proxeny", "dist", "node_modules", "screenshots", "target", "test-results"];

/// One text file.
#[derive(Debug, Clone)]
pub(crate) struct TextFile {
    /// Relative to the root, with slashes.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// All text files, in order of their paths.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tree {
    pub(crate) files: Vec<TextFile>,
    /// The paths of all files and folders, text or not.
    pub(crate) paths: Vec<String>,
}

impl Tree {
    pub(crate) fn read(root: &Path) -> Result<Self, Failure> {
        let mut tree = Self::default();
        tree.read_folder(root, "")?;
        tree.files.sort_by(|a, b| a.path.cmp(&b.path));
        tree.paths.sort();
        Ok(tree)
    }

    fn read_folder(&mut self, folder: &Path, prefix: &str) -> Result<(), Failure> {
        let failed = |e| Failure::new(format!("cannot read {}: {e}", folder.display()));
        for entry in fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            let kind = entry.file_type().map_err(failed)?;
            if kind.is_dir() {
                if !SKIPPED.contains(&name.as_str()) {
                    self.paths.push(path.clone());
                    self.read_folder(&entry.path(), &format!("{path}/"))?;
                }
            } else if kind.is_file() {
                self.paths.push(path.clone());
                if let Ok(text) = fs::read_to_string(entry.path()) {
                    self.files.push(TextFile { path, text });
                }
            }
        }
        Ok(())
    }

    pub(crate) fn get(&self, path: &str) -> Option<&str> {
        self.files.iter().find(|file| file.path == path).map(|file| file.text.as_str())
    }

    /// The files whose names end with `suffix`.
    pub(crate) fn ending(&self, suffix: &'static str) -> impl Iterator<Item = &TextFile> {
        self.files.iter().filter(move |file| file.path.ends_with(suffix))
    }
}

#[cfg(test)]
impl Tree {
    /// A tree of these paths and texts.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let files: Vec<TextFile> = files
            .iter()
            .map(|(path, text)| TextFile { path: (*path).to_owned(), text: (*text).to_owned() })
            .collect();
        let paths = files.iter().map(|file| file.path.clone()).collect();
        Self { files, paths }
    }
}
