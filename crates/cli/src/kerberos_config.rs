//! Where Kerberos finds its configuration.
//!
//! The Kerberos library takes the name of its file from `KRB5_CONFIG` alone. A process cannot
//! safely change its environment while it runs, so the program starts itself once more with the
//! variable set, before it does anything else; the file is written once the realms are known.

use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;

const VARIABLE: &str = "KRB5_CONFIG";

/// The folder of the file: it tells whose it is, because a process keeps its number when it starts
/// itself once more.
fn folder_prefix() -> String {
    format!("proxeny-krb5-{}-", std::process::id())
}

/// The configuration of the Kerberos library in this process. Dropping it removes the file.
#[derive(Debug)]
pub struct KerberosFile(PathBuf);

impl KerberosFile {
    /// This process's file, if the process was started with one.
    #[must_use]
    pub fn of_this_process() -> Option<Self> {
        own_path().map(Self)
    }

    /// Writes what it holds.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, text: &str) -> Result<(), Failure> {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        let written = options
            .open(&self.0)
            .and_then(|mut file| std::io::Write::write_all(&mut file, text.as_bytes()));
        written.map_err(|error| Failure::new(format!("cannot write {}: {error}", self.0.display())))
    }
}

impl Drop for KerberosFile {
    fn drop(&mut self) {
        // Nothing in it is secret, and it lies in a folder of its own.
        if let Some(folder) = self.0.parent() {
            let _removed = std::fs::remove_dir_all(folder);
        }
    }
}

/// Starts this program once more with a Kerberos configuration of its own, unless that was done
/// already. Returns only then, or when it fails.
///
/// # Errors
/// When the folder cannot be made or the program cannot be started.
pub fn start_with_own() -> Result<(), Failure> {
    if own_path().is_some() {
        return Ok(());
    }
    let folder = private_folder(&std::env::temp_dir())?;
    let program = std::env::current_exe()
        .map_err(|error| Failure::new(format!("cannot find this program: {error}")))?;
    let error = Command::new(program)
        .args(std::env::args_os().skip(1))
        .env(VARIABLE, folder.join("krb5.conf"))
        .exec();
    let _removed = std::fs::remove_dir(&folder);
    Err(Failure::new(format!("cannot start this program once more: {error}")))
}

/// A new folder that only its owner can look into.
fn private_folder(parent: &Path) -> Result<PathBuf, Failure> {
    let unique = crate::random::new_guid();
    let folder = parent.join(format!("{}{unique}", folder_prefix()));
    let made = std::fs::DirBuilder::new().mode(0o700).create(&folder);
    made.map_err(|error| Failure::new(format!("cannot create {}: {error}", folder.display())))?;
    Ok(folder)
}

/// The file this process was started with.
fn own_path() -> Option<PathBuf> {
    let path = PathBuf::from(std::env::var_os(VARIABLE)?);
    let folder = path.parent()?.file_name()?.to_str()?;
    folder.starts_with(&folder_prefix()).then_some(path)
}
