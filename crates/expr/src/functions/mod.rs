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
mod entra;
mod join;
mod logic;
mod password;
mod purity;
mod table;
mod unique;

use std::sync::Arc;

use model::{Value, ValueType};
use smallvec::SmallVec;

use crate::environment::Context;
use crate::eval::Evaluator;
use crate::operand::{Failure, Operand};
use crate::program::Bound;
use crate::{ErrorKind, ExprError};

pub(crate) use case::to_lower;
pub use purity::Purity;
pub use table::FUNCTIONS;
pub(crate) use table::JOIN;

/// A vocabulary of functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// The function language of Microsoft Identity Manager 2016.
    Mim,
    /// The expression language of Microsoft Entra Connect Sync.
    Entra,
    /// That language with functions of cloud provisioning added.
    EntraExtended,
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
    /// One text, nothing converted.
    StrictText,
    /// One whole number, nothing converted.
    Number,
    /// One Boolean, nothing converted.
    Boolean,
    /// One reference.
    Reference,
    /// One moment.
    Moment,
    /// One text or octets, nothing converted.
    TextOrOctets,
    /// Several values, also if there is but one; holes are skipped. Nothing stays nothing.
    List,
    /// A text literal, nothing computed.
    Literal,
    /// One of these words, written bare.
    Words(&'static [&'static str]),
    /// A variable that the function binds, written `$name`.
    Variable,
    /// Evaluated by the function when and if it needs it; a flow constant may stand here.
    Branch,
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
            Self::Any | Self::Branch => "any value",
            Self::StrictText => "a text",
            Self::Number => "a whole number",
            Self::Boolean => "True or False",
            Self::Reference => "a reference",
            Self::Moment => "a date",
            Self::TextOrOctets => "a text or octets",
            Self::List => "a multi-valued attribute",
            Self::Literal => "a text literal",
            Self::Words(_) => "one of the words of this parameter",
            Self::Variable => "a variable",
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
    /// The result is 0.
    Zero,
    /// The result is False.
    False,
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

/// The code of a function that takes its arguments evaluated.
pub(crate) type Eager = fn(&Arguments, &mut Context<'_>) -> Result<Operand, Failure>;

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
    /// How many of the last parameters may be left out.
    pub optional: usize,
    /// True if the last parameter takes one or more arguments.
    pub variadic: bool,
    /// How many of the last parameters repeat as a group when `variadic`; usually one.
    pub group: usize,
    /// The arguments, from zero, that a collection may be given for: the function then works
    /// element by element.
    pub lifts: &'static [usize],
    /// What comes out.
    pub returns: Returns,
    /// What a result depends on beside the arguments, and whether it may be shown.
    pub purity: Purity,
    /// True if a call is an expression of its own: no part of a larger one.
    pub outermost: bool,
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
        let count = self.parameters.len();
        if index < count || !self.variadic {
            return self.parameters.get(index);
        }
        let group = self.group.max(1);
        let within = index.saturating_sub(count).checked_rem(group).unwrap_or(0);
        self.parameters.get(count.saturating_sub(group).saturating_add(within))
    }

    /// True if the function takes `count` arguments.
    #[must_use]
    pub const fn accepts(&self, count: usize) -> bool {
        let most = self.parameters.len();
        let group = if self.group == 0 { 1 } else { self.group };
        match count.checked_sub(most) {
            None => count >= most.saturating_sub(self.optional),
            Some(0) => true,
            Some(more) => self.variadic && more.is_multiple_of(group),
        }
    }

    /// The call as documentation shows it: `Left(str, numChars)`.
    #[must_use]
    pub fn signature(&self) -> String {
        let needed = self.parameters.len().saturating_sub(self.optional);
        let mut names = String::new();
        for (i, parameter) in self.parameters.iter().enumerate() {
            if i >= needed {
                names.push('[');
            }
            if i > 0 {
                names.push_str(", ");
            }
            names.push_str(parameter.name);
        }
        names.extend(std::iter::repeat_n(']', self.optional));
        let more = if self.variadic { ", ..." } else { "" };
        format!("{}({names}{more})", self.name)
    }
}

/// The function of this name in `dialect`.
#[must_use]
pub fn find(name: &str, dialect: Dialect) -> Option<&'static Function> {
    available(dialect).find(|f| f.name == name)
}

/// The functions of `dialect` and those available everywhere.
pub fn available(dialect: Dialect) -> impl Iterator<Item = &'static Function> {
    entra::FUNCTIONS
        .iter()
        .copied()
        .flatten()
        .chain(FUNCTIONS)
        .filter(move |f| f.dialects.iter().any(|d| is_part_of(*d, dialect)))
}

/// True if the functions of `part` belong to `whole`.
fn is_part_of(part: Dialect, whole: Dialect) -> bool {
    part == whole
        || part == Dialect::Extension
        || (part == Dialect::Entra && whole == Dialect::EntraExtended)
}

/// Evaluated arguments, converted to their parameters' kinds once the function's code sees them.
/// Nearly every call has no more than these, and takes no memory for them.
#[derive(Debug, Default)]
pub(crate) struct Arguments(SmallVec<[Operand; 4]>);

impl FromIterator<Operand> for Arguments {
    fn from_iter<I: IntoIterator<Item = Operand>>(operands: I) -> Self {
        Self(operands.into_iter().collect())
    }
}

impl Arguments {
    /// So many arguments, none of them evaluated.
    pub(crate) fn absent(count: usize) -> Self {
        let mut operands = SmallVec::new();
        operands.resize_with(count, Operand::default);
        Self(operands)
    }

    pub(crate) fn iter_mut(&mut self) -> std::slice::IterMut<'_, Operand> {
        self.0.iter_mut()
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
            _ => None,
        }
    }

    /// Argument `index` of a text parameter; empty when absent.
    pub(crate) fn text(&self, index: usize) -> &str {
        self.single(index).and_then(Value::as_str).unwrap_or_default()
    }

    /// How many arguments were given.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// Argument `index` of a Boolean parameter; false when absent.
    pub(crate) fn boolean(&self, index: usize) -> bool {
        matches!(self.single(index), Some(Value::Boolean(true)))
    }

    /// Argument `index` if it is octets.
    pub(crate) fn octets(&self, index: usize) -> Option<&[u8]> {
        match self.single(index) {
            Some(Value::Binary(octets)) => Some(octets),
            _ => None,
        }
    }

    /// Argument `index` of a moment parameter, in ticks (see [`Operand::Moment`]).
    pub(crate) fn moment(&self, index: usize) -> i64 {
        match self.any(index) {
            Operand::Moment(ticks) => *ticks,
            _ => 0,
        }
    }

    /// The elements of argument `index` of a list parameter, without holes; none when absent.
    pub(crate) fn list(&self, index: usize) -> impl Iterator<Item = &Operand> {
        let elements = match self.any(index) {
            Operand::List(elements) => elements.as_slice(),
            _ => &[],
        };
        elements.iter().filter(|element| **element != Operand::Null)
    }

    /// The word given as argument `index`, if there is one.
    pub(crate) fn word(&self, index: usize) -> Option<&'static str> {
        match self.any(index) {
            Operand::Enumeration(word) => Some(word),
            _ => None,
        }
    }

    /// Argument `index` of a text parameter, without copying it.
    pub(crate) fn shared_text(&self, index: usize) -> Arc<str> {
        match self.single(index) {
            Some(Value::String(text)) => Arc::clone(text),
            _ => Arc::default(),
        }
    }

    /// This part of the text that argument `index` is: the argument itself if it is all of it.
    pub(crate) fn part_of(&self, index: usize, part: &str) -> Operand {
        if part.len() == self.text(index).len() {
            return Operand::text(self.shared_text(index));
        }
        if part.is_empty() { Operand::empty_text() } else { Operand::text(part) }
    }

    /// Argument `index` of a number parameter that refuses or propagates absence.
    pub(crate) fn integer(&self, index: usize) -> i64 {
        match self.single(index) {
            Some(Value::Integer(number)) => *number,
            _ => 0,
        }
    }
}
