//! Objects and values as people read them.

use model::{Attributes, Image, Name, Value, Values};
use store::{
    ConnectorKind, CsObject, CsState, DisconnectorKind, ExportDelta, ExportValue, ImportOperation,
    MvObject, ObjectError, WriteOperation,
};

use crate::world::State;

/// Longer text is cut where people read it.
const CHARACTERS_MAX: usize = 120;

/// The values of an attribute.
pub(crate) fn values(values: Option<&Values>) -> String {
    match values {
        None => "(no value)".to_owned(),
        Some(values) => values.iter().map(value).collect::<Vec<_>>().join(", "),
    }
}

fn value(value: &Value) -> String {
    match value.as_str() {
        Some(text) if text.chars().count() > CHARACTERS_MAX => {
            let count = text.chars().count();
            let begin: String = text.chars().take(CHARACTERS_MAX).collect();
            format!("{begin:?}… ({count} characters)")
        }
        Some(text) => format!("{text:?}"),
        None => value.to_string(),
    }
}

/// The state's word.
pub(crate) const fn state(state: CsState) -> &'static str {
    match state {
        CsState::Placeholder => "placeholder",
        CsState::Disconnector(DisconnectorKind::Normal) => "disconnector",
        CsState::Disconnector(DisconnectorKind::Explicit) => "explicit-disconnector",
        CsState::Disconnector(DisconnectorKind::Filtered) => "filtered-disconnector",
        CsState::Connector { kind: ConnectorKind::Normal, .. } => "connector",
        CsState::Connector { kind: ConnectorKind::Explicit, .. } => "explicit-connector",
    }
}

/// The word for the object as it stands.
pub(crate) fn standing(object: &CsObject) -> &'static str {
    if object.is_transient() { "transient" } else { state(object.state) }
}

/// The word of what an import staged.
pub(crate) fn import_operation(object: &CsObject) -> &'static str {
    match object.pending_import.as_ref().map(|pending| pending.operation) {
        None => "none",
        Some(ImportOperation::Add) => "add",
        Some(ImportOperation::Update) => "update",
        Some(ImportOperation::Delete) => "delete",
        Some(ImportOperation::DeleteAdd) => "delete-add",
    }
}

/// The word of what an export does.
pub(crate) const fn write_operation(operation: WriteOperation) -> &'static str {
    match operation {
        WriteOperation::Add => "add",
        WriteOperation::Update => "update",
        WriteOperation::Delete => "delete",
    }
}

/// An object of a connector space.
pub(crate) fn cs(connector: &str, object: &CsObject, all: &State) -> Vec<String> {
    let by = object.linked_by.as_ref().map(|rule| format!(" by {rule}")).unwrap_or_default();
    let state = state(object.state);
    let mut lines =
        vec![format!("{connector} {} ({}, {state}{by})", object.dn, object.object_type)];
    lines.extend(object.anchor.as_ref().map(|anchor| format!("  anchor {anchor}")));
    let linked = object.state.mv().and_then(|id| all.metaverse.iter().find(|mv| mv.id == id));
    lines.extend(linked.map(|mv| format!("  linked to {} {}", mv.object_type, mv.uid)));
    match &object.imported {
        Some(attributes) => lines.extend(attribute_lines(attributes)),
        None => lines.push("  never imported".to_owned()),
    }
    if let Some(pending) = &object.pending_import {
        let mut line = format!("  pending import {}", import_operation(object));
        if let Some(dn) = &pending.undo.dn {
            line.push_str(&format!(", dn was {dn:?}"));
        }
        let changed: Vec<&str> = pending.undo.changes.keys().map(Name::as_str).collect();
        if !changed.is_empty() {
            line.push_str(&format!(" of {}", changed.join(", ")));
        }
        lines.push(line);
    }
    let stages = [
        ("pending export", &object.export.pending),
        ("escrow", &object.export.escrow),
        ("unconfirmed", &object.export.unconfirmed),
    ];
    for (word, stage) in stages {
        lines.extend(stage.iter().map(|stage| format!("  {word} {}", delta(stage))));
    }
    let errors = [("import", &object.import_error), ("export", &object.export.error)];
    for (word, found) in errors {
        lines.extend(found.iter().map(|found| format!("  {word} error {}", error(found))));
    }
    lines
}

/// One stage of an export.
pub(crate) fn delta(delta: &ExportDelta) -> String {
    let mut parts = Vec::new();
    parts.extend(delta.new_dn.as_ref().map(|dn| format!("dn becomes {dn:?}")));
    for (name, change) in &delta.changes {
        parts.push(match &change.value {
            ExportValue::Set(set) => format!("{name} = {}", values(Some(set))),
            ExportValue::Clear => format!("{name} cleared"),
            ExportValue::Secret => format!("{name} secret"),
        });
    }
    let word = write_operation(delta.operation);
    format!("{word} by {}: {}", delta.cause, parts.join("; "))
}

/// An object's error.
pub(crate) fn error(error: &ObjectError) -> String {
    let ObjectError { error_type, step, message, count, .. } = error;
    format!("{error_type} in {step}, {count} times: {message}")
}

fn attribute_lines(attributes: &Attributes) -> Vec<String> {
    attributes.iter().map(|(name, set)| format!("  {name} = {}", values(Some(set)))).collect()
}

/// An object of the metaverse, every value with its source.
pub(crate) fn mv(object: &MvObject, all: &State) -> Vec<String> {
    let mut lines = vec![format!("{} {}", object.object_type, object.uid)];
    for (name, attribute) in &object.attributes {
        let from = all.object(attribute.lineage.object);
        let from = from.map(|(name, object)| format!(", {name} {}", object.dn)).unwrap_or_default();
        let shown = values(Some(&attribute.values));
        lines.push(format!("  {name} = {shown}  ({}{from})", attribute.lineage.rule));
    }
    for (name, shares) in &object.shares {
        for share in shares {
            let from = all.object(share.object);
            let from =
                from.map(|(name, object)| format!(", {name} {}", object.dn)).unwrap_or_default();
            let shown = values(Some(&share.values));
            lines.push(format!("  share of {name}: {shown}  ({}{from})", share.rule));
        }
    }
    for (name, space) in &all.spaces {
        let linked = space.iter().filter(|o| o.state.mv() == Some(object.id));
        lines.extend(linked.map(|o| format!("  linked: {name} {}", o.dn)));
    }
    lines
}

/// An object of a connected system.
pub(crate) fn image(system: &str, image: &Image) -> Vec<String> {
    let mut lines = vec![format!("{system} {} ({})", image.dn, image.object_type)];
    lines.extend(image.anchor.as_ref().map(|anchor| format!("  anchor {anchor}")));
    lines.extend(attribute_lines(&image.attributes));
    lines
}

/// Everything there is.
pub(crate) fn everything(all: &State) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, objects) in &all.systems {
        lines.push(format!("system {name}"));
        lines.extend(objects.iter().flat_map(|object| image(name, object)).map(indented));
    }
    for (name, objects) in &all.spaces {
        lines.push(format!("connector space {name}"));
        lines.extend(objects.iter().flat_map(|object| cs(name, object, all)).map(indented));
    }
    lines.push("metaverse".to_owned());
    lines.extend(all.metaverse.iter().flat_map(|object| mv(object, all)).map(indented));
    lines
}

fn indented(line: impl AsRef<str>) -> String {
    format!("  {}", line.as_ref())
}
