//! What planning knows of the store, and what it has to ask.
//!
//! Planning is pure: it works on facts that were loaded before. Where one is missing it stops and
//! says which; the engine loads it and plans again. Facts include what earlier plans of the same
//! batch have changed, so planning a batch in order gives what planning each alone would.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use model::{ConnectorId, CsId, MvId, Name, Value};
use store::{CsObject, MvObject, join_key};

use super::changed::{Changed, Recent};
use super::names::{NameKey, names_of};

/// A fact that planning needs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Question {
    /// A metaverse object with everything linked to it.
    Mv(MvId),
    /// The metaverse objects of a type that hold a value.
    Join(JoinKey),
    /// The objects at a DN of a connector space.
    Dn(ConnectorId, String),
    /// The objects below a DN of a connector space.
    Below(ConnectorId, String),
    /// The objects of a connector space that hold a value.
    CsValue(ConnectorId, JoinKey),
    /// The objects of a connector space that have a name, or will have it by an export.
    Name(NameKey),
    /// An id for a metaverse object that a plan makes beside the one it projects: the source of the
    /// plan, and a number.
    Reserved(CsId, u32),
    /// Several facts at once.
    Several(Vec<Self>),
}

/// A lookup by value: type, attribute and the value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct JoinKey {
    /// The object type.
    pub(super) object_type: Name,
    /// The attribute.
    pub(super) attribute: Name,
    /// The value looked for.
    pub(super) value: Value,
}

impl JoinKey {
    /// The form in which lookups by equal values are equal.
    pub(super) fn normalised(&self) -> NormalKey {
        (self.object_type.clone(), self.attribute.clone(), join_key(&self.value))
    }
}

/// A lookup by value with the value as joins compare it.
pub(super) type NormalKey = (Name, Name, String);

/// The attribute that stands for the public identifier of a metaverse object.
const OBJECT_ID: &str = "object-id";

/// Connector-space objects as a plan or batch leaves them; `None` for those that go.
pub(super) type ChangedCs = BTreeMap<CsId, Option<Arc<CsObject>>>;
/// Metaverse objects likewise.
pub(super) type ChangedMv = BTreeMap<MvId, Option<Arc<MvObject>>>;

/// What is known.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) cs: HashMap<CsId, Arc<CsObject>>,
    pub(super) mv: HashMap<MvId, Arc<MvObject>>,
    pub(super) links: HashMap<MvId, BTreeSet<CsId>>,
    joins: HashMap<NormalKey, BTreeSet<MvId>>,
    dns: HashMap<(ConnectorId, String), BTreeSet<CsId>>,
    below: HashMap<(ConnectorId, String), BTreeSet<CsId>>,
    values: HashMap<(ConnectorId, NormalKey), BTreeSet<CsId>>,
    names: HashMap<NameKey, BTreeSet<CsId>>,
    /// Ids set aside for what plans make.
    reserved: HashMap<(CsId, u32), MvId>,
    /// The attributes that names were asked about.
    named: BTreeSet<(ConnectorId, Name)>,
    /// What this batch has changed, and what the one before has, which may not be in the store yet.
    changed: Changed,
    /// What this batch has changed.
    own_mv: BTreeSet<MvId>,
    own_cs: BTreeSet<CsId>,
    /// The types and attributes that joins were asked about.
    joined: BTreeMap<Name, BTreeSet<Name>>,
}

impl Facts {
    /// What is known of the batch before; nothing else yet.
    pub(super) fn after(recent: Recent) -> Self {
        let Recent { cs, mv, links, touched, unchanged } = recent;
        let mut facts = Self { links, ..Self::default() };
        facts.cs.extend(unchanged.into_iter().map(|object| (object.id, object)));
        facts.cs.extend(cs.iter().filter_map(|(id, cs)| Some((*id, cs.clone()?))));
        facts.mv.extend(mv.iter().filter_map(|(id, mv)| Some((*id, mv.clone()?))));
        facts.changed = Changed::new(cs, mv, touched);
        facts
    }

    /// A connector-space object.
    pub(super) fn cs(&self, id: CsId) -> Option<&Arc<CsObject>> {
        self.cs.get(&id)
    }

    /// A metaverse object and what is linked to it.
    pub(super) fn mv(&self, id: MvId) -> Result<(&Arc<MvObject>, &BTreeSet<CsId>), Question> {
        match (self.mv.get(&id), self.links.get(&id)) {
            (Some(object), Some(links)) => Ok((object, links)),
            _ => Err(Question::Mv(id)),
        }
    }

    /// An id set aside for a plan of `source`.
    pub(super) fn reserved(&self, source: CsId, number: u32) -> Result<MvId, Question> {
        let place = (source, number);
        self.reserved.get(&place).copied().ok_or(Question::Reserved(source, number))
    }

    /// Learns an id that was set aside.
    pub(super) fn learn_reserved(&mut self, source: CsId, number: u32, id: MvId) {
        self.reserved.insert((source, number), id);
    }

    /// Forgets the ids of a plan that was carried out.
    pub(super) fn use_up(&mut self, source: CsId) {
        self.reserved.retain(|(of, _), _| *of != source);
    }

    /// True if an earlier plan of the batch took the metaverse object away.
    pub(super) fn is_removed(&self, id: MvId) -> bool {
        self.changed.mv.get(&id).is_some_and(Option::is_none)
    }

    /// The metaverse objects that hold a value.
    pub(super) fn join(&self, key: &JoinKey) -> Result<&BTreeSet<MvId>, Question> {
        self.joins.get(&key.normalised()).ok_or_else(|| Question::Join(key.clone()))
    }

    /// The objects at a DN.
    pub(super) fn dn(
        &self,
        connector: ConnectorId,
        key: &str,
    ) -> Result<&BTreeSet<CsId>, Question> {
        let place = (connector, key.to_owned());
        self.dns.get(&place).ok_or(Question::Dn(place.0, place.1))
    }

    /// The objects below a DN; perhaps others that were there.
    pub(super) fn below(
        &self,
        connector: ConnectorId,
        key: &str,
    ) -> Result<&BTreeSet<CsId>, Question> {
        let place = (connector, key.to_owned());
        self.below.get(&place).ok_or(Question::Below(place.0, place.1))
    }

    /// The imported objects that hold a value.
    pub(super) fn cs_value(
        &self,
        connector: ConnectorId,
        key: &JoinKey,
    ) -> Result<&BTreeSet<CsId>, Question> {
        let place = (connector, key.normalised());
        self.values.get(&place).ok_or_else(|| Question::CsValue(connector, key.clone()))
    }

    /// The objects that have a name, or will have it by an export; perhaps others that had it.
    pub(super) fn holders(&self, key: &NameKey) -> Result<&BTreeSet<CsId>, Question> {
        self.names.get(key).ok_or_else(|| Question::Name(key.clone()))
    }

    /// The names of an object, as far as any were asked about.
    pub(super) fn names(&self, object: &CsObject) -> Vec<NameKey> {
        let connector = object.id.connector();
        let named = self.named.iter().filter(|(of, _)| *of == connector);
        let keys = named.flat_map(|(_, attribute)| {
            let names = names_of(object, attribute).into_iter();
            names.map(|name| (connector, attribute.clone(), name))
        });
        keys.collect()
    }

    /// The objects of a connector space that this batch or the one before has changed, as they are
    /// now.
    pub(super) fn changed(&self, connector: ConnectorId) -> impl Iterator<Item = &CsObject> {
        self.changed.of(connector).filter_map(|(_, object)| object.as_deref())
    }

    /// Learns stored objects; what this batch has changed stays as changed.
    pub(super) fn learn_cs(&mut self, objects: Vec<Arc<CsObject>>) {
        for object in objects {
            if !self.changed.cs.contains_key(&object.id) {
                self.cs.insert(object.id, object);
            }
        }
    }

    /// Learns a stored metaverse object and its links.
    pub(super) fn learn_mv(&mut self, object: MvObject, links: impl IntoIterator<Item = CsId>) {
        if self.changed.mv.contains_key(&object.id) || self.mv.contains_key(&object.id) {
            return;
        }
        let mut linked: BTreeSet<CsId> = links.into_iter().collect();
        for (id, changed) in self.changed.touching(object.id) {
            let is_linked = changed.and_then(|cs| cs.state.mv()) == Some(object.id);
            set_membership(&mut linked, id, is_linked);
        }
        self.links.insert(object.id, linked);
        self.mv.insert(object.id, Arc::new(object));
    }

    /// Learns a stored answer to a join question.
    pub(super) fn learn_join(&mut self, key: &JoinKey, ids: Vec<MvId>) {
        let normal = key.normalised();
        let mut found: BTreeSet<MvId> = ids.into_iter().collect();
        found.extend(self.changed.perhaps_holding(&normal));
        found.retain(|id| match self.changed.mv.get(id) {
            None => true,
            Some(changed) => changed.as_ref().is_some_and(|mv| holds(mv, &normal)),
        });
        let (object_type, attribute) = (normal.0.clone(), normal.1.clone());
        self.joined.entry(object_type).or_default().insert(attribute);
        self.joins.insert(normal, found);
    }

    /// Learns which stored objects are at a DN.
    pub(super) fn learn_dn(&mut self, connector: ConnectorId, key: &str, ids: Vec<CsId>) {
        let place = (connector, key.to_owned());
        let mut found: BTreeSet<CsId> = ids.into_iter().collect();
        found.extend(self.changed.perhaps_at(&place));
        found.retain(|id| match self.changed.cs.get(id) {
            None => true,
            Some(changed) => changed.as_ref().is_some_and(|cs| cs.dn_key == key),
        });
        self.dns.insert(place, found);
    }

    /// Learns which stored objects are below a DN.
    pub(super) fn learn_below(&mut self, connector: ConnectorId, key: &str, ids: Vec<CsId>) {
        let mut found: BTreeSet<CsId> = ids.into_iter().collect();
        let is_below = |cs: &CsObject| model::keys_above(&cs.dn_key).any(|above| above == key);
        found.extend(self.changed(connector).filter(|cs| is_below(cs)).map(|cs| cs.id));
        self.below.insert((connector, key.to_owned()), found);
    }

    /// Learns which stored objects hold a value. Synchronization never changes imported values.
    pub(super) fn learn_cs_value(&mut self, connector: ConnectorId, key: &JoinKey, ids: Vec<CsId>) {
        self.values.insert((connector, key.normalised()), ids.into_iter().collect());
    }

    /// Learns which stored objects have a name or will have it by an export.
    pub(super) fn learn_name(&mut self, key: NameKey, ids: impl IntoIterator<Item = CsId>) {
        let mut found: BTreeSet<CsId> = ids.into_iter().collect();
        let (connector, attribute, name) = &key;
        for (id, changed) in self.changed.of(*connector) {
            let holds = |cs: &Arc<CsObject>| names_of(cs, attribute).contains(name);
            set_membership(&mut found, *id, changed.as_ref().is_some_and(holds));
        }
        self.named.insert((*connector, attribute.clone()));
        self.names.insert(key, found);
    }

    /// Takes a plan's change to a connector-space object into account.
    pub(super) fn change_cs(&mut self, id: CsId, object: Option<Arc<CsObject>>) {
        self.own_cs.insert(id);
        let before = self.cs.remove(&id);
        if let Some(before) = &before {
            if let Some(linked) = before.state.mv().and_then(|mv| self.links.get_mut(&mv)) {
                linked.remove(&id);
            }
            if let Some(there) = self.dns.get_mut(&(id.connector(), before.dn_key.clone())) {
                there.remove(&id);
            }
        }
        if let Some(object) = &object {
            for key in self.names(object) {
                self.names.entry(key).and_modify(|holders| {
                    holders.insert(id);
                });
            }
            if let Some(mv) = object.state.mv() {
                self.links.entry(mv).or_default().insert(id);
            }
            if let Some(there) = self.dns.get_mut(&(id.connector(), object.dn_key.clone())) {
                there.insert(id);
            }
            if !self.below.is_empty() {
                for above in model::keys_above(&object.dn_key) {
                    if let Some(below) = self.below.get_mut(&(id.connector(), above.to_owned())) {
                        below.insert(id);
                    }
                }
            }
            self.cs.insert(id, object.clone());
        }
        self.changed.note_cs(id, before.as_deref(), object);
    }

    /// Takes a plan's change to a metaverse object into account.
    pub(super) fn change_mv(&mut self, id: MvId, object: Option<Arc<MvObject>>) {
        self.own_mv.insert(id);
        if let Some(before) = self.mv.remove(&id) {
            self.index_mv(&before, false);
        }
        match &object {
            Some(object) => {
                self.index_mv(object, true);
                self.links.entry(id).or_default();
                self.mv.insert(id, object.clone());
            }
            None => {
                self.links.remove(&id);
            }
        }
        self.changed.note_mv(id, object);
    }

    fn index_mv(&mut self, object: &MvObject, member: bool) {
        for key in self.join_keys(object) {
            if let Some(found) = self.joins.get_mut(&key) {
                set_membership(found, object.id, member);
            }
        }
    }

    /// The lookups that lead to a metaverse object, of those attributes that were asked about.
    pub(super) fn join_keys(&self, object: &MvObject) -> Vec<NormalKey> {
        let attributes = self.joined.get(&object.object_type).into_iter().flatten();
        let keys = attributes.flat_map(|attribute| {
            let of = |key| (object.object_type.clone(), attribute.clone(), key);
            keys_of(object, attribute).into_iter().map(of)
        });
        keys.collect()
    }

    /// Everything the batch has changed, in id order, and what the next one has to know of it.
    pub(super) fn take_changes(mut self) -> (ChangedCs, ChangedMv, Recent) {
        let own = |id: &CsId| Some((*id, self.changed.cs.get(id)?.clone()));
        let cs: ChangedCs = self.own_cs.iter().filter_map(own).collect();
        let own = |id: &MvId| Some((*id, self.changed.mv.get(id)?.clone()));
        let mv: ChangedMv = self.own_mv.iter().filter_map(own).collect();
        let touched = self.changed.touched_by(&self.own_cs);
        let mut links = HashMap::with_capacity(mv.len());
        let mut unchanged = Vec::new();
        for (id, _) in mv.iter().filter(|(_, object)| object.is_some()) {
            let linked = self.links.remove(id).unwrap_or_default();
            let others = linked.iter().filter(|id| !cs.contains_key(id));
            unchanged.extend(others.filter_map(|id| self.cs.get(id).cloned()));
            links.insert(*id, linked);
        }
        let recent = Recent { cs: cs.clone(), mv: mv.clone(), links, touched, unchanged };
        (cs, mv, recent)
    }
}

/// True if a metaverse object holds the value looked for.
pub(super) fn holds(mv: &MvObject, (object_type, attribute, key): &NormalKey) -> bool {
    if mv.object_type != *object_type {
        return false;
    }
    if *attribute == OBJECT_ID {
        return mv.uid.to_string() == *key;
    }
    mv.values(attribute).is_some_and(|values| values.iter().any(|v| join_key(v) == *key))
}

/// What a metaverse object holds in an attribute, as joins compare it.
pub(super) fn keys_of(mv: &MvObject, attribute: &str) -> Vec<String> {
    if attribute == OBJECT_ID {
        return vec![mv.uid.to_string()];
    }
    mv.values(attribute).into_iter().flatten().map(join_key).collect()
}

/// Puts something into a set, or takes it out.
pub(super) fn set_membership<T: Ord>(set: &mut BTreeSet<T>, member: T, is_member: bool) {
    if is_member {
        set.insert(member);
    } else {
        set.remove(&member);
    }
}
