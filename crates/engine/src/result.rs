//! Results of steps, by their documented names.

use connector::ErrorKind;
use rules::ChangeKind;

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are explained in docs/run-results.md")]
pub enum StepResult {
    Success,
    CompletedNoObjects,
    CompletedWarnings,
    CompletedSyncErrors,
    CompletedExportErrors,
    CompletedDiscoveryErrors,
    CompletedTransientObjects,
    NoStartCredentials,
    NoStartConnection,
    NoStartBadConfiguration,
    NoStartFullImportRequired,
    NoStartPartitionNotConfigured,
    NoStartDeltaStepTypeNotConfigured,
    NoStartFileNotFound,
    NoStartFileAccessDenied,
    NoStartFileContainsIncorrectStepType,
    StoppedConnectivity,
    StoppedBadServerCredentials,
    StoppedUnexpectedData,
    StoppedImportRead,
    StoppedObjectLimit,
    StoppedDeletionLimit,
    StoppedThresholdExceeded(ChangeKind),
    StoppedUserTermination,
    StoppedFileError,
    StoppedErrorLimit,
    StoppedExportDisabled,
}

impl StepResult {
    /// The result's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::CompletedNoObjects => "completed-no-objects",
            Self::CompletedWarnings => "completed-warnings",
            Self::CompletedSyncErrors => "completed-sync-errors",
            Self::CompletedExportErrors => "completed-export-errors",
            Self::CompletedDiscoveryErrors => "completed-discovery-errors",
            Self::CompletedTransientObjects => "completed-transient-objects",
            Self::NoStartCredentials => "no-start-credentials",
            Self::NoStartConnection => "no-start-connection",
            Self::NoStartBadConfiguration => "no-start-bad-ma-configuration",
            Self::NoStartFullImportRequired => "no-start-full-import-required",
            Self::NoStartPartitionNotConfigured => "no-start-partition-not-configured",
            Self::NoStartDeltaStepTypeNotConfigured => "no-start-delta-step-type-not-configured",
            Self::NoStartFileNotFound => "no-start-file-not-found",
            Self::NoStartFileAccessDenied => "no-start-file-access-denied",
            Self::NoStartFileContainsIncorrectStepType => {
                "no-start-file-contains-incorrect-step-type"
            }
            Self::StoppedConnectivity => "stopped-connectivity",
            Self::StoppedBadServerCredentials => "stopped-bad-server-credentials",
            Self::StoppedUnexpectedData => "stopped-unexpected-data",
            Self::StoppedImportRead => "stopped-import-read",
            Self::StoppedObjectLimit => "stopped-object-limit",
            Self::StoppedDeletionLimit => "stopped-deletion-limit",
            Self::StoppedThresholdExceeded(kind) => threshold(kind),
            Self::StoppedUserTermination => "stopped-user-termination-from-wmi-or-ui",
            Self::StoppedFileError => "stopped-file-error",
            Self::StoppedErrorLimit => "stopped-error-limit",
            Self::StoppedExportDisabled => "stopped-export-disabled",
        }
    }

    /// Done, perhaps with errors of single objects.
    #[must_use]
    pub const fn is_completed(self) -> bool {
        matches!(
            self,
            Self::Success
                | Self::CompletedNoObjects
                | Self::CompletedWarnings
                | Self::CompletedSyncErrors
                | Self::CompletedExportErrors
                | Self::CompletedDiscoveryErrors
                | Self::CompletedTransientObjects
        )
    }

    /// Done, and without any object's error.
    #[must_use]
    pub const fn is_clean(self) -> bool {
        matches!(self, Self::Success | Self::CompletedNoObjects)
    }

    /// Whether what follows in a sequence may run.
    #[must_use]
    pub const fn lets_sequence_go_on(self) -> bool {
        self.is_completed() && !matches!(self, Self::CompletedDiscoveryErrors)
    }

    /// The result when a connector fails before the first object.
    #[must_use]
    pub(crate) const fn not_started(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::Credentials | ErrorKind::Permission => Self::NoStartCredentials,
            ErrorKind::Connection | ErrorKind::Certificate | ErrorKind::Throttled => {
                Self::NoStartConnection
            }
            ErrorKind::PartitionMissing => Self::NoStartPartitionNotConfigured,
            ErrorKind::FullImportRequired => Self::NoStartFullImportRequired,
            ErrorKind::Configuration => Self::NoStartBadConfiguration,
            ErrorKind::UnexpectedData => Self::StoppedUnexpectedData,
        }
    }

    /// The result when a connector fails after the first object.
    #[must_use]
    pub(crate) const fn stopped(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::Credentials | ErrorKind::Permission => Self::StoppedBadServerCredentials,
            ErrorKind::UnexpectedData => Self::StoppedUnexpectedData,
            ErrorKind::FullImportRequired => Self::NoStartFullImportRequired,
            _ => Self::StoppedConnectivity,
        }
    }
}

/// Entra's word for deletions, and its like for the other kinds.
const fn threshold(kind: ChangeKind) -> &'static str {
    match kind {
        ChangeKind::Delete => "stopped-deletion-threshold-exceeded",
        ChangeKind::Disable => "stopped-disable-threshold-exceeded",
        ChangeKind::MemberRemoval => "stopped-member-removal-threshold-exceeded",
        ChangeKind::AttributeBlanking => "stopped-attribute-blanking-threshold-exceeded",
        ChangeKind::Move => "stopped-move-threshold-exceeded",
        ChangeKind::Create => "stopped-create-threshold-exceeded",
        ChangeKind::Update => "stopped-update-threshold-exceeded",
    }
}
