//! What is wrong with a configuration, with its place: a neutral form that any face can show, and
//! a plain-text rendering of it.

use std::fmt::{self, Write as _};
use std::ops::Range;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The configuration cannot be used.
    Error,
    /// It can be used, but hardly does what was meant.
    Warning,
}

impl Severity {
    /// The word renderings begin with.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The stable code, e.g. `CFG-0101`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, lower case without full stop.
    pub message: String,
    /// The file, as [`crate::SourceFile::path`] gives it.
    pub file: String,
    /// Where in the file, in bytes; `None` when the file as a whole is meant.
    pub span: Option<Range<usize>>,
    /// The line of the span's start, from 1.
    pub line: usize,
    /// The column of the span's start in characters, from 1.
    pub column: usize,
    /// What the marked place is; may be empty.
    pub label: String,
    /// What to do about it.
    pub help: Option<String>,
    /// The line seems to hold a secret that should have been a reference: show the place, never the
    /// text.
    pub is_confidential: bool,
}

impl Diagnostic {
    /// Says what the marked place is.
    #[must_use]
    pub(crate) fn with_label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Says what to do.
    #[must_use]
    pub(crate) fn with_help(mut self, help: impl Into<Option<String>>) -> Self {
        self.help = help.into();
        self
    }

    /// True for an error.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// The finding as plain text of several lines, with the source line if the file's `text` is
    /// given. Ends with a line end.
    #[must_use]
    pub fn render(&self, text: Option<&str>) -> String {
        let mut out = String::new();
        // Writing into a string cannot fail.
        let _ = self.write(&mut out, text);
        out
    }

    fn write(&self, out: &mut String, text: Option<&str>) -> fmt::Result {
        let Self { code, severity, message, file, line, column, .. } = self;
        writeln!(out, "{}[{code}]: {message}", severity.as_str())?;
        let Some(span) = &self.span else {
            writeln!(out, " --> {file}")?;
            return self.write_help(out, 1);
        };
        let width = line.to_string().len();
        writeln!(out, "{:width$}--> {file}:{line}:{column}", "")?;
        let text = text.filter(|_| !self.is_confidential);
        if let Some(source) = text.and_then(|text| text.lines().nth(line.saturating_sub(1))) {
            let before = column.saturating_sub(1);
            let rest = source.chars().count().saturating_sub(before);
            let marked = text.and_then(|text| text.get(span.clone())).unwrap_or_default();
            let length = marked.lines().next().unwrap_or_default().chars().count();
            let marks = "^".repeat(length.min(rest).max(1));
            let shown = source.replace('\t', " ");
            writeln!(out, "{:width$} |", "")?;
            writeln!(out, "{line:width$} | {shown}")?;
            let marking = format!("{:before$}{marks} {}", "", self.label);
            writeln!(out, "{:width$} | {}", "", marking.trim_end())?;
        }
        self.write_help(out, width)
    }

    fn write_help(&self, out: &mut String, width: usize) -> fmt::Result {
        match &self.help {
            Some(help) => writeln!(out, "{:width$} = help: {help}", ""),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { code, message, file, line, column, .. } = self;
        match self.span {
            Some(_) => write!(f, "{code}: {message} ({file}:{line}:{column})"),
            None => write!(f, "{code}: {message} ({file})"),
        }
    }
}

/// A file while it is being checked: makes diagnostics with line and column.
#[derive(Debug, Clone, Copy)]
pub(crate) struct File<'a> {
    pub(crate) path: &'a str,
    pub(crate) text: &'a str,
}

impl File<'_> {
    /// An error at `span`.
    pub(crate) fn error(
        self,
        code: &'static str,
        span: impl Into<Option<Range<usize>>>,
        message: impl Into<String>,
    ) -> Diagnostic {
        self.diagnostic(Severity::Error, code, span.into(), &message.into())
    }

    /// A warning at `span`.
    pub(crate) fn warning(
        self,
        code: &'static str,
        span: impl Into<Option<Range<usize>>>,
        message: impl Into<String>,
    ) -> Diagnostic {
        self.diagnostic(Severity::Warning, code, span.into(), &message.into())
    }

    fn diagnostic(
        self,
        severity: Severity,
        code: &'static str,
        span: Option<Range<usize>>,
        message: &str,
    ) -> Diagnostic {
        let span = span.map(|span| clamp(self.text, &span));
        let start = span.as_ref().map_or(0, |span| span.start);
        let (line, column) = position(self.text, start);
        let file = self.path.to_owned();
        let is_confidential = self.text.lines().nth(line.saturating_sub(1)).is_some_and(has_secret);
        Diagnostic {
            code,
            severity,
            message: one_line(message),
            file,
            span,
            line,
            column,
            label: String::new(),
            help: None,
            is_confidential,
        }
    }
}

/// A message that quotes from a document stays one line.
fn one_line(message: &str) -> String {
    let escaped = |c: char| match c.is_control() {
        true => c.escape_default().to_string(),
        false => c.to_string(),
    };
    message.chars().map(escaped).collect()
}

/// True if a line sets something that sounds secret to plain text, or has an address with a
/// password. A reference such as `{ env = "NAME" }` is not secret.
fn has_secret(line: &str) -> bool {
    let lower = line.to_lowercase();
    let mut parts = lower.split('=').peekable();
    while let Some(part) = parts.next() {
        let key: Vec<&str> = part.split_whitespace().collect();
        let key = key.last().copied().unwrap_or_default();
        let sounds_secret = ["secret", "password", "passphrase", "token", "key"]
            .iter()
            .any(|word| key.trim_matches(['"', '\'']).ends_with(word));
        let is_text = parts.peek().is_some_and(|value| value.trim_start().starts_with(['"', '\'']));
        if sounds_secret && is_text {
            return true;
        }
    }
    lower.split_once("://").is_some_and(|(_, rest)| {
        let authority = rest.split(['/', '"', '\'']).next().unwrap_or_default();
        authority.split_once('@').is_some_and(|(user, _)| user.contains(':'))
    })
}

/// The nearest stretch whose ends lie in the text, between characters.
fn clamp(text: &str, span: &Range<usize>) -> Range<usize> {
    let down = |at: usize| (0..=at.min(text.len())).rev().find(|i| text.is_char_boundary(*i));
    let start = down(span.start).unwrap_or_default();
    start..down(span.end).unwrap_or_default().max(start)
}

/// Line and column of a byte, from 1.
pub(crate) fn position(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or_default();
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.matches('\n').count() + 1;
    let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
    (line, column)
}

/// Orders findings by file, then position; of equals one is kept.
pub(crate) fn sort(found: &mut Vec<Diagnostic>) {
    let start = |d: &Diagnostic| d.span.as_ref().map_or(0, |span| span.start);
    found.sort_by(|a, b| {
        let key = |d: &Diagnostic| (d.severity, d.code);
        (&a.file, start(a), key(a), &a.message).cmp(&(&b.file, start(b), key(b), &b.message))
    });
    found.dedup();
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "first = 1\n\tname = \"mül\" # über\r\nlast = [\n1]\n";

    fn check(span: Option<Range<usize>>, expected: &str) {
        let file = File { path: "rules/x.toml", text: TEXT };
        let found = file.error("CFG-0000", span, "wrong").with_label("here");
        let found = found.with_help("right it".to_owned());
        assert_eq!(found.render(Some(TEXT)), expected);
    }

    #[test]
    fn columns_count_characters_and_marks_stay_on_the_line() {
        let at = TEXT.find("\"mül\"").unwrap();
        check(
            Some(at..at + 6),
            "error[CFG-0000]: wrong\n --> rules/x.toml:2:9\n  |\n2 |  name = \"mül\" # über\n  |         ^^^^^ here\n  = help: right it\n",
        );
        let at = TEXT.find('[').unwrap();
        check(
            Some(at..TEXT.len()),
            "error[CFG-0000]: wrong\n --> rules/x.toml:3:8\n  |\n3 | last = [\n  |        ^ here\n  = help: right it\n",
        );
    }

    #[test]
    fn places_outside_the_text_are_moved_into_it() {
        let inside = TEXT.find('ü').unwrap() + 1;
        for span in [inside..inside, TEXT.len() + 5..TEXT.len() + 9, Range { start: 3, end: 1 }] {
            let file = File { path: "x.toml", text: TEXT };
            let found = file.warning("CFG-0000", span, "wrong");
            assert!(!found.is_error());
            assert!(found.render(Some(TEXT)).contains("wrong"));
        }
        check(None, "error[CFG-0000]: wrong\n --> rules/x.toml\n  = help: right it\n");
    }

    #[test]
    fn lines_with_secrets_are_not_shown() {
        for secret in [
            "client_secret = \"x\"",
            "bind = { user = \"u\", password=\"x\" }",
            "\"API_KEY\" = 'x'",
            "password = \"x",
            "url = \"postgres://u:x@db/proxeny\"",
        ] {
            let file = File { path: "x.toml", text: secret };
            let shown = file.error("CFG-0000", 0..3, "wrong").render(Some(secret));
            assert_eq!(shown, "error[CFG-0000]: wrong\n --> x.toml:1:1\n", "{secret}");
        }
        for plain in [
            "client_secret = { env = \"NAME\" }",
            "bind = { user = \"u\", password = { file = \"x\" } }",
            "url = \"https://x.contoso.com/a:b@c\"",
            "to = \"unicodePwd\"",
        ] {
            assert!(!has_secret(plain), "{plain}");
        }
    }
}
