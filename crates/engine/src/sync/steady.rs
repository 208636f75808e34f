//! What need not be synchronized again: a plan that changes nothing and depends on nothing but one
//! metaverse object and what is linked to it shows that the next one would change nothing either.
//!
//! The store keeps that with a stamp of everything else a plan depends on, and forgets it as soon as
//! one of these objects is written. What looks at other objects (references, names that must be
//! unique, objects that could be connected) or at the clock is never steady.

use std::collections::BTreeSet;

use model::{ConnectorId, CsId, MvId, Name};
use rules::{Direction, Rule};
use store::{ConnectorKind, CsObject, CsState, Hasher, Steady};

use super::draft::Reads;
use super::facts::Facts;
use super::plan::Plan;
use super::view::CsView;
use crate::counters::{inbound, outbound};
use crate::setup::Policy;

/// Goes up whenever a plan may come out differently for the same objects, rules and configuration.
const PLANNING: u32 = 1;

/// By what steadiness is found out in one step.
#[derive(Debug)]
pub(super) struct Steadiness<'a> {
    policy: Policy<'a>,
    /// Stands for rules, configuration and program.
    pub(super) stamp: u64,
    /// The metaverse types that flows with other inputs than objects lead to or come from.
    varying: BTreeSet<Name>,
}

impl<'a> Steadiness<'a> {
    /// `rules_version` is that of the rules in force.
    pub(super) fn new(policy: Policy<'a>, rules_version: &str, hasher: &Hasher) -> Self {
        let program = env!("CARGO_PKG_VERSION");
        let text = format!("{program} {PLANNING} {rules_version} {:?}", policy.setup);
        let varying = policy.rules.iter().filter(|rule| varies(rule));
        let mut varying: BTreeSet<Name> = varying.map(|rule| rule.metaverse.clone()).collect();
        let types = policy.setup.deployment.metaverse.types.iter();
        // Among equals the object being synchronized wins.
        let with_equals = types.filter(|(_, of)| of.precedence.keys().any(|to| of.is_equal(to)));
        varying.extend(with_equals.map(|(name, _)| name.clone()));
        Self { policy, stamp: hasher.text(&text), varying }
    }

    /// The connectors whose export flow a plan worked out to no change, if it depends on nothing but
    /// one metaverse object and what is linked to it, and takes no more than the notes of `source`
    /// away.
    pub(super) fn unchanging(plan: &Plan, source: CsId) -> Option<Vec<ConnectorId>> {
        let Plan { counter, outbound, cs, mv, error, reads } = plan;
        let Reads { mv: read, joins, dns, below, cs: _, names, values } = reads;
        let is_alone = joins.is_empty()
            && dns.is_empty()
            && below.is_empty()
            && names.is_empty()
            && !values
            && read.len() == 1;
        let changes_nothing = *counter == Some(inbound::CONNECTOR_NO_FLOW)
            && outbound.iter().all(|(_, counter)| *counter == outbound::NO_FLOW)
            && cs.keys().all(|changed| *changed == source)
            && mv.is_empty()
            && error.is_none();
        (is_alone && changes_nothing).then(|| outbound.iter().map(|(to, _)| *to).collect())
    }

    /// What follows from such a plan of `source` once it has been carried out.
    pub(super) fn find(
        &self,
        facts: &Facts,
        source: CsId,
        targets: Vec<ConnectorId>,
    ) -> Option<Steady> {
        let mv = facts.cs(source)?.state.mv()?;
        let (object, links) = facts.mv(mv).ok()?;
        let has_nothing_to_do = |id: &CsId| {
            facts.cs(*id).is_some_and(|cs| {
                self.has_nothing_to_do(cs, mv) && (*id == source || !self.may_be_loose(cs))
            })
        };
        let is_steady =
            !self.varying.contains(&object.object_type) && links.iter().all(has_nothing_to_do);
        is_steady.then_some(Steady { mv, stamp: self.stamp, targets })
    }

    /// True if what becomes of an object's link depends on rules that only its own plan asks.
    fn may_be_loose(&self, cs: &CsObject) -> bool {
        let rule = cs.linked_by.as_ref().and_then(|rule| self.policy.rules.get(rule));
        rule.is_some_and(|rule| rule.direction == Direction::Inbound && rule.link.is_some())
    }

    /// True if an object's own state gives synchronization nothing to do but the flows of its
    /// metaverse object.
    fn has_nothing_to_do(&self, cs: &CsObject, mv: MvId) -> bool {
        let Some(setup) = self.policy.setup.connectors.get(&cs.id.connector()) else {
            return false;
        };
        let CsState::Connector { mv: of, kind } = cs.state else { return false };
        let has_notes = cs.pending_import.is_some()
            || cs.import_error.is_some()
            || cs.needs_sync
            || cs.reference_retry
            || cs.is_transient();
        let alternatives = setup.document.filters.get(&cs.object_type);
        let is_filtered = cs.imported.as_ref().is_some_and(|imported| {
            let view = CsView::new(imported, &cs.dn);
            alternatives.into_iter().flatten().any(|scope| scope.holds(&view))
        });
        of == mv && !has_notes && (kind == ConnectorKind::Explicit || !is_filtered)
    }
}

/// True for rules with flows that may give something else for the same objects.
fn varies(rule: &Rule) -> bool {
    let persistent = rule.flows.iter().filter(|flow| !flow.initial);
    let mut all = persistent.chain(&rule.existence_tests);
    all.any(|flow| flow.from.reads_clock() || flow.from.is_random() || flow.from.asks_others())
}
