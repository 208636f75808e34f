//! One object of a connector space with its change stack.
//!
//! The newest imported state is kept whole; what synchronization last saw is that state with
//! [`Undo`] applied. Exports are kept in three stages: pending, escrow (being sent, or left by a
//! crash in the middle of sending) and unconfirmed (sent, not yet seen in an import).

use std::collections::BTreeMap;

use model::{Attributes, Changes, CsId, MvId, Name, RunId, Timestamp, Values};

/// A disconnector's kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisconnectorKind {
    /// No rule wanted it; tried again at every synchronization.
    Normal,
    /// Left by an administrator or a deprovisioning option; not tried again.
    Explicit,
    /// The connector filter matched it.
    Filtered,
}

/// How a connector came to be linked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectorKind {
    /// By a rule.
    Normal,
    /// By an administrator.
    Explicit,
}

/// The state of a connector-space object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CsState {
    /// A container that is known only because something lies below it.
    Placeholder,
    /// Not linked to the metaverse.
    Disconnector(DisconnectorKind),
    /// Linked to a metaverse object.
    Connector {
        /// The metaverse object.
        mv: MvId,
        /// How it was linked.
        kind: ConnectorKind,
    },
}

impl CsState {
    /// The metaverse object, if linked.
    #[must_use]
    pub const fn mv(self) -> Option<MvId> {
        match self {
            Self::Connector { mv, .. } => Some(mv),
            Self::Placeholder | Self::Disconnector(_) => None,
        }
    }

    /// True for a normal disconnector.
    #[must_use]
    pub const fn is_normal_disconnector(self) -> bool {
        matches!(self, Self::Disconnector(DisconnectorKind::Normal))
    }
}

/// What an import staged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportOperation {
    /// The object is new.
    Add,
    /// It changed.
    Update,
    /// It is gone.
    Delete,
    /// It changed its type: gone and new again under the same anchor.
    DeleteAdd,
}

/// How to get from the imported state back to the synchronized one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Undo {
    /// The synchronized DN, where it differs.
    pub dn: Option<String>,
    /// The synchronized object type, where it differs.
    pub object_type: Option<Name>,
    /// Attribute changes from imported to synchronized.
    pub changes: Changes,
}

/// An import that synchronization has not yet seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingImport {
    /// What happened.
    pub operation: ImportOperation,
    /// The way back; empty for an add.
    pub undo: Undo,
    /// The run that staged it.
    pub run: RunId,
}

/// What to do to the object in the connected system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WriteOperation {
    /// Create it.
    Add,
    /// Change it.
    Update,
    /// Delete it.
    Delete,
}

/// What an export does to one attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExportValue {
    /// These values.
    Set(Values),
    /// No values.
    Clear,
    /// A secret: evaluated by the rule at the moment of sending, never stored.
    Secret,
}

/// One attribute's part of an export, with the rule that wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportChange {
    /// What to write.
    pub value: ExportValue,
    /// The rule.
    pub rule: Name,
}

/// One stage of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportDelta {
    /// What to do.
    pub operation: WriteOperation,
    /// The DN afterwards, for a rename or move.
    pub new_dn: Option<String>,
    /// The attributes.
    pub changes: BTreeMap<Name, ExportChange>,
    /// The metaverse object it comes from; gone for deletions that its end caused.
    pub mv: Option<MvId>,
    /// The rule or engine step that caused the operation.
    pub cause: Name,
    /// The run that staged it.
    pub run: RunId,
}

/// Why an object could not be synchronized or exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectError {
    /// The error's name, e.g. `cd-existing-object`.
    pub error_type: String,
    /// The step of the pipeline, e.g. `import-flow`.
    pub step: String,
    /// What happened.
    pub message: String,
    /// The connected system's own code.
    pub code: Option<String>,
    /// The rule, where one is to blame.
    pub rule: Option<Name>,
    /// When this error first occurred in an unbroken row.
    pub first_occurred: Timestamp,
    /// How often it has occurred since.
    pub count: u32,
}

/// The outward side of an object's change stack.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExportStages {
    /// To be sent.
    pub pending: Option<ExportDelta>,
    /// Being sent, or of unknown outcome.
    pub escrow: Option<ExportDelta>,
    /// Sent, to be confirmed by an import.
    pub unconfirmed: Option<ExportDelta>,
    /// Why the last attempt failed.
    pub error: Option<ObjectError>,
    /// Attributes of which imports have shown another value than the one sent, with how many times
    /// in a row that was so.
    pub altered: BTreeMap<Name, u32>,
}

impl ExportStages {
    /// True when there is nothing to keep.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pending.is_none()
            && self.escrow.is_none()
            && self.unconfirmed.is_none()
            && self.error.is_none()
            && self.altered.is_empty()
    }
}

/// An object of a connector space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsObject {
    /// Its id.
    pub id: CsId,
    /// Its type in the connected system's words.
    pub object_type: Name,
    /// Its anchor, once known.
    pub anchor: Option<String>,
    /// Its DN as the connected system spells it, or as provisioning composed it.
    pub dn: String,
    /// The DN's key, under which spellings are equal.
    pub dn_key: String,
    /// Connector, disconnector or placeholder.
    pub state: CsState,
    /// The rule that linked it, or whatever else did.
    pub linked_by: Option<Name>,
    /// The attributes last imported; `None` until the first import.
    pub imported: Option<Attributes>,
    /// What synchronization has not yet seen.
    pub pending_import: Option<PendingImport>,
    /// What the connected system has not yet seen or shown.
    pub export: ExportStages,
    /// Why its last synchronization failed.
    pub import_error: Option<ObjectError>,
    /// Synchronization has to look again although no import is pending: exported values were
    /// confirmed, and inbound rules may read them.
    pub needs_sync: bool,
    /// What one of its references leads to was connected, disconnected or renamed: its flows are to
    /// run again at the end of the next synchronization step of whatever connector.
    pub reference_retry: bool,
}

/// The DN key of every object whose name another one has taken; the key of no name.
pub const TRANSIENT_DN_KEY: &str = "\u{1}transient";

impl CsObject {
    /// True when another object has taken its name and no import has shown yet what it is called now,
    /// or that it is gone. Its DN is the one it had.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        self.dn_key == TRANSIENT_DN_KEY && !self.is_gone()
    }

    /// The object once another one has taken its name.
    #[must_use]
    pub fn without_name(&self) -> Self {
        Self { dn_key: TRANSIENT_DN_KEY.to_owned(), ..self.clone() }
    }

    /// The attributes that synchronization last saw; `None` when it has seen none.
    #[must_use]
    pub fn synchronized(&self) -> Option<Attributes> {
        let mut attributes = self.imported.clone()?;
        match &self.pending_import {
            None => Some(attributes),
            Some(pending) if pending.operation == ImportOperation::Add => None,
            Some(pending) => {
                attributes.apply(&pending.undo.changes);
                Some(attributes)
            }
        }
    }

    /// The attributes the connected system will have when every export has arrived.
    #[must_use]
    pub fn expected(&self) -> Attributes {
        let mut attributes = self.imported.clone().unwrap_or_default();
        let stages = [&self.export.unconfirmed, &self.export.escrow, &self.export.pending];
        for delta in stages.into_iter().flatten() {
            for (name, change) in &delta.changes {
                match &change.value {
                    ExportValue::Set(values) => attributes.set(name.clone(), Some(values.clone())),
                    ExportValue::Clear => attributes.set(name.clone(), None),
                    ExportValue::Secret => {}
                }
            }
        }
        attributes
    }

    /// The DN the object will have when every export has arrived.
    #[must_use]
    pub fn expected_dn(&self) -> &str {
        let stages = [&self.export.pending, &self.export.escrow, &self.export.unconfirmed];
        stages.into_iter().flatten().find_map(|d| d.new_dn.as_deref()).unwrap_or(&self.dn)
    }

    /// True when the object exists only as a pending export add that was never sent.
    #[must_use]
    pub fn is_never_exported(&self) -> bool {
        self.imported.is_none()
            && self.export.escrow.is_none()
            && self.export.unconfirmed.is_none()
            && self.anchor.is_none()
    }

    /// True when an import has found the object gone and synchronization has yet to draw the
    /// consequences.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.pending_import.as_ref().is_some_and(|p| p.operation == ImportOperation::Delete)
    }

    /// True when an unchanged import has nothing to do here (see [`crate::KeyEntry::settled`]).
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.imported.is_some()
            && !self.is_gone()
            && !self.is_transient()
            && self.export.unconfirmed.is_none()
            && self.export.escrow.is_none()
            && self.state != CsState::Placeholder
    }

    /// True when a delta synchronization visits the object.
    #[must_use]
    pub const fn is_delta_sync_work(&self) -> bool {
        self.pending_import.is_some()
            || self.needs_sync
            || self.reference_retry
            || self.import_error.is_some()
            || self.state.is_normal_disconnector()
    }

    /// True when an export visits the object.
    #[must_use]
    pub const fn is_export_work(&self) -> bool {
        self.export.pending.is_some() || self.export.escrow.is_some()
    }
}
