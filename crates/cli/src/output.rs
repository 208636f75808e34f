//! What commands print: text for people, or one JSON object per line.

use std::io::{IsTerminal as _, Write as _};

use serde_json::{Value, json};

use crate::failure::Failure;
use crate::text;

/// A cell wider than this does not widen its column.
const COLUMN_WIDTH_MAX: usize = 80;

/// Where a command prints.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    json: bool,
}

impl Output {
    /// Prints text, or JSON when `json`.
    #[must_use]
    pub const fn new(json: bool) -> Self {
        Self { json }
    }

    /// True when the reader is a program.
    #[must_use]
    pub const fn is_json(&self) -> bool {
        self.json
    }

    /// True when a person watches the error stream.
    #[must_use]
    pub fn is_watched(&self) -> bool {
        !self.json && std::io::stderr().is_terminal()
    }

    /// A line of text; nothing when the reader is a program.
    pub fn text(&self, line: &str) {
        if !self.json {
            write_line(line);
        }
    }

    /// A JSON object on a line of its own; nothing when the reader is a person.
    pub fn object(&self, object: &Value) {
        if self.json {
            write_line(&object.to_string());
        }
    }

    /// A table with a heading, or nothing if there are no rows. What is in the cells may come from anywhere: it is made fit for a line.
    pub fn table(&self, heading: &[&str], rows: &[Vec<String>]) {
        if self.json || rows.is_empty() {
            return;
        }
        for line in lines(heading, rows) {
            write_line(&line);
        }
    }

    /// An error for people on the error stream, for programs on the output.
    pub fn error(&self, message: &str, help: Option<&str>, code: Option<&str>) {
        if self.json {
            let error = json!({ "error": { "message": message, "help": help, "code": code } });
            write_line(&error.to_string());
            return;
        }
        let code = code.map(|code| format!("[{code}]")).unwrap_or_default();
        self.note(&format!("error{code}: {message}"));
        if let Some(help) = help {
            self.note(&format!("  help: {help}"));
        }
    }

    /// Something for a person to know, on the error stream.
    pub fn note(&self, line: &str) {
        // Nobody is left to tell when the terminal is gone.
        let _written = writeln!(std::io::stderr(), "{line}");
    }

    /// A failure.
    pub fn failure(&self, failure: &Failure) {
        self.error(&failure.message, failure.help.as_deref(), failure.code);
    }
}

/// The lines of a table: columns two spaces apart, as wide as the terminal shows them. Without a
/// heading there is no line for it.
fn lines(heading: &[&str], rows: &[Vec<String>]) -> Vec<String> {
    let heading: Vec<String> = heading.iter().map(|&h| h.to_owned()).collect();
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| text::printable(cell)).collect()).collect();
    let all = || std::iter::once(&heading).filter(|h| !h.is_empty()).chain(&rows);
    let mut widths = Vec::new();
    for row in all() {
        widths.resize(widths.len().max(row.len()), 0);
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(text::width(cell).min(COLUMN_WIDTH_MAX));
        }
    }
    let line = |row: &Vec<String>| {
        let mut line = String::new();
        for (width, cell) in widths.iter().zip(row) {
            let gap = width.saturating_sub(text::width(cell)) + 2;
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', gap));
        }
        line.trim_end().to_owned()
    };
    all().map(line).collect()
}

// A closed pipe means that the reader has seen enough.
fn write_line(line: &str) {
    let _written = writeln!(std::io::stdout(), "{line}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_whatever_is_in_them() {
        let long = "x".repeat(90);
        let rows = [["李明", "a"], ["🦊", "b"], ["a\u{1b}[31mb\nc", "d"], [&long, "e"]];
        let rows = rows.map(|row| row.map(str::to_owned).to_vec());
        let lines = lines(&["name", "letter"], &rows);
        let gap = |n: usize| " ".repeat(n);
        assert_eq!(lines[0], format!("name{}letter", gap(78)));
        assert_eq!(lines[1], format!("李明{}a", gap(78)));
        assert_eq!(lines[2], format!("🦊{}b", gap(80)));
        assert_eq!(lines[3], format!("a\\u{{1b}}[31mb\\nc{}d", gap(67)));
        assert_eq!(lines[4], format!("{long}  e"));
    }
}
