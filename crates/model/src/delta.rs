//! Changes to an object's attributes.

use std::collections::BTreeMap;

use crate::{Name, Value, Values};

/// What happens to one attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttributeChange {
    /// These values replace all present ones.
    Set(Values),
    /// Values are added and removed; the others stay. A value in both lists is added.
    Update {
        /// Values to add.
        add: Vec<Value>,
        /// Values to remove.
        remove: Vec<Value>,
    },
    /// All values go.
    Clear,
}

impl AttributeChange {
    /// The values after the change, given those before.
    #[must_use]
    pub fn applied_to(&self, before: Option<&Values>) -> Option<Values> {
        match self {
            Self::Set(values) => Some(values.clone()),
            Self::Clear => None,
            Self::Update { add, remove } => {
                let mut values: Vec<Value> = before
                    .into_iter()
                    .flat_map(Values::iter)
                    .filter(|v| !remove.contains(v))
                    .cloned()
                    .collect();
                values.extend(add.iter().cloned());
                Values::from_vec(values)
            }
        }
    }
}

/// Changes by attribute name, in name order.
pub type Changes = BTreeMap<Name, AttributeChange>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_keeps_what_it_does_not_name() {
        let before = Values::from_vec(vec!["a".into(), "b".into()]);
        let change = AttributeChange::Update { add: vec!["c".into()], remove: vec!["a".into()] };
        let after = change.applied_to(before.as_ref()).unwrap();
        assert_eq!(after.to_string(), "b; c");
        let gone = AttributeChange::Update { add: vec![], remove: vec!["b".into(), "c".into()] };
        assert_eq!(gone.applied_to(Some(&after)), None);
    }
}
