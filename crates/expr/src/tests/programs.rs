//! Binding, and what a program tells of itself.

use model::{Attributes, ValueType, Values};

use super::{Extreme, Known, Sequence, at, object, program};
use crate::{Dialect, ErrorKind, FUNCTIONS, Purity, bind, parse, parse_in};

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
fn a_program_has_the_marks_of_all_its_parts() {
    let (random, secret) = (Purity::RANDOM, Purity::SECRET);
    let check = |dialect, source, marks| {
        let program = bind(&parse_in(dialect, source).unwrap(), None).unwrap();
        assert_eq!(program.purity(), marks, "{source}");
    };
    let mim = |source, marks| check(Dialect::Mim, source, marks);
    mim("mail", Purity::DETERMINISTIC);
    mim("RandomNum(0,999)+userPrincipalName", random);
    mim("Guid()", random);
    mim("RandomPassword(32)", random | secret);
    mim("IIF(IsPresent(a), RandomPassword(8) + RandomNum(1,2), b)", random | secret);
    let entra = |source, marks| check(Dialect::EntraExtended, source, marks);
    entra("Redact([mail])", secret);
    entra("FormatDateTime(Now(), \"yyyy\") & RandomNum(1, 2)", random | Purity::READS_CLOCK);
    let unique = "SelectUniqueValue([a], [a] & FormatDateTime(Now(), \"yy\"))";
    entra(unique, Purity::ASKS_OTHERS | Purity::READS_CLOCK);
    assert!(
        !bind(&parse_in(Dialect::EntraExtended, "Redact([a])").unwrap(), None)
            .unwrap()
            .depends_on_more_than_input()
    );
}

#[test]
fn what_must_be_the_whole_expression_is_refused_within_another() {
    let errors = |source: &str| {
        bind(&parse_in(Dialect::EntraExtended, source).unwrap(), None).err().unwrap_or_default()
    };
    let calls = ["IgnoreFlowIfNullOrEmpty([a])", "SelectUniqueValue([a], [b])"];
    for call in calls {
        assert_eq!(errors(call), []);
        assert_eq!(errors(&format!("({call})")), []);
        for around in ["* & \"x\"", "IIF([a], *, [b])", "Trim(*)", "Coalesce(*, [b])", "-*"] {
            let source = around.replace('*', call);
            let found = errors(&source);
            let [error] = found.as_slice() else { panic!("{source}: {found:?}") };
            assert_eq!((error.kind, at(&source, error.span)), (ErrorKind::Type, call));
        }
    }
    let error = errors("Trim(IgnoreFlowIfNullOrEmpty([a]))").remove(0);
    assert_eq!(
        error.message,
        "IgnoreFlowIfNullOrEmpty can only be the whole expression, not a part of one"
    );
    assert_eq!(error.help.as_deref(), Some("write the rest into its arguments"));
}

#[test]
fn a_message_that_may_hold_a_secret_is_not_shown() {
    let message = |source: &str| {
        let program = bind(&parse_in(Dialect::EntraExtended, source).unwrap(), None).unwrap();
        program.eval(&object(), &mut Sequence(1)).unwrap_err().message
    };
    let hidden = "the expression fails with a message that holds a secret";
    assert_eq!(message("Error(\"no \" & Redact([name]))"), hidden);
    assert_eq!(message("With($p, RandomString(8,1,1,1,1), Error($p))"), hidden);
    assert_eq!(message("IIF([yes], Error(\"no mail\"), RandomString(8,1,1,1,1))"), "no mail");
    assert_eq!(message("With($n, [name], Error($n))"), "Ada Lovelace");
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
