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
    let flow = "<import-flow><src>x</src><dest>company</dest><scoping></scoping></import-flow>";
    let kept = format!(
        "<sync-rule-mapping mapping-type=\"expression\"><sync-rule-value>{flow}</sync-rule-value></sync-rule-mapping>"
    );
    assert_eq!(StoredFlow::read(&kept), StoredFlow::read(flow));
    assert_eq!(StoredFlow::read("<sync-rule-mapping/>").map_err(|e| e.code()), Err("EXP-0402"));
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

proptest::proptest! {
    #[test]
    fn nothing_that_is_read_panics(xml in "(<|>|fn|arg|id='a'|&amp;|/| |\"|[a-z]){0,40}") {
        let _read = StoredCall::read(&xml);
        let _read = StoredFlow::read(&xml);
        let _read = Mapping::read(&xml);
    }
}
