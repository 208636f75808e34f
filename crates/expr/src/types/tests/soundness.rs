//! Evaluation agrees with the types: what comes out was foreseen, and what was refused fails.

use model::{Attributes, Timestamp, Value, Values};

use super::schema;
use crate::functions::{self, Function, Kind};
use crate::operand::Operand;
use crate::types::infer;
use crate::{Dialect, Environment, ExprError, Given, Operator, Random, bind, parse_in};

/// Draws a fixed sequence.
struct Draws(u64);

impl Random for Draws {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.0 >> 33) % bound
    }
}

impl Draws {
    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }
}

/// An object with a value for every attribute of the schema but `none`.
struct Object(Attributes);

fn object() -> Object {
    let mut object = Attributes::new();
    object.set_one("name", "Ada Lind");
    object.set_one("digits", "7");
    object.set_one("number", 2);
    object.set_one("yes", true);
    object.set_one("octets", Value::binary(&[1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0]));
    object.set_one("manager", Value::reference("CN=Boss,OU=x,DC=y"));
    object.set_one("since", Value::DateTime(Timestamp::from_seconds(1_700_000_000)));
    let two = || Values::from_vec(vec![Value::string("a"), Value::string("b")]);
    object.set("two".into(), two());
    object.set("several".into(), two());
    Object(object)
}

impl Environment for Object {
    fn attribute(&self, name: &str) -> Given<'_> {
        let Some(values) = self.0.get(name) else { return Given::Nothing };
        values.single().map_or(Given::Several(values.as_slice()), Given::One)
    }

    fn confirmed(&self, name: &str) -> Given<'_> {
        self.attribute(name)
    }
}

const ENTRA: [&str; 15] = [
    "[name]",
    "[digits]",
    "[number]",
    "[yes]",
    "[octets]",
    "[manager]",
    "[since]",
    "[two]",
    "[none]",
    "\"x\"",
    "\"true\"",
    "1",
    "2",
    "True",
    "NULL",
];

const MIM: [&str; 14] = [
    "name", "digits", "number", "yes", "octets", "manager", "since", "several", "none", "\"x\"",
    "\"true\"", "1", "2", "Null()",
];

const OPERATORS: [Operator; 12] = [
    Operator::And,
    Operator::Or,
    Operator::Equal,
    Operator::NotEqual,
    Operator::Less,
    Operator::LessOrEqual,
    Operator::Greater,
    Operator::GreaterOrEqual,
    Operator::Add,
    Operator::Subtract,
    Operator::Multiply,
    Operator::Join,
];

/// Source text of a call with arguments of `depth`.
fn call(function: &Function, dialect: Dialect, depth: usize, draws: &mut Draws) -> String {
    let most = function.parameters.len();
    let more = if function.variadic { function.group } else { 0 };
    let counts: Vec<usize> = (0..=most + more).filter(|count| function.accepts(*count)).collect();
    let count = counts[usize::try_from(draws.below(counts.len() as u64)).unwrap()];
    let arguments = (0..count).map(|i| match function.parameter(i).unwrap().kind {
        Kind::Variable => "$v".to_owned(),
        Kind::Words(words) => words[0].to_owned(),
        Kind::Literal => format!("\"{}\"", draws.one(&["name", "two", "none"])),
        Kind::List if draws.below(3) > 0 => "[two]".to_owned(),
        _ if i == 2 && function.parameters[0].kind == Kind::Variable && draws.below(2) == 0 => {
            "$v".to_owned()
        }
        _ => expression(dialect, depth.saturating_sub(1), draws),
    });
    format!("{}({})", function.name, arguments.collect::<Vec<_>>().join(", "))
}

fn expression(dialect: Dialect, depth: usize, draws: &mut Draws) -> String {
    let is_mim = dialect == Dialect::Mim;
    if depth == 0 || draws.below(4) == 0 {
        return draws.one(if is_mim { &MIM } else { &ENTRA }).to_owned();
    }
    if draws.below(4) == 0 {
        let at = usize::try_from(draws.below(OPERATORS.len() as u64)).unwrap();
        let symbol = if is_mim { "+" } else { OPERATORS[at].symbol() };
        let mut operand = || expression(dialect, depth - 1, draws);
        return format!("({}) {symbol} ({})", operand(), operand());
    }
    let known: Vec<_> = functions::available(dialect).collect();
    let function = known[usize::try_from(draws.below(known.len() as u64)).unwrap()];
    call(function, dialect, depth, draws)
}

fn evaluated(source: &str, dialect: Dialect) -> Option<Result<Operand, ExprError>> {
    let ast = parse_in(dialect, source).unwrap();
    let program = bind(&ast, None).ok()?;
    Some(match dialect {
        Dialect::Mim => program.eval_operand(&object().0, &mut Draws(1)),
        _ => program.compute(&object(), &mut Draws(1)),
    })
}

/// Checks one expression; true if it was evaluated to a value.
fn agree(source: &str, dialect: Dialect) -> bool {
    let Some(result) = evaluated(source, dialect) else { return false };
    let ast = parse_in(dialect, source).unwrap();
    let types = infer(&ast, &schema);
    match result {
        Ok(result) if types.errors().is_empty() => {
            let of = types.result();
            assert!(of.admits(&result), "{source} gives {result:?}, expected {of:?}");
            true
        }
        _ => false,
    }
}

#[test]
fn what_comes_out_was_foreseen() {
    for dialect in [Dialect::Mim, Dialect::Entra, Dialect::EntraExtended] {
        let mut draws = Draws(7);
        let mut successes = 0;
        for depth in [1, 2, 3] {
            for _ in 0..3000 {
                let source = expression(dialect, depth, &mut draws);
                successes += u32::from(agree(&source, dialect));
            }
        }
        assert!(successes > 1000, "{dialect:?}: only {successes} had a value");
    }
}

#[test]
fn what_was_refused_fails() {
    for dialect in [Dialect::Mim, Dialect::Entra, Dialect::EntraExtended] {
        let mut draws = Draws(11);
        let mut refused = 0;
        // Not every candidate is looked at.
        let known = functions::available(dialect).filter(|f| f.name != "SelectUniqueValue");
        for function in known {
            for _ in 0..150 {
                let source = call(function, dialect, 1, &mut draws);
                // What is absent fits more than the values its attribute may have, and nothing is
                // computed for the elements of nothing.
                if source.contains("none") || source.contains("($v, NULL") {
                    continue;
                }
                let Some(result) = evaluated(&source, dialect) else { continue };
                let ast = parse_in(dialect, &source).unwrap();
                let types = infer(&ast, &schema);
                if let Some(error) = types.errors().first() {
                    assert!(result.is_err(), "{source} is no error: {}", error.message);
                    refused += 1;
                }
            }
        }
        assert!(refused > 500, "{dialect:?}: only {refused} were refused");
    }
}

#[test]
fn operands_that_are_refused_fail_and_only_those() {
    for operator in OPERATORS {
        for left in ENTRA {
            for right in ENTRA {
                let source = format!("{left} {} {right}", operator.symbol());
                agree(&source, Dialect::Entra);
                // Logic may not look at its right side.
                let is_lazy = operator.tier() == 0;
                if source.contains("none") || is_lazy {
                    continue;
                }
                let failed = evaluated(&source, Dialect::Entra).unwrap().is_err();
                let ast = parse_in(Dialect::Entra, &source).unwrap();
                assert_eq!(!infer(&ast, &schema).errors().is_empty(), failed, "{source}");
            }
        }
    }
}
