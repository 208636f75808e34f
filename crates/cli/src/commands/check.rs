//! `check`: every error of the configuration at once.

use engine::LeftBehind;
use rules::{Checked, Severity, Sources};
use serde_json::json;

use crate::args::Check;
use crate::connectors::CONNECTORS;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::session::Session;
use crate::sources;
use crate::text;

/// Runs the command.
pub(super) async fn run(arguments: &Check, output: &Output) -> Result<Exit, Failure> {
    let sources = sources::read(&arguments.config.folder)?;
    let checked = rules::check(&sources, CONNECTORS);
    report(&checked, &sources, output, true);
    let count = |severity| checked.diagnostics.iter().filter(|d| d.severity == severity).count();
    let (errors, mut warnings) = (count(Severity::Error), count(Severity::Warning));
    if arguments.store && errors == 0 {
        let session = super::open(&arguments.config, output).await?;
        warnings += report_left_behind(&session, output).await?;
    }
    output.text(&format!("{}, {}", text::count(errors, "error"), text::count(warnings, "warning")));
    output.object(&json!({ "errors": errors, "warnings": warnings }));
    let failed = errors > 0 || (arguments.strict && warnings > 0);
    Ok(if failed { Exit::Failed } else { Exit::Done })
}

/// Prints a warning for each rule that is gone and still has something in the store; says how many.
pub(super) async fn report_left_behind(
    session: &Session,
    output: &Output,
) -> Result<usize, Failure> {
    let left = session.engine.left_behind().await?;
    for (rule, LeftBehind { objects, values }) in &left {
        let linked = text::count(usize::try_from(*objects).unwrap_or(usize::MAX), "object");
        let brought = text::count(usize::try_from(*values).unwrap_or(usize::MAX), "value");
        output.object(&json!({
            "severity": "warning",
            "code": "CFG-0621",
            "rule": rule.as_str(),
            "objects": objects,
            "values": values,
        }));
        output.text(&format!(
            "warning[CFG-0621]: the rule {rule:?} is gone: {linked} linked by it stay linked, and \
             {brought} that it brought into the metaverse go at the next full synchronization"
        ));
    }
    Ok(left.len())
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
