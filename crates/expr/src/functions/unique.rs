//! Names that no other object has.

use super::Arguments;
use super::cut::{units, units_in};
use crate::ErrorKind;
use crate::environment::Context;
use crate::limits::{ACCOUNT_NAME_LENGTH, UNIQUE_SUFFIX};
use crate::operand::{Failure, Operand};

/// The base if it is free, else the base with the smallest number from 2 on that makes it free.
/// The answer depends on nothing but which names are taken. An empty base is passed on: it is no
/// name.
pub(super) fn unique_name(
    arguments: &Arguments,
    context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    let greatest = arguments.integer(1);
    if !UNIQUE_SUFFIX.contains(&greatest) {
        let (least, most) = UNIQUE_SUFFIX.into_inner();
        let message = format!("the greatest suffix lies between {least} and {most}");
        return Err(Failure::of_argument(1, ErrorKind::Range, message));
    }
    let base = arguments.text(0);
    if base.is_empty() || !context.environment.is_taken(base) {
        return Ok(Operand::text(arguments.shared_text(0)));
    }
    let candidates = (2..=greatest).map(|number| suffixed(base, &number.to_string()));
    for candidate in candidates {
        if !context.environment.is_taken(&candidate) {
            return Ok(Operand::text(candidate));
        }
    }
    let message = format!("the name is taken, also with every number up to {greatest}");
    Err(Failure::new(ErrorKind::Value, message))
}

/// The base with a suffix. It gets no longer than the base or an account name, whichever is
/// longer: where there is no room, the base loses characters at its end.
fn suffixed(base: &str, suffix: &str) -> String {
    let longest = units_in(base).max(ACCOUNT_NAME_LENGTH);
    let kept = units(base, 0, longest.saturating_sub(units_in(suffix)));
    format!("{}{suffix}", kept.trim_end_matches(['.', ' ']))
}
