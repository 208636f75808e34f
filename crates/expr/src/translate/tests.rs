//! Each rule and each reason, both ways.

use model::ValueType as T;

use super::translate;
use crate::types::{AttributeType, infer};
use crate::{Dialect, bind, parse_in};

/// Attributes of every type; any other name is one text.
fn schema(name: &str) -> Option<AttributeType> {
    Some(match name {
        "true" | "false" | "unknown" => return None,
        "number" | "flags" => AttributeType::single(T::Integer),
        "yes" => AttributeType::single(T::Boolean),
        "octets" => AttributeType::single(T::Binary),
        "manager" | "owner" => AttributeType::single(T::Reference),
        "since" => AttributeType::single(T::DateTime),
        "several" => AttributeType::multi(T::String),
        _ => AttributeType::single(T::String),
    })
}

fn translated(from: Dialect, source: &str, to: Dialect) -> Result<String, String> {
    let ast = parse_in(from, source).unwrap();
    bind(&ast, None).unwrap_or_else(|errors| panic!("{source}: {errors:?}"));
    match translate(&infer(&ast, &schema), to) {
        Ok(translation) => Ok(translation.ast.to_string()),
        Err(reasons) => {
            assert!(reasons.windows(2).all(|two| two[0].span.start <= two[1].span.start));
            Err(reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
        }
    }
}

fn to_entra(source: &str, expected: &str) {
    let found = translated(Dialect::Mim, source, Dialect::Entra);
    assert_eq!(found.as_deref(), Ok(expected), "{source}");
}

fn to_mim(source: &str, expected: &str) {
    let found = translated(Dialect::EntraExtended, source, Dialect::Mim);
    assert_eq!(found.as_deref(), Ok(expected), "{source}");
}

fn not_to_entra(source: &str, reason: &str) {
    let found = translated(Dialect::Mim, source, Dialect::Entra).unwrap_err();
    assert!(found.contains(reason), "{source}: {found}");
}

fn not_to_mim(source: &str, reason: &str) {
    let found = translated(Dialect::EntraExtended, source, Dialect::Mim).unwrap_err();
    assert!(found.contains(reason), "{source}: {found}");
}

#[test]
fn values_keep_their_meaning_in_entra_connect() {
    to_entra("\"a\\b\"", "\"a\\\\b\"");
    to_entra("-7", "-7");
    to_entra("true", "True");
    to_entra("mail", "[mail]");
    to_entra("several", "[several]");
    to_entra("Null()", "NULL");
    to_entra("CRLF()", "CRLF");
    to_entra("SingleValueAssignment(mail)", "[mail]");
}

#[test]
fn joining_stays_a_text_in_entra_connect() {
    to_entra("givenName + \" \" + sn", "[givenName] & \" \" & [sn]");
    to_entra("givenName + sn", "[givenName] & [sn]");
    to_entra("UpperCase(givenName + sn)", "UCase([givenName] & [sn] & \"\")");
    to_entra("\"a\" + (\"b\" + number)", "\"a\" & (\"b\" & [number])");
    to_entra("+(number)", "[number] & \"\"");
    to_entra("+(mail)", "[mail]");
    not_to_entra("\"x\" + since", "a date for text");
}

#[test]
fn arguments_are_converted_for_entra_connect() {
    to_entra("UpperCase(mail)", "UCase([mail])");
    to_entra("UpperCase(manager)", "UCase(CStr([manager]))");
    to_entra("ProperCase(sn)", "PCase(LCase([sn]))");
    to_entra("LeftPad(number, 5, 0)", "PadLeft(CStr([number]), 5, CStr(0))");
    to_entra("Left(sn, \"3\")", "Left([sn], 3)");
    to_entra("Left(sn, size)", "Left([sn], CNum([size]))");
    to_entra("Mid(sn, 2, 3)", "Mid([sn], 2, 3)");
    to_entra("Mid(sn, 2, -3)", "Mid([sn], 2, 0)");
    to_entra("BitAnd(flags, 2)", "BitAnd([flags], 2)");
    to_entra("ReplaceString(sn, \"\\n\", \" \")", "Replace([sn], \"\\\\n\", \" \")");
    to_entra("ReplaceString(\"a\\nb\", \"b\", \"c\")", "Replace(\"a\nb\", \"b\", \"c\")");
    to_entra(
        "ReplaceString(sn, SingleValueAssignment(\"\\n\"), \"\")",
        "Replace([sn], \"\\\\n\" & \"\", \"\")",
    );
    to_entra("ConvertSidToString(octets)", "StringFromSid([octets])");
    to_entra("ConvertStringToGuid(id)", "CGuid([id])");
    to_entra("AccountName(sn, number)", "AccountName([sn], [number])");
    to_entra("RandomNum(1, 9)", "RandomNum(1, 9)");
    not_to_entra("Mid(sn, 2, number)", "negative count");
    not_to_entra("DateTimeFormat(hired, \"yyyy\")", "DateTimeFormat");
    not_to_entra("UpperCase(several)", "several values");
    not_to_entra("UpperCase(unknown)", "not known");
    not_to_entra("UpperCase(since)", "a date for text");
    not_to_entra("AccountName(since)", "a date for text");
}

#[test]
fn comparisons_keep_their_meaning_in_entra_connect() {
    to_entra("Eq(state, \"left\")", "[state] = \"left\"");
    to_entra("NotEquals(number, 3)", "[number] <> 3");
    to_entra("Eq(number, \"3\")", "[number] = 3");
    to_entra("Eq(\"TRUE\", yes)", "True = [yes]");
    to_entra("Eq(manager, owner)", "CStr([manager]) = CStr([owner])");
    to_entra("Eq(manager, mail)", "CStr([manager]) = [mail]");
    to_entra("Eq(octets, octets)", "[octets] = [octets]");
    to_entra("Eq(mail, Null())", "[mail] = NULL");
    to_entra("LessThan(number, 3)", "[number] < 3");
    to_entra("GreaterThanOrEquals(sn, \"m\")", "[sn] >= \"m\"");
    to_entra("GreaterThan(manager, sn)", "CStr([manager]) > [sn]");
    to_entra("LessThanOrEquals(mail, Null())", "False");
    to_entra("IIF(Eq(Eq(a, b), c), 1, 2)".replace("c)", "true)").as_str(), {
        "IIF(([a] = [b]) = True, 1, 2)"
    });
    to_entra("IsPresent(mail)", "IsPresent([mail])");
    to_entra("IsPresent(several)", "IsPresent([several])");
    to_entra("IsPresent(Trim(mail))", "IsNull(Trim([mail])) = False");
    to_entra("IsPresent(BitAnd(flags, 2))", "IsPresent(BitAnd([flags], 2))");
    not_to_entra("Eq(number, mail)", "different types");
    not_to_entra("Eq(since, since)", "different types");
    not_to_entra("LessThan(sn, mail)", "decimal texts");
    not_to_entra("LessThan(sn, \"10\")", "decimal texts");
    not_to_entra("LessThan(since, since)", "order");
}

#[test]
fn every_reason_is_given_in_source_order() {
    not_to_entra("$mail + [//Target/Name] + since", "$mail; Entra Connect has no lookups");
    not_to_entra("$mail + Mid(sn, 1, number)", "$mail; a negative count");
}

#[test]
fn values_keep_their_meaning_in_mim() {
    to_mim("[mail]", "mail");
    to_mim("[several]", "several");
    to_mim("True", "true");
    to_mim("NULL", "Null()");
    to_mim("CRLF", "CRLF()");
    to_mim("&HFF", "255");
    not_to_mim("[true]", "[true]");
    not_to_mim("[given name]", "[given name]");
    not_to_mim("%Domain%", "%Domain%");
    not_to_mim("IIF([yes], IgnoreThisFlow, [mail])", "no IgnoreThisFlow");
    not_to_mim("With($x, [mail], $x)", "no With");
}

#[test]
fn operators_become_functions_of_mim() {
    to_mim("[givenName] & \" \" & [sn]", "givenName + \" \" + sn");
    to_mim("[a] & [b]", "a + b");
    to_mim(
        "UCase([a] & [b])",
        "UpperCase(IIF(IIF(IsPresent(a), true, IsPresent(b)), a + b, Null()))",
    );
    to_mim("[a] = \"x\"", "Eq(a, \"x\")");
    to_mim("[number] <> 3", "NotEquals(number, 3)");
    to_mim("[number] <= 3", "LessThanOrEquals(number, 3)");
    to_mim("[a] > \"x\"", "GreaterThan(a, \"x\")");
    to_mim("[a] = \"x\" && [yes]", "IIF(Eq(a, \"x\"), IIF(yes, true, false), false)");
    to_mim("[a] = \"x\" || [b] = \"y\"", "IIF(Eq(a, \"x\"), true, Eq(b, \"y\"))");
    not_to_mim("UCase(Trim([a]) & [b])", "an empty text");
    not_to_mim("[octets] & [octets]", "octets");
    not_to_mim("[number] + 1", "arithmetic");
    not_to_mim("-[number]", "arithmetic");
    not_to_mim("[manager] = [owner]", "case");
    not_to_mim("[since] = [since]", "dates");
    not_to_mim("[a] < [b]", "decimal texts");
    not_to_mim("[a] < \"10\"", "decimal texts");
    not_to_mim("[several] = \"x\"", "several values");
}

#[test]
fn functions_have_other_names_in_mim() {
    to_mim("UCase([a])", "UpperCase(a)");
    to_mim("ToLower([a])", "LowerCase(a)");
    to_mim("PadLeft(CStr([number]), 5, \"0\")", {
        "LeftPad(IIF(IsPresent(number), number + \"\", Null()), 5, \"0\")"
    });
    to_mim("CStr([number])", "number + \"\"");
    to_mim("CStr([a])", "a");
    to_mim("CNum([number])", "number");
    to_mim("CBool([number])", "IIF(number, true, false)");
    to_mim("Append([a], \"x\")", "IIF(IsPresent(a), a + \"x\", Null())");
    to_mim("Replace([a], \"\\n\", \"\")", "ReplaceString(a, \"\\n\", \"\")");
    to_mim("Replace(\"a\\nb\", \"b\", \"\")", "ReplaceString(\"a\\nb\" + \"\", \"b\", \"\")");
    to_mim("Mid([a], 2, 3)", "Mid(a, 2, 3)");
    to_mim("IsBitSet([flags], 2)", "IIF(BitAnd(flags, 2), true, false)");
    to_mim("StringFromSid([octets])", "ConvertSidToString(octets)");
    to_mim("UniqueName([a], 9)", "UniqueName(a, 9)");
    not_to_mim("PCase([a])", "no PCase");
    not_to_mim("CNum([a])", "no CNum");
    not_to_mim("Replace([a], [b], \"\")", "fails");
    not_to_mim("Mid([a], 2, -1)", "negative count");
    not_to_mim("Left([octets], 2)", "no octets");
    not_to_mim("Len([a])", "no Len");
    not_to_mim("ToUpper([a], \"tr\")", "no ToUpper");
    not_to_mim("Append(Trim([a]), \"x\")", "twice");
}

#[test]
fn choices_and_questions_are_asked_in_mim() {
    to_mim("IIF([yes], [a], NULL)", "IIF(yes, a, Null())");
    to_mim("Switch([yes], 1, [number] = 2, 3)", "IIF(yes, 1, IIF(Eq(number, 2), 3, Null()))");
    to_mim("Switch([yes], 1, True, 3)", "IIF(yes, 1, 3)");
    to_mim("Coalesce([a], [b], \"x\")", "IIF(IsPresent(a), a, IIF(IsPresent(b), b, \"x\"))");
    to_mim("Not([yes])", "IIF(yes, false, true)");
    to_mim("IsNull([several])", "IIF(IsPresent(several), false, true)");
    to_mim("IsPresent([a])", "IsPresent(a)");
    to_mim("IsPresent(Trim([a]))", "NotEquals(Trim(a) + \"\", \"\")");
    to_mim("IsNullOrEmpty([a])", "IIF(IsPresent(a), false, true)");
    to_mim("IsNullOrEmpty(Trim([a]))", "Eq(Trim(a) + \"\", \"\")");
    to_mim("IsEmpty(Trim([a]))", "Eq(Trim(a), \"\")");
    to_mim("IsEmpty([a])", "false");
    not_to_mim("Coalesce(Trim([a]), [b])", "twice");
    not_to_mim("IsPresent(IIF([yes], [a], [number]))", "different types");
    not_to_mim("IIF([several] = \"x\", 1, 2)", "several values");
}

#[test]
fn the_same_language_stays_as_it_is() {
    let ast = parse_in(Dialect::Mim, "UpperCase(unknown)").unwrap();
    let same = translate(&infer(&ast, &schema), Dialect::Mim).unwrap();
    assert_eq!(same.ast, ast);
}

#[test]
fn what_holds_under_a_condition_is_remarked_once() {
    let source = "EscapeDNComponent(\"CN=\" + a) + EscapeDNComponent(\"OU=\" + b)";
    let ast = parse_in(Dialect::Mim, source).unwrap();
    let translation = translate(&infer(&ast, &schema), Dialect::Entra).unwrap();
    assert_eq!(translation.remarks.len(), 1);
}

#[test]
fn a_translation_beyond_the_limits_is_refused() {
    let source = vec!["[yes]"; 200].join(" && ");
    not_to_mim(&source, "larger than an expression may be");
}
