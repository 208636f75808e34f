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
}

impl Operator {
    /// Every operator with the word configuration files use.
    pub const ALL: [(&'static str, Self); 16] = [
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
    ];

    /// The operator a configuration word names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(name, _)| *name == word).map(|(_, operator)| operator)
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
    /// With what; of the attribute's type. Unused by `present` and `not-present`.
    pub value: Option<Value>,
}

impl Condition {
    /// True if the object satisfies the condition. Text compares without regard to case. Of a
    /// multi-valued attribute some value has to satisfy a positive operator, none its negation.
    #[must_use]
    pub fn holds(&self, object: &dyn Input) -> bool {
        let (positive, negated) = self.operator.positive();
        let values = object.attribute(&self.attribute);
        let found = match positive {
            Operator::Present => values.is_some(),
            _ => values
                .into_iter()
                .flat_map(Values::iter)
                .any(|v| self.value.as_ref().is_some_and(|w| compare(positive, v, w))),
        };
        found != negated
    }
}

fn compare(operator: Operator, left: &Value, right: &Value) -> bool {
    if let (Some(left), Some(right)) = (left.as_str(), right.as_str()) {
        let (left, right) = (left.to_lowercase(), right.to_lowercase());
        return match operator {
            Operator::StartsWith => left.starts_with(&right),
            Operator::EndsWith => left.ends_with(&right),
            Operator::Contains => left.contains(&right),
            _ => ordered(operator, left.cmp(&right)),
        };
    }
    match (operator, left, right) {
        (Operator::BitOn, Value::Integer(left), Value::Integer(right)) => left & right == *right,
        _ if left.value_type() == right.value_type() => ordered(operator, left.cmp(right)),
        _ => false,
    }
}

const fn ordered(operator: Operator, order: std::cmp::Ordering) -> bool {
    match operator {
        Operator::Equal => order.is_eq(),
        Operator::LessThan => order.is_lt(),
        Operator::LessThanOrEqual => order.is_le(),
        Operator::GreaterThan => order.is_gt(),
        Operator::GreaterThanOrEqual => order.is_ge(),
        _ => false,
    }
}

/// Conditions that must all hold. Without conditions everything is in scope.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// The conditions.
    pub all: Vec<Condition>,
}

impl Scope {
    /// True if every condition holds.
    #[must_use]
    pub fn holds(&self, object: &dyn Input) -> bool {
        self.all.iter().all(|condition| condition.holds(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Attributes, Name};

    fn check(operator: &str, value: impl Into<Value>, object: &[Value], expected: bool) {
        let mut attributes = Attributes::new();
        attributes.set(Name::new("a"), Values::from_vec(object.to_vec()));
        let operator = Operator::parse(operator).unwrap();
        let value = Some(value.into());
        let condition = Condition { attribute: Name::new("a"), operator, value };
        assert_eq!(condition.holds(&attributes), expected, "{condition:?} {object:?}");
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
