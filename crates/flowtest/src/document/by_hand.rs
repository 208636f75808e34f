//! What an administrator does by hand: decisions of the account joiner, and previews.

use super::{Selector, expect};
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

/// A preview, or the synchronization of one object alone.
#[derive(Debug, Clone)]
pub(crate) struct Look {
    pub(crate) line: usize,
    pub(crate) system: String,
    pub(crate) dn: String,
    pub(crate) is_full: bool,
    /// The object is synchronized.
    pub(crate) commits: bool,
    /// The counter that a preview shows; `none` where the object would not be visited or counted.
    pub(crate) counter: Option<String>,
    /// The error that a preview shows, or `none`.
    pub(crate) error: Option<String>,
    /// What the deletion rule says in a preview.
    pub(crate) deletion: Option<String>,
}

/// Reads one preview.
pub(super) fn read_look(mut reader: Reader<'_>) -> Look {
    let look = Look {
        line: reader.line(),
        system: reader.required_text("system"),
        dn: reader.required_text("dn"),
        is_full: reader.word("mode", &[("full", true), ("delta", false)]).unwrap_or(true),
        commits: reader.boolean("commit").unwrap_or_default(),
        counter: reader.text("counter").map(ToOwned::to_owned),
        error: reader.text("error").map(ToOwned::to_owned),
        deletion: reader.text("deletion").map(ToOwned::to_owned),
    };
    reader.finish();
    look
}
