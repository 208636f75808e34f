//! Arguments against the parameters they belong to.

use super::fit::{RENDERED, fits_kind, never_ordered};
use super::inference::Inference;
use super::operator::is_flow;
use super::{Branch, Count, Origin, ValueTypes, union};
use crate::functions::{Function, Kind, OnNull};
use crate::{Dialect, ErrorKind, Span};

impl<'a> Inference<'a> {
    /// Reports what can never fit the parameter of argument `index`, and what may not.
    pub(super) fn check_argument(
        &mut self,
        function: &Function,
        called: &str,
        index: usize,
        given: &[Branch<'a>],
    ) {
        let Some(parameter) = function.parameter(index) else { return };
        let kind = kind_of(function, index, parameter.kind);
        for branch in given {
            let fail = |kind, message| (kind, branch.span, message);
            let found = if is_flow(branch.of) && parameter.kind != Kind::Branch {
                fail(ErrorKind::Type, "a flow constant is not a value".to_owned())
            } else if branch.of.is_absent() {
                let OnNull::Refuse(kind) = parameter.on_null else { continue };
                fail(kind, format!("{called}: '{}' must not be absent", parameter.name))
            } else if branch.of.values.is_empty() {
                continue;
            } else if kind == Kind::List && branch.of.count == Count::One {
                let found = branch.of.describe();
                fail(
                    ErrorKind::Type,
                    format!("{called}: expected {}, found {found}", kind.describe()),
                )
            } else if branch.of.count == Count::Several && !takes_lists(function, index, kind) {
                let message = format!("{called}: expected one value, but this has several");
                fail(ErrorKind::Type, message)
            } else if !fits_kind(branch, kind, self.dialect)
                || branch.of.values.and(types_taken(function, index)).is_empty()
            {
                let (wanted, found) = (kind.describe(), branch.of.describe());
                fail(ErrorKind::Type, format!("{called}: expected {wanted}, found {found}"))
            } else {
                if branch.of.count == Count::Either && !takes_lists(function, index, kind) {
                    self.warn_of_several(branch.span, called);
                }
                continue;
            };
            let (kind, span, message) = found;
            self.error(kind, span, message);
        }
    }

    /// Reports comparisons of MIM's that fail for every object.
    pub(super) fn check_order(
        &mut self,
        function: &Function,
        span: Span,
        given: &[Vec<Branch<'a>>],
    ) {
        let orders = ["LessThan", "GreaterThan", "LessThanOrEquals", "GreaterThanOrEquals"];
        let ([left, right], true) = (given, orders.contains(&function.name)) else { return };
        let whole = |side: &[Branch<'a>]| match side {
            [one] => *one,
            _ => Branch { span, of: union(side), origin: Origin::Computed },
        };
        let (left, right) = (whole(left), whole(right));
        if never_ordered(&left, &right) {
            let message = format!(
                "{}: {} and {} have no order",
                function.name,
                left.of.describe(),
                right.of.describe()
            );
            self.error(ErrorKind::Type, span, message);
        }
    }
}

/// What an argument must be. Some functions look into arguments that could be anything.
fn kind_of(function: &Function, index: usize, kind: Kind) -> Kind {
    let is_mim = function.dialects.contains(&Dialect::Mim);
    match (function.name, index) {
        ("IIF" | "Not", 0) | ("Where", 2) if !is_mim => Kind::Truth,
        ("Switch", _) if index.is_multiple_of(2) => Kind::Truth,
        ("Select", 2) => Kind::Single,
        ("SelectUniqueValue", _) => Kind::StrictText,
        _ => kind,
    }
}

/// True if a collection may be given.
fn takes_lists(function: &Function, index: usize, kind: Kind) -> bool {
    let chooses_each = function.name == "IIF" && !function.dialects.contains(&Dialect::Mim);
    function.lifts.contains(&index)
        || matches!(kind, Kind::Any | Kind::Branch | Kind::List)
        || (chooses_each && index == 0)
}

/// The types that the code of a function takes where the kind of its parameter says less.
fn types_taken(function: &Function, index: usize) -> ValueTypes {
    use model::ValueType as T;
    match (function.name, index) {
        ("CBool", 0) => ValueTypes::from_iter([T::Boolean, T::Integer, T::String]),
        ("CNum", 0) => ValueTypes::from_iter([T::Integer, T::Binary, T::String]),
        ("CStr", 0) => RENDERED,
        ("Join", 0) => ValueTypes::only(T::String),
        ("Contains", 0) => ValueTypes::from_iter([T::String, T::Reference]),
        _ => ValueTypes::ALL,
    }
}
