//! Renaming, moving and deleting objects.
//!
//! Spec: RFC 4511 sections 4.8 and 4.9; [MS-ADTS] 3.1.1.5.4 (modify DN), 3.1.1.5.5 (delete).

use model::{Guid, Rdn, Timestamp};

use super::add::check_rdn_value;
use super::names::{Target, parse_dn};
use super::options::Dialect;
use super::refusal::{Refusal, Rule};
use super::rules::Policy;
use super::state::State;

/// A new name and, for moves, a new parent.
pub(super) struct NewName<'a> {
    pub(super) rdn: &'a str,
    pub(super) deletes_old_rdn: bool,
    pub(super) superior: Option<&'a str>,
}

/// Renames, moves, or both; a name that differs in case only is a rename too.
pub(super) fn rename(
    state: &mut State,
    policy: Policy,
    guid: Guid,
    name: &NewName<'_>,
    now: Timestamp,
) -> Result<(), Refusal> {
    let missing = || Refusal::new(Rule::NoSuchObject, guid.to_string());
    let mut object = state.get(guid).filter(|o| !o.is_deleted).cloned().ok_or_else(missing)?;
    let bad_name = || Refusal::new(Rule::BadName, name.rdn);
    let dn = parse_dn(name.rdn).map_err(|_e| bad_name())?;
    let [rdn] = <[Rdn; 1]>::try_from(dn.rdns).map_err(|_e| bad_name())?;
    if !rdn.attribute.eq_ignore_ascii_case(&object.rdn.attribute) {
        return Err(Refusal::new(Rule::NamingViolation, rdn.attribute));
    }
    check_rdn_value(&rdn, policy)?;
    if !name.deletes_old_rdn {
        return Err(Refusal::new(Rule::OldRdnKept, rdn.attribute));
    }
    let Some(old_parent) = object.parent else {
        return Err(Refusal::new(Rule::SpecialObject, guid.to_string()));
    };
    let parent = match name.superior {
        Some(superior) => check_superior(state, policy, guid, superior)?,
        None => old_parent,
    };
    if state.child(parent, &rdn).is_some_and(|other| other != guid) {
        let taken = state.dn(parent).child(&rdn.attribute, &rdn.value);
        return Err(Refusal::new(Rule::EntryExists, taken.to_string()));
    }
    object.rdn.value = rdn.value;
    object.parent = Some(parent);
    state.commit(object, now);
    Ok(())
}

fn check_superior(
    state: &State,
    policy: Policy,
    guid: Guid,
    superior: &str,
) -> Result<Guid, Refusal> {
    let target = Target::parse(superior).map_err(|_e| Refusal::new(Rule::BadName, superior))?;
    let found = state.resolve(&target).and_then(|g| state.get(g));
    let Some(parent) = found.filter(|o| !o.is_deleted) else {
        let matched = match &target {
            Target::Dn(dn) if policy.dialect == Dialect::Windows => state.best_match(dn),
            _ => String::new(),
        };
        return Err(Refusal::missing(Rule::NewParentMissing, superior, matched));
    };
    if state.is_within(parent.guid, guid) {
        return Err(Refusal::new(Rule::BelowItself, superior));
    }
    if !parent.class.is_container {
        return Err(Refusal::new(Rule::IllegalSuperior, superior));
    }
    Ok(parent.guid)
}

/// What a tombstone keeps ([MS-ADTS] 3.1.1.5.5.1.1), besides what is computed.
const KEPT: &[&str] = &["objectClass", "sAMAccountName", "userAccountControl", "instanceType"];

/// Deletes an object, with `is_tree` also everything below it.
pub(super) fn delete(
    state: &mut State,
    guid: Guid,
    is_tree: bool,
    now: Timestamp,
) -> Result<(), Refusal> {
    let missing = || Refusal::new(Rule::NoSuchObject, guid.to_string());
    state.get(guid).filter(|o| !o.is_deleted).ok_or_else(missing)?;
    let doomed = state.subtree(guid);
    let is_special = |g: &Guid| {
        state.is_root(*g)
            || state.deleted_objects == Some(*g)
            || state.get(*g).is_some_and(|o| o.text("isCriticalSystemObject") == Some("TRUE"))
    };
    if doomed.iter().any(is_special) {
        return Err(Refusal::new(Rule::SpecialObject, guid.to_string()));
    }
    if doomed.len() > 1 && !is_tree {
        let children = state.children(guid).count();
        return Err(Refusal::new(Rule::HasChildren, children.to_string()));
    }
    for guid in doomed.into_iter().rev() {
        bury(state, guid, now);
    }
    Ok(())
}

fn bury(state: &mut State, guid: Guid, now: Timestamp) {
    let last_parent = state.get(guid).and_then(|o| o.parent);
    let last_parent = last_parent.map(|p| state.dn(p).to_string());
    state.drop_links(guid);
    let graveyard = state.deleted_objects;
    let Some(mut object) = state.get(guid).cloned() else { return };
    let stored: Vec<&'static str> = object.values.keys().copied().collect();
    for name in stored.into_iter().filter(|name| !KEPT.contains(name)) {
        object.set(name, Vec::new());
    }
    object.set_text("isDeleted", "TRUE");
    object.set_text("isRecycled", "TRUE");
    if let Some(parent) = last_parent {
        object.set_text("lastKnownParent", parent);
    }
    object.rdn.value = format!("{}\nDEL:{guid}", object.rdn.value);
    object.parent = graveyard.or(object.parent);
    object.password = None;
    object.is_deleted = true;
    state.commit(object, now);
}
