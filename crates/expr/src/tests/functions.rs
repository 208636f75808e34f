//! What each function computes, by tables.

use std::collections::BTreeSet;

use super::{Extreme, Sequence, check, object, run, text};
use crate::ErrorKind;
use crate::limits::{PAD_LENGTH_MAX, RESULT_BYTES_MAX};
use crate::operand::Operand;

#[test]
fn joining_renders_what_has_a_text() {
    check(&[
        ("name + number", "\"Ada Lovelace514\""),
        ("\"\" + yes", "\"True\""),
        ("\"x\" + none", "\"x\""),
        ("none + none", "\"\""),
        ("\"\" + manager", "\"CN=Boss,DC=x\""),
        ("\"\" + since", "\"1970-01-01T00:00:00Z\""),
        ("\"\" + octets", "error Type"),
        ("\"\" + several", "error Type"),
    ]);
}

#[test]
fn case_maps_one_character_to_one() {
    check(&[
        ("UpperCase(\"straße ŉ\")", "\"STRAßE ŉ\""),
        ("LowerCase(\"ΣΟΦΟΣ İ\")", "\"σοφοσ İ\""),
        ("UpperCase(number)", "\"514\""),
        ("UpperCase(none)", "null"),
        ("LowerCase(\"\")", "\"\""),
    ]);
}

#[test]
fn proper_case_begins_words_after_anything_that_separates() {
    check(&[
        ("ProperCase(\"$TEsT\")", "\"$Test\""),
        ("ProperCase(\"JEAN-LUC o'NEIL\")", "\"Jean-Luc O'neil\""),
        ("ProperCase(\"1st a1b 'tis\")", "\"1St A1b 'Tis\""),
        ("ProperCase(\"e\u{301}a \u{200b}x\")", "\"E\u{301}a \u{200b}X\""),
        ("ProperCase(\"ǆep ßen ა\")", "\"ǅep ßen ა\""),
        ("ProperCase(none)", "null"),
    ]);
}

#[test]
fn trimming_takes_unicode_white_space() {
    check(&[
        ("Trim(\"\u{a0}\u{3000}x \t\u{2028}\")", "\"x\""),
        ("LTrim(\" x \")", "\"x \""),
        ("RTrim(\" x \")", "\" x\""),
        ("Trim(\"\u{200b}x\u{feff}\")", "\"\u{200b}x\u{feff}\""),
        ("Trim(none)", "null"),
    ]);
}

#[test]
fn cutting_counts_code_units_and_drops_halves() {
    check(&[
        ("Left(\"a😀b\", 2)", "\"a\""),
        ("Left(\"a😀b\", 3)", "\"a😀\""),
        ("Left(\"abc\", -1)", "\"abc\""),
        ("Left(\"abc\", 0)", "\"\""),
        ("Left(none, 3)", "\"\""),
        ("Left(\"abc\", none)", "error Type"),
        ("Left(none, none)", "error Type"),
        ("Left(\"abc\", \"2\")", "\"ab\""),
        ("Left(\"abc\", \"two\")", "error Type"),
        ("Left(\"abc\", \"99999999999999999999\")", "error Range"),
        ("Left(several, 1)", "error Type"),
        ("Right(\"a😀b\", 2)", "\"b\""),
        ("Right(\"a😀b\", 3)", "\"😀b\""),
        ("Right(\"abc\", 9)", "\"abc\""),
        ("Right(\"abc\", -1)", "\"abc\""),
        ("Right(none, 1)", "\"\""),
        ("Mid(\"Britta Simon\", 3, 5)", "\"itta \""),
        ("Mid(\"a😀b\", 3, 2)", "\"b\""),
        ("Mid(\"abc\", 0, 1)", "\"abc\""),
        ("Mid(\"abc\", 4, 1)", "\"abc\""),
        ("Mid(\"abc\", 9, -1)", "\"\""),
        ("Mid(\"abc\", 2, 9223372036854775807)", "\"bc\""),
        ("Mid(none, 1, 1)", "\"\""),
    ]);
}

#[test]
fn words_lie_between_any_of_the_delimiters() {
    check(&[
        ("Word(\"Test;of%function;\", 3, \";$&%\")", "\"function\""),
        ("Word(\"Test;;Function\", 2, \";\")", "\"\""),
        ("Word(\"a;\", 2, \";\")", "\"\""),
        ("Word(\"a;b\", 3, \";\")", "\"\""),
        ("Word(\"a;b\", -1, \";\")", "\"\""),
        ("Word(\"a;b\", 1, \"\")", "\"a;b\""),
        ("Word(\"a;b\", 1, none)", "error Type"),
        ("Word(none, 1, \";\")", "\"\""),
    ]);
}

#[test]
fn padding_fills_up_to_a_length() {
    check(&[
        ("LeftPad(7, 3, \"0\")", "\"007\""),
        ("RightPad(\"😀\", 3, \"x\")", "\"😀x\""),
        ("LeftPad(\"abc\", -1, \"0\")", "\"abc\""),
        ("LeftPad(none, 3, \"0\")", "\"\""),
        ("LeftPad(\"7\", 3, \"\")", "error Value"),
        ("LeftPad(\"7\", 3, \"ab\")", "error Value"),
        ("LeftPad(\"7\", 3, \"😀\")", "error Value"),
        ("LeftPad(\"7\", 3, none)", "error Value"),
        ("LeftPad(\"7\", none, \"0\")", "error Type"),
    ]);
    let pad = |length| run(&format!("RightPad(\"\", {length}, \"x\")"), &object());
    assert!(pad(PAD_LENGTH_MAX).is_ok());
    assert_eq!(pad(PAD_LENGTH_MAX + 1).unwrap_err().kind, ErrorKind::Limit);
}

#[test]
fn replacing_reads_escapes_in_literals_only() {
    let mut object = object();
    object.set_one("path", "C:\\new");
    object.set_one("tabbed", "x\ty");
    let replaced = |source: &str| run(source, &object).unwrap();
    assert_eq!(replaced("ReplaceString(path, \"x\", \"y\")"), Operand::text("C:\\new"));
    assert_eq!(replaced("ReplaceString(tabbed, \"\\t\", \"\\r\\n\")"), Operand::text("x\r\ny"));
    check(&[
        ("ReplaceString(\"aaaa\", \"aa\", \"b\")", "\"bb\""),
        ("ReplaceString(\"Aa\", \"a\", none)", "\"A\""),
        ("ReplaceString(none, \"a\", \"b\")", "null"),
        ("ReplaceString(\"abc\", \"\", \"x\")", "error Value"),
        ("ReplaceString(\"abc\", none, \"x\")", "error Value"),
    ]);
}

#[test]
fn texts_that_would_grow_too_long_are_never_made() {
    let mebibyte = format!("RightPad(\"\", {PAD_LENGTH_MAX}, \"x\")");
    let explode = format!("ReplaceString({mebibyte}, \"x\", {mebibyte})");
    assert_eq!(run(&explode, &object()).unwrap_err().kind, ErrorKind::Limit);
    let sum = vec![mebibyte; 11].join("+");
    assert_eq!(run(&sum, &object()).unwrap_err().kind, ErrorKind::Limit);

    let mut object = object();
    object.set_one("long", "#".repeat(RESULT_BYTES_MAX - 4).as_str());
    let escaped = run("EscapeDNComponent(\"CN=\" + long)", &object);
    assert_eq!(escaped.unwrap_err().kind, ErrorKind::Limit);
}

#[test]
fn bits_have_the_width_of_the_numbers() {
    check(&[
        ("BitAnd(-3, number)", "512"),
        ("BitOr(2, 512)", "514"),
        ("BitAnd(9223372036854775807, 4294967296)", "4294967296"),
        ("BitAnd(digits, 2)", "2"),
        ("BitAnd(name, 2)", "error Type"),
        ("BitAnd(yes, 2)", "error Type"),
        ("BitOr(2, none)", "null"),
    ]);
}

#[test]
fn identifiers_convert_to_and_from_octets() {
    check(&[
        ("ConvertSidToString(octets)", "\"S-1-5-18\""),
        ("ConvertSidToString(name)", "error Type"),
        ("ConvertSidToString(none)", "null"),
        (
            "ConvertStringToGuid(\"01234567-89AB-cdef-0123-456789abcdef\")",
            "67452301AB89EFCD0123456789ABCDEF",
        ),
        ("ConvertStringToGuid(\"01234567-89ab-cdef-0123456789abcdef\")", "error Value"),
        (
            "ConvertSidToString(ConvertStringToGuid(\"01234567-89ab-cdef-0123-456789abcdef\"))",
            "error Value",
        ),
        ("ConvertStringToGuid(none)", "null"),
    ]);
    let greatest = text("Guid()", &mut Extreme { greatest: true });
    assert_eq!(greatest, "ffffffff-ffff-4fff-bfff-ffffffffffff");
}

#[test]
fn components_escape_their_value() {
    check(&[
        ("EscapeDNComponent(\" CN = a,b \")", "\"CN=\\ a\\,b\\ \""),
        ("EscapeDNComponent(\"CN= \")", "\"CN=\\ \""),
        ("EscapeDNComponent(\"CN=a#b=c\")", "\"CN=a\\#b\\=c\""),
        ("EscapeDNComponent(\"CN=a\u{1}\u{ffff}\tb\")", "\"CN=a\\01\\EF\\BF\\BF\tb\""),
        ("EscapeDNComponent(\"a b=c\")", "error Value"),
        ("EscapeDNComponent(\"=c\")", "error Value"),
        ("EscapeDNComponent(\"CN\")", "error Value"),
        ("EscapeDNComponent(none)", "null"),
    ]);
}

#[test]
fn a_choice_evaluates_only_what_it_chooses() {
    check(&[
        ("IIF(true, 1, Left(\"x\", name))", "1"),
        ("IIF(false, Left(\"x\", name), 2)", "2"),
        ("IIF(none, 1, 2)", "2"),
        ("IIF(yes, 1, 2)", "1"),
        ("IIF(0, 1, 2)", "2"),
        ("IIF(\"TRUE\", 1, 2)", "1"),
        ("IIF(name, 1, 2)", "error Type"),
        ("IIF(octets, 1, 2)", "error Type"),
        ("IIF(yes, none, 2)", "null"),
        ("IIF(yes, several, 2)", "error Type"),
        ("SingleValueAssignment(several)", "[a; b]"),
    ]);
}

#[test]
fn equality_crosses_types_only_where_texts_read_as_the_other() {
    check(&[
        ("Eq(\"a\", \"a\")", "True"),
        ("Eq(\"a\", \"A\")", "False"),
        ("Eq(none, nothing)", "True"),
        ("Eq(none, \"\")", "False"),
        ("Eq(number, digits)", "True"),
        ("Eq(\"0514\", number)", "True"),
        ("Eq(\"99999999999999999999\", number)", "False"),
        ("Eq(digits, \"0514\")", "False"),
        ("Eq(yes, \"TRUE\")", "True"),
        ("Eq(yes, 1)", "False"),
        ("Eq(manager, \"CN=Boss,DC=x\")", "True"),
        ("Eq(since, \"1970-01-01T00:00:00Z\")", "True"),
        ("Eq(octets, octets)", "True"),
        ("Eq(octets, name)", "False"),
        ("Eq(several, \"a\")", "error Type"),
        ("NotEquals(none, \"x\")", "True"),
        ("NotEquals(number, 514)", "False"),
    ]);
}

#[test]
fn order_is_numeric_where_it_can_be() {
    check(&[
        ("LessThan(2, 10)", "True"),
        ("LessThan(\"2\", \"10\")", "True"),
        ("LessThan(\"2\", 10)", "True"),
        ("LessThan(10, \"2\")", "False"),
        ("LessThan(\"b\", \"a\")", "False"),
        ("LessThan(\"2\", \"10x\")", "False"),
        // Ordinal by code unit: surrogates come before the end of the basic plane.
        ("LessThan(\"😀\", \"\u{ffef}\")", "True"),
        ("LessThan(none, 1)", "False"),
        ("GreaterThanOrEquals(none, none)", "False"),
        ("LessThan(name, 1)", "error Type"),
        ("LessThan(yes, 1)", "error Type"),
        ("LessThan(octets, octets)", "error Type"),
        ("LessThan(\"99999999999999999999\", 1)", "error Range"),
        ("LessThanOrEquals(since, since)", "True"),
        ("LessThanOrEquals(3, 2)", "False"),
        ("GreaterThan(-1, -2)", "True"),
        ("GreaterThan(2, 2)", "False"),
        ("GreaterThanOrEquals(2, 2)", "True"),
    ]);
}

#[test]
fn presence_is_not_truth() {
    check(&[
        ("IsPresent(none)", "False"),
        ("IsPresent(several)", "True"),
        ("IsPresent(\"\")", "True"),
        ("IsPresent(false)", "True"),
        ("IsPresent(Null())", "False"),
    ]);
}

#[test]
fn random_numbers_include_both_bounds() {
    let draw = |source: &str, greatest| text(source, &mut Extreme { greatest });
    assert_eq!(draw("RandomNum(-3, 5)", false), "-3");
    assert_eq!(draw("RandomNum(-3, 5)", true), "5");
    let all = "RandomNum(-9223372036854775808, 9223372036854775807)";
    assert_eq!(draw(all, false), i64::MIN.to_string());
    assert_eq!(draw(all, true), i64::MAX.to_string());
    let drawn: BTreeSet<String> = {
        let mut random = Sequence(1);
        (0..200).map(|_| text("RandomNum(0, 9)", &mut random)).collect()
    };
    assert_eq!(drawn.len(), 10);
    check(&[
        ("RandomNum(5, 5)", "5"),
        ("RandomNum(10, 1)", "error Value"),
        ("RandomNum(none, 1)", "error Type"),
    ]);
}
