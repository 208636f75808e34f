//! The Kerberos library's configuration file, which it finds by the environment alone: the
//! benchmark starts itself once more with the variable set.

use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;

use crate::Failure;

const VARIABLE: &str = "KRB5_CONFIG";
const FILE: &str = "krb5.conf";

/// The file. Dropping it removes it with its folder.
pub(super) struct KerberosFile(PathBuf);

impl KerberosFile {
    /// The file of this process; without one the process starts itself once more, and this returns
    /// only when that fails.
    pub(super) fn of_this_process() -> Result<Self, Failure> {
        if let Some(path) = own_path() {
            return Ok(Self(path));
        }
        let folder = tempfile::Builder::new().prefix(&folder_prefix()).tempdir()?;
        let error = Command::new(std::env::current_exe()?)
            .args(std::env::args_os().skip(1))
            .env(VARIABLE, folder.path().join(FILE))
            .exec();
        Err(format!("the benchmark cannot start itself once more: {error}").into())
    }

    pub(super) fn write(&self, text: &str) -> Result<(), Failure> {
        Ok(std::fs::write(&self.0, text)?)
    }
}

impl Drop for KerberosFile {
    fn drop(&mut self) {
        if let Some(folder) = self.0.parent() {
            let _removed = std::fs::remove_dir_all(folder);
        }
    }
}

/// Tells whose the folder is: a process keeps its number when it starts itself once more.
fn folder_prefix() -> String {
    format!("proxeny-bench-{}-", std::process::id())
}

fn own_path() -> Option<PathBuf> {
    let path = PathBuf::from(std::env::var_os(VARIABLE)?);
    let folder = path.parent()?.file_name()?.to_str()?;
    folder.starts_with(&folder_prefix()).then_some(path)
}
