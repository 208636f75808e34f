//! Drawn texts.

use crate::operand::Failure;
use crate::random::index;
use crate::{ErrorKind, Random};

const DIGITS: &str = "0123456789";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";

/// Without quotes and backslash, which scripts and command lines mangle.
const SPECIALS: &str = "!#$%&()*+,-./:;<=>?@[]^_{|}~";

/// Characters of the longest drawn text.
const LENGTH_MAX: usize = 256;

/// What a drawn text must have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Recipe<'a> {
    /// Its length in characters.
    pub(super) length: i64,
    /// The least number of digits, special characters, upper and lower case letters.
    pub(super) least: [i64; 4],
    /// Characters it must not have.
    pub(super) avoid: &'a str,
}

/// Draws the least number of each class, the rest from digits and letters, and shuffles
/// (Fisher-Yates). Ends whatever the source of randomness returns.
pub(super) fn text(recipe: &Recipe<'_>, random: &mut dyn Random) -> Result<String, Failure> {
    let length = count(0, recipe.length)?;
    if length > LENGTH_MAX {
        let message = format!("a random text has at most {LENGTH_MAX} characters");
        return Err(Failure::of_argument(0, ErrorKind::Value, message));
    }
    let mut drawn = Vec::with_capacity(length);
    let classes = [DIGITS, SPECIALS, UPPER, LOWER];
    for (argument, (class, least)) in (1..).zip(classes.into_iter().zip(recipe.least)) {
        let least = count(argument, least)?;
        if least > length.saturating_sub(drawn.len()) {
            let message = "more characters are asked for than the length allows";
            return Err(Failure::of_argument(argument, ErrorKind::Value, message));
        }
        draw(&allowed(class, recipe.avoid), least, &mut drawn, random)?;
    }
    let rest = length.saturating_sub(drawn.len());
    let others = allowed(&[DIGITS, UPPER, LOWER].concat(), recipe.avoid);
    draw(&others, rest, &mut drawn, random)?;
    for last in (1..drawn.len()).rev() {
        drawn.swap(last, index(random, last + 1));
    }
    Ok(drawn.into_iter().collect())
}

fn count(argument: usize, asked: i64) -> Result<usize, Failure> {
    usize::try_from(asked).map_err(|_e| {
        Failure::of_argument(argument, ErrorKind::Value, "the number of characters is negative")
    })
}

fn allowed(class: &str, avoid: &str) -> Vec<char> {
    class.chars().filter(|c| !avoid.contains(*c)).collect()
}

fn draw(
    class: &[char],
    times: usize,
    drawn: &mut Vec<char>,
    random: &mut dyn Random,
) -> Result<(), Failure> {
    for _ in 0..times {
        let Some(c) = class.get(index(random, class.len())) else {
            let message = "the characters to avoid leave none to draw from";
            return Err(Failure::of_argument(5, ErrorKind::Value, message));
        };
        drawn.push(*c);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counter(u64);

    impl Random for Counter {
        fn below(&mut self, bound: u64) -> u64 {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (self.0 >> 33) % bound
        }
    }

    fn recipe(length: i64, least: [i64; 4]) -> Recipe<'static> {
        Recipe { length, least, avoid: "" }
    }

    #[test]
    fn a_drawn_text_has_the_least_number_of_each_class_and_nothing_to_avoid() {
        let asked = Recipe { length: 10, least: [2, 2, 2, 1], avoid: "?,aB7" };
        for seed in 0..50 {
            let text = text(&asked, &mut Counter(seed)).unwrap();
            let of = |is: fn(&char) -> bool| text.chars().filter(is).count();
            assert_eq!(text.len(), 10);
            assert_eq!(of(|c| !c.is_ascii_alphanumeric()), 2, "{text}");
            assert!(of(char::is_ascii_digit) >= 2 && of(char::is_ascii_uppercase) >= 2, "{text}");
            assert!(of(char::is_ascii_lowercase) >= 1 && !text.contains(['?', ',', 'a']), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_drawn_is_refused() {
        let mut random = Counter(1);
        let avoid = Recipe { length: 3, least: [1, 0, 0, 0], avoid: DIGITS };
        for asked in [
            recipe(3, [2, 2, 0, 0]),
            recipe(257, [0; 4]),
            recipe(-1, [0; 4]),
            recipe(3, [-1, 0, 0, 0]),
            recipe(i64::MAX, [i64::MAX; 4]),
            avoid,
        ] {
            assert_eq!(text(&asked, &mut random).unwrap_err().kind, ErrorKind::Value, "{asked:?}");
        }
        assert_eq!(text(&recipe(0, [0; 4]), &mut random).as_deref(), Ok(""));
    }
}
