//! How a plan came about: what was asked, what was found and who gave what, for a preview. Ordinary
//! plans record nothing.

use std::cell::RefCell;

use expr::Input;
use model::{CsId, MvId, Name, Values};
use rules::{Condition, DeletionRule, Deprovisioning, Flow, Relationship, Rule, ScopeGroup};

use super::candidates::SearchedPair;
use super::draft::Stop;
use super::evaluate::Outcome;

/// A condition with what it was tested on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tested {
    /// The condition.
    pub condition: Condition,
    /// The values of its attribute.
    pub values: Option<Values>,
    /// It holds.
    pub holds: bool,
}

/// A rule with the conditions of its scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeTest {
    /// The rule.
    pub rule: Name,
    /// The rule creates what is missing.
    pub creates: bool,
    /// Its groups of conditions, of one of which all have to hold; without groups everything is in
    /// scope.
    pub groups: Vec<Vec<Tested>>,
    /// True if the rule applies: its scope holds, or a policy has given it to the object, and a rule
    /// that it depends on has been applied.
    pub applies: bool,
}

impl ScopeTest {
    /// True if the object is in the rule's scope.
    #[must_use]
    pub fn is_in_scope(&self) -> bool {
        self.applies
    }

    /// The first condition of each group that does not hold; none if the object is in scope, or if it
    /// is something else than the scope that keeps the rule from it.
    #[must_use]
    pub fn unmet(&self) -> Vec<&Tested> {
        if self.is_in_scope() {
            return Vec::new();
        }
        let unmet = |group: &'_ Vec<Tested>| group.iter().position(|tested| !tested.holds);
        let first = self.groups.iter().filter_map(|group| group.get(unmet(group)?));
        first.collect()
    }

    pub(super) fn of(rule: &Rule, object: &dyn Input) -> Self {
        let groups = rule.scope.any.iter().map(|group| test(group, object)).collect();
        let applies = rule.scope.holds(object);
        Self { rule: rule.name.clone(), creates: rule.creates, groups, applies }
    }
}

/// What one rule's relationship, or join rule, found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinAttempt {
    /// The rule.
    pub rule: Name,
    /// What was looked for.
    pub pairs: Vec<SearchedPair>,
    /// The candidates: one joins, several are ambiguous.
    pub found: Vec<MvId>,
}

impl JoinAttempt {
    pub(super) fn of(
        rule: &Name,
        pairs: &[Relationship],
        object: &dyn Input,
        found: &[MvId],
    ) -> Self {
        let pairs = pairs.iter().map(|pair| SearchedPair {
            metaverse: pair.metaverse.clone(),
            object: pair.object.clone(),
            values: object.attribute(&pair.object).cloned(),
        });
        Self { rule: rule.clone(), pairs: pairs.collect(), found: found.to_vec() }
    }
}

/// What a flow gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// These values.
    Values(Values),
    /// A secret, which is drawn when it is sent.
    Secret,
    /// Nothing; weaker flows may know better.
    Nothing,
    /// No value, whatever weaker flows say.
    Null,
    /// As if the flow did not exist.
    Ignored,
    /// It was not asked: a stronger flow had given something.
    NotAsked,
    /// It failed.
    Failed(String),
}

impl Given {
    pub(super) fn of(outcome: &Result<Outcome, Stop>) -> Option<Self> {
        Some(match outcome {
            Ok(Outcome::Value(values)) => Self::Values(values.clone()),
            Ok(Outcome::Nothing | Outcome::EmptyText) => Self::Nothing,
            Ok(Outcome::Ignored) => Self::Ignored,
            Ok(Outcome::AuthoritativeNull) => Self::Null,
            Err(Stop::Fail(error)) => Self::Failed(error.message.clone()),
            Err(Stop::Need(_)) => return None,
        })
    }
}

/// One import flow of one linked object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contribution {
    /// The metaverse object.
    pub mv: MvId,
    /// Its attribute.
    pub attribute: Name,
    /// The linked object.
    pub object: CsId,
    /// The rule.
    pub rule: Name,
    /// The flow's expression.
    pub expression: String,
    /// What it gave.
    pub given: Given,
}

impl Contribution {
    pub(super) fn of(
        (mv, object): (MvId, CsId),
        (rule, flow): (&Rule, &Flow),
        outcome: &Result<Outcome, Stop>,
    ) -> Option<Self> {
        let given = Given::of(outcome)?;
        let (attribute, rule) = (flow.to.clone(), rule.name.clone());
        Some(Self { mv, attribute, object, rule, expression: flow.source.clone(), given })
    }
}

/// One export flow to one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportFlow {
    /// The attribute, or `dn`.
    pub attribute: Name,
    /// The rule.
    pub rule: Name,
    /// The flow's expression.
    pub expression: String,
    /// What it gave.
    pub given: Given,
}

/// What the outbound rules of one connector and object type want.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provisioning {
    /// The metaverse object.
    pub mv: MvId,
    /// The connector.
    pub connector: Name,
    /// The object type.
    pub object_type: Name,
    /// The rules, by rank.
    pub rules: Vec<ScopeTest>,
    /// Objects there that are linked already.
    pub linked: usize,
}

/// An object that was there and was linked because an outbound rule wants one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connected {
    /// The object.
    pub object: CsId,
    /// The rule.
    pub rule: Name,
}

/// What the deletion rule said after an object was cut off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletionTest {
    /// The metaverse object.
    pub mv: MvId,
    /// The connector of the object that was cut off.
    pub connector: Name,
    /// The rule of its type.
    pub rule: DeletionRule,
    /// Objects that are still linked.
    pub links: usize,
    /// The metaverse object goes.
    pub deletes: bool,
}

impl DeletionTest {
    /// The result in MIM's words.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match (&self.rule, self.deletes) {
            (_, true) => "delete",
            (DeletionRule::Any { .. }, false) => "dont-delete-wrong-ma",
            (DeletionRule::Last { .. }, false) => "dont-delete-not-last",
        }
    }
}

/// An object that was let go by its connector's option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deprovisioned {
    /// The object.
    pub object: CsId,
    /// The rule, or what else caused it.
    pub cause: Name,
    /// The connector's option.
    pub option: Deprovisioning,
}

/// Everything that was recorded, in the order of the pipeline.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace {
    /// The alternatives of the connector filter; `None` where it is not asked.
    pub filter: Option<Vec<Vec<Tested>>>,
    /// The scopes of the inbound rules.
    pub inbound: Vec<ScopeTest>,
    /// The joins that were tried, in order.
    pub joins: Vec<JoinAttempt>,
    /// The rule that projected the object.
    pub projection: Option<Name>,
    /// The import flows of everything linked.
    pub import_flow: Vec<Contribution>,
    /// Objects that were found and connected.
    pub connected: Vec<Connected>,
    /// Outbound rules, by connector and object type.
    pub provisioning: Vec<Provisioning>,
    /// The export flows to each object; the id of one that would be made is below zero.
    pub export_flow: Vec<(CsId, Vec<ExportFlow>)>,
    /// Answers of deletion rules.
    pub deletions: Vec<DeletionTest>,
    /// Objects that were let go.
    pub deprovisioned: Vec<Deprovisioned>,
}

/// Records a plan in the making.
#[derive(Debug, Default)]
pub(super) struct Recorder(RefCell<Trace>);

impl Recorder {
    pub(super) fn record(&self, note: impl FnOnce(&mut Trace)) {
        note(&mut self.0.borrow_mut());
    }

    pub(super) fn into_trace(self) -> Trace {
        self.0.into_inner()
    }
}

/// The conditions of a group tested one by one.
pub(super) fn test(group: &ScopeGroup, object: &dyn Input) -> Vec<Tested> {
    let conditions = group.all.iter().map(|condition| Tested {
        condition: condition.clone(),
        values: object.attribute(&condition.attribute).cloned(),
        holds: condition.holds(object),
    });
    conditions.collect()
}
