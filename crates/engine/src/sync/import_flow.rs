//! Import attribute flow: what a metaverse object's attributes are, given everything linked to it.
//!
//! Every attribute is worked out anew from all contributors in rank order, so the result does not
//! depend on which object came first, and recall and re-election need no steps of their own.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use model::{CsId, MvId, Name, Values};
use rules::{Flow, Rule};
use store::{CsObject, MvAttribute, MvObject};

use super::draft::{Draft, PlanError, Stop};
use super::random::NoRandom;
use super::view::CsView;
use crate::convert::convert;

/// One flow that yields a value.
struct Contribution {
    object: CsId,
    rule: Name,
    values: Values,
}

/// Sets the attributes of a metaverse object. True if a value changed; lineage alone does not
/// count.
pub(super) fn apply(draft: &mut Draft<'_>, mv: MvId) -> Result<bool, Stop> {
    let Some(object) = draft.mv(mv)? else { return Ok(false) };
    let linked = draft.linked(mv)?;
    let mut elected: BTreeMap<Name, (u32, Contribution)> = BTreeMap::new();
    let mut clashes: BTreeSet<Name> = BTreeSet::new();
    // What is known to be gone comes last: it stands in nobody's way.
    let (gone, there): (Vec<_>, Vec<_>) = linked.into_iter().partition(|cs| cs.is_gone());
    for cs in there.iter().chain(&gone) {
        contribute(draft, cs, &object.object_type, &mut elected, &mut clashes)?;
    }
    if let Some(attribute) = clashes.first() {
        let rule = elected.get(attribute).map(|(_, c)| c.rule.clone());
        return Err(fail(
            "ambiguous-import-flow-from-multiple-connectors",
            format!("several connectors of one rule contribute to {attribute}"),
            rule.as_ref(),
        ));
    }
    let mut changed = false;
    let mut attributes = BTreeMap::new();
    for (name, (_, contribution)) in elected {
        let Contribution { object: source, rule, values } = contribution;
        let before = object.attributes.get(&name);
        changed |= before.is_none_or(|b| b.values != values);
        let same = before
            .filter(|b| b.values == values && b.lineage.object == source && b.lineage.rule == rule);
        let attribute = match same {
            Some(same) => same.clone(),
            None => MvAttribute { values, lineage: draft.lineage(source, &rule) },
        };
        attributes.insert(name, attribute);
    }
    changed |= object.attributes.keys().any(|name| !attributes.contains_key(name));
    if object.attributes != attributes {
        draft.put_mv(MvObject { attributes, ..MvObject::clone(&object) });
    }
    Ok(changed)
}

/// Adds what one linked object contributes. The object being synchronized contributes its imported
/// state, every other one what synchronization last saw of it.
fn contribute(
    draft: &Draft<'_>,
    cs: &CsObject,
    object_type: &Name,
    elected: &mut BTreeMap<Name, (u32, Contribution)>,
    clashes: &mut BTreeSet<Name>,
) -> Result<(), Stop> {
    let pending = cs.pending_import.as_ref().filter(|_| cs.id != draft.source);
    let image = match pending {
        None => cs.imported.as_ref().map(Cow::Borrowed),
        Some(_) => cs.synchronized().map(Cow::Owned),
    };
    let Some(image) = image else { return Ok(()) };
    let connector = draft.connector(super::draft::connector_of(cs.id))?;
    let undo = pending.map(|p| &p.undo);
    let object_type_then = undo.and_then(|u| u.object_type.as_ref()).unwrap_or(&cs.object_type);
    let dn_then = undo.and_then(|u| u.dn.as_ref()).unwrap_or(&cs.dn);
    let view = CsView::new(&image, dn_then);
    for rule in draft.policy.rules.inbound(&connector.name, object_type_then) {
        if rule.metaverse != *object_type || !rule.scope.holds(&view) {
            continue;
        }
        for flow in &rule.flows {
            let Some(values) = evaluate(draft, rule, flow, &view)? else { continue };
            let incumbent = elected.get(&flow.to);
            match incumbent {
                Some((_, c)) if c.rule == rule.name && c.object != cs.id => {
                    if !cs.is_gone() {
                        clashes.insert(flow.to.clone());
                    }
                }
                Some((rank, c)) if (*rank, &c.rule) <= (rule.precedence, &rule.name) => {}
                _ => {
                    let contribution =
                        Contribution { object: cs.id, rule: rule.name.clone(), values };
                    clashes.remove(&flow.to);
                    elected.insert(flow.to.clone(), (rule.precedence, contribution));
                }
            }
        }
    }
    Ok(())
}

fn evaluate(
    draft: &Draft<'_>,
    rule: &Rule,
    flow: &Flow,
    view: &CsView<'_>,
) -> Result<Option<Values>, Stop> {
    let result = flow.from.eval(view, &mut NoRandom).map_err(|error| {
        let message = format!("the flow to {} failed: {}", flow.to, error.message);
        fail("sync-rule-invalid-expression", message, Some(&rule.name))
    })?;
    let Some(values) = result else { return Ok(None) };
    let schema = draft.policy.setup.mv_attribute(&rule.metaverse, &flow.to).ok_or_else(|| {
        let message = format!("the metaverse type {} has no attribute {}", rule.metaverse, flow.to);
        fail("sync-rule-flow-attribute-not-found", message, Some(&rule.name))
    })?;
    convert(&values, schema).map_err(|error| {
        let message = format!("the flow to {} failed: {error}", flow.to);
        fail(error.error_type(), message, Some(&rule.name))
    })
}

fn fail(error_type: &str, message: String, rule: Option<&Name>) -> Stop {
    Stop::Fail(PlanError {
        error_type: error_type.to_owned(),
        step: "import-flow",
        message,
        rule: rule.cloned(),
    })
}
