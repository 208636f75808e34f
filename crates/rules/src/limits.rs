//! How much one run may change: per kind of change a count and a percentage, for a connector as a
//! whole and for each of its object types.

use std::collections::BTreeMap;

use model::Name;

/// A kind of change that can be limited. In the order of gravity: the first one exceeded names the
/// result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeKind {
    /// Objects that are deleted, or found gone.
    Delete,
    /// Objects that become disabled.
    Disable,
    /// Members that leave groups: values of attributes with several references.
    MemberRemoval,
    /// Objects that lose the last value of an attribute.
    AttributeBlanking,
    /// Objects that are renamed or moved.
    Move,
    /// Objects that are created.
    Create,
    /// Objects whose attributes change.
    Update,
}

impl ChangeKind {
    /// Every kind with the word configuration files use.
    pub const ALL: [(&'static str, Self); 7] = [
        ("create", Self::Create),
        ("update", Self::Update),
        ("disable", Self::Disable),
        ("delete", Self::Delete),
        ("move", Self::Move),
        ("member_removal", Self::MemberRemoval),
        ("attribute_blanking", Self::AttributeBlanking),
    ];

    /// The word configuration files use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Delete => "delete",
            Self::Disable => "disable",
            Self::MemberRemoval => "member_removal",
            Self::AttributeBlanking => "attribute_blanking",
            Self::Move => "move",
            Self::Create => "create",
            Self::Update => "update",
        }
    }

    /// The kind that a word names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(known, _)| *known == word).map(|(_, kind)| kind)
    }
}

/// The most that one run may do of something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limit {
    /// At most so many.
    pub count: Option<u64>,
    /// At most so many of a hundred objects of the connector space. Small connector spaces are
    /// exempt: see [`Limit::exceeded`].
    pub percent: Option<u64>,
}

impl Limit {
    /// Below this many objects a percentage says nothing: one of four would already be 25 %.
    pub const PERCENT_FLOOR: u64 = 20;

    /// True if `planned` of `total` objects is more than the limit allows.
    #[must_use]
    pub fn exceeded(&self, planned: u64, total: u64) -> bool {
        let by_count = self.count.is_some_and(|count| planned > count);
        let by_percent = total >= Self::PERCENT_FLOOR
            && self
                .percent
                .is_some_and(|percent| planned.saturating_mul(100) > percent.saturating_mul(total));
        by_count || by_percent
    }
}

impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.count, self.percent) {
            (Some(count), Some(percent)) => write!(f, "{count} or {percent} %"),
            (Some(count), None) => write!(f, "{count}"),
            (None, Some(percent)) => write!(f, "{percent} %"),
            (None, None) => f.write_str("none"),
        }
    }
}

/// Limits by kind of change; what is not there is not limited.
pub type KindLimits = BTreeMap<ChangeKind, Limit>;

/// A connector's limits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Limits {
    /// For all objects together.
    pub all: KindLimits,
    /// For the objects of one type.
    pub by_type: BTreeMap<Name, KindLimits>,
}

impl Limits {
    /// True if nothing is limited.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty() && self.by_type.values().all(BTreeMap::is_empty)
    }

    /// True if changes of this kind are limited anywhere.
    #[must_use]
    pub fn has(&self, kind: ChangeKind) -> bool {
        self.all.contains_key(&kind) || self.by_type.values().any(|of| of.contains_key(&kind))
    }

    /// Every limit on a kind, with the object type it is for; `None` for all of them together.
    pub fn on(&self, kind: ChangeKind) -> impl Iterator<Item = (Option<&Name>, Limit)> {
        let all = self.all.get(&kind).map(|limit| (None, *limit));
        let by_type = self.by_type.iter();
        let by_type = by_type.filter_map(move |(name, of)| Some((Some(name), *of.get(&kind)?)));
        all.into_iter().chain(by_type)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_count_first_and_leave_small_spaces_to_the_count() {
        let limit = Limit { count: Some(100), percent: Some(5) };
        assert!(!limit.exceeded(1, 4));
        assert!(!limit.exceeded(5, 100));
        assert!(limit.exceeded(6, 100));
        assert!(limit.exceeded(101, 100_000));
        assert!(!Limit::default().exceeded(1_000, 1_000));
        assert_eq!(limit.to_string(), "100 or 5 %");
    }

    #[test]
    fn every_kind_has_one_word() {
        for (word, kind) in ChangeKind::ALL {
            assert_eq!((kind.as_str(), ChangeKind::parse(word)), (word, Some(kind)));
        }
    }
}
