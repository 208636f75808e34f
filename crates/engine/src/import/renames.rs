//! References that follow renamed objects.
//!
//! A reference is the name of its target, and a connected system that renames an object seldom tells
//! of every object that refers to it. So whoever is known to refer to a renamed object gets the new
//! name in the same transaction, in what was imported, in the way back to what synchronization saw,
//! and in what waits to be exported. What this very read has shown whole is right as it is: another
//! object may have taken the old name by then.

use std::collections::{BTreeMap, BTreeSet};

use model::{AttributeChange, CsId, DnStyle, Image, Name, Value, Values};
use store::{Batch, CsObject, ExportValue};

use super::read::Import;
use crate::error::StepError;

/// For each image that came in part the reference attributes that it does not speak of, by anchor.
pub(super) type Inherited = BTreeMap<String, BTreeSet<Name>>;

/// New names by the keys of the old ones.
#[derive(Debug)]
pub(super) struct Renames {
    style: DnStyle,
    names: BTreeMap<String, String>,
    /// The old names as they were spelled.
    old: BTreeSet<String>,
}

impl Renames {
    /// What images say of known objects.
    pub(super) fn of<'a>(
        known: impl Iterator<Item = (&'a CsObject, &'a Image)>,
        style: DnStyle,
    ) -> Self {
        let mut renames = Self { style, names: BTreeMap::new(), old: BTreeSet::new() };
        for (before, image) in known {
            if before.imported.is_some() && before.dn != image.dn {
                renames.names.insert(before.dn_key.clone(), image.dn.clone());
                renames.old.insert(before.dn.clone());
            }
        }
        renames
    }

    /// Adds objects that got other names in other ways: as they were and as they are.
    pub(super) fn extend(&mut self, renamed: &[(CsObject, CsObject)]) {
        for (before, after) in renamed.iter().filter(|(before, _)| before.imported.is_some()) {
            self.names.insert(before.dn_key.clone(), after.dn.clone());
            self.old.insert(before.dn.clone());
        }
    }

    /// True if no object got another name.
    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The object with the new names; `None` if it has none of the old ones.
    pub(super) fn in_object(&self, object: &CsObject) -> Option<CsObject> {
        if self.is_empty() {
            return None;
        }
        let mut after = object.clone();
        if let Some(imported) = &object.imported {
            for (name, values) in imported.iter() {
                if let (Some(values), Some(imported)) = (self.values(values), &mut after.imported) {
                    imported.set(name.clone(), Some(values));
                }
            }
        }
        if let Some(pending) = &mut after.pending_import {
            pending.undo.changes.values_mut().for_each(|change| self.change(change));
        }
        let export = &mut after.export;
        for delta in [&mut export.pending, &mut export.escrow, &mut export.unconfirmed] {
            for change in delta.iter_mut().flat_map(|delta| delta.changes.values_mut()) {
                if let ExportValue::Set(values) = &mut change.value
                    && let Some(renamed) = self.values(values)
                {
                    *values = renamed;
                }
            }
        }
        (after != *object).then_some(after)
    }

    /// Brings the new names into attributes of an image.
    pub(super) fn in_image(&self, image: &mut Image, attributes: &BTreeSet<Name>) {
        for name in attributes {
            let values = image.attributes.get(name).and_then(|values| self.values(values));
            if values.is_some() {
                image.attributes.set(name.clone(), values);
            }
        }
    }

    fn change(&self, change: &mut AttributeChange) {
        match change {
            AttributeChange::Set(values) => {
                if let Some(renamed) = self.values(values) {
                    *values = renamed;
                }
            }
            AttributeChange::Update { add, remove } => {
                for value in add.iter_mut().chain(remove) {
                    if let Some(renamed) = self.value(value) {
                        *value = renamed;
                    }
                }
            }
            AttributeChange::Clear => {}
        }
    }

    /// The values with the new names; `None` if there is none of the old ones among them.
    fn values(&self, values: &Values) -> Option<Values> {
        if !values.iter().any(|value| self.value(value).is_some()) {
            return None;
        }
        let renamed = values.iter().map(|value| self.value(value).unwrap_or_else(|| value.clone()));
        Values::from_vec(renamed.collect())
    }

    fn value(&self, value: &Value) -> Option<Value> {
        let Value::Reference(dn) = value else { return None };
        self.names.get(&self.style.key(dn)).map(|dn| Value::reference(dn))
    }
}

impl Import<'_, '_> {
    /// The reference attributes of an object type that flow.
    pub(super) fn reference_attributes(&self, object_type: &Name) -> BTreeSet<Name> {
        let of = self.setup.references.iter().filter(|(kind, _)| kind == object_type);
        of.map(|(_, attribute)| attribute.clone()).collect()
    }

    /// Lets the referrers of renamed objects follow; `staged` are those that this batch writes anyway.
    pub(super) async fn follow(
        &mut self,
        renames: &Renames,
        staged: &BTreeSet<CsId>,
        batch: &mut Batch,
    ) -> Result<(), StepError> {
        let mut referrers = BTreeSet::new();
        for dn in &renames.old {
            for (object_type, attribute) in &self.setup.references {
                let (store, dn) = (self.run.store, Value::reference(dn));
                let found = store.find_cs_by_value(self.setup.id, object_type, attribute, &dn);
                referrers.extend(found.await?);
            }
        }
        let is_open = |id: &CsId| !staged.contains(id) && !self.whole.contains(id.sequence());
        let ids: Vec<CsId> = referrers.into_iter().filter(is_open).collect();
        for before in self.run.store.load_cs(&ids).await? {
            let Some(after) = renames.in_object(&before) else { continue };
            self.put_beside(&before, after, batch);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use model::{Attributes, ConnectorId};
    use store::CsState;

    use super::*;

    fn object(anchor: &str, dn: &str, manager: &str) -> CsObject {
        let mut imported = Attributes::new();
        imported.set_one("manager", Value::reference(manager));
        imported.set_one("note", manager);
        CsObject {
            id: CsId::new(ConnectorId(1), 1),
            object_type: Name::new("user"),
            anchor: Some(anchor.to_owned()),
            dn: dn.to_owned(),
            dn_key: DnStyle::Ldap.key(dn),
            state: CsState::Placeholder,
            linked_by: None,
            imported: Some(imported),
            pending_import: None,
            export: store::ExportStages::default(),
            import_error: None,
            needs_sync: false,
            reference_retry: false,
        }
    }

    fn image(anchor: &str, dn: &str) -> Image {
        Image {
            object_type: Name::new("user"),
            anchor: Some(anchor.to_owned()),
            dn: dn.to_owned(),
            attributes: Attributes::new(),
        }
    }

    #[test]
    fn exchanged_names_are_exchanged_in_references_and_nowhere_else() {
        let (a, b) = (object("1", "CN=a", "CN=b"), object("2", "CN=b", "cn=A"));
        let (to_b, to_a) = (image("1", "CN=b"), image("2", "CN=a"));
        let renames = Renames::of([(&a, &to_b), (&b, &to_a)].into_iter(), DnStyle::Ldap);
        let manager = |object: &CsObject| {
            let after = renames.in_object(object).unwrap().imported.unwrap();
            (after.single("manager").cloned().unwrap(), after.text("note").unwrap().to_owned())
        };
        assert_eq!(manager(&a), (Value::reference("CN=a"), "CN=b".to_owned()));
        assert_eq!(manager(&b), (Value::reference("CN=b"), "cn=A".to_owned()));
        assert_eq!(renames.in_object(&object("4", "CN=d", "CN=c")), None);
        assert!(Renames::of([(&a, &to_a)].into_iter(), DnStyle::Ldap).is_empty());
    }
}
