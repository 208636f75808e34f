//! What is odd, and what is not.

use model::ValueType as T;

use super::{LintKind, lint};
use crate::types::{AttributeType, Role, Schema, Target, infer};
use crate::{Dialect, parse_in};

/// An employee's attributes; any other name is unknown.
struct Employee;

impl Schema for Employee {
    fn attribute(&self, name: &str) -> Option<AttributeType> {
        Some(match name {
            "employeeID" => AttributeType::single(T::Integer),
            "enabled" => AttributeType::single(T::Boolean),
            "manager" => AttributeType::single(T::Reference),
            "photo" => AttributeType::single(T::Binary),
            "displayName" | "givenName" | "sn" => AttributeType::single(T::String),
            "proxyAddresses" => AttributeType::multi(T::String),
            _ => return None,
        })
    }

    fn is_plain(&self, name: &str) -> bool {
        name == "object-id"
    }
}

const MIM: Dialect = Dialect::Mim;
const ENTRA: Dialect = Dialect::EntraExtended;

/// What is odd about an expression: kind and place.
fn found(dialect: Dialect, source: &str, role: Option<Role>) -> Vec<(LintKind, String)> {
    let ast = parse_in(dialect, source).unwrap();
    crate::bind(&ast, None).unwrap();
    let types = infer(&ast, &Employee);
    let target = role.map(|role| Target { name: "target", attribute: None, role });
    let lints = lint(&types, target.as_ref());
    let place = |span: crate::Span| source.get(span.start..span.end).unwrap().to_owned();
    lints.into_iter().map(|lint| (lint.kind, place(lint.span))).collect()
}

/// Checks the places of the lints of one kind, the only kind expected.
fn check(dialect: Dialect, role: Option<Role>, kind: LintKind, cases: &[(&str, &[&str])]) {
    for (source, places) in cases {
        let expected: Vec<_> = places.iter().map(|place| (kind, (*place).to_owned())).collect();
        assert_eq!(found(dialect, source, role), expected, "{source}");
    }
}

#[test]
fn tiers_without_parentheses_are_odd() {
    check(
        ENTRA,
        None,
        LintKind::MixedArithmetic,
        &[
            ("2 + 3 * [a]", &["2 + 3 * [a]"]),
            ("[a] * 2 - 1", &["[a] * 2 - 1"]),
            ("2 + (3 * [a])", &[]),
            ("(2 + 3) * [a]", &[]),
            ("2 * [a] * 4", &[]),
            ("\"x\" & ([a] - 1) & \"y\"", &[]),
            ("Len(\"x\" & [a]) * 2 + 1", &["Len(\"x\" & [a]) * 2 + 1"]),
        ],
    );
    check(
        ENTRA,
        None,
        LintKind::MixedLogic,
        &[
            ("[a] && [b] || [c]", &["[a] && [b] || [c]"]),
            ("IIF([a] || [b] && [c], 1, 2)", &["[a] || [b] && [c]"]),
            ("[a] && ([b] || [c])", &[]),
            ("[a] && [b] && [c]", &[]),
        ],
    );
}

#[test]
fn cut_values_that_alone_make_a_name_collide() {
    let name = Some(Role::Name);
    check(
        MIM,
        name,
        LintKind::TruncatedName,
        &[
            ("Left(displayName, 20)", &["Left(displayName, 20)"]),
            (
                "LowerCase(Left(ReplaceString(displayName, \" \", \"\"), 20))",
                &["Left(ReplaceString(displayName, \" \", \"\"), 20)"],
            ),
            ("Left(givenName, 1) + sn", &[]),
            ("\"x-\" + Mid(displayName, 2, 5)", &["Mid(displayName, 2, 5)"]),
            ("AccountName(Word(displayName, 1, \" \"))", &["Word(displayName, 1, \" \")"]),
            ("IIF(IsPresent(sn), sn, Left(displayName, 8))", &["Left(displayName, 8)"]),
            ("UniqueName(Left(displayName, 20), 99)", &[]),
            ("Left(displayName, 8) + RandomNum(1, 9999)", &[]),
            ("Left(\"constant\", 3)", &[]),
            ("displayName", &[]),
        ],
    );
    check(
        ENTRA,
        name,
        LintKind::TruncatedName,
        &[
            ("LCase(Left([displayName], 20))", &["Left([displayName], 20)"]),
            ("Left([displayName], 20) & \"@\" & %Domain.FQDN%", &["Left([displayName], 20)"]),
            (
                "With($n, Left([displayName], 20), IIF(IsPresent($n), $n, $n & \"-x\"))",
                &["Left([displayName], 20)"],
            ),
            ("SelectUniqueValue(Left([sn], 5), [sn])", &[]),
            ("Left([givenName], 1) & [sn]", &[]),
        ],
    );
    check(
        MIM,
        Some(Role::DistinguishedName),
        LintKind::TruncatedName,
        &[(
            "EscapeDNComponent(\"CN=\" + Left(displayName, 64)) + \",DC=contoso\"",
            &["Left(displayName, 64)"],
        )],
    );
    check(MIM, Some(Role::Value), LintKind::TruncatedName, &[("Left(displayName, 20)", &[])]);
}

#[test]
fn passwords_need_enough_characters_that_nobody_knows() {
    let secret = Some(Role::Secret);
    let whole = |dialect, sources: &[&'static str], is_odd: bool| {
        for source in sources {
            let place = [*source];
            let places: &[&str] = if is_odd { &place } else { &[] };
            check(dialect, secret, LintKind::GuessablePassword, &[(*source, places)]);
        }
    };
    whole(MIM, &["RandomPassword(16)", "\"x\" + RandomPassword(32)", "Null()"], false);
    whole(MIM, &["IIF(enabled, RandomPassword(20), Null())"], false);
    whole(MIM, &["RandomPassword(15)", "\"Pass1word\"", "sn", "RandomPassword(employeeID)"], true);
    whole(MIM, &["IIF(enabled, RandomPassword(20), \"x\" + sn)", "\"P\" + RandomNum(1, 9)"], true);
    whole(MIM, &["Left(RandomPassword(32), 4)"], true);
    whole(
        ENTRA,
        &[
            "\"a\" & RandomPassword(16)",
            "RandomString(20, 1, 1, 1, 1)",
            "With($p, RandomPassword(32), Redact($p & \"x\"))",
            "Switch([enabled], RandomPassword(16), True, Append(\"x\", RandomPassword(16)))",
            "IIF([enabled], RandomPassword(16), IgnoreThisFlow)",
        ],
        false,
    );
    whole(
        ENTRA,
        &[
            "RandomString(8, 1, 1, 1, 1)",
            "[sn] & \"2024!\"",
            "With($p, RandomPassword(8), $p & $p)",
            "Coalesce([sn], RandomPassword(32))",
        ],
        true,
    );
}

#[test]
fn values_in_a_dn_are_escaped() {
    let dn = Some(Role::DistinguishedName);
    check(
        MIM,
        dn,
        LintKind::Unescaped,
        &[
            ("\"CN=\" + displayName + \",DC=contoso\"", &["displayName"]),
            ("EscapeDNComponent(\"CN=\" + displayName) + \",DC=contoso\"", &[]),
            ("\"CN=\" + employeeID + \",DC=contoso\"", &[]),
            ("\"CN=x,\" + manager", &[]),
            ("\"CN=\" + object-id + \",DC=contoso\"", &[]),
            ("\"CN=\" + UpperCase(sn) + \",OU=\" + department", &["sn", "department"]),
            ("IIF(enabled, \"CN=\" + sn, target)", &["sn"]),
            ("IIF(IsPresent(sn), \"CN=x\", Null())", &[]),
            ("target", &[]),
            ("\"CN=\" + $unit", &["$unit"]),
        ],
    );
    check(
        ENTRA,
        dn,
        LintKind::Unescaped,
        &[
            ("\"CN=\" & [displayName] & \",\" & %Forest.LDAP%", &["[displayName]"]),
            ("EscapeDNComponent(\"CN=\" & [displayName]) & \",\" & %Forest.LDAP%", &[]),
            ("\"CN=\" & CStr([employeeID])", &[]),
            ("\"CN=\" & CStr([sn])", &["[sn]"]),
            ("\"CN=\" & ([employeeID] + 1)", &[]),
            ("With($c, \"CN=\" & [sn], $c & \",\" & $c)", &["[sn]"]),
            ("Switch([enabled], \"CN=\" & [sn], True, [dn])", &["[sn]"]),
            ("Join(Select($o, [units], \"OU=\" & $o), \",\")", &["[units]", "$o"]),
            ("\"CN=\" & ImportedValue(\"sn\")", &["ImportedValue(\"sn\")"]),
        ],
    );
}

#[test]
fn conditions_that_no_object_changes_are_odd() {
    check(
        MIM,
        None,
        LintKind::ConstantCondition,
        &[
            ("IIF(true, sn, givenName)", &["true"]),
            ("Eq(\"a\", \"b\")", &["Eq(\"a\", \"b\")"]),
            ("IIF(Eq(1, 1), sn, givenName)", &["Eq(1, 1)"]),
            ("IsPresent(Left(sn, 3))", &["IsPresent(Left(sn, 3))"]),
            ("IsPresent(sn + givenName)", &["IsPresent(sn + givenName)"]),
            ("Eq(Left(sn, 1), Null())", &["Eq(Left(sn, 1), Null())"]),
            ("Eq(sn, Null())", &[]),
            ("IsPresent(sn)", &[]),
            ("IsPresent(UpperCase(sn))", &[]),
            ("Eq(RandomNum(1, 2), 1)", &[]),
            ("Trim(\"x \")", &[]),
        ],
    );
    check(
        ENTRA,
        None,
        LintKind::ConstantCondition,
        &[
            ("IIF(True, [sn], NULL)", &["True"]),
            ("[sn] = \"x\" || 1 = 1", &["1 = 1"]),
            ("IIF(\"a\" = \"b\", 1, 2)", &["\"a\" = \"b\""]),
            ("IsNull(Left([sn], 3))", &["IsNull(Left([sn], 3))"]),
            ("IsNullOrEmpty(Left([sn], 3))", &[]),
            ("IsNullOrEmpty(Len([sn]))", &["IsNullOrEmpty(Len([sn]))"]),
            ("Len([sn]) = NULL", &["Len([sn]) = NULL"]),
            ("[sn] <> NULL", &[]),
            ("Switch([sn] = \"x\", 1, True, 2)", &[]),
            ("Switch(True, 1, [sn] = \"x\", 2)", &["True"]),
            ("Where($x, [proxyAddresses], Not(False))", &["Not(False)"]),
            ("IIF(%Flag% = 2, 1, 2)", &[]),
            ("IIF(Now() = NULL, 1, 2)", &["Now() = NULL"]),
            ("Len(\"abc\")", &[]),
        ],
    );
}

#[test]
fn comparisons_of_types_that_are_never_equal_are_odd() {
    check(
        MIM,
        None,
        LintKind::NeverEqual,
        &[
            ("Eq(enabled, 1)", &["Eq(enabled, 1)"]),
            ("IIF(NotEquals(photo, sn), 1, 2)", &["NotEquals(photo, sn)"]),
            ("Eq(employeeID, \"none\")", &["Eq(employeeID, \"none\")"]),
            ("Eq(employeeID, \"7\")", &[]),
            ("Eq(enabled, \"True\")", &[]),
            ("Eq(enabled, \"yes\")", &["Eq(enabled, \"yes\")"]),
            ("Eq(manager, sn)", &[]),
            ("Eq(unknown, enabled)", &[]),
        ],
    );
}

#[test]
fn several_values_are_a_lint_of_the_whole() {
    check(MIM, None, LintKind::SeveralValues, &[("Left(proxyAddresses, 5)", &["proxyAddresses"])]);
    let ast = parse_in(ENTRA, "[proxyAddresses]").unwrap();
    let types = infer(&ast, &Employee);
    let attribute = Some(AttributeType::single(T::String));
    let target = Target { name: "mail", attribute, role: Role::Value };
    let lints = lint(&types, Some(&target));
    let said: Vec<_> = lints.iter().map(|l| (l.code(), l.message.as_str())).collect();
    assert_eq!(said, [("EXP-0507", "several values do not fit 'mail', which holds one")]);
}

#[test]
fn deep_nests_of_variables_take_no_time() {
    let depth = 60;
    let mut source = "$v59 & $v59".to_owned();
    for level in (0..depth).rev() {
        let value = match level {
            0 => "[sn] & [sn]".to_owned(),
            _ => format!("$v{0} & $v{0}", level - 1),
        };
        source = format!("With($v{level}, {value}, {source})");
    }
    for role in [Role::Name, Role::DistinguishedName, Role::Secret] {
        assert!(found(ENTRA, &source, Some(role)).len() <= 2);
    }
}
