//! The rules of accounts and attribute values, free of any directory state except the uniqueness
//! of names.
//!
//! Spec: [MS-SAMR] 3.1.1.6 (attribute constraints), 3.1.1.7.1 (password policy),
//! 3.1.1.8.4 (uniqueness), 3.1.1.8.10 (`userAccountControl`); [MS-ADTS] 3.1.1.3.1.5 (passwords).

use model::{Guid, Sid, Timestamp};

use super::names::Target;
use super::object::{Object, PasswordDigest};
use super::options::Dialect;
use super::refusal::{Refusal, Rule};
use super::schema::{AttributeType, Syntax};
use super::state::State;

/// `userAccountControl` bits ([MS-ADTS] 2.2.16).
pub(super) mod uac {
    pub(in super::super) const ACCOUNT_DISABLED: i64 = 0x2;
    pub(in super::super) const PASSWORD_NOT_REQUIRED: i64 = 0x20;
    pub(in super::super) const NORMAL_ACCOUNT: i64 = 0x200;
    pub(in super::super) const WORKSTATION: i64 = 0x1000;
    pub(in super::super) const DONT_EXPIRE: i64 = 0x1_0000;
    pub(in super::super) const SMARTCARD_REQUIRED: i64 = 0x4_0000;
    /// The kinds of account; a value has exactly one of them.
    pub(super) const KINDS: i64 = 0x3B00;
    /// Every bit a client may set.
    pub(super) const KNOWN: i64 = 0x1F_7FFB;
}

/// The domain's settings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Policy {
    pub(super) dialect: Dialect,
    pub(super) min_password_length: usize,
}

impl Policy {
    const fn is_windows(self) -> bool {
        matches!(self.dialect, Dialect::Windows)
    }
}

/// Longest account name of a user ([MS-SAMR] 3.1.1.6, constraint on user objects).
const ACCOUNT_NAME_MAX: usize = 20;
/// Characters no account name has.
const ACCOUNT_NAME_FORBIDDEN: &str = "\"/\\[]:;|=,+*?<>";

/// Checks the form of `sAMAccountName`.
pub(super) fn check_account_name(name: &str, is_user: bool, policy: Policy) -> Result<(), Refusal> {
    let is_too_long = policy.is_windows() && is_user && name.chars().count() > ACCOUNT_NAME_MAX;
    let is_invalid = name.contains(|c: char| ACCOUNT_NAME_FORBIDDEN.contains(c) || c.is_control())
        || name.ends_with('.');
    if is_too_long || is_invalid {
        return Err(Refusal::new(Rule::AccountNameInvalid, name));
    }
    Ok(())
}

/// Checks that no other object has the names of `object`.
pub(super) fn check_names_are_free(state: &State, object: &Object) -> Result<(), Refusal> {
    let is_other = |found: Option<Guid>| found.is_some_and(|guid| guid != object.guid);
    if let Some(name) = object.text("sAMAccountName")
        && is_other(state.by_account_name(name))
    {
        return Err(Refusal::new(Rule::AccountNameTaken, name));
    }
    if let Some(name) = object.text("userPrincipalName")
        && is_other(state.by_principal_name(name))
    {
        return Err(Refusal::new(Rule::PrincipalNameTaken, "userPrincipalName"));
    }
    Ok(())
}

/// Reads a `unicodePwd` value: the password in quotes, in little-endian UTF-16.
pub(super) fn decode_password(value: &[u8]) -> Result<String, Refusal> {
    let refusal = || Refusal::new(Rule::PasswordFormat, "unicodePwd");
    let (units, rest) = value.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(refusal());
    }
    let units: Vec<u16> = units.iter().map(|u| u16::from_le_bytes(*u)).collect();
    let text = String::from_utf16(&units).map_err(|_e| refusal())?;
    let inner = text.strip_prefix('"').and_then(|t| t.strip_suffix('"'));
    inner.map(str::to_owned).ok_or_else(refusal)
}

/// Checks length, character classes and, on Windows, that the password does not contain the
/// account's names.
pub(super) fn check_password(
    password: &str,
    object: &Object,
    policy: Policy,
) -> Result<(), Refusal> {
    if password.chars().count() < policy.min_password_length {
        return Err(Refusal::new(Rule::PasswordWeak, "the password is too short"));
    }
    let is_symbol = |c: char| !c.is_alphanumeric();
    let classes = [
        password.contains(char::is_uppercase),
        password.contains(char::is_lowercase),
        password.contains(|c: char| c.is_ascii_digit()),
        password.contains(is_symbol),
    ];
    let has_classes = classes.iter().filter(|c| **c).count() >= 3;
    let has_name = policy.is_windows() && contains_names(password, object);
    if !has_classes || has_name {
        return Err(Refusal::new(
            Rule::PasswordWeak,
            "the password does not meet the complexity criteria!",
        ));
    }
    Ok(())
}

/// Parts of names shorter than this may occur in a password ([MS-SAMR] 3.1.1.7.2).
const NAME_PART_MIN: usize = 3;

fn contains_names(password: &str, object: &Object) -> bool {
    let password = password.to_lowercase();
    let display = object.text("displayName").unwrap_or_default().to_lowercase();
    let account = object.text("sAMAccountName").unwrap_or_default().to_lowercase();
    let parts = display.split([',', '.', '-', '_', ' ', '#', '\t']);
    let mut names = parts.chain(std::iter::once(account.as_str()));
    names.any(|name| name.chars().count() >= NAME_PART_MIN && password.contains(name))
}

/// Checks `userAccountControl` and, on Windows, that an enabled account has a password when the
/// policy wants one. `before` is the account as it was.
pub(super) fn check_account_control(
    before: Option<&Object>,
    object: &Object,
    policy: Policy,
) -> Result<(), Refusal> {
    let Some(flags) = object.number("userAccountControl") else { return Ok(()) };
    if !policy.is_windows() {
        return Ok(());
    }
    let is_computer = object.class.name == "computer";
    let kinds = flags & uac::KINDS;
    let has_right_kind = kinds == uac::NORMAL_ACCOUNT || is_computer && kinds == uac::WORKSTATION;
    if flags & !uac::KNOWN != 0 || !has_right_kind {
        return Err(Refusal::new(Rule::BadUserAccountControl, "userAccountControl"));
    }
    let is_unchanged = before.is_some_and(|b| b.number("userAccountControl") == Some(flags));
    let may_lack_password = flags & (uac::ACCOUNT_DISABLED | uac::PASSWORD_NOT_REQUIRED) != 0;
    let lacks_password = object.password.is_none() && policy.min_password_length > 0;
    if lacks_password && !may_lack_password && !is_unchanged && !is_computer {
        return Err(Refusal::new(Rule::PasswordMissing, "unicodePwd"));
    }
    Ok(())
}

/// Requiring a smart card replaces the password by a random one nobody knows, on Windows.
pub(super) fn forget_password_if_smartcard(
    state: &mut State,
    before: &Object,
    object: &mut Object,
    policy: Policy,
) {
    let requires = |o: &Object| {
        o.number("userAccountControl").is_some_and(|flags| flags & uac::SMARTCARD_REQUIRED != 0)
    };
    if policy.is_windows() && object.password.is_some() && requires(object) && !requires(before) {
        let unknown = format!("{:?}", state.draw());
        object.password = Some(PasswordDigest::new(state.draw(), &unknown));
    }
}

/// Checks values against the attribute's definition.
pub(super) fn check_values(
    attribute: &AttributeType,
    values: &[Vec<u8>],
    policy: Policy,
) -> Result<(), Refusal> {
    let refuse = |rule| Err(Refusal::new(rule, attribute.name));
    if attribute.is_single && values.len() > 1 {
        return refuse(Rule::SingleValued);
    }
    for value in values {
        if value.is_empty() {
            return refuse(Rule::EmptyValue);
        }
        if !has_syntax(attribute.syntax, value) {
            return refuse(Rule::BadValue);
        }
        let length = match attribute.syntax {
            Syntax::Text => String::from_utf8_lossy(value).chars().count(),
            _ => value.len(),
        };
        // Samba does not hold a common name to the range of `cn`.
        let is_checked = policy.is_windows() || attribute.name != "cn";
        let fits = attribute.range.is_none_or(|(lower, upper)| {
            let length = u32::try_from(length).unwrap_or(u32::MAX);
            (lower..=upper).contains(&length)
        });
        if is_checked && !fits {
            return refuse(Rule::OutOfRange);
        }
    }
    Ok(())
}

fn has_syntax(syntax: Syntax, value: &[u8]) -> bool {
    let text = std::str::from_utf8(value).ok();
    match syntax {
        Syntax::Octets => true,
        Syntax::Sid => Sid::from_bytes(value).is_ok(),
        Syntax::Dn => text.is_some_and(|t| Target::parse(t).is_ok()),
        Syntax::Boolean => matches!(text, Some("TRUE" | "FALSE")),
        Syntax::Integer => text.is_some_and(|t| t.parse::<i32>().is_ok()),
        Syntax::LargeInteger => text.is_some_and(|t| t.parse::<i64>().is_ok()),
        Syntax::Oid | Syntax::Text | Syntax::Time => text.is_some_and(|t| !t.contains('\0')),
    }
}

/// Accounts that never expire have one of these in `accountExpires` ([MS-ADA1] 2.2).
const NEVER: [i64; 2] = [0, i64::MAX];

/// Checks a password and the account's state, as a bind does.
pub(super) fn check_logon(object: &Object, password: &str, now: Timestamp) -> Result<(), Refusal> {
    let refuse = |rule| Err(Refusal::new(rule, String::new()));
    if !object.password.as_ref().is_some_and(|digest| digest.matches(password)) {
        return refuse(Rule::BadCredentials);
    }
    let flags = object.number("userAccountControl").unwrap_or_default();
    if flags & uac::ACCOUNT_DISABLED != 0 {
        return refuse(Rule::AccountDisabled);
    }
    if flags & uac::SMARTCARD_REQUIRED != 0 {
        return refuse(Rule::BadCredentials);
    }
    let expires = object.number("accountExpires").unwrap_or_default();
    if !NEVER.contains(&expires) && expires <= super::names::filetime(now) {
        return refuse(Rule::AccountExpired);
    }
    let never_expires = flags & uac::DONT_EXPIRE != 0;
    if object.number("pwdLastSet") == Some(0) && !never_expires {
        return refuse(Rule::MustChangePassword);
    }
    Ok(())
}
