//! Names below renamed containers.
//!
//! A connected system that renames a container seldom tells of what lies in it: these names change
//! because they end with the container's. So they change here in the same transaction, without an
//! import of their own being pending, and synchronization looks at the objects again, since flows and
//! filters may read names. What this very read has shown whole is right as it is.

use std::collections::{BTreeMap, BTreeSet};

use model::{CsId, DnStyle, Image};
use store::{CsObject, TRANSIENT_DN_KEY};

use super::read::Import;
use crate::error::StepError;

/// A container's names.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Move {
    old: String,
    new: String,
    /// Another object had its name, and so what lay in it has none either.
    was_transient: bool,
}

/// Containers that were renamed, by the keys of their old names.
#[derive(Debug, Default)]
pub(super) struct Moves(BTreeMap<String, Move>);

impl Moves {
    /// What images say of known objects.
    pub(super) fn of<'a>(
        known: impl Iterator<Item = (&'a CsObject, &'a Image)>,
        style: DnStyle,
    ) -> Self {
        if style != DnStyle::Ldap {
            return Self::default();
        }
        let renamed =
            known.filter(|(before, image)| before.imported.is_some() && before.dn != image.dn);
        let moves = renamed.map(|(before, image)| {
            let (old, new) = (before.dn.clone(), image.dn.clone());
            (style.key(&old), Move { old, new, was_transient: before.is_transient() })
        });
        Self(moves.collect())
    }

    /// The name of an object that lay in one of them; `None` for others.
    pub(super) fn name(&self, dn: &str) -> Option<String> {
        self.found(dn).and_then(|container| model::follow(dn, &container.old, &container.new))
    }

    fn found(&self, dn: &str) -> Option<&Move> {
        if self.0.is_empty() {
            return None;
        }
        model::keys_above(&DnStyle::Ldap.key(dn)).find_map(|key| self.0.get(key))
    }

    /// The object under its new name; `None` if it lay in none of them.
    fn followed(&self, before: &CsObject) -> Option<CsObject> {
        let container = self.found(&before.dn)?;
        if (before.dn_key == TRANSIENT_DN_KEY) != container.was_transient {
            return None;
        }
        let dn = model::follow(&before.dn, &container.old, &container.new)?;
        let mut object = CsObject { dn_key: DnStyle::Ldap.key(&dn), dn, ..before.clone() };
        let undone = object.pending_import.as_mut().and_then(|pending| pending.undo.dn.as_mut());
        let export = &mut object.export;
        let stages = [&mut export.pending, &mut export.escrow, &mut export.unconfirmed];
        let planned = stages.into_iter().flatten().filter_map(|delta| delta.new_dn.as_mut());
        for name in planned.chain(undone) {
            if let Some(new) = self.name(name) {
                *name = new;
            }
        }
        object.needs_sync |= object.imported.is_some() && object.pending_import.is_none();
        Some(object)
    }
}

impl Import<'_, '_> {
    /// What lies in renamed containers, as it was and as it is; `settled` are objects whose names
    /// are known.
    pub(super) async fn followed(
        &self,
        moves: &Moves,
        settled: &BTreeSet<CsId>,
    ) -> Result<Vec<(CsObject, CsObject)>, StepError> {
        if moves.0.is_empty() {
            return Ok(Vec::new());
        }
        let (store, connector) = (self.run.store, self.setup.id);
        let keys: Vec<String> = moves.0.keys().cloned().collect();
        let below = store.find_cs_below(connector, &keys).await?;
        let transient = store.find_cs_by_dn(connector, &[TRANSIENT_DN_KEY.to_owned()]).await?;
        let found = below.into_values().chain(transient.into_values()).flatten();
        let found: BTreeSet<CsId> = found.filter(|id| !settled.contains(id)).collect();
        let ids: Vec<CsId> = found.into_iter().collect();
        let mut followed = Vec::new();
        for before in store.load_cs(&ids).await? {
            let after = moves.followed(&before).filter(|_| !self.was_shown(&before));
            followed.extend(after.map(|after| (before, after)));
        }
        Ok(followed)
    }

    /// True if this read has shown the object under a name of its own.
    pub(super) fn was_shown(&self, object: &CsObject) -> bool {
        let is_named = !object.anchor.as_ref().is_some_and(|a| self.unnamed.contains(a));
        is_named && self.seen.contains(object.id.sequence())
    }
}
