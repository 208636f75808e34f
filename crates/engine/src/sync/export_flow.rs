//! Export attribute flow: the values that rules want an object of a connected system to have.

use std::collections::{BTreeMap, BTreeSet};

use expr::Random;
use model::{Attributes, CsId, Name, Value, Values};
use rules::{Flow, Rule};
use store::{CsObject, ExportChange, ExportValue, MvObject};

use super::draft::{Draft, PlanError, Stop};
use super::evaluate::{Outcome, Surroundings, evaluate, failure};
use super::names::Names;
use super::provision::Target;
use super::random::{NoRandom, SeededRandom};
use super::references::{self, Unclear, is_reference_flow};
use super::trace::{ExportFlow, Given};
use super::view::{CsView, MvView};
use crate::convert::{ConvertError, convert};

/// The error of a reference whose target has several objects; the spelling is MIM's.
const AMBIGUOUS_REFERENCE: &str = "ambigous-reference-value-for-export-flow";
/// The target that names an object.
const DN: &str = "dn";

/// What the rules want.
pub(super) struct Desired {
    /// The DN, if a flow to it applies.
    pub(super) dn: Option<String>,
    /// The attributes.
    pub(super) changes: BTreeMap<Name, ExportChange>,
    /// The strongest rule.
    pub(super) cause: Name,
    /// Flows that are as if they did not exist: target and rule.
    pub(super) ignored: BTreeSet<(Name, Name)>,
    /// Keys of the names of referred objects that will be renamed, with those of their new names.
    pub(super) renamed: BTreeMap<String, String>,
    /// The flows as a preview shows them; none where nobody listens.
    pub(super) traced: Vec<ExportFlow>,
    /// Targets that weaker flows can no longer change.
    decided: BTreeSet<Name>,
}

impl Desired {
    /// What a flow has given.
    fn trace(&self, rule: &Rule, flow: &Flow, is_asked: bool) -> ExportFlow {
        let own = self.changes.get(&flow.to).filter(|change| change.rule == rule.name);
        let given = match own.map(|change| &change.value) {
            _ if !is_asked => Given::NotAsked,
            Some(ExportValue::Set(values)) => Given::Values(values.clone()),
            Some(ExportValue::Clear) => Given::Null,
            Some(ExportValue::Secret) => Given::Secret,
            None if self.ignored.contains(&(flow.to.clone(), rule.name.clone())) => Given::Ignored,
            None => {
                let dn = self.dn.as_ref().filter(|_| flow.to == DN);
                dn.map_or(Given::Nothing, |dn| Given::Values(Values::one(Value::string(dn))))
            }
        };
        let (attribute, rule) = (flow.to.clone(), rule.name.clone());
        ExportFlow { attribute, rule, expression: flow.source.clone(), given }
    }
}

/// The object that flows go to, as it is; `None` when it is yet to be created.
pub(super) type Existing<'a> = Option<&'a CsObject>;

/// Evaluates the flows of rules in rank order; of several flows to one attribute the first with a
/// value wins. Initial flows count only for a new object, and then before persistent ones of the
/// same rule. Secrets are not evaluated here but at the moment of sending.
///
/// `random` is what initial flows draw from; it is there exactly for a new object.
pub(super) fn desired(
    draft: &Draft<'_>,
    target: &Target<'_>,
    object: &MvObject,
    existing: Existing<'_>,
    random: Option<SeededRandom>,
) -> Result<Desired, Stop> {
    let new = random.is_some();
    let nothing = Attributes::new();
    let imported = existing.and_then(|cs| cs.imported.as_ref()).unwrap_or(&nothing);
    let view = MvView::new(object);
    let around = Surroundings {
        source: &view,
        schema: draft.policy.setup.mv_schema(&object.object_type),
        confirmed: (imported, target.setup.schema.types.get(&target.object_type)),
        connector: target.setup,
        now: draft.moment.now,
    };
    let acting = target.acting();
    let disables = target.in_scope.is_empty();
    let cause = acting.first().map_or_else(|| Name::new(""), |rule| rule.name.clone());
    let desired = Desired {
        dn: None,
        changes: BTreeMap::new(),
        cause,
        ignored: BTreeSet::new(),
        renamed: BTreeMap::new(),
        traced: Vec::new(),
        decided: BTreeSet::new(),
    };
    let mut flowing = Flowing { draft, target, object, around, existing, random, desired };
    for rule in acting {
        let flows = || rule.flows.iter().filter(|flow| flow.disables == disables);
        let initial = flows().filter(|flow| flow.initial && new);
        let persistent = flows().filter(|flow| !flow.initial);
        for flow in initial.chain(persistent) {
            let is_asked = !flowing.desired.decided.contains(&flow.to);
            flowing.take(rule, flow)?;
            if draft.recorder.is_some() {
                let traced = flowing.desired.trace(rule, flow, is_asked);
                flowing.desired.traced.push(traced);
            }
        }
    }
    let mut desired = flowing.desired;
    if new {
        desired.changes.retain(|_, change| change.value != ExportValue::Clear);
    }
    Ok(desired)
}

/// The flows to one object, one after the other.
struct Flowing<'a> {
    draft: &'a Draft<'a>,
    target: &'a Target<'a>,
    object: &'a MvObject,
    around: Surroundings<'a>,
    existing: Existing<'a>,
    random: Option<SeededRandom>,
    desired: Desired,
}

impl Flowing<'_> {
    fn take(&mut self, rule: &Rule, flow: &Flow) -> Result<(), Stop> {
        if self.desired.decided.contains(&flow.to) {
            return Ok(());
        }
        let setup = self.target.setup;
        let schema = setup.schema.attribute(&self.target.object_type, &flow.to);
        if schema.is_some_and(|schema| schema.secret) {
            self.put(rule, flow, ExportValue::Secret);
            return Ok(());
        }
        if self.gives_better(flow) {
            return Ok(());
        }
        let values = match self.evaluate(rule, flow)? {
            Outcome::Value(values) => values,
            Outcome::EmptyText | Outcome::AuthoritativeNull => {
                self.clear(rule, flow);
                self.desired.decided.insert(flow.to.clone());
                return Ok(());
            }
            Outcome::Nothing => {
                if flow.allow_null {
                    self.clear(rule, flow);
                }
                return Ok(());
            }
            Outcome::Ignored => {
                self.desired.ignored.insert((flow.to.clone(), rule.name.clone()));
                return Ok(());
            }
        };
        if flow.to == DN {
            if values.len() > 1 {
                let error = ConvertError::Several { count: values.len() };
                return Err(fail(error.error_type(), failure(rule, flow, &error), rule));
            }
            self.desired.dn = values.single().map(Value::to_string);
            self.desired.decided.extend(self.desired.dn.is_some().then(|| flow.to.clone()));
            return Ok(());
        }
        let schema = schema.ok_or_else(|| {
            let message = format!(
                "{} of {} has no selected attribute {}",
                self.target.object_type, setup.name, flow.to
            );
            fail("sync-rule-flow-attribute-not-found", message, rule)
        })?;
        let converted = convert(&values, schema)
            .map_err(|error| fail(error.error_type(), failure(rule, flow, &error), rule))?;
        let led = match converted {
            Some(values) if is_reference_flow(flow, self.around.schema, schema) => {
                self.lead(rule, flow, &values)?
            }
            other => other,
        };
        match led {
            Some(values) => self.put(rule, flow, ExportValue::Set(values)),
            // Of what it refers to, nothing is in the connector space.
            None if flow.allow_null => self.clear(rule, flow),
            None => {}
        }
        Ok(())
    }

    /// References as the connected system is to hold them.
    fn lead(&mut self, rule: &Rule, flow: &Flow, values: &Values) -> Result<Option<Values>, Stop> {
        let setup = self.target.setup;
        match references::to_connector_space(self.draft, setup, values) {
            Ok(outgoing) => {
                self.desired.renamed.extend(outgoing.renamed);
                Ok(outgoing.values)
            }
            Err(Unclear::Stop(stop)) => Err(stop),
            Err(Unclear::Several(count)) => {
                let reason = format!("one it refers to has {count} objects in {}", setup.name);
                Err(fail(AMBIGUOUS_REFERENCE, failure(rule, flow, &reason), rule))
            }
        }
    }

    /// True if the object may itself give what the flow reads, by an import flow of a better rank
    /// than that of the present contributor: then it is the one to say whether there is a value.
    fn gives_better(&self, flow: &Flow) -> bool {
        let (object, policy) = (self.object, self.draft.policy);
        let present = flow.from.as_direct_attribute().and_then(|name| {
            let lineage = &object.attributes.get(name)?.lineage;
            Some((name, policy.rules.get(&lineage.rule)?))
        });
        let Some((name, contributor)) = present.filter(|_| !flow.initial) else { return false };
        let Some(cs) = self.existing else { return false };
        let Some(imported) = &cs.imported else { return false };
        let view = CsView::new(imported, &cs.dn);
        if policy.is_shared(&object.object_type, name) {
            return false;
        }
        let types = &policy.setup.deployment.metaverse.types;
        let Some(declared) = types.get(&object.object_type) else { return false };
        let inbound = policy.rules.inbound(&self.target.setup.name, &cs.object_type);
        inbound.iter().any(|rule| {
            rule.metaverse == object.object_type
                && declared.rank(name, rule) < declared.rank(name, contributor)
                && rule.flows.iter().any(|flow| flow.to == *name)
                && rule.scope.holds(&view)
        })
    }

    fn evaluate(&mut self, rule: &Rule, flow: &Flow) -> Result<Outcome, Stop> {
        let (draft, setup) = (self.draft, self.target.setup);
        let own = self.existing.map(|cs| cs.id);
        let names = Names::new(|name: &str| draft.is_name_of_other_cs(setup, own, &flow.to, name));
        let random: &mut dyn Random = match &mut self.random {
            Some(random) if flow.initial => random,
            _ => &mut NoRandom,
        };
        let result = evaluate(flow, &self.around, &|name| names.is_taken(name), random);
        names.answered()?;
        result.map_err(|error| {
            fail("sync-rule-invalid-expression", failure(rule, flow, &error.message), rule)
        })
    }

    /// A value, which weaker flows do not change, unless they add to it.
    fn put(&mut self, rule: &Rule, flow: &Flow, value: ExportValue) {
        if flow.merge.merges()
            && let ExportValue::Set(more) = &value
        {
            if let Some(change) = self.desired.changes.get_mut(&flow.to)
                && let ExportValue::Set(values) = &change.value
            {
                let joined = flow.merge.join(values.iter().chain(more));
                change.value = joined.map_or(ExportValue::Clear, ExportValue::Set);
                return;
            }
            let change = ExportChange { value, rule: rule.name.clone() };
            self.desired.changes.insert(flow.to.clone(), change);
            return;
        }
        let change = ExportChange { value, rule: rule.name.clone() };
        self.desired.changes.insert(flow.to.clone(), change);
        self.desired.decided.insert(flow.to.clone());
    }

    /// No value; a name cannot be taken from an object.
    fn clear(&mut self, rule: &Rule, flow: &Flow) {
        if flow.to != DN {
            let change = ExportChange { value: ExportValue::Clear, rule: rule.name.clone() };
            self.desired.changes.entry(flow.to.clone()).or_insert(change);
        }
    }
}

/// The object whose value a direct flow to `attribute` would carry, if it is that object's alone.
pub(super) fn contributor(
    draft: &Draft<'_>,
    object: &MvObject,
    target: &Target<'_>,
    attribute: &str,
) -> Option<CsId> {
    let disables = target.in_scope.is_empty();
    let flows = target.acting().iter().flat_map(|rule| &rule.flows);
    let mut flows = flows.filter(|flow| !flow.initial && flow.disables == disables);
    let flow = flows.find(|flow| flow.to == *attribute)?;
    let source = flow.from.as_direct_attribute()?;
    if draft.policy.is_shared(&object.object_type, source) {
        return None;
    }
    object.attributes.get(source).map(|a| a.lineage.object)
}

fn fail(error_type: &str, message: String, rule: &Rule) -> Stop {
    Stop::Fail(PlanError {
        error_type: error_type.to_owned(),
        step: "export-flow",
        message,
        rule: Some(rule.name.clone()),
    })
}
