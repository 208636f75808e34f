//! Expressions on the command line.

use std::process::Command;

fn expr(arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_proxeny"));
    let output = command.arg("expr").args(arguments).env_remove("PROXENY_CONFIG").output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

/// One evaluation or check for every kind of error, with the object it is about.
const WRONG: [(&str, &[&str]); 14] = [
    ("parse", &["eval", "IIF([a] = \"x\", 1"]),
    ("limit", &["eval", NESTED]),
    ("unknown-function", &["eval", "Lefft([a], 1)"]),
    ("unknown-attribute", &["check", "[Mail] & [sn]", "--attributes", "mail,sn"]),
    ("unknown-identifier", &["eval", "IIF([a] = \"x\", true, False)"]),
    ("unknown-variable", &["eval", "Select($v, [several], $w)"]),
    ("unknown-parameter", &["eval", "\"DC=\" & %Forest.LDAP%"]),
    ("arity", &["eval", "Left([a])"]),
    ("type", &["eval", "Len(1)"]),
    ("value", &["eval", "CDate(\"tomorrow\")"]),
    ("range", &["eval", "9223372036854775807 + 1"]),
    ("mv-length", &["eval", "[several] & RemoveDuplicates([several])"]),
    ("user", &["eval", "Error(\"there is no mail\")"]),
    ("several", &["check", "Lefft([a]) &\n Left([a])", "--attributes", "b"]),
];

/// One parenthesis too deep.
const NESTED: &str = "(((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((1";

#[test]
fn expr_shows_the_place_of_every_kind_of_error() {
    let attrs = ["--attrs", "{\"a\":\"x\",\"several\":[\"p\",\"p\"]}"];
    for (kind, arguments) in WRONG {
        let object: &[&str] = if arguments.contains(&"eval") { &attrs } else { &[] };
        let arguments = [arguments, &["--dialect", "entra"], object].concat();
        let (code, text) = expr(&arguments);
        assert_eq!(code, Some(1), "{kind}: {text}");
        insta::assert_snapshot!(format!("error_{kind}"), text);
        if kind != "several" {
            let (_, json) = expr(&[&arguments[..], &["--json"]].concat());
            assert!(json.contains(&format!("\"kind\":\"{kind}\"")), "{json}");
        }
    }
}

#[test]
fn expr_check_warns_of_what_is_odd() {
    let source = "IIF([enabled] = True && 2 = 2, Left([displayName], 20), [mail])";
    let attributes = "enabled:boolean,displayName:string,mail";
    let arguments = [
        "check",
        "--dialect",
        "entra",
        source,
        "--attributes",
        attributes,
        "--to",
        "sAMAccountName",
    ];
    let (code, text) = expr(&arguments);
    assert_eq!(code, Some(0));
    insta::assert_snapshot!("warnings", text);
    let (code, _) = expr(&[&arguments[..], &["--strict"]].concat());
    assert_eq!(code, Some(1));
    let (code, text) = expr(&["check", "Left(\"a\", photo)", "--attributes", "photo:binary"]);
    assert_eq!((code, text.contains("error[EXP-0301]")), (Some(1), true), "{text}");
    let (code, text) =
        expr(&["check", "several", "--attributes", "several:string*", "--to", "x:integer"]);
    assert_eq!(
        (code, text.contains("never fits 'x', which is integer")),
        (Some(1), true),
        "{text}"
    );
    assert_eq!(expr(&["check", "a", "--attributes", "a:text"]).0, Some(2));
    assert_eq!(expr(&["check", "a"]), (Some(0), "no mistakes; attributes: a\n".to_owned()));
}

#[test]
fn expr_explains_step_by_step() {
    let attrs = "{\"name\":\"Ada Lind\",\"mail\":\"ada@partner.example\"}";
    let source = "IIF(IsPresent(mail), Left(mail, 3) + \"-\" + Word(name, 2, \" \"), Null())";
    let (code, text) = expr(&["eval", source, "--attrs", attrs, "--explain"]);
    assert_eq!(code, Some(0));
    insta::assert_snapshot!("explained", text);
}

#[test]
fn expr_eval_takes_parameters_and_imported_values() {
    let source = "ImportedValue(\"mail\") & %Forest.LDAP%";
    let given = ["--params", "{\"Forest.LDAP\":\"DC=x\"}", "--imported", "{\"mail\":\"a\"}"];
    let arguments = [&["eval", "--dialect", "entra", source][..], &given].concat();
    assert_eq!(expr(&arguments), (Some(0), "\"aDC=x\"\n".to_owned()));
    let (code, text) = expr(&["eval", "a", "--attrs", "{\"a\":1.5}"]);
    assert_eq!((code, text.contains("--attrs has something that is no value")), (Some(2), true));
    assert_eq!(expr(&["eval", "a", "--attrs", "{"]).0, Some(2));
}

#[test]
fn expr_eval_takes_names_that_others_have() {
    let given = ["eval", "UniqueName(\"ada\", 3)", "--taken", "Ada", "--taken", "ada2"];
    assert_eq!(expr(&given), (Some(0), "\"ada3\"\n".to_owned()));
    let (code, text) = expr(&[&given[..], &["--taken", "ada3"]].concat());
    assert_eq!((code, text.contains("EXP-0302")), (Some(1), true), "{text}");
}

#[test]
fn expr_never_shows_a_generated_password() {
    let (code, text) = expr(&["eval", "RandomPassword(32) + a", "--explain"]);
    assert_eq!(code, Some(0));
    assert!(text.ends_with("\n(secret)\n"), "{text}");
    assert!(text.lines().all(|line| line.len() < 60), "{text}");
}

#[test]
fn expr_convert_turns_text_into_a_tree_and_back() {
    let source = "IIF(Eq(status, \"<gone>\"), 514, status + \" \" + 1)";
    let (code, tree) = expr(&["convert", source]);
    assert_eq!(code, Some(0), "{tree}");
    assert!(
        tree.starts_with("<fn id=\"IIF\" isCustomExpression=\"true\"><arg><fn id=\"Eq\""),
        "{tree}"
    );
    assert_eq!(expr(&["convert", tree.trim()]), (Some(0), format!("{source}\n")));
    let mapping = "<?xml version=\"1.0\"?><mapping><dest>a</dest><src/><expression>[b] &amp; 1</expression></mapping>";
    assert_eq!(expr(&["convert", mapping]), (Some(0), "[b] & 1\n".to_owned()));
    let flow = "<import-flow><src><attr>mail</attr></src><dest>mail</dest></import-flow>";
    assert_eq!(expr(&["convert", flow]), (Some(0), "mail\n".to_owned()));
    let direct = "<sync-rule-mapping mapping-type='direct'><src-attribute>sn</src-attribute></sync-rule-mapping>";
    assert_eq!(expr(&["convert", direct]), (Some(0), "sn\n".to_owned()));
    let assignment = "<FunctionActivity Destination='[//Target/a]' FunctionExpression='&lt;fn id=&quot;CRLF&quot;/&gt;'/>";
    let (_, json) = expr(&["convert", assignment, "--json"]);
    assert_eq!(json, "{\"destination\":\"[//Target/a]\",\"text\":\"CRLF()\"}\n");
    let (code, text) = expr(&["convert", "<fn id=\"Left\"><arg>a b</arg></fn>"]);
    assert_eq!((code, text.contains("error[EXP-0402]")), (Some(1), true), "{text}");
}

#[test]
fn expr_convert_translates_where_that_is_exact() {
    let given = ["convert", "UpperCase(sn) + \" \" + number", "--to", "entra"];
    let known = ["--attributes", "number:integer"];
    let shown = "UCase([sn]) & \" \" & [number]\ntaken for one text each: sn\n";
    assert_eq!(expr(&[&given[..], &known].concat()), (Some(0), shown.to_owned()));
    let (_, json) = expr(&[&given[..], &["--json"]].concat());
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let taken = serde_json::json!(["number", "sn"]);
    assert_eq!((&json["taken_for_texts"], &json["remarks"]), (&taken, &serde_json::json!([])));
    assert_eq!(json["text"], "UCase([sn]) & \" \" & [number]");
    let back = expr(&["convert", "IIF([a] = \"x\", [b], NULL)", "--to", "mim"]);
    let shown = "IIF(Eq(a, \"x\"), b, Null())\ntaken for one text each: a, b\n";
    assert_eq!(back, (Some(0), shown.to_owned()));
    let tree = "<fn id=\"Trim\"><arg>uid</arg></fn>";
    let shown = "Trim([uid])\ntaken for one text each: uid\n".to_owned();
    assert_eq!(expr(&["convert", tree, "--to", "entra"]), (Some(0), shown));
    let escaped = expr(&["convert", "EscapeDNComponent(\"CN=\" + cn)", "--to", "entra"]);
    assert!(escaped.1.contains("\nEscapeDNComponent: MIM escapes as"), "{}", escaped.1);
}

#[test]
fn expr_convert_says_why_there_is_no_translation() {
    let source = "LessThan(sn, $limit) + Mid(sn, 1, number)";
    let given = ["convert", source, "--to", "entra", "--attributes", "number:integer"];
    let (code, text) = expr(&given);
    assert_eq!(code, Some(1), "{text}");
    let places = ["error[EXP-0601]", "expression:1:14", "expression:1:35"];
    assert!(places.iter().all(|place| text.contains(place)), "{text}");
    assert_eq!(text.matches("error[").count(), 2, "{text}");
    let (_, json) = expr(&[&given[..], &["--json"]].concat());
    assert!(json.contains("\"kind\":\"inexact\""), "{json}");
    assert_eq!(expr(&["convert", "a", "--dialect", "mim"]).0, Some(2));
}

#[test]
fn expr_test_counts_and_shows_what_failed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("vectors.json");
    std::fs::write(
        &file,
        r#"[
{"id":"good","dialect":"mim","expr":"a + 1","attrs":{"a":"x"},"expect":"x1"},
{"id":"bad","dialect":"entra","expr":"[a] & 1","attrs":{"a":"x"},"expect":"x2"}]"#,
    )
    .unwrap();
    let file = file.to_str().unwrap();
    let expected = "bad  [a] & 1\n  expected \"x2\"\n  actual   \"x1\"\n1 passed, 1 failed\n";
    assert_eq!(expr(&["test", file]), (Some(1), expected.to_owned()));
    std::fs::write(file, "[]").unwrap();
    assert_eq!(expr(&["test", file]), (Some(0), "0 passed, 0 failed\n".to_owned()));
    std::fs::write(file, "[{}]").unwrap();
    let (code, text) = expr(&["test", file]);
    assert_eq!((code, text.contains("error[EXP-0412]: vector 1")), (Some(1), true), "{text}");
}

#[test]
fn expr_functions_shows_one_in_every_language_and_refuses_unknown_ones() {
    insta::assert_snapshot!("function", expr(&["functions", "left"]).1);
    assert_eq!(expr(&["functions", "nope"]).0, Some(2));
}

#[test]
fn expr_reference_page_is_that_of_the_table() {
    let page = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/expressions.md");
    let (code, text) = expr(&["functions", "--markdown"]);
    assert_eq!(code, Some(0));
    assert!(std::fs::read_to_string(page).unwrap() == text, "write docs/expressions.md anew");
}
