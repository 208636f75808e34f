//! Errors and warnings about an expression, with their place.

use expr::lint::Lint;
use expr::translate::Inexact;
use expr::vectors::kind_word;
use expr::{ExprError, Span};
use rules::{Diagnostic, Severity};
use serde_json::json;

use crate::output::Output;

/// What diagnostics name as the file.
const EXPRESSION: &str = "expression";

/// Prints errors.
pub(super) fn report(source: &str, errors: &[ExprError], output: &Output) {
    for error in errors {
        let diagnostic = Diagnostic {
            severity: Severity::Error,
            message: error.message.clone(),
            help: error.help.clone(),
            ..at(source, error.span, error.code())
        };
        print(source, &diagnostic, kind_word(error.kind), output);
    }
}

/// Prints warnings.
pub(super) fn warn(source: &str, lints: &[Lint], output: &Output) {
    for lint in lints {
        let diagnostic = Diagnostic {
            message: lint.message.clone(),
            help: lint.help.clone(),
            ..at(source, lint.span, lint.code())
        };
        print(source, &diagnostic, "lint", output);
    }
}

/// Prints why there is no translation.
pub(super) fn refuse(source: &str, reasons: &[Inexact], output: &Output) {
    for reason in reasons {
        let diagnostic = Diagnostic {
            severity: Severity::Error,
            message: reason.message.clone(),
            help: reason.help.clone(),
            ..at(source, reason.span, reason.code())
        };
        print(source, &diagnostic, "inexact", output);
    }
}

/// A warning that says nothing yet.
fn at(source: &str, span: Span, code: &'static str) -> Diagnostic {
    let before = source.get(..span.start).unwrap_or(source);
    Diagnostic {
        code,
        severity: Severity::Warning,
        message: String::new(),
        file: EXPRESSION.to_owned(),
        span: Some(span.start..span.end),
        line: before.matches('\n').count() + 1,
        column: before.rsplit('\n').next().unwrap_or_default().chars().count() + 1,
        label: String::new(),
        help: None,
        is_confidential: false,
    }
}

fn print(source: &str, diagnostic: &Diagnostic, kind: &str, output: &Output) {
    if output.is_json() {
        output.object(&json!({
            "severity": diagnostic.severity.as_str(),
            "code": diagnostic.code,
            "kind": kind,
            "message": diagnostic.message,
            "line": diagnostic.line,
            "column": diagnostic.column,
            "help": diagnostic.help,
        }));
    } else {
        output.note(diagnostic.render(Some(source)).trim_end());
    }
}
