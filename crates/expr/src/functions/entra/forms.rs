//! The forms that decide themselves what is evaluated, and the questions about presence.

use super::{BOOLEAN, ENTRA, Function, Run, any};
use crate::environment::Context;
use crate::functions::Arguments;
use crate::operand::{Failure, Operand};

/// The entries.
pub(super) static FUNCTIONS: &[Function] = &[Function {
    name: "IsNull",
    parameters: &[any("value")],
    lifts: &[],
    returns: BOOLEAN,
    docs: "true if there is no value; an empty text is one",
    run: Run::Eager(is_null),
    ..ENTRA
}];

fn is_null(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    Ok(Operand::truth(*arguments.any(0) == Operand::Null))
}
