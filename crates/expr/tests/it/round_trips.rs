//! What is printed or stored reads as the same.

use expr::stored::{Mapping, MappingSource, MergeType, StoredCall, StoredFlow, StoredSource};
use expr::{Ast, Dialect, Node, NodeKind, Span, parse_in};
use proptest::prelude::*;

use crate::choices::Choices;
use crate::generate;

fn octets() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..120)
}

/// The tree without the places where its parts stand.
fn shape(node: &Node) -> Node {
    let all = |nodes: &[Node]| nodes.iter().map(shape).collect();
    let kind = match &node.kind {
        NodeKind::Negate(operand) => NodeKind::Negate(Box::new(shape(operand))),
        NodeKind::Chain { first, rest } => NodeKind::Chain {
            first: Box::new(shape(first)),
            rest: rest.iter().map(|(operator, node)| (*operator, shape(node))).collect(),
        },
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

fn parsed(dialect: Dialect, source: &str) -> Ast {
    parse_in(dialect, source).unwrap_or_else(|error| panic!("{error}: {source}"))
}

/// Printed and parsed again it is the same; printed once more, to the letter.
fn check_text(dialect: Dialect, source: &str) -> Result<(), TestCaseError> {
    let ast = parsed(dialect, source);
    let printed = ast.to_string();
    let again = parsed(dialect, &printed);
    prop_assert_eq!(shape(ast.root()), shape(again.root()), "{} as {}", source, printed);
    prop_assert_eq!(again.to_string(), printed);
    Ok(())
}

/// Stored and read again it is the same.
fn check_tree(source: &str) -> Result<Option<StoredCall>, TestCaseError> {
    let ast = parsed(Dialect::Mim, source);
    let Some(call) = StoredCall::of_ast(&ast) else { return Ok(None) };
    let xml = call.write().unwrap();
    let read = StoredCall::read(&xml).unwrap();
    prop_assert_eq!(&read, &call);
    prop_assert_eq!(read.write().unwrap(), xml);
    prop_assert_eq!(shape(read.ast().unwrap().root()), shape(ast.root()));
    Ok(Some(call))
}

/// Control characters that XML cannot hold go: texts with them cannot be stored.
fn storable(source: &str) -> String {
    let is_xml = |c: &char| !matches!(c, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}');
    source.chars().filter(is_xml).collect()
}

/// Source of no meaning: any names, any number of arguments, parentheses wherever they may stand.
fn nonsense(dialect: Dialect, choices: &mut Choices, depth: usize) -> String {
    let mut part = || nonsense(dialect, choices, depth.saturating_sub(1));
    let (a, b, c) = if depth == 0 { Default::default() } else { (part(), part(), part()) };
    let name = choices.of(&["f", "_x", "Trim", "größe1", "IIF"]);
    let shared = match choices.below(if depth == 0 { 4 } else { 9 }) {
        0 => "\"\"\"é😀\"\"\"".to_owned(),
        1 => choices.of(&["0", "-1", "9223372036854775807", "-9223372036854775808"]).to_owned(),
        2 => choices.of(&["\"+\"", "\" a \"", "\"(\"", "\",\"", "\"-\""]).to_owned(),
        3 => String::new(),
        4 => format!("({a})"),
        5 => format!("{name}()"),
        6 => format!(" {name} ( {a} )"),
        7 => format!("{name}({a},{b},{c})"),
        _ => format!("({a}+{b})+{c}"),
    };
    match (shared.as_str(), dialect) {
        ("", Dialect::Mim) => choices
            .of(&[
                "e",
                "a-b.c",
                "$p.q",
                "[//Target/A B]",
                "[//]",
                "TRUE",
                "+()",
                "+(\"x\")",
                "+(a,+(b))",
            ])
            .to_owned(),
        ("", _) => {
            choices.of(&["[a-b c]", "%x.y%", "$v", "NULL", "vbX", "&HfF", "-[a]"]).to_owned()
        }
        ("-9223372036854775808", Dialect::Entra) => "&H8000000000000000".to_owned(),
        (_, Dialect::Entra) if depth > 0 && choices.rarely(3) => {
            let symbol = ["&&", "||", "=", "<>", "<", "<=", ">", ">=", "-", "*", "&"];
            let (one, two) = (choices.of(&symbol), choices.of(&symbol));
            format!("-{a} {one} {b} {two} -(-({c}))")
        }
        _ => shared,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn nonsense_of_entra_connect_prints_as_it_parses(octets in octets()) {
        check_text(Dialect::Entra, &nonsense(Dialect::Entra, &mut Choices::new(octets), 4))?;
    }

    #[test]
    fn nonsense_of_identity_manager_prints_and_is_stored_as_it_parses(octets in octets()) {
        let source = nonsense(Dialect::Mim, &mut Choices::new(octets), 4);
        check_text(Dialect::Mim, &source)?;
        check_tree(&source)?;
    }

    #[test]
    fn expressions_of_entra_connect_print_as_they_parse(octets in octets()) {
        check_text(Dialect::EntraExtended, &generate::entra(octets))?;
    }

    #[test]
    fn expressions_of_identity_manager_print_as_they_parse(octets in octets()) {
        check_text(Dialect::Mim, &generate::mim(octets))?;
    }

    #[test]
    fn stored_trees_read_as_the_expression_they_were(octets in octets(), is_export: bool) {
        let source = storable(&generate::mim(octets));
        if let Some(call) = check_tree(&source)? {
            let attributes = vec!["t1".to_owned(), "n1".to_owned()];
            let flow = StoredFlow {
                is_export,
                allows_null: is_export.then_some(true),
                destination: "dn".to_owned(),
                scoping: String::new(),
                source: StoredSource::Expression { attributes, call },
            };
            prop_assert_eq!(StoredFlow::read(&flow.write().unwrap()).unwrap(), flow);
        }
    }

    #[test]
    fn mappings_keep_their_expression_to_the_letter(octets in octets()) {
        let text = storable(&generate::entra(octets));
        let mapping = Mapping {
            destination: "mail".to_owned(),
            source: MappingSource::Expression { attributes: vec!["t1".to_owned()], text },
            merge: MergeType::Merge,
        };
        prop_assert_eq!(Mapping::read(&mapping.write().unwrap()).unwrap(), mapping);
    }

    #[test]
    fn constants_and_attributes_survive_storing(text in "[ -~é\n\t]{0,20}", name in "[A-Za-z][A-Za-z0-9-]{0,9}") {
        let constant = StoredFlow {
            is_export: false,
            allows_null: None,
            destination: name.clone(),
            scoping: String::new(),
            source: StoredSource::Constant(text.clone()),
        };
        prop_assert_eq!(StoredFlow::read(&constant.write().unwrap()).unwrap(), constant);
        for source in [MappingSource::Constant(text), MappingSource::Attributes(vec![name.clone()])] {
            let mapping = Mapping { destination: name.clone(), source, merge: MergeType::Replace };
            prop_assert_eq!(Mapping::read(&mapping.write().unwrap()).unwrap(), mapping);
        }
    }
}
