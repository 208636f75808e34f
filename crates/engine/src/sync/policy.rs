//! Which outbound rules apply to a metaverse object.
//!
//! A rule applies to the objects in its scope, or, where policies apply it, to those that have an
//! expected rule entry for it; without an entry it neither gives nor takes. One that depends on
//! another rule applies only where that one has been applied: it applies itself, and an import has
//! shown its object. Until then the rule waits, as if it did not exist: it moves no value and lets
//! go of nothing, so that an account that is made anew does not cost what others made of it.

use std::sync::Arc;

use model::Name;
use rules::{Applies, Rule};
use store::{CsObject, MvObject};

use super::draft::connector_of;
use super::entries::{Action, Entries};
use super::view::MvView;
use crate::setup::Policy;

/// How a rule stands to a metaverse object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It applies.
    Applies,
    /// It does nothing for now.
    Waits,
    /// The object is out of its scope, or a policy has taken the rule from it.
    OutOfScope,
    /// No policy has given it to the object, or none that is still known.
    Unconcerned,
}

/// A metaverse object as rules judge it.
pub(super) struct Judged<'a> {
    policy: Policy<'a>,
    view: MvView<'a>,
    linked: &'a [Arc<CsObject>],
    entries: &'a Entries,
}

impl<'a> Judged<'a> {
    /// `linked` is what is linked to `object`, `entries` what policies ask of it.
    pub(super) fn new(
        policy: Policy<'a>,
        object: &'a MvObject,
        linked: &'a [Arc<CsObject>],
        entries: &'a Entries,
    ) -> Self {
        Self { policy, view: MvView::new(object), linked, entries }
    }

    /// How a rule stands to the object.
    pub(super) fn standing(&self, rule: &Rule) -> Standing {
        let mut passed = vec![&rule.name];
        let mut at = rule;
        let mut waits = false;
        loop {
            match at.applies {
                Applies::Filter if at.scope.holds(&self.view) => {}
                Applies::Filter => return Standing::OutOfScope,
                Applies::Policy => match self.entries.action(&at.name) {
                    Some(Action::Add) => {}
                    Some(Action::Remove) => return Standing::OutOfScope,
                    None => return Standing::Unconcerned,
                },
            }
            let Some(name) = &at.depends_on else { break };
            // Of rules on their way through the metaverse one may be missing, or still be older.
            let dependency = self.policy.rules.get(name);
            let Some(dependency) = dependency.filter(|_| !passed.contains(&name)) else {
                return Standing::Waits;
            };
            passed.push(name);
            waits |= !self.has_object_of(dependency);
            at = dependency;
        }
        if waits { Standing::Waits } else { Standing::Applies }
    }

    /// True if an import has shown an object that a rule writes to. One that is gone counts until
    /// its own synchronization.
    fn has_object_of(&self, rule: &Rule) -> bool {
        let Some(setup) = self.policy.setup.connector(&rule.connector) else { return false };
        self.linked.iter().any(|cs| {
            connector_of(cs.id) == setup.id
                && cs.object_type == rule.object
                && (cs.imported.is_some() || cs.is_gone())
        })
    }
}

/// The rules for one place by their standing.
#[derive(Debug, Default)]
pub(super) struct Standings<'a> {
    /// Those that apply.
    pub(super) in_scope: Vec<&'a Rule>,
    /// Those whose scope the object is out of.
    pub(super) out_of_scope: Vec<&'a Rule>,
    /// True if some do nothing for now.
    pub(super) any_waits: bool,
}

impl<'a> Standings<'a> {
    /// Judges rules.
    pub(super) fn of(judged: &Judged<'_>, rules: &[&'a Rule]) -> Self {
        let mut standings = Self::default();
        for rule in rules.iter().copied() {
            match judged.standing(rule) {
                Standing::Applies => standings.in_scope.push(rule),
                Standing::OutOfScope => standings.out_of_scope.push(rule),
                Standing::Waits => standings.any_waits = true,
                Standing::Unconcerned => {}
            }
        }
        standings
    }
}

/// Rules that depend on ones that do not exist, each with the name it waits for.
pub(crate) fn dangling(rules: &rules::RuleSet) -> impl Iterator<Item = (&Name, &Name)> {
    rules.iter().filter_map(|rule| {
        let dependency = rule.depends_on.as_ref()?;
        rules.get(dependency).is_none().then_some((&rule.name, dependency))
    })
}
