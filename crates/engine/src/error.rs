//! Why a step did not come to its end.

use connector::ConnectorError;
use model::Name;
use store::StoreError;

use crate::result::StepResult;

/// A step ended early.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// The store failed. The run stays open and can be resumed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The step ends with a result.
    #[error("{message}")]
    Ended {
        /// The result.
        result: StepResult,
        /// What happened.
        message: String,
        /// What to do about it.
        help: Option<String>,
        /// The stable code.
        code: &'static str,
    },
}

impl StepError {
    pub(crate) fn ended(result: StepResult, code: &'static str, message: String) -> Self {
        Self::Ended { result, message, help: None, code }
    }

    pub(crate) fn before_start(error: ConnectorError) -> Self {
        let result = StepResult::not_started(error.kind);
        Self::of_connector(result, error)
    }

    pub(crate) fn while_reading(error: ConnectorError) -> Self {
        let result = StepResult::stopped(error.kind);
        Self::of_connector(result, error)
    }

    fn of_connector(result: StepResult, error: ConnectorError) -> Self {
        let code = error.code();
        let mut message = error.message;
        let mut source = error.source.as_deref().map(|e| e as &dyn std::error::Error);
        while let Some(cause) = source {
            let text = cause.to_string();
            if !message.contains(&text) {
                message = format!("{message}: {text}");
            }
            source = cause.source();
        }
        Self::Ended { result, message, help: error.help, code }
    }

    pub(crate) fn full_import_required(connector: &Name) -> Self {
        Self::Ended {
            result: StepResult::NoStartFullImportRequired,
            message: format!("{connector} has no watermark to continue from"),
            help: Some(format!("run {connector} full-import first")),
            code: "ENG-0101",
        }
    }
}
