//! Values while an expression is evaluated, and their conversion to what a parameter wants.

use std::sync::Arc;

use model::{Timestamp, Value, ValueType, Values};

use crate::ErrorKind;
use crate::environment::Given;
use crate::functions::Kind;
use crate::limits::BYTES_PER_STEP;

/// A value on its way through an expression. Unlike an attribute it can be an empty text.
// It moves by whole words, as `Value` does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[repr(u64)]
pub enum Operand {
    /// Nothing.
    #[default]
    Null,
    /// One value.
    One(Value),
    /// Several values of one attribute, in canonical order (MIM only).
    Many(Values),
    /// A collection in its order, duplicates kept (Entra only). An element is one value, a moment,
    /// or nothing: a hole.
    List(Vec<Self>),
    /// A moment in ticks of 100 ns since 1601-01-01T00:00:00Z, from year 1 to 9999.
    Moment(i64),
    /// What an expression tells the flow instead of a value.
    Flow(FlowConstant),
    /// A word that only some parameters take.
    Enumeration(&'static str),
}

/// What an expression can tell the flow instead of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlowConstant {
    /// As if the flow did not exist.
    IgnoreThisFlow,
    /// The attribute is removed and flows of lower precedence are blocked.
    AuthoritativeNull,
}

/// What an expression means to its flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlowValue {
    /// These values, in canonical order.
    Value(Values),
    /// Nothing: flows of lower precedence may contribute.
    Nothing,
    /// As if the flow did not exist.
    IgnoreThisFlow,
    /// The attribute is removed and flows of lower precedence are blocked.
    AuthoritativeNull,
}

/// Ticks from 1601 to 1970.
const TICKS_TO_1970: i64 = 116_444_736_000_000_000;

/// A timestamp in ticks; microseconds beyond year 9999 stop there.
pub(crate) const fn ticks_of(moment: Timestamp) -> i64 {
    moment.0.saturating_mul(10).saturating_add(TICKS_TO_1970)
}

/// Ticks as a timestamp, rounded down to microseconds.
pub(crate) const fn timestamp_of(ticks: i64) -> Timestamp {
    Timestamp(ticks.saturating_sub(TICKS_TO_1970).div_euclid(10))
}

/// Why a function or a conversion failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The class.
    pub(crate) kind: ErrorKind,
    /// What is wrong, without any value.
    pub(crate) message: String,
    /// The index of the offending argument; `None` for the call as a whole.
    pub(crate) argument: Option<usize>,
}

impl Failure {
    /// A failure of the call as a whole.
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), argument: None }
    }

    /// A failure that argument number `argument`, from zero, is to blame for.
    pub(crate) fn of_argument(
        argument: usize,
        kind: ErrorKind,
        message: impl Into<String>,
    ) -> Self {
        Self { kind, message: message.into(), argument: Some(argument) }
    }
}

impl Operand {
    /// A text.
    pub(crate) fn text(text: impl Into<Arc<str>>) -> Self {
        Self::One(Value::String(text.into()))
    }

    /// The empty text, which takes no memory.
    pub(crate) fn empty_text() -> Self {
        Self::One(Value::String(Arc::default()))
    }

    /// An attribute's values, or nothing.
    pub(crate) fn of_attribute(values: Option<&Values>) -> Self {
        match values {
            None => Self::Null,
            Some(values) => match values.single() {
                Some(value) => Self::One(value.clone()),
                None => Self::Many(values.clone()),
            },
        }
    }

    /// What the surroundings hold; a multi-valued attribute is a list even with one value.
    pub(crate) fn given(given: Given<'_>) -> Self {
        match given {
            Given::Nothing | Given::Several([]) => Self::Null,
            Given::One(value) => Self::of_value(value),
            Given::Several(values) => Self::List(values.iter().map(Self::of_value).collect()),
            Given::Set(values) => Self::List(values.iter().map(Self::of_value).collect()),
        }
    }

    fn of_value(value: &Value) -> Self {
        match value {
            Value::DateTime(moment) => Self::Moment(ticks_of(*moment)),
            _ => Self::One(value.clone()),
        }
    }

    /// The list of these elements; nothing if there are none but holes.
    pub(crate) fn list(elements: Vec<Self>) -> Self {
        if elements.iter().all(|element| *element == Self::Null) {
            return Self::Null;
        }
        Self::List(elements)
    }

    /// The list without its holes; anything else as it is.
    #[must_use]
    pub(crate) fn without_holes(self) -> Self {
        match self {
            Self::List(mut elements) => {
                elements.retain(|element| *element != Self::Null);
                Self::list(elements)
            }
            other => other,
        }
    }

    /// The list of these elements, holes kept; nothing if there are no elements at all.
    pub(crate) fn list_with_holes(elements: Vec<Self>) -> Self {
        if elements.is_empty() { Self::Null } else { Self::List(elements) }
    }

    /// Bytes of text and octets.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::One(Value::String(text) | Value::Reference(text)) => text.len(),
            Self::One(Value::Binary(octets)) => octets.len(),
            Self::List(elements) => elements.iter().map(Self::size).fold(0, usize::saturating_add),
            _ => 0,
        }
    }

    /// The steps that handling it once takes; see [`crate::limits::STEPS_MAX`].
    pub(crate) fn weight(&self) -> u32 {
        let elements = match self {
            Self::List(elements) => elements.len().saturating_mul(2),
            _ => 0,
        };
        let weight = elements.saturating_add(self.size() / BYTES_PER_STEP);
        u32::try_from(weight).unwrap_or(u32::MAX)
    }

    /// A number.
    pub(crate) const fn number(number: i64) -> Self {
        Self::One(Value::Integer(number))
    }

    /// True or false.
    pub(crate) const fn truth(truth: bool) -> Self {
        Self::One(Value::Boolean(truth))
    }

    /// Octets.
    pub(crate) fn octets(octets: &[u8]) -> Self {
        Self::One(Value::binary(octets))
    }

    /// The one value, if it is one.
    pub(crate) const fn value(&self) -> Option<&Value> {
        match self {
            Self::One(value) => Some(value),
            _ => None,
        }
    }

    /// What leaves the expression: no value for nothing and for empty text.
    pub(crate) fn into_values(self) -> Option<Values> {
        match self {
            Self::Null | Self::Flow(_) | Self::Enumeration(_) => None,
            Self::One(value) => (!value.is_empty_text()).then(|| Values::one(value)),
            Self::Many(values) => Some(values),
            Self::Moment(ticks) => Some(Values::one(Value::DateTime(timestamp_of(ticks)))),
            Self::List(elements) => {
                Values::from_vec(elements.into_iter().filter_map(Self::into_value).collect())
            }
        }
    }

    fn into_value(self) -> Option<Value> {
        match self {
            Self::One(value) => Some(value),
            Self::Moment(ticks) => Some(Value::DateTime(timestamp_of(ticks))),
            _ => None,
        }
    }

    /// What the result means to its flow.
    #[must_use]
    pub fn into_flow(self) -> FlowValue {
        match self {
            Self::Flow(FlowConstant::IgnoreThisFlow) => FlowValue::IgnoreThisFlow,
            Self::Flow(FlowConstant::AuthoritativeNull) => FlowValue::AuthoritativeNull,
            other => other.into_values().map_or(FlowValue::Nothing, FlowValue::Value),
        }
    }

    /// The type in words, for error messages.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Null => "nothing".to_owned(),
            Self::One(value) => typed(value),
            Self::Many(_) | Self::List(_) => "several values".to_owned(),
            Self::Moment(_) => "a date".to_owned(),
            Self::Flow(_) => "a flow constant".to_owned(),
            Self::Enumeration(word) => format!("the word {word}"),
        }
    }

    /// True if a parameter of `kind` takes the operand as it is.
    const fn fits(&self, kind: Kind) -> bool {
        match self {
            Self::Null => true,
            Self::One(value) => match kind {
                Kind::Any | Kind::Branch | Kind::Variable | Kind::Words(_) | Kind::Single => true,
                Kind::Text | Kind::StrictText | Kind::Literal => matches!(value, Value::String(_)),
                Kind::Integer | Kind::Number => matches!(value, Value::Integer(_)),
                Kind::Truth | Kind::Boolean => matches!(value, Value::Boolean(_)),
                Kind::Binary => matches!(value, Value::Binary(_)),
                Kind::TextOrOctets => matches!(value, Value::String(_) | Value::Binary(_)),
                Kind::Reference => matches!(value, Value::Reference(_)),
                Kind::Moment | Kind::List => false,
            },
            Self::Moment(_) => matches!(kind, Kind::Moment | Kind::Single | Kind::Any),
            Self::Many(_) | Self::List(_) | Self::Flow(_) | Self::Enumeration(_) => {
                matches!(kind, Kind::Any | Kind::Branch | Kind::Variable | Kind::Words(_))
            }
        }
    }

    /// The operand in the form a parameter of `kind` takes. Nothing stays nothing.
    ///
    /// A text parameter takes numbers, Booleans, references and moments as MIM renders them; a
    /// number parameter takes decimal text. Octets never convert.
    pub(crate) fn convert(mut self, kind: Kind) -> Result<Self, Failure> {
        self.fit(kind)?;
        Ok(self)
    }

    /// The same in place: nearly every argument already is what it must be.
    pub(crate) fn fit(&mut self, kind: Kind) -> Result<(), Failure> {
        if !self.fits(kind) {
            *self = std::mem::take(self).converted(kind)?;
        }
        Ok(())
    }

    fn converted(self, kind: Kind) -> Result<Self, Failure> {
        let value = match (self, kind) {
            (Self::Null, _) => return Ok(Self::Null),
            (operand, Kind::Any | Kind::Branch | Kind::Variable | Kind::Words(_)) => {
                return Ok(operand);
            }
            (operand @ Self::List(_), Kind::List) => return Ok(operand.without_holes()),
            (operand @ Self::Moment(_), Kind::Moment | Kind::Single) => return Ok(operand),
            (Self::One(value), _) => value,
            (Self::Many(_) | Self::List(_), _) => {
                let message = "expected one value, but the attribute has several";
                return Err(Failure::new(ErrorKind::Type, message));
            }
            (operand, _) => {
                let message = format!("expected {}, found {}", kind.describe(), operand.describe());
                return Err(Failure::new(ErrorKind::Type, message));
            }
        };
        let converted = match kind {
            Kind::Any | Kind::Branch | Kind::Variable | Kind::Words(_) | Kind::Single => value,
            Kind::StrictText | Kind::Literal => strict(kind, value, &[ValueType::String])?,
            Kind::Number => strict(kind, value, &[ValueType::Integer])?,
            Kind::Boolean => strict(kind, value, &[ValueType::Boolean])?,
            Kind::Reference => strict(kind, value, &[ValueType::Reference])?,
            Kind::TextOrOctets => strict(kind, value, &[ValueType::String, ValueType::Binary])?,
            Kind::Moment | Kind::List => return Err(mismatch(kind, &value)),
            Kind::Text => Value::String(text_of(&value).ok_or_else(|| mismatch(kind, &value))?),
            Kind::Integer => Value::Integer(integer_of(&value)?),
            Kind::Truth => Value::Boolean(truth_of(&value)?),
            Kind::Binary => match value {
                Value::Binary(_) => value,
                _ => return Err(mismatch(kind, &value)),
            },
        };
        Ok(Self::One(converted))
    }
}

/// The value, if it has one of these types.
fn strict(wanted: Kind, value: Value, types: &[ValueType]) -> Result<Value, Failure> {
    if types.contains(&value.value_type()) { Ok(value) } else { Err(mismatch(wanted, &value)) }
}

fn mismatch(wanted: Kind, found: &Value) -> Failure {
    let message = format!("expected {}, found {}", wanted.describe(), typed(found));
    Failure::new(ErrorKind::Type, message)
}

/// The type of a value in words, for error messages.
pub(crate) fn typed(value: &Value) -> String {
    match value.value_type() {
        ValueType::Integer => "an integer value".to_owned(),
        other => format!("a {other} value"),
    }
}

/// A value as text; octets have none.
pub(crate) fn text_of(value: &Value) -> Option<Arc<str>> {
    match value {
        Value::String(text) | Value::Reference(text) => Some(Arc::clone(text)),
        Value::Integer(_) | Value::Boolean(_) | Value::DateTime(_) => {
            Some(Arc::from(value.to_string()))
        }
        Value::Binary(_) => None,
    }
}

/// True for an optional minus and digits.
pub(crate) fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

fn integer_of(value: &Value) -> Result<i64, Failure> {
    match value {
        Value::Integer(number) => Ok(*number),
        Value::String(text) if is_decimal(text) => decimal(text),
        _ => Err(mismatch(Kind::Integer, value)),
    }
}

/// The number that decimal `text` stands for.
pub(crate) fn decimal(text: &str) -> Result<i64, Failure> {
    text.parse().map_err(|_e| Failure::new(ErrorKind::Range, "the number has more than 64 bits"))
}

/// `true` or `false` in any case.
pub(crate) fn boolean_word(text: &str) -> Option<bool> {
    let is_true = text.eq_ignore_ascii_case("true");
    (is_true || text.eq_ignore_ascii_case("false")).then_some(is_true)
}

pub(crate) fn truth_of(value: &Value) -> Result<bool, Failure> {
    match value {
        Value::Boolean(truth) => Ok(*truth),
        Value::Integer(number) => Ok(*number != 0),
        Value::String(text) => boolean_word(text).ok_or_else(|| mismatch(Kind::Truth, value)),
        _ => Err(mismatch(Kind::Truth, value)),
    }
}
