//! The attributes of one object: name to values, in name order.

use std::collections::BTreeMap;

use crate::{AttributeChange, Changes, Name, Value, Values};

/// Attributes by name. An attribute is present exactly when it has a value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attributes(BTreeMap<Name, Values>);

impl Attributes {
    /// No attributes.
    #[must_use]
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// The values of `name`, if it has any.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Values> {
        self.0.get(name)
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
        match values {
            Some(values) => self.0.insert(name, values),
            None => self.0.remove(&name),
        };
    }

    /// Sets `name` to one value; empty text removes it.
    pub fn set_one(&mut self, name: &str, value: impl Into<Value>) {
        self.set(Name::new(name), Values::from_vec(vec![value.into()]));
    }

    /// Removes `name` and returns what it held.
    pub fn remove(&mut self, name: &str) -> Option<Values> {
        self.0.remove(name)
    }

    /// Attributes in name order.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &Values)> {
        self.0.iter()
    }

    /// How many attributes have values.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True when no attribute has a value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
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
    fn from_iter<I: IntoIterator<Item = (Name, Values)>>(iter: I) -> Self {
        Self(iter.into_iter().collect())
    }
}

impl IntoIterator for Attributes {
    type Item = (Name, Values);
    type IntoIter = std::collections::btree_map::IntoIter<Name, Values>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
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
