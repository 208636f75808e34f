//! `check`: every error of the configuration at once.

use rules::{Checked, Severity, Sources};
use serde_json::json;

use crate::args::Check;
use crate::connectors::CONNECTORS;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::sources;
use crate::text;

/// Runs the command.
pub(super) fn run(arguments: &Check, output: &Output) -> Result<Exit, Failure> {
    let sources = sources::read(&arguments.config.folder)?;
    let checked = rules::check(&sources, CONNECTORS);
    report(&checked, &sources, output, true);
    let count = |severity| checked.diagnostics.iter().filter(|d| d.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    output.text(&format!("{}, {}", text::count(errors, "error"), text::count(warnings, "warning")));
    output.object(&json!({ "errors": errors, "warnings": warnings }));
    let failed = errors > 0 || (arguments.strict && warnings > 0);
    Ok(if failed { Exit::Failed } else { Exit::Done })
}

/// Prints diagnostics; warnings only when asked for.
pub fn report(checked: &Checked, sources: &Sources, output: &Output, warnings: bool) {
    for diagnostic in &checked.diagnostics {
        if diagnostic.severity == Severity::Warning && !warnings {
            continue;
        }
        if output.is_json() {
            output.object(&json!({
                "severity": if diagnostic.severity == Severity::Error { "error" } else { "warning" },
                "code": diagnostic.code,
                "message": diagnostic.message,
                "file": diagnostic.file,
                "line": diagnostic.line,
                "column": diagnostic.column,
                "help": diagnostic.help,
            }));
        } else {
            let file = sources.files.iter().find(|file| file.path == diagnostic.file);
            let text = diagnostic.render(file.map(|file| file.text.as_str()));
            output.note(text.trim_end());
        }
    }
}
