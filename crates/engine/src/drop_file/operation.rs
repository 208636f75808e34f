//! What an export would send, as lines: one object each. A secret is named, never written.

use model::{ConnectorId, CsId};
use serde_json::{Map, Value as Json, json};
use store::{CsObject, ExportDelta, ExportValue, WriteOperation};

use super::value::values_json;

/// The operation on an object.
pub(crate) fn describe(object: &CsObject, delta: &ExportDelta) -> Json {
    let changes: Map<String, Json> = delta
        .changes
        .iter()
        .map(|(name, change)| {
            let value = match &change.value {
                ExportValue::Set(values) => json!({ "set": values_json(values) }),
                ExportValue::Clear => json!({ "clear": true }),
                ExportValue::Secret => json!({ "secret": true }),
            };
            (name.to_string(), value)
        })
        .collect();
    let operation = match delta.operation {
        WriteOperation::Add => "add",
        WriteOperation::Update => "update",
        WriteOperation::Delete => "delete",
    };
    json!({
        "number": object.id.sequence(),
        "operation": operation,
        "type": object.object_type.as_str(),
        "dn": object.dn,
        "anchor": object.anchor,
        "new_dn": delta.new_dn,
        "changes": changes,
    })
}

/// The object that a line is about.
pub(crate) fn object_of(connector: ConnectorId, line: &Json) -> Option<CsId> {
    let number = line.get("number")?.as_u64()?;
    u32::try_from(number).ok().map(|sequence| CsId::new(connector, sequence))
}
