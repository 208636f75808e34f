//! Conditions, with values of their attributes' types.

use std::sync::Arc;

use model::{Timestamp, Value, ValueType};

use super::space::{Lookup, Space};
use crate::code;
use crate::diagnostic::{Diagnostic, File};
use crate::document::{ConditionDocument, Literal};
use crate::node::Spanned;
use crate::{Condition, Operator, Scope, ScopeGroup};

/// Checks groups of conditions, one of which must hold.
pub(super) fn scope(
    file: File<'_>,
    documents: &[Vec<ConditionDocument>],
    space: &Space<'_>,
    found: &mut Vec<Diagnostic>,
) -> Scope {
    Scope { any: documents.iter().map(|documents| group(file, documents, space, found)).collect() }
}

/// Checks conditions that must all hold.
pub(super) fn group(
    file: File<'_>,
    documents: &[ConditionDocument],
    space: &Space<'_>,
    found: &mut Vec<Diagnostic>,
) -> ScopeGroup {
    let checked = documents.iter().filter_map(|document| condition(file, document, space, found));
    ScopeGroup { all: checked.collect() }
}

/// The condition; `None` after an error, or if its attribute's schema is not known.
fn condition(
    file: File<'_>,
    document: &ConditionDocument,
    space: &Space<'_>,
    found: &mut Vec<Diagnostic>,
) -> Option<Condition> {
    let name = &document.attribute.value;
    let place = document.attribute.span.clone();
    let schema = match space.find(name) {
        Lookup::Found(schema) => schema,
        Lookup::Missing => {
            let error = file.error(code::UNKNOWN_ATTRIBUTE, place, space.missing(name));
            found.push(error.with_help(space.advice(name)));
            return None;
        }
        Lookup::Unchecked => return None,
    };
    if schema.secret {
        let message = format!("`{name}` is a secret: nothing can be compared with it");
        found.push(file.error(code::SECRET, place, message));
        return None;
    }
    let operator = document.operator.value;
    let value_type = schema.value_type;
    if !fits(operator, value_type) {
        let message = format!("this operator does not go with {value_type} values");
        let error = file.error(code::CONDITION, document.operator.span.clone(), message);
        let label = format!("`{name}` is {value_type}");
        found.push(error.with_label(label).with_help(possible(value_type)));
        return None;
    }
    let is_text = matches!(value_type, ValueType::String | ValueType::Reference);
    if let Some(case) = document.case_sensitive.as_ref().filter(|_| !is_text) {
        let message = format!("{value_type} values have no letter case");
        found.push(file.error(code::CONDITION, case.span.clone(), message));
    }
    let case_sensitive = document.case_sensitive.as_ref().is_some_and(|case| case.value);
    let attribute = name.clone();
    if !operator.takes_value() {
        if let Some(value) = document.values.first() {
            let message = "this operator takes no value";
            found.push(file.error(code::CONDITION, value.span.clone(), message));
        }
        return Some(Condition { attribute, operator, values: Vec::new(), case_sensitive });
    }
    let values = values(file, document, value_type, found)?;
    Some(Condition { attribute, operator, values, case_sensitive })
}

/// Which operators the type of an attribute allows.
const fn fits(operator: Operator, value_type: ValueType) -> bool {
    use Operator as O;
    use ValueType as T;
    match operator {
        O::Present | O::NotPresent => true,
        O::Equal | O::NotEqual | O::In | O::NotIn => !matches!(value_type, T::Binary),
        O::StartsWith
        | O::NotStartsWith
        | O::EndsWith
        | O::NotEndsWith
        | O::Contains
        | O::NotContains => matches!(value_type, T::String | T::Reference),
        O::LessThan | O::LessThanOrEqual | O::GreaterThan | O::GreaterThanOrEqual => {
            matches!(value_type, T::String | T::Integer | T::DateTime)
        }
        O::BitOn | O::BitOff => matches!(value_type, T::Integer),
    }
}

fn possible(value_type: ValueType) -> String {
    let words = Operator::ALL.into_iter().filter(|(_, operator)| fits(*operator, value_type));
    let words: Vec<&str> = words.map(|(word, _)| word).collect();
    format!("possible: {}", words.join(", "))
}

/// What to compare with, as values of the attribute's type. One text for an operator that takes a list
/// is a list with semicolons, as in Entra Connect.
fn values(
    file: File<'_>,
    document: &ConditionDocument,
    value_type: ValueType,
    found: &mut Vec<Diagnostic>,
) -> Option<Vec<Value>> {
    let operator = &document.operator;
    let place = operator.span.clone();
    if document.values.is_empty() {
        let message = "this operator needs a `value`";
        found.push(file.error(code::CONDITION, place, message));
        return None;
    }
    if document.is_list && !operator.value.takes_list() {
        let error = file.error(code::CONDITION, place, "this operator compares with one value");
        found.push(error.with_help("use `in` or `not-in` for a list".to_owned()));
        return None;
    }
    let mut converted = Vec::new();
    let mut all = true;
    for written in &document.values {
        for part in parts(written, operator.value.takes_list() && !document.is_list) {
            match value(file, document, &part, value_type, found) {
                Some(value) => converted.push(value),
                None => all = false,
            }
        }
    }
    all.then_some(converted)
}

fn parts(written: &Spanned<Literal>, is_joined: bool) -> Vec<Spanned<Literal>> {
    match &written.value {
        Literal::Text(text) if is_joined => {
            let part = |part: &str| Spanned {
                value: Literal::Text(part.trim().to_owned()),
                span: written.span.clone(),
            };
            text.split(';').map(part).collect()
        }
        _ => vec![written.clone()],
    }
}

/// One value to compare with, of the attribute's type.
fn value(
    file: File<'_>,
    document: &ConditionDocument,
    value: &Spanned<Literal>,
    value_type: ValueType,
    found: &mut Vec<Diagnostic>,
) -> Option<Value> {
    let place = value.span.clone();
    if value.value == Literal::Text(String::new()) {
        let message = "no value equals, contains or begins with empty text";
        let help = "use the operator `present` or `not-present`".to_owned();
        found.push(file.error(code::CONDITION, place, message).with_help(help));
        return None;
    }
    let converted = convert(&value.value, value_type);
    if converted.is_none() {
        let message = format!("this is no {value_type} value");
        let label = format!("`{}` is {value_type}", document.attribute.value);
        found.push(file.error(code::CONDITION, place, message).with_label(label));
    }
    converted
}

fn convert(literal: &Literal, value_type: ValueType) -> Option<Value> {
    Some(match (value_type, literal) {
        (ValueType::String, Literal::Text(text)) => Value::string(text),
        (ValueType::Reference, Literal::Text(text)) => Value::Reference(Arc::from(text.as_str())),
        (ValueType::Integer, Literal::Integer(number)) => Value::Integer(*number),
        (ValueType::Integer, Literal::Text(text)) => Value::Integer(text.trim().parse().ok()?),
        (ValueType::Boolean, Literal::Boolean(truth)) => Value::Boolean(*truth),
        (ValueType::Boolean, Literal::Text(text)) => {
            Value::Boolean(text.trim().to_lowercase().parse().ok()?)
        }
        (ValueType::DateTime, Literal::Text(text)) => Value::DateTime(Timestamp::parse(text).ok()?),
        _ => return None,
    })
}
