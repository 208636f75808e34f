//! What the relationships of rules find for an object, whatever its state: the candidates that the
//! account joiner shows.

use expr::Input as _;
use model::{MvId, Name, Values};
use store::{CsObject, MvObject, Store, StoreError};

use super::view::CsView;
use crate::setup::{ConnectorSetup, Policy};

/// A pair of a relationship with what was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchedPair {
    /// The metaverse attribute.
    pub metaverse: Name,
    /// The object's attribute.
    pub object: Name,
    /// Its values; without one nothing is found.
    pub values: Option<Values>,
}

/// What one rule's relationship finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinCandidates {
    /// The rule.
    pub rule: Name,
    /// The metaverse type that it joins.
    pub metaverse: Name,
    /// The rule applies to the object.
    pub is_in_scope: bool,
    /// What was looked for.
    pub pairs: Vec<SearchedPair>,
    /// What was found, in order of id.
    pub found: Vec<MvObject>,
}

/// Asks the relationships of every inbound rule for objects of this type, in order of rank.
pub(crate) async fn candidates(
    store: &dyn Store,
    policy: Policy<'_>,
    setup: &ConnectorSetup,
    object: &CsObject,
) -> Result<Vec<JoinCandidates>, StoreError> {
    let Some(imported) = &object.imported else { return Ok(Vec::new()) };
    let view = CsView::new(imported, &object.dn);
    let rules = policy.rules.inbound(&setup.name, &object.object_type);
    let mut all = Vec::new();
    for rule in rules.iter().filter(|rule| !rule.relationship.is_empty()) {
        let mut found: Option<Vec<MvId>> = None;
        let mut pairs = Vec::new();
        for pair in &rule.relationship {
            let values = view.attribute(&pair.object).cloned();
            let wanted: Vec<_> = values.iter().flatten().cloned().collect();
            let holders = store.find_mv_by_value(&rule.metaverse, &pair.metaverse, &wanted).await?;
            let mut holders: Vec<MvId> = holders.into_iter().flatten().collect();
            if pair.case_sensitive {
                let exact = |object: &MvObject| {
                    let there = object.values(&pair.metaverse);
                    there.is_none_or(|there| wanted.iter().any(|value| there.contains(value)))
                };
                let objects = store.load_mv(&holders).await?;
                holders = objects.iter().filter(|o| exact(o)).map(|object| object.id).collect();
            }
            found = Some(match found {
                None => holders,
                Some(before) => before.into_iter().filter(|id| holders.contains(id)).collect(),
            });
            let (metaverse, object) = (pair.metaverse.clone(), pair.object.clone());
            pairs.push(SearchedPair { metaverse, object, values });
        }
        let mut found = found.unwrap_or_default();
        found.sort_unstable();
        found.dedup();
        all.push(JoinCandidates {
            rule: rule.name.clone(),
            metaverse: rule.metaverse.clone(),
            is_in_scope: rule.scope.holds(&view),
            pairs,
            found: store.load_mv(&found).await?,
        });
    }
    Ok(all)
}
