//! How commands fail, and the exit codes.

use std::process::ExitCode;

use engine::{EngineError, RulebookError, SingleError};
use store::StoreError;

/// How a command ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All done.
    Done,
    /// Failed.
    Failed,
    /// The command line makes no sense.
    Usage,
    /// Done, but objects failed.
    ObjectErrors,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::ObjectErrors => 3,
        })
    }
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// What happened.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// The stable code.
    pub code: Option<&'static str>,
    /// The exit code.
    pub exit: Exit,
}

impl Failure {
    /// A failure that says `message`.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None, code: None, exit: Exit::Failed }
    }

    /// A mistake on the command line.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, ..Self::new(message) }
    }

    /// The same failure with advice.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same failure with its code.
    #[must_use]
    pub const fn with_code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// A failure of something that tells its causes.
    pub fn caused(error: &dyn std::error::Error) -> Self {
        Self::new(chain(error))
    }
}

/// An error's text with those of its causes, none repeated.
#[must_use]
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let more = cause.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        source = cause.source();
    }
    text
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let help = match &error {
            StoreError::Locked { .. } => {
                Some("stop the other proxeny process, or let it do the work")
            }
            StoreError::NewerVersion { .. } => Some("use the newer program that wrote it"),
            StoreError::NotAStore { .. } => {
                Some("name another file in [store] url of proxeny.toml")
            }
            _ => None,
        };
        let code = error.code();
        Self { help: help.map(str::to_owned), ..Self::caused(&error).with_code(code) }
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Store(error) => error.into(),
            EngineError::Synchronizing => {
                let code = error.code();
                Self::caused(&error).with_code(code).with_help("wait for it, and try again")
            }
            EngineError::UnknownConnector { ref known, .. } => {
                let help = format!("known connectors: {}", known.join(", "));
                Self { exit: Exit::Usage, ..Self::caused(&error).with_help(help) }
            }
            EngineError::Abandoned { ref name, .. } => {
                let help = format!(
                    "put its document back, empty its connector space with `proxeny cs clear \
                     {name} --yes`, and take it out then"
                );
                Self::caused(&error).with_help(help).with_code("ENG-0108")
            }
            EngineError::UnknownProfile { ref known, .. } => {
                let help = format!("run profiles: {}", known.join(", "));
                Self { exit: Exit::Usage, ..Self::caused(&error).with_help(help) }
            }
        }
    }
}

impl From<SingleError> for Failure {
    fn from(error: SingleError) -> Self {
        let code = error.code();
        let help = match error {
            SingleError::Engine(error) => return error.into(),
            SingleError::Rules(error) => return error.into(),
            SingleError::UnknownType { ref known, .. } => {
                Some(format!("types: {}", known.join(", ")))
            }
            SingleError::Connector { .. } => {
                Some("disconnect it first: proxeny joiner disconnect".to_owned())
            }
            _ => None,
        };
        Self { help, ..Self::caused(&error).with_code(code) }
    }
}

impl From<RulebookError> for Failure {
    fn from(error: RulebookError) -> Self {
        match error {
            RulebookError::Store(error) => error.into(),
            RulebookError::Rules(ref diagnostics) => {
                let texts: Vec<String> = diagnostics.iter().map(ToString::to_string).collect();
                Self::new(format!("{error}: {}", texts.join("; "))).with_code("ENG-0102")
            }
        }
    }
}

impl From<service::ServiceError> for Failure {
    fn from(error: service::ServiceError) -> Self {
        let code = error.code();
        Self::caused(&error).with_code(code)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::caused(&error)
    }
}
