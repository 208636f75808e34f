//! What one imported entry does to an object of the connector space. Pure.

use std::collections::BTreeMap;

use model::{CsId, DnStyle, Image, Name, RunId, Timestamp, Values};
use store::{
    CsObject, CsState, DisconnectorKind, ExportChange, ExportDelta, ExportStages, ExportValue,
    ImportOperation, ObjectError, PendingImport, Undo, WriteOperation,
};

use crate::alike::is_same;
use crate::counters::staging;

/// The run and time of staging, and how objects are named.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context {
    pub(super) run: RunId,
    pub(super) now: Timestamp,
    pub(super) style: DnStyle,
}

/// What staging one entry did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Staged {
    /// The object afterwards; `None` when it is gone.
    pub(super) object: Option<CsObject>,
    /// The staging counter.
    pub(super) counter: &'static str,
    /// Exported attributes that the connected system does not show, `dn` for a rename.
    pub(super) not_reimported: Vec<Name>,
    /// Exported attributes that came back with another value once more than is a coincidence.
    pub(super) altered: Vec<Name>,
}

impl Staged {
    const fn new(object: Option<CsObject>, counter: &'static str) -> Self {
        Self { object, counter, not_reimported: Vec::new(), altered: Vec::new() }
    }

    /// What the run's history keeps of exports that did not arrive: the error's type and the message.
    pub(super) fn warnings(&self) -> impl Iterator<Item = (&'static str, String)> + use<> {
        let names = |names: &[Name]| {
            let names: Vec<&str> = names.iter().map(Name::as_str).collect();
            (!names.is_empty()).then(|| names.join(", "))
        };
        let missing = names(&self.not_reimported)
            .map(|names| (NOT_REIMPORTED, format!("not seen in the import: {names}")));
        let altered = names(&self.altered).map(|names| {
            let message = format!(
                "exported {ALTERED_IN_A_ROW} times or more in a row, and every import showed \
                 another value: {names}; let the rule write what the system makes of the value, or \
                 find who else writes it"
            );
            (ALTERED, message)
        });
        missing.into_iter().chain(altered)
    }
}

/// So many times in a row another value comes back before it is a finding of its own: something
/// changes the value whenever it arrives.
const ALTERED_IN_A_ROW: u32 = 3;

/// A new object.
pub(super) fn stage_new(id: CsId, dn_key: String, image: Image, context: Context) -> Staged {
    let object = CsObject {
        id,
        object_type: image.object_type,
        anchor: image.anchor,
        dn: image.dn,
        dn_key,
        state: CsState::Disconnector(DisconnectorKind::Normal),
        linked_by: None,
        imported: Some(image.attributes),
        pending_import: Some(pending(ImportOperation::Add, Undo::default(), context)),
        export: ExportStages::default(),
        import_error: None,
        needs_sync: false,
        reference_retry: false,
    };
    Staged::new(Some(object), staging::ADD)
}

/// An object that is in the connector space already, as a record, a provisioned object or a
/// placeholder.
pub(super) fn stage_known(
    before: &CsObject,
    dn_key: String,
    image: Image,
    context: Context,
) -> Staged {
    if before.state == CsState::Placeholder {
        return stage_new(before.id, dn_key, image, context);
    }
    let mut object = before.clone();
    let counter = counter(before, &image);
    let synchronized = synchronized(before);
    let confirmation = confirm(&mut object, &image, context);
    let any_confirmed = confirmation.renamed || !confirmation.confirmed.is_empty();
    object.object_type = image.object_type;
    object.anchor = image.anchor;
    object.dn = image.dn;
    object.dn_key = dn_key;
    object.imported = Some(image.attributes);
    object.pending_import = match synchronized {
        // Synchronization has never seen it: whatever comes next, it is new to it.
        None => Some(pending(ImportOperation::Add, Undo::default(), context)),
        Some(mut image) => {
            for (name, values) in confirmation.confirmed {
                image.attributes.set(name, values);
            }
            if confirmation.renamed {
                image.dn.clone_from(&object.dn);
            }
            difference(&object, &image, context)
        }
    };
    object.needs_sync |= any_confirmed && object.pending_import.is_none();
    if let (Some(new), Some(old)) = (&mut object.pending_import, &before.pending_import)
        && new.operation == old.operation
        && new.undo == old.undo
        && before.imported == object.imported
    {
        new.run = old.run;
    }
    let Confirmation { not_reimported, altered, .. } = confirmation;
    Staged { not_reimported, altered, ..Staged::new(Some(object), counter) }
}

/// The object is gone from the connected system.
pub(super) fn stage_deleted(before: &CsObject, context: Context) -> Staged {
    let mut object = before.clone();
    let unseen = synchronized(before).is_none();
    let unlinked = before.state.mv().is_none();
    let leaving = [&before.export.pending, &before.export.escrow, &before.export.unconfirmed]
        .into_iter()
        .flatten()
        .any(|delta| delta.operation == WriteOperation::Delete);
    // Our own deletion has arrived, or nobody ever knew the object: nothing is left to tell.
    if unlinked && (leaving || unseen) {
        return Staged::new(None, staging::DELETE);
    }
    let undo = object.pending_import.take().map(|p| p.undo).unwrap_or_default();
    // If it comes back before synchronization looks, all of it is still new.
    if unseen {
        object.imported = None;
    }
    object.pending_import = Some(pending(ImportOperation::Delete, undo, context));
    object.export.unconfirmed = None;
    let counter = if before.is_gone() { staging::NO_CHANGE } else { staging::DELETE };
    if before.is_gone() {
        object.pending_import.clone_from(&before.pending_import);
    }
    Staged::new(Some(object), counter)
}

/// A full import is complete and does not show an object that no import has ever shown. Its creation
/// is to be sent again, or, where nobody wants it any more, there is nothing left of it. `None` if
/// the object does not wait for an import.
pub(super) fn stage_unseen(before: &CsObject, context: Context) -> Option<Staged> {
    let lost = before.export.unconfirmed.as_ref()?;
    if before.imported.is_some() {
        return None;
    }
    if before.state.mv().is_none() {
        return Some(Staged::new(None, staging::DELETE));
    }
    if lost.operation != WriteOperation::Add {
        return None;
    }
    let mut object = before.clone();
    let mut again = object.export.unconfirmed.take()?;
    let newer = [object.export.escrow.take(), object.export.pending.take()];
    for delta in newer.into_iter().flatten() {
        again.changes.extend(delta.changes);
    }
    object.export.pending = Some(again);
    object.anchor = None;
    // What it is to be may have been joined meanwhile.
    object.needs_sync = true;
    note_not_reimported(&mut object, "the new object", context);
    let not_reimported = vec![Name::new("dn")];
    Some(Staged { not_reimported, ..Staged::new(Some(object), staging::NO_CHANGE) })
}

fn counter(before: &CsObject, image: &Image) -> &'static str {
    let Some(imported) = &before.imported else { return staging::UPDATE };
    if before.object_type != image.object_type {
        staging::DELETE_ADD
    } else if before.dn != image.dn {
        staging::RENAME
    } else if *imported != image.attributes || before.is_gone() {
        staging::UPDATE
    } else {
        staging::NO_CHANGE
    }
}

/// The image synchronization last saw.
fn synchronized(object: &CsObject) -> Option<Image> {
    let attributes = object.synchronized()?;
    let undo = object.pending_import.as_ref().map(|p| &p.undo);
    let dn = undo.and_then(|u| u.dn.clone()).unwrap_or_else(|| object.dn.clone());
    let object_type =
        undo.and_then(|u| u.object_type.clone()).unwrap_or_else(|| object.object_type.clone());
    Some(Image { object_type, anchor: object.anchor.clone(), dn, attributes })
}

/// The pending import between what synchronization saw and the object as it is now.
fn difference(object: &CsObject, seen: &Image, context: Context) -> Option<PendingImport> {
    let imported = object.imported.as_ref()?;
    let undo = Undo {
        dn: (seen.dn != object.dn).then(|| seen.dn.clone()),
        object_type: (seen.object_type != object.object_type).then(|| seen.object_type.clone()),
        changes: imported.changes_to(&seen.attributes),
    };
    if undo == Undo::default() {
        return None;
    }
    let operation = if undo.object_type.is_some() {
        ImportOperation::DeleteAdd
    } else {
        ImportOperation::Update
    };
    Some(pending(operation, undo, context))
}

const fn pending(operation: ImportOperation, undo: Undo, context: Context) -> PendingImport {
    PendingImport { operation, undo, run: context.run }
}

/// What an import says about exports that wait for it.
#[derive(Default)]
struct Confirmation {
    /// Attributes that arrived as exported.
    confirmed: Vec<(Name, Option<Values>)>,
    /// The rename arrived.
    renamed: bool,
    /// What did not arrive.
    not_reimported: Vec<Name>,
    /// What keeps coming back as something else.
    altered: Vec<Name>,
}

/// An export of unknown outcome, and the object as it is: what shows up has arrived. If all of it
/// did, so did its secrets, which went in the same request; otherwise the rest stays in doubt and is
/// sent again, as a change to what is there.
fn settle_doubt(
    mut escrow: ExportDelta,
    image: &Image,
    style: DnStyle,
    confirmation: &mut Confirmation,
) -> Option<ExportDelta> {
    if escrow.operation == WriteOperation::Delete {
        return Some(escrow);
    }
    let created = escrow.operation == WriteOperation::Add;
    escrow.operation = WriteOperation::Update;
    let changes = std::mem::take(&mut escrow.changes);
    let (arrived, rest): (BTreeMap<_, _>, BTreeMap<_, _>) =
        changes.into_iter().partition(|(name, change)| match &change.value {
            ExportValue::Set(values) => is_same(style, image.attributes.get(name), Some(values)),
            ExportValue::Clear => image.attributes.get(name).is_none(),
            ExportValue::Secret => false,
        });
    let any_arrived = created || !arrived.is_empty();
    confirmation.confirmed.extend(arrived.into_iter().map(|(name, change)| match change.value {
        ExportValue::Set(_) => {
            let shown = image.attributes.get(&name).cloned();
            (name, shown)
        }
        ExportValue::Clear | ExportValue::Secret => (name, None),
    }));
    if escrow.new_dn.as_ref().is_some_and(|dn| style.is_same(dn, &image.dn)) {
        confirmation.renamed = true;
        escrow.new_dn = None;
    }
    let only_secrets = rest.values().all(|change| change.value == ExportValue::Secret);
    if escrow.new_dn.is_none() && only_secrets && (any_arrived || rest.is_empty()) {
        return None;
    }
    escrow.changes = rest;
    Some(escrow)
}

/// Compares exported values with imported ones. What did not arrive is sent again, unless the object
/// has been let go meanwhile.
fn confirm(object: &mut CsObject, image: &Image, context: Context) -> Confirmation {
    let mut confirmation = Confirmation::default();
    if let Some(escrow) = object.export.escrow.take() {
        object.export.escrow = settle_doubt(escrow, image, context.style, &mut confirmation);
        // Nothing is left of what failed before the doubt.
        if !object.is_export_work() {
            object.export.error = None;
        }
    }
    let Some(unconfirmed) = object.export.unconfirmed.take() else { return confirmation };
    if unconfirmed.operation == WriteOperation::Delete {
        confirmation.not_reimported.push(Name::new("dn"));
        object.export.pending = Some(unconfirmed);
        note_not_reimported(object, "the deletion", context);
        return confirmation;
    }
    let wanted = object.state.mv().is_some();
    let base = object.imported.clone().unwrap_or_default();
    let mut again: BTreeMap<Name, ExportChange> = BTreeMap::new();
    for (name, change) in &unconfirmed.changes {
        let exported = match &change.value {
            ExportValue::Set(values) => Some(values),
            ExportValue::Clear => None,
            ExportValue::Secret => continue,
        };
        let shown = image.attributes.get(name);
        if is_same(context.style, shown, exported) {
            object.export.altered.remove(name);
            confirmation.confirmed.push((name.clone(), shown.cloned()));
            continue;
        }
        let times = object.export.altered.entry(name.clone()).or_insert(0);
        *times = times.saturating_add(1);
        if *times >= ALTERED_IN_A_ROW {
            confirmation.altered.push(name.clone());
        }
        if wanted && shown == base.get(name) {
            again.insert(name.clone(), change.clone());
        }
    }
    let mut new_dn = None;
    if let Some(sent) = &unconfirmed.new_dn {
        if context.style.is_same(&image.dn, sent) {
            confirmation.renamed = true;
        } else if wanted && image.dn == object.dn {
            new_dn = Some(sent.clone());
        }
    }
    confirmation.not_reimported = again.keys().cloned().collect();
    confirmation.not_reimported.extend(new_dn.as_ref().map(|_| Name::new("dn")));
    if !confirmation.not_reimported.is_empty() {
        send_again(object, &unconfirmed, again, new_dn);
        note_not_reimported(object, "an exported change", context);
    } else if object.export.error.as_ref().is_some_and(is_not_reimported) {
        object.export.error = None;
    }
    confirmation
}

/// What did not arrive is pending again, unless something newer is.
fn send_again(
    object: &mut CsObject,
    unconfirmed: &ExportDelta,
    again: BTreeMap<Name, ExportChange>,
    new_dn: Option<String>,
) {
    let pending = object.export.pending.get_or_insert_with(|| ExportDelta {
        operation: WriteOperation::Update,
        new_dn: None,
        changes: BTreeMap::new(),
        ..unconfirmed.clone()
    });
    if pending.operation == WriteOperation::Update {
        for (name, change) in again {
            pending.changes.entry(name).or_insert(change);
        }
        if pending.new_dn.is_none() {
            pending.new_dn = new_dn;
        }
    }
}

const ALTERED: &str = "exported-change-altered";

const NOT_REIMPORTED: &str = "exported-change-not-reimported";

fn is_not_reimported(error: &ObjectError) -> bool {
    error.error_type == NOT_REIMPORTED
}

fn note_not_reimported(object: &mut CsObject, what: &str, context: Context) {
    let previous = object.export.error.take().filter(is_not_reimported);
    object.export.error = Some(ObjectError {
        error_type: NOT_REIMPORTED.to_owned(),
        step: "staging".to_owned(),
        message: format!("the import does not show {what}; it will be exported again"),
        code: None,
        rule: None,
        first_occurred: previous.as_ref().map_or(context.now, |p| p.first_occurred),
        count: previous.map_or(0, |p| p.count) + 1,
    });
}

/// The object as it was last imported.
pub(super) fn last_image(object: &CsObject) -> Option<Image> {
    Some(Image {
        object_type: object.object_type.clone(),
        anchor: object.anchor.clone(),
        dn: object.dn.clone(),
        attributes: object.imported.clone()?,
    })
}
