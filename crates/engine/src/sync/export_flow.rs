//! Export attribute flow: the values that rules want an object of a connected system to have.

use std::collections::BTreeMap;

use model::{CsId, Name, Value, Values};
use rules::{Flow, Rule};
use store::{ExportChange, ExportValue, MvObject};

use super::draft::{PlanError, Stop};
use super::provision::Target;
use super::random::{NoRandom, SeededRandom};
use super::view::MvView;
use crate::convert::convert;

/// What the rules want.
pub(super) struct Desired {
    /// The DN, if a flow to it applies.
    pub(super) dn: Option<String>,
    /// The attributes.
    pub(super) changes: BTreeMap<Name, ExportChange>,
    /// The strongest rule.
    pub(super) cause: Name,
}

/// Evaluates the flows of rules in rank order; of several flows to one attribute the first with a
/// value wins. Initial flows count only for a new object, and then before persistent ones of the
/// same rule. Secrets are not evaluated here but at the moment of sending.
///
/// `random` is what initial flows draw from; it is there exactly for a new object.
pub(super) fn desired(
    target: &Target<'_>,
    object: &MvObject,
    mut random: Option<SeededRandom>,
) -> Result<Desired, Stop> {
    let new = random.is_some();
    let view = MvView::new(object);
    let in_scope = &target.in_scope;
    let cause = in_scope.first().map_or_else(|| Name::new(""), |rule| rule.name.clone());
    let mut desired = Desired { dn: None, changes: BTreeMap::new(), cause };
    for rule in in_scope {
        let initial = rule.flows.iter().filter(|flow| flow.initial && new);
        let persistent = rule.flows.iter().filter(|flow| !flow.initial);
        for flow in initial.chain(persistent) {
            take(&mut desired, target, &view, (rule, flow), &mut random)?;
        }
    }
    if new {
        desired.changes.retain(|_, change| change.value != ExportValue::Clear);
    }
    Ok(desired)
}

fn take(
    desired: &mut Desired,
    target: &Target<'_>,
    view: &MvView<'_>,
    (rule, flow): (&Rule, &Flow),
    random: &mut Option<SeededRandom>,
) -> Result<(), Stop> {
    let Target { setup, object_type, .. } = target;
    let present = desired.changes.get(&flow.to).map(|change| &change.value);
    let taken = if flow.to == "dn" {
        desired.dn.is_some()
    } else {
        present.is_some_and(|value| *value != ExportValue::Clear)
    };
    if taken {
        return Ok(());
    }
    let schema = setup.schema.attribute(object_type, &flow.to);
    if schema.is_some_and(|schema| schema.secret) {
        let change = ExportChange { value: ExportValue::Secret, rule: rule.name.clone() };
        desired.changes.insert(flow.to.clone(), change);
        return Ok(());
    }
    let result = match random {
        Some(random) if flow.initial => flow.from.eval(view, random),
        _ => flow.from.eval(view, &mut NoRandom),
    };
    let result = result.map_err(|error| {
        let message = format!("the flow to {} failed: {}", flow.to, error.message);
        fail("sync-rule-invalid-expression", message, rule)
    })?;
    if flow.to == "dn" {
        desired.dn = result.as_ref().and_then(Values::single).map(Value::to_string);
        return Ok(());
    }
    let value = match result {
        Some(values) => {
            let schema = schema.ok_or_else(|| {
                let message = format!(
                    "{} of {} has no selected attribute {}",
                    object_type, setup.name, flow.to
                );
                fail("sync-rule-flow-attribute-not-found", message, rule)
            })?;
            let converted = convert(&values, schema).map_err(|error| {
                let message = format!("the flow to {} failed: {error}", flow.to);
                fail(error.error_type(), message, rule)
            })?;
            converted.map(ExportValue::Set)
        }
        None => flow.allow_null.then_some(ExportValue::Clear),
    };
    if let Some(value) = value {
        desired.changes.insert(flow.to.clone(), ExportChange { value, rule: rule.name.clone() });
    }
    Ok(())
}

/// The object whose value a direct flow to `attribute` would carry.
pub(super) fn contributor(object: &MvObject, in_scope: &[&Rule], attribute: &str) -> Option<CsId> {
    let mut flows = in_scope.iter().flat_map(|rule| &rule.flows);
    let flow = flows.find(|flow| flow.to == *attribute && !flow.initial)?;
    let source = flow.from.as_direct_attribute()?;
    object.attributes.get(source).map(|a| a.lineage.object)
}

fn fail(error_type: &str, message: String, rule: &Rule) -> Stop {
    Stop::Fail(PlanError {
        error_type: error_type.to_owned(),
        step: "export-flow",
        message,
        rule: Some(rule.name.clone()),
    })
}
