//! What batches have changed and the store may not know yet, so that answers of the store can be put
//! right: those of the batch being planned, and those of the one before, which is written meanwhile.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use model::{ConnectorId, CsId, MvId, Name};
use store::{CsObject, CsState, MvObject, Scope};

use super::facts::{ChangedCs, ChangedMv, NormalKey, keys_of};

/// Which changed objects are linked to a metaverse object, or were.
type Touched = HashMap<MvId, BTreeSet<CsId>>;

/// The changes of a batch, for the next one.
#[derive(Debug, Default)]
pub(super) struct Recent {
    /// Connector-space objects.
    pub(super) cs: ChangedCs,
    /// Metaverse objects.
    pub(super) mv: ChangedMv,
    /// What is linked to those.
    pub(super) links: HashMap<MvId, BTreeSet<CsId>>,
    /// The links that were there and those that are.
    pub(super) touched: Touched,
    /// Linked objects that did not change.
    pub(super) unchanged: Vec<Arc<CsObject>>,
}

impl Recent {
    /// The metaverse objects that the batch has changed, or the links of.
    pub(super) fn unsettled(&self) -> BTreeSet<MvId> {
        self.mv.keys().chain(self.touched.keys()).copied().collect()
    }

    /// Every object that the next batch need not ask the store for.
    pub(super) fn known(&self) -> impl Iterator<Item = &Arc<CsObject>> {
        self.cs.values().flatten().chain(&self.unchanged)
    }

    /// Makes a page of the store what it is with these changes. `after` is where the page begins; it
    /// ends with its last object if `is_full`, else with the connector space.
    pub(super) fn correct(
        &self,
        page: &mut Vec<CsObject>,
        (connector, scope): (ConnectorId, Scope),
        (after, last): (Option<CsId>, Option<CsId>),
    ) {
        let first = after.map_or(CsId::first(connector), |id| CsId(id.0.saturating_add(1)));
        let end = last.map_or(CsId::end(connector), |id| CsId(id.0.saturating_add(1)));
        let mut changed = self.cs.range(first..end.max(first)).peekable();
        if changed.peek().is_none() {
            return;
        }
        let mut objects: BTreeMap<CsId, CsObject> =
            std::mem::take(page).into_iter().map(|object| (object.id, object)).collect();
        for (id, version) in changed {
            objects.remove(id);
            let taken = version.as_ref().filter(|object| is_in(object, scope));
            objects.extend(taken.map(|object| (*id, CsObject::clone(object))));
        }
        page.extend(objects.into_values());
    }
}

fn is_in(object: &CsObject, scope: Scope) -> bool {
    match scope {
        Scope::All => true,
        Scope::DeltaSync => object.is_delta_sync_work(),
        Scope::PendingExport => object.is_export_work(),
        Scope::AwaitingConfirmation => object.export.unconfirmed.is_some(),
        Scope::ReferenceRetry => object.reference_retry,
        Scope::Placeholders => object.state == CsState::Placeholder,
    }
}

/// Changed objects, found by what the store does not find them by yet.
#[derive(Debug, Default)]
pub(super) struct Changed {
    pub(super) cs: ChangedCs,
    pub(super) mv: ChangedMv,
    touched: Touched,
    /// Where objects are, or were between two changes.
    dns: HashMap<(ConnectorId, String), BTreeSet<CsId>>,
    /// By type and attribute what metaverse objects hold, or held between two changes; filled when
    /// the attribute is first asked about.
    values: HashMap<(Name, Name), HashMap<String, BTreeSet<MvId>>>,
}

impl Changed {
    pub(super) fn new(cs: ChangedCs, mv: ChangedMv, touched: Touched) -> Self {
        let mut changed = Self { mv, touched, ..Self::default() };
        cs.values().flatten().for_each(|object| changed.note_place(object));
        changed.cs = cs;
        changed
    }

    /// The changed objects of a connector space; `None` for those that are gone.
    pub(super) fn of(
        &self,
        connector: ConnectorId,
    ) -> impl Iterator<Item = (&CsId, &Option<Arc<CsObject>>)> {
        self.cs.range(CsId::first(connector)..CsId::end(connector))
    }

    /// The changed objects that are linked to a metaverse object, or were, as they are now.
    pub(super) fn touching(&self, mv: MvId) -> impl Iterator<Item = (CsId, Option<&CsObject>)> {
        let ids = self.touched.get(&mv).into_iter().flatten();
        ids.map(|id| (*id, self.cs.get(id).and_then(Option::as_deref)))
    }

    /// Of the links that changed those of these objects.
    pub(super) fn touched_by(&self, objects: &BTreeSet<CsId>) -> Touched {
        let links = self.touched.iter().map(|(mv, ids)| (*mv, ids & objects));
        links.filter(|(_, ids)| !ids.is_empty()).collect()
    }

    /// Changed objects that may be at a place.
    pub(super) fn perhaps_at(
        &self,
        place: &(ConnectorId, String),
    ) -> impl Iterator<Item = CsId> + use<'_> {
        self.dns.get(place).into_iter().flatten().copied()
    }

    /// Changed metaverse objects that may hold a value.
    pub(super) fn perhaps_holding(
        &mut self,
        (object_type, attribute, key): &NormalKey,
    ) -> Vec<MvId> {
        let mv = &self.mv;
        let known = self.values.entry((object_type.clone(), attribute.clone()));
        let known = known.or_insert_with(|| {
            let mut known = HashMap::new();
            let objects = mv.values().flatten().filter(|object| object.object_type == *object_type);
            objects.for_each(|object| note_value(&mut known, object, attribute));
            known
        });
        known.get(key).into_iter().flatten().copied().collect()
    }

    pub(super) fn note_cs(
        &mut self,
        id: CsId,
        before: Option<&CsObject>,
        after: Option<Arc<CsObject>>,
    ) {
        let versions = [before, after.as_deref()].into_iter().flatten();
        for mv in versions.filter_map(|cs| cs.state.mv()) {
            self.touched.entry(mv).or_default().insert(id);
        }
        if let Some(object) = &after {
            self.note_place(object);
        }
        self.cs.insert(id, after);
    }

    fn note_place(&mut self, object: &CsObject) {
        let place = (object.id.connector(), object.dn_key.clone());
        self.dns.entry(place).or_default().insert(object.id);
    }

    pub(super) fn note_mv(&mut self, id: MvId, after: Option<Arc<MvObject>>) {
        if let Some(object) = &after {
            for ((object_type, attribute), known) in &mut self.values {
                if object.object_type == *object_type {
                    note_value(known, object, attribute);
                }
            }
        }
        self.mv.insert(id, after);
    }
}

fn note_value(known: &mut HashMap<String, BTreeSet<MvId>>, object: &MvObject, attribute: &str) {
    for key in keys_of(object, attribute) {
        known.entry(key).or_default().insert(object.id);
    }
}
