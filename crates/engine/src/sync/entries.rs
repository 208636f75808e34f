//! Expected rule entries: what policies ask of a metaverse object, and what became of it.
//!
//! An entry is a metaverse object of its own, which the identity service brings in; the object it is
//! about refers to it. It names a rule and asks to add it or to remove it. After every
//! synchronization of the object the entry is told the rule's status, and its own connector exports
//! that.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::{MvId, Name, Value, Values};
use rules::{
    Applies, DETECTED_RULE_TYPE, DETECTED_RULES, Direction, EXPECTED_RULE_TYPE, EXPECTED_RULES,
    Rule, detected, entry,
};
use store::{CsObject, MvAttribute, MvObject};

use super::draft::{Draft, PlanError, Stop, connector_of};
use super::facts::JoinKey;
use super::policy::{Judged, Standing};
use super::provision;

/// What an entry asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Action {
    /// To withdraw the rule.
    Remove,
    /// To apply it.
    Add,
}

/// What a rule's status can be.
const APPLIED: &str = "Applied";
const PENDING: &str = "Pending";
const NOT_APPLIED: &str = "Not Applied";

/// The entries of one metaverse object.
#[derive(Debug, Default)]
pub(super) struct Entries {
    found: Vec<Arc<MvObject>>,
}

impl Entries {
    /// The entries that an object refers to. What leads to nothing is left out.
    pub(super) fn of(draft: &Draft<'_>, object: &MvObject) -> Result<Self, Stop> {
        let found = referred(draft, object, EXPECTED_RULES, EXPECTED_RULE_TYPE)?;
        Ok(Self { found })
    }

    /// What is asked for of a rule. To apply it is the stronger wish.
    pub(super) fn action(&self, rule: &Name) -> Option<Action> {
        let of_rule = self.found.iter().filter(|found| rule_of(found).is_some_and(|r| r == *rule));
        of_rule.filter_map(|found| action_of(found)).max()
    }
}

/// The entries of a type that an attribute of an object refers to. What leads to nothing is left out.
pub(super) fn referred(
    draft: &Draft<'_>,
    object: &MvObject,
    attribute: &str,
    entry_type: &str,
) -> Result<Vec<Arc<MvObject>>, Stop> {
    let Some(references) = object.values(attribute) else { return Ok(Vec::new()) };
    let key = |reference: &Value| JoinKey {
        object_type: Name::new(entry_type),
        attribute: Name::new("object-id"),
        value: Value::string(&reference.to_string()),
    };
    let keys: Vec<JoinKey> = references.iter().map(key).collect();
    draft.know_joins(&keys)?;
    let mut ids = Vec::new();
    for key in &keys {
        ids.extend(draft.join(key)?);
    }
    draft.know_mvs(&ids)?;
    let mut found = Vec::new();
    for id in ids {
        found.extend(draft.mv(id)?);
    }
    Ok(found)
}

fn text<'a>(object: &'a MvObject, name: &str) -> Option<&'a str> {
    object.values(name)?.single()?.as_str()
}

/// The name of the rule that an entry is about.
fn rule_of(found: &MvObject) -> Option<Name> {
    text(found, entry::RULE).map(Name::new)
}

fn action_of(found: &MvObject) -> Option<Action> {
    let word = text(found, entry::ACTION)?;
    [("Add", Action::Add), ("Remove", Action::Remove)]
        .into_iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(word))
        .map(|(_, action)| action)
}

/// True if an entry asks for something else than before: then the object it is about flows again.
pub(super) fn asks_otherwise(before: Option<&MvObject>, after: Option<&MvObject>) -> bool {
    let is_entry = |object: &MvObject| object.object_type == *EXPECTED_RULE_TYPE;
    let (Some(before), Some(after)) = (before, after) else { return false };
    is_entry(after)
        && [entry::RULE, entry::ACTION].iter().any(|name| before.values(name) != after.values(name))
}

/// What is the engine's own stays, for no flow brings it: the status of an entry, all of a detected
/// one, and the list of those.
pub(super) fn keep_own(object: &MvObject, attributes: &mut BTreeMap<Name, MvAttribute>) {
    let own: &[&str] = match object.object_type.as_str() {
        EXPECTED_RULE_TYPE => &[entry::STATUS, entry::STATUS_ERROR],
        DETECTED_RULE_TYPE => {
            &["displayName", detected::RULE, detected::CONNECTOR, detected::PARENT]
        }
        _ => &[DETECTED_RULES],
    };
    for name in own.iter().copied() {
        if let Some((name, status)) = object.attributes.get_key_value(name) {
            attributes.insert(name.clone(), status.clone());
        }
    }
}

/// Tells the entries of a metaverse object what became of their rules.
pub(super) fn report(draft: &mut Draft<'_>, mv: MvId) -> Result<(), Stop> {
    let Some(object) = draft.mv(mv)? else { return Ok(()) };
    let entries = Entries::of(draft, &object)?;
    if entries.found.is_empty() {
        return Ok(());
    }
    let linked = draft.linked(mv)?;
    let policy = draft.policy;
    let judged = Judged::new(policy, &object, &linked, &entries);
    let mut told = Vec::new();
    for found in &entries.found {
        let rule = rule_of(found).and_then(|name| policy.rules.get(&name));
        let is_by_policy = |rule: &&Rule| {
            rule.direction == Direction::Outbound
                && rule.applies == Applies::Policy
                && rule.metaverse == object.object_type
        };
        let status = match (rule.filter(is_by_policy), action_of(found)) {
            (None, _) => {
                (NOT_APPLIED, Some("there is no such rule that policies apply".to_owned()))
            }
            (_, None) => (NOT_APPLIED, Some("the entry asks for nothing known".to_owned())),
            (Some(_), Some(Action::Remove)) => (APPLIED, None),
            (Some(rule), Some(Action::Add)) => {
                let there = objects_of(draft, rule, &linked);
                added(rule, judged.standing(rule), &there, text(found, entry::STATUS))
            }
        };
        told.push((found.clone(), status));
    }
    for (found, (status, error)) in told {
        tell(draft, &found, status, error.as_deref())?;
    }
    Ok(())
}

/// The objects that are linked where a rule writes to.
fn objects_of(draft: &Draft<'_>, rule: &Rule, linked: &[Arc<CsObject>]) -> Vec<Arc<CsObject>> {
    let Some(setup) = draft.policy.setup.connector(&rule.connector) else { return Vec::new() };
    let there = |cs: &&Arc<CsObject>| {
        connector_of(cs.id) == setup.id && cs.object_type == rule.object && !cs.is_gone()
    };
    linked.iter().filter(there).cloned().collect()
}

/// The status of a rule that is to be applied. Once all of it has been seen in an import it counts as
/// applied, whatever changes go out later.
fn added(
    rule: &Rule,
    standing: Standing,
    there: &[Arc<CsObject>],
    before: Option<&str>,
) -> (&'static str, Option<String>) {
    let dependency = rule.depends_on.as_deref().unwrap_or_default();
    match standing {
        Standing::Applies => {}
        Standing::Waits => return (PENDING, Some(format!("waits for the rule {dependency:?}"))),
        Standing::OutOfScope | Standing::Unconcerned => {
            let message = format!("the rule {dependency:?}, which it depends on, does not apply");
            return (NOT_APPLIED, Some(message));
        }
    }
    if there.is_empty() {
        let message = format!(
            "no object of {} meets the relationship, and the rule creates none",
            rule.connector
        );
        return (NOT_APPLIED, Some(message));
    }
    let is_seen = |cs: &Arc<CsObject>| cs.imported.is_some();
    let is_settled = |cs: &Arc<CsObject>| {
        let stages = &cs.export;
        stages.pending.is_none() && stages.escrow.is_none() && stages.unconfirmed.is_none()
    };
    let is_applied =
        there.iter().any(|cs| is_seen(cs) && (is_settled(cs) || before == Some(APPLIED)));
    (if is_applied { APPLIED } else { PENDING }, None)
}

/// Tells the entry of a rule that it made a plan fail. Nothing else of the plan stays.
pub(super) fn report_failure(
    failed: &Draft<'_>,
    draft: &mut Draft<'_>,
    error: &PlanError,
) -> Result<(), Stop> {
    let Some(rule) = error.rule.as_ref().and_then(|name| draft.policy.rules.get(name)) else {
        return Ok(());
    };
    let source = failed.cs(failed.source).and_then(|cs| cs.state.mv());
    let Some(mv) = source.filter(|_| rule.applies == Applies::Policy) else { return Ok(()) };
    let Some(object) = failed.mv(mv)? else { return Ok(()) };
    let entries = Entries::of(failed, &object)?;
    for found in entries.found.iter().filter(|f| rule_of(f).is_some_and(|r| r == rule.name)) {
        tell(draft, found, NOT_APPLIED, Some(&error.message))?;
    }
    Ok(())
}

/// Sets the status of an entry, and stages it for the service.
fn tell(
    draft: &mut Draft<'_>,
    found: &MvObject,
    status: &str,
    error: Option<&str>,
) -> Result<(), Stop> {
    let mut object = found.clone();
    let rule = rule_of(found).unwrap_or_else(|| Name::new(EXPECTED_RULE_TYPE));
    for (name, value) in [(entry::STATUS, Some(status)), (entry::STATUS_ERROR, error)] {
        let values = value.map(|text| Values::one(Value::string(text)));
        if object.values(name) == values.as_ref() {
            continue;
        }
        match values {
            Some(values) => {
                let lineage = draft.lineage(draft.source, &rule);
                object.attributes.insert(Name::new(name), MvAttribute { values, lineage });
            }
            None => {
                object.attributes.remove(name);
            }
        }
    }
    if object != *found {
        let id = object.id;
        draft.put_mv(object);
        provision::outbound(draft, id)?;
    }
    Ok(())
}
