//! Attribute values: one scalar, and the non-empty set that an attribute holds.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::Timestamp;

/// The type of an attribute's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ValueType {
    /// Unicode text; empty text is no value.
    String,
    /// Signed 64-bit integer.
    Integer,
    /// True or false.
    Boolean,
    /// Octets.
    Binary,
    /// The DN (connector space) or the GUID (metaverse) of another object.
    Reference,
    /// A moment in UTC, in microseconds.
    DateTime,
}

impl ValueType {
    /// The word configuration files use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
            Self::Binary => "binary",
            Self::Reference => "reference",
            Self::DateTime => "datetime",
        }
    }

    /// Every type, in the order documentation lists them.
    pub const ALL: [Self; 6] =
        [Self::String, Self::Integer, Self::Boolean, Self::Binary, Self::Reference, Self::DateTime];

    /// The type a configuration word names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.as_str() == word)
    }
}

impl fmt::Display for ValueType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One value of an attribute. Ordering is by type, then by content; it is the canonical order of a
/// multi-valued attribute.
// A whole word says the type, so that values move by whole words: moving what begins at an odd octet
// took most of an evaluation's time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u64)]
pub enum Value {
    /// Text, exactly as the connected system delivered it.
    String(Arc<str>),
    /// A signed 64-bit integer.
    Integer(i64),
    /// True or false.
    Boolean(bool),
    /// Octets.
    Binary(Arc<[u8]>),
    /// The DN or identifier of another object, as text.
    Reference(Arc<str>),
    /// A moment in UTC.
    DateTime(Timestamp),
}

impl Value {
    /// Text as a string value.
    #[must_use]
    pub fn string(text: &str) -> Self {
        Self::String(Arc::from(text))
    }

    /// Octets as a binary value.
    #[must_use]
    pub fn binary(bytes: &[u8]) -> Self {
        Self::Binary(Arc::from(bytes))
    }

    /// A reference to the object that `target` names.
    #[must_use]
    pub fn reference(target: &str) -> Self {
        Self::Reference(Arc::from(target))
    }

    /// The value's type.
    #[must_use]
    pub const fn value_type(&self) -> ValueType {
        match self {
            Self::String(_) => ValueType::String,
            Self::Integer(_) => ValueType::Integer,
            Self::Boolean(_) => ValueType::Boolean,
            Self::Binary(_) => ValueType::Binary,
            Self::Reference(_) => ValueType::Reference,
            Self::DateTime(_) => ValueType::DateTime,
        }
    }

    /// The text of a string or reference value.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(s) | Self::Reference(s) => Some(s),
            _ => None,
        }
    }

    /// True for empty text, which every layer treats as no value.
    #[must_use]
    pub fn is_empty_text(&self) -> bool {
        matches!(self, Self::String(s) | Self::Reference(s) if s.is_empty())
    }
}

impl fmt::Display for Value {
    /// Text as is, integers in decimal, booleans as `True`/`False` (as MIM renders them), octets in
    /// upper-case hexadecimal, moments in ISO 8601.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::String(s) | Self::Reference(s) => f.write_str(s),
            Self::Integer(i) => write!(f, "{i}"),
            Self::Boolean(true) => f.write_str("True"),
            Self::Boolean(false) => f.write_str("False"),
            Self::Binary(bytes) => bytes.iter().try_for_each(|b| write!(f, "{b:02X}")),
            Self::DateTime(t) => write!(f, "{t}"),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::string(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Boolean(truth)
    }
}

/// The values of one attribute: a non-empty set in canonical order, without duplicates.
///
/// An attribute without values does not exist; there is no empty `Values`. Cloning shares the
/// values and takes no memory.
#[derive(Clone)]
pub struct Values(Held);

/// Nearly every attribute has one value, which then needs no memory of its own.
#[derive(Clone)]
enum Held {
    One(Value),
    /// Two or more.
    Several(Arc<[Value]>),
}

impl Values {
    /// The set of one value.
    #[must_use]
    pub fn one(value: impl Into<Value>) -> Self {
        Self(Held::One(value.into()))
    }

    /// Sorts, drops duplicates and empty text; `None` when nothing is left.
    #[must_use]
    pub fn from_vec(mut values: Vec<Value>) -> Option<Self> {
        values.retain(|v| !v.is_empty_text());
        values.sort_unstable();
        values.dedup();
        match values.len() {
            0 | 1 => values.pop().map(Self::one),
            _ => Some(Self(Held::Several(values.into()))),
        }
    }

    /// The values in canonical order.
    #[must_use]
    pub fn as_slice(&self) -> &[Value] {
        match &self.0 {
            Held::One(value) => std::slice::from_ref(value),
            Held::Several(values) => values,
        }
    }

    /// The values in canonical order.
    pub fn iter(&self) -> std::slice::Iter<'_, Value> {
        self.as_slice().iter()
    }

    /// How many values there are; never zero.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "an empty set cannot be made")]
    pub fn len(&self) -> usize {
        self.as_slice().len()
    }

    /// The value, if there is exactly one.
    #[must_use]
    pub const fn single(&self) -> Option<&Value> {
        match &self.0 {
            Held::One(value) => Some(value),
            Held::Several(_) => None,
        }
    }

    /// The first value in canonical order.
    #[must_use]
    pub fn first(&self) -> Option<&Value> {
        self.as_slice().first()
    }

    /// True if `value` is one of them.
    #[must_use]
    pub fn contains(&self, value: &Value) -> bool {
        self.as_slice().binary_search(value).is_ok()
    }
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Values").field(&self.as_slice()).finish()
    }
}

impl PartialEq for Values {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl Eq for Values {}

impl PartialOrd for Values {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Values {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_slice().cmp(other.as_slice())
    }
}

impl Hash for Values {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_slice().hash(state);
    }
}

impl<'a> IntoIterator for &'a Values {
    type Item = &'a Value;
    type IntoIter = std::slice::Iter<'a, Value>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, value) in self.iter().enumerate() {
            if i > 0 {
                f.write_str("; ")?;
            }
            write!(f, "{value}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_a_set_in_canonical_order() {
        let a = Values::from_vec(vec!["b".into(), "a".into(), "b".into(), "".into()]).unwrap();
        assert_eq!(a.to_string(), "a; b");
        assert!(a.contains(&"b".into()));
        assert_eq!(Values::from_vec(vec!["".into()]), None);
    }

    #[test]
    fn a_set_compares_by_its_values_alone() {
        let several = |texts: &[&str]| {
            Values::from_vec(texts.iter().map(|text| Value::string(text)).collect()).unwrap()
        };
        assert_eq!(several(&["b", "a"]), several(&["a", "b"]));
        assert_eq!(several(&["a"]), Values::one("a"));
        assert!(Values::one("a") < several(&["a", "b"]) && several(&["a", "b"]) < Values::one("b"));
        assert_eq!(several(&["a", "b"]).single(), None);
        assert_eq!(Values::one("a").single(), Some(&"a".into()));
        assert_eq!(format!("{:?}", Values::one(1)), "Values([Integer(1)])");
        // An attribute is no larger than its value.
        assert_eq!(size_of::<Option<Values>>(), size_of::<Value>());
    }

    #[test]
    fn values_render_as_administrators_know_them() {
        assert_eq!(Value::Boolean(true).to_string(), "True");
        assert_eq!(Value::binary(&[1, 0xab]).to_string(), "01AB");
        assert_eq!(ValueType::parse("datetime"), Some(ValueType::DateTime));
        assert_eq!(ValueType::parse("text"), None);
    }
}
