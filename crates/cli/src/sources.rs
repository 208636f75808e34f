//! Reads a configuration folder.

use std::path::{Path, PathBuf};

use rules::{SourceFile, Sources};

use crate::failure::Failure;

/// The documents of the configuration in `folder`, in name order.
///
/// # Errors
/// When the folder or a file in it cannot be read.
pub fn read(folder: &Path) -> Result<Sources, Failure> {
    let mut files = Vec::new();
    let main = folder.join("proxeny.toml");
    if !main.is_file() {
        let message = format!("there is no configuration in {}", folder.display());
        let help = "name its folder with --config FOLDER; it holds proxeny.toml, metaverse.toml, \
                    connectors/ and rules/";
        return Err(Failure::new(message).with_help(help).with_code("CLI-0101"));
    }
    for part in ["", "connectors", "rules"] {
        let directory = if part.is_empty() { folder.to_owned() } else { folder.join(part) };
        for path in documents(&directory)? {
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
            let name = name.unwrap_or_default();
            let shown = if part.is_empty() { name } else { format!("{part}/{name}") };
            let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
            files.push(SourceFile { path: shown, text });
        }
    }
    Ok(Sources { folder: folder.to_owned(), files })
}

fn documents(directory: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(directory, &error)),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| unreadable(directory, &error))?.path();
        if path.extension().is_some_and(|e| e == "toml") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    let message = format!("cannot read {}: {error}", path.display());
    let help = match error.kind() {
        std::io::ErrorKind::InvalidData => "save it as UTF-8",
        _ => "check its owner and mode",
    };
    Failure::new(message).with_help(help).with_code("CLI-0102")
}
