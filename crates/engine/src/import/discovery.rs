//! Errors of a read: entries that cannot be staged. They belong to the run, not to an object.

use connector::{DiscoveryError, DiscoveryErrorType};
use model::{Dn, DnStyle, Image};
use store::RunError;

use super::gather::Refused;
use crate::limits::DN_LEVELS_MAX;

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

/// The error of an entry that was refused while entries were gathered.
pub(super) fn refused(entry: Refused) -> RunError {
    match entry {
        Refused::Unidentified(dn) => {
            let message = "the object came without an anchor";
            of_type(DiscoveryErrorType::MissingAnchorComponent, dn, message)
        }
        Refused::Duplicate(dn) => {
            let message =
                "another entry of the same read has the same anchor; the first one counts";
            of_type(DiscoveryErrorType::DuplicateObject, dn, message)
        }
    }
}

/// Takes the images out whose names no connector space holds; their errors.
pub(super) fn refuse_names(images: &mut Vec<Image>, style: DnStyle) -> Vec<RunError> {
    let refused = images.extract_if(.., |image| is_too_deep(&image.dn, style));
    let message = format!("the name has more than {DN_LEVELS_MAX} levels");
    let error = |image: Image| of_type(DiscoveryErrorType::InvalidDn, image.dn, &message);
    refused.map(error).collect()
}

/// True if a name has more levels than MIM takes.
pub(crate) fn is_too_deep(dn: &str, style: DnStyle) -> bool {
    // Every level but the last ends with a comma, so most names need not be parsed.
    let commas = dn.bytes().filter(|octet| *octet == b',').count();
    style == DnStyle::Ldap
        && commas >= DN_LEVELS_MAX
        && Dn::parse(dn).is_ok_and(|dn| dn.rdns.len() > DN_LEVELS_MAX)
}

fn of_type(error_type: DiscoveryErrorType, object: String, message: &str) -> RunError {
    discovered(DiscoveryError { error_type, object, message: message.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_at_most_59_levels() {
        let dn = |levels: usize| vec!["OU=a\\,b"; levels].join(",");
        assert!(!is_too_deep(&dn(59), DnStyle::Ldap));
        assert!(is_too_deep(&dn(60), DnStyle::Ldap));
        assert!(!is_too_deep(&dn(60), DnStyle::Anchor));
    }
}
