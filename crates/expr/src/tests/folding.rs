//! Computing constants when an expression is bound changes no result.

use model::{Timestamp, Value};
use proptest::prelude::*;

use super::{Sequence, object};
use crate::binder::bind_as_written;
use crate::functions::{Function, Kind, available};
use crate::program::BoundKind;
use crate::{Ast, Dialect, Environment, Given, Node, NodeKind, Operator, Random as _, Span, bind};

/// An object that has what [`object`] has, late in the day.
struct Surroundings(model::Attributes);

impl Environment for Surroundings {
    fn attribute(&self, name: &str) -> Given<'_> {
        let values = self.0.get(name);
        values.map_or(Given::Nothing, |v| v.single().map_or(Given::Set(v), Given::One))
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(1_800_000_000)
    }

    fn is_taken(&self, name: &str) -> bool {
        name.len() < 2
    }
}

/// Draws expressions: mostly constants, so that much is there to compute.
struct Writer {
    draws: Sequence,
    dialect: Dialect,
    functions: Vec<&'static Function>,
    /// How many parts may still be written, so that an expression ends.
    parts: u32,
}

const TEXTS: [&str; 9] = ["", "a", "B c", " x ", "514", "true", "\\n", "é😀", "CN=a,b"];
const NUMBERS: [i64; 9] = [0, 1, -1, 2, 3, 8, 40, i64::MAX, i64::MIN];
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

impl Writer {
    fn new(seed: u64, dialect: Dialect) -> Self {
        let functions = available(dialect).collect();
        Self { draws: Sequence(seed), dialect, functions, parts: 30 }
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::try_from(self.draws.below(choices.len() as u64)).unwrap()]
    }

    /// Every node has a place of its own, as errors name it.
    fn node(&mut self, kind: NodeKind) -> Node {
        self.parts = self.parts.saturating_sub(1);
        let at = 1000 - usize::try_from(self.parts).unwrap();
        Node { kind, span: Span { start: at, end: at + 1 } }
    }

    fn expression(&mut self) -> Node {
        let is_entra = self.dialect != Dialect::Mim;
        let choice = if self.parts == 0 { 5 } else { self.draws.below(10) };
        let kind = match choice {
            0..=4 => {
                let functions = std::mem::take(&mut self.functions);
                let function = self.one_of(&functions);
                self.functions = functions;
                self.call(function)
            }
            5 => NodeKind::Text(self.one_of(&TEXTS).to_owned()),
            6 => NodeKind::Integer(self.one_of(&NUMBERS)),
            7 if is_entra => {
                let first = Box::new(self.expression());
                let tier = self.one_of(&OPERATORS).tier();
                let of_tier: Vec<_> = OPERATORS.into_iter().filter(|o| o.tier() == tier).collect();
                let rest = (0..2).map(|_| (self.one_of(&of_tier), self.expression())).collect();
                NodeKind::Chain { first, rest }
            }
            7 => NodeKind::Join(vec![self.expression(), self.expression()]),
            8 if is_entra => {
                let words = ["True", "False", "NULL", "CRLF", "IgnoreThisFlow"];
                NodeKind::Constant(self.one_of(&words).to_owned())
            }
            8 => NodeKind::Word("true".to_owned()),
            _ => {
                let name = self.one_of(&["name", "number", "several", "none"]).to_owned();
                if is_entra { NodeKind::Attribute(name) } else { NodeKind::Word(name) }
            }
        };
        self.node(kind)
    }

    fn call(&mut self, function: &'static Function) -> NodeKind {
        let argument = |kind: Kind, writer: &mut Self| match kind {
            Kind::Words(words) => NodeKind::Constant(writer.one_of(words).to_owned()),
            Kind::Literal => NodeKind::Text("several".to_owned()),
            Kind::Variable => NodeKind::Variable("x".to_owned()),
            _ => writer.expression().kind,
        };
        let kinds: Vec<Kind> = function.parameters.iter().map(|p| p.kind).collect();
        let arguments = kinds.into_iter().map(|kind| {
            let kind = argument(kind, self);
            self.node(kind)
        });
        let arguments = arguments.collect();
        NodeKind::Call { name: function.name.to_owned(), name_span: Span::default(), arguments }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn results_and_errors_are_the_same_with_and_without_folding(
        seed: u64,
        dialect in prop_oneof![
            Just(Dialect::Mim), Just(Dialect::Entra), Just(Dialect::EntraExtended)
        ],
    ) {
        let root = Writer::new(seed, dialect).expression();
        let ast = Ast { dialect, root };
        let surroundings = Surroundings(object());
        match (bind_as_written(&ast, None), bind(&ast, None)) {
            (Ok(written), Ok(folded)) => {
                let of = |program: &crate::Program| {
                    program.compute(&surroundings, &mut Sequence(seed))
                };
                prop_assert_eq!(of(&written), of(&folded), "{}", ast);
                let attributes = |program: &crate::Program| program.attributes().clone();
                prop_assert_eq!(attributes(&written), attributes(&folded));
                prop_assert_eq!(written.purity(), folded.purity());
                prop_assert_eq!(written.result_type(), folded.result_type());
            }
            (written, folded) => prop_assert_eq!(written.err(), folded.err(), "{}", ast),
        }
    }
}

/// The constant that the whole expression is once it is bound.
fn constant(dialect: Dialect, source: &str) -> Option<Value> {
    let ast = crate::parse_in(dialect, source).unwrap();
    match bind(&ast, None).unwrap().root.kind {
        BoundKind::Constant(value) => Some(value),
        _ => None,
    }
}

#[test]
fn what_depends_on_nothing_is_computed_once() {
    let mim = |source| constant(Dialect::Mim, source);
    assert_eq!(mim("\"a\" + UpperCase(\"b\") + 1"), Some("aB1".into()));
    assert_eq!(mim("IIF(Eq(1, 1), 512, 514)"), Some(512.into()));
    let entra = |source| constant(Dialect::Entra, source);
    assert_eq!(entra("\"a\" & CRLF & Len(\"xyz\")"), Some("a\r\n3".into()));
    assert_eq!(entra("-(1 + 2) * 3"), Some((-9).into()));
    assert_eq!(entra("Item(Split(\"a,b\", \",\"), 2)"), Some("b".into()));
}

#[test]
fn what_asks_or_draws_or_fails_or_grows_is_left_alone() {
    for source in ["EscapeDNComponent(\"CN=a,b\")", "Guid()", "Left(\"a\", Null())", "Trim(name)"] {
        assert_eq!(constant(Dialect::Mim, source), None, "{source}");
    }
    for source in [
        "FormatDateTime(Now(), \"yyyy\")",
        "ValueCount(\"name\")",
        "RandomNum(1, 1)",
        "Error(\"no\")",
        "PadLeft(\"a\", 5000, \"b\")",
    ] {
        assert_eq!(constant(Dialect::Entra, source), None, "{source}");
    }
    assert_eq!(constant(Dialect::EntraExtended, "Redact(\"a\")"), None);
}

#[test]
fn a_computed_text_is_no_literal_with_escapes() {
    // A literal `\n` would be a line break there; this one is put together.
    let source = "Replace(\"a-b\", \"-\", \"\\\\\" & \"n\")";
    assert_eq!(constant(Dialect::Entra, source), Some("a\\nb".into()));
}
