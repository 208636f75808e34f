//! A bound expression, ready to run as often as needed.

use std::collections::BTreeSet;

use model::{Attributes, Name, Value, ValueType, Values};
use smallvec::SmallVec;

use crate::environment::OfInput;
use crate::eval::Evaluator;
use crate::functions::{Function, Purity, Returns};
use crate::operand::Operand;
use crate::{Dialect, Environment, ErrorKind, ExprError, FlowValue, Operator, Random, Span};

/// Where an expression's attributes come from. A parameter `$name` and a lookup `[//path]` are
/// asked for as `$name` and `//path`.
pub trait Input {
    /// The values of `name`, if it has any.
    fn attribute(&self, name: &str) -> Option<&Values>;
}

impl Input for Attributes {
    fn attribute(&self, name: &str) -> Option<&Values> {
        self.get(name)
    }
}

/// A part of a program: every name has its meaning.
#[derive(Debug, Clone)]
pub(crate) struct Bound {
    pub(crate) kind: BoundKind,
    pub(crate) span: Span,
}

#[derive(Debug, Clone)]
pub(crate) enum BoundKind {
    Constant(Value),
    Attribute(Name),
    /// `%name%`.
    Parameter(String),
    /// The value of the variable bound at this depth.
    Variable(usize),
    /// Nothing, a flow constant or a word.
    Special(Operand),
    Negate(Box<Bound>),
    Chain {
        first: Box<Bound>,
        rest: Vec<(Operator, Bound)>,
    },
    Call {
        function: &'static Function,
        arguments: Vec<Bound>,
    },
}

impl Bound {
    /// The parts it is made of.
    fn parts(&self) -> Vec<&Self> {
        match &self.kind {
            BoundKind::Negate(operand) => vec![operand],
            BoundKind::Chain { first, rest } => {
                std::iter::once(&**first).chain(rest.iter().map(|(_, operand)| operand)).collect()
            }
            BoundKind::Call { arguments, .. } => arguments.iter().collect(),
            _ => Vec::new(),
        }
    }

    /// The parts it is made of.
    pub(crate) fn parts_mut(&mut self) -> Vec<&mut Self> {
        match &mut self.kind {
            BoundKind::Negate(operand) => vec![operand],
            BoundKind::Chain { first, rest } => std::iter::once(&mut **first)
                .chain(rest.iter_mut().map(|(_, operand)| operand))
                .collect(),
            BoundKind::Call { arguments, .. } => arguments.iter_mut().collect(),
            _ => Vec::new(),
        }
    }

    /// True if a secret is computed here, or a variable may hold one.
    fn may_hold_secret(&self) -> bool {
        let is_source = match &self.kind {
            BoundKind::Variable(_) => true,
            BoundKind::Call { function, .. } => function.purity.is_secret(),
            _ => false,
        };
        is_source || self.parts().into_iter().any(Self::may_hold_secret)
    }

    /// The call that stands at `span`.
    fn call_at(&self, span: Span) -> Option<&Self> {
        if self.span == span && matches!(self.kind, BoundKind::Call { .. }) {
            return Some(self);
        }
        self.parts().into_iter().find_map(|part| part.call_at(span))
    }
}

/// A bound expression.
#[derive(Debug, Clone)]
pub struct Program {
    pub(crate) dialect: Dialect,
    pub(crate) root: Bound,
    /// What is known of the result's type; of the expression as it was written.
    pub(crate) result_type: Known,
    pub(crate) attributes: BTreeSet<Name>,
    pub(crate) purity: Purity,
}

impl Program {
    /// Every attribute, parameter and lookup the expression names, in whatever branch.
    #[must_use]
    pub const fn attributes(&self) -> &BTreeSet<Name> {
        &self.attributes
    }

    /// What the result depends on beside the attributes, and whether it may be shown.
    #[must_use]
    pub const fn purity(&self) -> Purity {
        self.purity
    }

    /// True if the result depends on the present moment.
    #[must_use]
    pub const fn reads_clock(&self) -> bool {
        self.purity.reads_clock()
    }

    /// True if the result depends on what other objects there are.
    #[must_use]
    pub const fn asks_others(&self) -> bool {
        self.purity.asks_others()
    }

    /// True if evaluations of the same input may differ though nothing else does.
    #[must_use]
    pub const fn is_random(&self) -> bool {
        self.purity.is_random()
    }

    /// True if the result may hold a secret and must never be shown, nor be in a log. One that is
    /// random, too, may hold a generated password, which is never stored either.
    #[must_use]
    pub const fn is_secret(&self) -> bool {
        self.purity.is_secret()
    }

    /// True if the result depends on the present moment or on what other objects there are, or if
    /// evaluations may differ.
    #[must_use]
    pub const fn depends_on_more_than_input(&self) -> bool {
        self.reads_clock() || self.asks_others() || self.is_random()
    }

    /// The dialect it is written in.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The attribute, if the whole expression is one: its values flow unchanged.
    #[must_use]
    pub const fn as_direct_attribute(&self) -> Option<&Name> {
        match &self.root.kind {
            BoundKind::Attribute(name) => Some(name),
            _ => None,
        }
    }

    /// The type of the result, if the expression alone tells: not for attributes, nor for branches
    /// of different types.
    #[must_use]
    pub fn result_type(&self) -> Option<ValueType> {
        match self.result_type {
            Known::Type(value_type) => Some(value_type),
            Known::Nothing | Known::Unknown => None,
        }
    }

    /// Computes the result: nothing, or the values of a bare attribute, or one value. Empty text
    /// counts as nothing once it leaves the expression.
    ///
    /// # Errors
    /// [`crate::ErrorKind`] `Type`, `Value`, `Range` or `Limit`, with the place of the part that
    /// failed. Messages hold no attribute values.
    pub fn eval(
        &self,
        input: &dyn Input,
        random: &mut dyn Random,
    ) -> Result<Option<Values>, ExprError> {
        if let BoundKind::Attribute(name) = &self.root.kind {
            return Ok(input.attribute(name).cloned());
        }
        self.eval_operand(input, random).map(Operand::into_values)
    }

    pub(crate) fn eval_operand(
        &self,
        input: &dyn Input,
        random: &mut dyn Random,
    ) -> Result<Operand, ExprError> {
        let environment = &OfInput(input);
        let input = (self.dialect == Dialect::Mim).then_some(input);
        let variables = SmallVec::new();
        Evaluator { dialect: self.dialect, input, environment, random, variables, steps: 0 }
            .eval(&self.root)
            .map_err(|error| self.without_secret(error))
    }

    /// The error, whose message a secret must not be part of.
    fn without_secret(&self, error: ExprError) -> ExprError {
        let tells = error.kind == ErrorKind::User
            && self.is_secret()
            && self.root.call_at(error.span).is_some_and(Bound::may_hold_secret);
        if tells {
            let message = "the expression fails with a message that holds a secret";
            return ExprError { message: message.to_owned(), ..error };
        }
        error
    }

    /// Computes the result in the surroundings that `environment` describes, as it is: an empty
    /// text is not nothing yet, a collection keeps its order.
    ///
    /// # Errors
    /// As [`Program::eval`], also `MvLength`, `UnknownParameter` and `User`.
    pub fn compute(
        &self,
        environment: &dyn Environment,
        random: &mut dyn Random,
    ) -> Result<Operand, ExprError> {
        let variables = SmallVec::new();
        Evaluator { dialect: self.dialect, input: None, environment, random, variables, steps: 0 }
            .eval(&self.root)
            .map(Operand::without_holes)
            .map_err(|error| self.without_secret(error))
    }

    /// Computes what the expression means to its flow in the surroundings that `environment`
    /// describes. Empty text counts as nothing.
    ///
    /// # Errors
    /// As [`Program::compute`].
    pub fn eval_in(
        &self,
        environment: &dyn Environment,
        random: &mut dyn Random,
    ) -> Result<FlowValue, ExprError> {
        if let BoundKind::Attribute(name) = &self.root.kind {
            return Ok(environment.attribute(name).into_flow());
        }
        self.compute(environment, random).map(Operand::into_flow)
    }
}

/// What is known of a part's type before it is evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    Type(ValueType),
    Nothing,
    Unknown,
}

pub(crate) fn type_of(bound: &Bound) -> Known {
    match &bound.kind {
        BoundKind::Constant(value) => Known::Type(value.value_type()),
        BoundKind::Attribute(_) | BoundKind::Parameter(_) | BoundKind::Variable(_) => {
            Known::Unknown
        }
        BoundKind::Special(_) => Known::Nothing,
        BoundKind::Negate(_) => Known::Type(ValueType::Integer),
        BoundKind::Chain { rest, .. } => match rest.last() {
            Some((Operator::Join, _)) | None => Known::Unknown,
            Some((operator, _)) if operator.tier() < 2 => Known::Type(ValueType::Boolean),
            Some(_) => Known::Type(ValueType::Integer),
        },
        BoundKind::Call { function, arguments } => match function.returns {
            Returns::Type(value_type) => Known::Type(value_type),
            Returns::Nothing => Known::Nothing,
            Returns::Arguments([]) => Known::Unknown,
            Returns::Arguments(indices) => indices
                .iter()
                .filter_map(|i| arguments.get(*i))
                .map(type_of)
                .fold(Known::Nothing, either),
        },
    }
}

fn either(a: Known, b: Known) -> Known {
    match (a, b) {
        (Known::Nothing, known) | (known, Known::Nothing) => known,
        _ if a == b => a,
        _ => Known::Unknown,
    }
}
