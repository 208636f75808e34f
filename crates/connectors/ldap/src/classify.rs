//! What kind of export error a refusal is.
//!
//! By result code first, then by the Win32 code in the message; Windows and Samba differ in both.
//! Spec: RFC 4511 appendix A, [MS-ERREF] 2.2.

use connector::{ExportError, ExportErrorType};

use crate::failure::Refusal;

/// What was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    Add,
    Modify,
    Rename,
    Delete,
}

/// Win32 codes ([MS-ERREF] 2.2).
mod win32 {
    pub(super) const INVALID_PARAMETER: u32 = 0x57;
    pub(super) const INVALID_ACCOUNT_NAME: u32 = 0x523;
    pub(super) const USER_EXISTS: u32 = 0x524;
    pub(super) const NO_SUCH_USER: u32 = 0x525;
    pub(super) const PASSWORD_RESTRICTION: u32 = 0x52D;
    pub(super) const DS_UNKNOWN_ERROR: u32 = 0x200A;
    pub(super) const DS_SYSTEM_ONLY: u32 = 0x2085;
    pub(super) const DS_CANT_MOD_LINKED: u32 = 0x209A;
    pub(super) const DS_PARENT_MISSING: u32 = 0x2095;
    pub(super) const DS_NO_REF_TARGET: u32 = 0x20B5;
    pub(super) const DS_SPN_NOT_UNIQUE: u32 = 0x21C7;
    pub(super) const DS_UPN_NOT_UNIQUE: u32 = 0x21C8;
}

/// The export error for a refused request.
pub(crate) fn error(act: Act, refusal: &Refusal) -> ExportError {
    ExportError {
        error_type: error_type(act, refusal),
        code: Some(refusal.codes()),
        message: refusal.text.clone(),
    }
}

fn error_type(act: Act, refusal: &Refusal) -> ExportErrorType {
    use ExportErrorType as E;
    let win32 = refusal.win32();
    let says = |words: &str| refusal.text.contains(words);
    if win32 == Some(win32::PASSWORD_RESTRICTION) {
        return E::PasswordPolicyViolation;
    }
    match (refusal.code, act) {
        (16, _) if matches!(win32, Some(win32::INVALID_PARAMETER | win32::DS_UNKNOWN_ERROR)) => {
            E::InvalidAttributeValue
        }
        (19, _) if says("already in use") => E::CdExistingAttributeOrValue,
        (19, _) => match win32 {
            Some(win32::DS_UPN_NOT_UNIQUE | win32::DS_SPN_NOT_UNIQUE) => {
                E::CdExistingAttributeOrValue
            }
            Some(win32::DS_NO_REF_TARGET) => E::InvalidAttributeValue,
            Some(win32::DS_SYSTEM_ONLY) => E::ReadonlyAttribute,
            _ if says("modified as system") => E::ReadonlyAttribute,
            _ => E::ConstraintViolation,
        },
        (20, _) | (68, Act::Modify) => E::CdExistingAttributeOrValue,
        (17 | 21, _) | (34, Act::Modify) => E::InvalidAttributeValue,
        (32, Act::Modify) if win32 == Some(win32::NO_SUCH_USER) => E::InvalidAttributeValue,
        (32, Act::Add) => E::NonExistentParent,
        (32, _) => E::CdMissingObject,
        (34 | 64, _) => E::InvalidDn,
        (50, _) => E::PermissionIssue,
        (53, _) if win32 == Some(win32::DS_CANT_MOD_LINKED) => E::ReadonlyAttribute,
        (53, _) if says("must not be modified directly") => E::ReadonlyAttribute,
        (65, _) => E::ConstraintViolation,
        (66, _) => E::UnsupportedContainerDelete,
        (67, _) => E::ReadonlyAttribute,
        // Samba says the same code of a name and of an account name, but not with the same words.
        (68, Act::Add) if win32 == Some(win32::USER_EXISTS) || says("samldb:") => {
            E::CdExistingAttributeOrValue
        }
        (68, Act::Rename) => E::RenameToExistingDn,
        (68, _) => E::CdExistingObject,
        (80, _) if win32 == Some(win32::INVALID_ACCOUNT_NAME) => E::InvalidAttributeValue,
        (80, Act::Rename) if win32 == Some(win32::DS_PARENT_MISSING) => E::NonExistentParent,
        _ => E::CdError,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was refused, the result code, the expected error, the message.
    const CASES: &str = "
        add    68 cd-existing-object             Entry CN=u1,DC=x already exists
        add    68 cd-existing-object             00002071: UpdErr: DSID-031A, problem 6005 (ENTRY_EXISTS), data 0
        add    68 cd-existing-attribute-or-value 00002071: samldb: samAccountName 'x' already in use!
        add    68 cd-existing-attribute-or-value 00000524: UpdErr: DSID-031A, problem 6005 (ENTRY_EXISTS), data 0
        add    19 cd-existing-attribute-or-value 0000202F: samldb: userPrincipalName 'x' is already in use
        modify 19 cd-existing-attribute-or-value 000021C8: AtrErr: DSID-0320, #1: 0: 000021C8: DSID-0320, problem 1005 (CONSTRAINT_ATT_TYPE), data 0, Att 90290 (userPrincipalName)
        modify 20 cd-existing-attribute-or-value 0000200D: SINGLE-VALUE attribute title
        add    32 non-existent-parent            00002030: objectclass: Cannot add x, parent does not exist!
        add    32 non-existent-parent            0000208D: NameErr: DSID-0310, problem 2001 (NO_OBJECT)
        rename 80 non-existent-parent            00002095: objectclass: Cannot rename, parent does not exist!
        add    19 password-policy-violation      0000052D: Constraint violation - check_password_restrictions: too short
        modify 53 password-policy-violation      0000052D: SvcErr: DSID-031A, problem 5003 (WILL_NOT_PERFORM), data 0
        add    80 invalid-attribute-value        00000523: SysErr: DSID-031A, problem 22 (Invalid argument), data 0
        modify 34 invalid-attribute-value        could not parse garbage as a DN
        modify 16 invalid-attribute-value        00000057: LdapErr: DSID-0C09, comment: Error in attribute conversion operation
        modify 21 invalid-attribute-value        0000200B: objectclass_attrs: attribute 'title' contains at least one invalid value!
        modify 32 invalid-attribute-value        00000525: specified dn doesn't exist
        modify 19 invalid-attribute-value        000020B5: Referenced object not found
        modify 19 constraint-violation           00002081: AtrErr: DSID-0320, problem 1005 (CONSTRAINT_ATT_TYPE)
        modify 65 constraint-violation           00002014: title does not exist in the specified objectclasses!
        add    34 invalid-dn                     0000208F: NameErr: DSID-0310, problem 2006 (BAD_NAME)
        modify 50 permission-issue               00002098: SecErr: DSID-0315, problem 4003 (INSUFF_ACCESS_RIGHTS)
        modify 53 readonly-attribute             00002035: memberOf must not be modified directly, it is a linked attribute
        modify 53 readonly-attribute             0000209A: SvcErr: DSID-031A, problem 5003 (WILL_NOT_PERFORM), data 0
        modify 19 readonly-attribute             0000202F: objectSid can only be modified as system
        modify 32 cd-missing-object              00002030: No such Base DN
        rename 68 rename-to-existing-dn          Entry CN=b already exists
        delete 66 unsupported-container-delete   Unable to delete a non-leaf node (it has 2 children)!
        delete 80 cd-error                       error in module samldb: Other
    ";

    #[test]
    fn both_dialects_are_understood() {
        for case in CASES.lines().map(str::trim).filter(|case| !case.is_empty()) {
            let mut words = case.split_whitespace();
            let act = match words.next().unwrap() {
                "add" => Act::Add,
                "modify" => Act::Modify,
                "rename" => Act::Rename,
                _ => Act::Delete,
            };
            let code = words.next().unwrap().parse().unwrap();
            let expected = words.next().unwrap();
            let text = words.collect::<Vec<_>>().join(" ");
            assert_eq!(error_type(act, &Refusal { code, text }).as_str(), expected, "{case}");
        }
    }

    #[test]
    fn both_codes_are_kept() {
        let codes = |code, text: &str| {
            error(Act::Add, &Refusal { code, text: text.to_owned() }).code.unwrap()
        };
        assert_eq!(codes(19, "0000052D: x"), "19 (0000052D)");
        assert_eq!(codes(68, "Entry é: x"), "68");
    }
}
