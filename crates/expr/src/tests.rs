//! Tests of the language as a whole. What they share: running source text, and sources of
//! randomness that repeat.

mod dates;
mod decisions;
mod entra;
mod folding;
mod functions;
mod own;
mod programs;
mod real;
mod steps;
mod syntax;
mod vectors;

use model::{Attributes, Value, Values};

use crate::operand::Operand;
use crate::{ErrorKind, ExprError, Names, Program, Random, Span, bind, parse};

/// Draws a fixed sequence (a linear congruential generator).
struct Sequence(u64);

impl Random for Sequence {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 16) % bound
    }
}

/// Always draws the least or the greatest number.
struct Extreme {
    greatest: bool,
}

impl Random for Extreme {
    fn below(&mut self, bound: u64) -> u64 {
        if self.greatest { bound - 1 } else { 0 }
    }
}

struct Known(&'static [&'static str]);

impl Names for Known {
    fn is_attribute(&self, name: &str) -> bool {
        self.0.contains(&name)
    }

    fn suggest(&self) -> Vec<&str> {
        self.0.to_vec()
    }
}

fn program(source: &str) -> Result<Program, ExprError> {
    bind(&parse(source)?, None).map_err(|mut errors| errors.remove(0))
}

fn run(source: &str, attributes: &Attributes) -> Result<Operand, ExprError> {
    program(source)?.eval_operand(attributes, &mut Sequence(1))
}

/// An object with attributes of every type and shape; `none` is absent.
fn object() -> Attributes {
    let mut object = Attributes::new();
    object.set_one("name", "Ada Lovelace");
    object.set_one("number", 514);
    object.set_one("digits", "514");
    object.set_one("yes", true);
    object.set_one("octets", Value::binary(&[1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0]));
    object.set_one("manager", Value::reference("CN=Boss,DC=x"));
    object.set_one("since", Value::DateTime(model::Timestamp::from_seconds(0)));
    object.set("several".into(), Values::from_vec(vec![Value::string("a"), Value::string("b")]));
    object
}

/// Checks the result of each expression on [`object`]. Expected: `null`, a text in quotes, `True`,
/// a number, or `error` and the kind.
fn check(cases: &[(&str, &str)]) {
    for (source, expected) in cases {
        let found = match run(source, &object()) {
            Ok(Operand::Null) => "null".to_owned(),
            Ok(Operand::One(value @ Value::String(_))) => format!("\"{value}\""),
            Ok(Operand::One(value)) => value.to_string(),
            Ok(Operand::Many(values)) => format!("[{values}]"),
            Ok(other) => format!("{other:?}"),
            Err(error) => format!("error {:?}", error.kind),
        };
        assert_eq!(&found, expected, "{source}");
    }
}

/// The text of a result on [`object`].
fn text(source: &str, random: &mut dyn Random) -> String {
    match program(source).unwrap().eval_operand(&object(), random).unwrap() {
        Operand::One(value) => value.to_string(),
        other => panic!("{source} gave {other:?}"),
    }
}

/// What stands at `span`.
fn at(source: &str, span: Span) -> &str {
    source.get(span.start..span.end).unwrap()
}

fn kind_of(source: &str) -> Option<ErrorKind> {
    program(source).err().map(|error| error.kind)
}
