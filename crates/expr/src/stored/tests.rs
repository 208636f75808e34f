use super::*;
use crate::parse;

/// Expressions that have a tree, of every kind of part.
const TREES: [&str; 8] = [
    "Guid()",
    "givenName+sn",
    "department+\" / \"+l",
    "IIF(Eq(state,\"left\"),514,512)",
    "\"CN=\"+EscapeDNComponent(\"CN=\"+uid)+\",OU=People,DC=contoso,DC=com\"",
    "IIF(Eq(kind,\"Local\"),-2147483644,IIF(Eq(kind,\"Global\"),-2147483646,-2147483640))",
    "IIF(IsPresent(initials),givenName+\" \"+Left(initials,1)+\". \"+sn,givenName+\" \"+sn)",
    "IIF(Eq(state,\"left\"),\"CN=\"+uid+\",OU=Old\",(a+b)+$c+[//Target/d])",
];

#[test]
fn text_becomes_a_tree_and_the_same_text_again() {
    for source in TREES {
        let ast = parse(source).unwrap();
        let call = StoredCall::of_ast(&ast).unwrap();
        let read = StoredCall::read(&call.write().unwrap()).unwrap();
        assert_eq!(read, call, "{source}");
        assert_eq!(read.ast().unwrap().to_string(), ast.to_string(), "{source}");
    }
}

#[test]
fn literals_keep_blanks_entities_and_line_ends() {
    let source = "\" a<&>\r\n\"\"b\"\" \" + x";
    let ast = parse(source).unwrap();
    let xml = StoredCall::of_ast(&ast).unwrap().write().unwrap();
    assert!(xml.contains("<arg>\" a&lt;&amp;&gt;&#13;\n\"\"b\"\" \"</arg>"), "{xml}");
    assert_eq!(StoredCall::read(&xml).unwrap().ast().unwrap().to_string(), ast.to_string());
    let numbered = "<fn id='+'><arg>\"&#65;&apos;\"</arg><arg><![CDATA[\"<\"]]></arg></fn>";
    let read = StoredCall::read(numbered).unwrap().ast().unwrap().to_string();
    assert_eq!(read, "\"A'\" + \"<\"");
    let unwritable = StoredCall::of_ast(&parse("\"\u{1}\" + x").unwrap()).unwrap();
    assert_eq!(unwritable.write(), Err(StoredError::Character));
}

#[test]
fn an_odd_id_is_written_as_it_was_read() {
    let xml = "<fn id=\"&gt;&quot;'&amp;&#9;a&#10;b&#13;\" isCustomExpression=\"false\"></fn>";
    let call = StoredCall::read(xml).unwrap();
    assert_eq!(call.id, ">\"'&\ta\nb\r");
    assert_eq!(call.write().as_deref(), Ok(xml));
}

#[test]
fn marks_of_typed_parts_survive() {
    let xml = "<fn id=\"IIF\" isCustomExpression=\"false\"><arg><fn id=\"Eq\" isCustomExpression=\"true\"><arg>a</arg><arg>1</arg></fn></arg><arg>2</arg><arg>3</arg></fn>";
    assert_eq!(StoredCall::read(xml).unwrap().write().unwrap(), xml);
}

#[test]
fn a_single_token_is_no_tree() {
    assert_eq!(StoredCall::of_ast(&parse("accountName").unwrap()), None);
}

#[test]
fn what_is_no_tree_is_refused() {
    let nested = "<fn id='a'><arg>".repeat(400);
    for (xml, code) in [
        ("", "EXP-0401"),
        ("text", "EXP-0401"),
        ("<fn id='a'>", "EXP-0401"),
        ("<fn id='a'/><fn id='b'/>", "EXP-0401"),
        ("<fn id='a'></arg>", "EXP-0401"),
        ("<fn id='a' id='b'/>", "EXP-0401"),
        ("<!DOCTYPE x [<!ENTITY e 'y'>]><fn id='a'/>", "EXP-0401"),
        ("<fn id='a'><arg>&e;</arg></fn>", "EXP-0401"),
        ("<fn/>", "EXP-0402"),
        ("<fn id=''/>", "EXP-0402"),
        ("<arg>1</arg>", "EXP-0402"),
        ("<fn id='a'>1</fn>", "EXP-0402"),
        ("<fn id='a'><fn id='b'/></fn>", "EXP-0402"),
        ("<fn id='a'><arg/></fn>", "EXP-0402"),
        ("<fn id='a'><arg>a b</arg></fn>", "EXP-0402"),
        ("<fn id='a'><arg>a+b</arg></fn>", "EXP-0402"),
        ("<fn id='a'><arg>1,2</arg></fn>", "EXP-0402"),
        ("<fn id='a'><arg>(a)</arg></fn>", "EXP-0402"),
        ("<fn id='a'><arg>1<fn id='b'/></arg></fn>", "EXP-0402"),
        (nested.as_str(), "EXP-0102"),
    ] {
        assert_eq!(StoredCall::read(xml).map_err(|e| e.code()), Err(code), "{xml:.60}");
    }
    let odd = StoredCall::read("<fn id='a b'/>").unwrap();
    assert_eq!(odd.ast().map_err(|e| e.code()), Err("EXP-0101"));
}

#[test]
fn flows_are_read_and_written() {
    for xml in [
        "<export-flow allows-null=\"false\"><src><attr>accountName</attr></src><dest>dn</dest><scoping></scoping><fn id=\"+\" isCustomExpression=\"true\"><arg>\"CN=\"</arg><arg>accountName</arg></fn></export-flow>",
        "<export-flow allows-null=\"true\"><src><attr>mail</attr></src><dest>mail</dest><scoping></scoping></export-flow>",
        "<import-flow><src>a &amp; b</src><dest>company</dest><scoping></scoping></import-flow>",
    ] {
        assert_eq!(StoredFlow::read(xml).unwrap().write().unwrap(), xml);
    }
    let empty = "<import-flow><src><attr/></src><dest>x</dest><fn id='Guid'/></import-flow>";
    let StoredSource::Expression { attributes, .. } = StoredFlow::read(empty).unwrap().source
    else {
        panic!("no expression")
    };
    assert!(attributes.is_empty());
    for bad in [
        "<flow/>",
        "<import-flow><src/></import-flow>",
        "<import-flow><dest>a</dest></import-flow>",
    ] {
        assert_eq!(StoredFlow::read(bad).map_err(|e| e.code()), Err("EXP-0402"), "{bad}");
    }
}

#[test]
fn mappings_are_read_and_written() {
    for xml in [
        "<mapping><dest>dn</dest><src><attr>cn</attr></src><expression>\n IIF([a] &lt;&gt; 1, \"x\" &amp; [b], NULL)\n</expression><valueMergeType>Update</valueMergeType></mapping>",
        "<mapping><dest>mail</dest><src><attr>mail</attr></src><valueMergeType>MergeCaseInsensitive</valueMergeType></mapping>",
        "<mapping><dest>cloudFiltered</dest><src>True</src><valueMergeType>Replace</valueMergeType></mapping>",
    ] {
        assert_eq!(Mapping::read(xml).unwrap().write().unwrap(), xml);
    }
    for bad in [
        "<fn/>",
        "<mapping/>",
        "<mapping><dest>a</dest><valueMergeType>x</valueMergeType></mapping>",
    ] {
        assert_eq!(Mapping::read(bad).map_err(|e| e.code()), Err("EXP-0402"), "{bad}");
    }
}

const RULE: &str = "sync-rule-id=\"{11112222-3333-4444-5555-666677778888}\"";
const FLAGS: &str = "initial-flow-only=\"true\" is-existence-test=\"false\"";

#[test]
fn mappings_of_the_server_are_read_and_written() {
    let direct = format!(
        "<sync-rule-mapping mapping-type=\"direct\" {RULE} {FLAGS}><src-attribute>sn</src-attribute></sync-rule-mapping>"
    );
    let constant = format!(
        "<sync-rule-mapping mapping-type=\"constant\" {FLAGS}><sync-rule-value> a &amp; b</sync-rule-value></sync-rule-mapping>"
    );
    let expression = format!(
        "<sync-rule-mapping mapping-type=\"expression\" {RULE} {FLAGS}><src-attribute>uid</src-attribute><sync-rule-value><export-flow allows-null=\"true\"><src><attr>uid</attr></src><dest>dn</dest><scoping></scoping><fn id=\"Trim\" isCustomExpression=\"true\"><arg>uid</arg></fn></export-flow></sync-rule-value></sync-rule-mapping>"
    );
    for mapping in [&direct, &constant, &expression] {
        for framed in [
            mapping.clone(),
            format!(
                "<export-flow cd-attribute=\"dn\" id=\"7\" suppress-deletions=\"true\">{mapping}</export-flow>"
            ),
            format!("<import-flow src-ma=\"4\" cd-object-type=\"user\">{mapping}</import-flow>"),
        ] {
            let read = ServerMapping::read(&framed).unwrap();
            assert_eq!(read.write().unwrap(), framed);
            assert_eq!(Stored::read(&framed), Ok(Stored::Server(read)));
        }
    }
    let read = |xml: &str| ServerMapping::read(xml).unwrap();
    assert_eq!(read(&direct).source, ServerSource::Direct("sn".to_owned()));
    assert_eq!(read(&constant).source, ServerSource::Constant(" a & b".to_owned()));
    assert!(read(&direct).is_initial_flow_only && !read(&direct).is_existence_test);
    assert_eq!(read(&expression).allows_null(), Some(true));
    assert_eq!(read(&direct).allows_null(), None);
    let suppressed = format!(
        "<export-flow cd-attribute='dn' suppress-deletions='true'>{expression}</export-flow>"
    );
    assert_eq!(read(&suppressed).allows_null(), Some(false));
}

#[test]
fn a_constant_of_the_server_may_stand_in_a_flow_of_its_own() {
    let xml = "<sync-rule-mapping mapping-type='constant'><sync-rule-value>\n <import-flow><src>EMEA</src><dest>region</dest></import-flow></sync-rule-value></sync-rule-mapping>";
    let source = ServerMapping::read(xml).unwrap().source;
    assert_eq!(source, ServerSource::Constant("EMEA".to_owned()));
}

#[test]
fn mappings_of_the_server_that_lack_a_part_are_refused() {
    let mapping = |kind: &str, inside: &str| {
        format!("<sync-rule-mapping mapping-type='{kind}'>{inside}</sync-rule-mapping>")
    };
    let one = "<src-attribute>sn</src-attribute>";
    for xml in [
        "<sync-rule-mapping/>".to_owned(),
        "<fn id='a'/>".to_owned(),
        mapping("other", one),
        mapping("direct", ""),
        mapping("direct", "<src-attribute/>"),
        mapping("direct", &one.repeat(2)),
        mapping("constant", one),
        mapping(
            "constant",
            "<sync-rule-value><import-flow><src><attr>a</attr></src><dest>b</dest></import-flow></sync-rule-value>",
        ),
        mapping("expression", one),
        mapping("expression", "<sync-rule-value>a</sync-rule-value>"),
        mapping("expression", "<sync-rule-value><fn id='a'/></sync-rule-value>"),
        format!("<export-flow>{}</export-flow>", mapping("direct", one)),
        format!("<import-flow src-ma='1'>{}</import-flow>", mapping("direct", one)),
        "<export-flow cd-attribute='dn'><x/></export-flow>".to_owned(),
    ] {
        assert_eq!(ServerMapping::read(&xml).map_err(|e| e.code()), Err("EXP-0402"), "{xml}");
    }
}

#[test]
fn assignments_of_workflows_are_read_and_written() {
    for (source, call) in [
        ("[//Target/mail]", "SingleValueAssignment([//Target/mail])"),
        ("\"a \"\"b\"\"\n\"", "SingleValueAssignment(\"a \"\"b\"\"\n\")"),
        ("Left([//Target/uid], 1) + \"<\"", "Left([//Target/uid], 1) + \"<\""),
    ] {
        let ast = parse(source).unwrap();
        let activity = FunctionActivity::of_ast("[//WorkflowData/x]", &ast).unwrap();
        let written = activity.write().unwrap();
        assert_eq!(
            FunctionActivity::read_all(&written).as_deref(),
            Ok(std::slice::from_ref(&activity))
        );
        assert_eq!(activity.ast().unwrap().to_string(), source);
        assert_eq!(activity.call.ast().unwrap().to_string(), call);
    }
}

#[test]
fn a_workflow_gives_its_assignments_in_order() {
    let assignment = |to: &str, tree: &str| {
        let tree = tree.replace('<', "&lt;").replace('"', "&quot;");
        format!(
            "<ns0:FunctionActivity Description='d' Destination='{to}' FunctionExpression='{tree}' x:Name='n' />"
        )
    };
    let first = assignment("[//WorkflowData/a]", "<fn id=\"CRLF\"/>");
    let plain = "<fn id=\"SingleValueAssignment\"><arg>[//Target/b]</arg></fn>";
    let second = assignment("[//Target/c]", plain);
    let xml = format!(
        "<ns0:SequentialWorkflow><x><ns0:Other/>{first}</x>{second}</ns0:SequentialWorkflow>"
    );
    let Stored::Activities(found) = Stored::read(&xml).unwrap() else { panic!("no workflow") };
    let shown: Vec<String> = found
        .iter()
        .map(|found| format!("{} = {}", found.destination, found.ast().unwrap()))
        .collect();
    assert_eq!(shown, ["[//WorkflowData/a] = CRLF()", "[//Target/c] = [//Target/b]"]);
    for bad in [
        "<FunctionActivity Destination='a'/>".to_owned(),
        "<FunctionActivity FunctionExpression=''/>".to_owned(),
        assignment("a", "<fn/>"),
    ] {
        assert_eq!(Stored::read(&bad).map_err(|e| e.code()), Err("EXP-0402"), "{bad}");
    }
    let broken = format!("<W><a/>{}</W>", assignment("a", "<fn"));
    let error = FunctionActivity::read_all(&broken).unwrap_err();
    assert_eq!(
        (error.code(), error.span().map(|span| span.start)),
        ("EXP-0401", Some(broken.len() - 4))
    );
}

/// Text of every kind that XML can hold.
const WRITABLE: &str = "[ \t\r\n<>&'\"\\]a-zé😀]{0,8}";

proptest::proptest! {
    #[test]
    fn what_the_server_keeps_is_read_as_it_was_written(
        id in proptest::option::of(WRITABLE),
        constant in WRITABLE,
        destination in WRITABLE,
        flags in proptest::prelude::any::<[bool; 3]>(),
    ) {
        let [is_initial_flow_only, is_existence_test, suppresses_deletions] = flags;
        let mapping = ServerMapping {
            frame: Some(ServerFrame::Export {
                destination,
                id: id.clone(),
                suppresses_deletions,
            }),
            rule_id: id,
            mapping_id: None,
            is_initial_flow_only,
            is_existence_test,
            source: ServerSource::Constant(constant),
        };
        assert_eq!(ServerMapping::read(&mapping.write().unwrap()), Ok(mapping));
    }

    #[test]
    fn an_assignment_is_read_as_it_was_written(text in WRITABLE, destination in WRITABLE) {
        let literal = format!("\"{}\"", text.replace('"', "\"\""));
        for source in [literal.clone(), format!("Trim({literal}) + x")] {
            let ast = parse(&source).unwrap();
            let mut activity = FunctionActivity::of_ast(&destination, &ast).unwrap();
            activity.description.clone_from(&text);
            let read = FunctionActivity::read_all(&activity.write().unwrap()).unwrap();
            assert_eq!(&read, std::slice::from_ref(&activity));
            assert_eq!(activity.ast().unwrap().to_string(), source);
        }
    }

    #[test]
    fn nothing_that_is_read_panics(xml in "(<|>|fn|arg|id='a'|&amp;|/| |\"|[a-z]){0,40}") {
        let _read = StoredCall::read(&xml);
        let _read = StoredFlow::read(&xml);
        let _read = Mapping::read(&xml);
        let _read = ServerMapping::read(&xml);
        let _read = Stored::read(&xml);
    }
}
