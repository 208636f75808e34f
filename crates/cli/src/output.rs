//! What commands print: text for people, or one JSON object per line.

use std::io::{IsTerminal as _, Write as _};

use serde_json::{Value, json};

use crate::failure::Failure;

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

    /// A table with a heading.
    pub fn table(&self, heading: &[&str], rows: &[Vec<String>]) {
        if self.json {
            return;
        }
        let mut widths: Vec<usize> = heading.iter().map(|h| h.chars().count()).collect();
        for row in rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let line = |cells: Vec<&str>| {
            let padded: Vec<String> =
                cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
            padded.join("  ").trim_end().to_owned()
        };
        write_line(&line(heading.to_vec()));
        for row in rows {
            write_line(&line(row.iter().map(String::as_str).collect()));
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

// A closed pipe means that the reader has seen enough.
fn write_line(line: &str) {
    let _written = writeln!(std::io::stdout(), "{line}");
}
