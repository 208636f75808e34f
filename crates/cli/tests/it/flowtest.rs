//! `proxeny test`: what it prints, and how it ends.

use std::process::{Command, Output};

const CONFIG: &str = r#"
[[patch]]
file = "metaverse.toml"
text = """
[types.person.attributes]
login = { type = "string", indexed = true }
"""
[[patch]]
file = "connectors/hr.toml"
text = """
type = "test"
[connectivity.schema.user]
login = "string"
[objects.user]
anchor = "login"
"""
[[given.hr]]
attributes = { login = "ada" }
[[step]]
run = "hr/full-import"
[step.expect]
"#;

fn test(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_proxeny"));
    command.arg("test").args(arguments).env_remove("PROXENY_CONFIG").output().unwrap()
}

#[test]
fn tests_that_pass_and_fail_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: String| std::fs::write(folder.path().join(name), text).unwrap();
    let with = |description: &str, expect: &str| {
        format!("description = \"{description}\"\nids = [\"E1\"]\n{CONFIG}{expect}\n")
    };
    write("good.test.toml", with("it is staged", "counters = { stage-add = 1 }"));
    let path = folder.path().display().to_string();
    let passed = test(&[&path]);
    assert_eq!(passed.status.code(), Some(0));
    let text = String::from_utf8(passed.stdout).unwrap();
    assert_eq!(text, "passed good  it is staged\n1 passed, 0 failed\n");
    write("bad.test.toml", with("nothing is staged", "counters = { stage-add = 0 }"));
    let failed = test(&[&path]);
    assert_eq!(failed.status.code(), Some(1));
    let text = String::from_utf8(failed.stdout).unwrap();
    assert!(text.starts_with("FAILED bad  nothing is staged\n"), "{text}");
    assert!(text.contains("- expected: 0") && text.contains("+ found:    1"), "{text}");
    assert!(text.ends_with("1 passed, 1 failed\n"), "{text}");
    let chosen = test(&[&path, "--filter", "it is", "--json"]);
    assert_eq!(chosen.status.code(), Some(0));
    let text = String::from_utf8(chosen.stdout).unwrap();
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["test"], "good");
    assert_eq!(lines[0]["ids"][0], "E1");
    assert_eq!(lines[1], serde_json::json!({ "passed": 1, "failed": 0 }));
    assert_eq!(test(&[&path, "--filter", "nowhere"]).status.code(), Some(1));
}

#[test]
fn states_are_printed_when_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("description = \"states\"\n{CONFIG}");
    std::fs::write(folder.path().join("test.toml"), text).unwrap();
    let output = test(&[&folder.path().display().to_string(), "--states"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("test.toml:20 "), "{text}");
    assert!(text.contains("hr ada (user, disconnector)"), "{text}");
}
