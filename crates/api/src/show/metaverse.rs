//! Metaverse objects with lineage and links.

use std::collections::{BTreeMap, BTreeSet};

use model::{ConnectorId, CsId, Name, ObjectSchema};
use rules::RuleSet;
use store::{CsObject, MvObject};

use super::value;
use crate::request::cs_text;
use crate::types::{FlowRole, Lineage, Link, MetaverseAttribute};

/// What people call the object.
pub(crate) fn mv_display_name(object: &MvObject) -> String {
    let name = ["displayName", "accountName", "cn"]
        .into_iter()
        .find_map(|name| object.values(name).map(ToString::to_string));
    name.unwrap_or_else(|| object.uid.to_string())
}

fn connector_name(names: &BTreeMap<ConnectorId, Name>, id: ConnectorId) -> String {
    names.get(&id).map_or_else(|| id.0.to_string(), Name::to_string)
}

/// The values with where they come from. `dns` names the objects that are still there.
pub(crate) fn mv_attributes(
    object: &MvObject,
    schema: Option<&ObjectSchema>,
    names: &BTreeMap<ConnectorId, Name>,
    dns: &BTreeMap<CsId, String>,
) -> Vec<MetaverseAttribute> {
    let shown = object.attributes.iter().map(|(name, attribute)| {
        let lineage = &attribute.lineage;
        let schema = schema.and_then(|schema| schema.get(name));
        MetaverseAttribute {
            name: name.to_string(),
            values: value::values(name, schema, &attribute.values),
            lineage: Lineage {
                rule: lineage.rule.to_string(),
                connector: connector_name(names, lineage.object.connector()),
                object: cs_text(lineage.object),
                object_dn: dns.get(&lineage.object).cloned(),
                run: lineage.run.to_string(),
                at: lineage.at.to_string(),
            },
        }
    });
    shown.collect()
}

/// A link with what flows over it: in by lineage, out by the rules in force.
pub(crate) fn link(
    object: &MvObject,
    linked: &CsObject,
    names: &BTreeMap<ConnectorId, Name>,
    rules: Option<&RuleSet>,
) -> Link {
    let connector = connector_name(names, linked.id.connector());
    let comes_from_it = object.attributes.iter().filter(|(_, a)| a.lineage.object == linked.id);
    let contributes: Vec<String> = comes_from_it.map(|(name, _)| name.to_string()).collect();
    let outbound = rules.map(|rules| rules.outbound(&object.object_type)).unwrap_or_default();
    let receives: BTreeSet<&Name> = outbound
        .iter()
        .filter(|rule| rule.connector == *connector && rule.object == linked.object_type)
        .flat_map(|rule| rule.flows.iter().map(|flow| &flow.to))
        .collect();
    let role = match (contributes.is_empty(), receives.is_empty()) {
        (true, true) => None,
        (false, true) => Some(FlowRole::Source),
        (true, false) => Some(FlowRole::Target),
        (false, false) => Some(FlowRole::Both),
    };
    Link {
        connector,
        object: cs_text(linked.id),
        dn: linked.dn.clone(),
        object_type: linked.object_type.to_string(),
        linked_by: linked.linked_by.as_ref().map(Name::to_string),
        role,
        contributes,
        receives: receives.into_iter().map(Name::to_string).collect(),
    }
}
