//! The functions that are ours: passwords and account names.

use std::collections::BTreeSet;

use proptest::prelude::*;

use serde_json::json;

use super::{Extreme, Sequence, check, object, run, text};
use crate::functions::find;
use crate::operand::Operand;
use crate::vectors::Surroundings;
use crate::{Dialect, Environment as _, ErrorKind, bind, parse_in};

fn is_complete(password: &str) -> bool {
    let has = |test: fn(&char) -> bool| password.chars().any(|c| test(&c));
    has(char::is_ascii_uppercase)
        && has(char::is_ascii_lowercase)
        && has(char::is_ascii_digit)
        && has(char::is_ascii_punctuation)
        && password.chars().all(|c| c.is_ascii_graphic() && !"\"'`\\".contains(c))
}

proptest! {
    #[test]
    fn passwords_have_every_class_and_the_length_asked_for(seed: u64, length in 8_usize..=128) {
        let password = text(&format!("RandomPassword({length})"), &mut Sequence(seed));
        prop_assert_eq!(password.len(), length);
        prop_assert!(is_complete(&password));
    }

    #[test]
    fn account_names_are_legal_and_stable(
        candidate in prop_oneof!["\\PC{0,40}", "[a-z\u{300}-\u{345}≠≮İΪ.\u{200d} ]{0,30}"]
    ) {
        let mut object = object();
        object.set_one("candidate", candidate.as_str());
        let name = run("AccountName(candidate, \"fallback\")", &object).unwrap();
        let Operand::One(value) = &name else { panic!("nothing") };
        let name_text = value.as_str().unwrap();
        prop_assert!((1..=20).contains(&name_text.encode_utf16().count()));
        prop_assert!(!name_text.contains(|c: char| "\"/\\[]:;|=,+*?<>@".contains(c) || c.is_control()));
        prop_assert!(!name_text.starts_with(['.', ' ']) && !name_text.ends_with(['.', ' ']));
        object.set_one("candidate", name_text);
        prop_assert_eq!(run("AccountName(candidate)", &object).unwrap(), name);
    }
}

#[test]
fn passwords_differ_in_every_place() {
    let mut random = Sequence(5);
    let passwords: Vec<Vec<u8>> =
        (0..60).map(|_| text("RandomPassword(8)", &mut random).into_bytes()).collect();
    for place in 0..8 {
        // Without a shuffle the first places would keep to one class each.
        let classes: BTreeSet<u8> = passwords
            .iter()
            .map(|p| match p[place] {
                b'A'..=b'Z' => 0,
                b'a'..=b'z' => 1,
                b'0'..=b'9' => 2,
                _ => 3,
            })
            .collect();
        assert_eq!(classes.len(), 4, "place {place}");
    }
    check(&[
        ("RandomPassword(7)", "error Range"),
        ("RandomPassword(129)", "error Range"),
        ("RandomPassword(-9223372036854775808)", "error Range"),
        ("RandomPassword(none)", "error Type"),
    ]);
    assert!(is_complete(&text("RandomPassword(8)", &mut Extreme { greatest: false })));
    assert!(is_complete(&text("RandomPassword(8)", &mut Extreme { greatest: true })));
}

#[test]
fn account_names_are_readable_and_legal() {
    check(&[
        ("AccountName(name)", "\"ada lovelace\""),
        ("AccountName(\"Zoë.Müller-Ångström\")", "\"zoe.muller-angstrom\""),
        ("AccountName(\"Łódź Æsir Østby Straße ıİ\")", "\"lodz aesir oestby st\""),
        ("AccountName(\"Ze\u{301}\")", "\"ze\""),
        ("AccountName(\"Дмитрий\")", "\"дмитрий\""),
        ("AccountName(\"ada@contoso.com\")", "\"adacontoso.com\""),
        ("AccountName(\".. a*b?c .\")", "\"abc\""),
        ("AccountName(\"1234567890123456789.x\")", "\"1234567890123456789\""),
        ("AccountName(\"1234567890123456789😀\")", "\"1234567890123456789\""),
        ("AccountName(none, \" . \", \"[]\", number)", "\"514\""),
        ("AccountName(none, \"@\")", "null"),
        ("AccountName(\"a\u{7}b\u{200b}c\")", "\"abc\""),
        ("AccountName(\"a\u{200d}\u{301}\")", "\"a\""),
        ("AccountName(\"a≮b\u{37e}c\")", "\"abc\""),
        ("AccountName(\"\u{3aa}\u{301}\")", "\"\u{390}\""),
        ("AccountName(several)", "error Type"),
    ]);
}

/// The name for `base` where these names are taken.
fn unique(base: &str, most: i64, taken: &[&str]) -> Result<String, ErrorKind> {
    let surroundings = Surroundings::of_vector(&json!({
        "attrs": { "base": base, "most": most },
        "taken": taken,
    }));
    let surroundings = surroundings.unwrap();
    let results = [(Dialect::Mim, "base, most"), (Dialect::Entra, "[base], [most]")];
    let [mim, entra] = results.map(|(dialect, arguments)| {
        let ast = parse_in(dialect, &format!("UniqueName({arguments})")).unwrap();
        let program = bind(&ast, None).unwrap();
        assert!(program.depends_on_more_than_input() && !program.is_random());
        match program.compute(&surroundings, &mut Sequence(1)) {
            Ok(Operand::One(value)) => Ok(value.to_string()),
            Ok(other) => panic!("{other:?}"),
            Err(error) => Err(error.kind),
        }
    });
    assert_eq!(mim, entra);
    mim
}

#[test]
fn unique_names_take_the_first_suffix_that_is_free() {
    let ok = |name: &str| Ok(name.to_owned());
    assert_eq!(unique("ada", 9, &[]), ok("ada"));
    assert_eq!(unique("ada", 9, &["ada"]), ok("ada2"));
    assert_eq!(unique("ada", 9, &["Ada", "ADA2", "ada4"]), ok("ada3"));
    assert_eq!(unique("ada", 9, &["ada2"]), ok("ada"));
    assert_eq!(unique("ada", 1, &[]), ok("ada"));
    assert_eq!(unique("ada", 1, &["ada"]), Err(ErrorKind::Value));
    assert_eq!(unique("ada", 3, &["ada", "ada2", "ada3"]), Err(ErrorKind::Value));
    assert_eq!(unique("ada", 0, &[]), Err(ErrorKind::Range));
    assert_eq!(unique("ada", 1001, &[]), Err(ErrorKind::Range));
    assert_eq!(unique("", 9, &[""]), ok(""));
    check(&[
        ("UniqueName(none, 9)", "null"),
        ("UniqueName(number, 9)", "\"514\""),
        ("UniqueName(name, none)", "error Type"),
        ("UniqueName(several, 9)", "error Type"),
    ]);
}

#[test]
fn unique_names_make_room_for_their_suffix() {
    let ok = |name: &str| Ok(name.to_owned());
    let long = "maximilian.oberhuber"; // 20 characters
    assert_eq!(unique(long, 9, &[long]), ok("maximilian.oberhube2"));
    let taken: Vec<String> = (1..=9).map(|n| format!("maximilian.oberhube{n}")).collect();
    let taken: Vec<&str> = taken.iter().map(String::as_str).chain([long]).collect();
    assert_eq!(unique(long, 99, &taken), ok("maximilian.oberhub10"));
    // Not in the middle of a character, not after a dot or a blank.
    let emoji = "maximilian.oberhub\u{1f600}";
    assert_eq!(unique(emoji, 9, &[emoji]), ok("maximilian.oberhub2"));
    let dotted = "maximilian.oberhu. .";
    assert_eq!(unique(dotted, 9, &[dotted]), ok("maximilian.oberhu2"));
    // What was longer before may stay so.
    let longer = "maximilian.oberhuber@contoso.com";
    assert_eq!(unique(longer, 9, &[longer]), ok("maximilian.oberhuber@contoso.co2"));
}

proptest! {
    #[test]
    fn unique_names_are_free_and_not_too_long(
        base in "[aB. \u{1f600}é]{1,24}",
        taken in proptest::collection::vec("[ab. \u{1f600}é]{1,24}[2-4]?", 0..6),
        most in 1_i64..6,
    ) {
        let mut taken: Vec<&str> = taken.iter().map(String::as_str).collect();
        taken.push(&base);
        let surroundings = Surroundings::of_vector(&json!({ "taken": taken })).unwrap();
        match unique(&base, most, &taken) {
            Ok(name) => {
                prop_assert!(!surroundings.is_taken(&name));
                let units = |text: &str| text.encode_utf16().count();
                prop_assert!(units(&name) <= units(&base).max(20), "{}", name);
            }
            Err(kind) => prop_assert_eq!(kind, ErrorKind::Value),
        }
    }
}

#[test]
fn our_own_functions_are_in_every_dialect() {
    for dialect in [Dialect::Mim, Dialect::Entra, Dialect::EntraExtended, Dialect::Extension] {
        for name in ["RandomPassword", "AccountName", "UniqueName"] {
            assert!(find(name, dialect).is_some());
        }
    }
    assert!(find("Left", Dialect::Extension).is_none());
}
