//! Files that stand for a connected system: what an import has read, or what an export would send,
//! one JSON object a line.
//!
//! A file begins with a line that says what it is and whose, and lies in the folder `files` of the
//! deployment, in one of the connector's name. It is written beside its place and moved there when
//! it is whole. Secrets are in none: they are drawn when they are sent.

mod entry;
mod operation;
mod value;

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{BufRead as _, BufReader, BufWriter, ErrorKind, Lines, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::PathBuf;

use rules::ProfileStep;
use serde_json::{Value, json};

use crate::error::StepError;
use crate::result::StepResult;
use crate::setup::ConnectorSetup;

pub(crate) use entry::{read_line, write_page};
pub(crate) use operation::{describe, object_of};

/// The folder of the deployment that connectors' folders are in.
const FOLDER: &str = "files";
/// The version of what lines say.
const VERSION: u64 = 1;

/// A step's file and what it is for.
pub(crate) struct StepPath {
    pub(crate) is_written: bool,
    pub(crate) is_carried_out: bool,
    folder: PathBuf,
    name: String,
    header: Value,
}

impl StepPath {
    /// The file of a step; `None` if it has none.
    pub(crate) fn of(setup: &ConnectorSetup, step: &ProfileStep) -> Option<Self> {
        let file = step.file()?;
        let folder = setup.document.config.folder.join(FOLDER).join(setup.name.as_str());
        let header = json!({
            "proxeny": step.step_type.as_str(),
            "version": VERSION,
            "connector": setup.name.as_str(),
        });
        Some(Self {
            is_written: file.is_written,
            is_carried_out: file.is_carried_out,
            folder,
            name: file.name.to_owned(),
            header,
        })
    }

    fn path(&self) -> PathBuf {
        self.folder.join(&self.name)
    }

    /// Begins to write the file. Nobody but its owner may read it: it holds personal data.
    pub(crate) fn create(&self) -> Result<LineWriter, StepError> {
        let refused = |error| failed(StepResult::NoStartFileAccessDenied, "write", self, &error);
        DirBuilder::new().recursive(true).mode(0o700).create(&self.folder).map_err(refused)?;
        let partial = self.folder.join(format!("{}.partial", self.name));
        let mut options = OpenOptions::new();
        let file = options.write(true).create(true).truncate(true).mode(0o600).open(&partial);
        let out = BufWriter::new(file.map_err(refused)?);
        let mut writer = LineWriter { out, partial, path: self.path() };
        writer.line(&self.header)?;
        Ok(writer)
    }

    /// Opens the file and proves that it is this connector's, of this type of step.
    pub(crate) fn open(&self) -> Result<LineReader, StepError> {
        let file = File::open(self.path()).map_err(|error| {
            let result = match error.kind() {
                ErrorKind::NotFound => StepResult::NoStartFileNotFound,
                _ => StepResult::NoStartFileAccessDenied,
            };
            failed(result, "read", self, &error)
        })?;
        let mut reader =
            LineReader { lines: BufReader::new(file).lines(), number: 0, name: self.name.clone() };
        let header = reader.next_line().unwrap_or_default();
        if header.as_ref() == Some(&self.header) {
            return Ok(reader);
        }
        let message = format!(
            "the file {} was not written by such a step of this connector",
            self.path().display()
        );
        let result = StepResult::NoStartFileContainsIncorrectStepType;
        Err(StepError::ended(result, "ENG-0106", message))
    }
}

fn failed(result: StepResult, verb: &str, file: &StepPath, error: &std::io::Error) -> StepError {
    let message = format!("cannot {verb} the file {}: {error}", file.path().display());
    StepError::ended(result, "ENG-0105", message)
}

/// A file being written.
pub(crate) struct LineWriter {
    out: BufWriter<File>,
    partial: PathBuf,
    path: PathBuf,
}

impl LineWriter {
    /// Adds a line.
    pub(crate) fn line(&mut self, line: &Value) -> Result<(), StepError> {
        writeln!(self.out, "{line}").map_err(|error| self.failed(&error))
    }

    /// Makes the file whole and puts it in its place.
    pub(crate) fn finish(mut self) -> Result<(), StepError> {
        let written = self.out.flush().and_then(|()| self.out.get_ref().sync_all());
        let placed = written.and_then(|()| std::fs::rename(&self.partial, &self.path));
        placed.map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &std::io::Error) -> StepError {
        let message = format!("cannot write the file {}: {error}", self.path.display());
        StepError::ended(StepResult::StoppedFileError, "ENG-0105", message)
    }
}

/// A file being read.
pub(crate) struct LineReader {
    lines: Lines<BufReader<File>>,
    number: usize,
    name: String,
}

impl LineReader {
    /// The next line; `None` at the end.
    ///
    /// # Errors
    /// What is wrong with the line, with its number.
    pub(crate) fn next_line(&mut self) -> Result<Option<Value>, String> {
        let Some(line) = self.lines.next() else { return Ok(None) };
        self.number += 1;
        let line = line.map_err(|error| self.wrong(&error.to_string()))?;
        serde_json::from_str(&line).map(Some).map_err(|error| self.wrong(&error.to_string()))
    }

    /// What is wrong with the line that came last.
    pub(crate) fn wrong(&self, problem: &str) -> String {
        format!("line {} of the file {}: {problem}", self.number, self.name)
    }
}
