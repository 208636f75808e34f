//! A plan in the making: one object's synchronization worked out on top of facts, nothing written.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{ConnectorId, CsId, MvId, Name, RunId, Timestamp, Value};
use store::{CsObject, CsState, ExportDelta, Hasher, Lineage, MvObject, RunError, WriteOperation};

use super::by_hand::Decision;
use super::facts::{ChangedCs, ChangedMv, Facts, JoinKey, Question, holds, set_membership};
use super::names::{NameKey, names_of};
use super::trace::{Recorder, Trace};
use crate::setup::{ConnectorSetup, Policy};

/// Why planning stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stop {
    /// A fact is missing.
    Need(Question),
    /// The object cannot be synchronized.
    Fail(PlanError),
}

impl From<Question> for Stop {
    fn from(question: Question) -> Self {
        Self::Need(question)
    }
}

/// The error of an object that several others match, where only one may.
pub(super) const AMBIGUOUS: &str = "ambiguous-join";

/// The error of an object to which several rules apply that say how it joins, where only one may.
pub(super) const SEVERAL_JOINS: &str = "multiple-join-rules-in-scope";

/// Why an object cannot be synchronized.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PlanError {
    /// The error's documented name.
    pub(super) error_type: String,
    /// The step of the pipeline.
    pub(super) step: &'static str,
    /// What is wrong, without attribute values.
    pub(super) message: String,
    /// The rule to blame.
    pub(super) rule: Option<Name>,
}

impl PlanError {
    /// The error as the history keeps it.
    pub(super) fn of_run(&self, object: CsId, name: String) -> RunError {
        RunError {
            object: Some(object),
            name,
            error_type: self.error_type.clone(),
            step: self.step.to_owned(),
            message: self.message.clone(),
            code: None,
            rule: self.rule.clone(),
        }
    }
}

impl From<PlanError> for Stop {
    fn from(error: PlanError) -> Self {
        Self::Fail(error)
    }
}

/// What one plan starts from beside the facts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment<'a> {
    /// The run.
    pub(super) run: RunId,
    /// Now.
    pub(super) now: Timestamp,
    /// What initial flows that ask for randomness start from.
    pub(super) seed: u64,
    /// What public identifiers come from.
    pub(super) hasher: &'a Hasher,
    /// The objects visited write their values anew where contributors are equals.
    pub(super) full: bool,
    /// The object's references are tried again; its pending import stays one.
    pub(super) retry: bool,
    /// What an administrator decides about the object, instead of rules.
    pub(super) decision: Option<&'a Decision>,
}

/// What a plan has looked at, to tell whether it still holds after others were carried out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Reads {
    pub(super) mv: BTreeSet<MvId>,
    pub(super) joins: BTreeSet<(Name, Name, String)>,
    pub(super) dns: BTreeSet<(ConnectorId, String)>,
    pub(super) below: BTreeSet<(ConnectorId, String)>,
    pub(super) cs: BTreeSet<CsId>,
    pub(super) names: BTreeSet<NameKey>,
    /// True if imported values of other objects were asked for.
    pub(super) values: bool,
}

/// The state of a plan in the making.
pub(super) struct Draft<'a> {
    pub(super) policy: Policy<'a>,
    pub(super) moment: Moment<'a>,
    pub(super) source: CsId,
    facts: &'a Facts,
    cs: ChangedCs,
    mv: ChangedMv,
    pub(super) outbound: Vec<(ConnectorId, &'static str)>,
    /// What an administrator has to decide, although the object could be synchronized.
    pub(super) remark: Option<PlanError>,
    /// Listens for a preview.
    pub(super) recorder: Option<&'a Recorder>,
    reads: RefCell<Reads>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(
        policy: Policy<'a>,
        facts: &'a Facts,
        moment: Moment<'a>,
        source: CsId,
    ) -> Self {
        Self {
            policy,
            moment,
            source,
            facts,
            cs: BTreeMap::new(),
            mv: BTreeMap::new(),
            outbound: Vec::new(),
            remark: None,
            recorder: None,
            reads: RefCell::default(),
        }
    }

    /// Notes something for a preview; nobody listens to ordinary plans.
    pub(super) fn record(&self, note: impl FnOnce(&mut Trace)) {
        if let Some(recorder) = self.recorder {
            recorder.record(note);
        }
    }

    /// The setup of the connector an object belongs to.
    pub(super) fn connector(&self, id: ConnectorId) -> Result<&'a ConnectorSetup, Stop> {
        self.policy.setup.connectors.get(&id).ok_or_else(|| {
            Stop::Fail(PlanError {
                error_type: "unexpected-error".to_owned(),
                step: "import-flow",
                message: format!("the connector number {} is no longer configured", id.0),
                rule: None,
            })
        })
    }

    /// True if what an object contributed goes when it is disconnected.
    pub(super) fn recalls(&self, object: CsId) -> bool {
        let setup = self.policy.setup.connectors.get(&connector_of(object));
        setup.is_none_or(|setup| setup.document.recall)
    }

    /// An object as the plan has it so far.
    pub(super) fn cs(&self, id: CsId) -> Option<Arc<CsObject>> {
        self.reads.borrow_mut().cs.insert(id);
        match self.cs.get(&id) {
            Some(changed) => changed.clone(),
            None => self.facts.cs(id).cloned(),
        }
    }

    /// A metaverse object as the plan has it so far.
    pub(super) fn mv(&self, id: MvId) -> Result<Option<Arc<MvObject>>, Stop> {
        if let Some(changed) = self.mv.get(&id) {
            return Ok(changed.clone());
        }
        self.reads.borrow_mut().mv.insert(id);
        if self.facts.is_removed(id) {
            return Ok(None);
        }
        let (object, _) = self.facts.mv(id)?;
        Ok(Some(object.clone()))
    }

    /// A metaverse object as it was before the plan, if it is known.
    pub(super) fn mv_before(&self, id: MvId) -> Option<&'a MvObject> {
        self.facts.mv.get(&id).map(Arc::as_ref)
    }

    /// An id for a metaverse object that the plan makes beside the one it projects.
    pub(super) fn reserved(&self, number: u32) -> Result<MvId, Stop> {
        Ok(self.facts.reserved(self.source, number)?)
    }

    /// The objects linked to a metaverse object, in id order, as the plan has them so far.
    pub(super) fn linked(&self, mv: MvId) -> Result<Vec<Arc<CsObject>>, Stop> {
        let mut ids: BTreeSet<CsId> = BTreeSet::new();
        let known = self.facts.mv.contains_key(&mv) || !self.mv.contains_key(&mv);
        if known && !self.facts.is_removed(mv) {
            self.reads.borrow_mut().mv.insert(mv);
            ids.extend(self.facts.mv(mv)?.1);
        }
        ids.extend(self.cs.keys());
        let mut linked = Vec::new();
        for id in ids {
            match self.cs.get(&id) {
                Some(Some(object)) if object.state.mv() == Some(mv) => linked.push(object.clone()),
                Some(_) => {}
                None => linked.extend(self.facts.cs(id).cloned()),
            }
        }
        Ok(linked)
    }

    /// The metaverse objects that hold a value, as the plan has them so far.
    pub(super) fn join(&self, key: &JoinKey) -> Result<Vec<MvId>, Stop> {
        let normal = key.normalised();
        self.reads.borrow_mut().joins.insert(normal.clone());
        let mut found = self.facts.join(key)?.clone();
        for (id, changed) in &self.mv {
            let holds = changed.as_ref().is_some_and(|mv| holds(mv, &normal));
            set_membership(&mut found, *id, holds);
        }
        Ok(found.into_iter().collect())
    }

    /// The objects of a connector space at a DN, as the plan has them so far.
    pub(super) fn at_dn(
        &self,
        connector: ConnectorId,
        key: &str,
    ) -> Result<Vec<Arc<CsObject>>, Stop> {
        self.reads.borrow_mut().dns.insert((connector, key.to_owned()));
        let mut ids = self.facts.dn(connector, key)?.clone();
        ids.extend(self.cs.keys().filter(|id| is_in(**id, connector)));
        let objects: Vec<Arc<CsObject>> = ids.into_iter().filter_map(|id| self.cs(id)).collect();
        Ok(objects.into_iter().filter(|object| object.dn_key == key).collect())
    }

    /// Asks for the objects at DNs, all at once, as far as they are not known.
    pub(super) fn know_dns(&self, connector: ConnectorId, keys: &[String]) -> Result<(), Stop> {
        ask_for(keys.iter().filter_map(|key| self.facts.dn(connector, key).err()))
    }

    /// Asks for the metaverse objects that hold values, all at once, as far as they are not known.
    pub(super) fn know_joins(&self, keys: &[JoinKey]) -> Result<(), Stop> {
        ask_for(keys.iter().filter_map(|key| self.facts.join(key).err()))
    }

    /// Asks for metaverse objects with what is linked to them, all at once, as far as they are not
    /// known.
    pub(super) fn know_mvs(&self, ids: &[MvId]) -> Result<(), Stop> {
        let stored =
            ids.iter().filter(|id| !self.mv.contains_key(id) && !self.facts.is_removed(**id));
        ask_for(stored.filter_map(|id| self.facts.mv(*id).err()))
    }

    /// The objects of a connector space below a DN that are there to stay, as the plan has them so
    /// far: not those that are gone or to be deleted, nor placeholders.
    pub(super) fn staying_below(
        &self,
        connector: ConnectorId,
        key: &str,
    ) -> Result<Vec<Arc<CsObject>>, Stop> {
        self.reads.borrow_mut().below.insert((connector, key.to_owned()));
        let mut ids = self.facts.below(connector, key)?.clone();
        ids.extend(self.cs.keys().filter(|id| is_in(**id, connector)));
        let objects = ids.into_iter().filter_map(|id| self.cs(id));
        let stays = |object: &Arc<CsObject>| {
            let export = &object.export;
            let mut stages = [&export.pending, &export.escrow, &export.unconfirmed].into_iter();
            let leaves = |delta: &ExportDelta| delta.operation == WriteOperation::Delete;
            model::keys_above(&object.dn_key).any(|above| above == key)
                && object.state != CsState::Placeholder
                && !object.is_gone()
                && !stages.any(|delta| delta.as_ref().is_some_and(leaves))
        };
        Ok(objects.filter(stays).collect())
    }

    /// The objects of a connector space that hold a value.
    pub(super) fn with_value(
        &self,
        connector: ConnectorId,
        key: &JoinKey,
    ) -> Result<Vec<Arc<CsObject>>, Stop> {
        self.reads.borrow_mut().values = true;
        let ids = self.facts.cs_value(connector, key)?.clone();
        Ok(ids.into_iter().filter_map(|id| self.cs(id)).collect())
    }

    /// True if another metaverse object has this name in the attribute, of whatever type it is.
    pub(super) fn is_name_of_other_mv(
        &self,
        own: MvId,
        attribute: &Name,
        name: &str,
    ) -> Result<bool, Stop> {
        let types = &self.policy.setup.deployment.metaverse.types;
        let types = types.iter().filter(|(_, found)| found.attributes.contains_key(attribute));
        for (object_type, _) in types {
            let key = JoinKey {
                object_type: object_type.clone(),
                attribute: attribute.clone(),
                value: Value::string(name),
            };
            if self.join(&key)?.iter().any(|id| *id != own) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// True if another object of the connector space has this name in the attribute, or will have
    /// it by an export.
    pub(super) fn is_name_of_other_cs(
        &self,
        connector: &ConnectorSetup,
        own: Option<CsId>,
        attribute: &Name,
        name: &str,
    ) -> Result<bool, Stop> {
        if *attribute == "dn" {
            let there = self.at_dn(connector.id, &connector.dn_style.key(name))?;
            let is_other = |cs: &Arc<CsObject>| Some(cs.id) != own;
            return Ok(there.iter().any(|cs| is_other(cs) && cs.state != CsState::Placeholder));
        }
        let key = (connector.id, attribute.clone(), store::join_key(&Value::string(name)));
        self.reads.borrow_mut().names.insert(key.clone());
        let mut ids = self.facts.holders(&key)?.clone();
        ids.extend(self.cs.keys().filter(|id| is_in(**id, connector.id)));
        let others = ids.into_iter().filter(|id| Some(*id) != own);
        let mut there = others.filter_map(|id| self.cs(id)).filter(|cs| !cs.is_gone());
        Ok(there.any(|cs| names_of(&cs, attribute).contains(&key.2)))
    }

    /// What the plan has looked at so far; forgotten with that.
    pub(super) fn take_reads(&self) -> Reads {
        self.reads.take()
    }

    /// Puts an object as it shall be.
    pub(super) fn put_cs(&mut self, object: CsObject) {
        self.cs.insert(object.id, Some(Arc::new(object)));
    }

    /// Takes an object away.
    pub(super) fn remove_cs(&mut self, id: CsId) {
        self.cs.insert(id, None);
    }

    /// Puts a metaverse object as it shall be.
    pub(super) fn put_mv(&mut self, object: MvObject) {
        self.mv.insert(object.id, Some(Arc::new(object)));
    }

    /// Takes a metaverse object away.
    pub(super) fn remove_mv(&mut self, id: MvId) {
        self.mv.insert(id, None);
    }

    /// A provisional id for an object that the plan creates: negative sequences do not exist, so
    /// the connector's number is kept in the id's high bits below zero.
    pub(super) fn new_cs_id(&self, connector: ConnectorId) -> CsId {
        let created = self.cs.keys().filter(|id| is_provisional(**id)).count();
        let number = u32::try_from(created + 1).unwrap_or(u32::MAX);
        CsId(-CsId::new(connector, number).0)
    }

    /// The changes, dropping those that change nothing.
    pub(super) fn into_changes(self) -> (ChangedCs, ChangedMv) {
        let facts = self.facts;
        let cs = self.cs.into_iter().filter(|(id, after)| facts.cs(*id) != after.as_ref());
        let mv = self.mv.into_iter().filter(|(id, after)| facts.mv.get(id) != after.as_ref());
        (cs.collect(), mv.collect())
    }

    /// Lineage of a value that `object` contributes through `rule`.
    pub(super) fn lineage(&self, object: CsId, rule: &Name) -> Lineage {
        Lineage { object, rule: rule.clone(), run: self.moment.run, at: self.moment.now }
    }

    /// An empty export delta.
    pub(super) fn delta(
        &self,
        operation: WriteOperation,
        mv: Option<MvId>,
        cause: &Name,
    ) -> ExportDelta {
        ExportDelta {
            operation,
            new_dn: None,
            changes: BTreeMap::new(),
            mv,
            cause: cause.clone(),
            run: self.moment.run,
        }
    }

    /// Unlinks an object; its new state is `state`.
    pub(super) fn unlink(&mut self, object: &mut CsObject, state: CsState) {
        object.state = state;
        object.linked_by = None;
        self.put_cs(object.clone());
    }
}

fn ask_for(missing: impl Iterator<Item = Question>) -> Result<(), Stop> {
    let missing: Vec<Question> = missing.collect();
    if missing.is_empty() { Ok(()) } else { Err(Stop::Need(Question::Several(missing))) }
}

/// True for ids that a plan gave to objects it creates.
pub(super) const fn is_provisional(id: CsId) -> bool {
    id.0 < 0
}

/// The connector of a stored or provisional id.
pub(crate) const fn connector_of(id: CsId) -> ConnectorId {
    if is_provisional(id) { CsId(-id.0).connector() } else { id.connector() }
}

fn is_in(id: CsId, connector: ConnectorId) -> bool {
    connector_of(id) == connector
}
