//! Why a request is refused, and the result code and diagnostic message each dialect gives it.
//!
//! Invariant: every refusal of the simulator is a row of [`MATRIX`], so the two dialects can be
//! compared at a glance. Windows messages begin with the Win32 code in eight hexadecimal digits
//! and end, as on the wire, with a NUL. Spec: [MS-ADTS] 3.1.1.1.9 and 5.1.3 (extended errors).

use ldap3_proto::LdapResultCode;
use ldap3_proto::proto::LdapResult;

use super::options::Dialect;
use super::schema;

/// A refused request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) rule: Rule,
    /// The attribute, name or object the message is about.
    pub(super) subject: String,
    /// The nearest object that exists, when a name does not.
    pub(super) matched: String,
}

impl Refusal {
    pub(super) fn new(rule: Rule, subject: impl Into<String>) -> Self {
        Self { rule, subject: subject.into(), matched: String::new() }
    }

    pub(super) fn missing(rule: Rule, subject: impl Into<String>, matched: String) -> Self {
        Self { rule, subject: subject.into(), matched }
    }

    /// The wire form.
    pub(super) fn result(&self, dialect: Dialect) -> LdapResult {
        let Some(row) = MATRIX.iter().find(|row| row.rule == self.rule) else {
            return ldap_result(80, String::new(), "0000001F: internal".to_owned());
        };
        let (code, win32, shape) = row.windows;
        match (dialect, shape) {
            // Samba took over the wording of failed binds to the letter.
            (Dialect::Samba, Shape::Bind(data)) => {
                ldap_result(code, String::new(), bind_message(data))
            }
            (Dialect::Samba, _) => {
                let (code, text) = row.samba;
                ldap_result(code, String::new(), text.replace("{}", &self.subject))
            }
            (Dialect::Windows, _) => {
                let message = shape.message(win32, &self.subject, &self.matched);
                let mut result = ldap_result(code, self.matched.clone(), message);
                if self.rule == Rule::OtherDomain {
                    result.referral = vec![format!("ldap://{}", self.subject)];
                }
                result
            }
        }
    }
}

pub(super) fn ldap_result(code: u32, matcheddn: String, message: String) -> LdapResult {
    let code = LdapResultCode::try_from(i64::from(code)).unwrap_or(LdapResultCode::Other);
    LdapResult { code, matcheddn, message, referral: Vec::new() }
}

/// What a request breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    AccountNameInvalid,
    AccountNameTaken,
    AccountDisabled,
    AccountExpired,
    AttributeUnknown,
    BackLink,
    BadCredentials,
    BadName,
    BadPagingCookie,
    BadSyncCookie,
    BadUserAccountControl,
    BadValue,
    BelowItself,
    ClassMissing,
    ClassUnchangeable,
    ClassUnknown,
    CriticalExtension,
    EmptyValue,
    EntryExists,
    HasChildren,
    IllegalSuperior,
    LinkMalformed,
    LinkTargetMissing,
    MandatoryMissing,
    MemberAbsent,
    MemberExists,
    MemberMissing,
    MustChangePassword,
    NamingViolation,
    NewParentMissing,
    NoParent,
    NoRights,
    NoSuchObject,
    NoSuchValue,
    NotAllowedByClass,
    NotAuthenticated,
    NotNamingContext,
    NotNamingContextSecured,
    OldPasswordWrong,
    OldRdnKept,
    OtherDomain,
    OtherPagedSearch,
    OutOfRange,
    PasswordFormat,
    PasswordMissing,
    PasswordWeak,
    PrincipalNameTaken,
    ProtocolError,
    RdnByModify,
    SaslUnsupported,
    SingleValued,
    SizeLimit,
    SpecialObject,
    SyncDenied,
    SystemOnly,
    UnknownExtended,
    ValueExists,
}

/// How Windows words a message.
#[derive(Debug, Clone, Copy)]
enum Shape {
    Update(u32, &'static str),
    Attribute(u32, &'static str),
    Name(u32, &'static str),
    Security,
    Service(u32, &'static str),
    System,
    Comment(&'static str),
    /// A failed bind with its `data` code.
    Bind(&'static str),
    Referral,
}

impl Shape {
    fn message(self, win32: u32, subject: &str, matched: &str) -> String {
        match self {
            Self::Update(problem, name) => {
                format!(
                    "{win32:08X}: UpdErr: DSID-031A11E2, problem {problem} ({name}), data 0\n\0"
                )
            }
            Self::Attribute(problem, name) => {
                let number = schema::attribute(subject).map_or(0, schema::AttributeType::number);
                format!(
                    "{win32:08X}: AtrErr: DSID-03152804, #1:\n\t0: {win32:08X}: DSID-03152804, \
                     problem {problem} ({name}), data 0, Att {number:x} ({subject})\n\0"
                )
            }
            Self::Name(problem, name) => format!(
                "{win32:08X}: NameErr: DSID-0310028B, problem {problem} ({name}), data 0, \
                 best match of:\n\t'{matched}'\n\0"
            ),
            Self::Security => format!(
                "{win32:08X}: SecErr: DSID-03150F94, problem 4003 (INSUFF_ACCESS_RIGHTS), \
                 data 0\n\0"
            ),
            Self::Service(problem, name) => {
                format!(
                    "{win32:08X}: SvcErr: DSID-031A1236, problem {problem} ({name}), data 0\n\0"
                )
            }
            Self::System => format!(
                "{win32:08X}: SysErr: DSID-031A1202, problem 22 (Invalid argument), data 0\n\0"
            ),
            Self::Comment(comment) => {
                format!("{win32:08X}: LdapErr: DSID-0C090D8A, comment: {comment}, data 0, v1db1\0")
            }
            Self::Bind(data) => bind_message(data) + "\0",
            Self::Referral => format!(
                "{win32:08X}: RefErr: DSID-0310084A, data 0, 1 access points\n\tref 1: '{subject}'\n\0"
            ),
        }
    }
}

fn bind_message(data: &str) -> String {
    format!(
        "80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data {data}, v1db1"
    )
}

struct Row {
    rule: Rule,
    windows: (u32, u32, Shape),
    /// `{}` stands for the subject.
    samba: (u32, &'static str),
}

const fn row(rule: Rule, windows: (u32, u32, Shape), samba: (u32, &'static str)) -> Row {
    Row { rule, windows, samba }
}

const UNWILLING: Shape = Shape::Service(5003, "WILL_NOT_PERFORM");
const CONSTRAINT: Shape = Shape::Attribute(1005, "CONSTRAINT_ATT_TYPE");
const SYNTAX: Shape = Shape::Attribute(1004, "INVALID_ATTRIBUTE_SYNTAX");
const CLASS_VIOLATION: Shape = Shape::Update(6002, "OBJ_CLASS_VIOLATION");
const CONVERSION: Shape = Shape::Comment("Error in attribute conversion operation");

#[rustfmt::skip]
const MATRIX: &[Row] = &[
    row(Rule::EntryExists, (68, 0x2071, Shape::Update(6005, "ENTRY_EXISTS")),
        (68, "Entry {} already exists")),
    row(Rule::AccountNameTaken, (68, 0x524, Shape::Update(6005, "ENTRY_EXISTS")),
        (68, "00002071: samldb: samAccountName '{}' already in use!")),
    row(Rule::PrincipalNameTaken, (19, 0x21C8, CONSTRAINT),
        (19, "0000202F: samldb: {} is already in use")),
    row(Rule::AccountNameInvalid, (80, 0x523, Shape::System),
        (19, "0000202F: samldb: sAMAccountName '{}' contains an invalid character or ends with '.'")),
    row(Rule::NoParent, (32, 0x208D, Shape::Name(2001, "NO_OBJECT")),
        (32, "00002030: objectclass: Cannot add {}, parent does not exist!")),
    row(Rule::NewParentMissing, (32, 0x208D, Shape::Name(2001, "NO_OBJECT")),
        (80, "00002095: objectclass: Cannot rename {}, parent does not exist!")),
    row(Rule::NoSuchObject, (32, 0x208D, Shape::Name(2001, "NO_OBJECT")),
        (32, "00002030: No such Base DN: {}")),
    row(Rule::OtherDomain, (10, 0x202B, Shape::Referral),
        (32, "00002030: No such Base DN: {}")),
    row(Rule::BadName, (34, 0x208F, Shape::Name(2006, "BAD_NAME")),
        (34, "00002032: invalid dn '{}'")),
    row(Rule::NamingViolation, (64, 0x2033, Shape::Name(2005, "NAMING_VIOLATION")),
        (64, "00002099: objectclass: RDN '{}' is not correct")),
    row(Rule::IllegalSuperior, (64, 0x2099, Shape::Name(2005, "NAMING_VIOLATION")),
        (64, "00002099: objectclass: parent of '{}' is not a possible superior")),
    row(Rule::AttributeUnknown, (16, 0x57, CONVERSION),
        (16, "0000200A: objectclass_attrs: attribute '{}' was not found in the schema!")),
    row(Rule::ClassUnknown, (65, 0x207D, CLASS_VIOLATION),
        (16, "0000200A: objectclass {} is not a valid objectClass in schema")),
    row(Rule::ClassMissing, (65, 0x207D, CLASS_VIOLATION),
        (65, "00002014: objectclass: Cannot add {}, no structural objectClass specified!")),
    row(Rule::ClassUnchangeable, (69, 0x207E, Shape::Update(6007, "CANT_MOD_OBJECT_CLASS")),
        (53, "00002035: objectclass: structural class of {} cannot be changed")),
    row(Rule::NotAllowedByClass, (65, 0x207D, CLASS_VIOLATION),
        (65, "00002014: attribute '{}' does not exist in the specified objectclasses!")),
    row(Rule::MandatoryMissing, (65, 0x207C, CLASS_VIOLATION),
        (65, "00002014: mandatory attribute '{}' wasn't specified!")),
    row(Rule::SingleValued, (19, 0x2081, CONSTRAINT),
        (19, "0000202F: SINGLE-VALUE attribute {} specified more than once")),
    row(Rule::ValueExists, (20, 0x2083, Shape::Attribute(1006, "ATT_OR_VALUE_EXISTS")),
        (20, "0000200D: attribute or value {} already exists")),
    row(Rule::OutOfRange, (19, 0x2082, CONSTRAINT),
        (21, "0000200B: objectclass_attrs: attribute '{}' contains at least one invalid value!")),
    row(Rule::EmptyValue, (21, 0x57, CONVERSION), (21, "Element {} has empty attribute")),
    row(Rule::BadValue, (21, 0x200B, SYNTAX),
        (21, "0000200B: objectclass_attrs: attribute '{}' contains at least one invalid value!")),
    row(Rule::SystemOnly, (19, 0x2085, CONSTRAINT),
        (19, "0000202F: objectclass_attrs: attribute '{}' can only be modified as system")),
    row(Rule::BackLink, (53, 0x209A, UNWILLING),
        (53, "00002035: attribute '{}' must not be modified directly, it is a linked attribute")),
    row(Rule::LinkTargetMissing, (19, 0x20B5, CONSTRAINT),
        (19, "000020B5: attribute '{}': Referenced object not found")),
    row(Rule::LinkMalformed, (21, 0x57, CONVERSION), (34, "could not parse '{}' as a DN")),
    row(Rule::MemberMissing, (32, 0x525, Shape::Name(2001, "NO_OBJECT")),
        (32, "00000525: attribute '{}': specified dn doesn't exist")),
    row(Rule::MemberExists, (68, 0x562, Shape::Update(6005, "ENTRY_EXISTS")),
        (68, "Attribute {} already exists for target GUID")),
    row(Rule::MemberAbsent, (53, 0x561, UNWILLING),
        (53, "Attribute {} already deleted for target GUID")),
    row(Rule::NoSuchValue, (16, 0x2085, Shape::Attribute(1001, "NO_ATTRIBUTE_OR_VAL")),
        (16, "attribute '{}': no matching attribute value while deleting")),
    row(Rule::RdnByModify, (67, 0x2016, Shape::Update(6004, "CANT_ON_RDN")),
        (67, "Modify of RDN '{}' not permitted, must use 'rename' operation instead")),
    row(Rule::OldRdnKept, (53, 0x2077, UNWILLING), (53, "Old RDN must be deleted")),
    row(Rule::BelowItself, (53, 0x2089, UNWILLING),
        (53, "00002035: objectclass: Cannot move {} below itself")),
    row(Rule::HasChildren, (66, 0x2015, Shape::Update(6003, "CANT_ON_NON_LEAF")),
        (66, "Unable to delete a non-leaf node (it has {} children)!")),
    row(Rule::SpecialObject, (53, 0x55B, UNWILLING), (80, "error in module samldb: Other")),
    row(Rule::BadUserAccountControl, (53, 0x57, UNWILLING),
        (53, "00002035: samldb: unusual userAccountControl")),
    row(Rule::PasswordMissing, (53, 0x52D, UNWILLING), (53, "0000052D: password missing")),
    row(Rule::PasswordWeak, (53, 0x52D, UNWILLING),
        (19, "0000052D: Constraint violation - check_password_restrictions: {}")),
    row(Rule::PasswordFormat, (53, 0x1F, UNWILLING),
        (53, "00002035: setup_io: it's not allowed to set the NT hash password directly'")),
    row(Rule::OldPasswordWrong, (19, 0x56, CONSTRAINT),
        (19, "00000056: check_password_restrictions: old password of {} doesn't match")),
    row(Rule::NoRights, (50, 0x2098, Shape::Security),
        (50, "00002098: Object {} has no write property access")),
    row(Rule::NotAuthenticated, (1, 0x4DC, Shape::Comment(
        "In order to perform this operation a successful bind must be completed on the connection.")),
        (1, "00002020: Operation unavailable without authentication")),
    row(Rule::BadCredentials, (49, 0, Shape::Bind("52e")), (49, "")),
    row(Rule::AccountDisabled, (49, 0, Shape::Bind("533")), (49, "")),
    row(Rule::AccountExpired, (49, 0, Shape::Bind("701")), (49, "")),
    row(Rule::MustChangePassword, (49, 0, Shape::Bind("773")), (49, "")),
    row(Rule::SaslUnsupported, (7, 0x57, Shape::Comment("Unsupported authentication method")),
        (7, "SASL:[{}]: not supported")),
    row(Rule::CriticalExtension, (12, 0x2040, Shape::Service(5010, "UNAVAIL_EXTENSION")),
        (12, "Unsupported critical extension {}")),
    row(Rule::BadSyncCookie, (12, 0x2040, Shape::Service(5010, "UNAVAIL_EXTENSION")),
        (12, "0000202C: Unable to unmarshall cookie as a ldapControlDirSyncCookie structure")),
    row(Rule::NotNamingContext, (50, 0x2098, Shape::Security),
        (50, "dN is not one of the naming context")),
    row(Rule::NotNamingContextSecured, (53, 0x2077, UNWILLING),
        (53, "DN is not one of the naming context")),
    row(Rule::SyncDenied, (50, 0x2105, Shape::Security), (50, "insufficient access rights")),
    row(Rule::BadPagingCookie, (53, 0x57, Shape::Comment("Error processing control")),
        (53, "paged results: unknown cookie")),
    row(Rule::OtherPagedSearch, (12, 0x57, Shape::Comment("Error processing control")),
        (12, "paged results: the cookie belongs to another search")),
    row(Rule::SizeLimit, (4, 0x2023, Shape::Comment("Size limit exceeded")), (4, "")),
    row(Rule::ProtocolError, (2, 0x57, Shape::Comment("Error decoding ldap message")),
        (2, "malformed request: {}")),
    row(Rule::UnknownExtended, (2, 0x57, Shape::Comment("Unknown extended request OID")),
        (2, "Extended Operation({}) not supported")),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rule: Rule, subject: &str, dialect: Dialect, code: u32, start: &str) {
        let result = Refusal::new(rule, subject).result(dialect);
        assert_eq!(i64::from(code), result.code as i64, "{rule:?}");
        assert!(result.message.starts_with(start), "{rule:?}: {}", result.message);
    }

    #[test]
    fn dialects_differ_as_measured() {
        use Dialect::{Samba, Windows};
        check(Rule::EntryExists, "CN=a", Windows, 68, "00002071: UpdErr: ");
        check(Rule::EntryExists, "CN=a", Samba, 68, "Entry CN=a already exists");
        check(Rule::AccountNameInvalid, "a", Windows, 80, "00000523: SysErr: ");
        check(Rule::AccountNameInvalid, "a", Samba, 19, "0000202F: ");
        check(Rule::PasswordWeak, "too short", Windows, 53, "0000052D: SvcErr: ");
        check(Rule::PasswordWeak, "too short", Samba, 19, "0000052D: ");
    }

    #[test]
    fn windows_names_the_attribute() {
        let refusal = Refusal::new(Rule::PrincipalNameTaken, "userPrincipalName");
        let result = refusal.result(Dialect::Windows);
        assert!(result.message.contains("Att 90290 (userPrincipalName)"), "{}", result.message);
        let missing = Refusal::missing(Rule::NoParent, "CN=a,OU=b,DC=x", "DC=x".to_owned());
        let result = missing.result(Dialect::Windows);
        assert_eq!(result.matcheddn, "DC=x");
        assert!(result.message.contains("best match of:\n\t'DC=x'"), "{}", result.message);
    }
}
