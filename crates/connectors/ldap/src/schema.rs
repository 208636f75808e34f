//! Object types and attributes of Active Directory, as far as they are known without asking.
//!
//! Attributes that are not in the table (an extension of the schema) are taken for single-valued
//! text.
//! Spec: [MS-ADA1], [MS-ADA2], [MS-ADA3] (attributes), [MS-ADSC] (classes).

use model::{AttributeSchema, ValueType};

/// An object type of the connector.
#[derive(Debug)]
pub(crate) struct ObjectType {
    /// Its name in configurations.
    pub(crate) name: &'static str,
    /// An object of one of these classes is of the type, ...
    pub(crate) classes: &'static [&'static str],
    /// ... unless it is of one of these.
    pub(crate) not_classes: &'static [&'static str],
    /// The value of `objectClass` for a new object.
    new_classes: &'static [&'static str],
    /// What a new object's name begins with.
    pub(crate) naming: &'static str,
}

/// The type of people.
pub(crate) const USER: &str = "user";
/// The type of the objects that others lie in.
pub(crate) const CONTAINER: &str = "container";

/// Every object type.
pub(crate) const TYPES: &[ObjectType] = &[
    ObjectType {
        name: USER,
        classes: &["user"],
        not_classes: &["computer"],
        new_classes: &["top", "person", "organizationalPerson", "user"],
        naming: "CN",
    },
    ObjectType {
        name: "group",
        classes: &["group"],
        not_classes: &[],
        new_classes: &["top", "group"],
        naming: "CN",
    },
    ObjectType {
        name: "contact",
        classes: &["contact"],
        not_classes: &[],
        new_classes: &["top", "person", "organizationalPerson", "contact"],
        naming: "CN",
    },
    ObjectType {
        name: CONTAINER,
        classes: &["organizationalUnit", "container", "builtinDomain", "domainDNS"],
        not_classes: &[],
        new_classes: &["top", "organizationalUnit"],
        naming: "OU",
    },
];

/// The object type `name`.
pub(crate) fn object_type(name: &str) -> Option<&'static ObjectType> {
    TYPES.iter().find(|t| t.name == name)
}

impl ObjectType {
    /// The filter that finds objects of this type. All classes in it are immutable, so an object
    /// never enters or leaves it, and deletion does not take them away.
    pub(crate) fn filter(&self) -> String {
        let equal = |class: &&str| format!("(objectClass={class})");
        let any: String = self.classes.iter().map(equal).collect();
        let any = if self.classes.len() > 1 { format!("(|{any})") } else { any };
        if self.not_classes.is_empty() {
            return any;
        }
        let not: String =
            self.not_classes.iter().map(|c| format!("(!(objectClass={c}))")).collect();
        format!("(&{any}{not})")
    }

    /// The classes of a new object whose name begins with `naming`; `None` if that does not suit
    /// the type.
    pub(crate) fn classes_for(&self, naming: &str) -> Option<&'static [&'static str]> {
        if naming.eq_ignore_ascii_case(self.naming) {
            return Some(self.new_classes);
        }
        // Containers proper are named like accounts.
        let is_plain = self.name == CONTAINER && naming.eq_ignore_ascii_case("CN");
        is_plain.then_some(&["top", "container"])
    }
}

/// The filter that finds objects of any of `types`.
pub(crate) fn filter<'a>(types: impl Iterator<Item = &'a str>) -> String {
    let filters: Vec<String> = types.filter_map(object_type).map(ObjectType::filter).collect();
    match filters.as_slice() {
        [one] => one.clone(),
        many => format!("(|{})", many.concat()),
    }
}

const TEXT: AttributeSchema = AttributeSchema::single(ValueType::String);
const TEXTS: AttributeSchema = AttributeSchema::multi(ValueType::String);
const NUMBER: AttributeSchema = AttributeSchema::single(ValueType::Integer);
const FLAG: AttributeSchema = AttributeSchema::single(ValueType::Boolean);
const OCTETS: AttributeSchema = AttributeSchema::single(ValueType::Binary);
const MANY_OCTETS: AttributeSchema = AttributeSchema::multi(ValueType::Binary);
const LINK: AttributeSchema = AttributeSchema::single(ValueType::Reference);
const LINKS: AttributeSchema = AttributeSchema::multi(ValueType::Reference);
const MOMENT: AttributeSchema = AttributeSchema::single(ValueType::DateTime);

/// Name, type, and the most characters of a value (`rangeUpper`; 0 where there is no limit).
type Row = (&'static str, AttributeSchema, usize);

const ATTRIBUTES: &[Row] = &[
    ("accountExpires", NUMBER, 0),
    ("adminCount", NUMBER.read_only(), 0),
    ("adminDescription", TEXT, 1024),
    ("adminDisplayName", TEXT, 256),
    ("badPasswordTime", NUMBER.read_only(), 0),
    ("badPwdCount", NUMBER.read_only(), 0),
    ("c", TEXT, 3),
    ("canonicalName", TEXTS.read_only(), 0),
    ("cn", TEXT.read_only(), 64),
    ("co", TEXT, 128),
    ("comment", TEXT, 0),
    ("company", TEXT, 64),
    ("countryCode", NUMBER, 0),
    ("createTimeStamp", MOMENT.read_only(), 0),
    ("department", TEXT, 64),
    ("departmentNumber", TEXTS, 0),
    ("description", TEXTS, 1024),
    ("directReports", LINKS.read_only(), 0),
    ("displayName", TEXT, 256),
    ("displayNamePrintable", TEXT, 256),
    ("distinguishedName", LINK.read_only(), 0),
    ("division", TEXT, 256),
    ("employeeID", TEXT, 16),
    ("employeeNumber", TEXT, 512),
    ("employeeType", TEXT, 256),
    ("extensionAttribute1", TEXT, 1024),
    ("extensionAttribute10", TEXT, 1024),
    ("extensionAttribute11", TEXT, 2048),
    ("extensionAttribute12", TEXT, 2048),
    ("extensionAttribute13", TEXT, 2048),
    ("extensionAttribute14", TEXT, 2048),
    ("extensionAttribute15", TEXT, 2048),
    ("extensionAttribute2", TEXT, 1024),
    ("extensionAttribute3", TEXT, 1024),
    ("extensionAttribute4", TEXT, 1024),
    ("extensionAttribute5", TEXT, 1024),
    ("extensionAttribute6", TEXT, 1024),
    ("extensionAttribute7", TEXT, 1024),
    ("extensionAttribute8", TEXT, 1024),
    ("extensionAttribute9", TEXT, 1024),
    ("facsimileTelephoneNumber", TEXT, 64),
    ("givenName", TEXT, 64),
    ("groupType", NUMBER, 0),
    ("homeDirectory", TEXT, 0),
    ("homeDrive", TEXT, 0),
    ("homeMDB", LINK, 0),
    ("homePhone", TEXT, 64),
    ("info", TEXT, 1024),
    ("initials", TEXT, 6),
    ("ipPhone", TEXT, 64),
    ("isCriticalSystemObject", FLAG.read_only(), 0),
    ("isDeleted", FLAG.read_only(), 0),
    ("jpegPhoto", MANY_OCTETS, 0),
    ("l", TEXT, 128),
    ("lastLogon", NUMBER.read_only(), 0),
    ("lastLogonTimestamp", NUMBER.read_only(), 0),
    ("legacyExchangeDN", TEXT, 0),
    ("lockoutTime", NUMBER, 0),
    ("logonCount", NUMBER.read_only(), 0),
    ("mail", TEXT, 256),
    ("mailNickname", TEXT, 64),
    ("managedBy", LINK, 0),
    ("managedObjects", LINKS.read_only(), 0),
    ("manager", LINK, 0),
    ("member", LINKS, 0),
    ("memberOf", LINKS.read_only(), 0),
    ("middleName", TEXT, 64),
    ("mobile", TEXT, 64),
    ("modifyTimeStamp", MOMENT.read_only(), 0),
    ("mS-DS-ConsistencyGuid", OCTETS, 0),
    ("msDS-cloudExtensionAttribute1", TEXT, 0),
    ("msDS-ExternalDirectoryObjectId", TEXT, 256),
    ("msDS-PrincipalName", TEXT.read_only(), 0),
    ("msDS-User-Account-Control-Computed", NUMBER.read_only(), 0),
    ("msExchHideFromAddressLists", FLAG, 0),
    ("name", TEXT.read_only(), 255),
    ("nTSecurityDescriptor", OCTETS.read_only(), 0),
    ("o", TEXTS, 64),
    ("objectCategory", LINK.read_only(), 0),
    ("objectClass", TEXTS.read_only(), 0),
    ("objectGUID", OCTETS.read_only(), 0),
    ("objectSid", OCTETS.read_only(), 0),
    ("otherMailbox", TEXTS, 0),
    ("otherMobile", TEXTS, 64),
    ("otherTelephone", TEXTS, 64),
    ("ou", TEXTS.read_only(), 64),
    ("pager", TEXT, 64),
    ("personalTitle", TEXT, 64),
    ("physicalDeliveryOfficeName", TEXT, 128),
    ("postalCode", TEXT, 40),
    ("postOfficeBox", TEXTS, 40),
    ("preferredLanguage", TEXT, 0),
    ("primaryGroupID", NUMBER, 0),
    ("profilePath", TEXT, 0),
    ("proxyAddresses", TEXTS, 1123),
    ("pwdLastSet", NUMBER, 0),
    ("sAMAccountName", TEXT, 256),
    ("sAMAccountType", NUMBER.read_only(), 0),
    ("scriptPath", TEXT, 0),
    ("servicePrincipalName", TEXTS, 0),
    ("showInAddressBook", LINKS, 0),
    ("sIDHistory", MANY_OCTETS.read_only(), 0),
    ("sn", TEXT, 64),
    ("st", TEXT, 128),
    ("street", TEXT, 1024),
    ("streetAddress", TEXT, 1024),
    ("targetAddress", TEXT, 1123),
    ("telephoneNumber", TEXT, 64),
    ("textEncodedORAddress", TEXT, 1024),
    ("thumbnailPhoto", OCTETS, 0),
    ("title", TEXT, 128),
    ("uid", TEXTS, 256),
    ("uidNumber", NUMBER, 0),
    ("gidNumber", NUMBER, 0),
    ("unicodePwd", OCTETS.secret(), 0),
    ("url", TEXTS, 0),
    ("userAccountControl", NUMBER, 0),
    ("userCertificate", MANY_OCTETS, 0),
    ("userParameters", TEXT, 0),
    ("userPrincipalName", TEXT, 1024),
    ("uSNChanged", NUMBER.read_only(), 0),
    ("uSNCreated", NUMBER.read_only(), 0),
    ("whenChanged", MOMENT.read_only(), 0),
    ("whenCreated", MOMENT.read_only(), 0),
    ("wWWHomePage", TEXT, 2048),
];

/// The password of an account.
pub(crate) const PASSWORD: &str = "unicodePwd";

/// The type of an attribute.
pub(crate) fn attribute(name: &str) -> AttributeSchema {
    row(name).map_or(TEXT, |(_, attribute, _)| *attribute)
}

/// The most characters one value of an attribute may have, where that is known.
pub(crate) fn length_max(name: &str) -> Option<usize> {
    row(name).map(|(_, _, length)| *length).filter(|length| *length > 0)
}

/// The schema's spelling of a known attribute's name.
pub(crate) fn spelling(name: &str) -> Option<&'static str> {
    row(name).map(|(known, _, _)| *known)
}

fn row(name: &str) -> Option<&'static Row> {
    ATTRIBUTES.iter().find(|(known, _, _)| known.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_find_people_and_not_their_computers() {
        assert_eq!(filter(["user"].into_iter()), "(&(objectClass=user)(!(objectClass=computer)))");
        assert_eq!(
            filter(["group", "container"].into_iter()),
            "(|(objectClass=group)(|(objectClass=organizationalUnit)(objectClass=container)\
             (objectClass=builtinDomain)(objectClass=domainDNS)))"
        );
    }

    #[test]
    fn a_name_must_suit_the_type() {
        let classes = |name, naming| object_type(name).unwrap().classes_for(naming);
        assert_eq!(classes("group", "cn"), Some(&["top", "group"][..]));
        assert_eq!(classes("group", "OU"), None);
        assert_eq!(classes("container", "OU"), Some(&["top", "organizationalUnit"][..]));
        assert_eq!(classes("container", "CN"), Some(&["top", "container"][..]));
    }

    #[test]
    fn no_attribute_is_listed_twice() {
        let mut names: Vec<String> = ATTRIBUTES.iter().map(|(n, _, _)| n.to_lowercase()).collect();
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count);
        assert!(attribute("UNICODEPWD").secret && !attribute("objectSid").writable);
    }
}
