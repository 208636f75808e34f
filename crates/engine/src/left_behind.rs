//! What rules left behind that the configuration does not have any more: objects stay linked by
//! them, and values stay until a full synchronization recalls them.

use std::collections::{BTreeMap, BTreeSet};

use model::Name;
use store::{Scope, StoreError};

use crate::engine::Engine;

/// Objects that one page of the stock-taking covers: little memory, few queries.
const PAGE: usize = 1_000;

/// What one rule left behind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LeftBehind {
    /// Objects of connector spaces that are linked by it.
    pub objects: u64,
    /// Attributes of metaverse objects whose values came by it.
    pub values: u64,
}

impl Engine {
    /// By name, the rules that are not in the configuration and still have something in the store.
    /// Looks at every object.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn left_behind(&self) -> Result<BTreeMap<Name, LeftBehind>, StoreError> {
        let deployment = &self.setup.deployment;
        let builtin = deployment.builtin_rules().into_iter().map(|rule| rule.name);
        let known: BTreeSet<Name> = deployment.rules.keys().cloned().chain(builtin).collect();
        let mut left: BTreeMap<Name, LeftBehind> = BTreeMap::new();
        for connector in self.setup.connectors.keys() {
            let mut after = None;
            loop {
                let page = self.store.page_cs(*connector, after, PAGE, Scope::All).await?;
                let Some(last) = page.last() else { break };
                after = Some(last.id);
                let linked = page.into_iter().filter_map(|object| object.linked_by);
                for rule in linked.filter(|rule| !known.contains(rule)) {
                    left.entry(rule).or_default().objects += 1;
                }
            }
        }
        let mut after = None;
        loop {
            let page = self.store.page_mv(None, after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            let held = page.into_iter().flat_map(|object| object.attributes.into_values());
            let rules = held.map(|attribute| attribute.lineage.rule);
            for rule in rules.filter(|rule| !known.contains(rule)) {
                left.entry(rule).or_default().values += 1;
            }
        }
        Ok(left)
    }
}
