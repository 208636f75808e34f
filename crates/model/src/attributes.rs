//! The attributes of one object: name to values, in name order.

use std::fmt;
use std::sync::Arc;

use crate::{AttributeChange, Changes, Name, Value, Values};

/// Attributes by name. An attribute is present exactly when it has a value. Cloning shares them
/// until one of the clones changes.
#[derive(Clone, Default, PartialEq, Eq)]
// `None` when there are none, so that there is one way to have none; else in order of name.
pub struct Attributes(Option<Arc<Vec<(Name, Values)>>>);

impl Attributes {
    /// No attributes.
    #[must_use]
    pub const fn new() -> Self {
        Self(None)
    }

    fn entries(&self) -> &[(Name, Values)] {
        self.0.as_ref().map_or(&[], |entries| entries.as_slice())
    }

    /// Where `name` is, or would be.
    fn place(&self, name: &str) -> Result<usize, usize> {
        self.entries().binary_search_by(|(known, _)| known.as_str().cmp(name))
    }

    /// The values of `name`, if it has any.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Values> {
        let place = self.place(name).ok()?;
        self.entries().get(place).map(|(_, values)| values)
    }

    /// The only value of `name`; `None` if it has none or several.
    #[must_use]
    pub fn single(&self, name: &str) -> Option<&Value> {
        self.get(name).and_then(Values::single)
    }

    /// The text of the only value of `name`, if that is text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.single(name).and_then(Value::as_str)
    }

    /// Sets `name` to `values`, or removes it when there are none.
    pub fn set(&mut self, name: Name, values: Option<Values>) {
        let Some(values) = values else {
            self.remove(&name);
            return;
        };
        let place = self.place(&name);
        let entries = Arc::make_mut(self.0.get_or_insert_default());
        match place {
            Ok(place) => {
                if let Some((_, held)) = entries.get_mut(place) {
                    *held = values;
                }
            }
            Err(place) => entries.insert(place, (name, values)),
        }
    }

    /// Sets `name` to one value; empty text removes it.
    pub fn set_one(&mut self, name: &str, value: impl Into<Value>) {
        self.set(Name::new(name), Values::from_vec(vec![value.into()]));
    }

    /// Removes `name` and returns what it held.
    pub fn remove(&mut self, name: &str) -> Option<Values> {
        let place = self.place(name).ok()?;
        let entries = Arc::make_mut(self.0.as_mut()?);
        let (_, values) = entries.remove(place);
        if entries.is_empty() {
            self.0 = None;
        }
        Some(values)
    }

    /// Attributes in name order.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &Values)> {
        self.entries().iter().map(|(name, values)| (name, values))
    }

    /// How many attributes have values.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries().len()
    }

    /// True when no attribute has a value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The changes that turn `self` into `target`.
    #[must_use]
    pub fn changes_to(&self, target: &Self) -> Changes {
        let mut changes = Changes::new();
        for (name, values) in target.iter() {
            if self.get(name) != Some(values) {
                changes.insert(name.clone(), AttributeChange::Set(values.clone()));
            }
        }
        for (name, _) in self.iter() {
            if target.get(name).is_none() {
                changes.insert(name.clone(), AttributeChange::Clear);
            }
        }
        changes
    }

    /// Applies `changes`.
    pub fn apply(&mut self, changes: &Changes) {
        for (name, change) in changes {
            let values = change.applied_to(self.get(name));
            self.set(name.clone(), values);
        }
    }
}

impl FromIterator<(Name, Values)> for Attributes {
    /// Of several entries of one name the last one counts.
    fn from_iter<I: IntoIterator<Item = (Name, Values)>>(iter: I) -> Self {
        let mut entries: Vec<(Name, Values)> = iter.into_iter().collect();
        if !entries.is_sorted_by(|(a, _), (b, _)| a < b) {
            entries.sort_by(|(a, _), (b, _)| a.cmp(b));
            entries.dedup_by(|later, kept| {
                let is_same = later.0 == kept.0;
                if is_same {
                    std::mem::swap(later, kept);
                }
                is_same
            });
        }
        Self((!entries.is_empty()).then(|| Arc::new(entries)))
    }
}

impl IntoIterator for Attributes {
    type Item = (Name, Values);
    type IntoIter = std::vec::IntoIter<(Name, Values)>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.map(Arc::unwrap_or_clone).unwrap_or_default().into_iter()
    }
}

impl fmt::Debug for Attributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_attributes() -> impl Strategy<Value = Attributes> {
        proptest::collection::btree_map("[a-d]", proptest::collection::vec(-3_i64..3, 1..4), 0..4)
            .prop_map(|map| {
                map.into_iter()
                    .filter_map(|(name, values)| {
                        let values = values.into_iter().map(Value::Integer).collect();
                        Values::from_vec(values).map(|v| (Name::new(&name), v))
                    })
                    .collect()
            })
    }

    #[test]
    fn of_several_entries_of_one_name_the_last_one_counts() {
        let entries = [("b", 1), ("a", 2), ("b", 3), ("c", 4), ("b", 5)];
        let all: Attributes =
            entries.into_iter().map(|(name, n)| (Name::new(name), Values::one(n))).collect();
        let mut one_by_one = Attributes::new();
        entries.into_iter().for_each(|(name, n)| one_by_one.set_one(name, n));
        assert_eq!(all, one_by_one);
        assert_eq!(all.single("b"), Some(&Value::Integer(5)));
    }

    #[test]
    fn clones_change_apart_and_nothing_left_is_nothing() {
        let mut one = Attributes::new();
        one.set_one("a", 1);
        let other = one.clone();
        assert_eq!(one.remove("a"), Some(Values::one(1)));
        assert_eq!(one.remove("a"), None);
        assert_eq!((one, other.len()), (Attributes::new(), 1));
    }

    proptest! {
        #[test]
        fn applying_the_difference_gives_the_target(a in any_attributes(), b in any_attributes()) {
            let mut result = a.clone();
            result.apply(&a.changes_to(&b));
            prop_assert_eq!(&result, &b);
            prop_assert!(b.changes_to(&result).is_empty());
        }
    }
}
