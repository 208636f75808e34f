//! Errors of a read: entries that cannot be staged. They belong to the run, not to an object.

use connector::{DiscoveryError, DiscoveryErrorType};
use store::RunError;

/// An error that the connector found.
pub(super) fn discovered(error: DiscoveryError) -> RunError {
    RunError {
        object: None,
        name: error.object,
        error_type: error.error_type.as_str().to_owned(),
        step: "staging".to_owned(),
        message: error.message,
        code: None,
        rule: None,
    }
}

/// A change to an object that nobody has shown whole.
pub(super) fn need_full_object(anchor: String) -> RunError {
    let message = "a change to an object that is not known came without the whole object";
    of_type(DiscoveryErrorType::NeedFullObject, anchor, message)
}

/// An object without an anchor.
pub(super) fn unidentified(dn: String) -> RunError {
    let message = "the object came without an anchor";
    of_type(DiscoveryErrorType::MissingAnchorComponent, dn, message)
}

fn of_type(error_type: DiscoveryErrorType, object: String, message: &str) -> RunError {
    discovered(DiscoveryError { error_type, object, message: message.to_owned() })
}
