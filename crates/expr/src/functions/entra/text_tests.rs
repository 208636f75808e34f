//! Calls of the functions for texts, numbers and lists, through their entries.

use std::collections::BTreeMap;

use model::{Name, Value};
use proptest::prelude::*;

use crate::environment::{Environment, Given};
use crate::eval::Evaluator;
use crate::functions::find;
use crate::operand::Operand;
use crate::program::{Bound, BoundKind};
use crate::{Dialect, ErrorKind, Random, Span};

/// Arguments by name: those with several values and those with one.
#[derive(Default)]
struct Attributes {
    several: BTreeMap<String, Vec<Value>>,
    single: BTreeMap<String, Value>,
}

impl Environment for Attributes {
    fn attribute(&self, name: &str) -> Given<'_> {
        match (self.several.get(name), self.single.get(name)) {
            (Some(values), _) => Given::Several(values),
            (None, Some(value)) => Given::One(value),
            (None, None) => Given::Nothing,
        }
    }
}

struct Least;

impl Random for Least {
    fn below(&mut self, _bound: u64) -> u64 {
        0
    }
}

/// Calls a function with these arguments; lists stand for multi-valued attributes.
fn call(name: &str, arguments: &[Operand]) -> Result<Operand, ErrorKind> {
    let mut given = Attributes::default();
    let mut bounds = Vec::new();
    for (i, argument) in arguments.iter().enumerate() {
        let attribute = Name::new(&format!("a{i}"));
        match argument {
            Operand::List(elements) => {
                let values = elements.iter().filter_map(|e| e.value().cloned()).collect();
                given.several.insert(format!("a{i}"), values);
            }
            one => {
                given.single.extend(one.value().map(|value| (format!("a{i}"), value.clone())));
            }
        }
        bounds.push(Bound { kind: BoundKind::Attribute(attribute), span: Span::default() });
    }
    let function = find(name, Dialect::EntraExtended).unwrap();
    assert!(function.accepts(arguments.len()), "{name}");
    let call =
        Bound { kind: BoundKind::Call { function, arguments: bounds }, span: Span::default() };
    let mut evaluator = Evaluator {
        steps: 0,
        dialect: Dialect::EntraExtended,
        input: None,
        environment: &given,
        random: &mut Least,
        variables: smallvec::SmallVec::new(),
    };
    evaluator.eval(&call).map_err(|error| error.kind)
}

fn t(text: &str) -> Operand {
    Operand::text(text)
}

const fn n(number: i64) -> Operand {
    Operand::number(number)
}

fn b(octets: &[u8]) -> Operand {
    Operand::octets(octets)
}

fn texts(texts: &[&str]) -> Operand {
    Operand::List(texts.iter().map(|text| t(text)).collect())
}

const NULL: Operand = Operand::Null;

#[test]
fn absent_texts_mean_what_the_function_says() {
    for name in ["UCase", "LCase", "PCase", "Trim", "LTrim", "RTrim", "NormalizeDiacritics"] {
        assert_eq!(call(name, &[NULL]), Ok(NULL), "{name}");
    }
    for name in ["Left", "Right"] {
        assert_eq!(call(name, &[NULL, n(1)]), Ok(t("")), "{name}");
        assert_eq!(call(name, &[t("abc"), NULL]), Err(ErrorKind::Type), "{name}");
    }
    assert_eq!(call("Len", &[NULL]), Ok(n(0)));
    assert_eq!(call("InStr", &[t("abc"), NULL]), Ok(n(0)));
    assert_eq!(call("Replace", &[t("abc"), t("b"), NULL]), Ok(t("ac")));
    assert_eq!(call("PadLeft", &[NULL, n(3), t("0")]), Ok(t("")));
    assert_eq!(call("PadLeft", &[t("1"), n(3), NULL]), Err(ErrorKind::Value));
    assert_eq!(call("IsBitSet", &[NULL, n(2)]), Ok(Operand::truth(false)));
    assert_eq!(call("Append", &[NULL, t(".x")]), Ok(NULL));
}

#[test]
fn nothing_converts_to_a_text_or_a_number() {
    let reference = Operand::One(Value::reference("CN=a"));
    for argument in [n(5), b(&[1]), Operand::truth(true), reference] {
        assert_eq!(call("Trim", std::slice::from_ref(&argument)), Err(ErrorKind::Type));
        assert_eq!(call("PadLeft", &[argument, n(5), t("0")]), Err(ErrorKind::Type));
    }
    assert_eq!(call("BitAnd", &[t("1"), n(1)]), Err(ErrorKind::Type));
    assert_eq!(call("Len", &[n(5)]), Err(ErrorKind::Type));
}

#[test]
fn octets_are_cut_like_texts() {
    let octets = b(&[1, 2, 3, 4]);
    assert_eq!(call("Left", &[octets.clone(), n(2)]), Ok(b(&[1, 2])));
    assert_eq!(call("Left", &[octets.clone(), n(9)]), Ok(octets.clone()));
    assert_eq!(call("Right", &[octets.clone(), n(1)]), Ok(b(&[4])));
    assert_eq!(call("Right", &[octets.clone(), n(-1)]), Ok(octets.clone()));
    assert_eq!(call("Mid", &[octets.clone(), n(2), n(2)]), Ok(b(&[2, 3])));
    assert_eq!(call("Mid", &[octets.clone(), n(2), n(99)]), Ok(b(&[2, 3, 4])));
    assert_eq!(call("Mid", &[octets.clone(), n(5), n(1)]), Ok(octets.clone()));
    assert_eq!(call("Mid", &[octets.clone(), n(2), n(0)]), Ok(b(&[])));
    assert_eq!(call("Mid", &[octets.clone(), n(2), n(-1)]), Ok(octets.clone()));
    assert_eq!(call("Len", &[octets]), Ok(n(4)));
}

#[test]
fn a_negative_count_of_a_middle_takes_everything() {
    assert_eq!(call("Mid", &[t("abc"), n(2), n(-1)]), Ok(t("abc")));
    assert_eq!(call("Mid", &[t("abc"), n(2), n(0)]), Ok(t("")));
}

#[test]
fn a_collection_is_worked_on_element_by_element() {
    assert_eq!(call("UCase", &[texts(&["a", "b"])]), Ok(texts(&["A", "B"])));
    assert_eq!(call("Len", &[texts(&["a", "bb"])]), Ok(Operand::List(vec![n(1), n(2)])));
    let both = [texts(&["abc", "xyz"]), texts(&["c", "x"])];
    assert_eq!(call("InStr", &both), Ok(Operand::List(vec![n(3), n(1)])));
    let uneven = [texts(&["abc", "xyz"]), texts(&["c"])];
    assert_eq!(call("InStr", &uneven), Err(ErrorKind::MvLength));
    assert_eq!(call("Split", &[texts(&["a,b"]), t(",")]), Err(ErrorKind::Type));
}

#[test]
fn functions_of_collections_refuse_single_values() {
    for (name, more) in [
        ("Count", vec![]),
        ("RemoveDuplicates", vec![]),
        ("Join", vec![t(",")]),
        ("Contains", vec![t("a")]),
        ("Item", vec![n(1)]),
        ("ItemOrNull", vec![n(1)]),
    ] {
        let arguments = [vec![t("a")], more].concat();
        assert_eq!(call(name, &arguments), Err(ErrorKind::Type), "{name}");
    }
}

#[test]
fn a_position_outside_a_collection_is_an_error_or_nothing() {
    let list = texts(&["a", "b"]);
    assert_eq!(call("Item", &[list.clone(), n(2)]), Ok(t("b")));
    for position in [0, -1, 3, i64::MAX] {
        let arguments = [list.clone(), n(position)];
        assert_eq!(call("Item", &arguments), Err(ErrorKind::Range));
        assert_eq!(call("ItemOrNull", &arguments), Ok(NULL));
    }
    assert_eq!(call("Item", &[NULL, n(1)]), Err(ErrorKind::Range));
    assert_eq!(call("ItemOrNull", &[NULL, n(1)]), Ok(NULL));
}

#[test]
fn references_are_contained_whole_and_texts_in_part() {
    let references =
        Operand::List(["CN=a,DC=x", "CN=b,DC=x"].map(|d| Operand::One(Value::reference(d))).into());
    assert_eq!(call("Contains", &[references.clone(), t("CN=b,DC=x")]), Ok(n(2)));
    assert_eq!(call("Contains", &[references, t("CN=b")]), Ok(n(0)));
    assert_eq!(call("Contains", &[texts(&["SMTP:a", "smtp:b"]), t("smtp")]), Ok(n(2)));
    assert_eq!(call("Contains", &[Operand::List(vec![b(&[1])]), t("a")]), Err(ErrorKind::Type));
}

#[test]
fn joining_takes_texts_only_and_a_space_by_default() {
    assert_eq!(call("Join", &[texts(&["a", "", "b"])]), Ok(t("a  b")));
    assert_eq!(call("Join", &[texts(&["a", "b"]), t("")]), Ok(t("ab")));
    assert_eq!(call("Join", &[Operand::List(vec![t("a"), n(1)])]), Err(ErrorKind::Type));
}

#[test]
fn a_text_is_numeric_when_it_reads_as_a_number_of_64_bits() {
    for (argument, expected) in [
        (t("+7"), true),
        (t("-7"), true),
        (t(" 7"), true),
        (t(""), false),
        (t("9223372036854775808"), false),
        (n(7), true),
        (Operand::truth(true), false),
        (texts(&["7"]), false),
    ] {
        assert_eq!(call("IsNumeric", &[argument]), Ok(Operand::truth(expected)));
    }
}

#[test]
fn octets_and_collections_are_no_strings() {
    assert_eq!(call("IsString", &[b(&[1])]), Ok(Operand::truth(false)));
    assert_eq!(call("IsString", &[texts(&["a"])]), Ok(Operand::truth(false)));
    assert_eq!(call("IsString", &[Operand::truth(false)]), Ok(Operand::truth(true)));
}

#[test]
fn the_form_of_title_case_with_separators_is_an_addition() {
    assert!(!find("PCase", Dialect::Entra).unwrap().accepts(2));
    assert_eq!(call("PCase", &[t("JOHN SMITH")]), Ok(t("JOHN SMITH")));
    assert_eq!(call("PCase", &[t("JOHN SMITH"), t(" ")]), Ok(t("John Smith")));
    for name in ["Append", "StripSpaces", "ToLower", "ToUpper", "RandomString"] {
        assert!(find(name, Dialect::Entra).is_none(), "{name}");
        assert!(find(name, Dialect::EntraExtended).is_some(), "{name}");
    }
}

proptest! {
    #[test]
    fn splitting_and_joining_are_inverse(text in "[a-c,]{0,12}") {
        let pieces = call("Split", &[t(&text), t(",")]).unwrap();
        prop_assert_eq!(call("Join", &[pieces, t(",")]), Ok(t(&text)));
    }

    #[test]
    fn a_match_is_where_its_position_says(text in "[ab😀]{0,8}", sought in "[ab😀]{1,2}") {
        let length = call("Len", &[t(&sought)]).unwrap();
        for name in ["InStr", "InStrRev"] {
            let position = call(name, &[t(&text), t(&sought)]).unwrap();
            prop_assert_eq!(position != n(0), text.contains(&sought));
            if position != n(0) {
                let found = call("Mid", &[t(&text), position, length.clone()]);
                prop_assert_eq!(found, Ok(t(&sought)));
            }
        }
    }

    #[test]
    fn no_arguments_make_the_cutting_functions_panic(
        text in ".{0,8}",
        start in any::<i64>(),
        count in any::<i64>(),
    ) {
        prop_assert!(call("Mid", &[t(&text), n(start), n(count)]).is_ok());
        prop_assert!(call("Left", &[t(&text), n(count)]).is_ok());
        prop_assert!(call("Right", &[b(text.as_bytes()), n(count)]).is_ok());
        let word = call("Word", &[t(&text), n(start), t(" ")]);
        prop_assert!(word.is_ok());
        let last = call("InStrRev", &[t(&text), t("a"), n(start)]);
        prop_assert_eq!(last.is_ok(), start > 0 || start == -1);
    }
}
