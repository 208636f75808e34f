//! Types of parts, what is refused, what is let through; and that evaluation agrees.

mod soundness;

use model::ValueType as T;

use super::{AttributeType, Count, Role, Target, Type, ValueTypes, infer};
use crate::operand::Operand;
use crate::{Dialect, Span, parse_in};

impl Type {
    /// True if the result is one of those that the type allows.
    pub(crate) fn admits(self, result: &Operand) -> bool {
        let is_one = |value_type| self.values.contains(value_type) && self.count != Count::Several;
        match result {
            Operand::Null => self.may_be_absent,
            Operand::Flow(_) => self.may_be_flow,
            Operand::One(value) => is_one(value.value_type()),
            Operand::Moment(_) => is_one(T::DateTime),
            Operand::Many(values) => {
                self.count != Count::One
                    && values.iter().all(|value| self.values.contains(value.value_type()))
            }
            Operand::List(elements) => {
                let one = Self { count: Count::One, may_be_absent: true, ..self };
                self.count != Count::One && elements.iter().all(|element| one.admits(element))
            }
            Operand::Enumeration(_) => false,
        }
    }
}

/// Attributes of every type; any other name is unknown.
fn schema(name: &str) -> Option<AttributeType> {
    Some(match name {
        "name" | "digits" | "none" | "$mail" => AttributeType::single(T::String),
        "number" => AttributeType::single(T::Integer),
        "yes" => AttributeType::single(T::Boolean),
        "octets" => AttributeType::single(T::Binary),
        "manager" => AttributeType::single(T::Reference),
        "since" => AttributeType::single(T::DateTime),
        "two" | "several" => AttributeType::multi(T::String),
        "%Flag%" => AttributeType::single(T::String),
        _ => return None,
    })
}

fn result(dialect: Dialect, source: &str) -> Type {
    let ast = parse_in(dialect, source).unwrap();
    crate::bind(&ast, None).unwrap();
    infer(&ast, &schema).result()
}

fn shown(of: Type) -> String {
    let mut words = vec![of.values.to_string()];
    match of.count {
        Count::One => {}
        Count::Unknown => words.push("?".to_owned()),
        Count::Either => words.push("one or several".to_owned()),
        Count::Several => words.push("several".to_owned()),
    }
    if of.may_be_absent {
        words.push("absent".to_owned());
    }
    if of.may_be_flow {
        words.push("flow".to_owned());
    }
    words.retain(|word| !word.is_empty());
    words.join(", ")
}

fn check_types(dialect: Dialect, cases: &[(&str, &str)]) {
    for (source, expected) in cases {
        assert_eq!(shown(result(dialect, source)), *expected, "{source}");
    }
}

/// Checks the errors of each expression: place and message of each.
fn check_errors(dialect: Dialect, cases: &[(&str, &[(&str, &str)])]) {
    for (source, expected) in cases {
        let ast = parse_in(dialect, source).unwrap();
        crate::bind(&ast, None).unwrap();
        let types = infer(&ast, &schema);
        let found: Vec<(&str, &str)> = types
            .errors()
            .iter()
            .map(|e| (source.get(e.span.start..e.span.end).unwrap(), e.message.as_str()))
            .collect();
        assert_eq!(found, *expected, "{source}");
    }
}

#[test]
fn mim_parts_have_types() {
    check_types(
        Dialect::Mim,
        &[
            ("name", "string, absent"),
            ("several", "string, one or several, absent"),
            ("elsewhere", "unknown, ?, absent"),
            ("$mail", "string, absent"),
            ("[//Target/Mail]", "unknown, ?, absent"),
            ("\"x\"", "string"),
            ("514", "integer"),
            ("true", "boolean"),
            ("name + number", "string"),
            ("Null()", "absent"),
            ("IIF(yes, name, 5)", "string or integer, absent"),
            ("UpperCase(name)", "string, absent"),
            ("UpperCase(\"x\")", "string"),
            ("Left(name, 3)", "string"),
            ("BitAnd(2, number)", "integer, absent"),
            ("Eq(name, Null())", "boolean"),
            ("ConvertStringToGuid(name)", "binary, absent"),
            ("SingleValueAssignment(since)", "datetime, absent"),
            ("AccountName(\"x\")", "string, absent"),
            ("UniqueName(\"x\", 9)", "string"),
        ],
    );
}

#[test]
fn entra_parts_have_types() {
    check_types(
        Dialect::EntraExtended,
        &[
            ("[name]", "string, absent"),
            ("[two]", "string, several, absent"),
            ("[elsewhere]", "unknown, ?, absent"),
            ("%Flag%", "string or integer, absent"),
            ("NULL", "absent"),
            ("IgnoreThisFlow", "flow"),
            ("IIF([yes], [name], IgnoreThisFlow)", "string, absent, flow"),
            ("LCase([two])", "string, several, absent"),
            ("LCase([elsewhere])", "string, ?, absent"),
            ("[two] = \"x\"", "boolean, one or several"),
            ("IIF([two] = \"x\", [two], NULL)", "string, several, absent"),
            ("IIF([two] = \"x\", \"y\", \"z\")", "string, one or several"),
            ("Item([two], 1)", "string"),
            ("ItemOrNull([two], 1)", "string, absent"),
            ("Count([two])", "integer"),
            ("RemoveDuplicates([two])", "string, several, absent"),
            ("Split([name], \",\")", "string, several, absent"),
            ("Select($x, [two], Len($x))", "integer, several, absent"),
            ("Where($x, [two], $x = \"a\")", "string, several, absent"),
            ("With($x, [number] + 1, $x & \"a\")", "string"),
            ("Coalesce([name], \"x\")", "string"),
            ("Coalesce([name], [number])", "string or integer, absent"),
            ("Switch([yes], [number])", "integer, absent"),
            ("Left([octets], 1)", "string or binary"),
            ("[octets] & [octets]", "binary, absent"),
            ("[name] & [number]", "string, absent"),
            ("-[number] * 2", "integer, absent"),
            ("1 < 2 && [yes]", "boolean"),
            ("IIF([yes], [name], Error(\"no\"))", "string, absent"),
            ("IgnoreFlowIfNullOrEmpty([name])", "string, flow"),
            ("SelectUniqueValue([name], \"x\")", "string"),
            ("ImportedValue(\"two\")", "string, several, absent"),
            ("CDate([name])", "datetime, absent"),
            ("CRef([two])", "reference, several, absent"),
        ],
    );
}

#[test]
fn mim_arguments_that_never_fit_are_errors() {
    check_errors(
        Dialect::Mim,
        &[
            ("Left(octets, 3)", &[("octets", "Left: expected a text, found a binary value")]),
            (
                "Left(IIF(yes, octets, name), 3)",
                &[("octets", "Left: expected a text, found a binary value")],
            ),
            ("octets + \"x\"", &[("octets", "+: expected a text, found a binary value")]),
            (
                "BitAnd(\"two\", 1)",
                &[("\"two\"", "BitAnd: expected a whole number, found a string value")],
            ),
            ("BitAnd(\"2\", digits)", &[]),
            (
                "IIF(\"perhaps\", 1, 2)",
                &[("\"perhaps\"", "IIF: expected true or false, found a string value")],
            ),
            (
                "IIF(since, 1, 2)",
                &[("since", "IIF: expected true or false, found a datetime value")],
            ),
            ("Left(name, Null())", &[("Null()", "Left: 'numChars' must not be absent")]),
            (
                "ConvertSidToString(name)",
                &[("name", "ConvertSidToString: expected octets, found a string value")],
            ),
            (
                "LessThan(octets, name)",
                &[(
                    "LessThan(octets, name)",
                    "LessThan: a binary value and a string value have no order",
                )],
            ),
            (
                "LessThan(number, \"ten\")",
                &[(
                    "LessThan(number, \"ten\")",
                    "LessThan: an integer value and a string value have no order",
                )],
            ),
            ("LessThan(number, digits)", &[]),
            ("Left(elsewhere, elsewhere)", &[]),
        ],
    );
}

#[test]
fn entra_arguments_and_operands_that_never_fit_are_errors() {
    check_errors(
        Dialect::EntraExtended,
        &[
            (
                "Len([number])",
                &[("[number]", "Len: expected a text or octets, found an integer value")],
            ),
            (
                "[name] + 1",
                &[("[name] + 1", "'+' does not go with a string value and an integer value")],
            ),
            (
                "[name] = 1",
                &[("[name] = 1", "'=' does not go with a string value and an integer value")],
            ),
            (
                "IIF([yes], [name], 2) = 1",
                &[("[name]", "'=' does not go with a string value and an integer value")],
            ),
            (
                "[since] & \"\"",
                &[("[since] & \"\"", "'&' does not go with a datetime value and a string value")],
            ),
            (
                "[octets] & [name]",
                &[("[octets] & [name]", "'&' does not go with a binary value and a string value")],
            ),
            (
                "[manager] < \"x\"",
                &[(
                    "[manager] < \"x\"",
                    "'<' does not go with a reference value and a string value",
                )],
            ),
            (
                "[octets] || [yes]",
                &[(
                    "[octets] || [yes]",
                    "'||' does not go with a binary value and a boolean value",
                )],
            ),
            ("-[name]", &[("-[name]", "'-' does not go with an integer value and a string value")]),
        ],
    );
}

#[test]
fn entra_collections_fit_where_they_are_walked_or_wanted() {
    check_errors(
        Dialect::EntraExtended,
        &[
            (
                "Item([name], 1)",
                &[("[name]", "Item: expected a multi-valued attribute, found a string value")],
            ),
            (
                "Split([two], \",\")",
                &[("[two]", "Split: expected one value, but this has several")],
            ),
            ("Join([two], [two])", &[("[two]", "Join: expected one value, but this has several")]),
            (
                "Join(CRef([two]), \",\")",
                &[(
                    "CRef([two])",
                    "Join: expected a multi-valued attribute, found several values, each reference",
                )],
            ),
            ("LCase([two])", &[]),
            (
                "AccountName([two])",
                &[("[two]", "AccountName: expected one value, but this has several")],
            ),
            ("Where($x, [two], Len($x))", &[]),
            ("Where($x, [two], [two] = \"x\")", &[]),
            (
                "Where($x, [two], $x + 1 = 2)",
                &[("$x + 1", "'+' does not go with a string value and an integer value")],
            ),
            (
                "Select($x, [two], [two])",
                &[("[two]", "Select: expected one value, but this has several")],
            ),
            (
                "Switch([since], 1)",
                &[("[since]", "Switch: expected true or false, found a datetime value")],
            ),
            (
                "Len(IIF([yes], IgnoreThisFlow, [name]))",
                &[("IgnoreThisFlow", "a flow constant is not a value")],
            ),
            (
                "DateAdd(\"d\", 1, [name])",
                &[("[name]", "DateAdd: expected a date, found a string value")],
            ),
            ("Mid([name], NULL, 1)", &[("NULL", "Mid: 'start' must not be absent")]),
            ("CStr([octets])", &[("[octets]", "CStr: expected one value, found a binary value")]),
            ("CNum(CStr([manager]))", &[]),
            ("BitAnd(%Flag%, [number])", &[]),
            ("[elsewhere] + 1 & LCase([elsewhere])", &[]),
        ],
    );
}

#[test]
fn a_branch_that_asks_for_text_first_may_take_it_as_such() {
    let refused = ("[octets]", "CStr: expected one value, found a binary value");
    check_errors(
        Dialect::EntraExtended,
        &[
            ("IIF(IsString([octets]), CStr([octets]), ConvertToBase64([octets]))", &[]),
            ("IIF(Not(IsString([octets])), ConvertToBase64([octets]), CStr([octets]))", &[]),
            ("IIF([yes] && IsString([octets]), CStr([octets]), \"\")", &[]),
            ("Switch(IsString([octets]), CStr([octets]))", &[]),
            ("IIF([yes] || IsString([octets]), CStr([octets]), \"\")", &[refused]),
            ("IIF(IsString([octets]), \"\", CStr([octets]))", &[refused]),
            ("IIF(IsString([name]), CStr([octets]), \"\")", &[refused]),
        ],
    );
    check_types(
        Dialect::Entra,
        &[
            ("IIF(IsString([elsewhere]), [elsewhere], \"\")", "string"),
            ("IIF(IsString([two]), \"\", [two])", "string, one or several, absent"),
            ("IIF(IsString([name]), 1, [name])", "integer, absent"),
        ],
    );
}

#[test]
fn several_values_for_one_are_a_warning() {
    let several = |dialect, source| {
        let ast = parse_in(dialect, source).unwrap();
        let types = infer(&ast, &schema);
        assert_eq!(types.errors(), [], "{source}");
        types.several().len()
    };
    assert_eq!(several(Dialect::Mim, "Left(several, 1) + several"), 2);
    assert_eq!(several(Dialect::Mim, "IIF(IsPresent(several), several, name)"), 1);
    assert_eq!(several(Dialect::Mim, "Left(elsewhere, 1)"), 0);
    assert_eq!(several(Dialect::Entra, "LCase([two])"), 0);
    assert_eq!(several(Dialect::Entra, "Split([two] & \"x\", \",\")"), 1);
    assert_eq!(several(Dialect::Entra, "Split([elsewhere] & \"x\", \",\")"), 0);
}

/// Checks whether each result fits an attribute; the answers are `yes`, `no` or `several`.
fn check_target(dialect: Dialect, attribute: AttributeType, role: Role, cases: &[(&str, &str)]) {
    for (source, expected) in cases {
        let ast = parse_in(dialect, source).unwrap();
        let types = infer(&ast, &schema);
        let target = Target { name: "target", attribute: Some(attribute), role };
        let (errors, lints) = types.check_target(&target);
        let found = match (errors.is_empty(), lints.is_empty()) {
            (true, true) => "yes",
            (true, false) => "several",
            (false, _) => "no",
        };
        assert_eq!(found, *expected, "{source}");
    }
}

#[test]
fn results_fit_targets_as_assignments_convert() {
    let of = AttributeType::single;
    let (mim, entra) = (Dialect::Mim, Dialect::Entra);
    let value = Role::Value;
    check_target(
        mim,
        of(T::String),
        value,
        &[
            ("number", "yes"),
            ("octets", "no"),
            ("since", "yes"),
            ("several", "several"),
            ("Null()", "yes"),
            ("IIF(yes, octets, name)", "no"),
            ("elsewhere", "yes"),
        ],
    );
    check_target(
        mim,
        of(T::Integer),
        value,
        &[
            ("name", "no"),
            ("\"5\"", "yes"),
            ("\"five\"", "no"),
            ("\"\"", "yes"),
            ("Trim(name)", "yes"),
            ("yes", "no"),
            ("Eq(1, 1)", "no"),
        ],
    );
    check_target(mim, of(T::Boolean), value, &[("\"TRUE\"", "yes"), ("\"on\"", "no"), ("1", "no")]);
    check_target(
        mim,
        of(T::Reference),
        value,
        &[("name", "yes"), ("\"CN=x\"", "yes"), ("1", "no")],
    );
    check_target(mim, of(T::Binary), value, &[("name", "no"), ("octets", "yes")]);
    check_target(mim, of(T::DateTime), value, &[("since", "yes"), ("\"soon\"", "no")]);
    check_target(mim, of(T::Binary), Role::Secret, &[("RandomPassword(32)", "yes")]);
    check_target(
        entra,
        of(T::String),
        value,
        &[
            ("[two]", "several"),
            ("Item([two], 1)", "yes"),
            ("AuthoritativeNull", "yes"),
            ("IIF([yes], [octets], IgnoreThisFlow)", "no"),
            ("CDate([name])", "yes"),
        ],
    );
    check_target(entra, AttributeType::multi(T::String), value, &[("[two]", "yes")]);
    check_target(entra, of(T::Integer), value, &[("[number] + 1", "yes"), ("[yes] = True", "no")]);
}

#[test]
fn each_part_has_its_type_at_its_place() {
    let ast = parse_in(Dialect::Entra, "Len([name]) + 1").unwrap();
    let types = infer(&ast, &schema);
    let at = |start, end| types.at(Span::new(start, end)).map(shown);
    assert_eq!(at(0, 11).as_deref(), Some("integer"));
    assert_eq!(at(4, 10).as_deref(), Some("string, absent"));
    assert_eq!(at(0, 15).as_deref(), Some("integer"));
    assert_eq!(at(1, 3), None);
}

#[test]
fn targets_are_known_by_the_names_directories_use() {
    let role = |name| Target::named(name).role;
    assert_eq!(role("sAMAccountName"), Role::Name);
    assert_eq!(role("userprincipalname"), Role::Name);
    assert_eq!(role("dn"), Role::DistinguishedName);
    assert_eq!(role("unicodePwd"), Role::Secret);
    assert_eq!(role("mail"), Role::Value);
}

#[test]
fn sets_of_types_are_sets() {
    let set = ValueTypes::from_iter([T::String, T::Binary]);
    assert!(set.contains(T::Binary) && !set.contains(T::Integer));
    assert_eq!(set.iter().collect::<Vec<_>>(), [T::String, T::Binary]);
    assert_eq!(set.to_string(), "string or binary");
    assert_eq!(T::ALL.into_iter().collect::<ValueTypes>(), ValueTypes::ALL);
    assert!(set.and(ValueTypes::only(T::Integer)).is_empty());
}
