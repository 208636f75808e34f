//! Changing attributes.
//!
//! Spec: RFC 4511 section 4.6; [MS-ADTS] 3.1.1.5.3 (modify), 3.1.1.3.4.1.8 (permissive modify).

use ldap3_proto::proto::{LdapModify, LdapModifyType};
use model::{Guid, Timestamp};

use super::names::{Target, filetime};
use super::object::{Object, PasswordDigest};
use super::options::Dialect;
use super::refusal::{Refusal, Rule};
use super::rules::{self, Policy};
use super::schema::{self, Access, AttributeType, Syntax};
use super::state::State;

/// Applies all changes or none; true if anything differs afterwards.
pub(super) fn modify(
    state: &mut State,
    policy: Policy,
    guid: Guid,
    request: (&[LdapModify], bool),
    now: Timestamp,
) -> Result<bool, Refusal> {
    let (changes, is_permissive) = request;
    let missing = || Refusal::new(Rule::NoSuchObject, guid.to_string());
    let before = state.get(guid).filter(|o| !o.is_deleted).cloned().ok_or_else(missing)?;
    let mut object = before.clone();
    let mut passwords = PasswordChange::default();
    for change in changes {
        let attribute = writable(&object, &change.modification.atype)?;
        let values = &change.modification.vals;
        if attribute.name == "unicodePwd" {
            passwords.take(change)?;
            continue;
        }
        match change.operation {
            LdapModifyType::Add if is_permissive => {
                let absent = absent_values(state, policy, &object, attribute, values);
                add_values(state, policy, &mut object, attribute, &absent)?;
            }
            LdapModifyType::Add => add_values(state, policy, &mut object, attribute, values)?,
            LdapModifyType::Delete => {
                delete_values(state, policy, &mut object, (attribute, values), is_permissive)?;
            }
            LdapModifyType::Replace => replace(state, policy, &mut object, attribute, values)?,
            LdapModifyType::Increment => {
                return Err(Refusal::new(Rule::ProtocolError, "increment"));
            }
        }
    }
    passwords.apply(state, policy, &mut object, now)?;
    fix_password_time(&mut object, now)?;
    check_mandatory(&object)?;
    check_account_names(policy, &object)?;
    rules::check_names_are_free(state, &object)?;
    rules::check_account_control(Some(&before), &object, policy)?;
    rules::forget_password_if_smartcard(state, &before, &mut object, policy);
    Ok(state.commit(object, now))
}

/// The attribute a request names.
pub(super) fn known_attribute(name: &str) -> Result<&'static AttributeType, Refusal> {
    schema::attribute(name).ok_or_else(|| Refusal::new(Rule::AttributeUnknown, name))
}

fn writable(object: &Object, name: &str) -> Result<&'static AttributeType, Refusal> {
    let attribute = known_attribute(name)?;
    let refuse = |rule| Err(Refusal::new(rule, attribute.name));
    if attribute.name == "name" || attribute.name.eq_ignore_ascii_case(&object.rdn.attribute) {
        return refuse(Rule::RdnByModify);
    }
    if attribute.name == "objectClass" {
        return refuse(Rule::ClassUnchangeable);
    }
    if attribute.is_back_link() {
        return refuse(Rule::BackLink);
    }
    if attribute.access != Access::Client || attribute.name == "objectCategory" {
        return refuse(Rule::SystemOnly);
    }
    if !schema::is_allowed(object.class, attribute.name) {
        return refuse(Rule::NotAllowedByClass);
    }
    Ok(attribute)
}

/// Adds values that must not be there yet.
pub(super) fn add_values(
    state: &State,
    policy: Policy,
    object: &mut Object,
    attribute: &'static AttributeType,
    values: &[Vec<u8>],
) -> Result<(), Refusal> {
    check_form(policy, attribute, values)?;
    let refuse = |rule| Err(Refusal::new(rule, attribute.name));
    let is_filled = !values.is_empty()
        && (!object.values(attribute.name).is_empty()
            || object.targets(attribute.name).next().is_some());
    if attribute.is_single && is_filled {
        return refuse(Rule::ValueExists);
    }
    if attribute.syntax == Syntax::Dn {
        for value in values {
            let target = link_target(state, attribute, value)?;
            if object.targets(attribute.name).any(|t| t == target) {
                return refuse(Rule::MemberExists);
            }
            object.set_link(attribute.name, target, true);
        }
        return Ok(());
    }
    let mut stored = object.values(attribute.name).to_vec();
    for value in values {
        if stored.iter().any(|s| same(attribute, s, value)) {
            return refuse(Rule::ValueExists);
        }
        stored.push(value.clone());
    }
    object.set(attribute.name, stored);
    Ok(())
}

/// Those of `values` the object does not have; link members only where the dialect is permissive
/// about them.
fn absent_values(
    state: &State,
    policy: Policy,
    object: &Object,
    attribute: &'static AttributeType,
    values: &[Vec<u8>],
) -> Vec<Vec<u8>> {
    if attribute.syntax == Syntax::Dn {
        if policy.dialect == Dialect::Samba {
            return values.to_vec();
        }
        let present: Vec<Guid> = object.targets(attribute.name).collect();
        let is_absent =
            |v: &&Vec<u8>| link_target(state, attribute, v).map_or(true, |t| !present.contains(&t));
        return values.iter().filter(is_absent).cloned().collect();
    }
    let stored = object.values(attribute.name);
    let is_absent = |v: &&Vec<u8>| !stored.iter().any(|s| same(attribute, s, v));
    values.iter().filter(is_absent).cloned().collect()
}

fn delete_values(
    state: &State,
    policy: Policy,
    object: &mut Object,
    what: (&'static AttributeType, &[Vec<u8>]),
    is_permissive: bool,
) -> Result<(), Refusal> {
    let (attribute, values) = what;
    let refuse = |rule| Err(Refusal::new(rule, attribute.name));
    if attribute.syntax == Syntax::Dn {
        return delete_links(state, policy, object, what, is_permissive);
    }
    if values.is_empty() {
        if object.values(attribute.name).is_empty() && !is_permissive {
            return refuse(Rule::NoSuchValue);
        }
        object.set(attribute.name, Vec::new());
        return Ok(());
    }
    let mut stored = object.values(attribute.name).to_vec();
    for value in values {
        let count = stored.len();
        stored.retain(|s| !same(attribute, s, value));
        if stored.len() < count || is_permissive {
            continue;
        }
        // Samba does not compare the old value here, so the new one simply wins.
        if policy.dialect == Dialect::Samba && attribute.name == "userAccountControl" {
            stored.clear();
            continue;
        }
        return refuse(Rule::NoSuchValue);
    }
    object.set(attribute.name, stored);
    Ok(())
}

fn delete_links(
    state: &State,
    policy: Policy,
    object: &mut Object,
    what: (&'static AttributeType, &[Vec<u8>]),
    is_permissive: bool,
) -> Result<(), Refusal> {
    let (attribute, values) = what;
    let refuse = |rule| Err(Refusal::new(rule, attribute.name));
    let present: Vec<Guid> = object.targets(attribute.name).collect();
    if values.is_empty() {
        if present.is_empty() && !is_permissive {
            return refuse(Rule::NoSuchValue);
        }
        for target in present {
            object.set_link(attribute.name, target, false);
        }
        return Ok(());
    }
    let is_lenient = is_permissive && policy.dialect == Dialect::Windows;
    for value in values {
        let target = link_target(state, attribute, value)?;
        if present.contains(&target) {
            object.set_link(attribute.name, target, false);
        } else if !is_lenient {
            return refuse(Rule::MemberAbsent);
        }
    }
    Ok(())
}

fn replace(
    state: &State,
    policy: Policy,
    object: &mut Object,
    attribute: &'static AttributeType,
    values: &[Vec<u8>],
) -> Result<(), Refusal> {
    check_form(policy, attribute, values)?;
    if attribute.syntax == Syntax::Dn {
        for target in object.targets(attribute.name).collect::<Vec<_>>() {
            object.set_link(attribute.name, target, false);
        }
    } else {
        object.set(attribute.name, Vec::new());
    }
    add_values(state, policy, object, attribute, values)
}

fn check_form(
    policy: Policy,
    attribute: &AttributeType,
    values: &[Vec<u8>],
) -> Result<(), Refusal> {
    rules::check_values(attribute, values, policy).map_err(|refusal| {
        if refusal.rule == Rule::BadValue && attribute.syntax == Syntax::Dn {
            return Refusal { rule: Rule::LinkMalformed, ..refusal };
        }
        refusal
    })
}

fn link_target(state: &State, attribute: &AttributeType, value: &[u8]) -> Result<Guid, Refusal> {
    let refusal = |rule| Refusal::new(rule, attribute.name);
    let text = std::str::from_utf8(value).map_err(|_e| refusal(Rule::LinkMalformed))?;
    let target = Target::parse(text).map_err(|_e| refusal(Rule::LinkMalformed))?;
    let is_member = attribute.name == "member";
    let rule = if is_member { Rule::MemberMissing } else { Rule::LinkTargetMissing };
    let found = state.resolve(&target).and_then(|guid| state.get(guid));
    found.filter(|o| !o.is_deleted).map(|o| o.guid).ok_or_else(|| refusal(rule))
}

/// Equality as the attribute's syntax sees it.
fn same(attribute: &AttributeType, a: &[u8], b: &[u8]) -> bool {
    match attribute.syntax {
        Syntax::Text | Syntax::Oid => {
            let lower = |v: &[u8]| String::from_utf8_lossy(v).to_lowercase();
            a == b || lower(a) == lower(b)
        }
        _ => a == b,
    }
}

/// Changes to `unicodePwd` in one request: a reset, or the old password and the new one.
#[derive(Default)]
struct PasswordChange {
    old: Option<String>,
    new: Option<String>,
    is_reset: bool,
}

impl PasswordChange {
    fn take(&mut self, change: &LdapModify) -> Result<(), Refusal> {
        let [value] = change.modification.vals.as_slice() else {
            return Err(Refusal::new(Rule::PasswordFormat, "unicodePwd"));
        };
        let password = rules::decode_password(value)?;
        match change.operation {
            LdapModifyType::Delete => self.old = Some(password),
            LdapModifyType::Replace => {
                self.new = Some(password);
                self.is_reset = true;
            }
            LdapModifyType::Add | LdapModifyType::Increment => self.new = Some(password),
        }
        Ok(())
    }

    fn apply(
        self,
        state: &mut State,
        policy: Policy,
        object: &mut Object,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let new = match (self.is_reset, self.old, self.new) {
            (_, None, None) => return Ok(()),
            (true, None, Some(new)) => new,
            (false, Some(old), Some(new)) => {
                if !object.password.as_ref().is_some_and(|d| d.matches(&old)) {
                    return Err(Refusal::new(Rule::OldPasswordWrong, "unicodePwd"));
                }
                new
            }
            _ => return Err(Refusal::new(Rule::PasswordFormat, "unicodePwd")),
        };
        rules::check_password(&new, object, policy)?;
        object.password = Some(PasswordDigest::new(state.draw(), &new));
        object.set_text("pwdLastSet", filetime(now).to_string());
        Ok(())
    }
}

/// Clients write 0 (must change) or -1 (changed now) to `pwdLastSet`, nothing else.
fn fix_password_time(object: &mut Object, now: Timestamp) -> Result<(), Refusal> {
    match object.number("pwdLastSet") {
        Some(-1) => object.set_text("pwdLastSet", filetime(now).to_string()),
        Some(set) if set < 0 || set > filetime(now) => {
            return Err(Refusal::new(Rule::OutOfRange, "pwdLastSet"));
        }
        _ => {}
    }
    Ok(())
}

fn check_mandatory(object: &Object) -> Result<(), Refusal> {
    let mut names = schema::contributors(object.class).into_iter().flat_map(|c| c.must);
    let missing = names.find(|name| {
        // Those not in the table are computed, never absent.
        object.values.contains_key(**name) && object.values(name).is_empty()
    });
    missing.map_or(Ok(()), |name| Err(Refusal::new(Rule::MandatoryMissing, *name)))
}

/// The form of the account name.
pub(super) fn check_account_names(policy: Policy, object: &Object) -> Result<(), Refusal> {
    let is_user = object.class.name != "group";
    object
        .text("sAMAccountName")
        .map_or(Ok(()), |name| rules::check_account_name(name, is_user, policy))
}
