//! One batch of synchronization: facts loaded together, plans carried out in order, one
//! transaction.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use model::{ConnectorId, CsId, MvId, Name, Value};
use store::{
    Batch, CsObject, CsWrite, Hasher, ImportOperation, MvObject, MvWrite, Parts, RunError, Steady,
    Store, StoreError,
};

use super::ahead::plan_each;
use super::changed::Recent;
use super::containers;
use super::draft::{Moment, Reads, connector_of, is_provisional};
use super::entries;
use super::facts::{Facts, JoinKey, NormalKey, Question};
use super::names::{NameKey, StagedNames};
use super::plan::{Fresh, Plan, plan, plan_and_record};
use super::references::{References, Upheaval};
use super::steady::Steadiness;
use super::trace::Trace;
use crate::counters::{Tally, outbound};
use crate::ids::NewIds;
use crate::mutant;
use crate::setup::Policy;
use crate::stop::Stop;

/// What the batches of a step share.
pub(super) struct Shared<'a> {
    /// The references that flow.
    pub(super) references: References,
    /// By what steadiness is found out.
    pub(super) steadiness: Steadiness<'a>,
    /// The names in exports, as far as they were asked about.
    pub(super) staged: StagedNames,
}

impl<'a> Shared<'a> {
    /// For one step. `rules_version` is that of the rules in force.
    pub(super) fn new(policy: Policy<'a>, rules_version: &str, hasher: &Hasher) -> Self {
        Self {
            references: References::of(policy),
            steadiness: Steadiness::new(policy, rules_version, hasher),
            staged: StagedNames::default(),
        }
    }
}

/// The work of one batch.
pub(super) struct SyncBatch<'a, 'p> {
    store: &'a dyn Store,
    policy: Policy<'a>,
    moment: Moment<'a>,
    shared: &'a mut Shared<'p>,
    upheaval: Upheaval,
    facts: Facts,
    /// What is steady as it is now.
    steady: BTreeMap<MvId, Steady>,
    stored: BTreeMap<CsId, Arc<CsObject>>,
    dirty: Dirty,
    errors: Vec<RunError>,
}

/// What earlier plans of the batch have changed.
#[derive(Default)]
struct Dirty {
    mv: HashSet<MvId>,
    cs: HashSet<CsId>,
    joins: HashSet<(Name, Name, String)>,
    dns: HashSet<(ConnectorId, String)>,
    names: HashSet<NameKey>,
}

impl Dirty {
    fn spoils(&self, reads: &Reads) -> bool {
        reads.mv.iter().any(|id| self.mv.contains(id))
            || reads.cs.iter().any(|id| self.cs.contains(id))
            || reads.joins.iter().any(|key| self.joins.contains(key))
            || reads.dns.iter().any(|place| self.dns.contains(place))
            || reads.below.iter().any(|place| self.has_changed_below(place))
            || reads.names.iter().any(|key| self.names.contains(key))
    }

    fn has_changed_below(&self, (connector, key): &(ConnectorId, String)) -> bool {
        let is_below = |dn_key: &str| model::keys_above(dn_key).any(|above| above == key);
        self.dns.iter().any(|(of, dn_key)| of == connector && is_below(dn_key))
    }

    fn note_mv(&mut self, object: &MvObject, keys: Vec<NormalKey>) {
        self.mv.insert(object.id);
        self.joins.extend(keys);
    }

    fn note_cs(&mut self, object: &CsObject, names: Vec<NameKey>) {
        self.names.extend(names);
        self.cs.insert(object.id);
        self.dns.insert((object.id.connector(), object.dn_key.clone()));
        self.mv.extend(object.state.mv());
    }
}

impl<'a, 'p> SyncBatch<'a, 'p> {
    /// `shared` is the same throughout a step; `recent` is what the batch before has changed and may
    /// not be in the store yet.
    pub(super) fn new(
        store: &'a dyn Store,
        policy: Policy<'a>,
        moment: Moment<'a>,
        shared: &'a mut Shared<'p>,
        recent: Recent,
    ) -> Self {
        let stored = recent.known().map(|object| (object.id, object.clone())).collect();
        Self {
            store,
            policy,
            moment,
            shared,
            upheaval: Upheaval::default(),
            facts: Facts::after(recent),
            steady: BTreeMap::new(),
            stored,
            dirty: Dirty::default(),
            errors: Vec::new(),
        }
    }

    /// Synchronizes `page`, in its order, and returns everything to write. Once a stop is asked for,
    /// the objects that are left stay as they are. What the batch has changed is for the next one.
    pub(super) async fn run(
        mut self,
        page: Vec<CsObject>,
        ids: &mut NewIds,
        tally: &mut Tally,
        stop: &Stop,
    ) -> Result<(Batch, Recent), StoreError> {
        let mut order: Vec<CsId> = page.iter().map(|object| object.id).collect();
        mutant::shuffle(&mut order);
        let fresh = self.reserve(&page, ids).await?;
        self.learn_cs(page);
        let mut plans = self.plan_ahead(&order, &fresh).await?;
        let mut postponed: Vec<CsId> = Vec::new();
        for id in order {
            if stop.is_requested() {
                break;
            }
            let ready = plans.remove(&id).filter(|plan| !self.dirty.spoils(&plan.reads));
            let plan = match ready {
                Some(plan) => plan,
                None => self.plan_one(id, fresh.get(&id).copied()).await?,
            };
            if plan.error.as_ref().is_some_and(containers::may_pass) {
                postponed.push(id);
                continue;
            }
            self.carry_out(id, plan, ids, tally).await?;
            stop.count(1);
        }
        self.try_again(postponed, &fresh, (ids, tally)).await?;
        self.flag_referrers().await?;
        Ok(self.into_batch())
    }

    /// Carries out what others of the batch may have made possible, as long as something is.
    async fn try_again(
        &mut self,
        mut postponed: Vec<CsId>,
        fresh: &BTreeMap<CsId, Fresh>,
        (ids, tally): (&mut NewIds, &mut Tally),
    ) -> Result<(), StoreError> {
        loop {
            let mut failed = Vec::new();
            let before = postponed.len();
            for id in postponed {
                let plan = self.plan_one(id, fresh.get(&id).copied()).await?;
                if plan.error.as_ref().is_some_and(containers::may_pass) {
                    failed.push((id, plan));
                } else {
                    self.carry_out(id, plan, ids, tally).await?;
                }
            }
            if failed.len() == before {
                for (id, plan) in failed {
                    self.carry_out(id, plan, ids, tally).await?;
                }
                return Ok(());
            }
            postponed = failed.into_iter().map(|(id, _)| id).collect();
        }
    }

    /// Sets metaverse ids aside for what may be projected: disconnectors, and what is about to become
    /// one because its type changed.
    async fn reserve(
        &self,
        page: &[CsObject],
        ids: &mut NewIds,
    ) -> Result<BTreeMap<CsId, Fresh>, StoreError> {
        let candidates: Vec<CsId> = page
            .iter()
            .filter(|object| object.state.mv().is_none() || is_replaced(object))
            .map(|object| object.id)
            .collect();
        let Some(count) = u32::try_from(candidates.len()).ok().filter(|n| *n > 0) else {
            return Ok(BTreeMap::new());
        };
        let first = ids.metaverse(self.store, count).await?;
        let fresh = candidates.into_iter().zip(first.0..).map(|(cs, number)| {
            let id = MvId(number);
            (cs, Fresh { id, uid: self.store.hasher().uid(id) })
        });
        Ok(fresh.collect())
    }

    /// Plans every object on the stored facts alone, loading what they ask for in rounds.
    async fn plan_ahead(
        &mut self,
        order: &[CsId],
        fresh: &BTreeMap<CsId, Fresh>,
    ) -> Result<BTreeMap<CsId, Plan>, StoreError> {
        let mut plans = BTreeMap::new();
        let mut open: Vec<CsId> = order.to_vec();
        while !open.is_empty() {
            let mut questions = BTreeSet::new();
            let mut waiting = Vec::new();
            for (id, planned) in plan_each(self.policy, &self.facts, self.moment, &open, fresh) {
                match planned {
                    Ok(plan) => {
                        plans.insert(id, plan);
                    }
                    Err(question) => {
                        questions.insert(question);
                        waiting.push(id);
                    }
                }
            }
            self.answer(questions).await?;
            open = waiting;
        }
        Ok(plans)
    }

    async fn plan_one(&mut self, id: CsId, fresh: Option<Fresh>) -> Result<Plan, StoreError> {
        loop {
            match plan(self.policy, &self.facts, self.moment, id, fresh) {
                Ok(plan) => return Ok(plan),
                Err(question) => self.answer(BTreeSet::from([question])).await?,
            }
        }
    }

    /// Plans one object and says how that came about. Nothing is reserved, and nothing carried out.
    pub(super) async fn look(
        mut self,
        object: CsObject,
        fresh: Fresh,
    ) -> Result<(Plan, Trace, Facts), StoreError> {
        let id = object.id;
        self.learn_cs(vec![object]);
        loop {
            match plan_and_record(self.policy, &self.facts, self.moment, id, Some(fresh)) {
                Ok((plan, trace)) => return Ok((plan, trace, self.facts)),
                Err(question) => self.answer(BTreeSet::from([question])).await?,
            }
        }
    }

    fn learn_cs(&mut self, objects: Vec<CsObject>) {
        let objects: Vec<Arc<CsObject>> = objects.into_iter().map(Arc::new).collect();
        for object in &objects {
            self.stored.entry(object.id).or_insert_with(|| object.clone());
        }
        self.facts.learn_cs(objects);
    }

    async fn load_cs(&mut self, ids: Vec<CsId>) -> Result<(), StoreError> {
        let missing: Vec<CsId> =
            ids.into_iter().filter(|id| !self.stored.contains_key(id)).collect();
        let objects = self.store.load_cs(&missing).await?;
        self.learn_cs(objects);
        Ok(())
    }

    async fn answer(&mut self, asked: BTreeSet<Question>) -> Result<(), StoreError> {
        let mut questions = BTreeSet::new();
        asked.into_iter().for_each(|question| flatten(question, &mut questions));
        let mut mvs = Vec::new();
        let mut joins: BTreeMap<(Name, Name), Vec<JoinKey>> = BTreeMap::new();
        let mut dns: BTreeMap<ConnectorId, Vec<String>> = BTreeMap::new();
        let mut below: BTreeMap<ConnectorId, Vec<String>> = BTreeMap::new();
        for question in questions {
            match question {
                Question::Mv(id) => mvs.push(id),
                Question::Dn(connector, key) => dns.entry(connector).or_default().push(key),
                Question::Below(connector, key) => below.entry(connector).or_default().push(key),
                Question::Name(key) => self.answer_name(key).await?,
                Question::Several(_) => {}
                Question::Reserved(source, number) => {
                    let id = self.store.allocate_mv(1).await?;
                    self.facts.learn_reserved(source, number, id);
                }
                Question::Join(key) => {
                    let place = (key.object_type.clone(), key.attribute.clone());
                    joins.entry(place).or_default().push(key);
                }
                Question::CsValue(connector, key) => {
                    let (kind, attribute) = (&key.object_type, &key.attribute);
                    let found = self.store.find_cs_by_value(connector, kind, attribute, &key.value);
                    let ids = found.await?;
                    self.load_cs(ids.clone()).await?;
                    self.facts.learn_cs_value(connector, &key, ids);
                }
            }
        }
        for ((object_type, attribute), keys) in joins {
            let values: Vec<Value> = keys.iter().map(|key| key.value.clone()).collect();
            let found = self.store.find_mv_by_value(&object_type, &attribute, &values).await?;
            for (key, ids) in keys.iter().zip(found) {
                self.facts.learn_join(key, ids);
            }
        }
        self.answer_below(below).await?;
        for (connector, keys) in dns {
            let mut found = self.store.find_cs_by_dn(connector, &keys).await?;
            self.load_cs(found.values().flatten().copied().collect()).await?;
            for key in keys {
                self.facts.learn_dn(connector, &key, found.remove(&key).unwrap_or_default());
            }
        }
        if !mvs.is_empty() {
            let mut links = self.store.linked_cs(&mvs).await?;
            self.load_cs(links.values().flatten().copied().collect()).await?;
            for object in self.store.load_mv(&mvs).await? {
                let linked = links.remove(&object.id).unwrap_or_default();
                self.facts.learn_mv(object, linked);
            }
        }
        Ok(())
    }

    async fn answer_below(
        &mut self,
        below: BTreeMap<ConnectorId, Vec<String>>,
    ) -> Result<(), StoreError> {
        for (connector, keys) in below {
            let mut found = self.store.find_cs_below(connector, &keys).await?;
            self.load_cs(found.values().flatten().copied().collect()).await?;
            for key in keys {
                let ids = found.remove(&key).unwrap_or_default();
                self.facts.learn_below(connector, &key, ids);
            }
        }
        Ok(())
    }

    async fn answer_name(&mut self, key: NameKey) -> Result<(), StoreError> {
        let (connector, attribute, name) = &key;
        if self.shared.staged.load(self.store, *connector, attribute).await? {
            // The store does not know yet what this batch has planned.
            self.facts.changed(*connector).for_each(|object| self.shared.staged.note(object));
        }
        let mut ids = self.shared.staged.holders(&key);
        let schema = self.policy.setup.connectors.get(connector).map(|setup| &setup.schema);
        let types = schema.into_iter().flat_map(|schema| &schema.types);
        let value = Value::string(name);
        for (kind, _) in types.filter(|(_, attributes)| attributes.contains_key(attribute)) {
            let found = self.store.find_cs_by_value(*connector, kind, attribute, &value);
            ids.extend(found.await?);
        }
        self.load_cs(ids.clone()).await?;
        self.facts.learn_name(key, ids);
        Ok(())
    }

    async fn carry_out(
        &mut self,
        source: CsId,
        plan: Plan,
        ids: &mut NewIds,
        tally: &mut Tally,
    ) -> Result<(), StoreError> {
        let is_plain = !self.moment.retry && self.moment.decision.is_none();
        let unchanging = Steadiness::unchanging(&plan, source).filter(|_| is_plain);
        if let Some(error) = &plan.error {
            let name = self.facts.cs(source).map(|object| object.dn.clone()).unwrap_or_default();
            self.errors.push(error.of_run(source, name));
        }
        self.facts.use_up(source);
        if let Some(counter) = plan.counter {
            tally.count(counter);
        }
        // A flow that runs once more and brings nothing new is nothing to count.
        let is_news = |counter: &str| !self.moment.retry || counter != outbound::NO_FLOW;
        for (connector, counter) in plan.outbound.into_iter().filter(|(_, c)| is_news(c)) {
            if let Some(setup) = self.policy.setup.connectors.get(&connector) {
                tally.count(&format!("{counter}@{}", setup.name));
            }
        }
        for (id, object) in plan.cs {
            let id =
                if is_provisional(id) { ids.next(self.store, connector_of(id)).await? } else { id };
            let before = self.facts.cs(id).cloned();
            if let Some(before) = &before {
                let names = self.facts.names(before);
                self.dirty.note_cs(before, names);
            }
            let object = object.map(|object| with_id(object, id));
            if !self.shared.references.is_empty() {
                self.upheaval.note(before.as_deref(), object.as_deref());
            }
            if let Some(after) = &object {
                self.dirty.note_cs(after, self.facts.names(after));
                self.shared.staged.note(after);
            }
            self.change_cs(id, object);
        }
        for (id, object) in plan.mv {
            let before = self.facts.mv.get(&id).cloned();
            for version in [before.as_ref(), object.as_ref()].into_iter().flatten() {
                self.dirty.note_mv(version, self.facts.join_keys(version));
            }
            if entries::asks_otherwise(before.as_deref(), object.as_deref()) {
                self.upheaval.objects.insert(id);
            }
            self.steady.remove(&id);
            self.facts.change_mv(id, object);
        }
        let found = unchanging
            .and_then(|targets| self.shared.steadiness.find(&self.facts, source, targets));
        self.steady.extend(found.map(|steady| (steady.mv, steady)));
        Ok(())
    }

    fn change_cs(&mut self, id: CsId, object: Option<Arc<CsObject>>) {
        let versions = [self.facts.cs(id), object.as_ref()];
        for mv in versions.into_iter().flatten().filter_map(|cs| cs.state.mv()) {
            self.steady.remove(&mv);
        }
        self.facts.change_cs(id, object);
    }

    /// Flags what refers to objects that this batch connected, disconnected, renamed or removed.
    async fn flag_referrers(&mut self) -> Result<(), StoreError> {
        let Upheaval { places, objects } = std::mem::take(&mut self.upheaval);
        if self.shared.references.is_empty() {
            return Ok(());
        }
        let mut referrers = BTreeSet::new();
        for (connector, dn) in &places {
            for (object_type, attribute) in self.shared.references.imported(*connector) {
                let dn = Value::reference(dn);
                let found = self.store.find_cs_by_value(*connector, object_type, attribute, &dn);
                referrers.extend(found.await?);
            }
        }
        self.load_cs(referrers.iter().copied().collect()).await?;
        referrers.extend(self.linked_to_holders(objects).await?);
        for id in referrers {
            let Some(object) = self.facts.cs(id) else { continue };
            if object.state.mv().is_some() && !object.reference_retry {
                let flagged = CsObject { reference_retry: true, ..CsObject::clone(object) };
                self.change_cs(id, Some(Arc::new(flagged)));
            }
        }
        Ok(())
    }

    /// For each metaverse object that refers to one of these, an object that is linked to it.
    async fn linked_to_holders(
        &mut self,
        objects: BTreeSet<MvId>,
    ) -> Result<Vec<CsId>, StoreError> {
        let uids = objects.into_iter().map(|id| self.store.hasher().uid(id).to_string());
        let keys: Vec<JoinKey> =
            uids.flat_map(|uid| self.shared.references.held(&uid).collect::<Vec<_>>()).collect();
        let unknown = keys.iter().filter_map(|key| self.facts.join(key).err());
        self.answer(unknown.collect()).await?;
        let holders: BTreeSet<MvId> =
            keys.iter().filter_map(|key| self.facts.join(key).ok()).flatten().copied().collect();
        let unknown = holders.iter().filter_map(|id| self.facts.mv(*id).err());
        self.answer(unknown.collect()).await?;
        let linked = holders.iter().filter_map(|id| self.facts.mv(*id).ok()?.1.first().copied());
        Ok(linked.collect())
    }

    fn into_batch(self) -> (Batch, Recent) {
        let stored = self.stored;
        let (cs, mv, recent) = self.facts.take_changes();
        let cs = cs.into_iter().filter_map(|(id, after)| match (stored.get(&id), after) {
            (Some(before), Some(after)) => {
                let parts = Parts::between(before, &after);
                (!parts.is_empty()).then(|| CsWrite::Update(Arc::unwrap_or_clone(after), parts))
            }
            (None, Some(after)) => Some(CsWrite::Insert(Arc::unwrap_or_clone(after))),
            (Some(_), None) => Some(CsWrite::Remove(id)),
            (None, None) => None,
        });
        let mv = mv.into_iter().map(|(id, after)| match after {
            Some(object) => MvWrite::Put(Arc::unwrap_or_clone(object)),
            None => MvWrite::Remove(id),
        });
        let steady = self.steady.into_values().collect();
        let (cs, mv) = (cs.collect(), mv.collect());
        (Batch { cs, mv, steady, errors: self.errors, ..Batch::default() }, recent)
    }
}

/// True for an object that is gone and new again under the same anchor.
fn is_replaced(object: &CsObject) -> bool {
    let operation = object.pending_import.as_ref().map(|pending| pending.operation);
    operation == Some(ImportOperation::DeleteAdd)
}

fn flatten(question: Question, into: &mut BTreeSet<Question>) {
    match question {
        Question::Several(questions) => {
            questions.into_iter().for_each(|question| flatten(question, into));
        }
        single => {
            into.insert(single);
        }
    }
}

/// The object under its final id.
fn with_id(object: Arc<CsObject>, id: CsId) -> Arc<CsObject> {
    if object.id == id {
        return object;
    }
    Arc::new(CsObject { id, ..Arc::unwrap_or_clone(object) })
}
