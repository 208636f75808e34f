//! Values while an expression is evaluated, and their conversion to what a parameter wants.

use std::sync::Arc;

use model::{Value, Values};

use crate::ErrorKind;
use crate::functions::Kind;

/// A value on its way through an expression. Unlike an attribute it can be an empty text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Operand {
    /// Nothing.
    Null,
    /// One value.
    One(Value),
    /// Several values of one attribute.
    Many(Values),
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

    /// What leaves the expression: no value for nothing and for empty text.
    pub(crate) fn into_values(self) -> Option<Values> {
        match self {
            Self::Null => None,
            Self::One(value) => Values::from_vec(vec![value]),
            Self::Many(values) => Some(values),
        }
    }

    /// Brings the operand into the form a parameter of `kind` takes. Nothing stays nothing.
    ///
    /// A text parameter takes numbers, Booleans, references and moments as MIM renders them; a
    /// number parameter takes decimal text. Octets never convert.
    pub(crate) fn convert(self, kind: Kind) -> Result<Self, Failure> {
        let value = match (self, kind) {
            (Self::Null, _) => return Ok(Self::Null),
            (operand, Kind::Any) => return Ok(operand),
            (Self::Many(_), _) => {
                let message = "expected one value, but the attribute has several";
                return Err(Failure::new(ErrorKind::Type, message));
            }
            (Self::One(value), _) => value,
        };
        let converted = match kind {
            Kind::Any | Kind::Single => value,
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

fn mismatch(wanted: Kind, found: &Value) -> Failure {
    let message = format!("expected {}, found a {} value", wanted.describe(), found.value_type());
    Failure::new(ErrorKind::Type, message)
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

fn truth_of(value: &Value) -> Result<bool, Failure> {
    match value {
        Value::Boolean(truth) => Ok(*truth),
        Value::Integer(number) => Ok(*number != 0),
        Value::String(text) => boolean_word(text).ok_or_else(|| mismatch(Kind::Truth, value)),
        _ => Err(mismatch(Kind::Truth, value)),
    }
}
