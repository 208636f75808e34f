//! The properties of the `user` resource: which exist, which come without asking, which can be
//! written.

use serde_json::Value;

/// The JSON shape of a property's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Text,
    Flag,
    Texts,
    Complex,
}

/// One property of the resource.
#[derive(Debug, Clone, Copy)]
pub(super) struct Property {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    /// Returned when nothing is selected.
    pub(super) is_default: bool,
    pub(super) is_writable: bool,
    /// Stored outside the directory: only of a single user, never in lists or deltas.
    pub(super) is_elsewhere: bool,
}

const fn property(name: &'static str, shape: Shape) -> Property {
    Property { name, shape, is_default: false, is_writable: true, is_elsewhere: false }
}

const fn default(name: &'static str, shape: Shape) -> Property {
    Property { is_default: true, ..property(name, shape) }
}

const fn fixed(name: &'static str, shape: Shape) -> Property {
    Property { is_writable: false, ..property(name, shape) }
}

const fn elsewhere(name: &'static str, shape: Shape) -> Property {
    Property { is_elsewhere: true, ..property(name, shape) }
}

use Shape::{Complex, Flag, Text, Texts};

const PROPERTIES: &[Property] = &[
    default("businessPhones", Texts),
    default("displayName", Text),
    default("givenName", Text),
    default("jobTitle", Text),
    default("mail", Text),
    default("mobilePhone", Text),
    default("officeLocation", Text),
    default("preferredLanguage", Text),
    default("surname", Text),
    default("userPrincipalName", Text),
    Property { is_writable: false, ..default("id", Text) },
    property("accountEnabled", Flag),
    property("ageGroup", Text),
    fixed("assignedLicenses", Complex),
    fixed("assignedPlans", Complex),
    property("city", Text),
    property("companyName", Text),
    property("consentProvidedForMinor", Text),
    property("country", Text),
    fixed("createdDateTime", Text),
    fixed("creationType", Text),
    fixed("deletedDateTime", Text),
    property("department", Text),
    property("employeeHireDate", Text),
    property("employeeId", Text),
    property("employeeLeaveDateTime", Text),
    property("employeeOrgData", Complex),
    property("employeeType", Text),
    fixed("externalUserState", Text),
    fixed("externalUserStateChangeDateTime", Text),
    property("identities", Complex),
    fixed("imAddresses", Texts),
    fixed("lastPasswordChangeDateTime", Text),
    fixed("legalAgeGroupClassification", Text),
    property("mailNickname", Text),
    property("onPremisesExtensionAttributes", Complex),
    property("onPremisesImmutableId", Text),
    fixed("onPremisesDistinguishedName", Text),
    fixed("onPremisesDomainName", Text),
    fixed("onPremisesLastSyncDateTime", Text),
    fixed("onPremisesProvisioningErrors", Complex),
    fixed("onPremisesSamAccountName", Text),
    fixed("onPremisesSecurityIdentifier", Text),
    fixed("onPremisesSyncEnabled", Flag),
    fixed("onPremisesUserPrincipalName", Text),
    property("otherMails", Texts),
    property("passwordPolicies", Text),
    property("passwordProfile", Complex),
    property("postalCode", Text),
    fixed("proxyAddresses", Texts),
    property("showInAddressList", Flag),
    fixed("signInSessionsValidFromDateTime", Text),
    property("state", Text),
    property("streetAddress", Text),
    property("usageLocation", Text),
    property("userType", Text),
    elsewhere("aboutMe", Text),
    elsewhere("birthday", Text),
    elsewhere("hireDate", Text),
    elsewhere("interests", Texts),
    elsewhere("mailboxSettings", Complex),
    elsewhere("mySite", Text),
    elsewhere("pastProjects", Texts),
    elsewhere("preferredName", Text),
    elsewhere("responsibilities", Texts),
    elsewhere("schools", Texts),
    elsewhere("skills", Texts),
];

/// The property `name`; directory extensions count as text whatever they are.
pub(super) fn find(name: &str) -> Option<Property> {
    let known = PROPERTIES.iter().copied().find(|p| p.name == name);
    known.or_else(|| name.starts_with("extension_").then(|| property("extension", Complex)))
}

/// The names returned when nothing is selected.
pub(super) fn defaults() -> impl Iterator<Item = &'static str> {
    PROPERTIES.iter().filter(|p| p.is_default).map(|p| p.name)
}

/// True if `value` can be the property's value; null clears any.
pub(super) fn fits(shape: Shape, value: &Value) -> bool {
    value.is_null()
        || match shape {
            Text => value.is_string(),
            Flag => value.is_boolean(),
            Texts => value.as_array().is_some_and(|list| list.iter().all(Value::is_string)),
            Complex => true,
        }
}
