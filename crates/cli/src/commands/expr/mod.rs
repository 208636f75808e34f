//! `expr`: expressions by themselves, without any deployment.

mod check;
mod convert;
mod reference;
mod report;
mod translate;

use std::path::Path;

use expr::steps::{Step, steps};
use expr::vectors::{self, Outcome, Surroundings, render};
use expr::{Ast, Dialect, ExprError, Names, Operand, Program};
use model::Clock as _;
use net::SystemClock;
use serde_json::{Value, json};

use self::report::report;
use crate::args::ExprAction;
use crate::failure::{Exit, Failure, chain};
use crate::output::Output;
use crate::random::SystemRandom;
use crate::text;

pub use reference::page;

/// What is shown instead of a generated password.
const SECRET: &str = "(secret)";

/// Runs the command.
pub(super) fn run(action: &ExprAction, output: &Output) -> Result<Exit, Failure> {
    match action {
        ExprAction::Eval { expression, dialect, attrs, params, imported, taken, explain } => {
            let parts = [("attrs", attrs), ("params", params), ("imported", imported)];
            let surroundings = surroundings(&parts, taken)?;
            Ok(eval(expression, (*dialect).into(), &surroundings, *explain, output))
        }
        ExprAction::Check { expression, dialect, attributes, to, strict } => {
            let surroundings = check::Surroundings::read(attributes, to.as_deref(), *strict)?;
            Ok(check::run(expression, (*dialect).into(), &surroundings, output))
        }
        ExprAction::Convert { input, to: None, .. } => convert::run(input, output),
        ExprAction::Convert { input, to: Some(to), dialect, attributes } => {
            let known = check::Surroundings::read(attributes, None, false)?;
            let wanted = translate::Wanted {
                to: (*to).into(),
                from: dialect.map(Dialect::from),
                known: &known,
            };
            translate::run(input, &wanted, output)
        }
        ExprAction::Functions { name, dialect, markdown } => {
            let dialect = dialect.map(Dialect::from);
            reference::run(name.as_deref(), dialect, *markdown, output)
        }
        ExprAction::Test { file } => test(file, output),
    }
}

fn compile(
    source: &str,
    dialect: Dialect,
    names: Option<&dyn Names>,
) -> Result<(Ast, Program), Vec<ExprError>> {
    let ast = expr::parse_in(dialect, source).map_err(|error| vec![error])?;
    let program = expr::bind(&ast, names)?;
    Ok((ast, program))
}

fn eval(
    source: &str,
    dialect: Dialect,
    surroundings: &Surroundings,
    explain: bool,
    output: &Output,
) -> Exit {
    let (ast, program) = match compile(source, dialect, None) {
        Ok(compiled) => compiled,
        Err(errors) => {
            report(source, &errors, output);
            return Exit::Failed;
        }
    };
    if explain {
        show_steps(&steps(&ast, surroundings, &mut SystemRandom), output);
    }
    match program.compute(surroundings, &mut SystemRandom) {
        Ok(_) if program.is_secret() => {
            output.text(SECRET);
            output.object(&json!({ "secret": true }));
            Exit::Done
        }
        Ok(result) => {
            output.text(&shown(&result));
            output.object(&json!({ "result": render(&result) }));
            Exit::Done
        }
        Err(error) => {
            report(source, &[error], output);
            Exit::Failed
        }
    }
}

/// A result on one line.
fn shown(result: &Operand) -> String {
    match result {
        Operand::Null => "nothing".to_owned(),
        Operand::One(model::Value::Boolean(truth)) => truth_word(*truth).to_owned(),
        other => text::printable(&render(other).to_string()),
    }
}

const fn truth_word(truth: bool) -> &'static str {
    if truth { "True" } else { "False" }
}

fn show_steps(steps: &[Step], output: &Output) {
    let mut rows = Vec::new();
    for step in steps {
        let result = match &step.result {
            _ if step.is_secret => SECRET.to_owned(),
            Ok(result) => shown(result),
            Err(error) => format!("error: {}", error.message),
        };
        output.object(&json!({
            "step": step.source,
            "start": step.span.start,
            "end": step.span.end,
            "result": result,
        }));
        rows.push(vec![step.source.clone(), result]);
    }
    output.table(&["part", "result"], &rows);
    if !rows.is_empty() {
        output.text("");
    }
}

/// What the options describe, now.
fn surroundings(
    parts: &[(&'static str, &Option<String>)],
    taken: &[String],
) -> Result<Surroundings, Failure> {
    let mut described = serde_json::Map::new();
    described.insert("taken".to_owned(), json!(taken));
    for (key, argument) in parts {
        let Some(argument) = argument else { continue };
        let text = text_or_file(argument, '{')?;
        let json: Value = serde_json::from_str(&text).map_err(|error| {
            Failure::usage(format!("--{key} is not JSON: {error}"))
                .with_help(r#"write it as '{"name": "value", "several": ["a", "b"]}'"#)
        })?;
        described.insert((*key).to_owned(), json);
    }
    let surroundings = Surroundings::of_vector(&Value::Object(described)).map_err(|error| {
        let message = match error {
            vectors::VectorError::Key { key } => format!("--{key} has something that is no value"),
            other => chain(&other),
        };
        Failure::usage(message).with_help(
            r#"values are texts, whole numbers, true, false, lists, {"bin":"hex"}, {"ref":"dn"} and {"dt":"2026-05-04T10:00:00Z"}"#,
        )
    })?;
    Ok(surroundings.at(SystemClock.now()))
}

/// What the argument says: itself if it begins with `mark`, else the contents of that file.
fn text_or_file(argument: &str, mark: char) -> Result<String, Failure> {
    if argument.trim_start().starts_with(mark) {
        return Ok(argument.to_owned());
    }
    read(Path::new(argument))
}

/// Larger files are hardly what was meant.
const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;

fn read(file: &Path) -> Result<String, Failure> {
    let wrong = |error: &dyn std::fmt::Display| {
        Failure::new(format!("cannot read {}: {error}", text::printable(&file.to_string_lossy())))
    };
    let size = std::fs::metadata(file).map_err(|error| wrong(&error))?.len();
    if size > FILE_BYTES_MAX {
        return Err(wrong(&"it has more than 64 MiB"));
    }
    std::fs::read_to_string(file).map_err(|error| wrong(&error))
}

fn test(file: &Path, output: &Output) -> Result<Exit, Failure> {
    let vectors = vectors::read(&read(file)?)
        .map_err(|error| Failure::new(chain(&error)).with_code(error.code()))?;
    let now = SystemClock.now();
    let mut failed = 0_usize;
    for vector in &vectors {
        let Outcome::Failed { expected, actual } = vector.run(now, &mut SystemRandom) else {
            continue;
        };
        failed += 1;
        output.text(&format!(
            "{}  {}",
            text::printable(&vector.id),
            text::printable(&vector.source)
        ));
        output.text(&format!("  expected {}", text::printable(&expected)));
        output.text(&format!("  actual   {}", text::printable(&actual)));
        output.object(&json!({
            "id": vector.id,
            "expr": vector.source,
            "expected": expected,
            "actual": actual,
        }));
    }
    let passed = vectors.len() - failed;
    output.text(&format!("{passed} passed, {failed} failed"));
    output.object(&json!({ "passed": passed, "failed": failed }));
    Ok(if failed == 0 { Exit::Done } else { Exit::Failed })
}
