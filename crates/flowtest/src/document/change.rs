//! Changes that somebody else makes to a connected system.

use super::value::{self, Literals};
use super::{ObjectText, object};
use crate::reader::Reader;

/// One change.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) line: usize,
    pub(crate) system: String,
    pub(crate) kind: ChangeKind,
    /// No delta import ever tells of it.
    pub(crate) is_silent: bool,
}

#[derive(Debug, Clone)]
pub(crate) enum ChangeKind {
    Add(ObjectText),
    Modify { dn: String, set: Literals, add: Literals, remove: Literals, clear: Vec<String> },
    Rename { dn: String, to: String },
    Retype { dn: String, object_type: String },
    Delete { dn: String, with_children: bool },
}

const KINDS: [&str; 5] = ["add", "modify", "rename", "retype", "delete"];

/// Reads a change.
pub(super) fn read(mut reader: Reader<'_>) -> Option<Change> {
    let line = reader.line();
    let system = reader.required_text("system");
    let is_silent = reader.boolean("silent").unwrap_or_default();
    let given: Vec<&str> = KINDS.into_iter().filter(|kind| reader.has(kind)).collect();
    if given.len() != 1 {
        let message = "a change is one of `add`, `modify`, `rename`, `retype` and `delete`";
        reader.page.error(reader.place(), message, None);
        return None;
    }
    let page = reader.page;
    let kind = if let Some(dn) = reader.text("modify") {
        ChangeKind::Modify {
            dn: dn.to_owned(),
            set: value::attributes(page, reader.named("set")),
            add: value::attributes(page, reader.named("add_values")),
            remove: value::attributes(page, reader.named("remove_values")),
            clear: reader.texts("clear").into_iter().map(ToOwned::to_owned).collect(),
        }
    } else if let Some(dn) = reader.text("rename") {
        ChangeKind::Rename { dn: dn.to_owned(), to: reader.required_text("to") }
    } else if let Some(dn) = reader.text("retype") {
        ChangeKind::Retype { dn: dn.to_owned(), object_type: reader.required_text("type") }
    } else if let Some(dn) = reader.text("delete") {
        let with_children = reader.boolean("with_children").unwrap_or_default();
        ChangeKind::Delete { dn: dn.to_owned(), with_children }
    } else {
        ChangeKind::Add(object(&mut reader, "add"))
    };
    reader.finish();
    Some(Change { line, system, kind, is_silent })
}
