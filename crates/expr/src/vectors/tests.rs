use super::*;

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

/// Counts instead of drawing, so that no two draws are alike.
struct Counting(u64);

impl Random for Counting {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 += 1;
        self.0 % bound
    }
}

fn outcomes(text: &str) -> Vec<(String, Outcome)> {
    let vectors = read(text).unwrap();
    vectors.iter().map(|vector| (vector.id.clone(), vector.run(NOW, &mut Counting(0)))).collect()
}

#[test]
fn every_kind_of_expectation_can_hold() {
    let file = r#"[
        {"id":"text","dialect":"mim","expr":"a+1","attrs":{"a":"x"},"expect":"x1"},
        {"id":"number","dialect":"mim","expr":"BitOr(2,a)","attrs":{"a":9007199254740993},"expect":9007199254740995},
        {"id":"null","dialect":"mim","expr":"a","attrs":{},"expect":{"null":true}},
        {"id":"octets","dialect":"mim","expr":"a","attrs":{"a":{"bin":"00ff"}},"expect":{"bin":"00ff"}},
        {"id":"reference","dialect":"mim","expr":"a","attrs":{"a":{"ref":"CN=x"}},"expect":{"ref":"CN=x"}},
        {"id":"several","dialect":"mim","expr":"a","attrs":{"a":["x","y"]},"expect":["x","y"]},
        {"id":"kind","dialect":"mim","expr":"Nope()","attrs":{},"expect":{"error":"unknown-function"}},
        {"id":"range","dialect":"mim","expr":"RandomNum(3,5)","attrs":{},"expect":{"range":[3,5]}},
        {"id":"pattern","dialect":"mim","expr":"Guid()","attrs":{},"expect":{"matches":"^(?=.*-)(?=(?:[0-9)a-f]|-)*$)[-0-9a-f]{36}$"}},
        {"id":"parameter","dialect":"mim","expr":"$p","attrs":{},"params":{"p":"v"},"expect":"v"},
        {"id":"lookup","dialect":"mim","expr":"[//Target/x]","attrs":{"//Target/x":"v"},"expect":"v"},
        {"id":"schema","dialect":"mim","expr":"A","attrs":{"a":"x"},"schema":["a"],"expect":{"error":"unknown-attribute"}},
        {"id":"tree","dialect":"mim","syntax":"fn-xml","expr":"<fn id='+'><arg>a</arg><arg>\"b\"</arg></fn>","attrs":{"a":"x"},"expect":"xb"}
    ]"#;
    for (id, outcome) in outcomes(file) {
        assert_eq!(outcome, Outcome::Passed, "{id}");
    }
}

#[test]
fn a_failure_shows_both_sides() {
    let file = r#"[
        {"id":"a","dialect":"mim","expr":"1","attrs":{},"expect":"1"},
        {"id":"b","dialect":"mim","expr":"Left(a","attrs":{},"expect":{"range":[1,2]}},
        {"id":"c","dialect":"mim","expr":"a","attrs":{"a":"x"},"expect":{"error":"user","message":"m"}},
        {"id":"d","dialect":"mim","expr":"RandomPassword(20)","attrs":{},"expect":"x"}
    ]"#;
    let sides = outcomes(file).into_iter().map(|(_, outcome)| match outcome {
        Outcome::Passed => panic!("passed"),
        Outcome::Failed { expected, actual } => (expected, actual),
    });
    let expected = [
        (r#""1""#, "1"),
        (r#"{"range":[1,2]}"#, r#"{"error":"parse","message":"this parenthesis is never closed"}"#),
        (r#"{"error":"user","message":"m"}"#, r#""x""#),
        (r#""x""#, "(secret)"),
    ];
    let expected = expected.map(|(a, b)| (a.to_owned(), b.to_owned()));
    assert_eq!(sides.collect::<Vec<_>>(), expected);
}

#[test]
fn a_wrong_file_is_refused_with_the_vector() {
    for (file, message) in [
        ("", "the file is not JSON"),
        ("{}", "the file is not a list of vectors"),
        (
            r#"[{"dialect":"mim"}]"#,
            "vector 1 cannot be read: 'id' is missing or has a value it cannot have",
        ),
        (
            r#"[{"id":"x","dialect":"vba"}]"#,
            "vector x cannot be read: 'dialect' is missing or has a value it cannot have",
        ),
        (
            r#"[{"id":"x","dialect":"mim","expr":"1","attrs":{"a":1.5},"expect":1}]"#,
            "vector x cannot be read: 'attrs' is missing or has a value it cannot have",
        ),
        (
            r#"[{"id":"x","dialect":"mim","expr":"1","attrs":{},"expect":{"matches":"("}}]"#,
            "vector x cannot be read: 'expect' is missing or has a value it cannot have",
        ),
    ] {
        let error = read(file).map(|vectors| vectors.len()).unwrap_err();
        let found = match std::error::Error::source(&error) {
            Some(cause) if file.starts_with('[') => format!("{error}: {cause}"),
            _ => error.to_string(),
        };
        assert_eq!(found, message);
    }
}

#[test]
fn moments_are_exact_to_the_tick() {
    for text in ["1601-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z", "2026-05-04T10:00:00.12Z"]
    {
        let json = serde_json::json!({ "dt": text });
        assert_eq!(render(&json::operand(&json).unwrap()), json);
    }
    for text in ["2026-05-04", "2026-05-04T10:00:00.12345678Z", "2026-05-04T10:00:00.xZ"] {
        assert_eq!(json::operand(&serde_json::json!({ "dt": text })), None);
    }
}

/// The conformance vectors, when they are checked out beside the project.
#[test]
fn every_published_vector_holds() {
    let above = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3).unwrap();
    let Ok(text) = std::fs::read_to_string(above.join("shared/vectors/functions.json")) else {
        return;
    };
    let mut failures = Vec::new();
    for vector in &read(&text).unwrap() {
        if let Outcome::Failed { expected, actual } = vector.run(NOW, &mut Counting(0)) {
            failures.push(format!(
                "{}: {} expected {expected} gave {actual}",
                vector.id, vector.source
            ));
        }
    }
    assert_eq!(failures, Vec::<String>::new());
}
