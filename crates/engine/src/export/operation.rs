//! From a pending export to the operation a connector carries out.

use std::collections::BTreeMap;

use connector::{ExportKind, ExportOperation};
use expr::Random;
use model::{AttributeChange, Attributes, Changes, Name, Secret, Timestamp, Value};
use store::{CsObject, ExportDelta, ExportValue, MvObject, WriteOperation};

use crate::setup::{ConnectorSetup, Policy};
use crate::sync::{MvView, Outcome, Surroundings, evaluate, failure};

/// What operations are made from, beside the objects.
#[derive(Clone, Copy)]
pub(super) struct Making<'a> {
    pub(super) setup: &'a ConnectorSetup,
    pub(super) policy: Policy<'a>,
    pub(super) now: Timestamp,
    /// An earlier attempt has no answer.
    pub(super) in_doubt: bool,
}

/// An object and what is sent of it.
pub(super) type Work = (CsObject, ExportDelta);

/// Why an operation cannot be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) message: String,
    pub(super) rule: Option<Name>,
}

/// The stage that is sent: what is in doubt, with everything newer on top.
pub(super) fn merge(
    escrow: Option<ExportDelta>,
    pending: Option<ExportDelta>,
) -> Option<ExportDelta> {
    match (escrow, pending) {
        (None, pending) => pending,
        (escrow, None) => escrow,
        (Some(escrow), Some(pending)) => match (escrow.operation, pending.operation) {
            // What was to be deleted, or is to be deleted now, has no use for changes.
            (_, WriteOperation::Delete) | (WriteOperation::Delete, _) => Some(pending),
            (operation, _) => {
                let mut merged = ExportDelta { operation, ..pending.clone() };
                merged.changes.clone_from(&escrow.changes);
                merged.changes.extend(pending.changes);
                merged.new_dn = pending.new_dn.or(escrow.new_dn);
                Some(merged)
            }
        },
    }
}

/// Makes the operation. Secrets are drawn here, for this attempt alone.
pub(super) fn make(
    object: &CsObject,
    delta: &ExportDelta,
    mv: Option<&MvObject>,
    making: Making<'_>,
    random: &mut dyn Random,
) -> Result<ExportOperation, Refused> {
    let mut attributes = Attributes::new();
    let mut changes = Changes::new();
    let mut secrets = BTreeMap::new();
    for (name, change) in &delta.changes {
        match &change.value {
            ExportValue::Set(values) => {
                attributes.set(name.clone(), Some(values.clone()));
                changes.insert(name.clone(), AttributeChange::Set(values.clone()));
            }
            ExportValue::Clear => {
                changes.insert(name.clone(), AttributeChange::Clear);
            }
            ExportValue::Secret => {
                let secret = draw((name, &change.rule), object, mv, making, random)?;
                secrets.insert(name.clone(), secret);
            }
        }
    }
    let kind = match delta.operation {
        WriteOperation::Add => ExportKind::Add { attributes },
        WriteOperation::Update => ExportKind::Update { changes, new_dn: delta.new_dn.clone() },
        WriteOperation::Delete => ExportKind::Delete,
    };
    Ok(ExportOperation {
        object_type: object.object_type.clone(),
        dn: object.dn.clone(),
        anchor: object.anchor.clone(),
        kind,
        secrets,
        in_doubt: making.in_doubt,
    })
}

fn draw(
    (attribute, rule): (&Name, &Name),
    object: &CsObject,
    mv: Option<&MvObject>,
    making: Making<'_>,
    random: &mut dyn Random,
) -> Result<Secret, Refused> {
    let Making { setup, policy, now, .. } = making;
    let refused = |message: String| Refused { message, rule: Some(rule.clone()) };
    let found = policy
        .rules
        .get(rule)
        .and_then(|rule| Some((rule, rule.flows.iter().find(|flow| flow.to == *attribute)?)));
    let (rule, flow) =
        found.ok_or_else(|| refused(format!("the rule has no flow to {attribute} any more")))?;
    let mv = mv.ok_or_else(|| refused(format!("the source of {attribute} is gone")))?;
    let imported = object.imported.clone().unwrap_or_default();
    let view = MvView::new(mv);
    let around = Surroundings {
        source: &view,
        schema: policy.setup.mv_schema(&mv.object_type),
        confirmed: (&imported, setup.schema.types.get(&object.object_type)),
        connector: setup,
        now,
    };
    // A secret is no name that could be taken.
    let outcome = evaluate(flow, &around, &|_| false, random)
        .map_err(|error| refused(failure(rule, flow, &error.message)))?;
    let text = match &outcome {
        Outcome::Value(values) => values.single().map(Value::to_string),
        _ => None,
    };
    text.map(Secret::new).ok_or_else(|| refused(format!("the flow to {attribute} gives no value")))
}
