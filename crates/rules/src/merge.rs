//! How the values of several flows to one attribute come together.

use model::{Value, Values};

/// What becomes of the values of weaker flows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MergeType {
    /// They do not count.
    #[default]
    Update,
    /// The same: Entra Connect has the word and does not say what else it would mean.
    Replace,
    /// They are added.
    Merge,
    /// They are added, unless they differ from one that is there in letter case alone.
    MergeCaseInsensitive,
}

impl MergeType {
    /// Every type with the word configuration files use.
    pub const ALL: [(&'static str, Self); 4] = [
        ("update", Self::Update),
        ("replace", Self::Replace),
        ("merge", Self::Merge),
        ("merge-case-insensitive", Self::MergeCaseInsensitive),
    ];

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::ALL.into_iter().find(|(_, one)| *one == self).map_or("", |(word, _)| word)
    }

    /// True if values of weaker flows count.
    #[must_use]
    pub const fn merges(self) -> bool {
        matches!(self, Self::Merge | Self::MergeCaseInsensitive)
    }

    /// The values of several flows, the strongest first, as one.
    #[must_use]
    pub fn join<'v>(self, values: impl IntoIterator<Item = &'v Value>) -> Option<Values> {
        let mut joined: Vec<Value> = Vec::new();
        for value in values {
            let is_there = |there: &Value| match (self, there.as_str(), value.as_str()) {
                (Self::MergeCaseInsensitive, Some(there), Some(value)) => {
                    there.to_lowercase() == value.to_lowercase()
                }
                _ => there == value,
            };
            if !joined.iter().any(is_there) {
                joined.push(value.clone());
            }
        }
        Values::from_vec(joined)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_spelling_stays() {
        let values = ["X".into(), "y".into(), "x".into(), Value::Integer(1)];
        let join = |merge: MergeType| merge.join(&values).map(|joined| joined.to_string());
        assert_eq!(join(MergeType::MergeCaseInsensitive).as_deref(), Some("X; y; 1"));
        assert_eq!(join(MergeType::Merge).as_deref(), Some("X; x; y; 1"));
        assert_eq!(MergeType::Merge.join([]), None);
    }
}
