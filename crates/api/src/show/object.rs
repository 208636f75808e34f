//! Connector-space objects.

use std::collections::BTreeMap;

use engine::ConnectorSetup;
use model::{AttributeSchema, MvId, Name, Values};
use store::{
    CsObject as Stored, DisconnectorKind, ExportDelta, ExportValue, Hasher, ObjectError as Error,
    PendingImport,
};

use super::value;
use crate::request::cs_text;
use crate::types::{
    ChangeKind, CsAttribute, CsObject, CsObjectSummary, CsState, ExportStage, ImportOperation,
    ImportStage, ObjectError, ObjectFault, PendingExport, StageChange, Stages, WriteOperation,
};

/// What showing objects of one connector needs to know.
#[derive(Clone, Copy)]
pub(crate) struct CsContext<'a> {
    pub(crate) connector: &'a ConnectorSetup,
    pub(crate) hasher: &'a Hasher,
}

impl CsContext<'_> {
    fn schema(&self, object: &Stored, name: &str) -> Option<&AttributeSchema> {
        self.connector.schema.attribute(&object.object_type, name)
    }

    fn values(&self, object: &Stored, name: &str, values: &Values) -> Vec<String> {
        value::values(name, self.schema(object, name), values)
    }

    fn uid(&self, id: MvId) -> String {
        self.hasher.uid(id).to_string()
    }
}

const fn state(state: store::CsState) -> CsState {
    match state {
        store::CsState::Placeholder => CsState::Placeholder,
        store::CsState::Connector { .. } => CsState::Connector,
        store::CsState::Disconnector(DisconnectorKind::Normal) => CsState::Disconnector,
        store::CsState::Disconnector(DisconnectorKind::Explicit) => CsState::ExplicitDisconnector,
        store::CsState::Disconnector(DisconnectorKind::Filtered) => CsState::FilteredDisconnector,
    }
}

const fn import(operation: store::ImportOperation) -> ImportOperation {
    match operation {
        store::ImportOperation::Add => ImportOperation::Add,
        store::ImportOperation::Update => ImportOperation::Update,
        store::ImportOperation::Delete => ImportOperation::Delete,
        store::ImportOperation::DeleteAdd => ImportOperation::DeleteAdd,
    }
}

const fn write(operation: store::WriteOperation) -> WriteOperation {
    match operation {
        store::WriteOperation::Add => WriteOperation::Add,
        store::WriteOperation::Update => WriteOperation::Update,
        store::WriteOperation::Delete => WriteOperation::Delete,
    }
}

fn display_name(context: CsContext<'_>, object: &Stored) -> Option<String> {
    let expected = object.expected();
    ["displayName", "DisplayName"].into_iter().find_map(|name| {
        let values = expected.get(name)?;
        context.values(object, name, values).into_iter().next()
    })
}

/// An object for lists.
pub(crate) fn cs_summary(context: CsContext<'_>, object: &Stored) -> CsObjectSummary {
    let waiting = object.export.pending.as_ref().or(object.export.escrow.as_ref());
    let error = object.import_error.as_ref().or(object.export.error.as_ref());
    CsObjectSummary {
        id: cs_text(object.id),
        dn: object.dn.clone(),
        anchor: object.anchor.clone(),
        display_name: display_name(context, object),
        object_type: object.object_type.to_string(),
        state: state(object.state),
        metaverse_id: object.state.mv().map(|id| context.uid(id)),
        pending_import: object.pending_import.as_ref().map(|p| import(p.operation)),
        pending_export: waiting.map(|delta| write(delta.operation)),
        awaiting_confirmation: object.export.unconfirmed.is_some(),
        error: error.map(|error| ObjectFault {
            error_type: error.error_type.clone(),
            message: error.message.clone(),
        }),
    }
}

/// An object with everything that is known of it.
pub(crate) fn cs_object(context: CsContext<'_>, object: &Stored) -> CsObject {
    let stage = |delta: &Option<ExportDelta>| {
        delta.as_ref().map(|delta| export_stage(context, object, delta))
    };
    CsObject {
        summary: cs_summary(context, object),
        connector: context.connector.name.to_string(),
        linked_by: object.linked_by.as_ref().map(Name::to_string),
        attributes: attributes(context, object),
        stages: Stages {
            pending_import: object.pending_import.as_ref().map(import_stage),
            pending_export: stage(&object.export.pending),
            escrow: stage(&object.export.escrow),
            unconfirmed: stage(&object.export.unconfirmed),
        },
        import_error: object.import_error.as_ref().map(object_error),
        export_error: object.export.error.as_ref().map(object_error),
    }
}

/// An object that waits to be exported; `None` for others.
pub(crate) fn pending_export(context: CsContext<'_>, object: &Stored) -> Option<PendingExport> {
    let delta = object.export.pending.as_ref().or(object.export.escrow.as_ref())?;
    Some(PendingExport {
        connector: context.connector.name.to_string(),
        object: cs_summary(context, object),
        export: export_stage(context, object, delta),
        in_doubt: object.export.escrow.is_some(),
    })
}

/// What was imported, each changed attribute with what synchronization last saw.
fn attributes(context: CsContext<'_>, object: &Stored) -> Vec<CsAttribute> {
    let mut shown: BTreeMap<&Name, CsAttribute> = BTreeMap::new();
    for (name, values) in object.imported.iter().flat_map(|attributes| attributes.iter()) {
        let values = context.values(object, name, values);
        shown.insert(name, CsAttribute { name: name.to_string(), values, before: None });
    }
    let Some(pending) = &object.pending_import else { return shown.into_values().collect() };
    let before = object.synchronized().unwrap_or_default();
    for name in pending.undo.changes.keys() {
        let was = before.get(name).map(|values| context.values(object, name, values));
        let entry = shown.entry(name).or_insert_with(|| CsAttribute {
            name: name.to_string(),
            values: Vec::new(),
            before: None,
        });
        entry.before = Some(was.unwrap_or_default());
    }
    shown.into_values().collect()
}

fn import_stage(pending: &PendingImport) -> ImportStage {
    ImportStage {
        operation: import(pending.operation),
        dn_before: pending.undo.dn.clone(),
        attributes: pending.undo.changes.keys().map(Name::to_string).collect(),
        run: pending.run.to_string(),
    }
}

fn export_stage(context: CsContext<'_>, object: &Stored, delta: &ExportDelta) -> ExportStage {
    let changes = delta.changes.iter().map(|(name, change)| {
        let (kind, values) = match &change.value {
            // A secret that a rule flows is marked; one in a secret attribute is hidden all the same.
            _ if context.schema(object, name).is_some_and(|schema| schema.secret) => {
                (ChangeKind::Secret, Vec::new())
            }
            ExportValue::Set(values) => (ChangeKind::Set, context.values(object, name, values)),
            ExportValue::Clear => (ChangeKind::Clear, Vec::new()),
            ExportValue::Secret => (ChangeKind::Secret, Vec::new()),
        };
        StageChange { attribute: name.to_string(), kind, values, rule: change.rule.to_string() }
    });
    ExportStage {
        operation: write(delta.operation),
        new_dn: delta.new_dn.clone(),
        changes: changes.collect(),
        cause: delta.cause.to_string(),
        run: delta.run.to_string(),
        metaverse_id: delta.mv.map(|id| context.uid(id)),
    }
}

fn object_error(error: &Error) -> ObjectError {
    ObjectError {
        error_type: error.error_type.clone(),
        step: error.step.clone(),
        message: error.message.clone(),
        code: error.code.clone(),
        rule: error.rule.as_ref().map(Name::to_string),
        first_occurred: error.first_occurred.to_string(),
        count: error.count,
    }
}
