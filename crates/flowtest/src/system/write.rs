//! Exports.

use std::collections::BTreeSet;

use async_trait::async_trait;
use connector::{
    ConnectorError, ErrorKind, ExportBatch, ExportError, ExportErrorType, ExportKind,
    ExportOperation, ExportOutcome, ExportSession,
};
use model::{AttributeChange, Attributes, Changes, DnStyle, Image, Name, Value, Values};

use super::contents::Contents;
use super::read::made_up;
use super::{System, failed, fate};
use crate::document::{Effect, Event, Normalization};

/// A write in progress.
pub(super) struct Write {
    system: System,
    operations: u64,
}

impl Write {
    pub(super) fn begin(system: &System) -> Self {
        Self { system: system.clone(), operations: 0 }
    }

    /// Carries one operation out; the error ends the run.
    async fn carry_out(
        &mut self,
        operation: &ExportOperation,
    ) -> (ExportOutcome, Option<ConnectorError>) {
        self.operations += 1;
        let effects = {
            let mut contents = self.system.contents();
            let style = contents.style();
            let key = style.key(&operation.dn);
            let is_object = |name: &str| style.key(name) == key;
            contents.faults.strike(Event::Operation, self.operations, is_object)
        };
        if let Some(fate) = fate(&effects, false) {
            self.system.signal.seal(fate).await;
        }
        if let Some(error) = failed(&effects) {
            return (ExportOutcome::NotSent, Some(error));
        }
        let lost = effects.iter().find_map(|effect| match effect {
            Effect::Lost { is_applied } => Some(*is_applied),
            _ => None,
        });
        let gone = || Some(ConnectorError::new(ErrorKind::Connection, "the connection was lost"));
        let outcome = {
            let mut contents = self.system.contents();
            contents.record(operation);
            if lost == Some(false) {
                return (ExportOutcome::InDoubt, gone());
            }
            contents.write(operation, &effects)
        };
        if let Some(fate) = fate(&effects, true) {
            self.system.signal.seal(fate).await;
        }
        match lost {
            Some(_) => (ExportOutcome::InDoubt, gone()),
            None => (outcome, None),
        }
    }
}

#[async_trait]
impl ExportSession for Write {
    async fn export(&mut self, operations: &[ExportOperation]) -> ExportBatch {
        let mut outcomes = Vec::new();
        for operation in operations {
            let (outcome, stopped) = self.carry_out(operation).await;
            outcomes.push(outcome);
            if stopped.is_some() {
                outcomes.resize(operations.len(), ExportOutcome::NotSent);
                return ExportBatch { outcomes, stopped };
            }
        }
        ExportBatch { outcomes, stopped: None }
    }
}

fn refused(error_type: ExportErrorType, message: impl Into<String>) -> ExportOutcome {
    ExportOutcome::Failed(ExportError { error_type, code: None, message: message.into() })
}

impl Contents {
    fn write(&mut self, operation: &ExportOperation, effects: &[Effect]) -> ExportOutcome {
        for effect in effects {
            if let Effect::Refuse { error_type, code, message } = effect {
                let (error_type, code, message) = (*error_type, code.clone(), message.clone());
                return ExportOutcome::Failed(ExportError { error_type, code, message });
            }
        }
        let ignores = |name: &str| {
            effects
                .iter()
                .any(|e| matches!(e, Effect::Ignore(names) if names.iter().any(|n| n == name)))
        };
        let outcome = match &operation.kind {
            _ if ignores("object") => ExportOutcome::Success { anchor: operation.anchor.clone() },
            ExportKind::Add { attributes } => self.add(operation, attributes, effects),
            ExportKind::Update { changes, new_dn } => {
                let new_dn = new_dn.as_deref().filter(|_| !ignores("dn"));
                self.update(operation, changes, new_dn, effects)
            }
            ExportKind::Delete => self.delete(operation),
        };
        let ExportOutcome::Success { anchor } = &outcome else { return outcome };
        if let Some(anchor) = anchor {
            let sent = operation.secrets.iter();
            let sent = sent.map(|(name, secret)| (name.clone(), secret.expose().to_owned()));
            self.secrets.entry(anchor.clone()).or_default().extend(sent);
        }
        let is_add = matches!(operation.kind, ExportKind::Add { .. });
        let is_anchorless = effects.iter().any(|effect| matches!(effect, Effect::Anchorless));
        if is_add && (is_anchorless || self.nature.habits.withholds_anchors) {
            return ExportOutcome::Success { anchor: None };
        }
        outcome
    }

    fn add(
        &mut self,
        operation: &ExportOperation,
        attributes: &Attributes,
        effects: &[Effect],
    ) -> ExportOutcome {
        let changes = Attributes::new().changes_to(attributes);
        let changes = self.distort(&changes, effects);
        if let Some(there) = self.by_dn(&operation.dn).cloned() {
            if !operation.in_doubt {
                let message = format!("{} is there already", operation.dn);
                return refused(ExportErrorType::CdExistingObject, message);
            }
            let anchor = there.anchor.unwrap_or_default();
            self.apply(&anchor, &changes);
            return ExportOutcome::Success { anchor: Some(anchor) };
        }
        let parent = self.style().parent(&operation.dn);
        let is_orphan = parent.is_some_and(|parent| self.by_dn(&parent).is_none());
        if is_orphan && !self.nature.habits.takes_orphans {
            let message = format!("{} has no parent", operation.dn);
            return refused(ExportErrorType::NonExistentParent, message);
        }
        let mut stored = Attributes::new();
        stored.apply(&changes);
        if let Some(refusal) = self.collision(None, &stored) {
            return refusal;
        }
        let placed = effects.iter().find_map(|effect| match effect {
            Effect::PlaceAt(dn) => Some(dn.clone()),
            _ => None,
        });
        let anchor = self.insert(Image {
            object_type: operation.object_type.clone(),
            anchor: None,
            dn: placed.unwrap_or_else(|| operation.dn.clone()),
            attributes: stored,
        });
        self.log(&anchor, None);
        ExportOutcome::Success { anchor: Some(anchor) }
    }

    fn update(
        &mut self,
        operation: &ExportOperation,
        changes: &Changes,
        new_dn: Option<&str>,
        effects: &[Effect],
    ) -> ExportOutcome {
        let Some(object) = self.target(operation) else {
            return refused(ExportErrorType::CdMissingObject, format!("{} is gone", operation.dn));
        };
        let anchor = object.anchor.clone().unwrap_or_default();
        if let Some(dn) = new_dn {
            if self.style() == DnStyle::Anchor {
                let message = "objects of this system keep their names";
                return refused(ExportErrorType::CdError, message);
            }
            if self.by_dn(dn).is_some_and(|other| other.anchor.as_deref() != Some(&anchor)) {
                let message = format!("{dn} is there already");
                return refused(ExportErrorType::RenameToExistingDn, message);
            }
            let parent = self.style().parent(dn);
            if parent.is_some_and(|parent| self.by_dn(&parent).is_none())
                && !self.nature.habits.takes_orphans
            {
                return refused(ExportErrorType::NonExistentParent, format!("{dn} has no parent"));
            }
        }
        let changes = self.distort(changes, effects);
        let mut after = object.attributes.clone();
        after.apply(&changes);
        if let Some(refusal) = self.collision(Some(&anchor), &after) {
            return refusal;
        }
        if let Some(dn) = new_dn {
            self.move_object(&object.dn, dn);
        }
        self.apply(&anchor, &changes);
        self.log(&anchor, Some(changes.into_keys().collect::<BTreeSet<Name>>()));
        ExportOutcome::Success { anchor: Some(anchor) }
    }

    fn delete(&mut self, operation: &ExportOperation) -> ExportOutcome {
        let Some(object) = self.target(operation) else {
            return ExportOutcome::Success { anchor: None };
        };
        if !self.below(&object.dn).is_empty() {
            let message = format!("{} has children", object.dn);
            return refused(ExportErrorType::UnsupportedContainerDelete, message);
        }
        let anchor = object.anchor.unwrap_or_default();
        self.remove(&anchor);
        self.log(&anchor, None);
        ExportOutcome::Success { anchor: None }
    }

    fn target(&self, operation: &ExportOperation) -> Option<Image> {
        match &operation.anchor {
            Some(anchor) => self.by_anchor(anchor).cloned(),
            None => self.by_dn(&operation.dn).cloned(),
        }
    }

    fn apply(&mut self, anchor: &str, changes: &Changes) {
        if let Some(object) = self.by_anchor_mut(anchor) {
            object.attributes.apply(changes);
        }
    }

    /// The refusal when another object has a value that must be unique.
    fn collision(&self, anchor: Option<&str>, attributes: &Attributes) -> Option<ExportOutcome> {
        for name in &self.nature.habits.unique {
            let Some(values) = attributes.get(name) else { continue };
            let lower = |values: &Values| values.to_string().to_lowercase();
            let is_taken = self.objects().any(|other| {
                other.anchor.as_deref() != anchor
                    && other.attributes.get(name).is_some_and(|v| lower(v) == lower(values))
            });
            if is_taken {
                let message = format!("another object has this {name}");
                return Some(refused(ExportErrorType::CdExistingAttributeOrValue, message));
            }
        }
        None
    }

    /// What is stored of what is written.
    fn distort(&self, changes: &Changes, effects: &[Effect]) -> Changes {
        let mut stored = changes.clone();
        for (name, normalization) in &self.nature.habits.normalizes {
            if let Some(AttributeChange::Set(values)) = stored.get_mut(name.as_str()) {
                let normalized = values.iter().map(|value| normalize(value, *normalization));
                if let Some(normalized) = Values::from_vec(normalized.collect()) {
                    *values = normalized;
                }
            }
        }
        for effect in effects {
            match effect {
                Effect::Ignore(names) => {
                    stored.retain(|name, _| !names.iter().any(|ignored| name == ignored.as_str()));
                }
                Effect::Store(literals) => stored.extend(made_up(self, literals)),
                _ => {}
            }
        }
        stored
    }
}

fn normalize(value: &Value, normalization: Normalization) -> Value {
    let Value::String(text) = value else { return value.clone() };
    match normalization {
        Normalization::LowerCase => Value::string(&text.to_lowercase()),
        Normalization::UpperCase => Value::string(&text.to_uppercase()),
        Normalization::Trim => Value::string(text.trim()),
    }
}
