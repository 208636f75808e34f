//! Run profiles: named lists of steps. Five of them, one for each type of step, every connector has
//! without a word in its document.

use std::fmt;

use model::Dn;

/// What a step of a run profile does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum StepType {
    /// Reads everything and stages it.
    FullImport,
    /// Reads what changed and stages it.
    DeltaImport,
    /// Synchronizes every object of the connector space.
    FullSync,
    /// Synchronizes what changed.
    DeltaSync,
    /// Sends what is pending.
    Export,
}

impl StepType {
    /// Every type with its word, which is also the name of the profile that consists of it alone.
    pub const ALL: [(&'static str, Self); 5] = [
        ("full-import", Self::FullImport),
        ("delta-import", Self::DeltaImport),
        ("full-sync", Self::FullSync),
        ("delta-sync", Self::DeltaSync),
        ("export", Self::Export),
    ];

    /// The type that a word names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(known, _)| *known == word).map(|(_, step_type)| step_type)
    }

    /// Its word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FullImport => "full-import",
            Self::DeltaImport => "delta-import",
            Self::FullSync => "full-sync",
            Self::DeltaSync => "delta-sync",
            Self::Export => "export",
        }
    }

    /// True for synchronization, which needs no connection.
    #[must_use]
    pub const fn is_sync(self) -> bool {
        matches!(self, Self::FullSync | Self::DeltaSync)
    }

    /// True for imports.
    #[must_use]
    pub const fn is_import(self) -> bool {
        matches!(self, Self::FullImport | Self::DeltaImport)
    }
}

impl fmt::Display for StepType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One step of a run profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileStep {
    /// What it does.
    pub step_type: StepType,
    /// Only objects of this partition.
    pub partition: Option<Dn>,
    /// It ends after so many objects.
    pub object_limit: Option<u64>,
    /// It ends before its first deletion if there are more than so many.
    pub deletion_limit: Option<u64>,
    /// Objects that one transaction covers.
    pub batch_size: Option<usize>,
    /// The file that what is read, or would be sent, is written to.
    pub to_file: Option<String>,
    /// The file that takes the place of the connected system (import) or of the whole stock of
    /// pending exports (export). The same file as `to_file` makes it an audit file: it is written,
    /// and the step goes on.
    pub resume_from_file: Option<String>,
}

impl ProfileStep {
    /// A step of a type and nothing else.
    #[must_use]
    pub const fn new(step_type: StepType) -> Self {
        Self {
            step_type,
            partition: None,
            object_limit: None,
            deletion_limit: None,
            batch_size: None,
            to_file: None,
            resume_from_file: None,
        }
    }

    /// What the step has to do with a file.
    #[must_use]
    pub fn file(&self) -> Option<StepFile<'_>> {
        match (self.to_file.as_deref(), self.resume_from_file.as_deref()) {
            (None, None) => None,
            (Some(name), None) => Some(StepFile { name, is_written: true, is_carried_out: false }),
            (None, Some(name)) => Some(StepFile { name, is_written: false, is_carried_out: true }),
            (Some(name), Some(_)) => {
                Some(StepFile { name, is_written: true, is_carried_out: true })
            }
        }
    }

    /// True if the step talks to the connected system.
    #[must_use]
    pub fn needs_connection(&self) -> bool {
        match self.step_type {
            StepType::FullSync | StepType::DeltaSync => false,
            StepType::FullImport | StepType::DeltaImport => {
                self.file().is_none_or(|file| file.is_written)
            }
            StepType::Export => true,
        }
    }
}

/// A step's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StepFile<'a> {
    /// Its name in the connector's folder.
    pub name: &'a str,
    /// The step writes it; otherwise it reads it.
    pub is_written: bool,
    /// The step does its work; otherwise it ends when the file is written.
    pub is_carried_out: bool,
}

impl fmt::Display for ProfileStep {
    /// The step in the words of its document.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.step_type)?;
        if let Some(partition) = &self.partition {
            write!(f, ", partition {partition}")?;
        }
        if let Some(limit) = self.object_limit {
            write!(f, ", object_limit {limit}")?;
        }
        if let Some(limit) = self.deletion_limit {
            write!(f, ", deletion_limit {limit}")?;
        }
        if let Some(size) = self.batch_size {
            write!(f, ", batch_size {size}")?;
        }
        if let Some(name) = &self.to_file {
            write!(f, ", to_file {name}")?;
        }
        if let Some(name) = &self.resume_from_file {
            write!(f, ", resume_from_file {name}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_described_in_the_words_of_its_document() {
        let mut step = ProfileStep::new(StepType::FullImport);
        assert_eq!(step.to_string(), "full-import");
        step.object_limit = Some(5);
        step.to_file = Some("a.jsonl".to_owned());
        assert_eq!(step.to_string(), "full-import, object_limit 5, to_file a.jsonl");
    }

    #[test]
    fn only_what_meets_the_connected_system_needs_a_connection() {
        let needs = |step_type, to: bool, from: bool| {
            let file = |wanted: bool| wanted.then(|| "a.jsonl".to_owned());
            let step = ProfileStep::new(step_type);
            ProfileStep { to_file: file(to), resume_from_file: file(from), ..step }
                .needs_connection()
        };
        assert!(needs(StepType::FullImport, false, false));
        assert!(needs(StepType::FullImport, true, false));
        assert!(needs(StepType::FullImport, true, true));
        assert!(!needs(StepType::FullImport, false, true));
        assert!(needs(StepType::Export, false, true));
        assert!(!needs(StepType::DeltaSync, false, false));
    }
}
