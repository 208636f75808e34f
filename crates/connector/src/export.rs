//! Writing to a connected system: one operation per object, one outcome per operation.

use std::collections::BTreeMap;

use async_trait::async_trait;
use model::{Attributes, Changes, Name, Secret};

use crate::ConnectorError;

/// What to do with the object.
#[derive(Debug, Clone)]
pub enum ExportKind {
    /// Create it.
    Add {
        /// Its attributes.
        attributes: Attributes,
    },
    /// Change it; rename or move it when `new_dn` is given.
    Update {
        /// The changed attributes.
        changes: Changes,
        /// Its DN afterwards.
        new_dn: Option<String>,
    },
    /// Delete it.
    Delete,
}

/// One object's pending export, ready to be sent.
#[derive(Debug, Clone)]
pub struct ExportOperation {
    /// The object type in the connected system's words.
    pub object_type: Name,
    /// The object's DN as last known.
    pub dn: String,
    /// Its anchor, once known.
    pub anchor: Option<String>,
    /// What to do.
    pub kind: ExportKind,
    /// Values of secret attributes, drawn for this attempt alone; sent in the same request as the
    /// rest wherever the system allows it.
    pub secrets: BTreeMap<Name, Secret>,
    /// An earlier attempt at this operation may have reached the system: look before writing, and
    /// take an object that is already as wanted for success.
    pub in_doubt: bool,
}

/// What became of one operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExportOutcome {
    /// Done.
    Success {
        /// The object's anchor, when the system gave or confirmed one.
        anchor: Option<String>,
    },
    /// Refused; the change stays pending.
    Failed(ExportError),
    /// Sent, but the answer was lost: it may or may not have happened.
    InDoubt,
    /// Never sent.
    NotSent,
}

/// Why an object's export failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportError {
    /// The class of the failure.
    pub error_type: ExportErrorType,
    /// The system's own code, e.g. `19 (0000052D)`.
    pub code: Option<String>,
    /// The system's own message, or ours when it was refused before sending.
    pub message: String,
}

/// The kinds of export errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are MIM's and are explained in docs/error-codes.md")]
pub enum ExportErrorType {
    CdExistingObject,
    CdMissingObject,
    CdExistingAttributeOrValue,
    CdError,
    NonExistentParent,
    RenameToExistingDn,
    InvalidDn,
    InvalidAttributeValue,
    MissingProvisioningAttribute,
    ConstraintViolation,
    ReadonlyAttribute,
    PasswordPolicyViolation,
    PermissionIssue,
    NoExportToThisObjectType,
    UnsupportedContainerDelete,
}

impl ExportErrorType {
    /// The name MIM gives it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CdExistingObject => "cd-existing-object",
            Self::CdMissingObject => "cd-missing-object",
            Self::CdExistingAttributeOrValue => "cd-existing-attribute-or-value",
            Self::CdError => "cd-error",
            Self::NonExistentParent => "non-existent-parent",
            Self::RenameToExistingDn => "rename-to-existing-dn",
            Self::InvalidDn => "invalid-dn",
            Self::InvalidAttributeValue => "invalid-attribute-value",
            Self::MissingProvisioningAttribute => "missing-provisioning-attribute",
            Self::ConstraintViolation => "constraint-violation",
            Self::ReadonlyAttribute => "readonly-attribute",
            Self::PasswordPolicyViolation => "password-policy-violation",
            Self::PermissionIssue => "permission-issue",
            Self::NoExportToThisObjectType => "no-export-to-this-object-type",
            Self::UnsupportedContainerDelete => "unsupported-container-delete",
        }
    }
}

/// The outcomes of one call, one per operation and in their order.
#[derive(Debug)]
pub struct ExportBatch {
    /// As many as there were operations.
    pub outcomes: Vec<ExportOutcome>,
    /// Why the run cannot go on, if it cannot.
    pub stopped: Option<ConnectorError>,
}

/// A write in progress.
#[async_trait]
pub trait ExportSession: Send {
    /// Carries out operations in order. Never fails as a whole: what happened to each is in its
    /// outcome.
    async fn export(&mut self, operations: &[ExportOperation]) -> ExportBatch;
}
