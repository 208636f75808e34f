//! A connector's settings as the configuration gives them, and the means to read them with errors
//! that name the place.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use model::{Name, Secret};

/// Where a secret comes from. The secret itself is never in a configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    /// An environment variable.
    Env(String),
    /// A file; a trailing line end is not part of the secret.
    File(String),
    /// A systemd credential.
    Credential(String),
}

impl fmt::Display for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "environment variable {name}"),
            Self::File(path) => write!(f, "file {path}"),
            Self::Credential(name) => write!(f, "credential {name}"),
        }
    }
}

/// A secret could not be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the secret from {from} is not available: {reason}")]
pub struct SecretError {
    /// Where it should have come from.
    pub from: String,
    /// Why not.
    pub reason: String,
}

/// Resolves secrets; implemented at the edge.
pub trait Secrets: Send + Sync {
    /// The secret.
    ///
    /// # Errors
    /// [`SecretError`] when the source is missing, unreadable or empty.
    fn resolve(&self, source: &SecretSource) -> Result<Secret, SecretError>;
}

/// One setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setting {
    /// Text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// True or false.
    Boolean(bool),
    /// A list.
    List(Vec<Self>),
    /// A table.
    Table(BTreeMap<String, Self>),
    /// `{ env = … }`, `{ file = … }` or `{ credential = … }`.
    Secret(SecretSource),
}

/// The selection of one object type.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ObjectSelection {
    /// The attributes the connector may read and write.
    pub attributes: Vec<Name>,
    /// The anchor attribute, where the configuration names one.
    pub anchor: Option<Name>,
}

/// A connector's part of the configuration, without what the engine keeps to itself (filters,
/// limits, deprovisioning).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectorConfig {
    /// The connector's name.
    pub name: Name,
    /// Everything type-specific, by section: `connectivity`, `parameters`, `partitions`.
    pub settings: BTreeMap<String, Setting>,
    /// The selected object types.
    pub objects: BTreeMap<Name, ObjectSelection>,
    /// Export is allowed (`[access] export`, true by default).
    pub export_allowed: bool,
    /// The folder that relative file names start from.
    pub folder: PathBuf,
}

/// Something wrong with a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The path to the setting, e.g. `connectivity.tenant` or `partitions.0.dn`; the nearest
    /// existing one when the setting itself is missing.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

/// Reads the settings of one table and collects problems: wrong types, missing and unknown names.
#[derive(Debug)]
pub struct SettingReader<'a> {
    path: String,
    table: Option<&'a BTreeMap<String, Setting>>,
    known: Vec<&'static str>,
    problems: Vec<Problem>,
}

impl<'a> SettingReader<'a> {
    /// A reader of the section `name`, which may be absent.
    #[must_use]
    pub fn section(config: &'a ConnectorConfig, name: &str) -> Self {
        let table = match config.settings.get(name) {
            Some(Setting::Table(table)) => Some(table),
            _ => None,
        };
        Self { path: name.to_owned(), table, known: Vec::new(), problems: Vec::new() }
    }

    /// A reader of a table inside a setting; `path` says where it stands.
    #[must_use]
    pub const fn table(path: String, table: &'a BTreeMap<String, Setting>) -> Self {
        Self { path, table: Some(table), known: Vec::new(), problems: Vec::new() }
    }

    /// The setting `name` as it is.
    pub fn raw(&mut self, name: &'static str) -> Option<&'a Setting> {
        self.known.push(name);
        self.table.and_then(|t| t.get(name))
    }

    /// Text, if given.
    pub fn text(&mut self, name: &'static str) -> Option<&'a str> {
        match self.raw(name)? {
            Setting::Text(text) => Some(text),
            _ => self.wrong(name, "text in quotes"),
        }
    }

    /// Text that must be given.
    pub fn required_text(&mut self, name: &'static str) -> &'a str {
        let present = self.table.is_some_and(|t| t.contains_key(name));
        let text = self.text(name);
        if !present {
            self.missing(name);
        }
        text.unwrap_or_default()
    }

    /// True or false, if given.
    pub fn boolean(&mut self, name: &'static str) -> Option<bool> {
        match self.raw(name)? {
            Setting::Boolean(truth) => Some(*truth),
            _ => self.wrong(name, "true or false"),
        }
    }

    /// A whole number, if given.
    pub fn integer(&mut self, name: &'static str) -> Option<i64> {
        match self.raw(name)? {
            Setting::Integer(number) => Some(*number),
            _ => self.wrong(name, "a whole number"),
        }
    }

    /// A list of texts; empty if not given.
    pub fn texts(&mut self, name: &'static str) -> Vec<&'a str> {
        let Some(setting) = self.raw(name) else { return Vec::new() };
        let Setting::List(list) = setting else {
            self.wrong::<()>(name, "a list of texts");
            return Vec::new();
        };
        let mut texts = Vec::new();
        for item in list {
            match item {
                Setting::Text(text) => texts.push(text.as_str()),
                _ => {
                    self.wrong::<()>(name, "a list of texts");
                    break;
                }
            }
        }
        texts
    }

    /// A time limit such as `"30 s"` or `"2 min"`, from one second to an hour; `default` if it is
    /// not given or not one.
    pub fn time_limit(&mut self, name: &'static str, default: Duration) -> Duration {
        let Some(text) = self.text(name) else { return default };
        let limits = Duration::from_secs(1)..=Duration::from_secs(3600);
        if let Some(limit) = parse_duration(text).filter(|d| limits.contains(d)) {
            return limit;
        }
        let help = "a number and s or min, from \"1 s\" to \"60 min\"".to_owned();
        self.problem(name, format!("{name} must be a duration"), Some(help));
        default
    }

    /// A secret's source, if given.
    pub fn secret(&mut self, name: &'static str) -> Option<&'a SecretSource> {
        match self.raw(name)? {
            Setting::Secret(source) => Some(source),
            _ => self.wrong(name, "a reference such as { env = \"NAME\" } or { file = \"PATH\" }"),
        }
    }

    /// Reports that `name` must be given.
    pub fn missing(&mut self, name: &str) {
        let message = format!("{name} is missing");
        self.problems.push(Problem { path: self.path.clone(), message, help: None });
    }

    /// Reports a problem with `name`.
    pub fn problem(&mut self, name: &str, message: impl Into<String>, help: Option<String>) {
        let path = format!("{}.{name}", self.path);
        self.problems.push(Problem { path, message: message.into(), help });
    }

    fn wrong<T>(&mut self, name: &str, expected: &str) -> Option<T> {
        self.problem(name, format!("{name} must be {expected}"), None);
        None
    }

    /// Every problem found, unknown names included.
    #[must_use]
    pub fn finish(mut self) -> Vec<Problem> {
        for name in self.table.into_iter().flat_map(BTreeMap::keys) {
            if !self.known.iter().any(|k| k == name) {
                let known = self.known.join(", ");
                let path = format!("{}.{name}", self.path);
                let message = format!("{name} is not a setting of {}", self.path);
                self.problems.push(Problem {
                    path,
                    message,
                    help: Some(format!("known: {known}")),
                });
            }
        }
        self.problems
    }
}

fn parse_duration(text: &str) -> Option<Duration> {
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = text.strip_prefix(digits)?.trim();
    let number: u64 = digits.parse().ok()?;
    match unit {
        "s" => Some(Duration::from_secs(number)),
        "min" => Some(Duration::from_secs(number.checked_mul(60)?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_limits_take_seconds_and_minutes() {
        let check = |text: &str, expected: Option<u64>| {
            let table = BTreeMap::from([("t".to_owned(), Setting::Text(text.to_owned()))]);
            let mut reader = SettingReader::table("x".to_owned(), &table);
            let limit = reader.time_limit("t", Duration::from_secs(7)).as_secs();
            assert_eq!(
                (limit, reader.finish().len()),
                expected.map_or((7, 1), |s| (s, 0)),
                "{text}"
            );
        };
        check("100 s", Some(100));
        check("2min", Some(120));
        for text in ["", "0 s", "61 min", "5", "5 h", "s", "-3 s", "99999999999999999999 s"] {
            check(text, None);
        }
    }

    #[test]
    fn every_problem_is_reported_with_its_place() {
        let table = BTreeMap::from([
            ("tenant".to_owned(), Setting::Integer(5)),
            ("tennant".to_owned(), Setting::Text("x".to_owned())),
        ]);
        let config = ConnectorConfig {
            name: Name::new("graph"),
            settings: BTreeMap::from([("connectivity".to_owned(), Setting::Table(table))]),
            objects: BTreeMap::new(),
            export_allowed: true,
            folder: PathBuf::new(),
        };
        let mut reader = SettingReader::section(&config, "connectivity");
        assert_eq!(reader.required_text("tenant"), "");
        assert_eq!(reader.required_text("client_id"), "");
        assert_eq!(reader.secret("client_secret"), None);
        let problems: Vec<String> =
            reader.finish().into_iter().map(|p| format!("{}: {}", p.path, p.message)).collect();
        assert_eq!(
            problems,
            [
                "connectivity.tenant: tenant must be text in quotes",
                "connectivity: client_id is missing",
                "connectivity.tennant: tennant is not a setting of connectivity",
            ]
        );
    }
}
