//! Tokens, grammar, limits and printing.

use proptest::prelude::*;

use super::{at, check, kind_of, object, program, run};
use crate::limits::{DEPTH_MAX, NODES_MAX, SOURCE_BYTES_MAX};
use crate::operand::Operand;
use crate::{Ast, ErrorKind, Node, NodeKind, Span, parse};

fn check_error(source: &str, place: &str, message: &str, help: Option<&str>) {
    let error = parse(source).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Parse, "{source}");
    assert_eq!(error.code(), "EXP-0101");
    assert_eq!(at(source, error.span), place, "{source}");
    assert_eq!((error.message.as_str(), error.help.as_deref()), (message, help), "{source}");
}

#[test]
fn errors_show_the_place_and_say_what_to_write_instead() {
    let straight = Some("texts are written in straight double quotes: \"text\"");
    check_error("", "", "expected a value, found the end", None);
    check_error("  mail +", "", "expected a value, found the end", None);
    check_error("Left(mail, 3", "(", "this parenthesis is never closed", None);
    check_error("Left(mail,,3)", ",", "expected a value, found ','", None);
    check_error("Left(mail 3)", "3", "expected ',' or ')', found the number 3", None);
    check_error("(mail, sn)", ",", "expected ')', found ','", None);
    check_error("mail)", ")", "expected '+' or the end, found ')'", None);
    check_error("mail \"x\"", "\"x\"", "expected '+' or the end, found a text", None);
    check_error(
        "number -1",
        "-1",
        "expected '+' or the end, found the number -1",
        Some("there is no subtraction"),
    );
    check_error(
        "\"CN= + mail",
        "\"CN= + mail",
        "this text has no closing quote",
        Some("a quote inside a text is written twice; a backslash does not protect it"),
    );
    check_error("mail + “x”", "“", "unexpected '“'", straight);
    check_error("'x'", "'", "unexpected '\\''", straight);
    check_error("mail & sn", "&", "unexpected '&'", Some("texts are joined with '+'"));
    check_error(
        "3px",
        "3p",
        "a name cannot begin with a digit",
        Some("texts are written in double quotes; numbers are whole and decimal"),
    );
    check_error(
        "[mail]",
        "[mail]",
        "this is not a lookup of the form [//Target/Name]",
        Some("an attribute is written without brackets"),
    );
    check_error("$ + mail", "$", "'$' has no parameter name after it", None);
    check_error(
        "9223372036854775808",
        "9223372036854775808",
        "the number does not lie between -9223372036854775808 and 9223372036854775807",
        None,
    );
}

#[test]
fn literals_mean_what_they_show() {
    check(&[
        (r#""a""b""#, r#""a"b""#),
        (r#""C:\new""#, r#""C:\new""#),
        ("\"two\nlines\"", "\"two\nlines\""),
        ("\"\"", "\"\""),
        ("262656", "262656"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("TRUE", "True"),
        ("false", "False"),
    ]);
}

#[test]
fn white_space_and_forms_of_joining_do_not_matter() {
    check(&[
        ("\"a\"+\"b\"", "\"ab\""),
        (" \"a\"\t+\r\n\"b\" ", "\"ab\""),
        ("+ (\"a\", \"b\")", "\"ab\""),
        ("Concatenate (\"a\",\"b\")", "\"ab\""),
        ("(\"a\"+(\"b\"))", "\"ab\""),
        ("\"a\"+ +(\"b\",\"c\")", "\"abc\""),
        ("+(7)", "\"7\""),
    ]);
}

#[test]
fn names_take_hyphens_dots_and_letters_of_any_script() {
    for name in ["msDS-cloudExtensionAttribute1", "a.b", "_x", "größe", "e-1"] {
        let ast = parse(name).unwrap();
        assert_eq!(ast.root().kind, NodeKind::Word(name.to_owned()));
    }
}

#[test]
fn spans_cover_what_was_written() {
    let source = " Left( mail , 3 ) + \"x\"";
    let ast = parse(source).unwrap();
    assert_eq!(at(source, ast.root().span), source.trim());
    let NodeKind::Join(operands) = &ast.root().kind else { panic!("not a sum") };
    assert_eq!(at(source, operands[0].span), "Left( mail , 3 )");
    let NodeKind::Call { name_span, arguments, .. } = &operands[0].kind else { panic!("no call") };
    assert_eq!((at(source, *name_span), at(source, arguments[0].span)), ("Left", "mail"));
}

#[test]
fn limits_end_in_errors() {
    let nested = |depth: usize| format!("{}mail{}", "Trim(".repeat(depth), ")".repeat(depth));
    assert_eq!(run(&nested(DEPTH_MAX), &object()), Ok(Operand::Null));
    assert_eq!(kind_of(&nested(DEPTH_MAX + 1)), Some(ErrorKind::Limit));
    assert_eq!(kind_of(&"(".repeat(SOURCE_BYTES_MAX)), Some(ErrorKind::Limit));

    let sum = |count: usize| vec!["a"; count].join("+");
    assert!(program(&sum(NODES_MAX - 1)).is_ok());
    assert_eq!(kind_of(&sum(NODES_MAX)), Some(ErrorKind::Limit));

    let text = |bytes: usize| format!("\"{}\"", "x".repeat(bytes - 2));
    assert!(program(&text(SOURCE_BYTES_MAX)).is_ok());
    assert_eq!(kind_of(&text(SOURCE_BYTES_MAX + 1)), Some(ErrorKind::Limit));
    assert_eq!(parse(&text(SOURCE_BYTES_MAX + 1)).unwrap_err().code(), "EXP-0102");
}

#[test]
fn depth_counts_nesting_not_length() {
    let calls = vec!["Trim(mail)"; DEPTH_MAX + 1].join("+");
    assert!(program(&calls).is_ok());
}

#[test]
fn what_documentation_tools_print_around_an_expression_is_no_part_of_it() {
    for (printed, plain) in [
        ("CustomExpression(a + b)", "a + b"),
        ("IIF(CustomExpression(Eq(a, 1)), CustomExpression(b), c)", "IIF(Eq(a, 1), b, c)"),
        (" [+(\"CN=\", a)]\n", "\"CN=\" + a"),
        ("[[//Target/a] + b]", "[//Target/a] + b"),
        ("[//Target/a] + [//Target/b]", "[//Target/a] + [//Target/b]"),
    ] {
        assert_eq!(parse(printed).unwrap().to_string(), plain, "{printed}");
    }
    assert_eq!(kind_of("CustomExpression(a, b)"), Some(ErrorKind::UnknownFunction));
    for entra in ["[mail]", "[a] + [b]", "[a"] {
        let error = parse(entra).unwrap_err();
        assert!(error.message.starts_with("this is not a lookup"), "{entra}: {error}");
    }
    let inside = "  [Left(mail, )]";
    assert_eq!(at(inside, parse(inside).unwrap_err().span), ")");
}

fn node(kind: NodeKind) -> Node {
    Node { kind, span: Span::default() }
}

fn any_node() -> impl Strategy<Value = Node> {
    let name = || "[A-Za-z_][A-Za-z0-9_.-]{0,6}";
    let leaf = prop_oneof![
        any::<String>().prop_map(|text| node(NodeKind::Text(text))),
        any::<i64>().prop_map(|number| node(NodeKind::Integer(number))),
        name().prop_map(|name| node(NodeKind::Word(name))),
        name().prop_map(|name| node(NodeKind::Parameter(name))),
        "[^\\]]{0,8}".prop_map(|path| node(NodeKind::Lookup(path))),
    ];
    leaf.prop_recursive(5, 40, 4, move |inner| {
        let nodes = || proptest::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            nodes().prop_map(|operands| node(NodeKind::Join(operands))),
            (name(), nodes()).prop_map(|(name, arguments)| {
                node(NodeKind::Call { name, name_span: Span::default(), arguments })
            }),
        ]
    })
}

fn without_spans(node: &Node) -> Node {
    let all = |nodes: &[Node]| nodes.iter().map(without_spans).collect();
    let kind = match &node.kind {
        NodeKind::Join(operands) => NodeKind::Join(all(operands)),
        NodeKind::Call { name, arguments, .. } => NodeKind::Call {
            name: name.clone(),
            name_span: Span::default(),
            arguments: all(arguments),
        },
        leaf => leaf.clone(),
    };
    Node { kind, span: Span::default() }
}

proptest! {
    #[test]
    fn what_is_printed_parses_to_the_same_tree(root in any_node()) {
        let ast = Ast { dialect: crate::Dialect::Mim, root };
        let parsed = parse(&ast.to_string()).unwrap();
        prop_assert_eq!(without_spans(parsed.root()), ast.root);
    }

    #[test]
    fn parsing_never_panics(source in "\\PC{0,60}") {
        let _ = parse(&source);
    }

    #[test]
    fn no_mixture_of_tokens_makes_anything_panic(
        tokens in proptest::collection::vec(
            prop_oneof![
                Just("("), Just(")"), Just(","), Just("+"), Just("\"é😀\""), Just("-3"), Just("7"),
                Just("none"), Just("several"), Just("name"), Just("octets"), Just("Left"),
                Just("Mid"), Just("Word"), Just("IIF"), Just("Eq"), Just("LeftPad"), Just("$p"),
                Just("ReplaceString"), Just("DateTimeFormat"), Just("[//a]"), Just("\""),
                Just("AccountName"), Just("RandomNum"), Just(" "),
            ],
            0..24,
        )
    ) {
        let _ = run(&tokens.concat(), &object());
    }
}
