//! Secrets from the environment, files and systemd credentials.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use connector::{SecretError, SecretSource, Secrets};
use model::Secret;

/// Resolves secrets for a deployment.
#[derive(Debug, Clone, Default)]
pub struct SystemSecrets {
    folder: PathBuf,
    given: BTreeMap<String, Secret>,
}

impl SystemSecrets {
    /// Files are relative to `folder`.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), given: BTreeMap::new() }
    }

    /// Gives the environment variable `name` a value for this process only.
    #[must_use]
    pub fn with(mut self, name: &str, value: Secret) -> Self {
        self.given.insert(name.to_owned(), value);
        self
    }

    fn read_file(&self, path: &Path) -> Result<String, String> {
        let path = if path.is_absolute() { path.to_owned() } else { self.folder.join(path) };
        let text = std::fs::read_to_string(&path).map_err(|error| error.to_string())?;
        Ok(text.trim_end_matches(['\r', '\n']).to_owned())
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads secrets from the environment"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

impl Secrets for SystemSecrets {
    fn resolve(&self, source: &SecretSource) -> Result<Secret, SecretError> {
        let failed = |reason: String| SecretError { from: source.to_string(), reason };
        if let SecretSource::Env(name) = source
            && let Some(secret) = self.given.get(name)
        {
            return Ok(secret.clone());
        }
        let text = match source {
            SecretSource::Env(name) => {
                variable(name).ok_or_else(|| failed("the variable is not set".to_owned()))?
            }
            SecretSource::File(path) => self.read_file(Path::new(path)).map_err(failed)?,
            SecretSource::Credential(name) => {
                let folder = variable("CREDENTIALS_DIRECTORY");
                let folder = folder
                    .ok_or_else(|| failed("the process was given no credentials".to_owned()))?;
                self.read_file(&Path::new(&folder).join(name)).map_err(failed)?
            }
        };
        if text.is_empty() {
            return Err(failed("it is empty".to_owned()));
        }
        Ok(Secret::new(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_come_without_line_end_and_missing_ones_say_where_from() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a"), "p4ss\r\n").unwrap();
        std::fs::write(folder.path().join("empty"), "\n").unwrap();
        let secrets = SystemSecrets::new(folder.path()).with("X", Secret::new("given".to_owned()));
        let resolve = |source| secrets.resolve(&source).map(|s| s.expose().to_owned());
        assert_eq!(resolve(SecretSource::File("a".to_owned())), Ok("p4ss".to_owned()));
        assert_eq!(resolve(SecretSource::Env("X".to_owned())), Ok("given".to_owned()));
        let error = |source| resolve(source).unwrap_err().to_string();
        assert_eq!(
            error(SecretSource::Env("PROXENY_NOT_SET".to_owned())),
            "the secret from environment variable PROXENY_NOT_SET is not available: the variable is not set"
        );
        assert!(error(SecretSource::File("empty".to_owned())).ends_with("it is empty"));
    }
}
