//! The language of Entra Connect: what is written, what it means, what is refused.

use std::collections::BTreeMap;

use model::{Timestamp, Value};
use proptest::prelude::*;

use super::{Known, Sequence, at};
use crate::limits::{DEPTH_MAX, NODES_MAX};
use crate::operand::Operand;
use crate::{
    Ast, Dialect, Environment, ErrorKind, ExprError, FlowValue, Given, Node, NodeKind, Operator,
    Span, available, bind, parse_in,
};

/// An object with a value of every type; `none` is absent.
struct Object {
    single: BTreeMap<&'static str, Value>,
    several: BTreeMap<&'static str, Vec<Value>>,
}

impl Environment for Object {
    fn attribute(&self, name: &str) -> Given<'_> {
        let several = || self.several.get(name).map_or(Given::Nothing, |v| Given::Several(v));
        self.single.get(name).map_or_else(several, Given::One)
    }

    fn parameter(&self, name: &str) -> Option<Given<'_>> {
        (name == "ADS_UF_ACCOUNTDISABLE" || name == "none").then(|| self.attribute(name))
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(1_700_000_000)
    }
}

fn object() -> Object {
    let texts = |texts: &[&str]| texts.iter().map(|text| Value::string(text)).collect();
    Object {
        single: BTreeMap::from([
            ("name", Value::string("Ada")),
            ("number", Value::Integer(514)),
            ("yes", Value::Boolean(true)),
            ("octets", Value::binary(&[1, 2])),
            ("manager", Value::reference("CN=Boss,DC=x")),
            ("Manager", Value::reference("cn=boss,dc=x")),
            ("since", Value::DateTime(Timestamp::from_seconds(0))),
            ("ADS_UF_ACCOUNTDISABLE", Value::string("0x2")),
        ]),
        several: BTreeMap::from([
            ("two", texts(&["b", "a"])),
            ("three", texts(&["x", "y", "x"])),
            ("one", texts(&["only"])),
        ]),
    }
}

fn run(source: &str) -> Result<Operand, ExprError> {
    let ast = parse_in(Dialect::EntraExtended, source)?;
    let program = bind(&ast, None).map_err(|mut errors| errors.remove(0))?;
    program.compute(&object(), &mut Sequence(1))
}

fn shown(operand: &Operand) -> String {
    match operand {
        Operand::Null => "NULL".to_owned(),
        Operand::One(Value::String(text)) => format!("\"{text}\""),
        Operand::One(value) => value.to_string(),
        Operand::List(elements) => {
            let elements: Vec<String> = elements.iter().map(shown).collect();
            format!("{{{}}}", elements.join(", "))
        }
        other => format!("{other:?}"),
    }
}

fn check(cases: &[(&str, &str)]) {
    for (source, expected) in cases {
        let found = match run(source) {
            Ok(operand) => shown(&operand),
            Err(error) => format!("error {:?}", error.kind),
        };
        assert_eq!(&found, expected, "{source}");
    }
}

#[test]
fn operators_have_three_tiers_and_go_left_to_right() {
    check(&[
        ("2+3*4", "20"),
        ("2+(3*4)", "14"),
        ("10-3-2", "5"),
        ("-2*-3", "6"),
        ("--2", "2"),
        ("-[number]", "-514"),
        ("1+1=2", "True"),
        ("1=1 && 2=3 || True", "True"),
        ("True || False && False", "False"),
        ("\"a\" & 1+1", "error Type"),
        ("\"a\" & (1+1)", "\"a2\""),
    ]);
}

#[test]
fn references_compare_letter_by_letter_whatever_the_case() {
    check(&[
        ("CRef(\"CN=ΑΣ,DC=x\") = CRef(\"cn=ασ,dc=x\")", "True"),
        ("CRef(\"CN=ΑΣ,DC=x\") = CRef(\"cn=ας,dc=x\")", "False"),
    ]);
}

#[test]
fn numeric_is_what_converts_to_a_number() {
    check(&[
        ("IsNumeric(\" 12 \")", "True"),
        ("CNum(\" 12 \")", "12"),
        ("IsNumeric(\"+-1\")", "False"),
        ("IsNumeric(\"9223372036854775808\")", "False"),
    ]);
}

#[test]
fn an_ampersand_before_h_is_a_number_only_where_an_operand_may_stand() {
    check(&[
        ("&HFF", "255"),
        ("&HFFFFFFFFFFFFFFFF", "-1"),
        ("&HFFFFFFFFFFFFFFFFF", "error Parse"),
        ("&HFG", "error Parse"),
        ("1 + &H10", "17"),
        ("[name] &HFF", "error UnknownIdentifier"),
        ("[name] & &HFF", "\"Ada255\""),
        ("[yes]&&[yes]", "True"),
    ]);
}

#[test]
fn numbers_have_64_bits() {
    check(&[
        ("-9223372036854775808", "-9223372036854775808"),
        ("9223372036854775808", "error Parse"),
        ("9223372036854775807 + 1", "error Range"),
        ("-(-9223372036854775808)", "error Range"),
        ("12a", "error Parse"),
    ]);
}

#[test]
fn a_backslash_escapes_itself_and_a_quote() {
    check(&[
        (r#""a\\b""#, r#""a\b""#),
        (r#""a\"b""#, r#""a"b""#),
        (r#""a""b""#, r#""a"b""#),
        (r#""a\nb""#, r#""a\nb""#),
        (r#""a\""#, "error Parse"),
    ]);
}

#[test]
fn nothing_equals_only_nothing_and_comes_before_nothing() {
    check(&[
        ("[none] = NULL", "True"),
        ("[none] <> \"a\"", "True"),
        ("[none] = \"\"", "False"),
        ("[none] < 1", "False"),
        ("[none] >= NULL", "False"),
        ("[none] + 1", "NULL"),
        ("[none] & [none]", "NULL"),
        ("[none] & \"x\"", "\"x\""),
        ("NULL && Error(\"x\")", "False"),
    ]);
}

#[test]
fn values_of_different_types_do_not_compare() {
    check(&[
        ("[name] = \"Ada\"", "True"),
        ("[name] = \"ada\"", "False"),
        ("[manager] = [Manager]", "True"),
        ("[manager] = \"CN=Boss,DC=x\"", "error Type"),
        ("[number] = \"514\"", "error Type"),
        ("[octets] = [octets]", "True"),
        ("[octets] < [octets]", "error Type"),
        ("[yes] < [yes]", "error Type"),
        ("[since] < Now()", "True"),
        ("[since] = [since]", "True"),
        ("[octets] & [octets]", "01020102"),
        ("[octets] & \"x\"", "error Type"),
        ("[since] & \"x\"", "error Type"),
        ("[manager] & [yes]", "\"CN=Boss,DC=xTrue\""),
    ]);
}

#[test]
fn operators_and_choices_work_element_by_element() {
    check(&[
        ("[two] & \"!\"", "{\"b!\", \"a!\"}"),
        ("\"!\" & [two]", "{\"!b\", \"!a\"}"),
        ("[two] & [two]", "{\"bb\", \"aa\"}"),
        ("[two] & [three]", "error MvLength"),
        ("[two] = \"a\"", "{False, True}"),
        ("IIF([three] = \"x\", \"yes\", [three])", "{\"yes\", \"y\", \"yes\"}"),
        ("IIF([three] = \"x\", NULL, [three])", "{\"y\"}"),
        ("IIF([three] = \"x\", [two], NULL)", "error MvLength"),
        ("IIF([three] = \"q\", Error(\"never\"), \"z\")", "{\"z\", \"z\", \"z\"}"),
        ("IIF([two] = \"a\", IgnoreThisFlow, \"z\")", "error Type"),
        ("[one]", "{\"only\"}"),
        ("Switch([two] = \"a\", 1)", "error Type"),
    ]);
}

#[test]
fn variables_are_bound_for_the_body_only() {
    check(&[
        ("With($x, \"a\", $x & $x)", "\"aa\""),
        ("With($x, \"a\", With($x, \"b\", $x) & $x)", "\"ba\""),
        ("With($x, $x, 1)", "error UnknownVariable"),
        ("Select($i, [two], With($j, $i & \"1\", $i & $j))", "{\"bb1\", \"aa1\"}"),
        ("Select($i, [two], [three])", "error Type"),
        ("Select($i, \"text\", $i)", "error Type"),
        ("Where($i, [three], $i = \"x\")", "{\"x\", \"x\"}"),
        ("Select(1, [two], 2)", "error Parse"),
        ("$x", "error UnknownVariable"),
    ]);
}

#[test]
fn flow_constants_and_words_stand_only_where_they_mean_something() {
    let flow = |source: &str| {
        let ast = parse_in(Dialect::Entra, source).unwrap();
        bind(&ast, None).unwrap().eval_in(&object(), &mut Sequence(1)).unwrap()
    };
    assert_eq!(flow("IIF([none] = NULL, IgnoreThisFlow, 1)"), FlowValue::IgnoreThisFlow);
    assert_eq!(flow("Switch(True, AuthoritativeNull)"), FlowValue::AuthoritativeNull);
    assert_eq!(flow("[name] & NULL"), FlowValue::Value(model::Values::one("Ada")));
    assert_eq!(flow("Trim(\" \")"), FlowValue::Nothing);
    check(&[
        ("IgnoreThisFlow & \"x\"", "error Type"),
        ("UCase(IgnoreThisFlow)", "error Type"),
        ("UCase(IIF(True, IgnoreThisFlow, \"x\"))", "error Type"),
        ("vbTextCompare", "error Type"),
        ("vbCrLf", "error UnknownIdentifier"),
        ("InStr(\"Aa\", \"a\", 1, vbTextCompare)", "1"),
        ("InStr(\"Aa\", \"a\", 1, True)", "error Type"),
    ]);
}

#[test]
fn a_parameter_in_hexadecimal_is_a_number() {
    check(&[
        ("BitAnd([number], %ADS_UF_ACCOUNTDISABLE%)", "2"),
        ("%none%", "NULL"),
        ("%unknown%", "error UnknownParameter"),
        ("IIF(True, 1, %unknown%)", "1"),
    ]);
}

#[test]
fn the_first_offence_in_source_order_is_reported_first() {
    let known = Known(&["name"]);
    let source = "IIF(NoSuch([nmae]), Left(\"a\"), true & $x)";
    let errors = bind(&parse_in(Dialect::Entra, source).unwrap(), Some(&known)).unwrap_err();
    let found: Vec<_> = errors.iter().map(|e| (at(source, e.span), e.kind)).collect();
    assert_eq!(
        found,
        [
            ("NoSuch", ErrorKind::UnknownFunction),
            ("[nmae]", ErrorKind::UnknownAttribute),
            ("Left(\"a\")", ErrorKind::Arity),
            ("true", ErrorKind::UnknownIdentifier),
            ("$x", ErrorKind::UnknownVariable),
        ]
    );
    assert_eq!(errors[3].help.as_deref(), Some("did you mean True?"));
}

#[test]
fn additions_are_unknown_in_the_strict_dialect() {
    let bound = |dialect| bind(&parse_in(dialect, "Not(True)").unwrap(), None).is_ok();
    assert!(bound(Dialect::EntraExtended));
    assert!(!bound(Dialect::Entra));
}

#[test]
fn every_entry_is_listed_once_in_its_dialect_and_documented() {
    for dialect in [Dialect::Mim, Dialect::Entra] {
        let mut names: Vec<&str> = available(dialect).map(|f| f.name).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count, "{dialect:?}");
    }
    for function in available(Dialect::EntraExtended) {
        assert!(!function.name.is_empty() && !function.docs.is_empty(), "{}", function.name);
        assert!(function.optional <= function.parameters.len(), "{}", function.name);
    }
}

#[test]
fn limits_end_in_errors() {
    let kind = |source: &str| run(source).err().map(|error| error.kind);
    let nested = |depth: usize| format!("{}1{}", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(kind(&nested(DEPTH_MAX)), None);
    assert_eq!(kind(&nested(DEPTH_MAX + 1)), Some(ErrorKind::Limit));
    let calls = |depth: usize| format!("{}True{}", "IIF(True,".repeat(depth), ",1)".repeat(depth));
    assert_eq!(kind(&calls(DEPTH_MAX)), None);
    assert_eq!(kind(&calls(DEPTH_MAX + 1)), Some(ErrorKind::Limit));
    assert_eq!(kind(&format!("{}[number]", "-".repeat(DEPTH_MAX + 1))), Some(ErrorKind::Limit));

    let sum = |count: usize| vec!["1"; count].join("+");
    assert_eq!(kind(&sum(NODES_MAX - 1)), None);
    assert_eq!(kind(&sum(NODES_MAX)), Some(ErrorKind::Limit));

    let doubled = format!("{}\"0123456789abcdef\"{}", "With($x,".repeat(30), ",$x&$x)".repeat(30));
    assert_eq!(kind(&doubled), Some(ErrorKind::Limit));
}

#[test]
fn work_that_would_take_too_long_or_too_much_memory_ends_in_an_error() {
    let kind = |source: &str| run(source).err().map(|error| error.kind);
    let many = "Split(PadLeft(\"\",1000,\",\"),\",\")";
    let elements = "Split(PadLeft(\"\",100000,\",\"),\",\")";
    let long = "PadLeft(\"\",1000000,\"é\")";
    for source in [
        format!("Count(Select($i,{many},PadLeft($i,1000000,\"x\")))"),
        format!("With($x,{long},Count(Select($i,{many},IsNull($x))))"),
        format!("With($l,{elements},Count(Select($i,{many},IsNull($l))))"),
        format!("With($l,{many},With($x,{long},Count(InStr($x,$l))))"),
        format!("With($x,{},Count(Split($x,\"é\")))", [long; 2].join("&")),
    ] {
        assert_eq!(kind(&source), Some(ErrorKind::Limit), "{source:.120}");
    }
    // Long sets of characters are no reason for an error, nor for a long time, nor are many short
    // texts at the end of a long one.
    for source in [
        format!("With($x,{},Len($x{}))", [long; 5].join("&"), "&\"a\"".repeat(4000)),
        format!("Len(Word({long},2,PadLeft(\"\",100000,\"x\")))"),
        format!("ReplaceChars({long},Join(Select($i,{many},\"y:z\"),\",\"))"),
    ] {
        assert_eq!(kind(&source), None, "{source:.120}");
    }
}

fn node(kind: NodeKind) -> Node {
    Node { kind, span: Span::default() }
}

const OPERATORS: [[Operator; 4]; 3] = [
    [Operator::And, Operator::Or, Operator::And, Operator::Or],
    [Operator::Equal, Operator::NotEqual, Operator::Less, Operator::GreaterOrEqual],
    [Operator::Add, Operator::Subtract, Operator::Multiply, Operator::Join],
];

fn any_node() -> impl Strategy<Value = Node> {
    let name = || "[A-Za-z_][A-Za-z0-9_]{0,6}";
    let leaf = prop_oneof![
        any::<String>().prop_map(|text| node(NodeKind::Text(text))),
        any::<i64>().prop_map(|number| node(NodeKind::Integer(number))),
        "[^\\]]{1,8}".prop_map(|name| node(NodeKind::Attribute(name))),
        "[^%]{1,8}".prop_map(|name| node(NodeKind::SystemParameter(name))),
        name().prop_map(|name| node(NodeKind::Variable(name))),
        name().prop_map(|name| node(NodeKind::Constant(name))),
    ];
    leaf.prop_recursive(5, 40, 4, move |inner| {
        let nodes = || proptest::collection::vec(inner.clone(), 0..4);
        let rest = proptest::collection::vec((0..4_usize, inner.clone()), 1..4);
        prop_oneof![
            inner.clone().prop_map(|operand| node(NodeKind::Negate(Box::new(operand)))),
            (inner.clone(), 0..3_usize, rest).prop_map(|(first, tier, rest)| {
                let rest = rest.into_iter().map(|(i, operand)| (OPERATORS[tier][i], operand));
                node(NodeKind::Chain { first: Box::new(first), rest: rest.collect() })
            }),
            (name(), nodes()).prop_map(|(name, arguments)| {
                node(NodeKind::Call { name, name_span: Span::default(), arguments })
            }),
        ]
    })
}

fn without_spans(node: &Node) -> Node {
    let kind = match &node.kind {
        NodeKind::Negate(operand) => NodeKind::Negate(Box::new(without_spans(operand))),
        NodeKind::Chain { first, rest } => NodeKind::Chain {
            first: Box::new(without_spans(first)),
            rest: rest.iter().map(|(operator, node)| (*operator, without_spans(node))).collect(),
        },
        NodeKind::Call { name, arguments, .. } => NodeKind::Call {
            name: name.clone(),
            name_span: Span::default(),
            arguments: arguments.iter().map(without_spans).collect(),
        },
        leaf => leaf.clone(),
    };
    Node { kind, span: Span::default() }
}

proptest! {
    #[test]
    fn what_is_printed_parses_to_the_same_tree(root in any_node()) {
        let ast = Ast { dialect: Dialect::Entra, root };
        let parsed = parse_in(Dialect::Entra, &ast.to_string()).unwrap();
        prop_assert_eq!(without_spans(parsed.root()), ast.root);
    }

    #[test]
    fn parsing_never_panics(source in "\\PC{0,60}") {
        let _ = parse_in(Dialect::Entra, &source);
    }

    #[test]
    fn no_mixture_of_tokens_makes_anything_panic(
        tokens in proptest::collection::vec(
            prop_oneof![
                Just("("), Just(")"), Just(","), Just("&"), Just("\"é😀\""), Just("-3"), Just("7"),
                Just("[none]"), Just("[two]"), Just("[name]"), Just("[octets]"), Just("Left"),
                Just("Mid"), Just("Word"), Just("IIF"), Just("="), Just("PadLeft"), Just("$p"),
                Just("Replace"), Just("FormatDateTime"), Just("[since]"), Just("\""), Just("&&"),
                Just("With"), Just("Select"), Just("&H7"), Just(" "), Just("NULL"), Just("*"),
            ],
            0..24,
        )
    ) {
        let _ = run(&tokens.concat());
    }

    #[test]
    fn an_operator_on_a_list_is_the_operator_on_each_element(
        texts in proptest::collection::vec("[a-c]{1,3}", 1..6),
        text in "[a-c]{0,3}",
    ) {
        let values: Vec<Value> = texts.iter().map(|text| Value::string(text)).collect();
        let ast = parse_in(Dialect::Entra, &format!("UCase([v] & \"{text}\")")).unwrap();
        let program = bind(&ast, None).unwrap();
        let several =
            Object { single: BTreeMap::new(), several: BTreeMap::from([("v", values.clone())]) };
        let together = program.compute(&several, &mut Sequence(1)).unwrap();
        let one_by_one = values.into_iter().map(|value| {
            let single =
                Object { single: BTreeMap::from([("v", value)]), several: BTreeMap::new() };
            program.compute(&single, &mut Sequence(1)).unwrap()
        });
        prop_assert_eq!(together, Operand::List(one_by_one.collect()));
    }
}
