//! Binding, and what a program tells of itself.

use model::{Attributes, ValueType, Values};

use super::{Extreme, Known, Sequence, at, object, program};
use crate::{ErrorKind, FUNCTIONS, bind, parse};

const KNOWN: Known = Known(&["accountName", "displayName", "mail", "true", "$EmailOverride"]);

/// Checks the errors of binding: place, message, help.
fn check_errors(source: &str, expected: &[(&str, &str, Option<&str>)]) {
    let errors = bind(&parse(source).unwrap(), Some(&KNOWN)).unwrap_err();
    let found: Vec<_> = errors
        .iter()
        .map(|e| (at(source, e.span), e.message.as_str(), e.help.as_deref()))
        .collect();
    assert_eq!(found, expected, "{source}");
}

#[test]
fn unknown_names_come_with_the_likely_meant_one() {
    check_errors(
        "accountname",
        &[(
            "accountname",
            "there is no attribute 'accountname'",
            Some("did you mean 'accountName'?"),
        )],
    );
    check_errors(
        "uppercase(mial)",
        &[
            ("uppercase", "there is no function 'uppercase'", Some("did you mean UpperCase(str)?")),
            ("mial", "there is no attribute 'mial'", Some("did you mean 'mail'?")),
        ],
    );
    check_errors("Frobnicate(1)", &[("Frobnicate", "there is no function 'Frobnicate'", None)]);
    check_errors(
        "CRLF",
        &[("CRLF", "there is no attribute 'CRLF'", Some("the function is called CRLF()"))],
    );
    check_errors(
        "$EmailOverwrite + [//Target/Mail]",
        &[
            (
                "$EmailOverwrite",
                "there is no rule parameter '$EmailOverwrite'",
                Some("did you mean '$EmailOverride'?"),
            ),
            ("[//Target/Mail]", "there is no lookup '//Target/Mail'", None),
        ],
    );
}

#[test]
fn wrong_counts_of_arguments_name_the_signature() {
    check_errors(
        "Left(mail)",
        &[(
            "Left(mail)",
            "Left takes 2 arguments, not 1",
            Some("it is called Left(str, numChars)"),
        )],
    );
    check_errors(
        "Trim(mail, mail)",
        &[("Trim(mail, mail)", "Trim takes 1 argument, not 2", Some("it is called Trim(str)"))],
    );
    check_errors(
        "Null(mail)",
        &[("Null(mail)", "Null takes no arguments, not 1", Some("it is called Null()"))],
    );
    check_errors(
        "+()",
        &[(
            "+()",
            "Concatenate takes at least 1 argument, not 0",
            Some("it is called Concatenate(strs, ...)"),
        )],
    );
}

#[test]
fn binding_reports_every_branch_at_once_in_source_order() {
    let source = "IIF(Eq(nmae), Trim(), Foo(bar))";
    let errors = bind(&parse(source).unwrap(), Some(&KNOWN)).unwrap_err();
    let found: Vec<_> = errors.iter().map(|e| (at(source, e.span), e.code())).collect();
    assert_eq!(
        found,
        [
            ("Eq(nmae)", "EXP-0203"),
            ("nmae", "EXP-0202"),
            ("Trim()", "EXP-0203"),
            ("Foo", "EXP-0201"),
            ("bar", "EXP-0202"),
        ]
    );
}

#[test]
fn a_word_for_true_is_the_attribute_of_that_name_if_there_is_one() {
    let ast = parse("true").unwrap();
    let attribute = bind(&ast, Some(&KNOWN)).unwrap();
    assert_eq!(attribute.as_direct_attribute().map(|n| n.as_str()), Some("true"));
    assert_eq!(bind(&ast, None).unwrap().result_type(), Some(ValueType::Boolean));
}

#[test]
fn every_named_attribute_is_collected() {
    let program = program("IIF(IsPresent(a), b + $p, Left([//Target/c], 1) + a)").unwrap();
    let names: Vec<&str> = program.attributes().iter().map(|n| n.as_str()).collect();
    assert_eq!(names, ["$p", "//Target/c", "a", "b"]);
}

#[test]
fn purity_is_that_of_the_least_pure_part() {
    let check = |source, random, secret| {
        let program = program(source).unwrap();
        assert_eq!((program.is_random(), program.is_secret()), (random, secret), "{source}");
    };
    check("mail", false, false);
    check("RandomNum(0,999)+userPrincipalName", true, false);
    check("Guid()", true, false);
    check("RandomPassword(32)", true, true);
    check("IIF(IsPresent(a), RandomPassword(8) + RandomNum(1,2), b)", true, true);
}

#[test]
fn result_types_are_known_where_the_expression_alone_tells() {
    let check = |source, expected| {
        assert_eq!(program(source).unwrap().result_type(), expected, "{source}");
    };
    check("mail", None);
    check("262656", Some(ValueType::Integer));
    check("\"CONTOSO\"", Some(ValueType::String));
    check("mail + sn", Some(ValueType::String));
    check("IsPresent(mail)", Some(ValueType::Boolean));
    check("ConvertStringToGuid(mail)", Some(ValueType::Binary));
    check("IIF(a, 512, 514)", Some(ValueType::Integer));
    check("IIF(a, 512, Null())", Some(ValueType::Integer));
    check("IIF(a, 512, \"x\")", None);
    check("IIF(a, 512, mail)", None);
    check("Null()", None);
    check("SingleValueAssignment(\"x\")", Some(ValueType::String));
}

#[test]
fn a_bare_attribute_passes_all_its_values_on() {
    let object = object();
    for name in ["several", "octets", "manager", "since", "none"] {
        let program = program(name).unwrap();
        assert_eq!(program.as_direct_attribute().map(|n| n.as_str()), Some(name));
        let values = program.eval(&object, &mut Sequence(1)).unwrap();
        assert_eq!(values.as_ref(), object.get(name));
    }
    assert!(program("several + \"\"").unwrap().as_direct_attribute().is_none());
}

#[test]
fn nothing_and_empty_text_leave_as_no_value() {
    let eval =
        |source: &str| program(source).unwrap().eval(&Attributes::new(), &mut Sequence(1)).unwrap();
    assert_eq!(eval("Null()"), None);
    assert_eq!(eval("Trim(\"  \")"), None);
    assert_eq!(eval("none + \"\""), None);
    assert_eq!(eval("0"), Some(Values::one(0)));
}

#[test]
fn errors_of_evaluation_show_the_place_but_no_value() {
    let source = "\"x\" + Left(name, name)";
    let error = program(source).unwrap().eval(&object(), &mut Sequence(1)).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Type);
    assert_eq!(error.span.start, source.rfind("name").unwrap());
    assert_eq!(error.message, "Left: expected a whole number, found a string value");

    let source = "ConvertStringToGuid(name)";
    let error = program(source).unwrap().eval(&object(), &mut Sequence(1)).unwrap_err();
    assert_eq!(at(source, error.span), "name");
    assert!(!error.to_string().contains("Ada"), "{error}");
    assert_eq!(error.code(), "EXP-0302");
}

#[test]
fn the_same_draws_give_the_same_result() {
    let program = program("Guid() + RandomPassword(20) + RandomNum(0, 999999)").unwrap();
    let eval = |seed| program.eval(&Attributes::new(), &mut Sequence(seed)).unwrap();
    assert_eq!(eval(3), eval(3));
    assert_ne!(eval(3), eval(4));
    let least = program.eval(&Attributes::new(), &mut Extreme { greatest: false }).unwrap();
    assert!(least.unwrap().to_string().starts_with("00000000-0000-4000-8000-000000000000"));
}

#[test]
fn every_function_is_listed_once_and_documented() {
    for (i, function) in FUNCTIONS.iter().enumerate() {
        assert!(FUNCTIONS.iter().skip(i + 1).all(|f| f.name != function.name));
        assert!(!function.name.is_empty() && !function.docs.is_empty(), "{}", function.name);
        assert!(!function.dialects.is_empty());
        assert!(!function.variadic || !function.parameters.is_empty());
    }
    assert_eq!(FUNCTIONS.len(), 36);
}
