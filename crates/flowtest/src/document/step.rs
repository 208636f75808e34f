//! Steps: what happens, which runs follow, and what is expected then.

use super::{Change, Config, Expect, Fault, Selector, change, expect, fault, read_config};
use crate::reader::Reader;

/// One step. Its parts happen in the order of the fields.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) line: usize,
    pub(crate) name: Option<String>,
    /// Another configuration from here on.
    pub(crate) config: Option<Config>,
    /// The rules of the configuration become those of the identity service.
    pub(crate) applies: bool,
    /// Another process takes over.
    pub(crate) restarts: bool,
    pub(crate) advance_micros: i64,
    /// Systems that have no faults any more.
    pub(crate) mended: Vec<String>,
    pub(crate) changes: Vec<Change>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) joiner: Vec<JoinerAction>,
    /// Connector and run profile.
    pub(crate) runs: Vec<(String, String)>,
    pub(crate) sequence: Option<String>,
    pub(crate) expect: Option<Expect>,
}

/// What an administrator does by hand.
#[derive(Debug, Clone)]
pub(crate) struct JoinerAction {
    pub(crate) line: usize,
    pub(crate) system: String,
    pub(crate) dn: String,
    pub(crate) verb: &'static str,
    pub(crate) target: Option<Selector>,
}

/// Reads a step.
pub(super) fn read(mut reader: Reader<'_>) -> Step {
    let line = reader.line();
    let name = reader.text("name").map(ToOwned::to_owned);
    let changes_config = reader.has("config") || reader.has("patch");
    let config = read_config(&mut reader, "config");
    let expect = reader.table("expect").map(expect::read);
    let step = Step {
        line,
        name,
        config: changes_config.then_some(config),
        applies: reader.boolean("apply").unwrap_or_default(),
        restarts: reader.boolean("restart").unwrap_or_default(),
        advance_micros: read_advance(&mut reader),
        mended: reader.texts("mend").into_iter().map(ToOwned::to_owned).collect(),
        changes: reader.tables("change").into_iter().filter_map(change::read).collect(),
        faults: reader.tables("fault").into_iter().filter_map(fault::read).collect(),
        joiner: reader.tables("joiner").into_iter().filter_map(read_joiner).collect(),
        runs: read_runs(&mut reader),
        sequence: reader.text("sequence").map(ToOwned::to_owned),
        expect,
    };
    if step.sequence.is_some() && !step.runs.is_empty() {
        let message = "a step has either `run` or `sequence`";
        reader.page.error(reader.place(), message, None);
    }
    let is_run = step.sequence.is_some() || !step.runs.is_empty();
    if !is_run && step.expect.as_ref().is_some_and(|expect| expect.run.demands_something()) {
        let message = "the step expects something of a run and has none";
        reader.page.error(reader.place(), message, None);
    }
    reader.finish();
    step
}

fn read_runs(reader: &mut Reader<'_>) -> Vec<(String, String)> {
    let mut runs = Vec::new();
    for text in reader.texts("run") {
        let parts: Vec<&str> =
            text.split(|c: char| c == '/' || c.is_whitespace()).filter(|p| !p.is_empty()).collect();
        match parts.as_slice() {
            [connector, profile] => runs.push(((*connector).to_owned(), (*profile).to_owned())),
            _ => {
                let help = "for example \"hr/full-import\"".to_owned();
                let message = format!("`{text}` does not name a connector and a run profile");
                reader.page.error(reader.place(), message, Some(help));
            }
        }
    }
    runs
}

fn read_advance(reader: &mut Reader<'_>) -> i64 {
    let Some(text) = reader.text("advance") else { return 0 };
    let units = [("s", 1), ("min", 60), ("h", 3_600), ("d", 86_400)];
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = text.get(digits.len()..).unwrap_or_default().trim();
    let seconds = units.iter().find(|(word, _)| *word == unit).map(|(_, seconds)| *seconds);
    let number = digits.parse::<u32>().ok().map(i64::from);
    match number.zip(seconds) {
        Some((number, seconds)) => number * seconds * 1_000_000,
        None => {
            let help = "a number and s, min, h or d, such as \"30 min\"".to_owned();
            reader.page.error(reader.place(), format!("`{text}` is no time"), Some(help));
            0
        }
    }
}

const VERBS: [(&str, &str); 5] = [
    ("join", "join"),
    ("project", "project"),
    ("disconnect", "disconnect"),
    ("make-explicit", "make-explicit"),
    ("make-normal", "make-normal"),
];

fn read_joiner(mut reader: Reader<'_>) -> Option<JoinerAction> {
    let line = reader.line();
    let system = reader.required_text("system");
    let dn = reader.required_text("dn");
    reader.require("do");
    let verb = reader.word("do", &VERBS);
    let target = reader.table("to").map(expect::selector_alone);
    reader.finish();
    Some(JoinerAction { line, system, dn, verb: verb?, target })
}
