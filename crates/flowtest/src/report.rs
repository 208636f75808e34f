//! What became of a test.

use std::fmt;

/// Something that is not as the test says, or the test itself where it makes no sense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The file.
    pub file: String,
    /// The line, from 1; 0 where the whole file is meant.
    pub line: usize,
    /// What is wrong, in one line.
    pub what: String,
    /// What was expected and what is there; the object as it is; advice.
    pub details: Vec<String>,
}

impl Failure {
    pub(crate) const fn new(file: String, line: usize, what: String, details: Vec<String>) -> Self {
        Self { file, line, what, details }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, what, details } = self;
        match line {
            0 => write!(f, "{file}: {what}")?,
            _ => write!(f, "{file}:{line}: {what}")?,
        }
        details.iter().try_for_each(|detail| write!(f, "\n    {detail}"))
    }
}

/// How a test ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Everything is as expected.
    Passed,
    /// Something is not.
    Failed(Vec<Failure>),
    /// The test, or its configuration, makes no sense.
    Malformed(Vec<Failure>),
}

/// What became of a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The test's file.
    pub file: String,
    /// What it says of itself.
    pub description: String,
    /// The requirements it stands for.
    pub ids: Vec<String>,
    /// How it ended.
    pub verdict: Verdict,
    /// Everything there was after each step, for people.
    pub states: Vec<String>,
}

impl Report {
    /// True if everything is as expected.
    #[must_use]
    pub fn has_passed(&self) -> bool {
        self.verdict == Verdict::Passed
    }

    /// What is wrong; nothing for a test that passed.
    #[must_use]
    pub fn failures(&self) -> &[Failure] {
        match &self.verdict {
            Verdict::Passed => &[],
            Verdict::Failed(failures) | Verdict::Malformed(failures) => failures,
        }
    }
}
