//! The attribute definitions.

use super::AttributeType;
use super::Syntax::{Boolean, Dn, Integer, LargeInteger, Octets, Oid, Sid, Text, Time};

const fn text(name: &'static str, oid: &'static str, upper: u32) -> AttributeType {
    AttributeType::new(name, oid, Text).single().range(1, upper)
}

const fn texts(name: &'static str, oid: &'static str) -> AttributeType {
    AttributeType::new(name, oid, Text)
}

const fn integer(name: &'static str, oid: &'static str) -> AttributeType {
    AttributeType::new(name, oid, Integer).single()
}

const fn large(name: &'static str, oid: &'static str) -> AttributeType {
    AttributeType::new(name, oid, LargeInteger).single()
}

const fn boolean(name: &'static str, oid: &'static str) -> AttributeType {
    AttributeType::new(name, oid, Boolean).single()
}

const fn octets(name: &'static str, oid: &'static str) -> AttributeType {
    AttributeType::new(name, oid, Octets)
}

const fn time(name: &'static str, oid: &'static str) -> AttributeType {
    AttributeType::new(name, oid, Time).single().system()
}

const fn dn(name: &'static str, oid: &'static str) -> AttributeType {
    AttributeType::new(name, oid, Dn)
}

const fn oids(name: &'static str, oid: &'static str) -> AttributeType {
    AttributeType::new(name, oid, Oid)
}

/// All attributes, by area.
pub(in super::super) const ATTRIBUTES: &[AttributeType] = &[
    // Every object.
    oids("objectClass", "2.5.4.0"),
    text("cn", "2.5.4.3", 64),
    texts("ou", "2.5.4.11").range(1, 64),
    text("dc", "0.9.2342.19200300.100.1.25", 255),
    text("name", "1.2.840.113556.1.4.1", 255),
    dn("distinguishedName", "2.5.4.49").single().system(),
    octets("objectGUID", "1.2.840.113556.1.4.2").single().range(16, 16).system(),
    octets("parentGUID", "1.2.840.113556.1.4.1224").single().constructed(),
    dn("objectCategory", "1.2.840.113556.1.4.782").single(),
    integer("instanceType", "1.2.840.113556.1.2.1").system(),
    time("whenCreated", "1.2.840.113556.1.2.2"),
    time("whenChanged", "1.2.840.113556.1.2.3").local(),
    large("uSNCreated", "1.2.840.113556.1.2.19").system().local(),
    large("uSNChanged", "1.2.840.113556.1.2.120").system().local(),
    boolean("isDeleted", "1.2.840.113556.1.2.48").system(),
    boolean("isRecycled", "1.2.840.113556.1.4.2058").system(),
    dn("lastKnownParent", "1.2.840.113556.1.4.781").single().system(),
    boolean("isCriticalSystemObject", "1.2.840.113556.1.4.868").system(),
    boolean("showInAdvancedViewOnly", "1.2.840.113556.1.2.169"),
    integer("systemFlags", "1.2.840.113556.1.4.375").system(),
    AttributeType::new("description", "2.5.4.13", Text).range(0, 1024),
    AttributeType::new("displayName", "1.2.840.113556.1.2.13", Text).single().range(0, 256),
    text("adminDescription", "1.2.840.113556.1.2.226", 1024),
    text("adminDisplayName", "1.2.840.113556.1.2.194", 256),
    texts("wWWHomePage", "1.2.840.113556.1.2.464").single().range(1, 2048),
    texts("url", "1.2.840.113556.1.4.749"),
    dn("memberOf", "1.2.840.113556.1.2.102").constructed().link(3),
    dn("directReports", "1.2.840.113556.1.2.436").constructed().link(43),
    dn("managedObjects", "1.2.840.113556.1.4.654").constructed().link(73),
    // People.
    text("sn", "2.5.4.4", 64),
    text("givenName", "2.5.4.42", 64),
    text("initials", "2.5.4.43", 6),
    text("title", "2.5.4.12", 128),
    text("mail", "0.9.2342.19200300.100.1.3", 256),
    text("telephoneNumber", "2.5.4.20", 64),
    text("mobile", "0.9.2342.19200300.100.1.41", 64),
    text("homePhone", "0.9.2342.19200300.100.1.20", 64),
    text("facsimileTelephoneNumber", "2.5.4.23", 64),
    texts("otherTelephone", "1.2.840.113556.1.2.18").range(1, 64),
    texts("otherMailbox", "1.2.840.113556.1.4.651"),
    texts("proxyAddresses", "1.2.840.113556.1.2.210").range(1, 1123),
    text("company", "1.2.840.113556.1.2.146", 64),
    text("department", "1.2.840.113556.1.2.141", 64),
    text("division", "1.2.840.113556.1.4.261", 256),
    text("employeeID", "1.2.840.113556.1.4.35", 16),
    text("employeeNumber", "1.2.840.113556.1.2.610", 512),
    text("employeeType", "1.2.840.113556.1.2.613", 256),
    text("physicalDeliveryOfficeName", "2.5.4.19", 128),
    text("streetAddress", "1.2.840.113556.1.2.256", 1024),
    text("postalCode", "2.5.4.17", 40),
    text("l", "2.5.4.7", 128),
    text("st", "2.5.4.8", 128),
    text("c", "2.5.4.6", 3),
    text("co", "1.2.840.113556.1.2.131", 128),
    texts("o", "2.5.4.10").range(1, 64),
    integer("countryCode", "1.2.840.113556.1.4.25"),
    text("info", "1.2.840.113556.1.2.81", 1024),
    text("comment", "1.2.840.113556.1.4.156", 2048),
    texts("preferredLanguage", "2.16.840.1.113730.3.1.39").single(),
    texts("uid", "0.9.2342.19200300.100.1.1").range(0, 256),
    dn("manager", "0.9.2342.19200300.100.1.10").single().link(42),
    dn("seeAlso", "2.5.4.34"),
    octets("thumbnailPhoto", "2.16.840.1.113730.3.1.35").single().range(0, 102_400),
    octets("jpegPhoto", "0.9.2342.19200300.100.1.60"),
    octets("userCertificate", "2.5.4.36"),
    // Accounts.
    texts("sAMAccountName", "1.2.840.113556.1.4.221").single().range(0, 256),
    integer("sAMAccountType", "1.2.840.113556.1.4.302").system(),
    texts("userPrincipalName", "1.2.840.113556.1.4.656").single().range(0, 1024),
    integer("userAccountControl", "1.2.840.113556.1.4.8"),
    octets("unicodePwd", "1.2.840.113556.1.4.90").single(),
    large("pwdLastSet", "1.2.840.113556.1.4.96"),
    large("accountExpires", "1.2.840.113556.1.4.159"),
    large("lockoutTime", "1.2.840.113556.1.4.662"),
    integer("badPwdCount", "1.2.840.113556.1.4.12").system().local(),
    large("badPasswordTime", "1.2.840.113556.1.4.49").system().local(),
    large("lastLogon", "1.2.840.113556.1.4.52").system().local(),
    integer("logonCount", "1.2.840.113556.1.4.169").system().local(),
    large("lastLogonTimestamp", "1.2.840.113556.1.4.1696").system(),
    integer("primaryGroupID", "1.2.840.113556.1.4.98"),
    AttributeType::new("objectSid", "1.2.840.113556.1.4.146", Sid).single().system(),
    AttributeType::new("sIDHistory", "1.2.840.113556.1.4.609", Sid).system(),
    texts("servicePrincipalName", "1.2.840.113556.1.4.771"),
    texts("msDS-AllowedToDelegateTo", "1.2.840.113556.1.4.1787"),
    texts("altSecurityIdentities", "1.2.840.113556.1.4.867"),
    text("dNSHostName", "1.2.840.113556.1.4.619", 2048),
    // Groups and containers.
    dn("member", "2.5.4.31").link(2),
    dn("managedBy", "1.2.840.113556.1.4.653").single().link(72),
    integer("groupType", "1.2.840.113556.1.4.750"),
    integer("minPwdLength", "1.2.840.113556.1.4.79"),
    integer("pwdProperties", "1.2.840.113556.1.4.93"),
    octets("invocationId", "1.2.840.113556.1.2.115").single().system(),
    // The schema itself.
    texts("lDAPDisplayName", "1.2.840.113556.1.2.460").single(),
    oids("attributeID", "1.2.840.113556.1.2.30").single(),
    oids("attributeSyntax", "1.2.840.113556.1.2.32").single(),
    integer("oMSyntax", "1.2.840.113556.1.2.231"),
    boolean("isSingleValued", "1.2.840.113556.1.2.33"),
    integer("rangeLower", "1.2.840.113556.1.2.34"),
    integer("rangeUpper", "1.2.840.113556.1.2.35"),
    integer("linkID", "1.2.840.113556.1.2.50"),
    boolean("systemOnly", "1.2.840.113556.1.4.170"),
    oids("governsID", "1.2.840.113556.1.2.22").single(),
    oids("subClassOf", "1.2.840.113556.1.2.21").single(),
    oids("systemMustContain", "1.2.840.113556.1.4.197"),
    oids("systemMayContain", "1.2.840.113556.1.4.196"),
    oids("systemAuxiliaryClass", "1.2.840.113556.1.4.198"),
    integer("objectClassCategory", "1.2.840.113556.1.2.370"),
];
