//! The functions of the language: one table, and the code behind it.
//!
//! A function's entry says all that binding and evaluation need: how many arguments of which kind,
//! what an absent one means, what comes out. The code behind it therefore only sees arguments that
//! fit. To add a function: its code in one of these modules, its entry in `table.rs`.

mod account;
mod bits;
mod case;
mod convert;
mod cut;
mod date;
mod distinguished;
mod join;
mod logic;
mod password;
mod table;

use std::sync::Arc;

use model::{Value, ValueType};

use crate::eval::Evaluator;
use crate::operand::{Failure, Operand};
use crate::program::Bound;
use crate::{ErrorKind, ExprError, Random};

pub use table::FUNCTIONS;
pub(crate) use table::JOIN;

/// A vocabulary of functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// The function language of Microsoft Identity Manager 2016.
    Mim,
    /// Functions of our own, available beside every other dialect.
    Extension,
}

/// What a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One text.
    Text,
    /// One whole number.
    Integer,
    /// One value that is true or false.
    Truth,
    /// Octets.
    Binary,
    /// One value of any type.
    Single,
    /// Anything, several values included.
    Any,
}

impl Kind {
    /// The kind in words, for error messages.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Integer => "a whole number",
            Self::Truth => "true or false",
            Self::Binary => "octets",
            Self::Single => "one value",
            Self::Any => "any value",
        }
    }
}

/// What an absent argument means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnNull {
    /// The result is absent.
    Propagate,
    /// The result is the empty text.
    EmptyText,
    /// An error of this kind.
    Refuse(ErrorKind),
    /// The function sees to it.
    Pass,
}

/// One parameter.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    /// Its name, for documentation and messages.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// What an absent argument means.
    pub on_null: OnNull,
}

/// What comes out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returns {
    /// One value of this type, or nothing.
    Type(ValueType),
    /// Nothing, ever.
    Nothing,
    /// What one of these arguments is.
    Arguments(&'static [usize]),
}

/// Whether equal arguments give equal results. A whole is as pure as its least pure part: the
/// greatest in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purity {
    /// Always.
    Deterministic,
    /// Every evaluation draws anew.
    Random,
    /// Every evaluation draws anew, and what comes out must never be shown.
    RandomSecret,
}

/// The code of a function that takes its arguments evaluated.
pub(crate) type Eager = fn(&Arguments, &mut dyn Random) -> Result<Operand, Failure>;

/// The code of a function that decides itself which arguments are evaluated.
pub(crate) type Lazy = fn(&mut Evaluator<'_>, &[Bound]) -> Result<Operand, ExprError>;

/// The code of a function.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Run {
    Eager(Eager),
    Lazy(Lazy),
}

/// One function.
#[derive(Debug, Clone, Copy)]
pub struct Function {
    /// Its name, compared exactly.
    pub name: &'static str,
    /// Where it is available.
    pub dialects: &'static [Dialect],
    /// Its parameters.
    pub parameters: &'static [Parameter],
    /// True if the last parameter takes one or more arguments.
    pub variadic: bool,
    /// What comes out.
    pub returns: Returns,
    /// Whether equal arguments give equal results.
    pub purity: Purity,
    /// True if `\n`, `\r` and `\t` in literal arguments stand for control characters.
    pub reads_escapes: bool,
    /// What it does, in one line.
    pub docs: &'static str,
    pub(crate) run: Run,
}

impl Function {
    /// The parameter that argument number `index`, from zero, belongs to.
    #[must_use]
    pub fn parameter(&self, index: usize) -> Option<&'static Parameter> {
        let last = if self.variadic { self.parameters.last() } else { None };
        self.parameters.get(index).or(last)
    }

    /// True if the function takes `count` arguments.
    #[must_use]
    pub const fn accepts(&self, count: usize) -> bool {
        let wanted = self.parameters.len();
        count == wanted || (self.variadic && count > wanted)
    }

    /// The call as documentation shows it: `Left(str, numChars)`.
    #[must_use]
    pub fn signature(&self) -> String {
        let names: Vec<&str> = self.parameters.iter().map(|p| p.name).collect();
        let more = if self.variadic { ", ..." } else { "" };
        format!("{}({}{more})", self.name, names.join(", "))
    }
}

/// The function of this name in `dialect`.
#[must_use]
pub fn find(name: &str, dialect: Dialect) -> Option<&'static Function> {
    available(dialect).find(|f| f.name == name)
}

/// The functions of `dialect` and those available everywhere.
pub(crate) fn available(dialect: Dialect) -> impl Iterator<Item = &'static Function> {
    FUNCTIONS
        .iter()
        .filter(move |f| f.dialects.iter().any(|d| *d == dialect || *d == Dialect::Extension))
}

/// Evaluated arguments, converted to their parameters' kinds.
#[derive(Debug)]
pub(crate) struct Arguments(Vec<Operand>);

impl Arguments {
    /// Takes arguments that fit their parameters.
    pub(crate) const fn new(operands: Vec<Operand>) -> Self {
        Self(operands)
    }

    pub(crate) fn iter(&self) -> std::slice::Iter<'_, Operand> {
        self.0.iter()
    }

    /// Argument `index` as it is; absent beyond the end.
    pub(crate) fn any(&self, index: usize) -> &Operand {
        self.0.get(index).unwrap_or(&Operand::Null)
    }

    /// The one value of argument `index`.
    pub(crate) fn single(&self, index: usize) -> Option<&Value> {
        match self.any(index) {
            Operand::One(value) => Some(value),
            Operand::Null | Operand::Many(_) => None,
        }
    }

    /// Argument `index` of a text parameter; empty when absent.
    pub(crate) fn text(&self, index: usize) -> &str {
        self.single(index).and_then(Value::as_str).unwrap_or_default()
    }

    /// Argument `index` of a text parameter, without copying it.
    pub(crate) fn shared_text(&self, index: usize) -> Arc<str> {
        match self.single(index) {
            Some(Value::String(text)) => Arc::clone(text),
            _ => Arc::from(""),
        }
    }

    /// Argument `index` of a number parameter that refuses or propagates absence.
    pub(crate) fn integer(&self, index: usize) -> i64 {
        match self.single(index) {
            Some(Value::Integer(number)) => *number,
            _ => 0,
        }
    }
}
