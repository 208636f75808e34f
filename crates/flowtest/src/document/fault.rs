//! Faults that a connected system, or the process, is told to have.

use connector::{DiscoveryErrorType, ErrorKind, ExportErrorType};

use super::value::{self, Literals};
use super::{ObjectText, object};
use crate::crash::Fate;
use crate::reader::Reader;
use crate::words;

/// One fault.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) line: usize,
    /// The system; `None` for what happens to the process itself.
    pub(crate) system: Option<String>,
    pub(crate) on: Event,
    /// Only at the event with this number in a run, from 1.
    pub(crate) number: Option<u64>,
    /// Only at this object.
    pub(crate) object: Option<String>,
    /// How often; `None` until it is mended.
    pub(crate) times: Option<u64>,
    pub(crate) effect: Effect,
}

/// What a fault waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    OpenImport,
    Page,
    Entry,
    Fetch,
    OpenExport,
    Operation,
    Commit,
}

impl Event {
    const ALL: [(&'static str, Self); 7] = [
        ("open-import", Self::OpenImport),
        ("page", Self::Page),
        ("entry", Self::Entry),
        ("fetch", Self::Fetch),
        ("open-export", Self::OpenExport),
        ("operation", Self::Operation),
        ("commit", Self::Commit),
    ];

    fn may_be(self, effect: &Effect) -> bool {
        match effect {
            Effect::Error { .. } => !matches!(self, Self::Entry | Self::Commit),
            Effect::Incomplete(_) | Effect::Deliver(_) => matches!(self, Self::Page),
            Effect::Discovery { .. }
            | Effect::Hide
            | Effect::Twice
            | Effect::ChangeOnly
            | Effect::Show(_) => {
                matches!(self, Self::Entry)
            }
            Effect::Anchorless => matches!(self, Self::Entry | Self::Operation),
            Effect::Refuse { .. }
            | Effect::Lost { .. }
            | Effect::Ignore(_)
            | Effect::Store(_)
            | Effect::PlaceAt(_) => matches!(self, Self::Operation),
            Effect::Crash { is_after, .. } => {
                matches!(self, Self::Operation | Self::Commit) || self == Self::Page && !is_after
            }
        }
    }
}

/// What happens.
#[derive(Debug, Clone)]
pub(crate) enum Effect {
    /// The call fails as a whole.
    Error { kind: ErrorKind, message: String },
    /// The read ends with this page and says that it is not complete.
    Incomplete(String),
    /// The page has these entries on top.
    Deliver(Vec<Raw>),
    /// The entry cannot be read.
    Discovery { error_type: DiscoveryErrorType, message: String },
    /// The entry is left out, silently.
    Hide,
    /// The entry comes twice.
    Twice,
    /// The entry comes as a change to an object that is taken for known.
    ChangeOnly,
    /// The entry comes with other values.
    Show(Literals),
    /// The entry, or the answer to the operation, comes without the anchor.
    Anchorless,
    /// The operation is refused.
    Refuse { error_type: ExportErrorType, code: Option<String>, message: String },
    /// The answer is lost, and the connection with it.
    Lost { is_applied: bool },
    /// Success is answered, and these attributes, `dn` or `object`, are left as they were.
    Ignore(Vec<String>),
    /// Other values than those written are stored.
    Store(Literals),
    /// The new object gets another DN than asked for.
    PlaceAt(String),
    /// The process ends, before or after the event.
    Crash { is_after: bool, fate: Fate },
}

/// An entry that is in no system.
#[derive(Debug, Clone)]
pub(crate) struct Raw {
    pub(crate) object: ObjectText,
    /// It says that the object with this anchor is gone.
    pub(crate) is_deletion: bool,
}

/// Reads a fault.
pub(super) fn read(mut reader: Reader<'_>) -> Option<Fault> {
    let line = reader.line();
    reader.require("on");
    let on = reader.word("on", &Event::ALL)?;
    let system = reader.text("system").map(ToOwned::to_owned);
    if on == Event::Commit && system.is_some() {
        reader.page.error(reader.place(), "a commit is of the process, not of a system", None);
    } else if on != Event::Commit {
        reader.require("system");
    }
    let number = reader.number("number");
    let object = reader.text("object").map(ToOwned::to_owned);
    let always = reader.boolean("always").unwrap_or_default();
    let times = reader.number("times").unwrap_or(1);
    let effect = read_effect(&mut reader);
    if effect.as_ref().is_some_and(|effect| !on.may_be(effect)) {
        let message = "this cannot happen at such an event";
        reader.page.error(reader.place(), message, None);
    }
    reader.finish();
    let times = (!always).then_some(times);
    Some(Fault { line, system, on, number, object, times, effect: effect? })
}

const EFFECTS: [&str; 15] = [
    "error",
    "incomplete",
    "deliver",
    "discovery",
    "hide",
    "twice",
    "change_only",
    "show",
    "anchorless",
    "refuse",
    "lost",
    "ignore",
    "store",
    "place_at",
    "hang",
];

fn read_effect(reader: &mut Reader<'_>) -> Option<Effect> {
    let effects = EFFECTS.into_iter().chain(["crash"]);
    if effects.filter(|effect| reader.has(effect)).count() != 1 {
        let message = "a fault has one effect";
        let help = format!("one of {} and crash", EFFECTS.join(", "));
        reader.page.error(reader.place(), message, Some(help));
        return None;
    }
    let message = reader.text("message").unwrap_or("a fault of the test").to_owned();
    let page = reader.page;
    if let Some(kind) = reader.word("error", &words::ERROR_KINDS) {
        return Some(Effect::Error { kind, message });
    }
    if let Some(reason) = reader.text("incomplete") {
        return Some(Effect::Incomplete(reason.to_owned()));
    }
    if let Some(error_type) = reader.word("discovery", &words::DISCOVERY_ERRORS) {
        return Some(Effect::Discovery { error_type, message });
    }
    for (key, effect) in [
        ("hide", Effect::Hide),
        ("twice", Effect::Twice),
        ("change_only", Effect::ChangeOnly),
        ("anchorless", Effect::Anchorless),
    ] {
        if reader.boolean(key) == Some(true) {
            return Some(effect);
        }
    }
    if let Some(error_type) = reader.word("refuse", &words::EXPORT_ERRORS) {
        let code = reader.text("code").map(ToOwned::to_owned);
        return Some(Effect::Refuse { error_type, code, message });
    }
    if let Some(is_applied) = reader.word("lost", &[("applied", true), ("not-applied", false)]) {
        return Some(Effect::Lost { is_applied });
    }
    for (key, fate) in [("crash", Fate::Ended), ("hang", Fate::Hanging)] {
        if let Some(is_after) = reader.word(key, &[("before", false), ("after", true)]) {
            return Some(Effect::Crash { is_after, fate });
        }
    }
    if reader.has("deliver") {
        let raw = reader.tables("deliver").into_iter().map(|mut table| {
            let is_deletion = table.boolean("deleted").unwrap_or_default();
            let object = object(&mut table, "dn");
            table.finish();
            Raw { object, is_deletion }
        });
        return Some(Effect::Deliver(raw.collect()));
    }
    if let Some(dn) = reader.text("place_at") {
        return Some(Effect::PlaceAt(dn.to_owned()));
    }
    if reader.has("show") {
        return Some(Effect::Show(value::attributes(page, reader.named("show"))));
    }
    if reader.has("store") {
        return Some(Effect::Store(value::attributes(page, reader.named("store"))));
    }
    let ignored = reader.texts("ignore");
    (!ignored.is_empty())
        .then(|| Effect::Ignore(ignored.into_iter().map(ToOwned::to_owned).collect()))
}
