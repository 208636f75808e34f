//! The functions of Entra Connect's expression language, in three tables: text, numbers,
//! predicates and lists; dates, octets, names, certificates and conversions; and the forms that
//! decide themselves what is evaluated.
//!
//! How an entry is read: arguments are evaluated; if one named by `lifts` is a list, the function
//! is called once per element, holes included; an argument is checked against its kind; absent
//! ones are dealt with as `on_null` says; then the code runs.

mod binary_code;
mod certificate_functions;
mod certificate_name;
mod certificate_read;
mod data;
mod data_code;
#[cfg(test)]
mod data_programs;
#[cfg(test)]
mod data_tests;
mod date_calendar;
mod dn_parts;
mod forms;
mod list_values;
mod text;
mod text_code;
mod text_find;
mod text_form;
mod text_random;
#[cfg(test)]
mod text_tests;

use model::ValueType;

use super::{Dialect, Function, Kind, OnNull, Parameter, Purity, Returns, Run, logic};
use crate::ErrorKind;

/// Every function of the dialect. Additions of cloud provisioning come first where they take
/// another form of a name.
pub(super) static FUNCTIONS: &[&[Function]] =
    &[text::FUNCTIONS, data::FUNCTIONS, certificate_functions::FUNCTIONS, forms::FUNCTIONS];

const STRING: Returns = Returns::Type(ValueType::String);
const INTEGER: Returns = Returns::Type(ValueType::Integer);
const BOOLEAN: Returns = Returns::Type(ValueType::Boolean);
const BINARY: Returns = Returns::Type(ValueType::Binary);
const REFERENCE: Returns = Returns::Type(ValueType::Reference);
const MOMENT: Returns = Returns::Type(ValueType::DateTime);

/// What most entries have in common: one argument, lifted; a deterministic text.
const ENTRA: Function = Function {
    name: "",
    dialects: &[Dialect::Entra],
    parameters: &[],
    optional: 0,
    variadic: false,
    group: 1,
    lifts: &[0],
    returns: STRING,
    purity: Purity::DETERMINISTIC,
    outermost: false,
    reads_escapes: false,
    docs: "",
    run: Run::Eager(logic::null),
};

/// The same for an addition of cloud provisioning.
const EXTENDED: Function = Function { dialects: &[Dialect::EntraExtended], ..ENTRA };

const fn parameter(name: &'static str, kind: Kind, on_null: OnNull) -> Parameter {
    Parameter { name, kind, on_null }
}

/// A text, nothing converted.
const fn text(name: &'static str, on_null: OnNull) -> Parameter {
    parameter(name, Kind::StrictText, on_null)
}

/// A number that must be there.
const fn number(name: &'static str) -> Parameter {
    parameter(name, Kind::Number, OnNull::Refuse(ErrorKind::Type))
}

/// One value or several of any type, inspected as a whole.
const fn any(name: &'static str) -> Parameter {
    parameter(name, Kind::Any, OnNull::Pass)
}

/// A multi-valued attribute; nothing passes as none.
const fn list(name: &'static str) -> Parameter {
    parameter(name, Kind::List, OnNull::Pass)
}
