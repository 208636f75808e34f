//! The properties of the Graph resource `user` that can be imported, with their types.
//!
//! Spec: the user resource type of Graph v1.0; directory extensions are named
//! `extension_{application}_{name}`.
//! Not here: links to other objects and structured properties.

use model::{AttributeSchema, ValueType};

const TEXT: AttributeSchema = AttributeSchema::single(ValueType::String);
const TEXTS: AttributeSchema = AttributeSchema::multi(ValueType::String);
const FLAG: AttributeSchema = AttributeSchema::single(ValueType::Boolean);
const MOMENT: AttributeSchema = AttributeSchema::single(ValueType::DateTime);

/// The property that is the anchor.
pub(crate) const ANCHOR: &str = "id";

/// The one object type.
pub(crate) const USER: &str = "user";

const USER_PROPERTIES: &[(&str, AttributeSchema)] = &[
    ("accountEnabled", FLAG),
    ("ageGroup", TEXT),
    ("businessPhones", TEXTS),
    ("city", TEXT),
    ("companyName", TEXT),
    ("consentProvidedForMinor", TEXT),
    ("country", TEXT),
    ("createdDateTime", MOMENT.read_only()),
    ("creationType", TEXT.read_only()),
    ("department", TEXT),
    ("displayName", TEXT),
    ("employeeHireDate", MOMENT),
    ("employeeId", TEXT),
    ("employeeLeaveDateTime", MOMENT),
    ("employeeType", TEXT),
    ("externalUserState", TEXT.read_only()),
    ("externalUserStateChangeDateTime", MOMENT.read_only()),
    ("givenName", TEXT),
    (ANCHOR, TEXT.read_only()),
    ("imAddresses", TEXTS.read_only()),
    ("jobTitle", TEXT),
    ("lastPasswordChangeDateTime", MOMENT.read_only()),
    ("legalAgeGroupClassification", TEXT.read_only()),
    ("mail", TEXT),
    ("mailNickname", TEXT),
    ("mobilePhone", TEXT),
    ("officeLocation", TEXT),
    ("onPremisesDistinguishedName", TEXT.read_only()),
    ("onPremisesDomainName", TEXT.read_only()),
    ("onPremisesImmutableId", TEXT),
    ("onPremisesLastSyncDateTime", MOMENT.read_only()),
    ("onPremisesSamAccountName", TEXT.read_only()),
    ("onPremisesSecurityIdentifier", TEXT.read_only()),
    ("onPremisesSyncEnabled", FLAG.read_only()),
    ("onPremisesUserPrincipalName", TEXT.read_only()),
    ("otherMails", TEXTS),
    ("passwordPolicies", TEXT),
    ("postalCode", TEXT),
    ("preferredLanguage", TEXT),
    ("proxyAddresses", TEXTS.read_only()),
    ("showInAddressList", FLAG),
    ("signInSessionsValidFromDateTime", MOMENT.read_only()),
    ("state", TEXT),
    ("streetAddress", TEXT),
    ("surname", TEXT),
    ("usageLocation", TEXT),
    ("userPrincipalName", TEXT),
    ("userType", TEXT),
];

/// Properties that exist but cannot be imported, and why.
const REFUSED_PROPERTIES: &[(&[&str], &str)] = &[
    (
        &[
            "aboutMe",
            "birthday",
            "hireDate",
            "interests",
            "mailboxSettings",
            "mySite",
            "pastProjects",
            "preferredName",
            "responsibilities",
            "schools",
            "signInActivity",
            "skills",
        ],
        "Graph does not deliver it in a delta query",
    ),
    (
        &[
            "assignedLicenses",
            "assignedPlans",
            "employeeOrgData",
            "identities",
            "licenseAssignmentStates",
            "onPremisesExtensionAttributes",
            "onPremisesProvisioningErrors",
            "passwordProfile",
            "provisionedPlans",
        ],
        "it is a structure, not a value",
    ),
    (&["directReports", "manager", "memberOf", "sponsors"], "links are not imported"),
];

/// The type of a property; directory extensions are read as text.
pub(crate) fn attribute(name: &str) -> Option<AttributeSchema> {
    let known = USER_PROPERTIES.iter().find(|(n, _)| *n == name).map(|(_, schema)| *schema);
    known.or_else(|| is_extension(name).then_some(TEXT))
}

/// Why a property that exists cannot be selected.
pub(crate) fn refusal(name: &str) -> Option<&'static str> {
    REFUSED_PROPERTIES.iter().find(|(names, _)| names.contains(&name)).map(|(_, why)| *why)
}

/// Properties whose names are like `name`: the same but for case, or one within the other.
pub(crate) fn similar(name: &str) -> Vec<&'static str> {
    let wanted = name.to_lowercase();
    let names = || USER_PROPERTIES.iter().map(|(n, _)| *n);
    if let Some(same) = names().find(|n| n.to_lowercase() == wanted) {
        return vec![same];
    }
    // Two letters are within everything.
    if wanted.len() < 3 {
        return Vec::new();
    }
    let is_like =
        |n: &&str| n.to_lowercase().contains(&wanted) || wanted.contains(&n.to_lowercase());
    names().filter(|n| n.len() > 2).filter(is_like).collect()
}

fn is_extension(name: &str) -> bool {
    let rest = name.strip_prefix("extension_").unwrap_or_default();
    rest.split_once('_').is_some_and(|(application, property)| {
        !application.is_empty()
            && application.chars().all(|c| c.is_ascii_alphanumeric())
            && !property.is_empty()
            && property.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_well_formed_extensions_are_taken_for_such() {
        assert_eq!(attribute("extension_0a1b2c_costCenter"), Some(TEXT));
        for name in ["extension_", "extension_x", "extension_0a1b_a&b", "extension_0a1b_"] {
            assert_eq!(attribute(name), None, "{name}");
        }
    }

    #[test]
    fn a_near_miss_is_recognised() {
        assert_eq!(similar("displayname"), ["displayName"]);
        assert_eq!(similar("phone"), ["businessPhones", "mobilePhone"]);
        assert_eq!(similar("userMail"), ["mail"]);
        assert!(similar("xy").is_empty());
    }

    #[test]
    fn nothing_is_both_offered_and_refused() {
        for (name, _) in USER_PROPERTIES {
            assert_eq!(refusal(name), None, "{name}");
        }
        assert!(refusal("manager").is_some());
    }
}
