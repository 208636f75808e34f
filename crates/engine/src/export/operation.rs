//! From a pending export to the operation a connector carries out.

use std::collections::BTreeMap;

use connector::{ExportKind, ExportOperation};
use expr::Random;
use model::{AttributeChange, Attributes, Changes, Name, Secret, Value, Values};
use store::{CsObject, ExportDelta, ExportValue, MvObject, WriteOperation};

use crate::setup::Policy;
use crate::sync::MvView;

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
    policy: Policy<'_>,
    random: &mut dyn Random,
    in_doubt: bool,
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
                let secret = draw(name, &change.rule, mv, policy, random)?;
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
        in_doubt,
    })
}

fn draw(
    attribute: &Name,
    rule: &Name,
    mv: Option<&MvObject>,
    policy: Policy<'_>,
    random: &mut dyn Random,
) -> Result<Secret, Refused> {
    let refused = |message: String| Refused { message, rule: Some(rule.clone()) };
    let flow = policy
        .rules
        .get(rule)
        .and_then(|r| r.flows.iter().find(|flow| flow.to == *attribute))
        .ok_or_else(|| refused(format!("the rule has no flow to {attribute} any more")))?;
    let mv = mv.ok_or_else(|| refused(format!("the source of {attribute} is gone")))?;
    let values = flow.from.eval(&MvView::new(mv), random);
    let values = values
        .map_err(|error| refused(format!("the flow to {attribute} failed: {}", error.message)))?;
    let text = values.as_ref().and_then(Values::single).map(Value::to_string);
    text.map(Secret::new).ok_or_else(|| refused(format!("the flow to {attribute} gives no value")))
}
