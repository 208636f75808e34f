//! `proxeny.toml`: the store, the interface, sequences and schedules.

use model::Name;

use super::{api, value};
use crate::code;
use crate::diagnostic::{Diagnostic, File};
use crate::node::{Entry, Node, NodeKind, Spanned};
use crate::reader::Reader;
use crate::{ApiConfig, HistoryConfig};

/// A hundred years; 0 is for ever.
const KEEP_DAYS_MAX: u32 = 36_500;
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
    pub(crate) history: HistoryConfig,
    pub(crate) is_staging: bool,
    pub(crate) api: Option<ApiConfig>,
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
    if !value::read_version(&mut reader, root) {
        // Whatever else the document says is for a program of another version to judge.
        found.extend(reader.findings());
        return None;
    }
    let store_url = read_store(&mut reader);
    let history = read_history(&mut reader);
    let is_staging = read_staging(&mut reader);
    let api = api::read(&mut reader);
    let sequences = reader
        .named("sequences")
        .iter()
        .map(|entry| (Name::new(&entry.key), read_sequence(&mut reader, entry)))
        .collect();
    let mut schedules = Vec::new();
    for mut table in reader.tables("schedules") {
        let sequence = table.required_text("sequence");
        let every = table.required_text("every");
        let seconds = every.and_then(|every| value::seconds_in(&mut table, &every, "a pause"));
        if let (Some(sequence), Some(seconds)) = (sequence, seconds) {
            let sequence = Spanned { value: Name::new(sequence.value), span: sequence.span };
            schedules.push((sequence, seconds));
        }
        reader.absorb(table);
    }
    reader.finish(found);
    Some(DeploymentDocument { file, store_url, history, is_staging, api, sequences, schedules })
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

fn read_history(reader: &mut Reader<'_>) -> HistoryConfig {
    let Some(mut table) = reader.table("history") else { return HistoryConfig::default() };
    let days = table.number("keep_days", 0..=KEEP_DAYS_MAX);
    reader.absorb(table);
    match days {
        None => HistoryConfig::default(),
        Some(days) => HistoryConfig { keep_days: Some(days.value).filter(|days| *days > 0) },
    }
}

fn read_staging(reader: &mut Reader<'_>) -> bool {
    let Some(mut table) = reader.table("engine") else { return false };
    let is_staging = table.boolean("staging");
    reader.absorb(table);
    is_staging.unwrap_or_default()
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
