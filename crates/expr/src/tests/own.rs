//! The functions that are ours: passwords and account names.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{Extreme, Sequence, check, object, run, text};
use crate::Dialect;
use crate::functions::find;
use crate::operand::Operand;

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

#[test]
fn our_own_functions_are_in_every_dialect() {
    for dialect in [Dialect::Mim, Dialect::Extension] {
        assert!(find("RandomPassword", dialect).is_some());
    }
    assert!(find("Left", Dialect::Extension).is_none());
}
