//! `proxeny.toml`: the store, the listener, sequences and schedules.

use std::net::SocketAddr;

use model::Name;

use crate::code;
use crate::diagnostic::{Diagnostic, File};
use crate::node::{Entry, Node, NodeKind, Spanned};
use crate::reader::Reader;

const VERSION: i64 = 1;
const DEFAULT_STORE: &str = "sqlite:proxeny.db";

/// A step of a sequence.
#[derive(Debug)]
pub(crate) struct StepDocument {
    pub(crate) connector: Name,
    pub(crate) profile: Name,
    pub(crate) place: std::ops::Range<usize>,
}

/// The document.
#[derive(Debug)]
pub(crate) struct DeploymentDocument<'a> {
    pub(crate) file: File<'a>,
    pub(crate) store_url: String,
    pub(crate) listen: Option<SocketAddr>,
    pub(crate) sequences: Vec<(Name, Vec<StepDocument>)>,
    /// Sequence and pause in seconds.
    pub(crate) schedules: Vec<(Spanned<Name>, u64)>,
}

/// Reads the document; `None` if it has a version this program does not know.
pub(super) fn read<'a>(
    file: File<'a>,
    root: &Node,
    found: &mut Vec<Diagnostic>,
) -> Option<DeploymentDocument<'a>> {
    let mut reader = Reader::root(file, root);
    if !read_version(&mut reader, root) {
        // Whatever else the document says is for a program of another version to judge.
        found.extend(reader.findings());
        return None;
    }
    let store_url = read_store(&mut reader);
    let listen = read_listen(&mut reader);
    let sequences = reader
        .named("sequences")
        .iter()
        .map(|entry| (Name::new(&entry.key), read_sequence(&mut reader, entry)))
        .collect();
    let mut schedules = Vec::new();
    for mut table in reader.tables("schedules") {
        let sequence = table.required_text("sequence");
        let every = table.required_text("every");
        let seconds = every.and_then(|every| read_pause(&mut table, &every));
        if let (Some(sequence), Some(seconds)) = (sequence, seconds) {
            let sequence = Spanned { value: Name::new(sequence.value), span: sequence.span };
            schedules.push((sequence, seconds));
        }
        reader.absorb(table);
    }
    reader.finish(found);
    Some(DeploymentDocument { file, store_url, listen, sequences, schedules })
}

/// True if the document has the version this program reads.
fn read_version(reader: &mut Reader<'_>, root: &Node) -> bool {
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

fn read_store(reader: &mut Reader<'_>) -> String {
    let Some(mut table) = reader.table("store") else { return DEFAULT_STORE.to_owned() };
    let url = table.text("url");
    if let Some(url) = &url {
        let file = url.value.strip_prefix("sqlite:");
        let is_postgres = ["postgres:", "postgresql:"].iter().any(|s| url.value.starts_with(s));
        let message = match file {
            Some(file) if !file.trim().is_empty() => None,
            Some(_) => Some("the store has no file name".to_owned()),
            None if is_postgres => Some("PostgreSQL is not available yet".to_owned()),
            None => Some("this is not the address of a store".to_owned()),
        };
        if let Some(message) = message {
            let error = table.file.error(code::STORE, url.span.clone(), message);
            table.report(error.with_help(format!("for example `url = \"{DEFAULT_STORE}\"`")));
        }
    }
    let url = url.map_or(DEFAULT_STORE, |url| url.value).to_owned();
    reader.absorb(table);
    url
}

fn read_listen(reader: &mut Reader<'_>) -> Option<SocketAddr> {
    let mut table = reader.table("api")?;
    let text = table.text("listen");
    let listen = text.and_then(|text| match text.value.parse() {
        Ok(address) => Some(address),
        Err(_) => {
            let message = "`listen` must be an IP address and a port";
            let error = table.file.error(code::BAD_VALUE, text.span, message);
            table.report(error.with_help("for example \"127.0.0.1:8080\"".to_owned()));
            None
        }
    });
    reader.absorb(table);
    listen
}

fn read_sequence<'a>(reader: &mut Reader<'a>, entry: &'a Entry) -> Vec<StepDocument> {
    let what = format!("sequences.{}", entry.key);
    let texts = reader.texts_in(&what, &entry.node);
    if texts.is_empty() && entry.node.kind == NodeKind::List(Vec::new()) {
        let message = format!("the sequence `{}` has no step", entry.key);
        reader.report(reader.file.error(code::BAD_VALUE, entry.span(), message));
    }
    let mut steps = Vec::new();
    for text in texts {
        match text.value.split_once('/') {
            Some((connector, profile)) => steps.push(StepDocument {
                connector: Name::new(connector),
                profile: Name::new(profile),
                place: text.span,
            }),
            None => {
                let message = format!("`{}` is not a connector and a run profile", text.value);
                let error = reader.file.error(code::STEP, text.span, message);
                let help = "for example \"ad/delta-import\"".to_owned();
                reader.report(error.with_help(help));
            }
        }
    }
    steps
}

fn read_pause(table: &mut Reader<'_>, every: &Spanned<&str>) -> Option<u64> {
    let seconds = pause_seconds(every.value);
    if seconds.is_none() {
        let message = format!("`{}` is not a pause", every.value);
        let error = table.file.error(code::BAD_VALUE, every.span.clone(), message);
        let help = "a number and a unit: \"30 s\", \"5 min\" or \"1 h\"".to_owned();
        table.report(error.with_help(help));
    }
    seconds
}

/// `30 s`, `5 min` or `1 h` in seconds.
fn pause_seconds(text: &str) -> Option<u64> {
    let unit_at = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(unit_at)?;
    let unit_seconds = match unit.trim() {
        "s" => 1,
        "min" => 60,
        "h" => 3600,
        _ => return None,
    };
    let seconds = number.parse::<u64>().ok()?.checked_mul(unit_seconds)?;
    (seconds > 0).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_a_number_with_a_unit() {
        assert_eq!(pause_seconds("30 s"), Some(30));
        assert_eq!(pause_seconds("5min"), Some(300));
        assert_eq!(pause_seconds("2 h"), Some(7200));
        for bad in ["", "30", "s", "0 s", "1 d", "1.5 h", "-1 s", "99999999999999999999 s"] {
            assert_eq!(pause_seconds(bad), None, "{bad}");
        }
        assert_eq!(pause_seconds("9999999999999999999 h"), None);
    }
}
