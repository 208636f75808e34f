//! Brings an expression's result into the type of the attribute it flows to.

use model::{AttributeSchema, Value, ValueType, Values};

/// A value does not fit its target.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ConvertError {
    /// Several values for a single-valued attribute.
    #[error("{count} values flow to a single-valued attribute")]
    Several {
        /// How many.
        count: usize,
    },
    /// No conversion between the types.
    #[error("a {from} value does not convert to {to}")]
    Type {
        /// The type of the value.
        from: ValueType,
        /// The type of the attribute.
        to: ValueType,
    },
}

impl ConvertError {
    /// MIM's name of the error.
    #[must_use]
    pub(crate) const fn error_type(&self) -> &'static str {
        match self {
            Self::Several { .. } => "flow-multi-values-to-single-value",
            Self::Type { .. } => "cs-attribute-type-mismatch",
        }
    }
}

/// Converts `values` for an attribute of `schema`: numbers and truth values to text and back, text
/// to references; binary never converts.
///
/// # Errors
/// [`ConvertError`] when a value has no counterpart in the target type.
pub(crate) fn convert(
    values: &Values,
    schema: &AttributeSchema,
) -> Result<Option<Values>, ConvertError> {
    if !schema.multi_valued && values.len() > 1 {
        return Err(ConvertError::Several { count: values.len() });
    }
    let converted: Result<Vec<Value>, ConvertError> =
        values.iter().map(|value| convert_one(value, schema.value_type)).collect();
    Ok(Values::from_vec(converted?))
}

fn convert_one(value: &Value, to: ValueType) -> Result<Value, ConvertError> {
    let from = value.value_type();
    let converted = match (value, to) {
        _ if from == to => Some(value.clone()),
        (Value::Integer(_) | Value::Boolean(_) | Value::DateTime(_), ValueType::String) => {
            Some(Value::string(&value.to_string()))
        }
        (Value::Reference(text), ValueType::String) => Some(Value::String(text.clone())),
        (Value::String(text), ValueType::Reference) => Some(Value::Reference(text.clone())),
        (Value::String(text), ValueType::Integer) => text.trim().parse().ok().map(Value::Integer),
        (Value::String(text), ValueType::Boolean) => match text.trim().to_lowercase().as_str() {
            "true" => Some(Value::Boolean(true)),
            "false" => Some(Value::Boolean(false)),
            _ => None,
        },
        (Value::String(text), ValueType::DateTime) => {
            model::Timestamp::parse(text).ok().map(Value::DateTime)
        }
        _ => None,
    };
    converted.ok_or(ConvertError::Type { from, to })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: impl Into<Value>, to: ValueType, expected: Option<Value>) {
        let converted = convert(&Values::one(value), &AttributeSchema::single(to));
        assert_eq!(converted.ok().flatten(), expected.map(Values::one));
    }

    #[test]
    fn values_convert_where_both_sides_have_a_counterpart() {
        check(262_656, ValueType::String, Some("262656".into()));
        check("262656", ValueType::Integer, Some(262_656.into()));
        check("TRUE", ValueType::Boolean, Some(true.into()));
        check("x", ValueType::Integer, None);
        check(Value::binary(&[1]), ValueType::String, None);
        let two = Values::from_vec(vec!["a".into(), "b".into()]).unwrap();
        let single = AttributeSchema::single(ValueType::String);
        assert_eq!(convert(&two, &single), Err(ConvertError::Several { count: 2 }));
        assert!(convert(&two, &AttributeSchema::multi(ValueType::String)).is_ok());
    }
}
