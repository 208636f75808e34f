//! Names that must be unique: what an expression learns of them while it is evaluated, and which of
//! them are staged for export. Imported ones the store finds.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use model::{ConnectorId, CsId, Name, Values};
use store::{CsObject, ExportValue, Scope, Store, StoreError, join_key};

use super::draft::Stop;
use crate::limits::IMPORT_BATCH_ENTRIES;

/// A name in a connector space: the connector, the attribute, and the name as joins compare it.
pub(super) type NameKey = (ConnectorId, Name, String);

/// What an expression asks of names. A missing fact answers as a free name would, and evaluation is
/// worth nothing then: [`Names::answered`] says so.
pub(super) struct Names<F> {
    ask: F,
    missing: RefCell<Option<Stop>>,
}

impl<F: Fn(&str) -> Result<bool, Stop>> Names<F> {
    pub(super) const fn new(ask: F) -> Self {
        Self { ask, missing: RefCell::new(None) }
    }

    /// True if another object has the name.
    pub(super) fn is_taken(&self, name: &str) -> bool {
        (self.ask)(name).unwrap_or_else(|stop| {
            self.missing.borrow_mut().get_or_insert(stop);
            false
        })
    }

    /// Ends the evaluation.
    ///
    /// # Errors
    /// The first fact that was missing.
    pub(super) fn answered(self) -> Result<(), Stop> {
        self.missing.into_inner().map_or(Ok(()), Err)
    }
}

/// The names of an object in an attribute: those it has, and those that exports will give it.
pub(super) fn names_of(object: &CsObject, attribute: &str) -> BTreeSet<String> {
    let imported = object.imported.as_ref().and_then(|imported| imported.get(attribute));
    let keys = imported.into_iter().flat_map(Values::iter).map(join_key);
    keys.chain(staged_names(object, attribute)).collect()
}

fn staged_names(object: &CsObject, attribute: &str) -> Vec<String> {
    let export = &object.export;
    let stages = [&export.unconfirmed, &export.escrow, &export.pending];
    let changes = stages.into_iter().flatten().filter_map(|delta| delta.changes.get(attribute));
    let values = changes.filter_map(|change| match &change.value {
        ExportValue::Set(values) => Some(values),
        ExportValue::Clear | ExportValue::Secret => None,
    });
    values.flat_map(Values::iter).map(join_key).collect()
}

/// The names in exports that are pending, in doubt or unconfirmed. Read from the store when an
/// attribute is asked about for the first time in a step, and kept up from then on. Names are not
/// taken out again: whoever is asked to have one is looked at.
#[derive(Debug, Default)]
pub(super) struct StagedNames(BTreeMap<(ConnectorId, Name), HashMap<String, BTreeSet<CsId>>>);

impl StagedNames {
    /// Reads what is staged in an attribute; false if that is known.
    pub(super) async fn load(
        &mut self,
        store: &dyn Store,
        connector: ConnectorId,
        attribute: &Name,
    ) -> Result<bool, StoreError> {
        let place = (connector, attribute.clone());
        if self.0.contains_key(&place) {
            return Ok(false);
        }
        self.0.insert(place, HashMap::new());
        for scope in [Scope::PendingExport, Scope::AwaitingConfirmation] {
            let mut after = None;
            loop {
                let page = store.page_cs(connector, after, IMPORT_BATCH_ENTRIES, scope).await?;
                let Some(last) = page.last() else { break };
                after = Some(last.id);
                page.iter().for_each(|object| self.note(object));
            }
        }
        Ok(true)
    }

    /// Takes an object into account.
    pub(super) fn note(&mut self, object: &CsObject) {
        let connector = object.id.connector();
        for ((_, attribute), known) in self.0.iter_mut().filter(|((c, _), _)| *c == connector) {
            for name in staged_names(object, attribute) {
                known.entry(name).or_default().insert(object.id);
            }
        }
    }

    /// Objects that may have a name staged.
    pub(super) fn holders(&self, (connector, attribute, name): &NameKey) -> Vec<CsId> {
        let known = self.0.get(&(*connector, attribute.clone()));
        let holders = known.and_then(|known| known.get(name));
        holders.into_iter().flatten().copied().collect()
    }
}
