//! `doctor`: looks at everything a part depends on, one thing after the other, and says what is
//! wrong and which command mends it. Changes nothing.

mod gateway;

use serde_json::json;

use crate::args::{Doctor, DoctorPart};
use crate::failure::{Exit, Failure};
use crate::output::Output;

/// Runs the command.
pub(super) async fn run(arguments: &Doctor, output: &Output) -> Result<Exit, Failure> {
    match &arguments.part {
        DoctorPart::Gateway(part) => gateway::run(part, output).await,
    }
}

/// How one check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Good,
    Warning,
    Bad,
    /// Something before it failed.
    Skipped,
}

impl Verdict {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Warning => "warning",
            Self::Bad => "bad",
            Self::Skipped => "skipped",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Check {
    name: String,
    verdict: Verdict,
    detail: String,
    code: Option<String>,
    mend: Vec<String>,
}

impl Check {
    fn new(name: &str, verdict: Verdict, detail: impl Into<String>) -> Self {
        let (name, detail) = (name.to_owned(), detail.into());
        Self { name, verdict, detail, code: None, mend: Vec::new() }
    }

    fn good(name: &str, detail: impl Into<String>) -> Self {
        Self::new(name, Verdict::Good, detail)
    }

    fn bad(name: &str, detail: impl Into<String>) -> Self {
        Self::new(name, Verdict::Bad, detail)
    }

    fn skipped(name: &str, detail: impl Into<String>) -> Self {
        Self::new(name, Verdict::Skipped, detail)
    }

    fn coded(mut self, code: &str) -> Self {
        self.code = Some(code.to_owned());
        self
    }

    fn mended_by(mut self, commands: impl IntoIterator<Item = String>) -> Self {
        self.mend.extend(commands);
        self
    }
}

/// Prints the checks, worst news with what mends it.
fn report(checks: &[Check], output: &Output) -> Exit {
    for check in checks {
        output.object(&json!({
            "check": check.name,
            "verdict": check.verdict.as_str(),
            "detail": check.detail,
            "code": check.code,
            "mend": check.mend,
        }));
    }
    let row = |check: &Check| {
        vec![check.verdict.as_str().to_owned(), check.name.clone(), check.detail.clone()]
    };
    let rows: Vec<Vec<String>> = checks.iter().map(row).collect();
    output.table(&["", "check", "found"], &rows);
    for check in checks.iter().filter(|check| !check.mend.is_empty()) {
        output.text(&format!("\n{}: mend it with", check.name));
        for command in &check.mend {
            output.text(&format!("  {command}"));
        }
    }
    let bad = checks.iter().filter(|check| check.verdict == Verdict::Bad).count();
    if bad == 0 {
        output.text("\nnothing stands in the way");
        Exit::Done
    } else {
        output.text(&format!("\n{} in the way", crate::text::count(bad, "obstacle")));
        Exit::Failed
    }
}
