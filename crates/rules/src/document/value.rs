//! Values that several documents have: versions, times, sizes, files, references to secrets, and
//! the rule that no text holds a control character.

use std::path::PathBuf;

use connector::SecretSource;

use crate::code;
use crate::diagnostic::{Diagnostic, File};
use crate::node::{Entry, Node, NodeKind, Spanned};
use crate::reader::Reader;

/// The version of documents that this program reads.
const VERSION: i64 = 1;

/// True if the document has the version this program reads.
pub(super) fn read_version(reader: &mut Reader<'_>, root: &Node) -> bool {
    let Some(entry) = reader.entry("version") else {
        let first = root.entries().first().map(|entry| entry.key_span.clone());
        let error = reader.file.error(code::MISSING_KEY, first, "`version` is missing");
        let help = format!("begin the document with `version = {VERSION}`");
        reader.report(error.with_help(help));
        return true;
    };
    let span = entry.node.span.clone();
    if entry.node.kind == NodeKind::Integer(VERSION) {
        return true;
    }
    let message = format!("this program reads configurations of version {VERSION} only");
    reader.report(reader.file.error(code::VERSION, span, message));
    false
}

/// Reports every control character below `node`: most of these texts end up in headers, in logs or
/// in the configuration of Kerberos, where a line end would begin something new.
pub(super) fn refuse_control(file: File<'_>, node: &Node, found: &mut Vec<Diagnostic>) {
    let mut check = |text: &str, span: &std::ops::Range<usize>| {
        if text.chars().any(char::is_control) {
            let message = "there is a line end or another control character in this text";
            found.push(file.error(code::CONTROL_CHARACTER, span.clone(), message));
        }
    };
    match &node.kind {
        NodeKind::Text(text) => check(text, &node.span),
        NodeKind::Table(entries) => {
            for entry in entries {
                check(&entry.key, &entry.key_span);
            }
            entries.iter().for_each(|entry| refuse_control(file, &entry.node, found));
        }
        NodeKind::List(items) => items.iter().for_each(|item| refuse_control(file, item, found)),
        NodeKind::Integer(_) | NodeKind::Boolean(_) | NodeKind::Other(_) => {}
    }
}

/// A file's name, if given.
pub(super) fn path(table: &mut Reader<'_>, name: &'static str) -> Option<PathBuf> {
    table.filled_text(name).map(|text| PathBuf::from(text.value))
}

/// A file's name that must be given.
pub(super) fn required_path(table: &mut Reader<'_>, name: &'static str) -> Option<PathBuf> {
    table.required(name)?;
    path(table, name)
}

/// A time, if given, in seconds.
pub(super) fn seconds(table: &mut Reader<'_>, name: &'static str) -> Option<Spanned<u64>> {
    let text = table.text(name)?;
    let value = seconds_in(table, &text, "a time")?;
    Some(Spanned { value, span: text.span })
}

/// The seconds that `text` says; `what` names them, e.g. `a pause`.
pub(super) fn seconds_in(table: &mut Reader<'_>, text: &Spanned<&str>, what: &str) -> Option<u64> {
    let units = [("s", 1), ("min", 60), ("h", 3600)];
    let seconds = amount(text.value, &units);
    if seconds.is_none() {
        let message = format!("`{}` is not {what}", text.value);
        let error = table.file.error(code::BAD_VALUE, text.span.clone(), message);
        let help = "a number and a unit: \"30 s\", \"5 min\" or \"1 h\"".to_owned();
        table.report(error.with_help(help));
    }
    seconds
}

/// A size, if given, in octets.
pub(super) fn octets(table: &mut Reader<'_>, name: &'static str) -> Option<u64> {
    let text = table.text(name)?;
    let units = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)];
    let octets = amount(text.value, &units);
    if octets.is_none() {
        let message = format!("`{}` is not a size", text.value);
        let error = table.file.error(code::BAD_VALUE, text.span, message);
        let help = "a number and a unit: \"512 KiB\", \"100 MiB\" or \"2 GiB\"".to_owned();
        table.report(error.with_help(help));
    }
    octets
}

/// A number above zero with one of the units.
fn amount(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let unit_at = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, written) = text.split_at_checked(unit_at)?;
    let (_, factor) = units.iter().find(|(unit, _)| *unit == written.trim())?;
    let amount = number.parse::<u64>().ok()?.checked_mul(*factor)?;
    (amount > 0).then_some(amount)
}

/// A reference to a secret, if given.
pub(super) fn secret(table: &mut Reader<'_>, name: &'static str) -> Option<SecretSource> {
    let entry = table.entry(name)?;
    if is_reference(entry.node.entries()) {
        return secret_in(table, name, &entry.node);
    }
    let message = format!(
        "`{name}` must be a reference such as {{ env = \"NAME\" }} or {{ file = \"PATH\" }}"
    );
    table.report(table.file.error(code::SECRET_REFERENCE, entry.span(), message));
    None
}

/// A reference to a secret that must be given.
pub(super) fn required_secret(table: &mut Reader<'_>, name: &'static str) -> Option<SecretSource> {
    table.required(name)?;
    secret(table, name)
}

/// True if a table can only be meant as a reference to a secret.
pub(super) fn is_reference(entries: &[Entry]) -> bool {
    let is_source = |entry: &Entry| matches!(entry.key.as_str(), "env" | "file" | "credential");
    !entries.is_empty() && entries.iter().all(is_source)
}

/// The reference in `node`, which `what` names.
pub(super) fn secret_in(reader: &mut Reader<'_>, what: &str, node: &Node) -> Option<SecretSource> {
    let [Entry { key, node: source, .. }] = node.entries() else {
        let message = format!("`{what}` names several sources of one secret");
        reader.report(reader.file.error(code::SECRET_REFERENCE, node.span.clone(), message));
        return None;
    };
    let NodeKind::Text(name) = &source.kind else {
        let message = format!("`{what}.{key}` must be text in quotes, not {}", source.describe());
        reader.report(reader.file.error(code::WRONG_TYPE, source.span.clone(), message));
        return None;
    };
    if name.is_empty() {
        let message = format!("`{what}.{key}` must not be empty");
        reader.report(reader.file.error(code::SECRET_REFERENCE, source.span.clone(), message));
        return None;
    }
    Some(match key.as_str() {
        "env" => SecretSource::Env(name.clone()),
        "file" => SecretSource::File(name.clone()),
        _ => SecretSource::Credential(name.clone()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_a_number_with_a_unit() {
        let units = [("s", 1), ("min", 60), ("h", 3600)];
        assert_eq!(amount("30 s", &units), Some(30));
        assert_eq!(amount("5min", &units), Some(300));
        assert_eq!(amount("2 h", &units), Some(7200));
        for bad in ["", "30", "s", "0 s", "1 d", "1.5 h", "-1 s", "99999999999999999999 s"] {
            assert_eq!(amount(bad, &units), None, "{bad}");
        }
        assert_eq!(amount("9999999999999999999 h", &units), None);
    }
}
