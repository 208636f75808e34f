//! `test`: flow tests.

use std::path::Path;

use flowtest::{Report, Verdict};
use serde_json::json;

use crate::args::Test;
use crate::connectors::CONNECTORS;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::text::spelled_out;

/// Runs the command.
pub(super) async fn run(arguments: &Test, output: &Output) -> Result<Exit, Failure> {
    let folder = &arguments.folder;
    let files = flowtest::find(folder).map_err(|error| {
        let message = format!("cannot read {}: {error}", folder.display());
        Failure::new(message).with_help("name the folder with the tests").with_code("CLI-0104")
    })?;
    let (mut passed, mut failed) = (0, 0);
    for file in &files {
        let name = flowtest::name(folder, file);
        if !is_wanted(arguments, &name, file) {
            continue;
        }
        let shown = file.display().to_string();
        let report = flowtest::play(file, &shown, CONNECTORS, arguments.states).await;
        match report.has_passed() {
            true => passed += 1,
            false => failed += 1,
        }
        print(&name, &report, arguments.states, output);
    }
    if passed + failed == 0 {
        let message = format!("there is no test in {}", folder.display());
        let help = "tests are files called test.toml or NAME.test.toml; see docs/flow-tests.md";
        return Err(Failure::new(message).with_help(help).with_code("CLI-0105"));
    }
    output.text(&format!("{passed} passed, {failed} failed"));
    output.object(&json!({ "passed": passed, "failed": failed }));
    Ok(if failed == 0 { Exit::Done } else { Exit::Failed })
}

/// The filter looks into the file: a test that cannot be read is not hidden by it.
fn is_wanted(arguments: &Test, name: &str, file: &Path) -> bool {
    let Some(filter) = &arguments.filter else { return true };
    let head = std::fs::read_to_string(file).unwrap_or_default();
    let head = head.split("\n[").next().unwrap_or_default();
    name.contains(filter.as_str()) || head.contains(filter.as_str())
}

fn print(name: &str, report: &Report, states: bool, output: &Output) {
    let word = match &report.verdict {
        Verdict::Passed => "passed",
        Verdict::Failed(_) => "FAILED",
        Verdict::Malformed(_) => "FAILED, the test itself is not right:",
    };
    let title = format!("{word} {name}  {}", report.description);
    output.text(spelled_out(title.trim_end()).as_str());
    if states {
        report.states.iter().for_each(|line| output.text(&format!("  {}", spelled_out(line))));
    }
    for failure in report.failures() {
        let lines = failure.to_string();
        lines.lines().for_each(|line| output.text(&format!("  {}", spelled_out(line))));
    }
    let failures = report.failures().iter().map(|failure| {
        json!({
            "file": failure.file,
            "line": failure.line,
            "what": failure.what,
            "details": failure.details,
        })
    });
    output.object(&json!({
        "test": name,
        "file": report.file,
        "description": report.description,
        "ids": report.ids,
        "passed": report.has_passed(),
        "malformed": matches!(report.verdict, Verdict::Malformed(_)),
        "failures": failures.collect::<Vec<_>>(),
        "states": if states { json!(report.states) } else { json!(null) },
    }));
}
