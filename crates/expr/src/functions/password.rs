//! Initial passwords.

use super::Arguments;
use crate::environment::Context;
use crate::limits::PASSWORD_LENGTH;
use crate::operand::{Failure, Operand};
use crate::random::index;
use crate::{ErrorKind, Random};

/// The classes of characters Active Directory counts, without quotes and backslash, which scripts
/// and command lines mangle.
const CLASSES: [&str; 4] = [
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "abcdefghijklmnopqrstuvwxyz",
    "0123456789",
    "!#$%&()*+,-./:;<=>?@[]^_{|}~",
];

/// Draws one character of each class, the rest of all of them, and shuffles (Fisher-Yates). Ends
/// whatever the source of randomness returns.
pub(super) fn random_password(
    arguments: &Arguments,
    context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    let asked = arguments.integer(0);
    let length = usize::try_from(asked).ok().filter(|_| PASSWORD_LENGTH.contains(&asked));
    let Some(length) = length else {
        let (least, most) = PASSWORD_LENGTH.into_inner();
        let message = format!("a password has {least} to {most} characters");
        return Err(Failure::of_argument(0, ErrorKind::Range, message));
    };
    let all = CLASSES.concat();
    let classes = CLASSES.into_iter().chain(std::iter::repeat(all.as_str()));
    let mut characters: Vec<char> =
        classes.take(length).filter_map(|class| draw(class, context.random)).collect();
    for last in (1..characters.len()).rev() {
        characters.swap(last, index(context.random, last + 1));
    }
    Ok(Operand::text(characters.into_iter().collect::<String>()))
}

fn draw(class: &str, random: &mut dyn Random) -> Option<char> {
    class.chars().nth(index(random, class.len()))
}
