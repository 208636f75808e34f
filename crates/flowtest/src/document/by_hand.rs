//! What an administrator does by hand: decisions of the account joiner.

use super::expect;
use super::{Selector, step::Unsupported};
use crate::reader::Reader;

/// A decision about one object of a connector space.
#[derive(Debug, Clone)]
pub(crate) struct ByHand {
    pub(crate) line: usize,
    pub(crate) system: String,
    pub(crate) dn: String,
    pub(crate) verb: Verb,
}

/// What is decided.
#[derive(Debug, Clone)]
pub(crate) enum Verb {
    /// Linked to this metaverse object.
    Join(Selector),
    /// Projected as this type.
    Project(String),
    /// Disconnected.
    Disconnect { is_explicit: bool },
    /// Explicit or normal from now on.
    Set { is_explicit: bool },
}

impl Verb {
    /// Its word.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::Join(_) => "join",
            Self::Project(_) => "project",
            Self::Disconnect { .. } => "disconnect",
            Self::Set { is_explicit: true } => "make-explicit",
            Self::Set { is_explicit: false } => "make-normal",
        }
    }
}

const WORDS: [(&str, &str); 5] = [
    ("join", "join"),
    ("project", "project"),
    ("disconnect", "disconnect"),
    ("make-explicit", "make-explicit"),
    ("make-normal", "make-normal"),
];

/// Reads one decision.
pub(super) fn read(mut reader: Reader<'_>) -> Option<ByHand> {
    let line = reader.line();
    let system = reader.required_text("system");
    let dn = reader.required_text("dn");
    reader.require("do");
    let verb = match reader.word("do", &WORDS) {
        Some("join") => {
            reader.require("to");
            reader.table("to").map(expect::selector_alone).map(Verb::Join)
        }
        Some("project") => Some(Verb::Project(reader.required_text("type"))),
        Some("disconnect") => {
            let is_explicit = reader.word("as", &[("explicit", true), ("normal", false)]);
            Some(Verb::Disconnect { is_explicit: is_explicit.unwrap_or(true) })
        }
        Some(word) => Some(Verb::Set { is_explicit: word == "make-explicit" }),
        None => None,
    };
    reader.finish();
    Some(ByHand { line, system, dn, verb: verb? })
}

/// Reads what the engine cannot do yet.
pub(super) fn read_unsupported(reader: &mut Reader<'_>) -> Vec<Unsupported> {
    let mut found = Vec::new();
    for mut preview in reader.tables("preview") {
        let line = preview.line();
        let (system, dn) = (preview.required_text("system"), preview.required_text("dn"));
        let mode = preview.word("mode", &[("full", "full"), ("delta", "delta")]).unwrap_or("full");
        preview.boolean("commit");
        preview.finish();
        let what = format!("the engine cannot preview {dn} of {system} ({mode}) yet");
        found.push(Unsupported { line, what });
    }
    found
}
