//! The closed sets of words that tests use: the product's own names.

use connector::{DiscoveryErrorType, ErrorKind, ExportErrorType};
use engine::counters::{export, inbound, outbound, staging};

/// Why a connector call fails as a whole.
pub(crate) const ERROR_KINDS: [(&str, ErrorKind); 9] = [
    ("configuration", ErrorKind::Configuration),
    ("credentials", ErrorKind::Credentials),
    ("permission", ErrorKind::Permission),
    ("connection", ErrorKind::Connection),
    ("certificate", ErrorKind::Certificate),
    ("partition-missing", ErrorKind::PartitionMissing),
    ("full-import-required", ErrorKind::FullImportRequired),
    ("throttled", ErrorKind::Throttled),
    ("unexpected-data", ErrorKind::UnexpectedData),
];

const fn discovery(error: DiscoveryErrorType) -> (&'static str, DiscoveryErrorType) {
    (error.as_str(), error)
}

/// Why an entry cannot be read.
pub(crate) const DISCOVERY_ERRORS: [(&str, DiscoveryErrorType); 9] = [
    discovery(DiscoveryErrorType::MissingDn),
    discovery(DiscoveryErrorType::InvalidDn),
    discovery(DiscoveryErrorType::MissingAnchorComponent),
    discovery(DiscoveryErrorType::DuplicateObject),
    discovery(DiscoveryErrorType::MissingObjectType),
    discovery(DiscoveryErrorType::InvalidAttributeValue),
    discovery(DiscoveryErrorType::MultiSingleMismatch),
    discovery(DiscoveryErrorType::NeedFullObject),
    discovery(DiscoveryErrorType::ReadError),
];

const fn refusal(error: ExportErrorType) -> (&'static str, ExportErrorType) {
    (error.as_str(), error)
}

/// Why an operation is refused.
pub(crate) const EXPORT_ERRORS: [(&str, ExportErrorType); 15] = [
    refusal(ExportErrorType::CdExistingObject),
    refusal(ExportErrorType::CdMissingObject),
    refusal(ExportErrorType::CdExistingAttributeOrValue),
    refusal(ExportErrorType::CdError),
    refusal(ExportErrorType::NonExistentParent),
    refusal(ExportErrorType::RenameToExistingDn),
    refusal(ExportErrorType::InvalidDn),
    refusal(ExportErrorType::InvalidAttributeValue),
    refusal(ExportErrorType::MissingProvisioningAttribute),
    refusal(ExportErrorType::ConstraintViolation),
    refusal(ExportErrorType::ReadonlyAttribute),
    refusal(ExportErrorType::PasswordPolicyViolation),
    refusal(ExportErrorType::PermissionIssue),
    refusal(ExportErrorType::NoExportToThisObjectType),
    refusal(ExportErrorType::UnsupportedContainerDelete),
];

/// How a run can end, here or in Microsoft Identity Manager; and how it can come to nothing.
pub(crate) const RESULTS: [&str; 41] = [
    "success",
    "completed-no-objects",
    "completed-warnings",
    "completed-sync-errors",
    "completed-export-errors",
    "completed-discovery-errors",
    "completed-transient-objects",
    "no-start-credentials",
    "no-start-connection",
    "no-start-bad-ma-configuration",
    "no-start-full-import-required",
    "no-start-partition-not-configured",
    "no-start-partition-rename",
    "no-start-partition-delete",
    "no-start-delta-step-type-not-configured",
    "no-start-no-steps-in-profile",
    "no-start-ma",
    "no-start-file-not-found",
    "no-start-file-access-denied",
    "no-start-file-contains-incorrect-step-type",
    "stopped-connectivity",
    "stopped-bad-server-credentials",
    "stopped-unexpected-data",
    "stopped-import-read",
    "stopped-deletion-limit",
    "stopped-object-limit",
    "stopped-error-limit",
    "stopped-export-disabled",
    "stopped-server-down",
    "stopped-deletion-threshold-exceeded",
    "stopped-disable-threshold-exceeded",
    "stopped-member-removal-threshold-exceeded",
    "stopped-attribute-blanking-threshold-exceeded",
    "stopped-move-threshold-exceeded",
    "stopped-create-threshold-exceeded",
    "stopped-update-threshold-exceeded",
    "stopped-file-error",
    "stopped-user-termination-from-wmi-or-ui",
    CRASHED,
    HUNG,
    REFUSED,
];

/// The result of a run that a fault ended together with its process.
pub(crate) const CRASHED: &str = "crashed";
/// The result of a run whose process is there and does nothing.
pub(crate) const HUNG: &str = "hung";
/// The result of a run that was not begun, since another one of its connector is going on.
pub(crate) const REFUSED: &str = "refused";

/// Counters of a run that have no target.
pub(crate) const COUNTERS: [&str; 48] = [
    staging::NO_CHANGE,
    staging::ADD,
    staging::UPDATE,
    staging::RENAME,
    staging::DELETE,
    staging::DELETE_ADD,
    staging::FAILURE,
    staging::FILTERED_DELETIONS,
    "filtered-objects",
    inbound::DISCONNECTOR_FILTERED,
    inbound::DISCONNECTOR_REMAINS,
    inbound::JOINED_FLOW,
    inbound::JOINED_NO_FLOW,
    inbound::JOINED_REMOVE_MV,
    inbound::PROJECTED_FLOW,
    inbound::PROJECTED_NO_FLOW,
    inbound::PROJECTED_REMOVE_MV,
    inbound::CONNECTOR_FILTERED_REMOVE_MV,
    inbound::CONNECTOR_FILTERED_LEAVE_MV,
    inbound::CONNECTOR_FLOW,
    inbound::CONNECTOR_FLOW_REMOVE_MV,
    inbound::CONNECTOR_NO_FLOW,
    inbound::CONNECTOR_DELETE_REMOVE_MV,
    inbound::CONNECTOR_DELETE_LEAVE_MV,
    inbound::CONNECTOR_DELETE_ADD,
    inbound::FLOW_FAILURE,
    export::ADD,
    export::UPDATE,
    export::RENAME,
    export::DELETE,
    "export-delete-add",
    export::FAILURE,
    "projections",
    "joins",
    "filtered-disconnectors",
    "disconnectors",
    "connectors-with-flow-updates",
    "connectors-without-flow-updates",
    "filtered-connectors",
    "deleted-connectors",
    "metaverse-object-deletes",
    "provisioning-adds",
    "provisioning-renames",
    "provisioning-delete-adds",
    "provisioning-disconnects",
    "export-attribute-flow",
    "current-export-step-counter",
    "last-successful-export-step-counter",
];

/// Sums of other counters; a closed list of counters leaves them out.
pub(crate) const SUMS: [&str; 14] = [
    "projections",
    "joins",
    "filtered-disconnectors",
    "disconnectors",
    "connectors-with-flow-updates",
    "connectors-without-flow-updates",
    "filtered-connectors",
    "deleted-connectors",
    "metaverse-object-deletes",
    "provisioning-adds",
    "provisioning-renames",
    "provisioning-delete-adds",
    "provisioning-disconnects",
    "export-attribute-flow",
];

/// Counters with a target, written `NAME@CONNECTOR`.
pub(crate) const TARGET_COUNTERS: [&str; 9] = [
    outbound::ADD_FLOW,
    outbound::ADD_NO_FLOW,
    outbound::RENAME_FLOW,
    outbound::RENAME_NO_FLOW,
    "provisioned-delete-add-flow",
    "provisioned-delete-add-no-flow",
    outbound::DISCONNECT,
    outbound::FLOW,
    outbound::NO_FLOW,
];

/// States of objects of connector spaces.
pub(crate) const STATES: [&str; 7] = [
    "connector",
    "explicit-connector",
    "disconnector",
    "explicit-disconnector",
    "filtered-disconnector",
    "placeholder",
    "transient",
];

/// What of a connector space can be counted.
pub(crate) const COUNTS: [&str; 12] = [
    "total",
    "connectors",
    "disconnectors",
    "explicit-disconnectors",
    "filtered-disconnectors",
    "explicit-connectors",
    "placeholders",
    "pending-import",
    "pending-export",
    "awaiting-confirmation",
    "import-errors",
    "export-errors",
];
