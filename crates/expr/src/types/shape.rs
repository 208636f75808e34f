//! What can be known of a value before there is one.

use std::fmt;

use model::ValueType;

/// A set of value types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ValueTypes(u8);

impl ValueTypes {
    /// None: there is no value.
    pub const NONE: Self = Self(0);

    /// All of them: nothing is known.
    pub const ALL: Self = Self(0b11_1111);

    /// This one alone.
    #[must_use]
    pub const fn only(value_type: ValueType) -> Self {
        Self(match value_type {
            ValueType::String => 1,
            ValueType::Integer => 1 << 1,
            ValueType::Boolean => 1 << 2,
            ValueType::Binary => 1 << 3,
            ValueType::Reference => 1 << 4,
            ValueType::DateTime => 1 << 5,
        })
    }

    /// Those of either.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those of both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Those that are not among `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// True if there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// True if `value_type` is one of them.
    #[must_use]
    pub const fn contains(self, value_type: ValueType) -> bool {
        !self.and(Self::only(value_type)).is_empty()
    }

    /// A value of one of them in words, for messages.
    pub(super) fn describe(self) -> String {
        let article = if self.iter().next() == Some(ValueType::Integer) { "an" } else { "a" };
        format!("{article} {self} value")
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = ValueType> {
        ValueType::ALL.into_iter().filter(move |value_type| self.contains(*value_type))
    }
}

impl FromIterator<ValueType> for ValueTypes {
    fn from_iter<T: IntoIterator<Item = ValueType>>(types: T) -> Self {
        types.into_iter().map(Self::only).fold(Self::NONE, Self::or)
    }
}

impl fmt::Display for ValueTypes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::ALL {
            return f.write_str("unknown");
        }
        let words: Vec<&str> = self.iter().map(ValueType::as_str).collect();
        f.write_str(&words.join(" or "))
    }
}

/// How many values there are, if any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Count {
    /// One.
    One,
    /// Nothing is known.
    Unknown,
    /// One or several: known to differ from object to object.
    Either,
    /// Several, or a collection of one.
    Several,
}

impl Count {
    /// What a choice of both has.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::One, Self::One) => Self::One,
            (Self::Several, Self::Several) => Self::Several,
            (Self::One | Self::Unknown, Self::One | Self::Unknown) => Self::Unknown,
            _ => Self::Either,
        }
    }
}

/// What a part of an expression can give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Type {
    /// The types its values can have.
    pub values: ValueTypes,
    /// True if it can be nothing.
    pub may_be_absent: bool,
    /// True if it can be a flow constant.
    pub may_be_flow: bool,
    /// How many values it has.
    pub count: Count,
}

impl Type {
    /// Nothing at all: whatever leads there fails.
    pub const NEVER: Self = Self {
        values: ValueTypes::NONE,
        may_be_absent: false,
        may_be_flow: false,
        count: Count::One,
    };

    /// Nothing.
    pub const ABSENT: Self = Self { may_be_absent: true, ..Self::NEVER };

    /// A flow constant.
    pub const FLOW: Self = Self { may_be_flow: true, ..Self::NEVER };

    /// Any values, or nothing.
    pub const UNKNOWN: Self =
        Self { values: ValueTypes::ALL, count: Count::Unknown, ..Self::ABSENT };

    /// One value of this type.
    #[must_use]
    pub const fn one(value_type: ValueType) -> Self {
        Self { values: ValueTypes::only(value_type), ..Self::NEVER }
    }

    /// What either can give.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        let count = match (self.values.is_empty(), other.values.is_empty()) {
            (true, _) => other.count,
            (_, true) => self.count,
            _ => self.count.or(other.count),
        };
        Self {
            values: self.values.or(other.values),
            may_be_absent: self.may_be_absent || other.may_be_absent,
            may_be_flow: self.may_be_flow || other.may_be_flow,
            count,
        }
    }

    /// The same, or nothing.
    #[must_use]
    pub const fn or_absent(self, may_be_absent: bool) -> Self {
        Self { may_be_absent: self.may_be_absent || may_be_absent, ..self }
    }

    /// True if it gives nothing, always.
    #[must_use]
    pub fn is_absent(self) -> bool {
        self == Self { count: self.count, ..Self::ABSENT }
    }

    /// The type in words, for messages.
    #[must_use]
    pub fn describe(self) -> String {
        match (self.values, self.count) {
            (values, _) if values.is_empty() && self.may_be_flow => "a flow constant".to_owned(),
            (values, _) if values.is_empty() => "nothing".to_owned(),
            (ValueTypes::ALL, _) => "an unknown value".to_owned(),
            (values, Count::Several) => format!("several values, each {values}"),
            (values, _) => values.describe(),
        }
    }
}
