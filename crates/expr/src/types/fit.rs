//! Which types fit which parameters, targets and other types.

use model::{Timestamp, ValueType};

use super::{Branch, Origin, Type, ValueTypes};
use crate::functions::Kind;
use crate::operand::{boolean_word, is_decimal};
use crate::{Dialect, Operator};

/// The types that have a rendering as text.
pub(super) const RENDERED: ValueTypes = ValueTypes::only(ValueType::String)
    .or(ValueTypes::only(ValueType::Integer))
    .or(ValueTypes::only(ValueType::Boolean))
    .or(ValueTypes::only(ValueType::Reference));

const OCTETS: ValueTypes = ValueTypes::only(ValueType::Binary);

/// The types whose values have an order in Entra Connect.
const ORDERED: ValueTypes = ValueTypes::only(ValueType::String)
    .or(ValueTypes::only(ValueType::Integer))
    .or(ValueTypes::only(ValueType::DateTime));

/// True if some value of the branch is what a parameter of `kind` takes. Whether there are several
/// is another question.
pub(super) fn fits_kind(branch: &Branch<'_>, kind: Kind, dialect: Dialect) -> bool {
    use ValueType as T;
    let values = branch.of.values;
    match (kind, branch.origin) {
        (Kind::Integer, Origin::Text(text)) => is_decimal(text),
        (Kind::Truth, Origin::Text(text)) => boolean_word(text).is_some(),
        (Kind::Text, _) if dialect == Dialect::Mim => values != OCTETS,
        // A date is no value of Entra Connect's that could be rendered.
        (Kind::Text, _) => !values.and(RENDERED).is_empty(),
        (Kind::Integer, _) => values.contains(T::Integer) || values.contains(T::String),
        (Kind::Truth, _) => is_condition(values),
        (Kind::Binary, _) => values.contains(T::Binary),
        (Kind::StrictText | Kind::Literal, _) => values.contains(T::String),
        (Kind::Number, _) => values.contains(T::Integer),
        (Kind::Boolean, _) => values.contains(T::Boolean),
        (Kind::Reference, _) => values.contains(T::Reference),
        (Kind::Moment, _) => values.contains(T::DateTime),
        (Kind::TextOrOctets, _) => values.contains(T::String) || values.contains(T::Binary),
        (
            Kind::Single | Kind::Any | Kind::List | Kind::Words(_) | Kind::Variable | Kind::Branch,
            _,
        ) => true,
    }
}

/// True if a value of these types can be true or false.
fn is_condition(values: ValueTypes) -> bool {
    use ValueType as T;
    [T::Boolean, T::Integer, T::String].into_iter().any(|t| values.contains(t))
}

/// True if some value of the branch converts to the target's type. An attribute flows as it is:
/// text that only may hold a number is no number.
pub(super) fn fits_target(branch: &Branch<'_>, to: ValueType) -> bool {
    use ValueType as T;
    let fits = |from: T| match (branch.origin, from) {
        (Origin::Text(""), _) => true,
        (Origin::Text(text), _) => match to {
            T::String | T::Reference => true,
            T::Integer => text.trim().parse::<i64>().is_ok(),
            T::Boolean => boolean_word(text.trim()).is_some(),
            T::DateTime => Timestamp::parse(text).is_ok(),
            T::Binary => false,
        },
        (Origin::Attribute(_), T::String) => matches!(to, T::String | T::Reference),
        (Origin::Computed, T::String) => to != T::Binary,
        (_, from) => from == to || (to == T::String && from != T::Binary),
    };
    branch.of.values.is_empty() || branch.of.values.iter().any(fits)
}

/// True if operands of these branches can go with the operator.
pub(super) fn fits_operator(operator: Operator, left: &Branch<'_>, right: &Branch<'_>) -> bool {
    let (a, b) = (left.of.values, right.of.values);
    let either_is_absent = a.is_empty() || b.is_empty();
    let within = |types: ValueTypes| {
        (a.is_empty() || !a.and(types).is_empty()) && (b.is_empty() || !b.and(types).is_empty())
    };
    let is_truth = |branch: &Branch<'_>| match branch.origin {
        Origin::Text(text) => boolean_word(text).is_some(),
        _ => branch.of.values.is_empty() || is_condition(branch.of.values),
    };
    match operator {
        Operator::And | Operator::Or => is_truth(left) && is_truth(right),
        Operator::Equal | Operator::NotEqual => either_is_absent || !a.and(b).is_empty(),
        Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
            within(ORDERED) && (either_is_absent || !a.and(b).and(ORDERED).is_empty())
        }
        Operator::Add | Operator::Subtract | Operator::Multiply => {
            within(ValueTypes::only(ValueType::Integer))
        }
        Operator::Join => within(RENDERED) || within(OCTETS),
    }
}

/// True if values of these types are never equal to MIM's `Eq`; of a literal the text decides.
pub(crate) fn never_equal(left: &Branch<'_>, right: &Branch<'_>) -> bool {
    let is_never = |a: &Branch<'_>, b: &Branch<'_>| match (a.origin, single(b.of)) {
        (Origin::Text(text), Some(ValueType::Integer)) => !is_decimal(text),
        (Origin::Text(text), Some(ValueType::Boolean)) => boolean_word(text).is_none(),
        _ => false,
    };
    if is_never(left, right) || is_never(right, left) {
        return true;
    }
    let (a, b) = (left.of.values, right.of.values);
    let pairs = || a.iter().flat_map(|a| b.iter().map(move |b| (a, b)));
    !a.is_empty() && !b.is_empty() && !pairs().any(|(a, b)| may_be_equal(a, b))
}

fn single(of: Type) -> Option<ValueType> {
    let mut types = of.values.iter();
    types.next().filter(|_| types.next().is_none())
}

fn may_be_equal(a: ValueType, b: ValueType) -> bool {
    use ValueType as T;
    a == b
        || matches!(
            (a, b),
            (T::String, T::Integer | T::Boolean | T::Reference | T::DateTime)
                | (T::Integer | T::Boolean | T::Reference | T::DateTime, T::String)
        )
}

/// True if values of these branches have no order that MIM's comparisons know.
pub(super) fn never_ordered(left: &Branch<'_>, right: &Branch<'_>) -> bool {
    let is_never = |a: &Branch<'_>, b: &Branch<'_>| {
        let Origin::Text(text) = a.origin else { return false };
        single(b.of) == Some(ValueType::Integer) && !is_decimal(text)
    };
    if is_never(left, right) || is_never(right, left) {
        return true;
    }
    let (a, b) = (left.of.values, right.of.values);
    let pairs = || a.iter().flat_map(|a| b.iter().map(move |b| (a, b)));
    !a.is_empty() && !b.is_empty() && !pairs().any(|(a, b)| have_order(a, b))
}

fn have_order(a: ValueType, b: ValueType) -> bool {
    use ValueType as T;
    matches!(
        (a, b),
        (T::Integer | T::String, T::Integer | T::String)
            | (T::DateTime, T::DateTime)
            | (T::String | T::Reference, T::String | T::Reference)
    )
}
