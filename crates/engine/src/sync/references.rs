//! References. A connector-space object refers to another one of its connector by DN, a metaverse
//! object to another one by `object-id`; a direct flow between two reference attributes translates.
//! A value that leads to nobody is left out without an error: when its target is connected,
//! provisioned or goes, whoever refers to it is flagged and its flows run again at the end of the
//! step.

use std::collections::{BTreeMap, BTreeSet};

use model::{AttributeSchema, ConnectorId, MvId, Name, ObjectSchema, Value, ValueType, Values};
use rules::{Direction, Flow};
use store::CsObject;

use super::draft::{Draft, Stop, connector_of};
use super::facts::JoinKey;
use crate::setup::{ConnectorSetup, Policy};

/// The attribute that stands for the public identifier of a metaverse object.
const OBJECT_ID: &str = "object-id";

/// True if a flow carries references from an attribute of one side to one of the other.
pub(super) fn is_reference_flow(
    flow: &Flow,
    source: Option<&ObjectSchema>,
    target: &AttributeSchema,
) -> bool {
    let from = flow.from.as_direct_attribute().and_then(|name| source?.get(name));
    target.value_type == ValueType::Reference
        && from.is_some_and(|schema| schema.value_type == ValueType::Reference)
}

/// The attributes whose references flow.
#[derive(Debug, Default)]
pub(super) struct References {
    /// Of connector spaces: connector, object type, attribute.
    imported: BTreeSet<(ConnectorId, Name, Name)>,
    /// Of the metaverse: object type, attribute.
    held: BTreeSet<(Name, Name)>,
}

impl References {
    /// Those that the rules in force let flow in.
    pub(super) fn of(policy: Policy<'_>) -> Self {
        let mut references = Self::default();
        for rule in policy.rules.iter().filter(|rule| rule.direction == Direction::Inbound) {
            let Some(setup) = policy.setup.connector(&rule.connector) else { continue };
            let source = setup.schema.types.get(&rule.object);
            for flow in &rule.flows {
                let target = policy.setup.mv_attribute(&rule.metaverse, &flow.to);
                let Some(from) = flow.from.as_direct_attribute() else { continue };
                if target.is_some_and(|target| is_reference_flow(flow, source, target)) {
                    references.imported.insert((setup.id, rule.object.clone(), from.clone()));
                    references.held.insert((rule.metaverse.clone(), flow.to.clone()));
                }
            }
        }
        references
    }

    /// True if no references flow in.
    pub(super) fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Object types and attributes of a connector.
    pub(super) fn imported(&self, connector: ConnectorId) -> impl Iterator<Item = (&Name, &Name)> {
        let of = self.imported.iter().filter(move |(of, ..)| *of == connector);
        of.map(|(_, object_type, attribute)| (object_type, attribute))
    }

    /// The questions that lead to the metaverse objects that refer to one.
    pub(super) fn held<'a>(&'a self, uid: &'a str) -> impl Iterator<Item = JoinKey> + 'a {
        self.held.iter().map(|(object_type, attribute)| JoinKey {
            object_type: object_type.clone(),
            attribute: attribute.clone(),
            value: Value::reference(uid),
        })
    }
}

/// What changes of one batch may have led references elsewhere.
#[derive(Debug, Default)]
pub(super) struct Upheaval {
    /// Names in connector spaces where somebody else is found than before.
    pub(super) places: BTreeSet<(ConnectorId, String)>,
    /// Metaverse objects that are found elsewhere in some connector space, or are gone.
    pub(super) objects: BTreeSet<MvId>,
}

impl Upheaval {
    /// Takes the change of an object into account.
    pub(super) fn note(&mut self, before: Option<&CsObject>, after: Option<&CsObject>) {
        let standing = |cs: &CsObject| (cs.state.mv(), synchronized_dn(cs).to_owned());
        let coming = |cs: &CsObject| cs.expected_dn().to_owned();
        let is_moved = before.map(standing) != after.map(standing);
        let versions = || before.into_iter().chain(after);
        if versions().all(|cs| cs.state.mv().is_none())
            || (!is_moved && before.map(coming) == after.map(coming))
        {
            return;
        }
        self.objects.extend(versions().filter_map(|cs| cs.state.mv()));
        if is_moved {
            let place = |cs: &CsObject| (connector_of(cs.id), synchronized_dn(cs).to_owned());
            self.places.extend(versions().map(place));
        }
    }
}

/// The name under which synchronization last saw an object.
fn synchronized_dn(cs: &CsObject) -> &str {
    let undo = cs.pending_import.as_ref().and_then(|pending| pending.undo.dn.as_deref());
    undo.unwrap_or(&cs.dn)
}

/// Imported references as the metaverse holds them. What leads to nothing, or to an object that is
/// not linked, is left out.
pub(super) fn to_metaverse(
    draft: &Draft<'_>,
    connector: &ConnectorSetup,
    values: &Values,
) -> Result<Option<Values>, Stop> {
    let names = values.iter().filter_map(|value| match value {
        Value::Reference(dn) => Some(connector.dn_style.key(dn)),
        _ => None,
    });
    let names: Vec<String> = names.collect();
    draft.know_dns(connector.id, &names)?;
    let mut found = Vec::new();
    for name in &names {
        let there = draft.at_dn(connector.id, name)?;
        // One that is gone counts until synchronization sees that, unless another took its name.
        let linked = there.iter().filter_map(|cs| Some((cs.is_gone(), cs.state.mv()?)));
        let uid = linked.min().map(|(_, mv)| draft.moment.hasher.uid(mv).to_string());
        found.extend(uid.map(|uid| Value::reference(&uid)));
    }
    Ok(Values::from_vec(found))
}

/// References as a connected system is to hold them.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    /// The names that the targets will have; `None` where none of them has an object there.
    pub(super) values: Option<Values>,
    /// By the key of its present name the key of the name that a target will have, where they differ.
    pub(super) renamed: BTreeMap<String, String>,
}

/// Why references cannot flow out.
pub(super) enum Unclear {
    /// Planning has to stop.
    Stop(Stop),
    /// A target has several objects in the connector space.
    Several(usize),
}

impl From<Stop> for Unclear {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

/// The metaverse's references as a connected system is to hold them. Targets without an object there
/// are left out.
///
/// # Errors
/// When a target has several objects there.
pub(super) fn to_connector_space(
    draft: &Draft<'_>,
    connector: &ConnectorSetup,
    values: &Values,
) -> Result<Outgoing, Unclear> {
    let mut targets = Vec::new();
    let keys: Vec<JoinKey> = values.iter().flat_map(|value| identities(draft, value)).collect();
    draft.know_joins(&keys)?;
    for value in values {
        for key in identities(draft, value) {
            targets.extend(draft.join(&key)?);
        }
    }
    draft.know_mvs(&targets)?;
    let mut outgoing = Outgoing::default();
    let mut found = Vec::new();
    for mv in targets {
        let mut there = draft.linked(mv)?;
        there.retain(|cs| connector_of(cs.id) == connector.id && !cs.is_gone());
        match there.as_slice() {
            [] => {}
            [only] => {
                let dn = only.expected_dn();
                found.push(Value::reference(dn));
                let key = connector.dn_style.key(dn);
                if key != only.dn_key {
                    outgoing.renamed.insert(only.dn_key.clone(), key);
                }
            }
            several => return Err(Unclear::Several(several.len())),
        }
    }
    outgoing.values = Values::from_vec(found);
    Ok(outgoing)
}

/// The metaverse object of an identifier can be of any type.
fn identities<'a>(
    draft: &'a Draft<'_>,
    value: &'a Value,
) -> impl Iterator<Item = JoinKey> + use<'a> {
    let types = draft.policy.setup.deployment.metaverse.types.keys();
    types.map(|object_type| JoinKey {
        object_type: object_type.clone(),
        attribute: Name::new(OBJECT_ID),
        value: Value::string(&value.to_string()),
    })
}
