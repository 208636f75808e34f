//! Dates, octets, identifiers, names, certificates, conversions and randomness.

use super::{ENTRA, Function, MOMENT, Purity, Run};
use crate::environment::Context;
use crate::functions::Arguments;
use crate::operand::{Failure, Operand};

/// The entries.
pub(super) static FUNCTIONS: &[Function] = &[Function {
    name: "Now",
    returns: MOMENT,
    purity: Purity::ReadsClock,
    docs: "the present moment",
    run: Run::Eager(now),
    ..ENTRA
}];

fn now(_arguments: &Arguments, context: &mut Context<'_>) -> Result<Operand, Failure> {
    Ok(Operand::Moment(context.now()))
}
