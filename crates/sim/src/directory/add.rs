//! Adding objects.
//!
//! Spec: RFC 4511 section 4.7; [MS-ADTS] 3.1.1.5.2 (add), [MS-SAMR] 3.1.1.8 (defaults).

use ldap3_proto::proto::LdapAttribute;
use model::{Dn, Guid, Rdn, Timestamp};

use super::modify;
use super::names::{Target, filetime};
use super::object::{Object, PasswordDigest};
use super::refusal::{Refusal, Rule};
use super::rules::{self, Policy, uac};
use super::schema::{self, Access, ClassType};
use super::state::State;

/// Adds an object and returns its identifier.
pub(super) fn add(
    state: &mut State,
    policy: Policy,
    dn: &str,
    attributes: &[LdapAttribute],
    now: Timestamp,
) -> Result<Guid, Refusal> {
    let bad_name = || Refusal::new(Rule::BadName, dn);
    let Ok(Target::Dn(name)) = Target::parse(dn) else { return Err(bad_name()) };
    let rdn = name.leaf().cloned().ok_or_else(bad_name)?;
    check_rdn_value(&rdn, policy)?;
    let class = structural_class(attributes)?;
    if !rdn.attribute.eq_ignore_ascii_case(class.rdn) {
        return Err(Refusal::new(Rule::NamingViolation, rdn.attribute));
    }
    let parent = check_parent(state, &name)?;
    if state.child(parent, &rdn).is_some() {
        return Err(Refusal::new(Rule::EntryExists, dn));
    }
    let rdn = Rdn { attribute: class.rdn.to_uppercase(), value: rdn.value };
    let mut object = state.draft(class, rdn, Some(parent), now);
    set_attributes(state, policy, &mut object, attributes)?;
    set_defaults(state, &mut object, now);
    check_account(state, policy, &object)?;
    if class.is_principal {
        object.sid = state.new_sid();
    }
    let guid = object.guid;
    state.commit(object, now);
    Ok(guid)
}

/// The rules a name's own component must keep.
pub(super) fn check_rdn_value(rdn: &Rdn, policy: Policy) -> Result<(), Refusal> {
    // The line feed is what deleted objects are told by.
    if rdn.value.contains('\n') {
        return Err(Refusal::new(Rule::BadName, rdn.to_string()));
    }
    match schema::attribute(&rdn.attribute) {
        Some(attribute) => {
            rules::check_values(attribute, &[rdn.value.clone().into_bytes()], policy)
        }
        None => Err(Refusal::new(Rule::NamingViolation, rdn.attribute.clone())),
    }
}

fn check_parent(state: &State, name: &Dn) -> Result<Guid, Refusal> {
    let parent = name.parent().unwrap_or_default();
    let found = state.resolve(&Target::Dn(parent)).and_then(|guid| state.get(guid));
    let Some(found) = found.filter(|parent| !parent.is_deleted) else {
        return Err(Refusal::missing(Rule::NoParent, name.to_string(), state.best_match(name)));
    };
    if !found.class.is_container {
        return Err(Refusal::new(Rule::IllegalSuperior, name.to_string()));
    }
    Ok(found.guid)
}

/// The most specific of the classes named.
fn structural_class(attributes: &[LdapAttribute]) -> Result<&'static ClassType, Refusal> {
    let named = attributes.iter().filter(|a| a.atype.eq_ignore_ascii_case("objectClass"));
    let mut classes = Vec::new();
    for value in named.flat_map(|a| &a.vals) {
        let name = String::from_utf8_lossy(value);
        let class = schema::class(&name);
        classes.push(class.ok_or_else(|| Refusal::new(Rule::ClassUnknown, name))?);
    }
    let deepest = classes.into_iter().max_by_key(|c| schema::lineage(c).len());
    deepest
        .filter(|class| class.is_structural)
        .ok_or_else(|| Refusal::new(Rule::ClassMissing, "objectClass"))
}

fn set_attributes(
    state: &mut State,
    policy: Policy,
    object: &mut Object,
    attributes: &[LdapAttribute],
) -> Result<(), Refusal> {
    let mut password = None;
    for given in attributes {
        let attribute = modify::known_attribute(&given.atype)?;
        let name = attribute.name;
        if ["objectClass", "objectCategory", "distinguishedName"].contains(&name) {
            continue;
        }
        if name == "name" || name.eq_ignore_ascii_case(&object.rdn.attribute) {
            let is_same = given.vals.iter().all(|v| v == object.rdn.value.as_bytes());
            if !is_same {
                return Err(Refusal::new(Rule::NamingViolation, name));
            }
            continue;
        }
        if attribute.is_back_link() {
            return Err(Refusal::new(Rule::BackLink, name));
        }
        if attribute.access != Access::Client {
            return Err(Refusal::new(Rule::SystemOnly, name));
        }
        if !schema::is_allowed(object.class, name) {
            return Err(Refusal::new(Rule::NotAllowedByClass, name));
        }
        if given.vals.is_empty() {
            return Err(Refusal::new(Rule::EmptyValue, name));
        }
        if name == "unicodePwd" {
            let value = given.vals.first().map(Vec::as_slice).unwrap_or_default();
            password = Some(rules::decode_password(value)?);
            continue;
        }
        modify::add_values(state, policy, object, attribute, &given.vals)?;
    }
    // The policy compares the password with names that may come after it in the request.
    if let Some(password) = password {
        rules::check_password(&password, object, policy)?;
        object.password = Some(PasswordDigest::new(state.draw(), &password));
    }
    Ok(())
}

/// Well-known groups of a domain ([MS-DTYP] 2.4.2.4): the primary group of users and computers.
const DOMAIN_USERS: u32 = 513;
const DOMAIN_COMPUTERS: u32 = 515;
/// `sAMAccountType` values ([MS-SAMR] 2.2.1.9).
const TYPE_USER: &str = "805306368";
const TYPE_MACHINE: &str = "805306369";
const TYPE_GROUP: &str = "268435456";
/// A global security group ([MS-ADTS] 2.2.12).
const DEFAULT_GROUP_TYPE: &str = "-2147483646";

pub(super) fn set_defaults(state: &mut State, object: &mut Object, now: Timestamp) {
    if !object.class.is_principal {
        return;
    }
    if object.text("sAMAccountName").is_none() {
        let [a, b, c, rest @ ..] = state.draw();
        let tail: String = rest.iter().take(6).map(|b| format!("{b:02X}")).collect();
        object.set_text("sAMAccountName", format!("${a:02X}{b:02X}{c:02X}-{tail}"));
    }
    let is_computer = object.class.name == "computer";
    let mut defaults = Vec::new();
    if object.class.name == "group" {
        defaults.push(("groupType", DEFAULT_GROUP_TYPE.to_owned()));
        object.set_text("sAMAccountType", TYPE_GROUP);
    } else {
        let kind = if is_computer { uac::WORKSTATION } else { uac::NORMAL_ACCOUNT };
        let flags = kind | uac::ACCOUNT_DISABLED | uac::PASSWORD_NOT_REQUIRED;
        let group = if is_computer { DOMAIN_COMPUTERS } else { DOMAIN_USERS };
        defaults.push(("userAccountControl", flags.to_string()));
        defaults.push(("accountExpires", i64::MAX.to_string()));
        defaults.push(("primaryGroupID", group.to_string()));
        for zero in ["badPwdCount", "badPasswordTime", "lastLogon", "logonCount", "countryCode"] {
            defaults.push((zero, "0".to_owned()));
        }
        object.set_text("sAMAccountType", if is_computer { TYPE_MACHINE } else { TYPE_USER });
        set_password_time(object, now);
    }
    for (name, value) in defaults {
        if object.values(name).is_empty() {
            object.set_text(name, value);
        }
    }
}

/// `pwdLastSet` of a new account: now if it has a password, unless the client asked for 0.
fn set_password_time(object: &mut Object, now: Timestamp) {
    let must_change = object.number("pwdLastSet") == Some(0);
    let set = if object.password.is_some() && !must_change { filetime(now) } else { 0 };
    object.set_text("pwdLastSet", set.to_string());
}

/// The checks every new or changed account passes.
fn check_account(state: &State, policy: Policy, object: &Object) -> Result<(), Refusal> {
    modify::check_account_names(policy, object)?;
    rules::check_names_are_free(state, object)?;
    rules::check_account_control(None, object, policy)
}
