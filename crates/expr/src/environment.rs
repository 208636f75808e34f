//! What surrounds an evaluation: the object's attributes, what was confirmed, parameters, the
//! present moment, what names are taken.

use model::{Timestamp, Value, Values};

use crate::functions::Arguments;
use crate::limits::STEPS_MAX;
use crate::operand::{Failure, Operand, ticks_of};
use crate::{ErrorKind, FlowValue, Input, Random};

/// The values of an attribute or parameter, as the surroundings hold them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Given<'a> {
    /// There is no value.
    #[default]
    Nothing,
    /// The value of a single-valued attribute.
    One(&'a Value),
    /// The values of a multi-valued attribute, in order, even if there is only one.
    Several(&'a [Value]),
    /// The same where the surroundings hold them as a set: it then flows without being copied.
    Set(&'a Values),
}

impl Given<'_> {
    /// What the values mean to a flow that takes them as they are.
    pub(crate) fn into_flow(self) -> FlowValue {
        let values = match self {
            Self::Nothing => None,
            Self::One(value) => (!value.is_empty_text()).then(|| Values::one(value.clone())),
            Self::Several(values) => Values::from_vec(values.to_vec()),
            Self::Set(values) => Some(values.clone()),
        };
        values.map_or(FlowValue::Nothing, FlowValue::Value)
    }
}

/// How names of objects are written where a component is escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DnStyle {
    /// As LDAP directories do (RFC 4514).
    #[default]
    Ldap,
    /// Hierarchical without being LDAP, such as Notes.
    Hierarchical,
    /// Names that are data, such as the keys of a database.
    Extrinsic,
}

/// What an expression may ask of its surroundings.
pub trait Environment {
    /// The values of the attribute `name`.
    fn attribute(&self, name: &str) -> Given<'_>;

    /// The values of the attribute `name` as last imported, without pending exports.
    fn confirmed(&self, _name: &str) -> Given<'_> {
        Given::Nothing
    }

    /// The parameter `%name%`; `None` if there is no such parameter.
    fn parameter(&self, _name: &str) -> Option<Given<'_>> {
        None
    }

    /// The present moment, the same throughout an evaluation.
    fn now(&self) -> Timestamp {
        Timestamp(0)
    }

    /// True if another object has this name already, ignoring case.
    fn is_taken(&self, _name: &str) -> bool {
        false
    }

    /// How names of objects are written.
    fn dn_style(&self) -> DnStyle {
        DnStyle::Ldap
    }
}

/// An [`Input`] as surroundings.
pub(crate) struct OfInput<'a>(pub(crate) &'a dyn Input);

impl Environment for OfInput<'_> {
    fn attribute(&self, name: &str) -> Given<'_> {
        match self.0.attribute(name) {
            None => Given::Nothing,
            Some(values) => values.single().map_or(Given::Set(values), Given::One),
        }
    }

    /// Asked for as `%name%`.
    fn parameter(&self, name: &str) -> Option<Given<'_>> {
        match self.attribute(&format!("%{name}%")) {
            Given::Nothing => None,
            given => Some(given),
        }
    }
}

/// What is said of an evaluation of too many steps.
pub(crate) const TOO_LONG: &str = "the expression takes too long to evaluate";

/// What the code of a function may use beside its arguments.
pub(crate) struct Context<'a> {
    pub(crate) environment: &'a dyn Environment,
    pub(crate) random: &'a mut dyn Random,
    /// The steps of the evaluation so far.
    pub(crate) steps: &'a mut u32,
}

impl Context<'_> {
    /// Counts the work of one element of a lifted call.
    pub(crate) fn spend(&mut self, operands: &Arguments) -> Result<(), Failure> {
        for operand in operands.iter() {
            *self.steps = self.steps.saturating_add(operand.weight());
        }
        if *self.steps > STEPS_MAX {
            return Err(Failure::new(ErrorKind::Limit, TOO_LONG));
        }
        Ok(())
    }

    /// The present moment in ticks.
    pub(crate) fn now(&self) -> i64 {
        ticks_of(self.environment.now())
    }

    /// The values of an attribute as last imported.
    pub(crate) fn confirmed(&self, name: &str) -> Operand {
        Operand::given(self.environment.confirmed(name))
    }
}
