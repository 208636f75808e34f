//! Conditions over the attributes of one object: connector filters and scoping filters.

use expr::Input;
use model::{Value, Values};

/// How a condition compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// Some value equals.
    Equal,
    /// No value equals.
    NotEqual,
    /// Some value begins with the text.
    StartsWith,
    /// No value does.
    NotStartsWith,
    /// Some value ends with the text.
    EndsWith,
    /// No value does.
    NotEndsWith,
    /// Some value contains the text.
    Contains,
    /// No value does.
    NotContains,
    /// Some value is less.
    LessThan,
    /// Some value is less or equal.
    LessThanOrEqual,
    /// Some value is greater.
    GreaterThan,
    /// Some value is greater or equal.
    GreaterThanOrEqual,
    /// There is a value.
    Present,
    /// There is no value.
    NotPresent,
    /// Some value has all the bits set.
    BitOn,
    /// No value has all the bits set.
    BitOff,
    /// Some value is one of a list.
    In,
    /// No value is.
    NotIn,
}

impl Operator {
    /// Every operator with the word configuration files use.
    pub const ALL: [(&'static str, Self); 18] = [
        ("equal", Self::Equal),
        ("not-equal", Self::NotEqual),
        ("starts-with", Self::StartsWith),
        ("not-starts-with", Self::NotStartsWith),
        ("ends-with", Self::EndsWith),
        ("not-ends-with", Self::NotEndsWith),
        ("contains", Self::Contains),
        ("not-contains", Self::NotContains),
        ("less-than", Self::LessThan),
        ("less-than-or-equal", Self::LessThanOrEqual),
        ("greater-than", Self::GreaterThan),
        ("greater-than-or-equal", Self::GreaterThanOrEqual),
        ("present", Self::Present),
        ("not-present", Self::NotPresent),
        ("bit-on", Self::BitOn),
        ("bit-off", Self::BitOff),
        ("in", Self::In),
        ("not-in", Self::NotIn),
    ];

    /// The words that MIM and Entra Connect have for them.
    const FOREIGN: [(&'static str, Self); 19] = [
        ("EQUAL", Self::Equal),
        ("NOTEQUAL", Self::NotEqual),
        ("STARTSWITH", Self::StartsWith),
        ("NOTSTARTSWITH", Self::NotStartsWith),
        ("ENDSWITH", Self::EndsWith),
        ("NOTENDSWITH", Self::NotEndsWith),
        ("CONTAINS", Self::Contains),
        ("NOTCONTAINS", Self::NotContains),
        ("LESSTHAN", Self::LessThan),
        ("LESSTHAN_OR_EQUAL", Self::LessThanOrEqual),
        ("GREATERTHAN", Self::GreaterThan),
        ("GREATERTHAN_OR_EQUAL", Self::GreaterThanOrEqual),
        ("ISNULL", Self::NotPresent),
        ("ISNOTNULL", Self::Present),
        ("ISIN", Self::In),
        ("ISNOTIN", Self::NotIn),
        ("ISBITSET", Self::BitOn),
        ("ISBITNOTSET", Self::BitOff),
        ("ISNOTBITSET", Self::BitOff),
    ];

    /// The operator that a word names: one of configuration files, or one of MIM's or Entra Connect's.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        let mut known = Self::ALL.into_iter().chain(Self::FOREIGN);
        known.find(|(name, _)| *name == word).map(|(_, operator)| operator)
    }

    /// True if the operator compares with several values.
    #[must_use]
    pub const fn takes_list(self) -> bool {
        matches!(self, Self::In | Self::NotIn)
    }

    /// True if the operator compares with a value.
    #[must_use]
    pub const fn takes_value(self) -> bool {
        !matches!(self, Self::Present | Self::NotPresent)
    }

    // A negative operator holds exactly when its positive does not, also for an absent attribute.
    const fn positive(self) -> (Self, bool) {
        match self {
            Self::NotEqual => (Self::Equal, true),
            Self::NotStartsWith => (Self::StartsWith, true),
            Self::NotEndsWith => (Self::EndsWith, true),
            Self::NotContains => (Self::Contains, true),
            Self::NotPresent => (Self::Present, true),
            Self::BitOff => (Self::BitOn, true),
            Self::NotIn => (Self::In, true),
            other => (other, false),
        }
    }
}

/// One condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// The attribute.
    pub attribute: model::Name,
    /// How it is compared.
    pub operator: Operator,
    /// With what; of the attribute's type. None for `present` and `not-present`, several for `in` and
    /// `not-in`, one for all others.
    pub values: Vec<Value>,
    /// Letter case counts.
    pub case_sensitive: bool,
}

impl Condition {
    /// True if the object satisfies the condition. Of a multi-valued attribute some value
    /// has to satisfy a positive operator, none its negation.
    #[must_use]
    pub fn holds(&self, object: &dyn Input) -> bool {
        let (positive, negated) = self.operator.positive();
        let values = object.attribute(&self.attribute);
        let found = match positive {
            Operator::Present => values.is_some(),
            _ => values.into_iter().flat_map(Values::iter).any(|v| {
                self.values.iter().any(|w| compare(positive, (v, w), self.case_sensitive))
            }),
        };
        found != negated
    }
}

fn compare(operator: Operator, (left, right): (&Value, &Value), case_sensitive: bool) -> bool {
    if let (Some(left), Some(right)) = (left.as_str(), right.as_str()) {
        if case_sensitive {
            return compare_text(operator, left, right);
        }
        return compare_text(operator, &left.to_lowercase(), &right.to_lowercase());
    }
    match (operator, left, right) {
        (Operator::BitOn, Value::Integer(left), Value::Integer(right)) => left & right == *right,
        _ if left.value_type() == right.value_type() => ordered(operator, left.cmp(right)),
        _ => false,
    }
}

fn compare_text(operator: Operator, left: &str, right: &str) -> bool {
    match operator {
        Operator::StartsWith => left.starts_with(right),
        Operator::EndsWith => left.ends_with(right),
        Operator::Contains => left.contains(right),
        _ => ordered(operator, left.cmp(right)),
    }
}

const fn ordered(operator: Operator, order: std::cmp::Ordering) -> bool {
    match operator {
        Operator::Equal | Operator::In => order.is_eq(),
        Operator::LessThan => order.is_lt(),
        Operator::LessThanOrEqual => order.is_le(),
        Operator::GreaterThan => order.is_gt(),
        Operator::GreaterThanOrEqual => order.is_ge(),
        _ => false,
    }
}

/// Conditions that must all hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScopeGroup {
    /// The conditions.
    pub all: Vec<Condition>,
}

impl ScopeGroup {
    /// True if every condition holds.
    #[must_use]
    pub fn holds(&self, object: &dyn Input) -> bool {
        self.all.iter().all(|condition| condition.holds(object))
    }
}

/// Groups of conditions, one of which must hold. Without groups everything is in scope.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// The groups.
    pub any: Vec<ScopeGroup>,
}

impl Scope {
    /// True if a group holds, or there is none.
    #[must_use]
    pub fn holds(&self, object: &dyn Input) -> bool {
        self.any.is_empty() || self.any.iter().any(|group| group.holds(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Attributes, Name};

    fn condition(operator: &str, values: Vec<Value>) -> Condition {
        let operator = Operator::parse(operator).unwrap();
        Condition { attribute: Name::new("a"), operator, values, case_sensitive: false }
    }

    fn object(values: &[Value]) -> Attributes {
        let mut attributes = Attributes::new();
        attributes.set(Name::new("a"), Values::from_vec(values.to_vec()));
        attributes
    }

    fn check(operator: &str, value: impl Into<Value>, values: &[Value], expected: bool) {
        let condition = condition(operator, vec![value.into()]);
        assert_eq!(condition.holds(&object(values)), expected, "{condition:?} {values:?}");
    }

    #[test]
    fn one_of_a_list_is_enough() {
        let check = |operator, values: &[Value], expected| {
            let condition = condition(operator, vec!["A".into(), "b".into()]);
            assert_eq!(condition.holds(&object(values)), expected, "{operator} {values:?}");
        };
        check("in", &["a".into()], true);
        check("in", &["c".into(), "b".into()], true);
        check("in", &["c".into()], false);
        check("in", &[], false);
        check("not-in", &["c".into(), "b".into()], false);
        check("ISNOTIN", &[], true);
    }

    #[test]
    fn letter_case_counts_where_it_is_said() {
        for (operator, value) in
            [("equal", "Guest"), ("in", "Guest"), ("starts-with", "Gu"), ("contains", "ues")]
        {
            let mut condition = condition(operator, vec![value.into()]);
            condition.case_sensitive = true;
            assert!(condition.holds(&object(&["Guest".into()])), "{operator}");
            assert!(!condition.holds(&object(&["GUEST".into()])), "{operator}");
        }
    }

    #[test]
    fn the_words_of_other_products_mean_the_same() {
        for (foreign, own) in [
            ("ISNULL", "not-present"),
            ("ISBITNOTSET", "bit-off"),
            ("LESSTHAN_OR_EQUAL", "less-than-or-equal"),
        ] {
            assert_eq!(Operator::parse(foreign), Operator::parse(own));
        }
        assert_eq!(Operator::parse("isnull"), None);
    }

    #[test]
    fn one_group_is_enough_and_none_is_everything() {
        let group = |word: &str, value: &str| ScopeGroup {
            all: vec![condition("present", vec![]), condition(word, vec![value.into()])],
        };
        let scope = Scope { any: vec![group("equal", "x"), group("starts-with", "y")] };
        for (value, expected) in [("x", true), ("yes", true), ("z", false)] {
            assert_eq!(scope.holds(&object(&[value.into()])), expected, "{value}");
        }
        assert!(Scope::default().holds(&object(&[])));
    }

    #[test]
    fn text_compares_without_case_and_absence_satisfies_only_negatives() {
        check("equal", "GUEST", &["Guest".into()], true);
        check("equal", "Guest", &[], false);
        check("not-equal", "Guest", &[], true);
        check("contains", "ues", &["Guest".into()], true);
        check("not-starts-with", "gu", &["Guest".into()], false);
        check("present", "", &["x".into()], true);
        check("not-present", "", &[], true);
    }

    #[test]
    fn any_value_counts_for_positives_and_every_value_for_negatives() {
        check("equal", "b", &["a".into(), "b".into()], true);
        check("not-equal", "b", &["a".into(), "b".into()], false);
        check("less-than", 5, &[9.into(), 4.into()], true);
    }

    #[test]
    fn bits_are_tested_on_numbers_only() {
        check("bit-on", 2, &[514.into()], true);
        check("bit-off", 2, &[512.into()], true);
        check("bit-on", 2, &["514".into()], false);
    }
}
